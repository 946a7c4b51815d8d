//! Endpoints: the keys that each statistic takes, and times within the run.

use std::ops::Range;

use super::super::columns as names;
use super::super::endpoint::END_OF_RECORDS;
use super::super::raw::{AfterLeavingName, EndpointTable, ObserveName, ReadOnName, Text};
use super::super::report::{Report, Section};
use super::super::spanned::{Entries, Spanned};
use super::super::statistic::{StatisticKey, Takes};
use super::super::value::Pair;
use super::super::{AtTime, Endpoint, ReadOn, Statistic, StatisticKind, Taken, Ticks, Visits, quantity};
use super::errors::EndpointError;
use super::{columns, general};

/// The times at which endpoints are looked at.
#[derive(Clone, Copy)]
pub(super) enum Times<'a> {
    /// Those of a run, as far as its visits are known.
    OfRun(Option<&'a Visits>),
    /// Those of a data set, whose end is not known: there are no visits.
    OfData,
}

impl<'a> Times<'a> {
    fn visits(self) -> Option<&'a Visits> {
        match self {
            Self::OfRun(visits) => visits,
            Self::OfData => None,
        }
    }

    fn is_of_data(self) -> bool {
        matches!(self, Self::OfData)
    }

    /// The window of an endpoint that does not say it.
    fn whole(self) -> [Ticks; 2] {
        match self {
            // Where the visits are wrong the rest is still looked at.
            Self::OfRun(visits) => [0, visits.map_or(0, |visits| visits.until)],
            Self::OfData => [0, END_OF_RECORDS],
        }
    }
}

pub(super) fn check(
    table: Option<&Entries<Spanned<EndpointTable>>>,
    times: Times<'_>,
    report: &mut Report,
) -> Vec<Endpoint> {
    let tables = table.iter().flat_map(|table| &table.0);
    tables.filter_map(|(name, table)| endpoint(name, table, times, report)).collect()
}

fn endpoint(
    name: &Text,
    table: &Spanned<EndpointTable>,
    times: Times<'_>,
    report: &mut Report,
) -> Option<Endpoint> {
    columns::name(name, report);
    let visits = times.visits();
    let own = [names::ID, names::REPLICATE];
    if times.is_of_data() && own.iter().any(|own| own.eq_ignore_ascii_case(&name.value)) {
        report.add(&name.span, EndpointError::OwnColumn { name: name.value.clone() });
    }
    let section = Section::new(format!("endpoints.{}", name.value), &table.span);
    let table = &table.value;
    let of = report.required("of", &table.of, &section).map(|of| report.unquoted(of));
    let statistic = report.required("statistic", &table.statistic, &section).cloned();
    let kind = statistic.as_ref().map(|statistic| statistic.value.0);
    let statistic = kind.and_then(|kind| self::statistic(kind, table, &section, visits, report));
    let on = match times.is_of_data() {
        true => curve_of_data(table, kind, report),
        false => read_on(table, kind, report),
    };
    let window = match &table.window {
        Some(window) => self::window(window, on, visits, report),
        None => Some(times.whole()),
    };
    let scale = table.scale.as_ref().and_then(|scale| report.positive("scale", scale));
    Some(Endpoint {
        name: name.clone(),
        of: of?,
        statistic: statistic?,
        window: window?,
        on,
        is_on_said: table.on.is_some(),
        follows: follows(table, on, report),
        with_error: with_error(table),
        unit: table.unit.clone(),
        description: table.description.clone(),
        scale,
    })
}

/// Whether it goes on after the patient has left. What is read continuously cannot end there.
fn follows(table: &EndpointTable, on: ReadOn, report: &mut Report) -> bool {
    let after = table.after_leaving.as_ref();
    if let Some(after) =
        after.filter(|after| on == ReadOn::Continuous && after.value == AfterLeavingName::End)
    {
        report.add(&after.span, EndpointError::GoesOn);
    }
    on == ReadOn::Continuous || after.is_some_and(|after| after.value == AfterLeavingName::Follow)
}

fn with_error(table: &EndpointTable) -> bool {
    table.observe.as_ref().is_some_and(|observe| observe.value == ObserveName::WithError)
}

fn read_on(table: &EndpointTable, kind: Option<&StatisticKind>, report: &mut Report) -> ReadOn {
    let Some(on) = table.on.as_ref().filter(|on| on.value == ReadOnName::Continuous) else {
        return ReadOn::Visits;
    };
    if let Some(kind) = kind.filter(|kind| !kind.takes.takes(StatisticKey::On)) {
        report.add(&on.span, EndpointError::NotContinuous { statistic: kind.name });
    } else if with_error(table) {
        report.add(&on.span, EndpointError::ErrorBetweenVisits);
    }
    ReadOn::Continuous
}

/// Beside a data set everything is of the curve.
fn curve_of_data(table: &EndpointTable, kind: Option<&StatisticKind>, report: &mut Report) -> ReadOn {
    let takes_on = kind.is_some_and(|kind| kind.takes.takes(StatisticKey::On));
    match (&table.on, kind) {
        (Some(on), Some(kind)) if !takes_on => {
            report.add(&on.span, EndpointError::NotContinuous { statistic: kind.name });
        }
        (Some(on), _) if on.value == ReadOnName::Visits => {
            report.add(&on.span, EndpointError::NoVisitsOfData);
        }
        _ => {}
    }
    if let Some(observe) = table.observe.as_ref().filter(|_| with_error(table)) {
        report.add(&observe.span, EndpointError::ErrorOfData);
    }
    if let (Some(kind), Some(statistic)) = (kind, &table.statistic)
        && matches!(kind.takes, Takes::At(AtTime::Change | AtTime::PercentChange))
    {
        report.add(&statistic.span, EndpointError::NoBaselineOfData { statistic: kind.name });
    }
    if takes_on { ReadOn::Continuous } else { ReadOn::Visits }
}

/// The statistic with its time or threshold; keys that it does not take are reported.
fn statistic(
    kind: &'static StatisticKind,
    table: &EndpointTable,
    section: &Section,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Option<Statistic> {
    let given = [
        (StatisticKey::At, table.at.as_ref().map(|at| &at.span)),
        (StatisticKey::Threshold, table.threshold.as_ref().map(|threshold| &threshold.span)),
        (StatisticKey::Window, table.window.as_ref().map(|window| &window.span)),
    ];
    for (key, span) in given.into_iter().filter_map(|(key, span)| Some((key, span?))) {
        if !kind.takes.takes(key) {
            report.add(span, EndpointError::NotItsKey { key, statistic: kind.name });
        }
    }
    let of = match kind.takes {
        Takes::Values(what) => Taken::Values(what),
        Takes::At(what) => Taken::At(what, at(table, section, visits, report)?),
        Takes::Threshold(what, side) => Taken::Threshold(what, side, threshold(table, section, report)?),
    };
    Some(Statistic { kind, of })
}

fn at(
    table: &EndpointTable,
    section: &Section,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Option<Ticks> {
    let text = report.required("at", &table.at, section)?;
    let at = report.time(text)?;
    before_end(&text.value, at, &text.span, visits, report);
    Some(at)
}

fn threshold(table: &EndpointTable, section: &Section, report: &mut Report) -> Option<Text> {
    let threshold = report.required("threshold", &table.threshold, section)?;
    general::expression("threshold", threshold, report)
}

pub(super) fn window(
    window: &Spanned<Pair<String>>,
    on: ReadOn,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Option<[Ticks; 2]> {
    let Pair([from, to]) = &window.value;
    let spanned = |text: &String| Spanned { value: text.clone(), span: window.span.clone() };
    let (first, last) = (report.time(&spanned(from)), report.time(&spanned(to)));
    let (first, last) = (first?, last?);
    if first >= last {
        report.add(&window.span, EndpointError::Window { from: from.clone(), to: to.clone() });
        return None;
    }
    before_end(to, last, &window.span, visits, report);
    let seen = |visits: &Visits| visits.times.iter().any(|time| (first..=last).contains(time));
    if on == ReadOn::Visits && visits.is_some_and(|visits| !seen(visits) && last <= visits.until) {
        report.add(&window.span, EndpointError::NoVisit { from: from.clone(), to: to.clone() });
    }
    Some([first, last])
}

/// Checks that a time lies within the run.
pub(super) fn before_end(
    text: &str,
    time: Ticks,
    span: &Range<usize>,
    visits: Option<&Visits>,
    report: &mut Report,
) {
    if let Some(visits) = visits.filter(|visits| time > visits.until) {
        let until = quantity::time_text(visits.until);
        report.add_if_complete(span, EndpointError::AfterEnd { text: text.into(), until });
    }
}
