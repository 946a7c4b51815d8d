//! One-, two- and three-compartment infusion models against their closed forms.

use crate::common::{courses, job, solve_typical};
use vpop::job::Job;

/// Relative to the curve's largest value.
const TOLERANCE: f64 = 1e-8;
/// Days.
const INFUSION: f64 = 1.5 / 24.0;
const EVERY: f64 = 21.0;
const DOSE: f64 = 240.0;

fn cohort(model: &str) -> Job {
    job(&format!(
        r#"
name = "closed-form"
model = "MODELS/{model}"
patients = 1
seed = 1
[regimen]
arms = ["{DOSE} mg"]
into = ["central"]
infusion = "90 min"
every = "21 day"
cycles = 3
[visits]
every = "1 day"
[endpoints.cmax]
of = "Cc"
statistic = "max"
[solver]
rtol = 1e-11
atol = 1e-11
[output]
trajectories = {{ patients = 1, every = "6 h", of = ["Cc"] }}
"#
    ))
}

/// A fixed effect that the file gives as a logarithm.
fn typical(job: &Job, name: &str) -> f64 {
    let index = job.model.parameters.iter().position(|p| p.name == name).unwrap_or_else(|| panic!("{name}"));
    job.plan.parameters[index].exp()
}

/// Concentration after infusions of `DOSE` at days 0, 21 and 42, from the response to a unit bolus,
/// `sum of c exp(-l t)`: each infusion is its integral, and the infusions add up.
/// `day` is the length of a day in the model's time, in which `t` and `l` are.
fn superposition(terms: &[(f64, f64)], t: f64, day: f64) -> f64 {
    let infusion = INFUSION * day;
    let one = |since: f64| -> f64 {
        if since <= 0.0 {
            return 0.0;
        }
        let during = since.min(infusion);
        let rate = DOSE / infusion;
        terms
            .iter()
            .map(|&(c, l)| rate * c / l * -(-l * during).exp_m1() * (-l * (since - during)).exp())
            .sum()
    };
    (0..3).map(|k| one(t - EVERY * day * f64::from(k))).sum()
}

fn assert_follows(job: &Job, terms: &[(f64, f64)]) {
    let got = &courses(job, &solve_typical(job))[0][0];
    let day = 86_400.0 * job.plan.time_per_tick;
    let times = job.plan.grid.iter().filter(|p| p.trajectory).map(|p| f64::from(p.tick) / 86_400.0);
    let expected: Vec<f64> = times.map(|t| superposition(terms, t * day, day)).collect();
    assert_eq!(got.len(), 63 * 4 + 1);
    let peak = expected.iter().copied().fold(0.0, f64::max);
    for (i, (got, expected)) in got.iter().zip(&expected).enumerate() {
        assert!((got - expected).abs() <= TOLERANCE * peak, "point {i}: {got} against {expected}");
    }
}

#[test]
fn one_compartment() {
    let job = cohort("one_compartment_infusion.R");
    let (cl, vc) = (typical(&job, "lcl"), typical(&job, "lvc"));
    assert_follows(&job, &[(1.0 / vc, cl / vc)]);
}

#[test]
fn two_compartments() {
    let job = cohort("two_compartment_infusion.R");
    let [cl, vc, q, vp] = ["lcl", "lvc", "lq", "lvp"].map(|name| typical(&job, name));
    // Gibaldi and Perrier, Pharmacokinetics, 2nd ed., chapter 2: roots of the characteristic
    // polynomial, and the coefficients of a bolus.
    let (k10, k12, k21) = (cl / vc, q / vc, q / vp);
    let sum = k10 + k12 + k21;
    let root = (sum * sum - 4.0 * k10 * k21).sqrt();
    let (alpha, beta) = ((sum + root) / 2.0, (sum - root) / 2.0);
    let coefficient = |l: f64, other: f64| (k21 - l) / (other - l) / vc;
    assert_follows(&job, &[(coefficient(alpha, beta), alpha), (coefficient(beta, alpha), beta)]);
}

#[test]
fn three_compartments() {
    let job = cohort("three_compartment_infusion.R");
    let [cl, vc, q, vp, q2, vp2] = ["lcl", "lvc", "lq", "lvp", "lq2", "lvp2"].map(|name| typical(&job, name));
    let (k10, k12, k21, k13, k31) = (cl / vc, q / vc, q / vp, q2 / vc, q2 / vp2);
    // The cubic's three real roots by Viete's formula.
    let a0 = k10 * k21 * k31;
    let a1 = k10 * k31 + k21 * k31 + k21 * k13 + k10 * k21 + k31 * k12;
    let a2 = k10 + k12 + k13 + k21 + k31;
    let p = a1 - a2 * a2 / 3.0;
    let q0 = -2.0 * a2.powi(3) / 27.0 + a1 * a2 / 3.0 - a0;
    let r = (-p / 3.0).sqrt();
    let angle = (-q0 / (2.0 * r.powi(3))).clamp(-1.0, 1.0).acos();
    let lambda = [0.0, 1.0, 2.0]
        .map(|k: f64| a2 / 3.0 + 2.0 * r * ((angle + 2.0 * std::f64::consts::PI * k) / 3.0).cos());
    let characteristic = |l: f64| l.powi(3) - a2 * l * l + a1 * l - a0;
    for l in lambda {
        assert!(characteristic(l).abs() < 1e-12, "root {l}");
    }
    let terms: Vec<(f64, f64)> = (0..3)
        .map(|i| {
            let others: f64 = (0..3).filter(|&j| j != i).map(|j| lambda[j] - lambda[i]).product();
            ((k21 - lambda[i]) * (k31 - lambda[i]) / others / vc, lambda[i])
        })
        .collect();
    assert_follows(&job, &terms);
}
