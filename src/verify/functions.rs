//! The functions of the model language in f64, of the state of `functions.R`.

use crate::cohort::TICKS_PER_DAY;
use crate::job::Job;

/// x at time 0.
const START: f64 = -3.9;

/// The name of a time course of `functions.toml`, and its value for x.
type Function = (&'static str, fn(f64) -> f64);

/// What must come out of each of them.
const FUNCTIONS: [Function; 33] = [
    ("x", |x| x),
    ("time_value", |x| x - START),
    ("exp_value", f64::exp),
    ("exp_large", |x| (10.0 * x).exp()),
    ("expm1_value", f64::exp_m1),
    ("expm1_small", |x| (1e-4 * x).exp_m1()),
    ("log_value", |x| positive(x).ln()),
    ("log2_value", |x| positive(x).log2()),
    ("log10_value", |x| positive(x).log10()),
    ("log1p_value", |x| positive(x).ln_1p()),
    ("log1p_small", |x| (1e-4 * x).ln_1p()),
    ("sqrt_value", |x| positive(x).sqrt()),
    ("pow_value", |x| positive(x).powf(1.7)),
    ("pow_negative", |x| positive(x).powf(-0.6)),
    ("pow_of_exponent", f64::exp2),
    ("pow_of_both", |x| positive(x).powf(x)),
    ("square", |x| x * x),
    ("cube", |x| x * x * x),
    ("tanh_value", f64::tanh),
    ("tanh_large", |x| (20.0 * x).tanh()),
    ("tanh_small", |x| (1e-4 * x).tanh()),
    ("floor_value", f64::floor),
    ("ceiling_value", f64::ceil),
    ("abs_value", f64::abs),
    ("min_value", |x| x.min(0.5).min(2.0 - x)),
    ("max_value", |x| x.max(0.5).max(2.0 - x)),
    ("expit_value", |x| 1.0 / (1.0 + (-x).exp())),
    ("logit_value", |x| (positive(x) / (10.0 - positive(x))).ln()),
    ("quotient", |x| 1.0 / positive(x)),
    ("either", |x| f64::from(!(-2.0..3.0).contains(&x))),
    ("both", |x| f64::from(x > -1.0 && x <= 2.0)),
    ("ifelse_value", |x| if x < 0.0 { x - 1.0 } else { positive(x).sqrt() }),
    ("branch", |x| match x {
        x if x < -1.0 => -x,
        x if x < 2.0 => 10.0,
        x => x * x,
    }),
];

/// An argument that is above 0 throughout.
fn positive(x: f64) -> f64 {
    x + 4.0
}

/// `[time][function]`
pub(super) fn functions(job: &Job) -> Vec<f64> {
    let plan = &job.plan;
    let times = plan.observation_times.iter().filter(|point| point.trajectory);
    let arguments = times.map(|point| START + f64::from(point.tick) / TICKS_PER_DAY);
    let of = |x: f64| plan.trajectory_columns.iter().map(move |column| function(&column.name, x));
    arguments.flat_map(of).collect()
}

fn function(name: &str, x: f64) -> f64 {
    FUNCTIONS.iter().find(|(known, _)| *known == name).map_or(f64::NAN, |(_, function)| function(x))
}
