//! Dimensional analysis of a model: what units say of each other, and what follows for what has none.
//!
//! Units come from `units`, `covariateData`, `compartmentData`, `outputData`, and labels that end in one. A number
//! in the equations may carry any unit, as 1000 does in `1000 * central / vc`; so what is reported is certain: no
//! unit of a number could mend it. The parameter whose logarithm is estimated has the unit of its label outside of
//! the logarithm.

mod form;
pub(super) mod label;
mod names;
mod walk;
mod warning;

use std::collections::BTreeMap;
use std::ops::Range;

use super::Model;
use super::metadata::About;
use super::outline::Outline;
use names::Names;
use walk::Walk;

pub use warning::UnitWarning;

/// A contradiction, and where it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Warning {
    /// What contradicts what.
    pub(super) cause: UnitWarning,
    /// By which unit: of two warnings with the same, one thing may be the cause.
    between: String,
    /// Bytes in the source.
    pub(super) span: Range<usize>,
    /// How many more there are like it, which are not told.
    pub(super) alike: usize,
}

/// The most warnings with one unit between the two sides that are told.
const MOST_ALIKE: usize = 3;

/// What the analysis of a model found.
#[derive(Debug, Default)]
pub(super) struct Analysis {
    pub(super) warnings: Vec<Warning>,
    /// Units of states, variables and parameters that the file does not say: name and unit.
    pub(super) inferred: Vec<(String, String)>,
}

/// Analyses the equations of a model that nothing else is wrong with.
///
/// Where the file does not say it, `central` and `depot` are taken to be in the dosing unit and `Cc` in that of
/// concentrations, as is usual; not if that makes the equations contradict each other.
pub(super) fn analyse(outline: &Outline<'_>, text: &str, about: &About, model: &Model) -> Analysis {
    let run = |usual| {
        let mut walk = Walk::new(Names::new(outline, about, model, usual), text);
        // What the last lines say of the first ones is known when they are read again.
        for _ in 0..2 {
            walk.warnings.clear();
            walk.block(outline.model);
        }
        walk
    };
    let [plain, usual] = [false, true].map(run);
    let kinds = |walk: &Walk<'_>| {
        let of_kinds = walk.warnings.iter().filter(|warning| warning.cause.is_of_kinds());
        of_kinds.filter(|warning| !is_of_concentration(&warning.cause)).count()
    };
    let walk = if kinds(&usual) > kinds(&plain) { plain } else { usual };
    Analysis { inferred: walk.inferred(model), warnings: grouped(walk.warnings) }
}

/// The first warnings of those with one unit between the two sides, the last of which counts the others.
fn grouped(warnings: Vec<Warning>) -> Vec<Warning> {
    let mut found: BTreeMap<String, Vec<Warning>> = BTreeMap::new();
    for warning in warnings {
        found.entry(warning.between.clone()).or_default().push(warning);
    }
    let told = found.into_values().flat_map(|mut alike| {
        let more = alike.len().saturating_sub(MOST_ALIKE);
        alike.truncate(MOST_ALIKE);
        if let Some(last) = alike.last_mut().filter(|_| more > 0) {
            last.alike = more;
        }
        alike
    });
    let mut told: Vec<Warning> = told.collect();
    told.sort_by_key(|warning| warning.span.start);
    told
}

/// Whether it is about the name that concentrations have.
fn is_of_concentration(cause: &UnitWarning) -> bool {
    matches!(cause, UnitWarning::Result { name, .. } if name == names::CONCENTRATION)
}
