//! What happens when: doses, visits, and the times of time courses. All times are ticks.

use std::ops::Range;

use super::super::raw::{
    AfterLeavingName, BioavailabilityName, LoadingTable, ObserveName, RegimenTable, Text, TrajectoriesTable,
    VisitsTable,
};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::Spanned;
use super::super::{
    Bioavailability, Dose, Infusion, Loading, LoadingAmount, Population, Regimen, Ticks, Trajectories,
    Visits, quantity,
};
use super::errors::{MAX_TIMES, ScheduleError};
use super::modify;
use crate::unit::SECONDS_PER_DAY;

/// Time between visits of files that name none.
const DAY: Ticks = SECONDS_PER_DAY;

/// A checked regimen, and when its last cycle ends if it has cycles.
pub(super) struct CheckedRegimen {
    pub(super) regimen: Regimen,
    end: Option<Ticks>,
    span: Range<usize>,
}

pub(super) fn regimen(table: &Spanned<RegimenTable>, report: &mut Report) -> Option<CheckedRegimen> {
    let section = Section::new("regimen", &table.span);
    let RegimenTable { arms, into, .. } = &table.value;
    let arms = report.required("arms", arms, &section).and_then(|arms| self::arms(arms, report));
    let nothing = arms.as_ref().is_some_and(|arms| arms.iter().all(|arm| arm.value.amount == 0.0));
    let into = report.required("into", into, &section);
    // Where nothing is given, it need go nowhere.
    let into = into.map(|into| match into.value.is_empty() && nothing {
        true => Vec::new(),
        false => report.names("into", into),
    });
    let infusion = infusion(&table.value, &section, report);
    let doses = doses(&table.value, report);
    let loading = match &table.value.loading {
        Some(loading) => {
            let count = doses.as_ref().map(|(times, _)| times.len());
            Some(self::loading(loading, arms.as_deref().unwrap_or_default(), count, report)?)
        }
        None => None,
    };
    let weight = table.value.molecular_weight.as_ref();
    let molecular_weight = weight.and_then(|text| report.quantity(text, quantity::molecular_weight));
    let (times, end) = doses?;
    let regimen = Regimen {
        molecular_weight,
        arms: arms?,
        into: into?,
        infusion: infusion?,
        bioavailability: table.value.bioavailability.as_ref().map(bioavailability),
        times,
        loading,
        levels: Vec::new(),
        modify: Vec::new(),
    };
    Some(CheckedRegimen { regimen, end, span: section.span })
}

fn arms(arms: &Spanned<Vec<Text>>, report: &mut Report) -> Option<Vec<Spanned<Dose>>> {
    if arms.value.is_empty() {
        report.add(&arms.span, KeyError::Empty { key: "arms" });
        return None;
    }
    let mut doses: Vec<Spanned<Dose>> = Vec::new();
    for text in &arms.value {
        let Some(dose) = report.quantity(text, quantity::dose) else { continue };
        if let Some(same) = doses.iter().find(|other| same_dose(&other.value, &dose)) {
            let cause = ScheduleError::ArmTwice { first: same.value.text.clone(), second: dose.text.clone() };
            report.add(&text.span, cause);
        }
        doses.push(Spanned { value: dose, span: text.span.clone() });
    }
    (doses.len() == arms.value.len()).then_some(doses)
}

/// Whether two doses are one, whatever the units they are written in.
fn same_dose(a: &Dose, b: &Dose) -> bool {
    a.amount_in_unit_of(b).is_some_and(|x| (x - b.amount).abs() <= 1e-12 * x.max(b.amount))
}

/// Checks that patients have the covariates that doses are multiplied by; loading doses are of the arms' kind.
pub(super) fn body_size(regimen: &Regimen, population: &Population, report: &mut Report) {
    let taken = population.rows.as_ref().map(|rows| &rows.columns);
    if taken.is_some_and(Vec::is_empty) {
        return; // The columns are known when the file is read.
    }
    let drawn = population.covariates.iter().map(|covariate| &covariate.name.value);
    let derived = population.derived.iter().map(|covariate| &covariate.name.value);
    let names: Vec<&String> =
        drawn.chain(derived).chain(taken.into_iter().flatten().map(|name| &name.value)).collect();
    for Spanned { value: dose, span } in &regimen.arms {
        let Some(covariate) = dose.per.covariate() else { continue };
        if !names.iter().any(|name| *name == covariate) {
            let dose = dose.text.clone();
            report.add_if_complete(span, ScheduleError::NoBodySize { dose, covariate });
        }
    }
}

fn bioavailability(name: &Spanned<BioavailabilityName>) -> Spanned<Bioavailability> {
    let value = match name.value {
        BioavailabilityName::Amount => Bioavailability::Amount,
        BioavailabilityName::Rate => Bioavailability::Rate,
    };
    Spanned { value, span: name.span.clone() }
}

fn infusion(table: &RegimenTable, section: &Section, report: &mut Report) -> Option<Spanned<Infusion>> {
    match (&table.infusion, &table.rate) {
        (Some(_), Some(rate)) => {
            report.conflict(&rate.span, "infusion", "rate");
            None
        }
        (Some(text), None) => {
            let value = match text.value.as_str() {
                "bolus" => Infusion::Bolus,
                "model" => Infusion::Model,
                _ => match report.time(text)? {
                    0 => Infusion::Bolus,
                    duration => Infusion::Duration(duration),
                },
            };
            Some(Spanned { value, span: text.span.clone() })
        }
        (None, Some(text)) => {
            let (amount_per_hour, unit) = report.quantity(text, quantity::rate)?;
            if amount_per_hour == 0.0 {
                report.add(&text.span, ScheduleError::NoRate);
            }
            Some(Spanned { value: Infusion::Rate { amount_per_hour, unit }, span: text.span.clone() })
        }
        (None, None) => Some(Spanned { value: Infusion::Bolus, span: section.span.clone() }),
    }
}

/// Times of the doses, and when the last cycle ends if they come in cycles.
fn doses(table: &RegimenTable, report: &mut Report) -> Option<(Vec<Ticks>, Option<Ticks>)> {
    match (&table.every, &table.cycles, &table.times) {
        (Some(_), _, Some(times)) => {
            report.conflict(&times.span, "every", "times");
            None
        }
        (_, Some(_), Some(times)) => {
            report.conflict(&times.span, "cycles", "times");
            None
        }
        (Some(every), Some(cycles), None) => {
            let text = &every.value;
            let every = interval("every", every, report);
            let count = report.count("cycles", cycles, [1, MAX_TIMES])?;
            let every = every?;
            let Some(end) = every.checked_mul(count) else {
                report.add(&cycles.span, ScheduleError::TooLong { cycles: count, every: text.clone() });
                return None;
            };
            Some(((0..count).map(|cycle| cycle * every).collect(), Some(end)))
        }
        (Some(every), None, None) => {
            report.needs(&every.span, "every", "cycles");
            None
        }
        (None, Some(cycles), None) => {
            report.needs(&cycles.span, "cycles", "every");
            None
        }
        (None, None, Some(times)) => Some((increasing("times", times, report)?, None)),
        (None, None, None) => Some((vec![0], None)),
    }
}

fn loading(
    table: &Spanned<LoadingTable>,
    arms: &[Spanned<Dose>],
    doses: Option<usize>,
    report: &mut Report,
) -> Option<Loading> {
    let LoadingTable { doses: count, dose, factor } = &table.value;
    let loading = count.as_ref().map_or(Some(1), |number| report.count("doses", number, [1, MAX_TIMES]));
    let amount = match (dose, factor) {
        (Some(_), Some(factor)) => {
            report.conflict(&factor.span, "dose", "factor");
            None
        }
        (Some(text), None) => modify::of_arms_kind(text, arms, report).map(LoadingAmount::Dose),
        (None, Some(factor)) => report.not_negative("factor", factor).map(LoadingAmount::Factor),
        (None, None) => {
            let section = Section::new("regimen.loading", &table.span);
            report.required("dose", dose, &section);
            None
        }
    };
    if let (Some(loading), Some(doses)) = (loading, doses)
        && loading as usize > doses
    {
        let span = count.as_ref().map_or(&table.span, |count| &count.span);
        report.add(span, ScheduleError::LoadingTooMany { loading, doses });
    }
    Some(Loading { doses: loading?, amount: amount? })
}

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
    let dose = regimen.and_then(|regimen| regimen.regimen.times.last().copied()).unwrap_or(0);
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
