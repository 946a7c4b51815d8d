//! What cannot be tried.

use std::path::PathBuf;

use thiserror::Error;

use super::doses::LEVEL;
use crate::diagnostic::Cause;

/// Why trials cannot be conducted.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EscalationError {
    /// A run without dose-limiting toxicity.
    #[error("the run in `{}` says nothing of dose-limiting toxicity", run.display())]
    NoDlt {
        /// Its folder.
        run: PathBuf,
    },
    /// More causes of toxicity than are told apart.
    #[error("{found} causes of dose-limiting toxicity; {most} can be told apart")]
    Causes {
        /// How many there are.
        found: usize,
        /// How many may be.
        most: usize,
    },
    /// An arm that no dose stands for.
    #[error("arm `{arm}` is not one dose, and doses are what is escalated")]
    NoDose {
        /// The arm.
        arm: String,
    },
    /// Doses that are no order.
    #[error("{} are not doses of one kind, each above 0 and once", labels.join(", "))]
    Doses {
        /// The doses.
        labels: Vec<String>,
    },
    /// Grades without the window.
    #[error("design `{design}` looks for grades in window `{window}`, and the run has none there")]
    NoWindow {
        /// The design.
        design: String,
        /// The window.
        window: String,
    },
    /// Fewer patients than a trial may treat.
    #[error("design `{design}` may treat {maximum} patients, and the run has {there} of whom all is known")]
    TooFewPatients {
        /// The design.
        design: String,
        /// What it may treat.
        maximum: u32,
        /// What there is.
        there: usize,
    },
    /// A dose of another kind than the trial's.
    #[error("{what} {dose} is of another kind than the doses of the trial, in {unit}")]
    OtherKind {
        /// What it is.
        what: &'static str,
        /// The dose.
        dose: String,
        /// Unit of the doses.
        unit: String,
    },
    /// A comparison in place of a run.
    #[error("this is a comparison, not a run")]
    Comparison {
        /// The runs of its scenarios.
        scenarios: Vec<String>,
    },
    /// A static dose that is not known.
    #[error("the comparison in `{}` found no static dose", comparison.display())]
    NoStaticDose {
        /// Its folder.
        comparison: PathBuf,
    },
    /// Not a probability.
    #[error("{value} is not a probability of dose-limiting toxicity")]
    NotAProbability {
        /// What was given.
        value: f64,
    },
    /// Another number of doses than of probabilities.
    #[error("{doses} doses for {probabilities} probabilities")]
    Counts {
        /// Doses.
        doses: usize,
        /// Probabilities.
        probabilities: usize,
    },
    /// A decision table that is not one.
    #[error("one design with a decision table can be written, not {}", designs.join(", "))]
    NoTable {
        /// The designs.
        designs: Vec<String>,
    },
}

impl Cause for EscalationError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoDlt { .. } => "add [dlt] to its cohort file and run it again".into(),
            Self::NoDose { .. } => "run arms of [regimen] that are a dose each, as \"0.4 mg/kg\"".into(),
            Self::NoWindow { window, .. } => format!(
                "add `windows = {{ {window} = [\"0 day\", \"21 day\"] }}` to [grades] of the cohort file, or name \
                 another `window` in [accelerated_titration]"
            ),
            Self::TooFewPatients { .. } => {
                "run more patients, or lower `maximum` in [patients] of the design".into()
            }
            Self::NoStaticDose { .. } => "add [compare.static] to its cohort file".into(),
            Self::NotAProbability { .. } => "write numbers from 0 to 1, as 0.02,0.05,0.1".into(),
            Self::Counts { .. } => "name one dose for each probability".into(),
            Self::NoTable { .. } => "name one with `--design FILE`: BOIN, mTPI-2, i3+3 or a table".into(),
            Self::Comparison { scenarios } => {
                format!("name the run of one of its scenarios: {}", scenarios.join(", "))
            }
            Self::OtherKind { unit, .. } if unit == LEVEL => "say what the doses are with `--doses`".into(),
            Self::Causes { .. } | Self::Doses { .. } | Self::OtherKind { .. } => return None,
        })
    }
}
