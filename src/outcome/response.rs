//! Response of the tumour over the run, from its response at each scan: RECIST 1.1 (Eisenhauer et al.,
//! European Journal of Cancer 45 (2009) 228-247), as far as target lesions and events go.
//!
//! - Progression is the first of: a scan with progressive disease; an event that is progression.
//! - Scans after progression do not count, nor do scans after the patient left; a scan at the visit at which
//!   the patient leaves does. At one visit a new lesion outweighs the scan.
//! - The best response is the best of the scans that count. Complete and partial response must be confirmed,
//!   where the cohort file says so, by a later scan, at least so long after, that is at least as good: a
//!   complete response that is later only partial is a confirmed partial one. Stable disease is a scan that
//!   is stable or better, and not before `stable_from`: so also a response that was not confirmed. Failing all
//!   these it is progressive disease, or not evaluable if there was no progression.
//! - Disease is controlled if the first scan at or after `control_at` is stable or better, and the patient has
//!   neither left before it nor progressed by then. No confirmation is asked for.

use std::sync::Arc;

use rayon::prelude::*;

use super::distribution::EndpointKind;
use super::items::{Items, Outcome};
use crate::cohort::{Ticks, columns};
use crate::plan::{EventEndpoint, ResponseEndpoints};
use crate::table::ColumnMeta;

/// Response of the tumour, from worst to best but for the first; its code is its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Response {
    /// Not evaluable.
    NotEvaluable,
    /// Progressive disease.
    Progressive,
    /// Stable disease.
    Stable,
    /// Partial response.
    Partial,
    /// Complete response.
    Complete,
}

/// Short names of [`Response`], in the order of their codes.
pub const RESPONSE_LABELS: [&str; 5] = ["NE", "PD", "SD", "PR", "CR"];

/// Progression that is seen on a scan; other causes are events.
const BY_SIZE: &str = "size";

impl Response {
    /// From the code of an endpoint; what is missing is not evaluable.
    pub fn from_code(code: f64) -> Self {
        use Response::{Complete, NotEvaluable, Partial, Progressive, Stable};
        // A missing code casts to 0.
        [NotEvaluable, Progressive, Stable, Partial, Complete]
            .get(code.round() as usize)
            .copied()
            .unwrap_or(NotEvaluable)
    }
}

/// The labels of [`RESPONSE_LABELS`].
pub(super) fn labels() -> Arc<[String]> {
    RESPONSE_LABELS.map(String::from).into()
}

/// Response of one patient over the run.
struct PatientResponse {
    best: Response,
    /// When the best response was first seen.
    best_at: Option<Ticks>,
    progression: Option<Progression>,
    is_controlled: bool,
}

/// When the tumour progressed, and the position of the cause among scans and events.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Progression {
    at: Ticks,
    cause: u32,
}

/// The columns of response.
pub(super) fn outcomes<'a>(items: Items<'a>) -> Vec<Outcome<'a>> {
    let treatment = &items.plan.treatment;
    let Some(response) = &treatment.response else { return Vec::new() };
    let events: Vec<&EventEndpoint> = treatment.events.iter().filter(|event| event.progression).collect();
    let of_items = (0..items.count()).into_par_iter();
    let of_item = |scans: &mut _, item| PatientResponse::new(items, item, response, &events, scans);
    let responses: Arc<Vec<PatientResponse>> = Arc::new(of_items.map_init(Vec::new, of_item).collect());
    let responses = || Arc::clone(&responses);
    let causes: Vec<String> = [BY_SIZE]
        .into_iter()
        .chain(events.iter().map(|event| event.name.as_str()))
        .map(String::from)
        .collect();

    let time = move |tick: Option<Ticks>| tick.map_or(f64::NAN, |tick| items.time(tick));
    let meta = |name, meaning| ColumnMeta::new(name, meaning, "");
    let flag = |meta, of: fn(&PatientResponse) -> bool| {
        let responses = responses();
        items.flags(meta, EndpointKind::Flag, move |item| of(&responses[item]))
    };
    let number = |meta, kind, of: fn(&PatientResponse) -> Option<Ticks>| {
        let responses = responses();
        items.numbers(meta, kind, move |item| time(of(&responses[item])))
    };
    let label = |meta, labels: &Arc<[String]>, of: fn(&PatientResponse) -> Option<u32>| {
        let responses = responses();
        items.labels(meta, labels, move |item| of(&responses[item]))
    };
    let best = meta(columns::BEST_RESPONSE, "best response of the tumour");
    let best_day = items.time_meta(columns::BEST_RESPONSE_DAY, "when the best response was first seen");
    let has_responded = meta(columns::RESPONSE, "whether the best response is complete or partial");
    let control =
        meta(columns::DISEASE_CONTROL, "whether the disease was controlled at the scan that counts");
    let progression_day = items.time_meta(columns::PROGRESSION_DAY, "when progression was first seen");
    let cause = meta(columns::PROGRESSION_CAUSE, "what progression was seen by: size on a scan, or an event");
    vec![
        label(best, &labels(), |response| Some(response.best as u32)),
        number(best_day, EndpointKind::Number, |response| response.best_at),
        flag(has_responded, |response| response.best >= Response::Partial),
        flag(control, |response| response.is_controlled),
        number(progression_day, EndpointKind::FirstTime, |response| Some(response.progression?.at)),
        label(cause, &causes.into(), |response| Some(response.progression?.cause)),
    ]
}

impl PatientResponse {
    /// `scans` is overwritten: those of this patient.
    fn new(
        items: Items<'_>,
        item: usize,
        response: &ResponseEndpoints,
        events: &[&EventEndpoint],
        scans: &mut Vec<(Ticks, Response)>,
    ) -> Self {
        let endpoint = |endpoint| items.endpoint(endpoint, item);
        let last = items.is_known(item).then(|| items.endings(item).left).flatten();
        let last = last.map_or(Ticks::MAX, |left| left.tick);
        let seen = response.scans.iter().filter(|&&(tick, _)| tick <= last);
        scans.clear();
        scans.extend(seen.map(|&(tick, code)| (tick, Response::from_code(endpoint(code)))));

        let by_size = scans.iter().find(|(_, seen)| *seen == Response::Progressive);
        let by_size = by_size.map(|&(at, _)| Progression { at, cause: 0 });
        let by_event = events.iter().zip(1..).filter_map(|(event, cause)| {
            let day = endpoint(event.day);
            (!day.is_nan()).then(|| Progression { at: items.tick(day), cause })
        });
        let progression = by_event.filter(|progression| progression.at <= last).chain(by_size).min();

        let until = progression.map_or(Ticks::MAX, |progression| progression.at);
        scans.retain(|&(tick, _)| tick < until);
        let (best, best_at) = best(scans, response).map_or_else(
            || match progression {
                Some(progression) => (Response::Progressive, Some(progression.at)),
                None => (Response::NotEvaluable, None),
            },
            |(best, at)| (best, Some(at)),
        );
        let control = response.scans.iter().find(|(tick, _)| *tick >= response.control_at);
        let is_controlled = control
            .is_some_and(|(tick, _)| scans.iter().any(|(at, seen)| at == tick && *seen >= Response::Stable));
        Self { best, best_at, progression, is_controlled }
    }
}

/// The best response of scans without progression, and when it was first seen; none if none counts.
fn best(scans: &[(Ticks, Response)], rules: &ResponseEndpoints) -> Option<(Response, Ticks)> {
    let is_confirmed = |at: Ticks, response| {
        rules.confirmation.is_none_or(|after| {
            scans.iter().any(|&(later, seen)| later > at && later - at >= after && seen >= response)
        })
    };
    let responds = |response| {
        let first = scans.iter().find(|&&(at, seen)| seen >= response && is_confirmed(at, response));
        first.map(|&(at, _)| (response, at))
    };
    let is_stable = |&&(at, seen): &&(Ticks, Response)| seen >= Response::Stable && at >= rules.stable_from;
    let stable = || scans.iter().find(is_stable).map(|&(at, _)| (Response::Stable, at));
    responds(Response::Complete).or_else(|| responds(Response::Partial)).or_else(stable)
}
