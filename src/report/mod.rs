//! Reports of finished runs: one page that opens from disk, and the figures in it.
//!
//! A report reads a run's folder alone. Each figure is a file in `figures/` and a line in `figures/mod.rs`.

mod assumptions;
mod error;
mod facts;
mod figure;
mod figures;
mod page;
mod plot;

use std::path::Path;

use crate::diagnostic::Problems;
use facts::Facts;
use figures::FIGURES;

pub use error::ReportError;
pub use figure::{Figure, Sheet};

/// The report of a finished run: a page of HTML that needs nothing else.
///
/// # Errors
/// A run that is not there, not finished or not what was written.
pub fn html(run: &Path) -> Result<String, Problems> {
    let facts = Facts::read(run)?;
    let mut figures = Vec::new();
    for (name, make) in FIGURES {
        figures.extend(make(&facts)?.map(|figure| (*name, figure)));
    }
    page::html(&facts, &figures)
}

/// One figure of a report.
///
/// # Errors
/// As [`html`]; a name that no figure has, or one that the run has nothing for.
pub fn figure(run: &Path, name: &str) -> Result<Figure, Problems> {
    let Some((_, make)) = FIGURES.iter().find(|(known, _)| *known == name) else {
        return Err(ReportError::unknown(name).into());
    };
    let figure = make(&Facts::read(run)?)?;
    figure.ok_or_else(|| ReportError::Nothing { name: name.to_owned() }.into())
}
