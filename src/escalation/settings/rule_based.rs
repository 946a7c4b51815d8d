//! 3+3, accelerated titration, fixed cohorts.

use super::raw::{AcceleratedTitrationTable, FixedTable, ThreePlusThreeTable};
use super::{Kind, MOST_PATIENTS, Moderate, Scope, count, probability};
use crate::cohort::report::Report;
use crate::escalation::design::accelerated_titration::AcceleratedTitration;
use crate::escalation::design::fixed::Fixed;
use crate::escalation::design::three_plus_three::ThreePlusThree;
use crate::escalation::evaluability::Evaluability;

/// Patients with a moderate toxicity that end the acceleration, and the grade of one: Simon et al. (1997).
const MODERATE: [u32; 2] = [2, 2];
/// The window of the first cycle, as cohort files call it.
const WINDOW: &str = "c1";
/// The highest grade that a patient survives.
const HIGHEST_GRADE: u32 = 4;

pub(super) fn three_plus_three(table: &ThreePlusThreeTable, scope: &Scope<'_>) -> Kind {
    let de_escalate = table.de_escalate.unwrap_or(false);
    Kind::of(ThreePlusThree { start: scope.cohorts.start, de_escalate })
}

pub(super) fn accelerated_titration(
    table: &AcceleratedTitrationTable,
    scope: &Scope<'_>,
    report: &mut Report,
) -> Option<Kind> {
    let grade = table.grade.as_ref();
    let grade = grade.map_or(Some(MODERATE[1]), |grade| report.count("grade", grade, [1, HIGHEST_GRADE]));
    let window = table.window.as_ref().map_or(WINDOW, |window| &window.value).to_owned();
    let is_named = table.window.is_some();
    let then = ThreePlusThree { start: scope.cohorts.start, de_escalate: table.de_escalate.unwrap_or(true) };
    let moderate = count("moderate", &table.moderate, MODERATE[0], report)?;
    let kind = Kind::of(AcceleratedTitration { then, moderate });
    Some(Kind { moderate: Some(Moderate { grade: grade?, window, is_named }), ..kind })
}

pub(super) fn fixed(table: &FixedTable, scope: &Scope<'_>, report: &mut Report) -> Option<Kind> {
    let stop_at = table.stop_at.is_some().then(|| probability("stop_at", &table.stop_at, 0.0, report));
    let second_dose = count("second_dose", &table.second_dose, 2, report)?;
    let rule = Evaluability {
        evaluable: table
            .evaluable
            .as_ref()
            .map_or(Some(3), |number| report.count("evaluable", number, [1, MOST_PATIENTS]))?,
        second_dose: if table.require_cycle_2.unwrap_or(true) { second_dose } else { 0 },
        rate_below: probability("rate_below", &table.rate_below, 1.0 / 3.0, report)?,
    };
    let stop_at = match stop_at {
        Some(rate) => Some(rate?),
        None => None,
    };
    let design = Fixed { cohorts: scope.cohorts, stop_at, rule };
    Some(Kind { evaluability: Some(rule), ..Kind::of(design) })
}
