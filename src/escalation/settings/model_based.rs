//! The continual reassessment method and the Bayesian logistic regression model.

use super::boin_like::TARGET;
use super::raw::{BlrmTable, CrmTable, CurveName, Number, Text};
use super::{DesignError, Kind, Scope, count, interval, probability};
use crate::cohort::Spanned;
use crate::cohort::quantity;
use crate::cohort::report::Report;
use crate::escalation::design::blrm::{self, Blrm, Precise};
use crate::escalation::design::crm::{self, Crm};
use crate::escalation::design::skeleton::Curve;

/// Intercept and prior variance of the R package dfcrm.
const INTERCEPT: f64 = 3.0;
const VARIANCE: f64 = 1.34;
/// Half the width of the indifference interval.
const HALF_WIDTH: f64 = 0.05;
/// Prior of the logistic regression: a toxicity of a third at the reference dose, hardly informative.
const MEAN: [f64; 2] = [-0.7, 0.0];
const SD: [f64; 2] = [2.0, 1.0];
/// What a prior may be: wider ones say nothing that these do not, and need ever larger grids.
const MEANS: [f64; 2] = [-20.0, 20.0];
const SDS: [f64; 2] = [0.01, 10.0];
/// Toxicity that is wanted, and the probability of an overdose that is too much: Neuenschwander et al. (2008).
const INTERVAL: [f64; 2] = [0.16, 0.33];
const OVERDOSE: f64 = 0.25;

pub(super) fn crm(table: &Spanned<CrmTable>, scope: &Scope<'_>, report: &mut Report) -> Option<Kind> {
    let (span, table) = (&table.span, &table.value);
    let doses = scope.doses.count();
    let target = probability("target", &table.target, TARGET, report)?;
    let intercept = match &table.intercept {
        Some(number) => report.finite("intercept", number)?,
        None => INTERCEPT,
    };
    let curve = match table.model {
        Some(CurveName::Logistic) => Curve::Logistic { intercept },
        Some(CurveName::Power) | None => Curve::Power,
    };
    let highest = if curve == Curve::Power { 1.0 } else { 1.0 / (1.0 + (-intercept).exp()) };
    let skeleton = match &table.skeleton {
        Some(list) => skeleton(list, doses, report)?,
        None => {
            let half_width = probability("half_width", &table.half_width, HALF_WIDTH, report)?;
            let most = target.min(1.0 - target);
            if let Some(number) = &table.half_width
                && half_width >= most
            {
                report.add(
                    &number.span,
                    DesignError::NotRising { key: "half_width", low: half_width, high: most },
                );
                return None;
            }
            let level = match &table.prior_level {
                Some(level) => report.count("prior_level", level, [1, doses as u32])? as usize - 1,
                None => doses / 2,
            };
            let skeleton = curve.skeleton(half_width.min(0.5 * most), target, level, doses);
            if !is_rising(&skeleton) {
                report.add(span, DesignError::NoSkeleton { doses });
                return None;
            }
            skeleton
        }
    };
    // Beyond it toxicity would rise with the parameter, below it fall.
    if let Some(&most) = skeleton.iter().chain([&target]).find(|&&guess| guess >= highest) {
        report.add(span, DesignError::Intercept { intercept, most });
        return None;
    }
    let variance = match &table.variance {
        Some(number) => report.positive("variance", number)?,
        None => VARIANCE,
    };
    let stop_above = match &table.stop_above {
        Some(number) => Some(report.within("stop_above", number, [0.0, 1.0])?),
        None => Some(0.95),
    };
    let settings = crm::Settings { cohorts: scope.cohorts, target, curve, skeleton, variance, stop_above };
    Some(Kind::of(Crm::new(settings)))
}

/// Whether probabilities rise strictly, and none is 0 or 1.
fn is_rising(probabilities: &[f64]) -> bool {
    let is_inside = probabilities.iter().all(|&p| p > 0.0 && p < 1.0);
    is_inside && probabilities.windows(2).all(|pair| pair[0] < pair[1])
}

/// A skeleton as it is given: one for each dose, rising.
fn skeleton(list: &Spanned<Vec<Number>>, doses: usize, report: &mut Report) -> Option<Vec<f64>> {
    if list.value.len() != doses {
        report.add(&list.span, DesignError::SkeletonLength { found: list.value.len(), doses });
        return None;
    }
    let mut guesses: Vec<f64> = Vec::new();
    for number in &list.value {
        let guess = probability("skeleton", &Some(number.clone()), number.value, report)?;
        if let Some(&low) = guesses.last().filter(|&&before| before >= guess) {
            report.add(&number.span, DesignError::NotRising { key: "skeleton", low, high: guess });
            return None;
        }
        guesses.push(guess);
    }
    Some(guesses)
}

pub(super) fn blrm(table: &Spanned<BlrmTable>, scope: &Scope<'_>, report: &mut Report) -> Option<Kind> {
    let (span, table) = (&table.span, &table.value);
    if !scope.doses.are_known() {
        report.add(span, DesignError::NeedsDoses);
        return None;
    }
    let doses = scope.doses.amounts.clone();
    let reference = match &table.reference {
        Some(text) => reference(text, scope, report)?,
        None => doses[doses.len() / 2],
    };
    let mean = table.mean.as_ref().map_or(MEAN, |pair| pair.value.0);
    let sd = table.sd.as_ref().map_or(SD, |pair| pair.value.0);
    for (key, pair) in [("mean", &table.mean), ("sd", &table.sd)] {
        for value in pair.iter().flat_map(|pair| pair.value.0) {
            let number = Spanned { value, span: pair.as_ref()?.span.clone() };
            report.within(key, &number, if key == "sd" { SDS } else { MEANS })?;
        }
    }
    let correlation = match &table.correlation {
        Some(number) => report.within("correlation", number, [-0.99, 0.99])?,
        None => 0.0,
    };
    let largest_increase = match &table.largest_increase {
        Some(number) => Some(report.positive("largest_increase", number)? / 100.0),
        None => None,
    };
    let precise = match &table.precise {
        Some(precise) => Some(Precise {
            patients: count("patients", &precise.patients, 6, report)?,
            probability: probability("probability", &precise.probability, 0.5, report)?,
        }),
        None => None,
    };
    let blrm = Blrm::new(blrm::Settings {
        cohorts: scope.cohorts,
        doses,
        reference,
        mean,
        sd,
        correlation,
        interval: interval("interval", table.interval.as_ref(), INTERVAL, report)?,
        overdose: probability("overdose", &table.overdose, OVERDOSE, report)?,
        largest_increase,
        precise,
    });
    if let (Some(most), Some(from)) = (&table.largest_increase, blrm.too_steep()) {
        let [from, to] = [from, from + 1].map(|dose| scope.doses.labels[dose].clone());
        report.add(&most.span, DesignError::TooSteep { from, to, most: most.value });
    }
    Some(Kind::of(blrm))
}

/// A dose, in the unit of the trial's.
fn reference(text: &Text, scope: &Scope<'_>, report: &mut Report) -> Option<f64> {
    let dose = report.quantity(text, quantity::dose)?;
    match scope.doses.amount_of(&dose).filter(|&amount| amount > 0.0) {
        Some(amount) => Some(amount),
        None => {
            let cause = DesignError::OtherKind { dose: dose.text, unit: scope.doses.unit() };
            report.add(&text.span, cause);
            None
        }
    }
}
