//! vpop: virtual trials. See the README for the commands and `docs/` for the methods.

pub mod cohort;
pub mod diagnostic;
pub mod engine;
pub mod model;
pub mod outcome;
pub mod plan;
pub mod population;
pub mod store;
pub mod table;
