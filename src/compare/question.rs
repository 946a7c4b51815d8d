//! What is compared with what, checked before anything is run.

use std::collections::BTreeSet;

use super::crossing::Point;
use super::curve::Curve;
use super::index;
use super::measure::Measured;
use super::reference;
use super::scenario::Scenario;
use super::uncertainty::{Shown, Uncertainty};
use super::waterfall::{Step, Stop, waterfall};
use crate::plan::Arm;

/// Scenarios, and what is asked of them.
#[derive(Debug)]
pub struct Question {
    /// The scenarios, in file order.
    pub scenarios: Vec<Scenario>,
    /// Position of the one that differences are to.
    pub base: usize,
    /// The reference tumour, by which the static dose is defined.
    pub reference: Option<Reference>,
    /// The steps of the waterfall.
    pub steps: Vec<Target>,
    /// What is uncertain.
    pub uncertainty: Option<Uncertainty>,
}

/// Who says what the static dose is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Position of the scenario.
    pub scenario: usize,
    /// Its endpoint that is 0 at the static dose, and below it beyond.
    pub endpoint: String,
}

/// Where a step of the waterfall arrives.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// What changes.
    pub label: String,
    /// Position of the scenario, or a given dose.
    pub at: Result<usize, f64>,
}

impl Question {
    /// TODO
    pub fn load(path: &std::path::Path, changes: &crate::job::Changes, _only: &[String]) -> Result<Self, crate::diagnostic::Problems> {
        let job = crate::job::Job::load(path, changes)?;
        Ok(Self { scenarios: vec![Scenario { name: "base".into(), job }], base: 0, reference: None, steps: vec![], uncertainty: None })
    }

    /// Name of the cohort.
    pub fn name(&self) -> &str {
        &self.scenarios[self.base].job.cohort.name
    }

    /// Unit of all doses.
    pub fn dose_unit(&self) -> &str {
        self.arms(self.base).first().map_or("", |arm| arm.unit.as_str())
    }

    /// Arms of a scenario.
    pub(super) fn arms(&self, scenario: usize) -> &[Arm] {
        &self.scenarios[scenario].job.plan.arms
    }

    /// Whether a scenario is the reference tumour, in whom nothing is counted.
    pub(super) fn is_reference(&self, scenario: usize) -> bool {
        self.reference.as_ref().is_some_and(|reference| reference.scenario == scenario)
    }

    /// Change of the reference tumour at each dose; none if there is no reference. `column` reads an outcome of
    /// the reference, `[patient][arm]`.
    pub(super) fn changes<E>(
        &self,
        column: impl FnOnce(&Reference) -> Result<Vec<f64>, E>,
    ) -> Result<Option<Vec<Point>>, E> {
        let changes = |reference| {
            column(reference).map(|values| reference::changes(self.arms(reference.scenario), &values))
        };
        self.reference.as_ref().map(changes).transpose()
    }

    /// What a scenario shows.
    pub(super) fn shown(&self, scenario: usize, curves: Vec<Curve>, static_dose: Option<&Measured>) -> Shown {
        if self.is_reference(scenario) {
            return Shown { curves: Vec::new(), measured: static_dose.copied().into_iter().collect() };
        }
        let measured = index::measure(&curves, static_dose.map(|found| found.value));
        Shown { curves, measured }
    }

    /// Pairs of scenarios whose differences are wanted: each against the base, and against the scenario before
    /// it in the waterfall.
    pub(super) fn pairs(&self) -> Vec<[usize; 2]> {
        let others = (0..self.scenarios.len()).filter(|&i| i != self.base && !self.is_reference(i));
        let to_base = others.map(|i| [i, self.base]);
        let stops: Vec<usize> = self.steps.iter().filter_map(|step| step.at.ok()).collect();
        let steps = stops.windows(2).map(|pair| [pair[1], pair[0]]);
        let mut seen = BTreeSet::new();
        to_base.chain(steps).filter(|&[a, b]| a != b && seen.insert([a.min(b), a.max(b)])).collect()
    }

    /// The waterfall from what every scenario shows.
    pub(super) fn waterfall(&self, shown: &[Shown], static_dose: f64) -> Vec<Step> {
        let steps = self.steps.iter().map(|step| {
            let stop = match step.at {
                Ok(i) => Stop::Scenario(&self.scenarios[i].name, &shown[i].measured),
                Err(dose) => Stop::Dose(dose),
            };
            (step.label.clone(), stop)
        });
        waterfall(steps, static_dose)
    }

    /// Key-value metadata of every table.
    pub(super) fn provenance(&self) -> Vec<(String, String)> {
        let cohort = &self.scenarios[self.base].job.cohort;
        [
            ("vpop.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("vpop.run", cohort.name.clone()),
            ("vpop.seed", cohort.seed.to_string()),
            ("vpop.patients", cohort.patients.to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }
}
