//! What is kept of the patients.

use super::Spanned;

/// What a run keeps of its patients once its statistics are made.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Whether their rows are kept; else there are statistics alone.
    pub outcomes: bool,
    /// The columns of the outcomes that are kept, beside those that say whose they are and how they were solved; all
    /// if none are named.
    pub columns: Option<Vec<Spanned<String>>>,
}

impl Default for Output {
    fn default() -> Self {
        Self { outcomes: true, columns: None }
    }
}
