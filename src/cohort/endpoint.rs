//! What is measured: endpoints and time courses.

use super::{Spanned, Statistic, Ticks};

/// The end of a window that is as long as the records of an individual of a data set: then it begins with the first of
/// them, too.
pub const END_OF_RECORDS: Ticks = Ticks::MAX;

/// One number per patient and arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Column name, lower_snake_case.
    pub name: Spanned<String>,
    /// Expression over the model's names.
    pub of: Spanned<String>,
    /// What is taken of it.
    pub statistic: Statistic,
    /// First and last time looked at; beside a data set, on its clock.
    pub window: [Ticks; 2],
    /// Where it is read.
    pub on: ReadOn,
    /// Whether the file says where, or leaves it to the default.
    pub is_on_said: bool,
    /// Whether it goes on after the patient has left the trial.
    pub follows: bool,
    /// Whether residual error is added.
    pub with_error: bool,
    /// Unit of the expression, if the model does not say it.
    pub unit: Option<String>,
    /// Meaning, for the output.
    pub description: Option<String>,
    /// Size below which a difference between two solutions counts less (of a threshold: of what
    /// is compared with it, in its unit).
    pub scale: Option<f64>,
}

impl Endpoint {
    /// The largest value of a variable on its whole way in a window, also of those who have left the trial.
    pub(crate) fn largest(of: &str, window: [Ticks; 2]) -> Self {
        let text = || Spanned { value: of.to_owned(), span: 0..0 };
        Self {
            name: text(),
            of: text(),
            statistic: Statistic::largest(),
            window,
            on: ReadOn::Continuous,
            is_on_said: true,
            follows: true,
            with_error: false,
            unit: None,
            description: None,
            scale: None,
        }
    }
}

/// Where an endpoint is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOn {
    /// At visits: what the clinic sees.
    Visits,
    /// The curve between visits: extremes and crossings located, areas integrated.
    Continuous,
    /// At the scans of the tumour.
    Scans,
}

/// Time courses to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectories {
    /// The first so many patients.
    pub patients: u64,
    /// Times, sorted.
    pub times: Vec<Ticks>,
    /// Names of the model.
    pub of: Vec<Spanned<String>>,
    /// Whether they go on after the patient has left the trial.
    pub follows: bool,
    /// Whether names with a residual line are also simulated as they would be observed.
    pub with_error: bool,
}
