//! Closed forms: concentrations after infusions and boluses into the central compartment, in f64.
//!
//! Gibaldi M, Perrier D. Pharmacokinetics, 2nd ed. 1982, chapters 1, 2 and 7.

use std::f64::consts::PI;

use crate::cohort::Infusion;
use crate::job::Job;

/// Concentration after a bolus of 1 at time 0: the sum of `coefficient exp(-rate t)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Exponentials(Vec<Term>);

#[derive(Debug, Clone, Copy, PartialEq)]
struct Term {
    coefficient: f64,
    rate: f64,
}

impl Exponentials {
    /// One compartment: clearance and volume.
    pub fn one_compartment(cl: f64, v: f64) -> Self {
        Self(vec![Term { coefficient: 1.0 / v, rate: cl / v }])
    }

    /// Two compartments: clearance, central volume, and clearance to and volume of the peripheral one.
    pub fn two_compartments(cl: f64, v: f64, q: f64, vp: f64) -> Self {
        let (k10, k12, k21) = (cl / v, q / v, q / vp);
        let sum = k10 + k12 + k21;
        let root = (sum * sum - 4.0 * k10 * k21).sqrt();
        Self::of_rates([(sum + root) / 2.0, (sum - root) / 2.0], |rate| (k21 - rate) / v)
    }

    /// Three compartments: clearance, central volume, and clearance and volume of either peripheral one.
    pub fn three_compartments(cl: f64, v: f64, [q2, v2]: [f64; 2], [q3, v3]: [f64; 2]) -> Self {
        let (k10, k12, k21, k13, k31) = (cl / v, q2 / v, q2 / v2, q3 / v, q3 / v3);
        // The characteristic polynomial l^3 - a2 l^2 + a1 l - a0, its three real roots by Viete's formula.
        let a0 = k10 * k21 * k31;
        let a1 = k10 * k31 + k21 * k31 + k21 * k13 + k10 * k21 + k31 * k12;
        let a2 = k10 + k12 + k13 + k21 + k31;
        let p = a1 - a2 * a2 / 3.0;
        let q = -2.0 * a2.powi(3) / 27.0 + a1 * a2 / 3.0 - a0;
        let radius = (-p / 3.0).sqrt();
        let angle = (-q / (2.0 * radius.powi(3))).clamp(-1.0, 1.0).acos();
        let rates =
            [0.0, 1.0, 2.0].map(|turn| a2 / 3.0 + 2.0 * radius * ((angle + 2.0 * PI * turn) / 3.0).cos());
        Self::of_rates(rates, |rate| (k21 - rate) * (k31 - rate) / v)
    }

    /// By partial fractions: `numerator(rate)` over the product of the other rates less this one.
    fn of_rates<const N: usize>(rates: [f64; N], numerator: impl Fn(f64) -> f64) -> Self {
        let term = |&rate: &f64| {
            let others: f64 =
                rates.iter().filter(|&&other| other != rate).map(|other| other - rate).product();
            Term { coefficient: numerator(rate) / others, rate }
        };
        Self(rates.iter().map(term).collect())
    }

    /// Concentration a time after the start of an infusion of 1 over a duration; 0 is a bolus.
    pub fn after(&self, time: f64, duration: f64) -> f64 {
        let during = time.min(duration);
        let share = |rate: f64| {
            // What an infusion has brought is the mean of boluses.
            if duration > 0.0 { -(-rate * during).exp_m1() / (rate * duration) } else { 1.0 }
        };
        self.0.iter().map(|t| t.coefficient * share(t.rate) * (-t.rate * (time - during)).exp()).sum()
    }
}

/// The time course of `one_compartment_infusion.R`.
pub(super) fn one_compartment(job: &Job) -> Vec<f64> {
    let [cl, v] = ["lcl", "lvc"].map(|name| typical(job, name));
    superposed(job, &Exponentials::one_compartment(cl, v))
}

/// The time course of `two_compartment_infusion.R`.
pub(super) fn two_compartments(job: &Job) -> Vec<f64> {
    let [cl, v, q, vp] = ["lcl", "lvc", "lq", "lvp"].map(|name| typical(job, name));
    superposed(job, &Exponentials::two_compartments(cl, v, q, vp))
}

/// The time course of `three_compartment_infusion.R`.
pub(super) fn three_compartments(job: &Job) -> Vec<f64> {
    let [cl, v, q2, v2, q3, v3] = ["lcl", "lvc", "lq", "lvp", "lq2", "lvp2"].map(|name| typical(job, name));
    superposed(job, &Exponentials::three_compartments(cl, v, [q2, v2], [q3, v3]))
}

/// The time course of `two_compartment_michaelis_menten.R` after a bolus, with saturable elimination alone:
/// `Km W(C0 / Km exp((C0 - Vmax / V t) / Km))` (Schnell and Mendoza, J Theor Biol 187:207-212, 1997).
pub(super) fn michaelis_menten(job: &Job) -> Vec<f64> {
    let [vmax, km, v] = ["lvmax", "lkm", "lvc"].map(|name| typical(job, name));
    trajectories(job, |dose, time| {
        let start = dose / v / km;
        // Read before the bolus at time 0.
        if time > 0.0 { km * lambert_w(start * (start - vmax / v / km * time).exp()) } else { 0.0 }
    })
}

/// The principal branch of Lambert's W for a value of at least 0, by Halley's method (Corless et al.,
/// Adv Comput Math 5:329-359, 1996).
fn lambert_w(value: f64) -> f64 {
    let mut w = value.ln_1p();
    // Converges with the third power; the last steps change nothing.
    for _ in 0..20 {
        let exponential = w.exp();
        let error = w * exponential - value;
        w -= error / (exponential * (w + 1.0) - (w + 2.0) * error / (2.0 * w + 2.0));
    }
    w
}

/// A fixed effect that the model file gives as a logarithm; NaN if there is none of that name.
fn typical(job: &Job, name: &str) -> f64 {
    let index = job.model.parameters.iter().position(|parameter| parameter.name == name);
    index.map_or(f64::NAN, |i| job.plan.parameters[i].exp())
}

/// The time course of a linear system: every dose adds its own.
fn superposed(job: &Job, unit: &Exponentials) -> Vec<f64> {
    let per_tick = job.plan.time_per_tick;
    let regimen = &job.cohort.regimen;
    let duration = match regimen.courses().next().map(|course| &course.infusion.value) {
        Some(Infusion::Bolus) => 0.0,
        Some(&Infusion::Duration(ticks)) => f64::from(ticks) * per_tick,
        Some(Infusion::Rate { .. } | Infusion::Model) | None => f64::NAN,
    };
    let times = regimen.times(None);
    trajectories(job, |dose, time| {
        let since = times.iter().map(|&tick| time - f64::from(tick) * per_tick);
        let given = since.filter(|&since| since > 0.0);
        given.fold(0.0, |sum, since| sum + dose * unit.after(since, duration))
    })
}

/// `[arm][time]` of a function of dose and time, the time in the model's unit.
fn trajectories(job: &Job, value: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let plan = &job.plan;
    let times = || plan.observation_times.iter().filter(|point| point.trajectory).map(|point| point.tick);
    let at = |dose: f64| times().map(move |tick| (dose, f64::from(tick) * plan.time_per_tick));
    plan.arms.iter().flat_map(|arm| at(arm.dose)).map(|(dose, time)| value(dose, time)).collect()
}

/// The endpoints of `visit_program.toml`, in its order.
pub(super) fn visit_program(_: &Job) -> Vec<f64> {
    // 10 mg over a quarter of a day, eliminated at 0.3 per day.
    let amount = |time: f64| 10.0 * Exponentials::one_compartment(0.3, 1.0).after(time, 0.25);
    vec![
        0.81,
        15.21,
        4.41,
        4.0,
        7.0,
        0.01,
        -6.0,
        -600.0 / 9.61,
        // Trapezoids of 1, 1, 2, 1 and 2 days.
        7.01 + 2.81 + 2.02 + 2.21 + 18.82,
        (3.9_f64.powi(3) + 3.1_f64.powi(3)) / 3.0,
        // Below 3 from day 2 to day 5: each visit counts until the next.
        3.0,
        4.0,
        3.0,
        2.0,
        2.0,
        7.0,
        f64::NAN,
        amount(0.25),
        0.25,
        (10.0 - amount(7.0)) / 0.3,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambert_w_is_the_inverse() {
        for w in [0.0_f64, 1e-9, 0.1, 1.0, 3.0, 15.0] {
            let again = lambert_w(w * w.exp());
            assert!((again - w).abs() <= 1e-14 * w.max(1.0), "{again} against {w}");
        }
    }

    #[test]
    fn compartments_that_nothing_enters_are_not_there() {
        let one = Exponentials::one_compartment(0.4, 3.6);
        let two = Exponentials::two_compartments(0.4, 3.6, 0.95, 2.7);
        for time in [0.01, 0.3, 5.0] {
            for duration in [0.0, 0.25] {
                let again = Exponentials::two_compartments(0.4, 3.6, 1e-12, 2.7).after(time, duration);
                assert!((again / one.after(time, duration) - 1.0).abs() < 1e-9);
                let again = Exponentials::three_compartments(0.4, 3.6, [0.95, 2.7], [1e-12, 1.0]);
                assert!((again.after(time, duration) / two.after(time, duration) - 1.0).abs() < 1e-9);
            }
        }
    }
}
