//! Drawn patients as engines take them.

use crate::cohort::Cohort;
use crate::dataset::DatasetError;
use crate::engine::cpu::Isa;
use crate::engine::{Individuals, individuals};
use crate::model::Model;
use crate::plan::Plan;
use crate::population::stream::Stream;
use crate::population::{Patients, Sampler};

/// Patients whose residual scores are put into rows together: few enough to stay in the fastest memory.
const TOGETHER: usize = 256;

/// What individual values are made from.
pub(super) struct Subjects<'a> {
    pub(super) cohort: &'a Cohort,
    pub(super) model: &'a Model,
    pub(super) sampler: &'a Sampler,
    pub(super) plan: &'a Plan,
}

impl Subjects<'_> {
    /// Patients, from the first, of whom time courses are written.
    pub(super) fn followed(&self) -> u64 {
        self.cohort.trajectories.as_ref().map_or(0, |t| t.patients)
    }

    /// Individual values of drawn patients, who get the covariates that only the cohort file uses and the
    /// draws of events and doses; of patients of a data set, with their records.
    ///
    /// # Errors
    /// The records cannot be read back.
    pub(super) fn values(&self, patients: &mut Patients, isa: Isa) -> Result<Individuals, DatasetError> {
        match self.sampler.data() {
            Some(data) => self.of_records(data, patients, isa),
            None => Ok(self.of_cohort(patients, isa)),
        }
    }

    fn of_cohort(&self, patients: &mut Patients, isa: Isa) -> Individuals {
        let drawn = self.plan.covariates.len() - self.plan.draws.len() - self.plan.dose_draws.len();
        for name in &self.plan.covariates[self.model.covariates.len()..drawn] {
            patients.covariates.push(patients.numbers(name));
        }
        let numbers: Vec<u64> = (patients.first..patients.first + patients.count as u64).collect();
        // What decides by chance about an event or a dose, between 0 and 1: it belongs to the patient, the purpose, and
        // the number of the draw, whatever the arm.
        let draws = |purpose: &str, number: u64| {
            Stream::new(self.cohort.seed, purpose).uniforms(isa, &numbers, number)
        };
        for event in &self.plan.draws {
            patients.covariates.push(draws(&format!("event:{event}"), 0));
        }
        for draw in &self.plan.dose_draws {
            let purpose = format!("dose:{}", self.plan.drugs[draw.drug.index()].name);
            patients.covariates.push(draws(&purpose, draw.dose as u64));
        }
        let mut individuals = individuals(self.plan, patients, isa);
        individuals.trajectories =
            self.followed().saturating_sub(patients.first).min(patients.count as u64) as usize;
        individuals.residuals = self.residuals(&numbers, isa);
        individuals
    }

    /// Residual scores, `[patient][observation time][residual]`.
    fn residuals(&self, patients: &[u64], isa: Isa) -> Vec<f64> {
        let (points, lines) = (&self.plan.observation_times, self.plan.residuals);
        let width = points.len() * lines;
        let mut scores = vec![0.0; patients.len() * width];
        if width == 0 {
            return scores;
        }
        for (patients, scores) in patients.chunks(TOGETHER).zip(scores.chunks_mut(TOGETHER * width)) {
            let columns = points.iter().flat_map(|point| (0..lines).map(move |line| (point.tick, line)));
            for (place, (tick, line)) in columns.enumerate() {
                let column = self.sampler.residual_scores(isa, patients, tick, line);
                scores.chunks_exact_mut(width).zip(column).for_each(|(row, score)| row[place] = score);
            }
        }
        scores
    }
}
