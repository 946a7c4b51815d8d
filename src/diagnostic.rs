//! What a user reads when something is wrong: the cause, the place, and what to do.

use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::stop::Signal;

/// A text that came from a file, kept so that errors can point into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as the user gave it.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// A source from its name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }
}

/// A stretch of a source, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file it lies in.
    pub source: Arc<Source>,
    /// Byte range within the text.
    pub span: Range<usize>,
}

impl Place {
    /// A place from its source and byte range.
    pub fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// Line and column of the start, both counted from 1 (columns in characters).
    pub fn line_column(&self) -> (usize, usize) {
        let before = &self.source.text[..self.span.start.min(self.source.text.len())];
        let line = before.bytes().filter(|&b| b == b'\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
        (line, column)
    }
}

/// One cause of failure: its message is the `Display` text, and it may say what to do.
pub trait Cause: Error + Send + Sync + 'static {
    /// What the user can do about it.
    fn help(&self) -> Option<String> {
        None
    }

    /// Commands that help, for a shell as they are.
    fn commands(&self) -> &[String] {
        &[]
    }

    /// Whether what was given or asked for is wrong, and not the machine.
    fn is_of_input(&self) -> bool {
        true
    }

    /// The signal, if it is that one came.
    fn signal(&self) -> Option<Signal> {
        None
    }
}

/// One thing that is wrong, with the place where it is.
#[derive(Debug)]
pub struct Problem {
    /// What is wrong.
    pub cause: Box<dyn Cause>,
    /// Where, if it is in a file.
    pub place: Option<Place>,
}

impl Problem {
    /// A problem at a place.
    pub fn at(cause: impl Cause, place: Place) -> Self {
        Self { cause: Box::new(cause), place: Some(place) }
    }

    /// A problem that lies in no file.
    pub fn new(cause: impl Cause) -> Self {
        Self { cause: Box::new(cause), place: None }
    }
}

impl fmt::Display for Problem {
    /// One line: `file:line:column: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            let (line, column) = place.line_column();
            write!(f, "{}:{line}:{column}: ", place.source.name)?;
        }
        write!(f, "{}", self.cause)
    }
}

/// Everything that is wrong with an input: at least one problem.
#[derive(Debug)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Whether anything of it is of what was given or asked for.
    pub fn is_of_input(&self) -> bool {
        self.0.iter().any(|problem| problem.cause.is_of_input())
    }

    /// The signal, if one came.
    pub fn signal(&self) -> Option<Signal> {
        self.0.iter().find_map(|problem| problem.cause.signal())
    }

    /// `Ok(value)` if nothing was found, else all that was.
    pub fn none_or<T>(problems: Vec<Problem>, value: T) -> Result<T, Self> {
        if problems.is_empty() { Ok(value) } else { Err(Self(problems)) }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl<C: Cause> From<C> for Problems {
    fn from(cause: C) -> Self {
        Problem::new(cause).into()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl Error for Problems {}

/// How much a notice weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Results may not be what is meant.
    Warning,
    /// Good to know.
    Note,
}

impl Weight {
    /// As it is written in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Something to know of an input that can be used all the same: said before a run, and kept in its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How much it weighs.
    pub weight: Weight,
    /// What it is.
    pub message: String,
    /// What can be done about it.
    pub help: Option<String>,
    /// Where, if it is in a file.
    pub place: Option<Place>,
}

impl Notice {
    /// That results may not be what is meant.
    pub fn warning(cause: &impl Cause, place: Option<Place>) -> Self {
        Self { weight: Weight::Warning, message: cause.to_string(), help: cause.help(), place }
    }

    /// Something that is good to know.
    pub fn note(cause: &impl Cause, place: Option<Place>) -> Self {
        Self { weight: Weight::Note, ..Self::warning(cause, place) }
    }
}

/// Letters of the longest name for which a similar one is looked for.
const LONGEST_MISSPELT: usize = 64;

/// A text for a terminal: what would act on it, as an escape sequence does, is replaced by as many bytes.
pub fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        '\r' => ' ',
        _ if !c.is_control() && !is_of_direction(c) => c,
        _ => match c.len_utf8() {
            1 => '?',
            2 => '\u{bf}',
            _ => '\u{fffd}',
        },
    };
    text.chars().map(shown).collect()
}

/// Whether a character turns the direction of text, ends its line, or is not seen.
fn is_of_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// `; did you mean "x"?` for the candidate nearest to a misspelt name, else nothing.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    candidates
        .into_iter()
        .filter(|c| name.len().max(c.len()) <= LONGEST_MISSPELT)
        .map(|c| (strsim::damerau_levenshtein(&name.to_lowercase(), &c.to_lowercase()), c))
        .filter(|&(distance, c)| distance <= 1 + c.len().min(name.len()) / 3)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, c)| format!("did you mean `{c}`?"))
}
