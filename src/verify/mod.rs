//! Known cases, solved on a device: whether it can be trusted.
//!
//! Every case is a cohort file and a model that are part of the program; nothing is read from disk. What is
//! expected comes of closed forms, of another solver, or of the CPU engine in f64 at a tight tolerance.

mod cases;
pub mod closed_form;
mod functions;
mod reading;

use std::fmt;

use serde::{Serialize, Serializer};

use crate::diagnostic::{Problems, Source};
use crate::engine::audit::{relative_difference, tightened};
use crate::engine::cpu::{Cpu, Isa};
use crate::engine::program::Program;
use crate::engine::selection::SelectionError;
use crate::engine::{Engine, EngineError, Individuals, Solution, Status};
use crate::job::Job;
use crate::outcome::rows::STATUS_LABELS;

pub use cases::CASES;
pub use reading::Reading;

/// A case whose values are known.
#[derive(Debug, Serialize)]
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    #[serde(skip)]
    cohort: &'static str,
    #[serde(skip)]
    model: &'static str,
    /// What must come out.
    #[serde(rename = "expected_from")]
    pub expected: Expected,
    /// How large the error of a value may be.
    pub tolerance: f64,
}

/// What must come out of a case. Known values are those of the typical patient, without random effects.
#[derive(Debug)]
pub enum Expected {
    /// These time courses, `[arm][time][observable]`.
    Trajectories(Origin, fn(&Job) -> Vec<f64>),
    /// These endpoints, `[arm][endpoint]`.
    Endpoints(Origin, fn(&Job) -> Vec<f64>),
    /// The endpoints of every patient by the CPU engine in f64 at a tight tolerance.
    Cpu,
}

/// Where known values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A formula, evaluated in f64.
    ClosedForm,
    /// Another program: LSODA.
    OtherSolver,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trajectories(Origin::ClosedForm, _) | Self::Endpoints(Origin::ClosedForm, _) => {
                "closed form"
            }
            Self::Trajectories(Origin::OtherSolver, _) | Self::Endpoints(Origin::OtherSolver, _) => "LSODA",
            Self::Cpu => "this CPU in f64",
        })
    }
}

impl Serialize for Expected {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What came out of a case.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// The case.
    #[serde(flatten)]
    pub case: &'static Case,
    /// Whether every value is within the tolerance.
    pub holds: bool,
    /// What the device could not do.
    pub failure: Option<String>,
    /// Every value; none if the device failed as a whole.
    pub values: Vec<Value>,
}

/// One value of a case.
#[derive(Debug, Serialize)]
pub struct Value {
    /// What it is.
    #[serde(flatten)]
    pub of: Reading,
    /// What it should be; not a number: there is none, as a time that is never reached.
    pub expected: f64,
    /// What the engine made of it.
    pub got: f64,
    /// `|got - expected| / max(|expected|, scale)`, 0 if both are missing; not a number: one of them is.
    pub error: f64,
}

impl Value {
    fn new(of: Reading, expected: f64, got: f64) -> Self {
        let error = match [expected.is_nan(), got.is_nan()] {
            [true, true] => 0.0,
            _ => relative_difference(got, expected, of.scale),
        };
        Self { of, expected, got, error }
    }
}

impl Verified {
    /// The value that is furthest from what it should be.
    pub fn worst(&self) -> Option<&Value> {
        // What is missing is worse than any error.
        let size = |value: &Value| if value.error.is_nan() { f64::INFINITY } else { value.error };
        self.values.iter().max_by(|a, b| size(a).total_cmp(&size(b)))
    }
}

/// How many patient-arms did not reach the end, and why.
fn unfinished(solution: &Solution) -> Option<String> {
    let failed: Vec<Status> =
        solution.status.iter().copied().filter(|&status| status != Status::Ok).collect();
    let kinds: Vec<String> = Status::ALL
        .into_iter()
        .map(|kind| (kind, failed.iter().filter(|&&status| status == kind).count()))
        .filter(|&(_, count)| count > 0)
        .map(|(kind, count)| format!("{count} {}", STATUS_LABELS[kind as usize]))
        .collect();
    let all = solution.status.len();
    (!failed.is_empty())
        .then(|| format!("{} of {all} patient-arms failed: {}", failed.len(), kinds.join(", ")))
}

/// Opens an engine for a plan.
pub type Open<'a> = &'a mut dyn FnMut(&Program) -> Result<Box<dyn Engine>, SelectionError>;

/// Solves every case on the engine that `open` gives for its plan.
///
/// # Errors
/// There is no such engine. What an engine cannot do is no error, but the outcome of a case.
pub fn verify(isa: Isa, open: Open<'_>) -> Result<Vec<Verified>, Problems> {
    CASES.iter().map(|case| case.verify(isa, open)).collect()
}

impl Case {
    fn verify(&'static self, isa: Isa, open: Open<'_>) -> Result<Verified, Problems> {
        let job = self.job()?;
        let individuals = match self.expected {
            Expected::Trajectories(..) | Expected::Endpoints(..) => job.typical(isa)?,
            Expected::Cpu => job.individuals(0..job.cohort.patients, isa)?.1,
        };
        let solved = match open(&job.program) {
            Ok(engine) => engine.solve(&individuals),
            Err(SelectionError::Refused(error)) => Err(error),
            Err(error) => return Err(error.into()),
        };
        match solved {
            Ok(solution) => {
                let values = self.compare(&job, &individuals, &solution, isa)?;
                Ok(self.outcome(values, unfinished(&solution)))
            }
            Err(error) => Ok(self.outcome(Vec::new(), Some(error.to_string()))),
        }
    }

    /// The case as everything that a run needs.
    fn job(&self) -> Result<Job, Problems> {
        let cohort = Source::new(format!("{}.toml", self.name), self.cohort);
        Job::from_texts(&cohort, &Source::new(format!("{}.R", self.name), self.model))
    }

    fn compare(
        &self,
        job: &Job,
        individuals: &Individuals,
        solution: &Solution,
        isa: Isa,
    ) -> Result<Vec<Value>, EngineError> {
        let plan = &job.plan;
        let expected = match self.expected {
            Expected::Trajectories(_, known) | Expected::Endpoints(_, known) => known(job),
            Expected::Cpu => {
                let reference = Cpu::new(&tightened(plan), isa).solve(individuals)?;
                reading::endpoints(plan, &reference)
            }
        };
        let (readings, got) = match self.expected {
            Expected::Trajectories(..) => {
                (reading::of_trajectories(plan, &expected), solution.trajectories.clone())
            }
            Expected::Endpoints(..) | Expected::Cpu => {
                (reading::of_endpoints(plan, individuals.count), reading::endpoints(plan, solution))
            }
        };
        // What the engine has left out is not a number, which no tolerance allows.
        let got = got.into_iter().chain(std::iter::repeat(f64::NAN));
        let values = readings.into_iter().zip(expected).zip(got);
        Ok(values.map(|((of, expected), got)| Value::new(of, expected, got)).collect())
    }

    fn outcome(&'static self, values: Vec<Value>, failure: Option<String>) -> Verified {
        let holds = failure.is_none()
            && !values.is_empty()
            && values.iter().all(|value| value.error <= self.tolerance);
        Verified { case: self, holds, failure, values }
    }
}
