//! The draws themselves: chunks of patients in parallel, put together to columns.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::Patients;
use super::chunk::Chunk;
use super::covariate::{Covariate, CovariateKind};
use super::error::PopulationError;
use super::sampler::Sampler;
use super::subgroup::Subgroup;
use crate::cohort::Ticks;
use crate::diagnostic::Problem;
use crate::isa::Isa;
use crate::table::{Column, ColumnMeta, Values};

/// Patients per task: enough that starting one costs nothing, few enough to share a small run out.
const CHUNK: u64 = 1024;

impl Sampler {
    /// Draws a range of patients.
    ///
    /// # Errors
    /// Of the first patient in the range that has one: no eligible draw within the allowed number,
    /// a covariate that is not finite, or no row left for it.
    pub fn sample(&self, range: Range<u64>) -> Result<Patients, Problem> {
        let starts: Vec<u64> = range.clone().step_by(CHUNK as usize).collect();
        let subjects = self.data.as_ref().map(|data| data.of_patients(range.clone()));
        let subjects = subjects.transpose().map_err(Problem::new)?;
        let subjects = subjects.as_deref();
        let chunk = |start: u64| {
            let end = range.end.min(start.saturating_add(CHUNK));
            let within = |patient: u64| (patient - range.start) as usize;
            self.chunk(start..end, subjects.and_then(|all| all.get(within(start)..within(end))))
        };
        // Collected before errors are looked at, so that the error does not depend on the threads.
        let chunks: Vec<Result<Chunk, PopulationError>> = starts.into_par_iter().map(chunk).collect();
        let chunks: Vec<Chunk> = chunks.into_iter().collect::<Result<_, _>>().map_err(Problem::new)?;

        let joined = |width: usize, columns: fn(&Chunk) -> &[Vec<f64>]| -> Vec<Vec<f64>> {
            let column =
                |i: usize| chunks.iter().map(|chunk| &columns(chunk)[i][..]).collect::<Vec<_>>().concat();
            (0..width).into_par_iter().map(column).collect()
        };
        let mut covariates = joined(self.covariates.len(), |chunk| &chunk.covariates);
        self.to_model(&mut covariates);
        let effects = self.effects.iter().map(|block| block.streams.len()).sum();
        let count = (range.end.saturating_sub(range.start)) as usize;
        let of_model = self.of_model.iter().map(|&position| covariates[position].clone()).collect();
        let of_data = self.data.as_ref().zip(subjects);
        let of_data = of_data.into_iter().flat_map(|(data, subjects)| {
            data.columns_of(range.start, subjects.iter().map(|subject| &**subject))
        });
        let others = self.columns(covariates, joined(self.subgroups.len(), |chunk| &chunk.levels));
        Ok(Patients {
            first: range.start,
            count,
            covariates: of_model,
            effects: joined(effects, |chunk| &chunk.effects),
            attempts: chunks.iter().flat_map(|chunk| chunk.attempts.iter().copied()).collect(),
            columns: of_data.chain(others).collect(),
        })
    }

    /// Standard normal score of the model's `residual`-th residual line for a patient at a time: it
    /// belongs to patient, line's name and tick, whatever the arm.
    ///
    /// # Panics
    /// If the model has no such line.
    pub fn residual_score(&self, patient: u64, tick: Ticks, residual: usize) -> f64 {
        self.residuals[residual].patient_at(patient, tick.into()).score()
    }

    /// The same of several patients.
    pub(crate) fn residual_scores(
        &self,
        isa: Isa,
        patients: &[u64],
        tick: Ticks,
        residual: usize,
    ) -> Vec<f64> {
        self.residuals[residual].scores(isa, patients, tick.into())
    }

    pub(super) fn columns(&self, covariates: Vec<Vec<f64>>, levels: Vec<Vec<f64>>) -> Vec<Column> {
        let column = |(covariate, numbers): (&Covariate, Vec<f64>)| {
            let values = match &covariate.kind {
                CovariateKind::Number => Values::Number(numbers),
                CovariateKind::Whole => Values::Integer(numbers.iter().map(|&x| Some(x as i64)).collect()),
                CovariateKind::Label(labels) => Values::Label {
                    codes: numbers.iter().map(|&x| Some(x as u32)).collect(),
                    labels: Arc::clone(labels),
                },
            };
            Column { meta: covariate.meta.clone(), values }
        };
        let subgroup = |(subgroup, levels): (&Subgroup, Vec<f64>)| Column {
            meta: ColumnMeta::new(subgroup.column(), format!("subgroup by {}", subgroup.of), ""),
            values: Values::Label {
                codes: levels.iter().map(|&level| (!level.is_nan()).then_some(level as u32)).collect(),
                labels: Arc::clone(&subgroup.levels),
            },
        };
        let covariates = self.covariates.iter().zip(covariates).map(column);
        covariates.chain(self.subgroups.iter().zip(levels).map(subgroup)).collect()
    }
}
