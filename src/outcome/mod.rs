//! What came out: the rows of each set, and distributions over patients.

pub mod audit;
pub mod distribution;
pub mod rows;
