//! Errors of what a model file says about itself: of what vpop alone reads. Everything else is text.

use thiserror::Error;

use crate::diagnostic::Cause;

/// Metadata is wrong.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MetadataError {
    /// A scale that is no positive number.
    #[error("the scale of `{state}` must be a number above 0")]
    Scale {
        /// The state.
        state: String,
    },
}

impl Cause for MetadataError {
    fn help(&self) -> Option<String> {
        Some("give the typical size of the state, for the error tolerance: `scale = 100`".into())
    }
}
