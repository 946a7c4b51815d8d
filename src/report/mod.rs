//! Reports of finished results: one page that opens from disk, and the figures in it.
//!
//! A report reads the results' folder alone; one of trials also the run that they enrol from, if that is there. Each
//! figure is a file in `figures/`, `comparison/` or `trials/`, and a line in their `mod.rs`.

mod assumptions;
mod comparison;
mod error;
mod facts;
mod figure;
mod figures;
mod page;
mod pixels;
mod plot;
mod rows;
mod run;
mod trials;

use std::error::Error;
use std::path::Path;

use crate::diagnostic::Problems;
use crate::store::{FolderKind, StoreError, finished_kind};

pub use error::ReportError;
pub use figure::{Figure, Sheet};

/// Makes a figure of results; `None` if they have nothing for it.
type Make<F> = fn(&F) -> Result<Option<Figure>, Problems>;

/// Every figure of a kind of results by its name, in the order of a report.
type Registry<F> = &'static [(&'static str, Make<F>)];

/// The report of finished results, of a run, a comparison or trials: a page of HTML that needs nothing else.
///
/// # Errors
/// Results that are not there, not finished or not what was written.
pub fn html(folder: &Path) -> Result<String, Problems> {
    match kind(folder)? {
        FolderKind::Run => {
            let facts = facts::Facts::read(folder)?;
            page::html(run::content(&facts)?, &all(&facts, figures::FIGURES)?)
        }
        FolderKind::Comparison => {
            let facts = comparison::Facts::read(folder)?;
            page::html(comparison::content(&facts)?, &all(&facts, comparison::FIGURES)?)
        }
        FolderKind::Trials => {
            let facts = trials::Facts::read(folder)?;
            page::html(trials::content(&facts)?, &all(&facts, trials::FIGURES)?)
        }
    }
}

/// One figure of a report.
///
/// # Errors
/// As [`html`]; a name that no figure has, or one that the results have nothing for.
pub fn figure(folder: &Path, name: &str) -> Result<Figure, Problems> {
    match kind(folder)? {
        FolderKind::Run => one(figures::FIGURES, name, || facts::Facts::read(folder)),
        FolderKind::Comparison => one(comparison::FIGURES, name, || comparison::Facts::read(folder)),
        FolderKind::Trials => one(trials::FIGURES, name, || trials::Facts::read(folder)),
    }
}

/// The names of all figures: of runs, of comparisons and of trials.
pub fn names() -> [Vec<&'static str>; 3] {
    [listed(figures::FIGURES), listed(comparison::FIGURES), listed(trials::FIGURES)]
}

fn listed<F>(registry: Registry<F>) -> Vec<&'static str> {
    registry.iter().map(|(name, _)| *name).collect()
}

/// What a folder holds. Of one without finished results it is said as of a run.
fn kind(folder: &Path) -> Result<FolderKind, StoreError> {
    Ok(finished_kind(folder)?.unwrap_or(FolderKind::Run))
}

/// The figures that there is something for: not those of rows that the results do not keep.
fn all<F>(facts: &F, registry: Registry<F>) -> Result<Vec<(&'static str, Figure)>, Problems> {
    let mut figures = Vec::new();
    for (name, make) in registry {
        match make(facts) {
            Err(problems) if is_not_kept(&problems) => {}
            made => figures.extend(made?.map(|figure| (*name, figure))),
        }
    }
    Ok(figures)
}

/// Whether all that is wrong is that rows are not kept.
fn is_not_kept(problems: &Problems) -> bool {
    problems.0.iter().all(|problem| {
        let cause: &dyn Error = &*problem.cause;
        matches!(cause.downcast_ref(), Some(StoreError::NotKept { .. }))
    })
}

fn one<F>(
    registry: Registry<F>,
    name: &str,
    read: impl FnOnce() -> Result<F, Problems>,
) -> Result<Figure, Problems> {
    let Some((_, make)) = registry.iter().find(|(known, _)| *known == name) else {
        return Err(ReportError::unknown(name, &listed(registry)).into());
    };
    let figure = make(&read()?)?;
    figure.ok_or_else(|| ReportError::Nothing { name: name.to_owned() }.into())
}
