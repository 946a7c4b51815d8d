//! What is asked of trials, read and checked before any is conducted.

use std::path::{Path, PathBuf};

use super::candidates::{Assumed, Candidates, FromRun};
use super::characteristics::ReferenceDoses;
use super::doses::Doses;
use super::error::EscalationError;
use super::run::Run;
use super::settings::{self, Planned};
use crate::cohort::{Accrual, quantity};
use crate::diagnostic::Problems;
use crate::store;

/// End of the window of assumed probabilities, days after the first dose: the usual cycle of four weeks.
const ASSUMED_WINDOW: f64 = 28.0;
/// Seed of trials from assumed probabilities, where none is given.
const SEED: u64 = 1;

/// Where trials come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// The patients of a run.
    Run(PathBuf),
    /// Assumed probabilities of dose-limiting toxicity, from the lowest dose, and what the doses are.
    Assumed {
        /// The probabilities.
        toxicity: Vec<f64>,
        /// The doses, if they are known.
        doses: Option<Vec<String>>,
    },
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where trials come from.
    pub from: Origin,
    /// Design files; the standard designs if there are none.
    pub designs: Vec<PathBuf>,
    /// Trials of each design.
    pub replicates: u64,
    /// Seed of every draw, in place of the run's.
    pub seed: Option<u64>,
    /// The dose that was thought to be active, in place of the run's.
    pub active_dose: Option<String>,
    /// The comparison that says what the static dose is, in place of the one that the run belongs to.
    pub comparison: Option<PathBuf>,
    /// Patients a month, in place of the run's.
    pub patients_per_month: Option<f64>,
}

/// Everything that trials need, checked.
#[derive(Debug)]
pub struct Question {
    /// What they are called.
    pub name: String,
    /// Whom they enrol.
    pub source: Source,
    /// The doses.
    pub doses: Doses,
    /// The designs.
    pub designs: Vec<Planned>,
    /// How patients come.
    pub accrual: Accrual,
    /// Seed of every draw.
    pub seed: u64,
    /// Trials of each design.
    pub replicates: u64,
    /// What doses are compared with.
    pub reference_doses: ReferenceDoses,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Whom trials enrol.
#[derive(Debug)]
pub enum Source {
    /// The patients of a run, and what is known of all of them, moderate toxicities apart.
    Run(Box<Run>, FromRun),
    /// From assumed probabilities.
    Assumed(Assumed),
}

impl Question {
    /// Reads and checks what is asked.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn load(request: &Request) -> Result<Self, Problems> {
        match &request.from {
            Origin::Run(path) => Self::of_run(Run::open(path)?, request),
            Origin::Assumed { toxicity, doses } => Self::of_assumed(toxicity, doses.as_deref(), request),
        }
    }

    fn of_run(run: Run, request: &Request) -> Result<Self, Problems> {
        let designs = settings::load_all(&request.designs, &run.doses)?;
        let everybody = run.candidates(None)?;
        let unknown = run.manifest.patients as usize - everybody.count().min(run.manifest.patients as usize);
        let mut notes = Vec::new();
        if unknown > 0 {
            notes.push(format!("{unknown} patients of whom not all is known at every dose are in no trial"));
        }
        for design in &designs {
            check_patients(design, everybody.count())?;
            notes.extend(ungraded(design, &run)?);
        }
        let static_dose = match (&request.comparison, store::comparison_of(&run.path)) {
            (None, None) => None,
            (None, Some(of_run)) => static_dose(&of_run, &run.doses)?,
            (Some(named), _) => Some(static_dose_of(named, &run.doses)?),
        };
        let active_dose = request.active_dose.as_ref().or(run.trial.active_dose.as_ref());
        let reference_doses = ReferenceDoses {
            toxicity: everybody.toxicity(),
            amounts: run.doses.amounts.clone(),
            active_dose: active_dose.map(|dose| in_unit("the active dose", dose, &run.doses)).transpose()?,
            static_dose,
            causes: run.trial.dlt_causes.clone(),
        };
        Ok(Self {
            name: run.manifest.name.clone(),
            doses: run.doses.clone(),
            designs,
            accrual: accrual(run.trial.accrual, request),
            seed: request.seed.unwrap_or(run.manifest.seed),
            replicates: request.replicates,
            reference_doses,
            notes,
            source: Source::Run(Box::new(run), everybody),
        })
    }

    fn of_assumed(toxicity: &[f64], labels: Option<&[String]>, request: &Request) -> Result<Self, Problems> {
        if let Some(&value) = toxicity.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(EscalationError::NotAProbability { value }.into());
        }
        let doses = doses(labels, toxicity.len())?;
        let designs = settings::load_all(&request.designs, &doses)?;
        let asks = designs.iter().filter(|design| design.moderate.is_some());
        let notes = asks.map(|design| {
            format!(
                "{}: probabilities are of dose-limiting toxicity alone, so that no other is seen",
                design.name
            )
        });
        let is_left_out = request.designs.is_empty() && !doses.are_known();
        let left_out = is_left_out.then(settings::needing_doses).unwrap_or_default().into_iter();
        let left_out = left_out
            .map(|file| format!("{file} is left out: it needs the doses, as `--doses \"10 mg,20 mg\"`"));
        let active_dose = request.active_dose.as_ref();
        let static_dose = request.comparison.as_ref().map(|path| static_dose_of(path, &doses));
        Ok(Self {
            name: "assumed probabilities".into(),
            accrual: accrual(Accrual::default(), request),
            seed: request.seed.unwrap_or(SEED),
            replicates: request.replicates,
            reference_doses: ReferenceDoses {
                toxicity: toxicity.to_vec(),
                amounts: doses.amounts.clone(),
                active_dose: active_dose.map(|dose| in_unit("the active dose", dose, &doses)).transpose()?,
                static_dose: static_dose.transpose()?,
                causes: Vec::new(),
            },
            notes: notes.chain(left_out).collect(),
            doses,
            designs,
            source: Source::Assumed(Assumed { toxicity: toxicity.to_vec(), window: ASSUMED_WINDOW }),
        })
    }
}

/// The doses of labels, or levels if there are none.
///
/// # Errors
/// They are not doses of one kind, or not one for each probability.
pub fn doses(labels: Option<&[String]>, count: usize) -> Result<Doses, Problems> {
    let Some(labels) = labels else { return Ok(Doses::levels(count)) };
    let read = labels.iter().map(|label| quantity::dose(label)).collect::<Result<Vec<_>, _>>()?;
    let is_rising = |doses: &Doses| doses.labels.iter().eq(labels.iter().map(|label| label.trim()));
    let doses = Doses::new(read).filter(|doses| doses.amounts[0] > 0.0 && is_rising(doses));
    let doses = doses.ok_or_else(|| EscalationError::Doses { labels: labels.to_vec() })?;
    if doses.count() != count {
        return Err(EscalationError::Counts { doses: doses.count(), probabilities: count }.into());
    }
    Ok(doses)
}

fn check_patients(design: &Planned, there: usize) -> Result<(), EscalationError> {
    let maximum = design.limits.patients;
    if maximum as usize <= there {
        return Ok(());
    }
    Err(EscalationError::TooFewPatients { design: design.name.clone(), maximum, there })
}

/// What is to be said of a design that asks for moderate toxicities of a run that does not grade any.
fn ungraded(design: &Planned, run: &Run) -> Result<Option<String>, EscalationError> {
    let Some(moderate) = &design.moderate else { return Ok(None) };
    let window = moderate.window.clone();
    match (run.is_graded_in(&window), moderate.is_named) {
        (true, _) => Ok(None),
        (false, true) => Err(EscalationError::NoWindow { design: design.name.clone(), window }),
        (false, false) => Ok(Some(format!(
            "{}: the run grades nothing in a window `{window}`, so that dose-limiting toxicities alone are seen",
            design.name
        ))),
    }
}

fn accrual(usual: Accrual, request: &Request) -> Accrual {
    let patients_per_month = request.patients_per_month.unwrap_or(usual.patients_per_month);
    Accrual { patients_per_month, ..usual }
}

fn in_unit(what: &'static str, text: &str, doses: &Doses) -> Result<f64, Problems> {
    let dose = quantity::dose(text)?;
    let other = || EscalationError::OtherKind { what, dose: dose.text.clone(), unit: doses.unit() };
    Ok(doses.amount_of(&dose).ok_or_else(other)?)
}

/// The static dose of a comparison that is named for it.
fn static_dose_of(comparison: &Path, doses: &Doses) -> Result<f64, Problems> {
    let missing = || EscalationError::NoStaticDose { comparison: comparison.to_owned() };
    Ok(static_dose(comparison, doses)?.ok_or_else(missing)?)
}

/// The static dose of a comparison, if it was asked for and found.
fn static_dose(comparison: &Path, doses: &Doses) -> Result<Option<f64>, Problems> {
    let found = store::static_dose(comparison)?;
    match found.static_dose {
        Some(dose) => in_unit("the static dose", &format!("{dose} {}", found.dose_unit), doses).map(Some),
        None => Ok(None),
    }
}
