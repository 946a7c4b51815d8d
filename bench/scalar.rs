//! The yardstick: P1 written by hand in Rust, one patient at a time, with the engine's method,
//! step control, first step, landings and reads.

const STATES: usize = 14;

/// Individual values, with what can be computed once per patient.
pub(crate) struct Patient {
    cl: f64,
    vc: f64,
    ktr: f64,
    slope: f64,
    circ0: f64,
}

impl Patient {
    /// From the columns CL, Vc, MTT, SLOPE, CIRC0.
    pub(crate) fn new([cl, vc, mtt, slope, circ0]: [f64; 5]) -> Self {
        Self { cl, vc: 1.0 / vc, ktr: 4.0 / mtt, slope, circ0 }
    }
}

fn power_20(x: f64) -> f64 {
    let x4 = (x * x) * (x * x);
    let x16 = (x4 * x4) * (x4 * x4);
    x16 * x4
}

/// Derivatives at `x`; `rate` in mg/day.
fn derivatives(p: &Patient, rate: f64, x: &[f64; STATES], d: &mut [f64; STATES]) {
    let [ac, ap, apay, prol, tr1, tr2, tr3, circ, alt, k1, k2, k3, kd, w] = *x;
    let c = ac * p.vc;
    let cp = ap * (1.0 / 2.5);
    let el = p.cl * c + c / (1.5 + c);
    let cpay = apay * (1000.0 / 12.0);
    let s = p.slope * c;
    let e = s / (1.0 + s);
    let ktr = p.ktr;
    let exchange = 0.8 * (c - cp);
    let growth = 0.02 * w;
    d[0] = rate - exchange - el;
    d[1] = exchange;
    d[2] = 0.02 * el - 8.0 * apay;
    d[3] = ktr * prol * ((1.0 - e) * (p.circ0 / circ).powf(0.2) - 1.0);
    d[4] = ktr * (prol - tr1);
    d[5] = ktr * (tr1 - tr2);
    d[6] = ktr * (tr2 - tr3);
    d[7] = ktr * (tr3 - circ);
    d[8] = 10.0 * (1.0 + 1.5 * cpay / (3.0 + cpay)) - 0.4 * alt;
    d[9] = 0.2 * (c - k1);
    d[10] = 0.2 * (k1 - k2);
    d[11] = 0.2 * (k2 - k3);
    d[12] = 0.3 * (0.004 * c - kd);
    d[13] = growth / (1.0 + power_20(growth)).powf(0.05) - kd * w;
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

/// What is kept of a patient.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcome {
    pub(crate) nadir: f64,
    pub(crate) day: f64,
    pub(crate) auc_c: f64,
    pub(crate) auc_circ: f64,
    pub(crate) steps: u32,
    pub(crate) rejected: u32,
}

impl Outcome {
    fn read(&mut self, day: f64, c: f64, circ: f64, last: &mut (f64, f64)) {
        if day == 0.0 || circ < self.nadir {
            (self.nadir, self.day) = (circ, day);
        }
        if day > 0.0 {
            self.auc_c += 0.5 * (last.0 + c);
            self.auc_circ += 0.5 * (last.1 + circ);
        }
        *last = (c, circ);
    }
}

/// 84 mg over 1 h on days 0, 21, 42 and 63, read daily to day 84.
pub(crate) fn solve(p: &Patient, rtol: f64, atol: &[f64; STATES]) -> Outcome {
    let mut x = [0.0; STATES];
    x[3..=7].fill(p.circ0);
    (x[8], x[13]) = (25.0, 50.0);
    let mut out = Outcome::default();
    let mut last = (0.0, 0.0);
    out.read(0.0, 0.0, p.circ0, &mut last);
    let (mut k, mut rate) = ([[0.0; STATES]; 7], 2016.0);
    derivatives(p, rate, &x, &mut k[0]);
    let (mut step, mut memory) = (first_step(&x, &k[0], rtol, atol, 1.0 / 24.0), 0.0);
    let mut day = 1;
    for segment in 0..8 {
        let infusing = segment % 2 == 0;
        let start = f64::from(segment / 2 * 21) + if infusing { 0.0 } else { 1.0 / 24.0 };
        let length = if infusing { 1.0 / 24.0 } else { 21.0 - 1.0 / 24.0 };
        let mut time = 0.0;
        loop {
            let left = length - time;
            let ends = step * 1.01 >= left;
            let h = if ends { left } else { step.min(if 2.0 * step > left { 0.5 * left } else { step }) };
            let mut y = [0.0; STATES];
            for (stage, row) in A.iter().enumerate() {
                for i in 0..STATES {
                    let mut sum = row[0] * k[0][i];
                    for j in 1..=stage {
                        sum += row[j] * k[j][i];
                    }
                    y[i] = x[i] + h * sum;
                }
                let (_, rest) = k.split_at_mut(stage + 1);
                derivatives(p, rate, &y, &mut rest[0]);
            }
            let error = error(&x, &y, &k, h, rtol, atol);
            let log_error = 0.5 * error.max(1e-20).ln();
            if error <= 1.0 {
                out.steps += 1;
                let reached = if ends { length } else { time + h };
                while f64::from(day) < start + if ends { length - 1e-9 } else { reached } {
                    let theta = (f64::from(day) - start - time) / h;
                    let weights =
                        INTERPOLANT.map(|[a, b, c, d]| theta * (a + theta * (b + theta * (c + theta * d))));
                    let at = |i: usize| x[i] + h * (0..7).map(|j| weights[j] * k[j][i]).sum::<f64>();
                    out.read(f64::from(day), at(0) * p.vc, at(7), &mut last);
                    day += 1;
                }
                x = y;
                k[0] = k[6];
                let factor = 0.9 * (-0.14 * log_error + 0.08 * memory).exp();
                step = h * factor.clamp(0.2, 10.0);
                memory = log_error.max(-9.210_340_371_976_182);
                time = reached;
                if ends {
                    break;
                }
            } else {
                out.rejected += 1;
                step = h * (0.9 * (-0.14 * log_error).exp()).clamp(0.2, 1.0);
            }
        }
        if infusing {
            rate = 0.0;
            k[0][0] -= 2016.0;
        } else {
            out.read(f64::from(day), x[0] * p.vc, x[7], &mut last);
            day += 1;
            rate = 2016.0;
            k[0][0] += 2016.0;
        }
    }
    out
}

fn error(
    x: &[f64; STATES],
    y: &[f64; STATES],
    k: &[[f64; STATES]; 7],
    h: f64,
    rtol: f64,
    atol: &[f64; STATES],
) -> f64 {
    let mut total = 0.0;
    for i in 0..STATES {
        let sum: f64 = (0..7).map(|j| ERROR[j] * k[j][i]).sum();
        let ratio = h * sum / (atol[i] + rtol * x[i].abs().max(y[i].abs()));
        total += ratio * ratio;
    }
    total / STATES as f64
}

fn first_step(x: &[f64; STATES], d: &[f64; STATES], rtol: f64, atol: &[f64; STATES], length: f64) -> f64 {
    let (mut size, mut speed) = (0.0, 0.0);
    for i in 0..STATES {
        let scale = atol[i] + rtol * x[i].abs();
        size += (x[i] / scale).powi(2);
        speed += (d[i] / scale).powi(2);
    }
    (0.01 * (size / speed).sqrt()).clamp(1e-6 * length, length)
}
