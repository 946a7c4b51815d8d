//! The explicit Runge-Kutta pair 5(4) of Tsitouras, with its interpolant of order 4.
//!
//! Ch. Tsitouras, Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying
//! assumption, Computers and Mathematics with Applications 62 (2011) 770-775.

use super::Explicit;
use super::control::Exponents;

/// Its coefficients.
pub(super) const TSIT5: Explicit = Explicit {
    c: &[0.0, 0.161, 0.327, 0.9, 0.980_025_540_904_509_7, 1.0, 1.0],
    a: &[
        &[0.161],
        &[-0.008_480_655_492_356_989, 0.335_480_655_492_357],
        &[2.897_153_057_105_493_5, -6.359_448_489_975_075, 4.362_295_432_869_581_5],
        &[5.325_864_828_439_257, -11.748_883_564_062_828, 7.495_539_342_889_836_5, -0.092_495_066_361_755_25],
        &[
            5.861_455_442_946_42,
            -12.920_969_317_847_11,
            8.159_367_898_576_159,
            -0.071_584_973_281_401,
            -0.028_269_050_394_068_383,
        ],
        &[
            0.096_460_766_818_065_23,
            0.01,
            0.479_889_650_414_499_6,
            1.379_008_574_103_742,
            -3.290_069_515_436_081,
            2.324_710_524_099_774,
        ],
    ],
    // The solution of order 5 less that of order 4.
    error: &[
        -0.001_780_011_052_225_777,
        -0.000_816_434_459_656_746_9,
        0.007_880_878_010_261_995,
        -0.144_711_007_173_262_9,
        0.582_357_165_452_555_2,
        -0.458_082_105_929_186_97,
        0.015_151_515_151_515_152,
    ],
    interpolant: &[
        [1.0, -2.763_706_197_274_826, 2.913_255_461_821_912_6, -1.053_088_497_729_021_6],
        [0.0, 0.131_7, -0.223_4, 0.101_7],
        [0.0, 3.930_296_236_894_751_6, -5.941_033_872_131_505, 2.490_627_285_651_253],
        [0.0, -12.411_077_166_933_676, 30.338_188_630_282_32, -16.548_102_889_244_902],
        [0.0, 37.509_313_416_511_04, -88.178_904_894_766_4, 47.379_521_962_819_28],
        [0.0, -27.896_526_289_197_286, 65.091_894_674_793_66, -34.870_657_861_496_61],
        [0.0, 1.5, -4.0, 2.5],
    ],
    // 7/50 and 2/25, as in DifferentialEquations.jl for this method.
    exponents: Exponents { proportional: 0.14, integral: 0.08 },
};

#[cfg(test)]
mod tests {
    use super::super::MOST_STAGES;
    use super::*;

    const TINY: f64 = 1e-13;

    const STAGES: usize = TSIT5.c.len();

    fn rows() -> Vec<&'static [f64]> {
        [&[][..]].into_iter().chain(TSIT5.a.iter().copied()).collect()
    }

    #[test]
    fn rows_sum_to_their_nodes() {
        for (row, c) in rows().iter().zip(TSIT5.c) {
            assert!((row.iter().sum::<f64>() - c).abs() < TINY);
        }
    }

    /// Sum of `b_i` times products of what each node of a rooted tree asks for.
    fn weight(b: &[f64], tree: impl Fn(usize) -> f64) -> f64 {
        b.iter().enumerate().map(|(i, b)| b * tree(i)).sum()
    }

    /// The order conditions of Butcher's rooted trees up to order 5 (Hairer, Norsett, Wanner,
    /// Solving Ordinary Differential Equations I, table II.2.2).
    #[test]
    fn order_conditions_hold() {
        let a = rows();
        let inner = |i: usize, f: &dyn Fn(usize) -> f64| -> f64 {
            a[i].iter().enumerate().map(|(j, a)| a * f(j)).sum()
        };
        let c1 = |i: usize| TSIT5.c[i];
        let c2 = |i: usize| TSIT5.c[i] * TSIT5.c[i];
        let c3 = |i: usize| TSIT5.c[i].powi(3);
        let ac = |i: usize| inner(i, &c1);
        let fifth: Vec<f64> = TSIT5.solution().to_vec();
        let fourth: Vec<f64> =
            (0..STAGES).map(|i| TSIT5.solution().get(i).copied().unwrap_or(0.0) - TSIT5.error[i]).collect();
        for (b, order) in [(&fifth, 5), (&fourth, 4)] {
            let mut conditions = vec![
                (weight(b, |_| 1.0), 1.0),
                (weight(b, c1), 1.0 / 2.0),
                (weight(b, c2), 1.0 / 3.0),
                (weight(b, ac), 1.0 / 6.0),
                (weight(b, c3), 1.0 / 4.0),
                (weight(b, |i| TSIT5.c[i] * ac(i)), 1.0 / 8.0),
                (weight(b, |i| inner(i, &c2)), 1.0 / 12.0),
                (weight(b, |i| inner(i, &ac)), 1.0 / 24.0),
            ];
            if order == 5 {
                conditions.extend([
                    (weight(b, |i| TSIT5.c[i].powi(4)), 1.0 / 5.0),
                    (weight(b, |i| TSIT5.c[i] * TSIT5.c[i] * ac(i)), 1.0 / 10.0),
                    (weight(b, |i| TSIT5.c[i] * inner(i, &c2)), 1.0 / 15.0),
                    (weight(b, |i| TSIT5.c[i] * inner(i, &ac)), 1.0 / 30.0),
                    (weight(b, |i| ac(i) * ac(i)), 1.0 / 20.0),
                    (weight(b, |i| inner(i, &c3)), 1.0 / 20.0),
                    (weight(b, |i| inner(i, &|j| TSIT5.c[j] * ac(j))), 1.0 / 40.0),
                    (weight(b, |i| inner(i, &|j| inner(j, &c2))), 1.0 / 60.0),
                    (weight(b, |i| inner(i, &|j| inner(j, &ac))), 1.0 / 120.0),
                ]);
            }
            for (k, (got, expected)) in conditions.iter().enumerate() {
                assert!((got - expected).abs() < 1e-12, "order {order}, condition {k}: {got}, {expected}");
            }
        }
    }

    #[test]
    fn interpolant_meets_both_ends_and_order_4() {
        let end = TSIT5.interpolant([1.0]);
        for (i, [weight]) in end.iter().enumerate() {
            assert!((weight - TSIT5.solution().get(i).copied().unwrap_or(0.0)).abs() < 1e-12);
        }
        assert_eq!(TSIT5.interpolant([0.0]), [[0.0]; MOST_STAGES]);
        for x in [0.1, 0.37, 0.8] {
            let b = TSIT5.interpolant([x]);
            for power in 0..4 {
                let expected = f64::powi(x, power + 1) / f64::from(power + 1);
                assert!(
                    (weight(&b.as_flattened()[..STAGES], |i| TSIT5.c[i].powi(power)) - expected).abs()
                        < 1e-12
                );
            }
        }
    }
}
