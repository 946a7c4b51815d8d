//! Virtual dose escalations: their figures, each a file and a line here.

mod brings;
mod content;
mod decisions;
mod duration;
mod ends;
mod facts;
mod paths;
mod patients;
mod selection;

use super::plot::Axes;

pub(super) use content::content;
pub(super) use facts::Facts;

/// Every figure by its name, in the order of a report.
pub(super) const FIGURES: super::Registry<Facts> = &[
    ("selection", selection::figure),
    ("brings", brings::figure),
    ("patients", patients::figure),
    ("duration", duration::figure),
    ("ends", ends::figure),
    ("paths", paths::figure),
    ("decisions", decisions::figure),
];

/// Axes with the designs along x.
fn by_design(facts: &Facts, y: impl Into<String>) -> Axes {
    let categories = facts.said.designs.iter().map(|design| design.name.clone()).collect();
    Axes { x: "design".into(), y: y.into(), categories, ..Axes::default() }
}

/// The position of a design, or a dose, on such an axis.
fn at(position: usize) -> f64 {
    position as f64 + 1.0
}

/// Colours of doses, from the lowest.
fn of_dose(dose: usize, doses: usize) -> &'static str {
    const LIGHT_TO_DARK: [&str; 9] =
        ["#ffe0b3", "#fec98a", "#fdae6b", "#fb9450", "#f0783a", "#e6550d", "#c94a08", "#a63603", "#7f2704"];
    let last = LIGHT_TO_DARK.len() - 1;
    LIGHT_TO_DARK[if doses < 2 { last / 2 } else { (dose * last / (doses - 1)).min(last) }]
}
