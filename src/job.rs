//! Everything that a run needs, read and checked before anything is solved.

mod names;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use crate::cohort::{self, Cohort, Examined};
use crate::diagnostic::{Cause, Notice, Problem, Problems, Source};
use crate::engine::Individuals;
use crate::engine::between;
use crate::engine::cpu::{self, Level};
use crate::engine::individuals;
use crate::engine::method;
use crate::engine::scale::{self, ScaleNotice};
use crate::engine::stiffness::{Choice, Probe, Reason};
use crate::model::{self, Model, State};
use crate::outcome::distribution::Endpoint;
use crate::outcome::doses::Amounts;
use crate::outcome::{exposure_response, rows};
use crate::plan::{self, Plan, PlannedState};
use crate::population::stream::Stream;
use crate::population::{self, Patients, Sampler};
use crate::store::Input;
use crate::table::Kept;
use crate::unit::{Conversion, Unit};

pub use names::NameError;

/// How often scales are taken from synthetic patients, who are solved with them anew.
const SCALINGS: usize = 4;

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
    /// What a user should know of it: said before it is run.
    pub notices: Vec<Notice>,
}

impl Job {
    /// Reads and checks a cohort file, or one scenario of it, and its model.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn load(path: &Path, changes: &Changes) -> Result<Self, Problems> {
        let examined = cohort::examine(path, changes.scenario.as_deref())?;
        let Examined { cohort: Some(mut cohort), mut problems } = examined else {
            return Err(Problems(examined.problems));
        };
        if let (Some(_), Some(rows)) = (changes.patients, &mut cohort.population.rows) {
            rows.unused_rows = true;
        }
        cohort.patients = changes.patients.unwrap_or(cohort.patients);
        cohort.seed = changes.seed.unwrap_or(cohort.seed);
        match model::load(&cohort.model.value) {
            Ok(model) => Self::checked(cohort, model, problems),
            // That a file is not there has been said.
            Err(_) if !problems.is_empty() && !cohort.model.value.is_file() => Err(Problems(problems)),
            Err(Problems(of_model)) => {
                problems.extend(of_model);
                Err(Problems(problems))
            }
        }
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
        Self::checked(cohort, model, Vec::new())
    }

    /// Checks a cohort and its model against each other. Of a cohort with problems, this only finds more of them.
    fn checked(cohort: Cohort, model: Model, mut problems: Vec<Problem>) -> Result<Self, Problems> {
        let sampler = Sampler::new(&cohort, &model);
        let names = match &sampler {
            Ok(sampler) => Some(sampler.names()),
            Err(_) => population::declared(&cohort),
        };
        problems.extend(sampler.iter().flat_map(|sampler| names::check(&cohort, &model, sampler)));
        let sampler = sampler.map_err(|Problems(found)| problems.extend(found)).ok();
        let plan = names.map(|names| plan::build(&cohort, &model, &names));
        let plan = plan.and_then(|plan| plan.map_err(|Problems(found)| problems.extend(found)).ok());
        let (Some(sampler), Some(mut plan), true) = (sampler, plan, problems.is_empty()) else {
            return Err(Problems(problems));
        };
        let of_units = plan::unit_notices(&cohort, &model);
        let mut notices = [&cohort.notices[..], &model.notices, &of_units].concat();
        let renamed = plan.name_columns(sampler.column_names());
        notices.extend(renamed.iter().map(|renamed| Notice::note(renamed, None)));
        let mut job = Self { cohort, model, sampler, plan, reason: Reason::Asked, notices };
        Problems::none_or(exposure_response::check(&job.cohort, &job.endpoints()), ())?;
        job.reason = job.suit().reason;
        cpu::fits(&job.plan)?;
        job.notices.extend(unused(&job));
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

    /// Gives states without a scale of their own one that suits them, and takes the method: that which the cohort
    /// file asks for, else the one that suits the plan. What visits miss is noticed.
    fn suit(&mut self) -> Choice {
        let mut patients = self.sampler.synthetic(&self.plan.used_covariates());
        let individuals = self.values(&mut patients, Level::baseline());
        let mut probe = Probe::solve(&self.plan, &individuals);
        for _ in 0..SCALINGS {
            let Ok(solved) = &probe else { break };
            if !self.rescale(&solved.sizes()[..self.model.states.len()]) {
                break;
            }
            probe = Probe::solve(&self.plan, &individuals);
        }
        if let Ok(solved) = &probe {
            self.notices.extend(self.scales(&solved.sizes()[..self.model.states.len()]));
        }
        let choice = match (self.cohort.solver.method, probe) {
            (Some(method), _) => Choice { method, reason: Reason::Asked },
            (None, Ok(solved)) => solved.choice(&patients),
            (None, Err(reason)) => Choice { method: method::NON_STIFF, reason },
        };
        self.plan.method = choice.method;
        // The first synthetic patient is the typical one.
        self.notices.extend(self.missed(&individuals.select(&[0])));
        choice
    }

    /// Statistics for which nobody says where they are read, and of which visits miss much in a patient.
    fn missed(&self, typical: &Individuals) -> Vec<Notice> {
        let unsaid = self.cohort.endpoints.iter().filter(|endpoint| !endpoint.is_on_said);
        let names: Vec<&str> = unsaid.clone().map(|endpoint| endpoint.name.value.as_str()).collect();
        let missed = between::missed(&self.plan, &names, typical);
        let place = |name: &str| {
            let endpoint = unsaid.clone().find(|endpoint| endpoint.name.value == name);
            endpoint.map(|endpoint| self.cohort.place(&endpoint.of.span))
        };
        missed.iter().map(|missed| Notice::warning(missed, place(&missed.endpoint))).collect()
    }

    /// Takes the scales of states that nobody gives from how large they become, where their tolerance does not suit
    /// that; whether any changed.
    fn rescale(&mut self, sizes: &[f64]) -> bool {
        let mut changed = false;
        for (i, size) in self.of_model(sizes) {
            let atol = self.cohort.solver.atol * scale::fitting(size);
            if !self.has_scale(i)
                && !scale::suits(self.plan.states[i].atol, size)
                && atol < self.plan.states[i].atol
            {
                self.plan.states[i].atol = atol;
                changed = true;
            }
        }
        changed
    }

    /// Whether the cohort or the model file gives the scale of a state.
    fn has_scale(&self, state: usize) -> bool {
        let State { name, scale, .. } = &self.model.states[state];
        *scale != 1.0 || self.cohort.solver.scale.iter().any(|(given, _)| given.value == *name)
    }

    /// Those of the model's states, which areas may follow.
    fn of_model(&self, sizes: &[f64]) -> Vec<(usize, f64)> {
        sizes.iter().copied().enumerate().take(self.model.states.len()).collect()
    }

    /// What should be known of the scales, states having become so large.
    fn scales(&self, sizes: &[f64]) -> Vec<Notice> {
        let of_state = |(i, largest): (usize, f64)| {
            let PlannedState { name, atol, .. } = &self.plan.states[i];
            let (state, atol) = (name.clone(), *atol);
            let scale = atol / self.cohort.solver.atol;
            if !scale::suits(atol, largest) {
                let said = self.cohort.solver.scale.iter().find(|(given, _)| given.value == *name);
                let place = said.map(|(given, _)| self.cohort.place(&given.span));
                return Some(Notice::warning(&ScaleNotice::TooLarge { state, largest, atol, scale }, place));
            }
            (!self.has_scale(i) && scale != 1.0)
                .then(|| Notice::note(&ScaleNotice::Guessed { state, largest, scale }, None))
        };
        self.of_model(sizes).into_iter().filter_map(of_state).collect()
    }

    /// Patients, from the first, of whom time courses are written.
    pub fn followed(&self) -> u64 {
        self.cohort.trajectories.as_ref().map_or(0, |t| t.patients)
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
        let mut individuals = individuals(&self.plan, patients, level);
        individuals.trajectories =
            self.followed().saturating_sub(patients.first).min(patients.count as u64) as usize;
        individuals.residuals = self.residuals(patients);
        individuals
    }

    /// What doses come to in each patient, in the unit of the first arm's amount.
    pub fn amounts<'a>(&'a self, individuals: &'a Individuals) -> Amounts<'a> {
        let model = &self.model.metadata.dosing_unit;
        let written = self.cohort.regimen.arms.first().map(|arm| &arm.value.unit);
        let regimen = &self.cohort.regimen;
        let conversion = written.and_then(|written| regimen.conversion(&Unit::parse(model), written));
        let unit = self.plan.arms.first().and_then(|arm| arm.unit.split('/').next());
        match (unit, conversion) {
            (Some(unit), Some(from_model)) => Amounts { unit, from_model, slots: &individuals.slots },
            _ => Amounts { unit: model, from_model: Conversion::NONE, slots: &individuals.slots },
        }
    }

    /// The files that the job is made from, for the run folder: as they were read.
    pub fn inputs(&self) -> Vec<Input> {
        let text = |role: &str, source: &Source| {
            Input::new(role, file_name(Path::new(&source.name)), source.text.as_bytes())
        };
        let mut inputs = vec![text("cohort", &self.cohort.source), text("model", &self.model.source)];
        let tables = (1..).zip(&self.cohort.grades.tables);
        inputs.extend(tables.map(|(number, table)| text(&format!("grades_{number}"), &table.source)));
        if let Some((path, kept)) = self.sampler.table() {
            let Kept { bytes, taken_from_sha256 } = kept.clone();
            inputs.push(Input { role: "patients".into(), name: file_name(path), bytes, taken_from_sha256 });
        }
        inputs
    }

    /// What decides by chance about an event, between 0 and 1, `[patient]`: it belongs to patient and event,
    /// whatever the arm.
    fn draws(&self, event: &str, patients: &Patients) -> Vec<f64> {
        let stream = Stream::new(self.cohort.seed, &format!("event:{event}"));
        let indices = patients.first..patients.first + patients.count as u64;
        indices.map(|patient| stream.patient(patient).uniform()).collect()
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

/// Covariates that nothing uses, in the order of their columns.
#[derive(Debug, Error)]
#[error("nothing uses {}", names.join(", "))]
pub struct UnusedCovariates {
    /// Their names.
    pub names: Vec<String>,
}

impl Cause for UnusedCovariates {
    fn help(&self) -> Option<String> {
        Some("they are written to patients/ alone; is a name misspelt?".into())
    }
}

/// That covariates are used by nothing, if there are such.
fn unused(job: &Job) -> Option<Notice> {
    let names = job.sampler.unused(&job.plan.used_covariates());
    (!names.is_empty()).then(|| Notice::note(&UnusedCovariates { names }, None))
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
