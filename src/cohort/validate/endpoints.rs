//! Endpoints: the keys that each statistic takes, and times within the run.

use std::ops::Range;

use thiserror::Error;

use super::super::raw::{AfterLeavingName, EndpointTable, ObserveName, ReadOnName, StatisticName, Text};
use super::super::report::{Report, Section};
use super::super::spanned::{Entries, Spanned};
use super::super::value::Pair;
use super::super::{Endpoint, ReadOn, Statistic, Ticks, Visits, quantity};
use super::{columns, general};
use crate::diagnostic::Cause;

/// What can be wrong with an endpoint.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// A key of another statistic.
    #[error("`{key}` does not belong to the statistic `{statistic}`")]
    NotItsKey {
        /// The key.
        key: &'static str,
        /// The statistic.
        statistic: &'static str,
    },
    /// A statistic that is read at one time.
    #[error("`{statistic}` has no `on`")]
    NotContinuous {
        /// The statistic.
        statistic: &'static str,
    },
    /// Residual error has no meaning between visits.
    #[error("an endpoint with residual error is read at visits only")]
    ErrorBetweenVisits,
    /// An endpoint that is read continuously and is to end when the patient leaves.
    #[error("what is read continuously goes on after the patient has left the trial")]
    GoesOn,
    /// A time after the end of the run.
    #[error("`{text}` is after the end of the run, {until}")]
    AfterEnd {
        /// The time as written.
        text: String,
        /// The end.
        until: String,
    },
    /// A window that ends before it begins.
    #[error("the window goes from {from} to {to}: it must end after it begins")]
    Window {
        /// First time as written.
        from: String,
        /// Last time as written.
        to: String,
    },
    /// A window in which nothing is read.
    #[error("no visit lies between {from} and {to}")]
    NoVisit {
        /// First time as written.
        from: String,
        /// Last time as written.
        to: String,
    },
}

impl Cause for EndpointError {
    fn help(&self) -> Option<String> {
        match self {
            Self::NotItsKey { key, .. } => Some(
                match *key {
                    "at" => "it belongs to value, change and percent_change",
                    "threshold" => "it belongs to time_, longest_ and first_ below and above",
                    _ => "value, change and percent_change have a time `at` instead",
                }
                .into(),
            ),
            Self::NotContinuous { .. } => {
                Some("it is read at its own time, a visit or not; leave `on` out here".into())
            }
            Self::ErrorBetweenVisits => Some("leave out `on` or `observe`".into()),
            Self::GoesOn => Some("leave out `after_leaving`, or write `on = \"visits\"`".into()),
            Self::AfterEnd { .. } => Some("set a later `until` in [visits]".into()),
            Self::NoVisit { .. } => Some("widen the window, or add visits".into()),
            Self::Window { .. } => None,
        }
    }
}

impl StatisticName {
    /// Its name in the file.
    fn text(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
            Self::TimeOfMin => "time_of_min",
            Self::TimeOfMax => "time_of_max",
            Self::Value => "value",
            Self::Change => "change",
            Self::PercentChange => "percent_change",
            Self::Auc => "auc",
            Self::TimeBelow => "time_below",
            Self::TimeAbove => "time_above",
            Self::LongestBelow => "longest_below",
            Self::LongestAbove => "longest_above",
            Self::FirstBelow => "first_below",
            Self::FirstAbove => "first_above",
        }
    }
}

pub(super) fn check(
    table: Option<&Entries<Spanned<EndpointTable>>>,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Vec<Endpoint> {
    let tables = table.iter().flat_map(|table| &table.0);
    tables.filter_map(|(name, table)| endpoint(name, table, visits, report)).collect()
}

fn endpoint(
    name: &Text,
    table: &Spanned<EndpointTable>,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Option<Endpoint> {
    columns::name(name, report);
    let section = Section::new(format!("endpoints.{}", name.value), &table.span);
    let table = &table.value;
    let of = report.required("of", &table.of, &section).map(|of| report.unquoted(of));
    let statistic = report.required("statistic", &table.statistic, &section).cloned();
    let name_of_statistic = statistic.as_ref().map(|statistic| statistic.value);
    let statistic =
        statistic.and_then(|statistic| self::statistic(statistic.value, table, &section, visits, report));
    let on = read_on(table, name_of_statistic, report);
    let window = match &table.window {
        Some(window) => self::window(window, on, visits, report),
        // Where the visits are wrong the rest is still looked at.
        None => Some([0, visits.map_or(0, |visits| visits.until)]),
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

fn read_on(table: &EndpointTable, statistic: Option<StatisticName>, report: &mut Report) -> ReadOn {
    use StatisticName as S;
    let Some(on) = table.on.as_ref().filter(|on| on.value == ReadOnName::Continuous) else {
        return ReadOn::Visits;
    };
    let can = |name| !matches!(name, S::Value | S::Change | S::PercentChange);
    if let Some(statistic) = statistic.filter(|&name| !can(name)) {
        report.add(&on.span, EndpointError::NotContinuous { statistic: statistic.text() });
    } else if with_error(table) {
        report.add(&on.span, EndpointError::ErrorBetweenVisits);
    }
    ReadOn::Continuous
}

/// The statistic with its time or threshold; keys that it does not take are reported.
fn statistic(
    name: StatisticName,
    table: &EndpointTable,
    section: &Section,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Option<Statistic> {
    use StatisticName as S;
    let takes_at = matches!(name, S::Value | S::Change | S::PercentChange);
    let takes_threshold =
        !takes_at && !matches!(name, S::Min | S::Max | S::TimeOfMin | S::TimeOfMax | S::Auc);
    let at = table.at.as_ref().map(|at| &at.span);
    let threshold = table.threshold.as_ref().map(|threshold| &threshold.span);
    let window = table.window.as_ref().map(|window| &window.span);
    for (key, span, taken) in
        [("at", at, takes_at), ("threshold", threshold, takes_threshold), ("window", window, !takes_at)]
    {
        if let Some(span) = span.filter(|_| !taken) {
            report.add(span, EndpointError::NotItsKey { key, statistic: name.text() });
        }
    }
    Some(match name {
        S::Min => Statistic::Min,
        S::Max => Statistic::Max,
        S::TimeOfMin => Statistic::TimeOfMin,
        S::TimeOfMax => Statistic::TimeOfMax,
        S::Auc => Statistic::Auc,
        S::Value => Statistic::Value(self::at(table, section, visits, report)?),
        S::Change => Statistic::Change(self::at(table, section, visits, report)?),
        S::PercentChange => Statistic::PercentChange(self::at(table, section, visits, report)?),
        S::TimeBelow => Statistic::TimeBelow(self::threshold(table, section, report)?),
        S::TimeAbove => Statistic::TimeAbove(self::threshold(table, section, report)?),
        S::LongestBelow => Statistic::LongestBelow(self::threshold(table, section, report)?),
        S::LongestAbove => Statistic::LongestAbove(self::threshold(table, section, report)?),
        S::FirstBelow => Statistic::FirstBelow(self::threshold(table, section, report)?),
        S::FirstAbove => Statistic::FirstAbove(self::threshold(table, section, report)?),
    })
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
