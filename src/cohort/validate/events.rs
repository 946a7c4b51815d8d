//! Events: when they happen, and what follows.

use thiserror::Error;

use super::super::raw::{ConsequenceName, EventTable, Text};
use super::super::report::{Report, Section};
use super::super::spanned::{Entries, Spanned};
use super::super::{Chance, Consequence, Event};
use super::{columns, general};
use crate::diagnostic::Cause;

/// Names that conditions know: words of the language, and those of the course of a patient.
const NAMES_OF_CONDITIONS: [&str; 25] = [
    "pi",
    "if",
    "else",
    "function",
    "for",
    "while",
    "repeat",
    "break",
    "next",
    "in",
    "t",
    "time",
    "day",
    "days_since_dose",
    "days_held",
    "doses_given",
    "holds",
    "reductions",
    "skips",
    "cycle",
    "relative_dose",
    "on_treatment",
    "on_study",
    "dlt",
    "progressed",
];

/// What can be wrong with an event.
#[derive(Debug, Error)]
pub enum EventError {
    /// A name that means something else where events are named.
    #[error("`{name}` means something else in conditions")]
    Reserved {
        /// The name.
        name: String,
    },
    /// Nothing says when it happens.
    #[error("nothing says when `{name}` happens")]
    NoChance {
        /// The event.
        name: String,
    },
}

impl Cause for EventError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Reserved { .. } => "choose another name".into(),
            Self::NoChance { .. } => "add `cumulative_hazard`, or `probability` and `onset`".into(),
        })
    }
}

pub(super) fn check(table: Option<&Entries<Spanned<EventTable>>>, report: &mut Report) -> Vec<Event> {
    let tables = table.iter().flat_map(|table| &table.0);
    tables.filter_map(|(name, table)| event(name, table, report)).collect()
}

fn event(name: &Text, table: &Spanned<EventTable>, report: &mut Report) -> Option<Event> {
    columns::name(name, report);
    if NAMES_OF_CONDITIONS.contains(&name.value.as_str()) {
        report.add(&name.span, EventError::Reserved { name: name.value.clone() });
    }
    let section = Section::new(format!("events.{}", name.value), &table.span);
    let table = &table.value;
    let then = match table.then.as_ref().map(|then| then.value) {
        None | Some(ConsequenceName::Leave) => Consequence::Leave,
        Some(ConsequenceName::Stop) => Consequence::Stop,
        Some(ConsequenceName::Nothing) => Consequence::Nothing,
    };
    Some(Event {
        name: name.clone(),
        description: table.description.clone(),
        chance: chance(name, table, &section, report)?,
        then,
        progression: table.progression.unwrap_or(false),
    })
}

fn chance(name: &Text, table: &EventTable, section: &Section, report: &mut Report) -> Option<Chance> {
    let EventTable { cumulative_hazard, probability, onset, .. } = table;
    match (cumulative_hazard, probability, onset) {
        (Some(_), Some(probability), _) => {
            report.conflict(&probability.span, "cumulative_hazard", "probability");
            None
        }
        (Some(_), None, Some(onset)) => {
            report.conflict(&onset.span, "cumulative_hazard", "onset");
            None
        }
        (Some(hazard), None, None) => Some(Chance::CumulativeHazard(report.unquoted(hazard))),
        (None, Some(probability), Some(onset)) => Some(Chance::Once {
            probability: general::probability("probability", probability, report)?,
            onset: report.unquoted(onset),
        }),
        (None, Some(probability), None) => {
            report.needs(&probability.span, "probability", "onset");
            None
        }
        (None, None, Some(onset)) => {
            report.needs(&onset.span, "onset", "probability");
            None
        }
        (None, None, None) => {
            report.add_if_complete(&section.span, EventError::NoChance { name: name.value.clone() });
            None
        }
    }
}
