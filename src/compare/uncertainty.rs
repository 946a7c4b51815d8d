//! Uncertainty of the assumptions: typical values are drawn anew for each replicate, and the same patients
//! are solved under each.
//!
//! What differs between replicates then comes from the parameters alone; what is left between patients
//! within a replicate is their variability.

mod bands;
mod draws;
mod replicates;

pub(super) use bands::{Shown, bands};
pub use bands::Band;
pub(super) use draws::draws;
pub use draws::{Draw, Spread, Uncertain};
pub(super) use replicates::{replicate, uncertain_job};
