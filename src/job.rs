//! Everything that a run needs, read and checked before anything is solved.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::cohort::{self, Cohort};
use crate::diagnostic::{Problems, Source};
use crate::engine::Individuals;
use crate::engine::cpu::{self, Level};
use crate::engine::individuals;
use crate::engine::stiffness::{self, Choice, Reason};
use crate::model::{self, Model};
use crate::outcome::distribution::Endpoint;
use crate::outcome::{exposure_response, rows};
use crate::plan::{self, Plan};
use crate::population::stream::Stream;
use crate::population::{Patients, Sampler};
use crate::store::{Input, StoreError};

/// What a cohort file leaves to the command line.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// One of the file's scenarios; without it, the file as it is without them.
    pub scenario: Option<String>,
    /// Number of patients instead of the file's.
    pub patients: Option<u64>,
    /// Seed instead of the file's.
    pub seed: Option<u64>,
}

/// Everything that a run needs, checked against each other.
#[derive(Debug)]
pub struct Job {
    /// The cohort file.
    pub cohort: Cohort,
    /// Its model.
    pub model: Model,
    /// Draws its patients.
    pub sampler: Sampler,
    /// What is solved.
    pub plan: Plan,
    /// Why it is solved by the plan's method.
    pub reason: Reason,
}

impl Job {
    /// Reads and checks a cohort file, or one scenario of it, and its model.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn load(path: &Path, changes: &Changes) -> Result<Self, Problems> {
        let mut cohort = cohort::load_scenario(path, changes.scenario.as_deref())?;
        if let (Some(_), Some(rows)) = (changes.patients, &mut cohort.population.rows) {
            rows.unused_rows = true;
        }
        cohort.patients = changes.patients.unwrap_or(cohort.patients);
        cohort.seed = changes.seed.unwrap_or(cohort.seed);
        let model = model::load(&cohort.model.value)?;
        Self::new(cohort, model)
    }

    /// Checks the texts of a cohort file and of its model, wherever they come from: the cohort's `model`
    /// is not followed. Other files that it names are read beside where its source says it is.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn from_texts(cohort: &Arc<Source>, model: &Arc<Source>) -> Result<Self, Problems> {
        let folder = Path::new(&cohort.name).parent().unwrap_or(Path::new(""));
        Self::new(cohort::parse(cohort, folder)?, model::parse(model)?)
    }

    /// Checks a cohort and its model against each other.
    pub(crate) fn new(cohort: Cohort, model: Model) -> Result<Self, Problems> {
        let sampler = Sampler::new(&cohort, &model)?;
        let plan = plan::build(&cohort, &model, &sampler.names())?;
        let mut job = Self { cohort, model, sampler, plan, reason: Reason::Asked };
        Problems::none_or(exposure_response::check(&job.cohort, &job.endpoints()), ())?;
        let choice = job.choice();
        (job.plan.method, job.reason) = (choice.method, choice.reason);
        cpu::fits(&job.plan)?;
        Ok(job)
    }

    /// Columns of the outcomes that are summarised.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        rows::endpoints(&self.plan, self.has_dose_columns())
    }

    /// Whether the outcomes say what doses a patient received: where that may differ from what was planned,
    /// or where it is asked for.
    pub fn has_dose_columns(&self) -> bool {
        self.plan.protocol.is_adaptive() || self.cohort.write_doses == Some(true)
    }

    /// The method that the cohort file asks for, else the one that suits the plan.
    fn choice(&self) -> Choice {
        if let Some(method) = self.cohort.solver.method {
            return Choice { method, reason: Reason::Asked };
        }
        let mut patients = self.sampler.synthetic();
        let individuals = self.values(&mut patients, Level::baseline());
        stiffness::choose(&self.plan, &patients, &individuals)
    }

    /// The patients of a range with their individual values, ready for an engine.
    ///
    /// # Errors
    /// A patient for whom no eligible draw was found.
    pub fn individuals(&self, range: Range<u64>, level: Level) -> Result<(Patients, Individuals), Problems> {
        let mut patients = self.sampler.sample(range)?;
        let individuals = self.values(&mut patients, level);
        Ok((patients, individuals))
    }

    /// The first patient without random effects, ready for an engine.
    ///
    /// # Errors
    /// No eligible draw was found.
    pub fn typical(&self, level: Level) -> Result<Individuals, Problems> {
        let mut patients = self.sampler.sample(0..1)?;
        patients.effects.iter_mut().for_each(|effect| effect.fill(0.0));
        Ok(self.values(&mut patients, level))
    }

    /// Individual values of drawn patients, who get the covariates that only the cohort file uses and the
    /// draws of events.
    pub(crate) fn values(&self, patients: &mut Patients, level: Level) -> Individuals {
        let drawn = self.plan.covariates.len() - self.plan.draws.len();
        for name in &self.plan.covariates[self.model.covariates.len()..drawn] {
            patients.covariates.push(patients.numbers(name));
        }
        for event in &self.plan.draws {
            patients.covariates.push(self.draws(event, patients));
        }
        let courses = self.cohort.trajectories.as_ref().map_or(0, |t| t.patients);
        let mut individuals = individuals(&self.plan, patients, level);
        individuals.trajectories = courses.saturating_sub(patients.first).min(patients.count as u64) as usize;
        individuals.residuals = self.residuals(patients);
        individuals
    }

    /// The files that the job is made from, for the run folder.
    ///
    /// # Errors
    /// A file that can no longer be read.
    pub fn inputs(&self) -> Result<Vec<Input>, Problems> {
        let text = |role: &str, source: &Source| {
            Input::new(role, file_name(Path::new(&source.name)), source.text.as_bytes())
        };
        let mut inputs = vec![text("cohort", &self.cohort.source), text("model", &self.model.source)];
        let tables = (1..).zip(&self.cohort.grades.tables);
        inputs.extend(tables.map(|(number, table)| text(&format!("grades_{number}"), &table.source)));
        if let Some(rows) = &self.cohort.population.rows {
            let path = &rows.file.value;
            let bytes =
                std::fs::read(path).map_err(|cause| StoreError::Read { path: path.clone(), cause })?;
            inputs.push(Input::new("patients", file_name(path), bytes));
        }
        Ok(inputs)
    }

    /// What decides by chance about an event, between 0 and 1, `[patient]`: it belongs to patient and event,
    /// whatever the arm.
    fn draws(&self, event: &str, patients: &Patients) -> Vec<f64> {
        let stream = Stream::new(self.cohort.seed, &format!("event:{event}"));
        let indices = patients.first..patients.first + patients.count as u64;
        indices.map(|patient| stream.patient(patient).uniform()).collect()
    }

    /// Residual scores, `[patient][grid point][residual]`.
    fn residuals(&self, patients: &Patients) -> Vec<f64> {
        let (points, lines) = (self.plan.grid.len(), self.plan.residuals);
        if lines == 0 {
            return Vec::new();
        }
        let mut scores = Vec::with_capacity(patients.count * points * lines);
        for patient in patients.first..patients.first + patients.count as u64 {
            for point in &self.plan.grid {
                scores.extend((0..lines).map(|line| self.sampler.residual_score(patient, point.tick, line)));
            }
        }
        scores
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
