//! The figures: each a file, and a line here.

mod correlations;
mod courses;
mod dosing;
pub(super) mod exposure;
mod grades;
mod groups;
mod levels;
mod population;
mod predictive_check;
mod response;
mod spider;
mod subgroups;
mod survival;
mod swimmer;
mod thresholds;
mod toxicity;
mod tumour;

use super::facts::Facts;
use super::plot::Axes;

/// Every figure by its name, in the order of a report.
pub(super) const FIGURES: super::Registry<Facts> = &[
    ("toxicity", toxicity::figure),
    ("grades", grades::figure),
    ("exposure", exposure::figure),
    ("exposure-in-subgroups", groups::figure),
    ("courses", courses::figure),
    ("predictive-check", predictive_check::figure),
    ("exposure-response", response::figure),
    ("tumour", tumour::figure),
    ("spider", spider::figure),
    ("survival", survival::figure),
    ("dosing", dosing::figure),
    ("swimmer", swimmer::figure),
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
pub(super) fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1}", 100.0 * share) } else { "-".into() }
}
