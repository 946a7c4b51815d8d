//! What can be wrong with a model file: one variant per cause, and what to do about it.

mod equations;
mod expression;
mod file;
mod ini;
mod metadata;
mod notice;
mod syntax;

pub use equations::EquationError;
pub use expression::ExpressionError;
pub use file::FileError;
pub use ini::IniError;
pub use metadata::MetadataError;
pub use notice::ModelNotice;
pub use syntax::SyntaxError;

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Cause, Notice, Place, Problem, Problems, Source};

/// Collects problems while a text is read.
#[derive(Debug)]
pub(super) struct Report {
    source: Arc<Source>,
    /// Where the text lies in its source: spans are shifted into it and end with it.
    within: Range<usize>,
    problems: Vec<Problem>,
    notices: Vec<Notice>,
}

impl Report {
    /// For a text that lies at `within` in `source`.
    pub(super) fn new(source: &Arc<Source>, within: Range<usize>) -> Self {
        Self { source: Arc::clone(source), within, problems: Vec::new(), notices: Vec::new() }
    }

    /// Adds a problem at a span of the text.
    pub(super) fn add(&mut self, span: &Range<usize>, cause: impl Cause) {
        let place = self.place(span);
        self.problems.push(Problem::at(cause, place));
    }

    /// Adds a warning: results may not be what is meant.
    pub(super) fn warn(&mut self, span: &Range<usize>, cause: &impl Cause) {
        self.notices.push(Notice::warning(cause, Some(self.place(span))));
    }

    /// Adds a note: good to know.
    pub(super) fn note(&mut self, span: &Range<usize>, cause: &impl Cause) {
        self.notices.push(Notice::note(cause, Some(self.place(span))));
    }

    /// Makes a note of R that the language leaves out where it does no harm; whether no other problem begins there.
    pub(super) fn forgive(&mut self, is_harmless: impl Fn(usize) -> bool, cause: &impl Cause) -> bool {
        let mut only_forgiven = true;
        let mut notes = Vec::new();
        self.problems.retain_mut(|problem| {
            let begins = problem.place.as_ref().map_or(0, |place| place.span.start);
            if !is_harmless(begins) {
                return true;
            }
            let error: &dyn std::error::Error = &*problem.cause;
            let is_forgiven = error.downcast_ref().is_some_and(SyntaxError::is_of_r);
            only_forgiven &= is_forgiven;
            if is_forgiven {
                notes.push(Notice::note(cause, problem.place.take()));
            }
            !is_forgiven
        });
        self.notices.extend(notes);
        only_forgiven
    }

    /// The warnings and notes so far.
    pub(super) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let shift = |byte: usize| (self.within.start + byte).min(self.within.end);
        Place::new(&self.source, shift(span.start)..shift(span.end))
    }

    /// How many problems there are.
    pub(super) fn count(&self) -> usize {
        self.problems.len()
    }

    /// The value if there was no problem, else all problems in the order of the text.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Problems> {
        if self.problems.is_empty() { Ok(value) } else { Err(self.into_problems()) }
    }

    /// All problems in the order of the text.
    pub(super) fn into_problems(mut self) -> Problems {
        self.problems.sort_by_key(|p| p.place.as_ref().map_or(0, |place| place.span.start));
        Problems(self.problems)
    }
}

/// `a, b and c`, each in backquotes.
fn list<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
