//! Visits, and the times of time courses. All times are ticks.

use std::ops::Range;

use super::super::raw::{AfterLeavingName, ObserveName, Text, TrajectoriesTable, VisitsTable};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::Spanned;
use super::super::{Ticks, Trajectories, Visits, quantity};
use super::errors::{MAX_TIMES, ScheduleError};
use super::regimen::CheckedRegimen;
use crate::unit::SECONDS_PER_DAY;

/// Time between visits of files that name none.
const DAY: Ticks = SECONDS_PER_DAY;

/// The visits and the end of the run.
pub(super) fn visits(
    table: Option<&Spanned<VisitsTable>>,
    regimen: Option<&CheckedRegimen>,
    report: &mut Report,
) -> Option<Visits> {
    let none = VisitsTable::default();
    let VisitsTable { every, times, until } = table.map_or(&none, |table| &table.value);
    if let (Some(_), Some(times)) = (every, times) {
        report.conflict(&times.span, "every", "times");
        return None;
    }
    let given = match times {
        Some(times) => Some(increasing("times", times, report)?),
        None => None,
    };
    let interval = match every {
        Some(text) => interval("every", text, report),
        None => Some(DAY),
    };
    let last = given.as_ref().and_then(|times| times.last().copied()).unwrap_or(0);
    let end = match until {
        Some(text) => report.time(text)?,
        None => regimen?.end.unwrap_or(0).max(last),
    };
    let span = until.as_ref().map(|text| &text.span);
    let span = span.or(table.map(|table| &table.span)).or(regimen.map(|regimen| &regimen.span)).cloned();
    let span = span.unwrap_or_default();
    if end == 0 {
        report.add_if_complete(&span, ScheduleError::NoEnd);
        return None;
    }
    cover(regimen, last, end, &span, report);
    let times = match given {
        Some(mut times) => {
            if times.first() != Some(&0) {
                times.insert(0, 0);
            }
            times
        }
        None => {
            let span = every.as_ref().map_or(&span, |text| &text.span);
            grid("every", interval?, end, span, report)?
        }
    };
    Some(Visits { times, until: end })
}

/// Checks that the run sees the last dose and the last visit that was named.
fn cover(
    regimen: Option<&CheckedRegimen>,
    visit: Ticks,
    end: Ticks,
    span: &Range<usize>,
    report: &mut Report,
) {
    let until = quantity::time_text(end);
    let doses = regimen.iter().flat_map(|regimen| regimen.regimen.courses()).flat_map(|course| &course.times);
    let dose = doses.copied().max().unwrap_or(0);
    if dose >= end {
        let dose = quantity::time_text(dose);
        report.add_if_complete(span, ScheduleError::DoseAfterEnd { dose, until: until.clone() });
    }
    if visit > end {
        let visit = quantity::time_text(visit);
        report.add_if_complete(span, ScheduleError::VisitAfterEnd { visit, until });
    }
}

/// The time courses; their times are the visits' unless they have their own.
pub(super) fn trajectories(
    table: &Spanned<TrajectoriesTable>,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Option<Trajectories> {
    let section = Section::new("output.trajectories", &table.span);
    let TrajectoriesTable { patients, every, of, after_leaving, observe } = &table.value;
    let patients = report.required("patients", patients, &section);
    let patients = patients.and_then(|patients| super::general::patients(patients, report));
    let of = report.required("of", of, &section).map(|of| report.expressions("of", of));
    let times = match every {
        Some(text) => {
            let every = interval("every", text, report)?;
            grid("every", every, visits.map_or(0, |visits| visits.until), &text.span, report)?
        }
        None => visits.map_or_else(Vec::new, |visits| visits.times.clone()),
    };
    let follows = *after_leaving == Some(AfterLeavingName::Follow);
    let with_error = *observe == Some(ObserveName::WithError);
    Some(Trajectories { patients: patients?, times, of: of?, follows, with_error })
}

/// A time between events: not 0.
pub(super) fn interval(key: &'static str, text: &Text, report: &mut Report) -> Option<Ticks> {
    let ticks = report.time(text)?;
    if ticks == 0 {
        report.add(&text.span, ScheduleError::NoInterval { key });
        return None;
    }
    Some(ticks)
}

/// 0, every, 2 every, ... up to the end, which is among them only if it is a multiple.
pub(super) fn grid(
    key: &'static str,
    every: Ticks,
    end: Ticks,
    span: &Range<usize>,
    report: &mut Report,
) -> Option<Vec<Ticks>> {
    let count = end / every;
    if count >= MAX_TIMES {
        report.add(span, ScheduleError::TooMany { key, count });
        return None;
    }
    Some((0..=count).map(|i| i * every).collect())
}

/// A list of increasing times, at least one.
pub(super) fn increasing(
    key: &'static str,
    list: &Spanned<Vec<Text>>,
    report: &mut Report,
) -> Option<Vec<Ticks>> {
    if list.value.is_empty() {
        report.add(&list.span, KeyError::Empty { key });
    }
    let mut times: Vec<Ticks> = Vec::new();
    for text in &list.value {
        let Some(time) = report.time(text) else { continue };
        if times.last().is_some_and(|&last| time <= last) {
            report.add(&text.span, ScheduleError::NotIncreasing { text: text.value.clone() });
        }
        times.push(time);
    }
    let complete = times.len() == list.value.len() && times.is_sorted();
    (complete && !times.is_empty()).then_some(times)
}
