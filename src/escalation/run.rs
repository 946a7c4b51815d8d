//! The patients of a run as candidates: what is on disk about each of them at each dose.

use std::path::{Path, PathBuf};

use super::candidates::{Fate, FromRun};
use super::doses::Doses;
use super::error::EscalationError;
use super::settings::Moderate;
use crate::cohort::columns::{
    self, DLT, DLT_DAY, DOSES_GIVEN, EVALUABLE, LEFT_DAY, RESPONSE, emergent_grade,
};
use crate::cohort::dose_of_label;
use crate::diagnostic::Problems;
use crate::store::{self, FinishedRun, Keeps, Manifest, Outcomes, Set, StoreError, TrialSummary};

/// The most causes of dose-limiting toxicity that are told apart.
const MOST_CAUSES: usize = 64;

/// A finished run.
#[derive(Debug)]
pub struct Run {
    /// Its folder.
    pub path: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
    /// What it says of trials.
    pub trial: TrialSummary,
    /// Its doses above 0, rising.
    pub doses: Doses,
    /// Position of the arm of each dose.
    arms: Vec<usize>,
    outcomes: Outcomes,
}

impl Run {
    /// Opens a run.
    ///
    /// # Errors
    /// It is not finished or damaged, defines no dose-limiting toxicity, or has no doses to escalate.
    pub fn open(path: &Path) -> Result<Self, Problems> {
        let scenarios = store::scenarios_of(path)?;
        if !scenarios.is_empty() {
            return Err(EscalationError::Comparison { scenarios }.into());
        }
        let FinishedRun { identity, manifest } = FinishedRun::open(path, &[Set::Outcomes])?;
        let run = || path.to_owned();
        if identity.kept != Keeps::Rows {
            return Err(
                StoreError::NotKept { path: run(), what: "all outcomes of its patients".into() }.into()
            );
        }
        let Some(trial) = manifest.trial.clone() else {
            return Err(EscalationError::NoDlt { run: run() }.into());
        };
        if trial.dlt_causes.len() > MOST_CAUSES {
            return Err(EscalationError::Causes { found: trial.dlt_causes.len(), most: MOST_CAUSES }.into());
        }
        let read = |label: &String| {
            dose_of_label(label).ok_or_else(|| EscalationError::NoDose { arm: label.clone() })
        };
        let arms = manifest.arms.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let given: Vec<_> = arms.into_iter().filter(|dose| dose.amount > 0.0).collect();
        let doses =
            Doses::new(given).ok_or_else(|| EscalationError::Doses { labels: manifest.arms.clone() })?;
        let arm = |label: &String| manifest.arms.iter().position(|arm| arm == label);
        let arms = doses.labels.iter().filter_map(arm).collect();
        let outcomes = Outcomes::open(path, &manifest.arms, &identity.parts())?;
        Ok(Self { path: run(), trial, doses, arms, outcomes, manifest })
    }

    /// What happens to each patient at each dose. Patients of whom that is not known at every dose are left
    /// out. Moderate toxicities are looked for if it is said what they are.
    ///
    /// # Errors
    /// A column that is missing or cannot be read.
    pub fn candidates(&self, moderate: Option<&Moderate>) -> Result<FromRun, StoreError> {
        let columns = Columns::read(self, moderate)?;
        let known = |patient: &usize| self.arms.iter().all(|arm| columns.is_known(self.row(*patient, *arm)));
        let patients = (0..self.outcomes.patients()).filter(known);
        let window = self.trial.dlt_window_days;
        let fates = patients.flat_map(|patient| {
            let columns = &columns;
            self.arms.iter().map(move |&arm| columns.fate(self.row(patient, arm), window))
        });
        Ok(FromRun { fates: fates.collect(), doses: self.doses.count() })
    }

    /// Whether any term is graded in a window.
    pub fn is_graded_in(&self, window: &str) -> bool {
        self.terms().any(|term| self.has(&emergent_grade(term, Some(window))))
    }

    /// Graded terms.
    fn terms(&self) -> impl Iterator<Item = &str> {
        self.outcomes.columns().filter_map(|name| name.strip_suffix(BASELINE))
    }

    /// Whether a column is among the outcomes.
    fn has(&self, column: &str) -> bool {
        self.outcomes.columns().any(|known| known == column)
    }

    fn row(&self, patient: usize, arm: usize) -> usize {
        patient * self.manifest.arms.len() + arm
    }

    /// A column, `[patient][arm]`.
    fn numbers(&self, column: &str) -> Result<Vec<f64>, StoreError> {
        self.outcomes.column(column)
    }

    /// A column that not every run has.
    fn numbers_if_there(&self, column: &str) -> Result<Option<Vec<f64>>, StoreError> {
        self.has(column).then(|| self.numbers(column)).transpose()
    }

    /// Whether there was a moderate toxicity, `[patient][arm]`.
    fn moderate(&self, moderate: &Moderate) -> Result<Vec<bool>, StoreError> {
        let mut found: Vec<bool> = Vec::new();
        let columns = self.terms().map(|term| emergent_grade(term, Some(&moderate.window)));
        for column in columns.filter(|column| self.has(column)) {
            let worst = self.numbers(&column)?;
            found.resize(worst.len(), false);
            for (found, worst) in found.iter_mut().zip(worst) {
                *found |= worst >= f64::from(moderate.grade);
            }
        }
        Ok(found)
    }
}

/// How the column of a term's grade before the first dose ends.
const BASELINE: &str = "_grade_baseline";

/// Columns of the outcomes, `[patient][arm]`, times in days.
struct Columns {
    dlt: Vec<f64>,
    dlt_day: Vec<f64>,
    evaluable: Vec<f64>,
    causes: Vec<Vec<f64>>,
    left_day: Option<Vec<f64>>,
    doses_given: Option<Vec<f64>>,
    /// Doses given, where no column says it.
    planned_doses: f64,
    response: Option<Vec<f64>>,
    /// Empty if they are not looked for.
    moderate: Vec<bool>,
}

impl Columns {
    fn read(run: &Run, moderate: Option<&Moderate>) -> Result<Self, StoreError> {
        let days = |times: Vec<f64>| times.iter().map(|time| time * run.trial.time_unit_days).collect();
        let cause = |cause: &String| run.numbers(&columns::of_cause(cause));
        Ok(Self {
            dlt: run.numbers(DLT)?,
            dlt_day: days(run.numbers(DLT_DAY)?),
            evaluable: run.numbers(EVALUABLE)?,
            causes: run.trial.dlt_causes.iter().map(cause).collect::<Result<_, _>>()?,
            left_day: run.numbers_if_there(LEFT_DAY)?.map(days),
            doses_given: run.numbers_if_there(DOSES_GIVEN)?,
            planned_doses: run.trial.planned_doses as f64,
            response: run.numbers_if_there(RESPONSE)?,
            moderate: moderate.map_or(Ok(Vec::new()), |moderate| run.moderate(moderate))?,
        })
    }

    fn is_known(&self, row: usize) -> bool {
        !self.dlt[row].is_nan()
    }

    fn fate(&self, row: usize, window: f64) -> Fate {
        let at = |column: &Option<Vec<f64>>| column.as_ref().map_or(f64::NAN, |column| column[row]);
        let dlt = self.dlt[row] > 0.0;
        let evaluable = self.evaluable[row] > 0.0;
        let known_day = match (dlt, evaluable) {
            (true, _) => self.dlt_day[row],
            (false, true) => window,
            (false, false) => at(&self.left_day),
        };
        let causes = self.causes.iter().enumerate().filter(|(_, cause)| cause[row] > 0.0);
        Fate {
            known_day,
            evaluable,
            dlt,
            causes: causes.fold(0, |bits, (cause, _)| bits | 1 << cause),
            moderate: dlt || self.moderate.get(row).is_some_and(|moderate| *moderate),
            second_dose: self.doses_given.as_ref().map_or(self.planned_doses, |given| given[row]) >= 2.0,
            response: at(&self.response) > 0.0,
        }
    }
}
