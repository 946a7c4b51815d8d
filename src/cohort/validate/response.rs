//! Response of the tumour: the scans, and limits that are those of RECIST 1.1 unless others are given.

use thiserror::Error;

use super::super::raw::{Number, ResponseTable, Text};
use super::super::report::{Report, Section};
use super::super::spanned::Spanned;
use super::super::{Response, TICKS_PER_DAY, Ticks, Visits, quantity};
use super::{endpoints, schedule};
use crate::diagnostic::Cause;

/// Decrease from baseline of a partial response (RECIST 1.1, Eisenhauer 2009, section 4.3.1).
const PARTIAL: f64 = 0.30;
/// Increase from the smallest sum that is progression (RECIST 1.1, section 4.3.1).
const PROGRESSION: f64 = 0.20;
/// The least increase that is progression, mm (RECIST 1.1, section 4.3.1).
const PROGRESSION_AT_LEAST: f64 = 5.0;
/// A sum of diameters that nobody would measure, mm: the lesions have disappeared.
const COMPLETE_BELOW: f64 = 1.0;

/// What can be wrong with the response.
#[derive(Debug, Error)]
pub enum ResponseError {
    /// Nothing says when scans are.
    #[error("[response] has neither `scans` nor `every`")]
    NoScans,
    /// A scan before treatment, which is the baseline.
    #[error("the scan at 0 is the baseline")]
    Baseline,
    /// Columns are named by the day.
    #[error("the scan at {text} is not on a whole day")]
    NotWholeDays {
        /// The time as written.
        text: String,
    },
    /// No scan within the run.
    #[error("the first scan, at {every}, is after the end of the run, {until}")]
    NoneWithin {
        /// Time between scans.
        every: String,
        /// The end.
        until: String,
    },
    /// A time after the last scan.
    #[error("no scan is at `{key}`, {text}, or later")]
    AfterLast {
        /// `stable_from` or `control_at`.
        key: &'static str,
        /// The time as written.
        text: String,
    },
}

impl Cause for ResponseError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoScans => "add `every = \"42 day\"` or `scans = [\"42 day\", ...]`".into(),
            Self::Baseline => "leave it out; there is always one".into(),
            Self::NotWholeDays { .. } => "columns are named by its day; write it in days".into(),
            Self::NoneWithin { .. } => "scan earlier, or set a later `until` in [visits]".into(),
            Self::AfterLast { .. } => "choose an earlier time, or add a scan".into(),
        })
    }
}

pub(super) fn check(
    table: &Spanned<ResponseTable>,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Option<Response> {
    let section = Section::new("response", &table.span);
    let table = &table.value;
    let of = report.required("of", &table.of, &section).map(|of| report.unquoted(of));
    let scans = scans(table, &section, visits, report);
    let complete_below =
        limit(&table.complete_below, COMPLETE_BELOW, |n| report.positive("complete_below", n));
    let partial = limit(&table.partial, PARTIAL, |n| report.within("partial", n, [0.0, 1.0]));
    let progression = limit(&table.progression, PROGRESSION, |n| {
        report.positive("progression", n)?;
        report.within("progression", n, [0.0, 1.0])
    });
    let progression_at_least = limit(&table.progression_at_least, PROGRESSION_AT_LEAST, |n| {
        report.not_negative("progression_at_least", n)
    });
    let confirmation = match &table.confirmation {
        Some(text) => report.duration("confirmation", text),
        None => None,
    };
    let known = scans.as_deref().unwrap_or_default();
    let stable_from = scan_from("stable_from", &table.stable_from, known, report);
    let control_at = scan_from("control_at", &table.control_at, known, report);
    Some(Response {
        of: of?,
        unit: table.unit.clone(),
        scans: scans?,
        complete_below: complete_below?,
        partial: partial?,
        progression: progression?,
        progression_at_least: progression_at_least?,
        confirmation,
        stable_from: stable_from?,
        control_at: control_at?,
    })
}

fn limit(given: &Option<Number>, default: f64, check: impl FnOnce(&Number) -> Option<f64>) -> Option<f64> {
    given.as_ref().map_or(Some(default), check)
}

/// The scans, at least one.
fn scans(
    table: &ResponseTable,
    section: &Section,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Option<Vec<Ticks>> {
    match (&table.scans, &table.every) {
        (Some(_), Some(every)) => {
            report.conflict(&every.span, "scans", "every");
            None
        }
        (Some(list), None) => {
            let scans = schedule::increasing("scans", list, report)?;
            for (&scan, text) in scans.iter().zip(&list.value) {
                if scan == 0 {
                    report.add(&text.span, ResponseError::Baseline);
                }
                whole_days(scan, text, report);
                endpoints::before_end(&text.value, scan, &text.span, visits, report);
            }
            Some(scans)
        }
        (None, Some(text)) => {
            let every = schedule::interval("every", text, report)?;
            whole_days(every, text, report);
            let Some(Visits { until, .. }) = visits else { return Some(vec![every]) };
            let until = *until;
            let scans = schedule::grid("every", every, until, &text.span, report)?.split_off(1);
            if scans.is_empty() {
                let until = quantity::time_text(until);
                report.add(&text.span, ResponseError::NoneWithin { every: text.value.clone(), until });
                return None;
            }
            Some(scans)
        }
        (None, None) => {
            report.add_if_complete(&section.span, ResponseError::NoScans);
            None
        }
    }
}

fn whole_days(time: Ticks, text: &Text, report: &mut Report) {
    if f64::from(time) % TICKS_PER_DAY != 0.0 {
        report.add(&text.span, ResponseError::NotWholeDays { text: text.value.clone() });
    }
}

/// A time that is not after the last scan; if not given, the first scan.
fn scan_from(key: &'static str, given: &Option<Text>, scans: &[Ticks], report: &mut Report) -> Option<Ticks> {
    let Some(text) = given else { return scans.first().copied() };
    let time = report.time(text)?;
    if scans.last().is_some_and(|&last| time > last) {
        report.add(&text.span, ResponseError::AfterLast { key, text: text.value.clone() });
    }
    Some(time)
}
