//! The same virtual patients under several assumptions: a run for each scenario of a cohort file, and what
//! differs between them.

mod crossing;
mod curve;
mod difference;
mod index;
mod measure;
mod paired;
mod tables;
mod uncertainty;
mod waterfall;
