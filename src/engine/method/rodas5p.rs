//! Rodas5P, a Rosenbrock pair of order 5(4) for stiff systems, stiffly accurate and L-stable, with an interpolant of
//! order 4.
//!
//! G. Steinebach, Construction of Rosenbrock-Wanner method Rodas5P and numerical benchmarks within the
//! Julia Differential Equations package, BIT Numerical Mathematics 63 (2023) 27,
//! doi:10.1007/s10543-023-00967-x.

use super::Rosenbrock;
use super::control::Exponents;

/// The diagonal of the method, and the first weight of the derivative by time.
const GAMMA: f64 = 0.211_937_563_194_290_14;

/// Its coefficients.
pub(super) const RODAS5P: Rosenbrock = Rosenbrock {
    gamma: GAMMA,
    c: &[
        0.0,
        0.635_812_689_582_870_4,
        0.409_579_839_339_753_5,
        0.976_930_672_506_071_6,
        0.428_840_360_955_866_4,
        1.0,
        1.0,
        1.0,
    ],
    d: &[
        GAMMA,
        -0.423_875_126_388_580_27,
        -0.338_462_712_623_592_4,
        1.804_645_287_288_273_4,
        2.325_825_639_765_069,
        0.0,
        0.0,
        0.0,
    ],
    a: &[
        &[3.0],
        &[2.849_394_379_747_939, 0.458_422_422_044_639_23],
        &[-6.954_028_509_809_101, 2.489_845_061_869_568, -10.358_996_098_473_584],
        &[
            2.802_998_627_562_896_4,
            0.507_246_473_622_820_6,
            -0.398_831_254_177_052_4,
            -0.047_211_872_304_046_41,
        ],
        &[
            -7.502_846_399_306_121,
            2.561_846_144_803_919,
            -11.627_539_656_261_098,
            -0.182_687_676_599_422_56,
            0.030_198_172_008_377_946,
        ],
    ],
    coupling: &[
        &[-14.155_112_264_123_755],
        &[-17.972_960_358_859_52, -2.859_693_295_451_294],
        &[147.121_502_757_117_16, -1.412_214_027_182_13, 71.689_402_513_023_58],
        &[165.435_170_248_716_76, -0.459_282_345_649_112_6, 42.909_383_369_586_03, -5.961_986_721_573_306],
        &[
            24.854_864_614_690_072,
            -3.000_922_700_283_218_6,
            47.493_111_002_076_8,
            5.581_419_782_155_812_5,
            -0.661_069_182_524_947_1,
        ],
        &[
            30.912_732_140_285_99,
            -3.120_824_334_993_797_4,
            77.799_546_460_708_92,
            34.286_460_282_947_83,
            -19.097_331_116_725_623,
            -28.087_943_162_872_662,
        ],
        &[
            37.802_771_233_905_63,
            -3.257_196_902_907_227_6,
            112.269_188_494_963_27,
            66.934_723_124_404_7,
            -40.066_189_370_910_02,
            -54.667_802_628_779_68,
            -9.488_616_523_096_27,
        ],
    ],
    interpolant: [
        &[
            25.948_786_856_663_858,
            -2.557_972_484_584_623_5,
            10.433_815_404_888_879,
            -2.367_925_102_268_520_4,
            0.524_948_541_321_073,
            1.124_108_831_045_040_4,
            0.427_287_619_443_187_4,
            -0.172_022_210_701_554_93,
        ],
        &[
            -9.915_688_506_951_71,
            -0.968_994_459_411_515_4,
            3.043_803_724_297_845_3,
            -24.495_224_566_215_796,
            20.176_138_334_709_044,
            15.980_663_614_246_51,
            -6.789_040_303_419_874,
            -6.710_236_069_923_372,
        ],
        &[
            11.419_903_575_922_262,
            2.887_964_514_614_699_4,
            72.921_379_959_960_29,
            80.125_118_346_226_43,
            -52.072_871_366_152_654,
            -59.789_936_252_667_29,
            -0.155_826_842_827_519_13,
            4.883_087_185_713_722,
        ],
    ],
    exponents: Exponents { proportional: 0.2, integral: 0.0 },
};

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::*;

    const TINY: f64 = 1e-11;
    const STAGES: usize = RODAS5P.c.len();

    /// A lower triangle from the rows below the diagonal.
    fn triangle(rows: &[Vec<f64>], diagonal: f64) -> DMatrix<f64> {
        let entry =
            |i: usize, j: usize| if i == j { diagonal } else { rows[i].get(j).copied().unwrap_or(0.0) };
        DMatrix::from_fn(STAGES, STAGES, entry)
    }

    /// `alpha`, `gamma` and the weights `b` of the method as it is usually written, from those of the
    /// variables `U = gamma k` (Hairer and Wanner, IV.7).
    fn classical() -> (DMatrix<f64>, DMatrix<f64>, DVector<f64>, DVector<f64>) {
        let rows = |rows: &[&[f64]]| rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
        let solution = |extra: usize| (0..5 + extra).map(|j| RODAS5P.solution(j)).collect::<Vec<_>>();
        let a = [vec![vec![]], rows(RODAS5P.a), vec![solution(1), solution(2)]].concat();
        let coupling = [vec![vec![]], rows(RODAS5P.coupling)].concat();
        let inverse = -triangle(&coupling, -1.0 / GAMMA);
        let gamma = inverse.try_inverse().unwrap_or_default();
        let alpha = triangle(&a, 0.0) * &gamma;
        let weights = |m: Vec<f64>| gamma.transpose() * DVector::from_vec(m);
        (alpha, gamma.clone(), weights(solution(3)), weights([solution(2), vec![0.0]].concat()))
    }

    /// A rooted tree by its root's branches.
    #[derive(Clone)]
    struct Tree(Vec<Tree>);

    impl Tree {
        fn order(&self) -> usize {
            1 + self.0.iter().map(Self::order).sum::<usize>()
        }

        fn density(&self) -> f64 {
            self.order() as f64 * self.0.iter().map(Self::density).product::<f64>()
        }

        /// What each stage makes of it: a single branch goes through `beta = alpha + gamma`, more than one
        /// through `alpha` (Hairer and Wanner, IV.7, theorem 7.4).
        fn stages(&self, alpha: &DMatrix<f64>, gamma: &DMatrix<f64>) -> DVector<f64> {
            let branches = self.0.iter().map(|branch| branch.stages(alpha, gamma));
            match self.0.len() {
                1 => branches.map(|branch| (alpha + gamma) * branch).sum(),
                _ => branches.fold(DVector::from_element(STAGES, 1.0), |product, branch| {
                    product.component_mul(&(alpha * branch))
                }),
            }
        }
    }

    /// Every rooted tree with so many nodes.
    fn trees(order: usize) -> Vec<Tree> {
        /// Branches with so many nodes in all, none larger than the one before.
        fn forests(nodes: usize, largest: usize) -> Vec<Vec<Tree>> {
            if nodes == 0 {
                return vec![vec![]];
            }
            let mut found = Vec::new();
            for size in (1..=largest.min(nodes)).rev() {
                for tree in trees(size) {
                    for mut rest in forests(nodes - size, size) {
                        rest.insert(0, tree.clone());
                        found.push(rest);
                    }
                }
            }
            found
        }
        forests(order - 1, order).into_iter().map(Tree).collect()
    }

    #[test]
    fn rows_sum_to_their_nodes() {
        let (alpha, gamma, ..) = classical();
        for i in 0..STAGES {
            assert!((alpha.row(i).sum() - RODAS5P.c[i]).abs() < TINY, "{}", alpha.row(i).sum());
            assert!((gamma.row(i).sum() - RODAS5P.d[i]).abs() < TINY, "{}", gamma.row(i).sum());
        }
    }

    #[test]
    fn order_conditions_hold() {
        let (alpha, gamma, fifth, fourth) = classical();
        for (weights, last) in [(fifth, 5), (fourth, 4)] {
            for tree in (1..=last).flat_map(trees) {
                let got = weights.dot(&tree.stages(&alpha, &gamma));
                let expected = 1.0 / tree.density();
                assert!((got - expected).abs() < TINY, "order {}: {got}, {expected}", tree.order());
            }
        }
    }

    #[test]
    fn interpolant_meets_both_ends_and_order_4() {
        let (alpha, gamma, ..) = classical();
        assert_eq!(RODAS5P.interpolant([0.0]), [[0.0]; STAGES]);
        assert_eq!(RODAS5P.interpolant([1.0])[5..], [[1.0]; 3]);
        for x in [0.1, 0.37, 0.8, 1.0] {
            let weights =
                gamma.transpose() * DVector::from_row_slice(RODAS5P.interpolant([x]).as_flattened());
            for tree in (1..=4).flat_map(trees) {
                let got = weights.dot(&tree.stages(&alpha, &gamma));
                let expected = f64::powi(x, tree.order() as i32) / tree.density();
                assert!((got - expected).abs() < TINY, "order {}: {got}, {expected}", tree.order());
            }
        }
    }

    #[test]
    fn nothing_is_left_of_what_decays_at_once() {
        // R(infinity) = 1 - b' beta^-1 1, and so for the error estimate.
        let (alpha, gamma, fifth, _) = classical();
        let beta = (alpha + gamma).try_inverse().unwrap_or_default();
        let left = 1.0 - fifth.dot(&(beta * DVector::from_element(STAGES, 1.0)));
        assert!(left.abs() < 1e-9, "{left}");
    }
}
