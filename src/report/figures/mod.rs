//! The figures: each a file, and a line here.

mod courses;
mod dosing;
mod exposure;
mod grades;
mod population;
mod response;
mod subgroups;
mod survival;
mod toxicity;
mod tumour;

use super::facts::Facts;
use super::figure::Figure;
use super::plot::Axes;
use crate::diagnostic::Problems;

/// Makes a figure of a run; `None` if the run has nothing for it.
type Make = fn(&Facts) -> Result<Option<Figure>, Problems>;

/// Every figure by its name, in the order of a report.
pub(super) const FIGURES: &[(&str, Make)] = &[
    ("toxicity", toxicity::figure),
    ("grades", grades::figure),
    ("exposure", exposure::figure),
    ("courses", courses::figure),
    ("exposure-response", response::figure),
    ("tumour", tumour::figure),
    ("survival", survival::figure),
    ("dosing", dosing::figure),
    ("subgroups", subgroups::figure),
    ("population", population::figure),
];

/// Axes with the arms along x.
fn by_arm(facts: &Facts, y: impl Into<String>) -> Axes {
    Axes { x: "arm".into(), y: y.into(), categories: facts.arms().to_vec(), ..Axes::default() }
}

/// The position of an arm on such an axis.
fn at(arm: usize) -> f64 {
    arm as f64 + 1.0
}

/// A share as per cent.
fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1}", 100.0 * share) } else { "-".into() }
}
