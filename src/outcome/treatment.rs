//! What treatment did to a patient: dose-limiting toxicity, whether they are evaluable for it, how treatment
//! and stay ended, grades that were not there before.
//!
//! A patient is evaluable who had a dose-limiting toxicity, or was in the trial until the end of the window:
//! one who leaves at the visit that ends it was.

use std::sync::Arc;

use rayon::prelude::*;

use super::distribution::EndpointKind;
use super::items::{Items, Outcome};
use super::reasons::Reasons;
use crate::cohort::columns;
use crate::engine::Decision;
use crate::plan::{DltEndpoints, Drug, TermEndpoints};
use crate::table::ColumnMeta;

/// Day and cause of the end of treatment.
const OFF_TREATMENT: [&str; 2] = [columns::OFF_TREATMENT_DAY, columns::OFF_TREATMENT_CAUSE];
/// Day and cause of leaving.
const LEFT: [&str; 2] = [columns::LEFT_DAY, columns::LEFT_CAUSE];

/// The columns of treatment.
pub(super) fn outcomes<'a>(items: Items<'a>) -> Vec<Outcome<'a>> {
    let treatment = &items.plan.treatment;
    let mut outcomes: Vec<Outcome<'a>> =
        treatment.dlt.iter().flat_map(|dlt| dose_limiting(items, dlt)).collect();
    let protocol = &items.plan.protocol;
    let stopping = Arc::new(Reasons::of_stopping(protocol));
    let stopped = move |item| items.endings(item).stopped;
    outcomes.extend(ending(items, &stopping, OFF_TREATMENT, "treatment ended", stopped));
    if items.plan.drugs.len() > 1 {
        for (drug, Drug { name, .. }) in items.plan.drugs.iter().enumerate() {
            let columns = OFF_TREATMENT.map(|column| columns::of_drug(column, name));
            let what = format!("treatment with {name} ended");
            let stopped = move |item| items.solution.drug_ending(item, drug);
            outcomes.extend(ending(items, &stopping, columns.each_ref().map(String::as_str), &what, stopped));
        }
    }
    let leaving = Arc::new(Reasons::of_leaving(protocol));
    let left = move |item| items.endings(item).left;
    outcomes.extend(ending(items, &leaving, LEFT, "the patient left the trial", left));
    outcomes.extend(emergent_grades(items));
    outcomes
}

fn dose_limiting<'a>(items: Items<'a>, dlt: &'a DltEndpoints) -> Vec<Outcome<'a>> {
    let day = move |cause: usize, item: usize| items.endpoint(cause, item);
    // `min` takes the number of a number and NaN.
    let first = |item: usize| dlt.causes.iter().fold(f64::NAN, |first, cause| first.min(day(cause.1, item)));
    let firsts: Arc<Vec<f64>> = Arc::new((0..items.count()).into_par_iter().map(first).collect());
    let first = || {
        let firsts = Arc::clone(&firsts);
        move |item: usize| firsts[item]
    };
    let among_evaluable = || EndpointKind::FlagAmong(columns::EVALUABLE.into());
    let flag = |name: &str, meaning: &str| ColumnMeta::new(name, meaning, "");

    let (of_dlt, of_evaluable) = (first(), first());
    let mut outcomes = vec![
        items.flags(
            flag(columns::DLT, "whether there was a dose-limiting toxicity"),
            among_evaluable(),
            move |item| !of_dlt(item).is_nan(),
        ),
        items.numbers(
            items.time_meta(columns::DLT_DAY, "when the first dose-limiting toxicity was seen"),
            EndpointKind::FirstTime,
            first(),
        ),
    ];
    for (cause, endpoint) in &dlt.causes {
        let meaning = format!("whether there was a dose-limiting toxicity: {cause}");
        let had = move |item| !day(*endpoint, item).is_nan();
        outcomes.push(items.flags(flag(&columns::of_cause(cause), &meaning), among_evaluable(), had));
    }
    let evaluable = move |item: usize| {
        !of_evaluable(item).is_nan() || items.endings(item).left.is_none_or(|left| left.tick >= dlt.window)
    };
    let meaning = "whether there was a dose-limiting toxicity, or the patient was in the trial to the end of \
                   its window";
    outcomes.push(items.flags(flag(columns::EVALUABLE, meaning), EndpointKind::Flag, evaluable));
    outcomes
}

/// Day and cause of an ending, if any rule can bring it about.
fn ending<'a>(
    items: Items<'a>,
    reasons: &Arc<Reasons>,
    [day, cause]: [&str; 2],
    what: &str,
    at: impl Fn(usize) -> Option<Decision> + Copy + Send + Sync + 'a,
) -> Vec<Outcome<'a>> {
    if reasons.is_empty() {
        return Vec::new();
    }
    let day = items.time_meta(day, format!("when {what}"));
    let cause = ColumnMeta::new(cause, format!("the rule or event by which {what}"), "");
    let time = move |item| at(item).map_or(f64::NAN, |decision| items.time(decision.tick));
    let of_cause = Arc::clone(reasons);
    vec![
        items.numbers(day, EndpointKind::FirstTime, time),
        items.labels(cause, &reasons.labels, move |item| of_cause.position(at(item))),
    ]
}

fn emergent_grades<'a>(items: Items<'a>) -> Vec<Outcome<'a>> {
    let of_term = |term: &'a TermEndpoints| {
        let whole = (columns::emergent_grade(&term.name, None), String::new(), term.worst);
        let windows = term.windows.iter().map(|(window, worst)| {
            (columns::emergent_grade(&term.name, Some(window)), format!(" in `{window}`"), *worst)
        });
        let emergent = [whole].into_iter().chain(windows).map(|(column, within, worst)| {
            let meaning = format!(
                "{}: worst grade{within} if it was worse than before the first dose, else 0",
                term.title
            );
            items.integers(ColumnMeta::new(column, meaning, "1"), EndpointKind::Grade, move |item| {
                let worst = items.endpoint(worst, item);
                let is_worse = worst > items.solution.accumulators[term.before.index()][item];
                let emergent = if is_worse { worst } else { 0.0 };
                (!worst.is_nan()).then_some(emergent as i64)
            })
        });
        emergent.collect::<Vec<_>>()
    };
    items.plan.treatment.terms.iter().flat_map(of_term).collect()
}
