//! Everything that a run needs: read, checked, and solved in a few patients for the choice of its method.

mod draft;
mod file;
mod method;
mod names;
mod of_data;
mod set;
mod subjects;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use crate::cohort::{self, Cohort, Examined, Output};
use crate::dataset::DataFile;
use crate::diagnostic::{Cause, Notice, Problems, Source};
use crate::draft::DataFiles;
use crate::engine::Individuals;
use crate::engine::cpu::{self, Isa};
use crate::engine::pilot::{Choice, Reason};
use crate::engine::program::Program;
use crate::model::{self, Model};
use crate::outcome::distribution::Endpoint;
use crate::outcome::doses::Amounts;
use crate::outcome::rows;
use crate::plan::Plan;
use crate::population::{Patients, Sampler};
use crate::store::{Input, InputContent, Keeps};
use crate::table::Kept;
use crate::unit::{Conversion, Unit};

use draft::Draft;
pub use file::CohortFile;
pub use method::ClosedFormError;
pub use names::NameError;
pub use of_data::TooFewIndividuals;
pub use set::SetError;
use subjects::Subjects;

/// What a cohort file leaves to the command line.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// One of the file's scenarios; without it, the file as it is without them.
    pub scenario: Option<String>,
    /// Number of patients instead of the file's.
    pub patients: Option<u64>,
    /// Seed instead of the file's.
    pub seed: Option<u64>,
    /// Keys that are given another value, as `regimen.arms=["50 mg"]`: see [`CohortFile`].
    pub set: Vec<String>,
    /// Whether rows of patients are not kept, whatever the file says.
    pub no_outcomes: bool,
    /// What the method is chosen with: the instruction set of the run, which all of its shards have in common; the best
    /// that the processor has if none.
    pub isa: Option<Isa>,
}

impl Changes {
    fn isa(&self) -> Isa {
        self.isa.unwrap_or_else(Isa::detect)
    }

    /// Changes what a cohort file says in words of its own.
    fn apply(&self, cohort: &mut Cohort) {
        cohort.patients = self.patients.unwrap_or(cohort.patients);
        cohort.seed = self.seed.unwrap_or(cohort.seed);
        if self.no_outcomes {
            cohort.output = Output { outcomes: false, columns: None };
        }
    }
}

/// A data set for a model.
#[derive(Debug, Clone, Copy)]
pub struct ModelData<'a> {
    /// The file.
    pub file: &'a Path,
    /// A second one with covariates at times of their own.
    pub covariates: Option<&'a Path>,
    /// How often each individual is simulated.
    pub replicates: u32,
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
    /// Its program: what engines are made from.
    pub program: Program,
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
        let file = CohortFile::read(path, &changes.set)?;
        match Self::of_file(&file, changes) {
            Ok(job) => Ok(Self { notices: file.notices(job.notices), ..job }),
            Err(problems) => Err(file.problems(problems)),
        }
    }

    fn of_file(file: &CohortFile, changes: &Changes) -> Result<Self, Problems> {
        let examined = cohort::examine(file.source(), file.folder(), changes.scenario.as_deref());
        let Examined { cohort: Some(mut cohort), mut problems } = examined else {
            return Err(Problems(examined.problems));
        };
        if let (Some(_), Some(rows)) = (changes.patients, &mut cohort.population.rows) {
            rows.unused_rows = true;
        }
        changes.apply(&mut cohort);
        match model::load(&cohort.model.value) {
            Ok(model) => Self::of(Draft::new(cohort, model, problems)?, changes.isa()),
            // That a file is not there has been said.
            Err(_) if !problems.is_empty() && !cohort.model.value.is_file() => Err(Problems(problems)),
            Err(Problems(of_model)) => {
                problems.extend(of_model);
                Err(Problems(problems))
            }
        }
    }

    /// Reads and checks a model and a data set, without a cohort file.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn of_data(model: &Path, data: &ModelData<'_>, changes: &Changes) -> Result<Self, Problems> {
        let read = model::load(model)?;
        let name = crate::draft::name_of_data(data.file);
        let files = DataFiles {
            file: crate::draft::slashed(data.file),
            covariates: data.covariates.map(crate::draft::slashed),
            replicates: data.replicates,
        };
        let text = crate::draft::of_data(&read, &name, &crate::draft::slashed(model), &files);
        let source = Source::new(format!("{name}.toml"), text);
        let file = CohortFile::of(&source, Path::new(""), &changes.set)?;
        let cohort = cohort::parse(file.source(), file.folder());
        let mut cohort = cohort.map_err(|problems| file.problems(problems))?;
        changes.apply(&mut cohort);
        Self::of(Draft::new(cohort, read, Vec::new())?, changes.isa())
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
        Self::of(Draft::new(cohort, model, Vec::new())?, Isa::detect())
    }

    /// Chooses the method, for which typical patients are solved, and makes the program.
    fn of(mut draft: Draft, isa: Isa) -> Result<Self, Problems> {
        draft.check_method()?;
        let Choice { reason, program, .. } = draft.solve_for_method(isa)?;
        let program = match program {
            Some(program) => program.with_limits(draft.plan.clone()),
            None => cpu::fitting(&draft.plan)?,
        };
        let Draft { cohort, model, sampler, plan, mut notices } = draft;
        let names = sampler.unused(&plan.used_covariates());
        if !names.is_empty() {
            notices.push(Notice::note(&UnusedCovariates { names }, None));
        }
        let is_observed = sampler.data().is_some() && cohort.output.outcomes;
        let is_followed = !plan.trajectories.is_empty() && sampler.data().is_none() || is_observed;
        if endpoints(&cohort, &plan).is_empty() && !is_followed {
            let measured = crate::draft::measured(&model).iter().map(|name| (*name).to_owned()).collect();
            notices.push(Notice::warning(&NoEndpoint { measured }, None));
        }
        Ok(Self { cohort, model, sampler, plan, program, reason, notices })
    }

    /// Columns of the outcomes that are summarised.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        endpoints(&self.cohort, &self.plan)
    }

    /// Whether the outcomes say what doses a patient received: where that may differ from what was planned,
    /// or where it is asked for.
    pub fn has_dose_columns(&self) -> bool {
        has_dose_columns(&self.cohort, &self.plan)
    }

    /// What a run keeps of its patients.
    pub fn kept(&self) -> Keeps {
        match &self.cohort.output {
            Output { outcomes: false, .. } => Keeps::Statistics,
            Output { columns: Some(_), .. } => Keeps::Columns,
            Output { .. } => Keeps::Rows,
        }
    }

    /// Patients, from the first, of whom time courses are written.
    pub fn followed(&self) -> u64 {
        self.subjects().followed()
    }

    /// The patients of a range with their individual values, ready for an engine.
    ///
    /// # Errors
    /// A patient for whom no eligible draw was found; records of a data set that cannot be read back.
    pub fn individuals(&self, range: Range<u64>, isa: Isa) -> Result<(Patients, Individuals), Problems> {
        let mut patients = self.sampler.sample(range)?;
        let individuals = self.values(&mut patients, isa)?;
        Ok((patients, individuals))
    }

    /// The first patient without random effects, ready for an engine.
    ///
    /// # Errors
    /// No eligible draw was found.
    pub fn typical(&self, isa: Isa) -> Result<Individuals, Problems> {
        let mut patients = self.sampler.sample(0..1)?;
        patients.effects.iter_mut().for_each(|effect| effect.fill(0.0));
        self.values(&mut patients, isa)
    }

    /// Individual values of drawn patients.
    ///
    /// # Errors
    /// The records of a data set cannot be read back.
    pub(crate) fn values(&self, patients: &mut Patients, isa: Isa) -> Result<Individuals, Problems> {
        Ok(self.subjects().values(patients, isa)?)
    }

    fn subjects(&self) -> Subjects<'_> {
        let Self { cohort, model, sampler, plan, .. } = self;
        Subjects { cohort, model, sampler, plan }
    }

    /// What doses come to in each patient, in the unit of the first arm's amount; of several drugs in the model's.
    pub fn amounts<'a>(&'a self, individuals: &'a Individuals) -> Amounts<'a> {
        let (unit, from_model) = self.unit_of_amounts();
        Amounts { unit, from_model, slots: &individuals.slots }
    }

    /// That unit, and how an amount in the model's becomes one in it.
    pub(crate) fn unit_of_amounts(&self) -> (&str, Conversion) {
        let model = &self.model.metadata.dosing_unit;
        let unit = self.plan.arms.first().and_then(|arm| arm.unit.split('/').next());
        let conversion = match self.cohort.regimen.drugs.as_slice() {
            [drug] => unit.and_then(|unit| drug.conversion(&Unit::parse(model), &Unit::parse(unit))),
            _ => None,
        };
        unit.zip(conversion).unwrap_or((model, Conversion::NONE))
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
            inputs.push(Input { taken_from_sha256, ..Input::new("patients", file_name(path), bytes) });
        }
        let of_data = |role: &str, file: &DataFile| {
            let DataFile { path, bytes, sha256 } = file.clone();
            let name = file_name(&path);
            let content = InputContent::File { path, bytes, sha256 };
            Input { content, ..Input::new(role, name, Vec::new()) }
        };
        inputs.extend(self.sampler.data().map(|data| of_data("data", data.file())));
        inputs.extend(
            self.sampler.data().and_then(|data| data.second_file().map(|file| of_data("covariates", file))),
        );
        inputs
    }
}

/// Columns of the outcomes that are summarised.
fn endpoints(cohort: &Cohort, plan: &Plan) -> Vec<Endpoint> {
    rows::endpoints(plan, has_dose_columns(cohort, plan))
}

fn has_dose_columns(cohort: &Cohort, plan: &Plan) -> bool {
    plan.may_differ_from_planned() || cohort.write_doses == Some(true)
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

/// A run of which nothing comes.
#[derive(Debug, Error)]
#[error(
    "there is no endpoint: the run writes nothing of its patients but covariates, parameters and how they were solved"
)]
pub struct NoEndpoint {
    /// What the model measures.
    pub measured: Vec<String>,
}

impl Cause for NoEndpoint {
    fn help(&self) -> Option<String> {
        let first = self.measured.first()?;
        Some(format!(
            "add [endpoints.NAME] with of = \"{first}\" and statistic = \"max\"; the model measures {}",
            self.measured.join(", ")
        ))
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
