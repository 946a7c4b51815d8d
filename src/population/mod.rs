//! Virtual patients: drawn on the host, in f64, the same whatever solves them.

mod asked;
pub mod body_size;
mod chunk;
mod correlation;
mod covariate;
mod draw;
mod error;
mod expression;
pub mod functions;
mod occasions;
mod order;
mod over_time;
mod records;
pub mod renal;
mod rows;
mod sample;
mod sampler;
pub mod stream;
mod subgroup;
mod typical;
pub(crate) mod units;
mod unused;

pub use error::PopulationError;
pub use over_time::ConstantNotice;
pub(crate) use over_time::notices as constant_notices;
pub use sampler::Sampler;
pub(crate) use unused::declared;

use crate::table::Column;

/// A stretch of consecutive patients.
#[derive(Debug, Clone, PartialEq)]
pub struct Patients {
    /// Index of the first.
    pub first: u64,
    /// How many.
    pub count: usize,
    /// The model's covariates: `[covariate][patient]`, in `Symbol::Covariate` order.
    pub covariates: Vec<Vec<f64>>,
    /// Random effects: `[effect][patient]`, in `Symbol::Effect` order.
    pub effects: Vec<Vec<f64>>,
    /// Every covariate of the cohort file, drawn and derived, and the level of every subgroup, for the
    /// `patients` set.
    pub columns: Vec<Column>,
    /// Draws that it took to find each patient (1 if the first was eligible).
    pub attempts: Vec<u32>,
}

impl Patients {
    /// A covariate by its name, `[patient]`: positions where it has labels, NaN where there is no
    /// such covariate.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        let column = self.columns.iter().find(|column| column.meta.name == name);
        column.map_or_else(|| vec![f64::NAN; self.count], |column| column.values.numbers())
    }
}
