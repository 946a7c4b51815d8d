//! Reading a model file: from its path or text to a checked [`Model`].

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Problem, Problems, Source};
use crate::file_kind::{self, FileKind};

use super::Model;
use super::ast::{Argument, Expr, Kind};
use super::errors::{FileError, Report};
use super::{dimension, equations, ini, metadata, parser, variances};

/// Reads and checks a model file.
///
/// # Errors
/// Everything that is wrong with it: an unreadable file, or all problems of its text at once.
pub fn load(path: &Path) -> Result<Model, Problems> {
    let bytes = std::fs::read(path)
        .map_err(|reason| Problem::new(FileError::Unreadable { path: path.to_owned(), reason }))?;
    file_kind::check(path, &bytes, FileKind::Model).map_err(Problem::new)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|&&b| b == b'\n').count() + 1;
        Problem::new(FileError::NotUtf8 { path: path.to_owned(), line })
    })?;
    parse(&Source::new(path.display().to_string(), text))
}

/// Reads and checks the text of a model file.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn parse(source: &Arc<Source>) -> Result<Model, Problems> {
    let mut report = Report::new(source, 0..source.text.len());
    let statements = parser::statements(&source.text, &mut report);
    let Some(outline) = Outline::of(&statements, &mut report) else {
        return Err(report.into_problems());
    };
    let about = metadata::read(&outline, &source.text, &mut report);
    let mut ini = ini::read(outline.ini, &source.text, &mut report);
    let large = std::mem::take(&mut ini.large);
    let mut model = equations::read(source, &outline, &about, ini, &mut report);
    variances::check(&model, &large, &mut report);
    if report.count() == 0 {
        let analysis = dimension::analyse(&outline, &source.text, &about, &model);
        model.take_units(analysis);
    }
    report.finish(model)
}

/// The parts of a model function.
pub(super) struct Outline<'a> {
    /// Name of the function.
    pub(super) name: &'a str,
    /// Where its name stands.
    pub(super) span: Range<usize>,
    /// Assignments outside the blocks: name, its place, value.
    pub(super) metadata: Vec<(&'a str, &'a Range<usize>, &'a Expr)>,
    /// Statements of the `ini` block.
    pub(super) ini: &'a [Expr],
    /// Statements of the `model` block.
    pub(super) model: &'a [Expr],
    /// Whether every statement of the function was understood, so that a name that is missing is
    /// missing indeed.
    pub(super) complete: bool,
}

impl<'a> Outline<'a> {
    /// Finds the one model function of a file and its parts; `None` if there is none.
    fn of(statements: &'a [Expr], report: &mut Report) -> Option<Self> {
        let mut found: Option<Self> = None;
        for statement in statements.iter().filter(|s| s.kind != Kind::Invalid) {
            let Some((name, span, body)) = as_function(statement) else {
                report.add(&statement.span, FileError::OutsideFunction);
                continue;
            };
            if found.is_some() {
                report.add(span, FileError::SecondFunction { name: name.into() });
            } else {
                found = Some(Self::inside(name, span, body, report));
            }
        }
        if found.is_none() && !statements.iter().any(|s| s.kind == Kind::Invalid) {
            report.add(&(0..0), FileError::NoFunction);
        }
        found
    }

    fn inside(name: &'a str, span: &Range<usize>, body: &'a Expr, report: &mut Report) -> Self {
        let mut metadata = Vec::new();
        let (mut ini, mut model) = (None, None);
        let mut complete = true;
        for statement in body.statements() {
            match &statement.kind {
                Kind::Invalid => complete = false,
                Kind::Call(name, arguments) if name == "ini" => {
                    complete &= block("ini", statement, arguments, &mut ini, report);
                }
                Kind::Call(name, arguments) if name == "model" => {
                    complete &= block("model", statement, arguments, &mut model, report);
                }
                _ => match statement.as_assignment().and_then(|(l, r)| Some((l.as_name()?, &l.span, r))) {
                    Some(assignment) => metadata.push(assignment),
                    None => report.add(&statement.span, FileError::InsideFunction),
                },
            }
        }
        for (block, content) in [("ini", &ini), ("model", &model)] {
            if content.is_none() && complete {
                report.add(span, FileError::MissingBlock { block });
                complete = false;
            }
        }
        let (ini, model) = (ini.unwrap_or_default(), model.unwrap_or_default());
        complete &= !ini.iter().chain(model).any(broken);
        Self { name, span: span.clone(), metadata, ini, model, complete }
    }
}

/// `name <- function() body` as name, its place and body.
fn as_function(statement: &Expr) -> Option<(&str, &Range<usize>, &Expr)> {
    let (left, right) = statement.as_assignment()?;
    match &right.kind {
        Kind::Function(body) => Some((left.as_name()?, &left.span, body)),
        _ => None,
    }
}

/// Takes the statements of `ini({ ... })` or `model({ ... })`; false if there are none to take.
fn block<'a>(
    block: &'static str,
    statement: &Expr,
    arguments: &'a [Argument],
    content: &mut Option<&'a [Expr]>,
    report: &mut Report,
) -> bool {
    if content.is_some() {
        report.add(&statement.span, FileError::SecondBlock { block });
        return true;
    }
    match arguments {
        [Argument { name: None, value: Expr { kind: Kind::Block(statements), .. } }] => {
            *content = Some(statements);
            true
        }
        _ => {
            report.add(&statement.span, FileError::BlockForm { block });
            *content = Some(&[]);
            false
        }
    }
}

/// Whether a statement, or one within it, could not be parsed.
fn broken(statement: &Expr) -> bool {
    match &statement.kind {
        Kind::Invalid => true,
        Kind::Block(statements) => statements.iter().any(broken),
        Kind::If { then, otherwise, .. } => broken(then) || otherwise.as_deref().is_some_and(broken),
        _ => false,
    }
}
