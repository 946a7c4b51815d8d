//! Problems on the terminal, with the text they are in, and as JSON.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, Report, Severity, SourceCode};
use serde_json::{Value, json};

use super::excerpt::Excerpt;
use super::streams::tell_styled;
use crate::diagnostic::{Notice, Place, Problem, Problems, Weight, printable};

/// Problems that are shown; the others are counted.
const MOST_SHOWN: usize = 20;
/// Characters of a message.
const LONGEST: usize = 2_000;

/// Prints the problems on standard error, each with a caret under the text it is about.
pub(super) fn show(found: &Problems) {
    for problem in found.0.iter().take(MOST_SHOWN) {
        tell_styled(format_args!("{:?}", Report::new(Rendered::problem(problem))));
        for command in problem.cause.commands() {
            tell_styled(format_args!("  {}", printable(command)));
        }
    }
    match found.0.len() {
        0 | 1 => {}
        all if all <= MOST_SHOWN => tell_styled(format_args!("{all} problems found")),
        all => tell_styled(format_args!("{all} problems found, of which these are the first {MOST_SHOWN}")),
    }
}

/// Prints every notice on standard error, once.
pub(super) fn tell<'a>(notices: impl IntoIterator<Item = &'a Notice>) {
    let mut told: Vec<&Notice> = Vec::new();
    for notice in notices {
        if !told.contains(&notice) {
            tell_styled(format_args!("{:?}", Report::new(Rendered::notice(notice))));
            told.push(notice);
        }
    }
}

/// Prints every warning on standard error, once; notes are left to `vpop check` and the manifest.
pub(super) fn warn<'a>(notices: impl IntoIterator<Item = &'a Notice>) {
    tell(notices.into_iter().filter(|notice| notice.weight == Weight::Warning));
}

/// Every problem as an object: message, help, file, line and column (from 1).
pub(super) fn json(found: &Problems) -> Value {
    let object = |problem: &Problem| {
        let place = problem.place.as_ref();
        let (line, column) = place.map(|p| p.line_column()).unzip();
        json!({
            "message": problem.cause.to_string(),
            "help": problem.cause.help(),
            "commands": problem.cause.commands(),
            "file": place.map(|p| &p.source.name),
            "line": line,
            "column": column,
        })
    };
    json!({ "problems": found.0.iter().map(object).collect::<Vec<_>>() })
}

/// A problem or a notice in the form that the reporter wants.
#[derive(Debug)]
struct Rendered {
    severity: Severity,
    message: String,
    help: Option<String>,
    source: Option<Excerpt>,
}

impl Rendered {
    fn problem(problem: &Problem) -> Self {
        let Problem { cause, place } = problem;
        Self::new(Severity::Error, cause.to_string(), cause.help(), place.as_ref())
    }

    fn notice(notice: &Notice) -> Self {
        let severity = match notice.weight {
            Weight::Warning => Severity::Warning,
            Weight::Note => Severity::Advice,
        };
        Self::new(severity, notice.message.clone(), notice.help.clone(), notice.place.as_ref())
    }

    fn new(severity: Severity, message: String, help: Option<String>, place: Option<&Place>) -> Self {
        let (message, help) = (shown(&message), help.as_deref().map(shown));
        Self { severity, message, help, source: place.map(Excerpt::of) }
    }
}

/// A text as it is shown: printable, and no longer than anybody reads.
fn shown(text: &str) -> String {
    let mut shown: String = printable(text);
    if let Some((end, _)) = shown.char_indices().nth(LONGEST) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

impl fmt::Display for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Rendered {}

impl Diagnostic for Rendered {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.source.iter().map(|source| LabeledSpan::underline(source.span.clone()));
        Some(Box::new(place))
    }
}
