//! What an endpoint takes of an expression over time. A statistic is a row of [`STATISTICS`]: what files may write, what
//! the schema says, which keys it takes, its unit and its meaning follow from it. How it is computed
//! follows from what keeps it: see [`AccumulatorKind`].

use std::fmt;
use std::sync::LazyLock;

use super::choice::{self, Registered};
use super::{Spanned, TICKS_PER_DAY, Ticks};
use crate::accumulator::AccumulatorKind;

/// Every statistic, in the order in which they are listed.
static STATISTICS: [StatisticKind; 16] = {
    use StatisticUnit::{Area, Fixed, OfExpression, Time};
    use {AccumulatorKind as K, AtTime as A, Side::Above, Side::Below};
    [
        StatisticKind {
            name: "min",
            doc: "Smallest value.",
            takes: Takes::Values(K::Min),
            unit: OfExpression,
            meaning: "smallest",
        },
        StatisticKind {
            name: "max",
            doc: "Largest value.",
            takes: Takes::Values(K::Max),
            unit: OfExpression,
            meaning: "largest",
        },
        StatisticKind {
            name: "time_of_min",
            doc: "First time of the smallest value.",
            takes: Takes::Values(K::TimeOfMin),
            unit: Time,
            meaning: "time of the smallest",
        },
        StatisticKind {
            name: "time_of_max",
            doc: "First time of the largest value.",
            takes: Takes::Values(K::TimeOfMax),
            unit: Time,
            meaning: "time of the largest",
        },
        StatisticKind {
            name: "value",
            doc: "Value at the time `at`.",
            takes: Takes::At(A::Value),
            unit: OfExpression,
            meaning: "at {}:",
        },
        StatisticKind {
            name: "change",
            doc: "Value at the time `at` less the value before the first dose.",
            takes: Takes::At(A::Change),
            unit: OfExpression,
            meaning: "change from baseline to {}:",
        },
        StatisticKind {
            name: "percent_change",
            doc: "The change in percent of the value before the first dose.",
            takes: Takes::At(A::PercentChange),
            unit: Fixed("%"),
            meaning: "percent change from baseline to {}:",
        },
        StatisticKind {
            name: "auc",
            doc: "Area under the curve.",
            takes: Takes::Values(K::Auc),
            unit: Area,
            meaning: "area under",
        },
        StatisticKind {
            name: "mean",
            doc: "Average over the time in the window.",
            takes: Takes::Values(K::Mean),
            unit: OfExpression,
            meaning: "mean over time of",
        },
        StatisticKind {
            name: "time_below",
            doc: "Total time below `threshold`.",
            takes: Takes::Threshold(K::TimeTrue, Below),
            unit: Time,
            meaning: "total time below {}:",
        },
        StatisticKind {
            name: "time_above",
            doc: "Total time above `threshold`.",
            takes: Takes::Threshold(K::TimeTrue, Above),
            unit: Time,
            meaning: "total time above {}:",
        },
        StatisticKind {
            name: "longest_below",
            doc: "Longest unbroken time below `threshold`.",
            takes: Takes::Threshold(K::LongestTrue, Below),
            unit: Time,
            meaning: "longest time below {}:",
        },
        StatisticKind {
            name: "longest_above",
            doc: "Longest unbroken time above `threshold`.",
            takes: Takes::Threshold(K::LongestTrue, Above),
            unit: Time,
            meaning: "longest time above {}:",
        },
        StatisticKind {
            name: "first_below",
            doc: "First time below `threshold`; null if never.",
            takes: Takes::Threshold(K::FirstTrue, Below),
            unit: Time,
            meaning: "first time below {}:",
        },
        StatisticKind {
            name: "first_above",
            doc: "First time above `threshold`; null if never.",
            takes: Takes::Threshold(K::FirstTrue, Above),
            unit: Time,
            meaning: "first time above {}:",
        },
        StatisticKind {
            name: "crossings",
            doc: "How often it comes above `threshold`.",
            takes: Takes::Threshold(K::Crossings, Above),
            unit: Fixed("1"),
            meaning: "number of times that it comes above {}:",
        },
    ]
};

/// Their names.
static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| STATISTICS.iter().map(|kind| kind.name).collect());

/// A kind of statistic.
#[derive(Debug, PartialEq)]
pub struct StatisticKind {
    /// As `statistic = "..."` names it.
    pub name: &'static str,
    /// What an editor shows.
    doc: &'static str,
    /// What it is of.
    pub(super) takes: Takes,
    /// Its unit.
    pub unit: StatisticUnit,
    /// What the column is said to hold, before the expression; `{}` is the time or the threshold.
    meaning: &'static str,
}

impl Registered for StatisticKind {
    const SCHEMA: &'static str = "Statistic";

    fn all() -> &'static [Self] {
        &STATISTICS
    }

    fn names() -> &'static [&'static str] {
        &NAMES
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        self.doc
    }
}

/// What a kind of statistic is of, and by that which keys it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// The values in a window, by what keeps it of them.
    Values(AccumulatorKind),
    /// The value at `at`.
    At(AtTime),
    /// When the expression is on this side of `threshold`, in a window, by what keeps it of that.
    Threshold(AccumulatorKind, Side),
}

impl Takes {
    /// Whether it takes a key that not every statistic takes.
    pub(super) fn takes(self, key: StatisticKey) -> bool {
        match key {
            StatisticKey::At => matches!(self, Self::At(_)),
            StatisticKey::Threshold => matches!(self, Self::Threshold(..)),
            StatisticKey::Window | StatisticKey::On => !matches!(self, Self::At(_)),
        }
    }
}

/// A key that not every statistic takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatisticKey {
    /// `at`
    At,
    /// `threshold`
    Threshold,
    /// `window`
    Window,
    /// `on`
    On,
}

impl fmt::Display for StatisticKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::At => "at",
            Self::Threshold => "threshold",
            Self::Window => "window",
            Self::On => "on",
        })
    }
}

impl StatisticKey {
    /// Names of the statistics that take it, as a list of words.
    pub(super) fn taken_by(self) -> String {
        let kinds = STATISTICS.iter().filter(|kind| kind.takes.takes(self));
        choice::listed(&kinds.map(|kind| kind.name).collect::<Vec<_>>())
    }
}

/// Statistics of the value at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtTime {
    /// The value.
    Value,
    /// The value less that before the first dose.
    Change,
    /// The same in percent of the value before the first dose.
    PercentChange,
}

/// The side of its threshold on which an expression is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Below it.
    Below,
    /// Above it.
    Above,
}

/// Unit of a statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatisticUnit {
    /// That of the expression.
    OfExpression,
    /// That of time in the model.
    Time,
    /// This one.
    Fixed(&'static str),
    /// That of the expression times that of time, unless the endpoint asks for the area's own.
    Area,
}

/// A statistic of an endpoint: its kind, with its time or threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistic {
    /// Its kind.
    pub kind: &'static StatisticKind,
    /// What is taken.
    pub of: Taken,
}

/// What a statistic takes of an expression over time.
#[derive(Debug, Clone, PartialEq)]
pub enum Taken {
    /// Of the values in the endpoint's window.
    Values(AccumulatorKind),
    /// Of the value at this time.
    At(AtTime, Ticks),
    /// Of when the expression is on this side of a threshold expression, in the endpoint's window.
    Threshold(AccumulatorKind, Side, Spanned<String>),
}

impl Statistic {
    /// The largest value.
    pub(crate) fn largest() -> Self {
        let [_, kind, ..] = &STATISTICS;
        Self { kind, of: Taken::Values(AccumulatorKind::Max) }
    }

    /// What the column is said to hold, before the expression.
    pub fn meaning(&self) -> String {
        let of = match &self.of {
            Taken::Values(_) => return self.kind.meaning.into(),
            Taken::At(_, at) => format!("{} day", f64::from(*at) / TICKS_PER_DAY),
            Taken::Threshold(_, _, threshold) => threshold.value.clone(),
        };
        self.kind.meaning.replace("{}", &of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statistic_has_a_name_of_its_own_and_says_what_it_takes() {
        for (i, kind) in STATISTICS.iter().enumerate() {
            assert!(STATISTICS[..i].iter().all(|other| other.name != kind.name), "{}", kind.name);
            let has_argument = !matches!(kind.takes, Takes::Values(_));
            assert_eq!(kind.meaning.contains("{}"), has_argument, "{}", kind.name);
            assert!(!kind.doc.is_empty(), "{}", kind.name);
        }
    }
}
