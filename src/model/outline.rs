//! The parts of a model file: its one model function, that function's metadata and its two blocks.
//!
//! What a file says besides is R that no model needs: it is not read, and said so.

use std::ops::Range;

use super::ast::{Argument, Expr, Kind};
use super::errors::{FileError, ModelNotice, Report};

/// The most statements of a block: names are looked up among all others.
const MOST_STATEMENTS: usize = 20_000;

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
    pub(super) fn of(statements: &'a [Expr], report: &mut Report) -> Option<Self> {
        let functions = statements.iter().filter_map(as_function);
        let has_block = |body: &Expr| body.statements().iter().any(|s| block_of(s).is_some());
        let (models, helpers): (Vec<_>, Vec<_>) = functions.partition(|(.., body)| has_block(body));
        let mut candidates = if models.is_empty() { helpers } else { models }.into_iter();
        let Some((name, span, body)) = candidates.next() else {
            if !statements.iter().any(|s| s.kind == Kind::Invalid) {
                report.add(&(0..0), FileError::NoFunction);
            }
            return None;
        };
        for (name, span, _) in candidates {
            report.add(span, FileError::SecondFunction { name: name.into() });
        }
        let is_other = |s: &&Expr| s.kind != Kind::Invalid && as_function(s).is_none();
        for statement in statements.iter().filter(is_other) {
            report.note(&statement.span, &ModelNotice::NotRead { place: "outside of the model function" });
        }
        Some(Self::inside(name, span, body, report))
    }

    /// Names that have a value somewhere: assigned in `model`, then in `ini`, then covariates.
    pub(super) fn names(&self) -> Vec<String> {
        fn assigned(statements: &[Expr], names: &mut Vec<String>) {
            for statement in statements {
                match &statement.kind {
                    Kind::Block(inner) => assigned(inner, names),
                    Kind::If { then, otherwise, .. } => {
                        assigned(then.statements(), names);
                        otherwise.iter().for_each(|o| assigned(o.statements(), names));
                    }
                    _ => {
                        let left = statement.as_assignment().and_then(|(left, _)| left.as_name());
                        names.extend(left.map(str::to_owned));
                    }
                }
            }
        }
        let mut names = Vec::new();
        assigned(self.model, &mut names);
        assigned(self.ini, &mut names);
        let covariates = self.metadata.iter().filter(|(name, ..)| *name == "covariateData");
        for (.., value) in covariates {
            if let Kind::Call(_, arguments) = &value.kind {
                names.extend(arguments.iter().filter_map(|argument| argument.name.clone()));
            }
        }
        names
    }

    fn inside(name: &'a str, span: &Range<usize>, body: &'a Expr, report: &mut Report) -> Self {
        let mut metadata = Vec::new();
        let (mut ini, mut model) = (None, None);
        let mut complete = true;
        let mut blocks = Vec::new();
        for statement in body.statements() {
            if let Some((name, arguments)) = block_of(statement) {
                let content = if name == "ini" { &mut ini } else { &mut model };
                complete &= block(name, statement, arguments, content, report);
                blocks.push(&statement.span);
                continue;
            }
            match statement.as_assignment().and_then(|(l, r)| Some((l.as_name()?, &l.span, r))) {
                Some(assignment) => metadata.push(assignment),
                None if statement.kind == Kind::Invalid => {}
                None => report.note(&statement.span, &ModelNotice::NotRead { place: "between the blocks" }),
            }
        }
        // A line of R that cannot be parsed is no matter where it only describes the model.
        let mut broken_outside = body.statements().iter().any(|s| s.kind == Kind::Invalid);
        if ini.is_some() && model.is_some() {
            let is_block = |at: usize| blocks.iter().any(|block| block.contains(&at));
            let within = &body.span;
            let place = "between the blocks";
            let is_outside = |at: usize| within.contains(&at) && !is_block(at);
            broken_outside &= !report.forgive(is_outside, &ModelNotice::NotRead { place });
        }
        complete &= !broken_outside;
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

/// `ini(...)` or `model(...)`: which, and its arguments.
fn block_of(statement: &Expr) -> Option<(&'static str, &[Argument])> {
    let Kind::Call(name, arguments) = &statement.kind else { return None };
    let block = ["ini", "model"].into_iter().find(|block| block == name)?;
    Some((block, arguments))
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
            let found = statements.len();
            if found > MOST_STATEMENTS {
                report.add(&statement.span, FileError::TooLong { block, found, most: MOST_STATEMENTS });
                *content = Some(&[]);
                return false;
            }
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
