//! Doses as a protocol says them: `"100 mg over 2 h q24h x 7 then 50 mg q12h x 20"`.
//!
//! A sentence is read into [`Part`]s, into which tables of doses are read, too; [`timetable`] makes times of what they
//! say, and [`print`] writes them again as a sentence.

mod error;
mod parse;
mod print;
pub(super) mod timetable;
mod words;

use std::ops::Range;

use super::spanned::Spanned;
use super::{Dose, Infusion, Ticks};
use crate::unit::Unit;

pub use error::SentenceError;
pub(super) use parse::{is_sentence, parse, unit_of_amount};
pub(super) use print::print;

/// The dose of an arm that is called by what is given in it: alone, or once in a sentence, by which it is then called.
pub(crate) fn dose_of_label(label: &str) -> Option<Dose> {
    let parts = parse(label).ok()?;
    let [Part { amount: Some(Spanned { value: Written::Dose(dose), .. }), drug: None, .. }] =
        parts.as_slice()
    else {
        return None;
    };
    Some(Dose { text: label.into(), ..dose.clone() })
}

/// What is said of doses of one kind: what a sentence says between one `then` and the next, or a table of doses.
/// Places are in the sentence, or in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Part {
    /// How much.
    pub(super) amount: Option<Spanned<Written>>,
    /// Of which drug.
    pub(super) drug: Option<Spanned<String>>,
    /// States that receive it.
    pub(super) into: Vec<Spanned<String>>,
    /// How it enters.
    pub(super) infusion: Option<Spanned<Infusion>>,
    /// When.
    pub(super) when: When,
    /// All of it.
    pub(super) span: Range<usize>,
}

impl Part {
    /// The same in another text, in which every place lies elsewhere.
    pub(super) fn placed(mut self, place: &dyn Fn(Range<usize>) -> Range<usize>) -> Self {
        fn move_to<T>(value: &mut Option<Spanned<T>>, place: &dyn Fn(Range<usize>) -> Range<usize>) {
            if let Some(value) = value {
                value.span = place(value.span.clone());
            }
        }
        if let Some(Spanned { value: Written::Expression { text, .. }, .. }) = &mut self.amount {
            text.span = place(text.span.clone());
        }
        move_to(&mut self.amount, place);
        move_to(&mut self.drug, place);
        move_to(&mut self.infusion, place);
        move_to(&mut self.when.every, place);
        move_to(&mut self.when.within, place);
        move_to(&mut self.when.times, place);
        move_to(&mut self.when.length, place);
        move_to(&mut self.when.start, place);
        move_to(&mut self.when.steady, place);
        for name in &mut self.into {
            name.span = place(name.span.clone());
        }
        Self { span: place(self.span.clone()), ..self }
    }
}

/// An amount as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Written {
    /// A number, for the patient or for its size.
    Dose(Dose),
    /// An expression over covariates.
    Expression {
        /// The expression.
        text: Spanned<String>,
        /// Its unit.
        unit: Unit,
    },
}

/// When doses are given.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct When {
    /// The time from one dose to the next, above 0.
    pub(super) every: Option<Spanned<Ticks>>,
    /// On which days, or for how long, of how long a cycle.
    pub(super) within: Option<Spanned<Within>>,
    /// The times themselves, increasing, since the start.
    pub(super) times: Option<Spanned<Vec<Ticks>>>,
    /// How long it goes on.
    pub(super) length: Option<Spanned<Length>>,
    /// When it begins; otherwise at time 0, or where what is before it ends.
    pub(super) start: Option<Spanned<Start>>,
    /// Whether they have been given for so long before time 0 that nothing changes any more from one to the next.
    pub(super) steady: Option<Spanned<bool>>,
}

impl When {
    /// The same as far as it says when doses are given from time 0 on.
    pub(super) fn since_start(&self) -> Self {
        Self { steady: None, ..self.clone() }
    }
}

/// Where in a cycle doses are given.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Within {
    /// On these days, 1 the first, increasing, of cycles that are so long; without a length once.
    Days {
        /// The days.
        days: Vec<u32>,
        /// Length of a cycle.
        cycle: Option<Ticks>,
    },
    /// For so long, and then for so long not.
    OnOff {
        /// With doses.
        on: Ticks,
        /// Without.
        off: Ticks,
    },
}

/// How long doses go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// So many doses.
    Doses(u32),
    /// So many cycles.
    Cycles(u32),
    /// So long, the end not included.
    For(Ticks),
    /// Up to this time since time 0, which is not included.
    Until(Ticks),
    /// Up to the end of the run.
    End,
}

/// When doses begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// So long after they would begin otherwise.
    After(Ticks),
    /// On this day, 1 the first.
    Day(u32),
}

#[cfg(test)]
mod tests;
