//! What came out: the rows of each set, what is derived of a trial, and distributions over patients.

pub mod audit;
pub mod distribution;
pub mod doses;
pub mod exposure_response;
mod intensity;
pub(crate) mod items;
pub mod kept;
pub mod observations;
mod reasons;
pub mod response;
pub mod rows;
mod treatment;
