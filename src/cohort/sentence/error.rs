//! What can be wrong with a dosing sentence, and with when doses are given.

use thiserror::Error;

use super::words;
use crate::cohort::quantity::QuantityError;
use crate::cohort::validate::MAX_TIMES;
use crate::diagnostic::{Cause, did_you_mean};

/// What is wrong with a dosing sentence, or with the table that says the same.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SentenceError {
    /// A quantity in it.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// Nothing is said.
    #[error("{}", if *after_then { "nothing follows `then`" } else { "the dosing sentence is empty" })]
    Empty {
        /// Whether there is a part before it.
        after_then: bool,
    },
    /// A word without a meaning here.
    #[error("`{word}` means nothing in a dosing sentence")]
    Unknown {
        /// The word.
        word: String,
    },
    /// A word that needs another after it.
    #[error("`{after}` does not say {what}")]
    Incomplete {
        /// The word.
        after: String,
        /// `of which drug`.
        what: &'static str,
        /// How it would be right.
        example: &'static str,
    },
    /// Two clauses of one kind.
    #[error("{what} is said twice")]
    Twice {
        /// `how often`.
        what: &'static str,
    },
    /// Not a whole number of something.
    #[error("`{text}` is not a whole number of {of}, 1 or more")]
    NotCount {
        /// As written.
        text: String,
        /// `doses`, `cycles`.
        of: &'static str,
    },
    /// A count of doses or of cycles.
    #[error("`x {count}` may be {count} cycles or {count} doses")]
    Ambiguous {
        /// The number.
        count: u32,
    },
    /// An interval without a unit, as `q24`.
    #[error("`{text}` does not say in which unit of time")]
    NoUnit {
        /// As written.
        text: String,
    },
    /// Days that do not increase.
    #[error("day {day} does not come after the day before it")]
    DaysNotIncreasing {
        /// The day.
        day: u32,
    },
    /// A parenthesis that is not closed.
    #[error("the parenthesis is not closed")]
    NotClosed,
    /// An end that only a patient's course says.
    #[error("doses cannot go on until `{text}`")]
    Until {
        /// As written.
        text: String,
    },
    /// A day that a cycle does not have.
    #[error("a cycle of {cycle} has no day {day}")]
    NoSuchDay {
        /// The day.
        day: u32,
        /// Length of the cycle.
        cycle: String,
    },
    /// An interval longer than a day, on days.
    #[error("every {every} is longer than a day, and doses are given on certain days")]
    LongerThanADay {
        /// The interval.
        every: String,
    },
    /// Doses that go on without an interval.
    #[error("it is not said how far apart the doses are")]
    NoInterval,
    /// An interval without an end.
    #[error("it is not said how long doses go on")]
    NoLength,
    /// Days that are given once, and a length.
    #[error("these doses are given once")]
    Once,
    /// Doses up to the end of a run of which nothing says when that is.
    #[error("nothing says when the run ends, up to which doses go on")]
    NoEnd,
    /// A part that may not be known to begin.
    #[error("nothing says how long after the dose before `then` this begins")]
    NoStart,
    /// A part that begins before the one before it is over.
    #[error("this begins at {start}, and the dose before it is given at {before}")]
    Overlap {
        /// When it begins.
        start: String,
        /// The last dose before it.
        before: String,
    },
    /// A part of a sentence after one that goes on to the end.
    #[error("what is before `then` goes on until the end of the run")]
    AfterTheEnd,
    /// No dose at all.
    #[error("no dose is given: they would begin at {start} and end before {end}")]
    Nothing {
        /// When they begin.
        start: String,
        /// The time before which they end.
        end: String,
    },
    /// A steady state of doses that come once.
    #[error("these doses have no steady state: they do not come again and again")]
    SteadyOnce,
    /// A steady state of doses that come after others.
    #[error("what follows `then` is not at steady state: the doses before it are others")]
    SteadyAfter,
    /// A steady state of doses that begin after a gap.
    #[error("doses at steady state are given every {period} before time 0, and these begin at {start}")]
    SteadyLate {
        /// When they begin.
        start: String,
        /// From one to the next.
        period: String,
    },
    /// More than anyone means.
    #[error("there are more than {MAX_TIMES} doses")]
    TooMany,
    /// Too late for a tick.
    #[error("the doses take longer than 136 years, the longest time there is")]
    TooLong,
}

impl Cause for SentenceError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Quantity(error) => return error.help(),
            Self::Empty { .. } => "write it as in \"100 mg over 2 h q24h x 7 then 50 mg q12h x 20\"".into(),
            Self::Unknown { word } => did_you_mean(word, words::known()).unwrap_or_else(|| {
                "an amount comes first, then `of` a drug, `into` a state, `over` a time or `at` a rate, `q12h`, `daily`, \
                 `bid`, `weekly`, `on days 1, 8 of 21-day cycles`, `4 weeks on 2 weeks off`, `x 6`, `for 12 weeks`, \
                 `until end`, `after 7 days`, `from day 8` or `at steady state`"
                    .into()
            }),
            Self::Incomplete { example, .. } => format!("write it as in \"{example}\""),
            Self::Twice { .. } => "divide what is given one after the other by `then`".into(),
            Self::NotCount { .. } => "write it as in `x 6`, `x 6 doses` or `for 6 cycles`".into(),
            Self::Ambiguous { count } => format!("write `for {count} cycles` or `for {count} doses`"),
            Self::NoUnit { text } => format!("write `{text}h`, `{text}d` or `{text}w`"),
            Self::DaysNotIncreasing { .. } => "write days in increasing order, each once".into(),
            Self::NotClosed => "close it by `)`".into(),
            Self::Until { .. } => {
                "write `until end` for the end of the run, a time as in `until 84 days`, and as rules of dosing what \
                 ends treatment sooner"
                    .into()
            }
            Self::NoSuchDay { .. } => "write a longer cycle, or fewer days".into(),
            Self::LongerThanADay { .. } => "leave the interval out: each day has one dose then".into(),
            Self::NoInterval => "say it as in `q3w`, `daily` or `bid`".into(),
            Self::NoLength => "say it as in `x 6`, `for 6 cycles`, `for 12 weeks` or `until end`".into(),
            Self::Once => "for doses that come again say of how long a cycle, as in `on days 1, 8 of 21-day cycles`".into(),
            Self::NoEnd => "add `until = \"...\"` to [visits]".into(),
            Self::NoStart => "say it as in `after 7 days` or `from day 8`".into(),
            Self::Overlap { .. } => {
                "begin it later, or write it as a sentence of its own where both are given at a time".into()
            }
            Self::AfterTheEnd => "say how long that goes on, as in `x 6` or `for 12 weeks`".into(),
            Self::SteadyOnce => "say how often, as in `100 mg q24h x 7 at steady state`, or leave it out".into(),
            Self::SteadyAfter => "say it of what comes first, or leave it out".into(),
            Self::SteadyLate { .. } => "begin within the first interval, or the first cycle with time 0".into(),
            Self::Nothing { .. } | Self::TooMany | Self::TooLong => return None,
        })
    }
}
