//! What came out: endpoints, distributions and the summary.

pub mod distribution;
