//! A comparison: its figures, each a file and a line here.

mod content;
mod curves;
mod doses;
mod facts;
mod patients;
mod ratios;
mod uncertainty;
mod waterfall;

pub(super) use content::content;
pub(super) use facts::Facts;

/// Every figure by its name, in the order of a report.
pub(super) const FIGURES: super::Registry<Facts> = &[
    ("curves", curves::figure),
    ("patients-of-100", patients::figure),
    ("exposure-ratios", ratios::figure),
    ("doses", doses::figure),
    ("waterfall", waterfall::figure),
    ("uncertainty", uncertainty::figure),
];
