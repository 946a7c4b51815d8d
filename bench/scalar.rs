//! The yardstick: a scalar program, one patient at a time, with the engine's method, step control,
//! first step, landings and daily reads. The derivatives are compiled Rust, written by hand.

/// A model with its individual values.
pub(crate) trait System<const N: usize> {
    /// States that are read.
    const READ: &'static [usize];

    /// Derivatives at `x`; `infusing` is 1 during an infusion, else 0.
    fn derivatives(&self, infusing: f64, x: &[f64; N], d: &mut [f64; N]);
}

/// How a patient is integrated.
pub(crate) struct Setting<const N: usize> {
    pub(crate) rtol: f64,
    pub(crate) atol: [f64; N],
    /// Cycles of 21 days, each starting with an infusion of 1 h.
    pub(crate) cycles: u32,
}

const A: [[f64; 6]; 6] = [
    [0.161, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-0.008_480_655_492_356_989, 0.335_480_655_492_357, 0.0, 0.0, 0.0, 0.0],
    [2.897_153_057_105_493_5, -6.359_448_489_975_075, 4.362_295_432_869_581_5, 0.0, 0.0, 0.0],
    [
        5.325_864_828_439_257,
        -11.748_883_564_062_828,
        7.495_539_342_889_836_5,
        -0.092_495_066_361_755_25,
        0.0,
        0.0,
    ],
    [
        5.861_455_442_946_42,
        -12.920_969_317_847_11,
        8.159_367_898_576_159,
        -0.071_584_973_281_401,
        -0.028_269_050_394_068_383,
        0.0,
    ],
    [
        0.096_460_766_818_065_23,
        0.01,
        0.479_889_650_414_499_6,
        1.379_008_574_103_742,
        -3.290_069_515_436_081,
        2.324_710_524_099_774,
    ],
];
const ERROR: [f64; 7] = [
    -0.001_780_011_052_225_777,
    -0.000_816_434_459_656_746_9,
    0.007_880_878_010_261_995,
    -0.144_711_007_173_262_9,
    0.582_357_165_452_555_2,
    -0.458_082_105_929_186_97,
    0.015_151_515_151_515_152,
];
const INTERPOLANT: [[f64; 4]; 7] = [
    [1.0, -2.763_706_197_274_826, 2.913_255_461_821_912_6, -1.053_088_497_729_021_6],
    [0.0, 0.131_7, -0.223_4, 0.101_7],
    [0.0, 3.930_296_236_894_751_6, -5.941_033_872_131_505, 2.490_627_285_651_253],
    [0.0, -12.411_077_166_933_676, 30.338_188_630_282_32, -16.548_102_889_244_902],
    [0.0, 37.509_313_416_511_04, -88.178_904_894_766_4, 47.379_521_962_819_28],
    [0.0, -27.896_526_289_197_286, 65.091_894_674_793_66, -34.870_657_861_496_61],
    [0.0, 1.5, -4.0, 2.5],
];

/// Integrates a patient, and gives each day's state to `read` (only the states that are read are
/// filled in). Returns the number of attempted steps.
pub(crate) fn solve<const N: usize, S: System<N>>(
    system: &S,
    setting: &Setting<N>,
    initial: [f64; N],
    mut read: impl FnMut(u32, &[f64; N]),
) -> u32 {
    let (mut x, mut k, mut attempts, mut day) = (initial, [[0.0; N]; 7], 0, 1);
    read(0, &x);
    let (mut step, mut memory) = (0.0, 0.0);
    for segment in 0..2 * setting.cycles {
        let infusing = if segment % 2 == 0 { 1.0 } else { 0.0 };
        let start = f64::from(segment / 2 * 21) + (1.0 - infusing) / 24.0;
        let length = if segment % 2 == 0 { 1.0 / 24.0 } else { 21.0 - 1.0 / 24.0 };
        system.derivatives(infusing, &x, &mut k[0]);
        if segment == 0 {
            step = first_step(&x, &k[0], setting, length);
        }
        let mut time = 0.0;
        while time < length {
            let left = length - time;
            let last = step * 1.01 >= left;
            let shared = if 2.0 * step > left { 0.5 * left } else { step };
            let h = if last { left } else { shared };
            let mut y = [0.0; N];
            for (stage, row) in A.iter().enumerate() {
                for i in 0..N {
                    let mut sum = row[0] * k[0][i];
                    for j in 1..=stage {
                        sum += row[j] * k[j][i];
                    }
                    y[i] = x[i] + h * sum;
                }
                system.derivatives(infusing, &y, &mut k[stage + 1]);
            }
            attempts += 1;
            let error = error(&x, &y, &k, h, setting);
            let log_error = 0.5 * error.max(1e-20).ln();
            if error > 1.0 {
                step = h * (0.9 * (-0.14 * log_error).exp()).clamp(0.2, 1.0);
                continue;
            }
            let reached = if last { length } else { time + h };
            while f64::from(day) < start + if last { length - 1e-9 } else { reached } {
                let part = (f64::from(day) - start - time) / h;
                let weights = INTERPOLANT.map(|[a, b, c, d]| part * (a + part * (b + part * (c + part * d))));
                let mut row = [0.0; N];
                for &i in S::READ {
                    row[i] = x[i] + h * (0..7).map(|j| weights[j] * k[j][i]).sum::<f64>();
                }
                read(day, &row);
                day += 1;
            }
            (x, k[0], time) = (y, k[6], reached);
            step = h * (0.9 * (-0.14 * log_error + 0.08 * memory).exp()).clamp(0.2, 10.0);
            memory = log_error.max(-9.210_340_371_976_182);
        }
        if segment % 2 == 1 {
            read(day, &x);
            day += 1;
        }
    }
    attempts
}

fn error<const N: usize>(x: &[f64; N], y: &[f64; N], k: &[[f64; N]; 7], h: f64, setting: &Setting<N>) -> f64 {
    let mut total = 0.0;
    for i in 0..N {
        let sum: f64 = (0..7).map(|j| ERROR[j] * k[j][i]).sum();
        let ratio = h * sum / (setting.atol[i] + setting.rtol * x[i].abs().max(y[i].abs()));
        total += ratio * ratio;
    }
    total / N as f64
}

fn first_step<const N: usize>(x: &[f64; N], d: &[f64; N], setting: &Setting<N>, length: f64) -> f64 {
    let (mut size, mut speed) = (0.0, 0.0);
    for i in 0..N {
        let scale = setting.atol[i] + setting.rtol * x[i].abs();
        size += (x[i] / scale).powi(2);
        speed += (d[i] / scale).powi(2);
    }
    (0.01 * (size / speed).sqrt()).clamp(1e-6 * length, length)
}
