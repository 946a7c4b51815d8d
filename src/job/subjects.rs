//! Drawn patients as engines take them.

use crate::cohort::Cohort;
use crate::dataset::DatasetError;
use crate::engine::cpu::Isa;
use crate::engine::{Individuals, individuals};
use crate::model::Model;
use crate::plan::Plan;
use crate::population::stream::Stream;
use crate::population::{Patients, Sampler};

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
        for event in &self.plan.draws {
            patients.covariates.push(self.draws(&format!("event:{event}"), 0, patients));
        }
        for draw in &self.plan.dose_draws {
            let purpose = format!("dose:{}", self.plan.drugs[draw.drug.index()].name);
            patients.covariates.push(self.draws(&purpose, draw.dose as u64, patients));
        }
        let mut individuals = individuals(self.plan, patients, isa);
        individuals.trajectories =
            self.followed().saturating_sub(patients.first).min(patients.count as u64) as usize;
        individuals.residuals = self.residuals(patients);
        individuals
    }

    /// What decides by chance about an event or a dose, between 0 and 1, `[patient]`: it belongs to the patient, the
    /// purpose, and the number of the draw, whatever the arm.
    fn draws(&self, purpose: &str, number: u64, patients: &Patients) -> Vec<f64> {
        let stream = Stream::new(self.cohort.seed, purpose);
        let indices = patients.first..patients.first + patients.count as u64;
        indices.map(|patient| stream.patient_at(patient, number).uniform()).collect()
    }

    /// Residual scores, `[patient][observation time][residual]`.
    fn residuals(&self, patients: &Patients) -> Vec<f64> {
        let (points, lines) = (self.plan.observation_times.len(), self.plan.residuals);
        if lines == 0 {
            return Vec::new();
        }
        let mut scores = Vec::with_capacity(patients.count * points * lines);
        for patient in patients.first..patients.first + patients.count as u64 {
            for point in &self.plan.observation_times {
                scores.extend((0..lines).map(|line| self.sampler.residual_score(patient, point.tick, line)));
            }
        }
        scores
    }
}
