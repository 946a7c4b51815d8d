//! What is compared with what, checked before anything is run.

use std::collections::BTreeSet;
use std::path::Path;

use super::crossing::Point;
use super::error::{CompareError, all_kept, dose_units};
use super::index::Levels;
use super::measure::Measured;
use super::reference;
use super::result::ScenarioResult;
use super::scenario::Scenario;
use super::statistic::Summarised;
use super::uncertainty::Uncertainty;
use super::waterfall::{StepResult, WaterfallStep, waterfall};
use crate::cohort::{self, Cohort, Compare, Dose, Spanned, StepOf, within};
use crate::diagnostic::{Problem, Problems};
use crate::job::{Changes, CohortFile, Job};
use crate::plan::Arm;

/// What the file itself, without any of its scenarios, is called among them.
pub const FILE_ITSELF: &str = "base";

/// Scenarios, and what is asked of them.
#[derive(Debug)]
pub struct ComparisonSpec {
    /// The scenarios, in the order in which they are run.
    pub scenarios: Vec<Scenario>,
    /// Position of the one that differences are to.
    pub base: usize,
    /// The reference tumour, by which the static dose is defined.
    pub reference: Option<Reference>,
    /// What is looked for on the curves.
    pub levels: Levels,
    /// Position of the scenario in which the dose with disease control is looked for.
    pub control: Option<usize>,
    /// The steps of the waterfall whose scenarios are run.
    pub steps: Vec<PlannedStep>,
    /// What is uncertain.
    pub uncertainty: Option<Uncertainty>,
}

/// Which scenario and endpoint define the static dose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Position of the scenario.
    pub scenario: usize,
    /// Its endpoint that is 0 at the static dose, and below it beyond.
    pub endpoint: String,
}

/// A step of the waterfall: what it changes, and the scenario or dose that it leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedStep {
    /// What changes.
    pub label: String,
    /// StepAt what.
    pub at: StepAt,
}

/// A scenario or a dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StepAt {
    /// A scenario, by its position.
    Scenario(usize),
    /// A dose, in the unit of all doses.
    Dose(f64),
}

impl ComparisonSpec {
    /// Reads and checks a cohort file with its scenarios: all that it compares, or those that are `named` with
    /// what they need. The reference tumour keeps its number of patients whatever `changes` say.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn load(path: &Path, changes: &Changes, named: &[String]) -> Result<Self, Problems> {
        let file = CohortFile::read(path, &changes.set)?;
        Self::of_file(&file, path, changes, named).map_err(|problems| file.problems(problems))
    }

    fn of_file(
        file: &CohortFile,
        path: &Path,
        changes: &Changes,
        named: &[String],
    ) -> Result<Self, Problems> {
        let cohort = cohort::examine(file.source(), file.folder(), None).finish()?;
        let compare = match &cohort.compare {
            Some(compare) => compare.clone(),
            None => all_scenarios(&cohort)?,
        };
        let reference = compare.static_dose.as_ref().map(|of| of.scenario.as_ref());
        let names = names(&cohort, &compare, named)?;
        let of_file = cohort::scenarios(&cohort.source)?;
        let load = |name: &Option<String>| {
            let is_reference = reference.is_some_and(|of| of.map(|name| &name.value) == name.as_ref());
            let patients = changes.patients.filter(|_| !is_reference);
            let changes = Changes { scenario: name.clone(), patients, ..changes.clone() };
            let described = of_file.iter().find(|of| Some(&of.name.value) == name.as_ref());
            Ok(Scenario {
                name: name.clone().unwrap_or_else(|| FILE_ITSELF.into()),
                description: described.map_or(&cohort.description, |of| &of.description).clone(),
                job: Job::load(path, &changes).map_err(|problems| within(problems, name.as_deref()))?,
            })
        };
        let scenarios: Vec<Scenario> = names.iter().map(load).collect::<Result<_, Problems>>()?;
        all_kept(&scenarios)?;
        dose_units(&scenarios)?;

        let position = |name: Option<&Spanned<String>>| {
            names.iter().position(|known| known.as_ref() == name.map(|name| &name.value))
        };
        let of_static = compare.static_dose.as_ref();
        let reference = of_static.and_then(|of| {
            let scenario = position(of.scenario.as_ref())?;
            Some(Reference { scenario, endpoint: of.endpoint.value.clone() })
        });
        if let Some(Reference { scenario, endpoint }) = &reference {
            check_never_leaves(&scenarios[*scenario], endpoint)?;
        }
        let control = compare.control.as_ref();
        let base = position(compare.base.as_ref()).unwrap_or(0);
        let mut steps = Vec::new();
        for step in &compare.waterfall {
            let at = match &step.of {
                StepOf::Scenario(name) => position(Some(name)).map(StepAt::Scenario),
                StepOf::Dose(dose) => Some(StepAt::Dose(in_unit_of(&scenarios[base], dose, &cohort)?)),
            };
            steps.extend(at.map(|at| PlannedStep { label: step.label.clone(), at }));
        }
        Ok(Self {
            base,
            reference,
            control: control.and_then(|control| position(control.scenario.as_ref())),
            levels: Levels {
                mtd: compare.mtd.clone(),
                control: control.map(|control| control.proportion.value),
            },
            steps,
            uncertainty: Uncertainty::of(&cohort, &scenarios)?,
            scenarios,
        })
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

    /// The results of a scenario from its outcomes.
    pub(super) fn result(
        &self,
        scenario: usize,
        of: Summarised,
        static_dose: Option<&Measured>,
    ) -> ScenarioResult {
        if self.is_reference(scenario) {
            return ScenarioResult {
                measured: static_dose.copied().into_iter().collect(),
                ..ScenarioResult::default()
            };
        }
        let Summarised { curves, statistics } = of;
        let control = self.levels.control.filter(|_| self.control == Some(scenario));
        let measured = Levels { control, ..self.levels.clone() }.measure(&curves, static_dose);
        ScenarioResult { curves, statistics, measured }
    }

    /// Pairs of scenarios whose differences are wanted: each against the base, and against the scenario before
    /// it in the waterfall.
    pub(super) fn pairs(&self) -> Vec<[usize; 2]> {
        let others = (0..self.scenarios.len()).filter(|&i| i != self.base && !self.is_reference(i));
        let to_base = others.map(|i| [i, self.base]);
        let stops: Vec<usize> = self.steps.iter().filter_map(|step| step.at.scenario()).collect();
        let steps = stops.windows(2).map(|pair| [pair[1], pair[0]]);
        let mut seen = BTreeSet::new();
        to_base.chain(steps).filter(|&[a, b]| a != b && seen.insert([a.min(b), a.max(b)])).collect()
    }

    /// The waterfall from what every scenario shows.
    pub(super) fn waterfall(&self, results: &[ScenarioResult], static_dose: f64) -> Vec<WaterfallStep> {
        let steps = self.steps.iter().map(|step| {
            let stop = match step.at {
                StepAt::Scenario(i) => StepResult::Scenario(&self.scenarios[i].name, &results[i].measured),
                StepAt::Dose(dose) => StepResult::Dose(dose),
            };
            (step.label.clone(), stop)
        });
        waterfall(steps, &self.levels.mtd, static_dose)
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

impl StepAt {
    /// The scenario, if it is one.
    fn scenario(self) -> Option<usize> {
        match self {
            Self::Scenario(position) => Some(position),
            Self::Dose(_) => None,
        }
    }
}

/// Refuses a reference tumour that may leave the trial before its endpoint is read.
fn check_never_leaves(scenario: &Scenario, endpoint: &str) -> Result<(), CompareError> {
    let Job { cohort, plan, .. } = &scenario.job;
    let ends = cohort.endpoints.iter().any(|known| known.name.value == endpoint && !known.follows);
    if ends && plan.protocol.stops.iter().any(|stop| stop.leaves) {
        let (scenario, endpoint) = (scenario.name.clone(), endpoint.to_owned());
        return Err(CompareError::ReferenceMayLeave { scenario, endpoint });
    }
    Ok(())
}

/// Every scenario of a file that does not say what is compared, each with the file itself. Of a file without
/// scenarios it is the file itself whose uncertainty is asked for.
fn all_scenarios(cohort: &Cohort) -> Result<Compare, Problems> {
    let scenarios: Vec<_> = cohort::scenarios(&cohort.source)?.into_iter().map(|of| of.name).collect();
    if scenarios.is_empty() && cohort.uncertainty.is_none() {
        return Err(CompareError::NoScenarios { file: cohort.source.name.clone() }.into());
    }
    let mtd = vec![DEFAULT_MTD];
    Ok(Compare { base: None, scenarios, mtd, static_dose: None, control: None, waterfall: Vec::new() })
}

/// Probability of dose-limiting toxicity at the maximum tolerated dose, where the file names none.
const DEFAULT_MTD: f64 = 0.3;

/// A dose in the unit of all doses: that of a scenario's arms.
fn in_unit_of(scenario: &Scenario, dose: &Spanned<Dose>, cohort: &Cohort) -> Result<f64, Problem> {
    let arm = scenario.job.cohort.regimen.arms.first().and_then(cohort::Arm::dose);
    let amount = arm.and_then(|arm| dose.value.amount_in_unit_of(&arm.value));
    amount.ok_or_else(|| {
        let error = CompareError::OtherKind {
            dose: dose.value.text.clone(),
            arm: arm.map_or_else(String::new, |arm| arm.value.text.clone()),
            scenario: scenario.name.clone(),
        };
        Problem::at(error, cohort.place(&dose.span))
    })
}

/// The scenarios that are run, none for the file itself: the base first if it is not among them, then that in
/// which disease control is looked for, the reference tumour last.
fn names(cohort: &Cohort, compare: &Compare, named: &[String]) -> Result<Vec<Option<String>>, Problems> {
    let known: Vec<&String> = compare.scenarios.iter().map(|name| &name.value).collect();
    if let Some(name) = named.iter().find(|name| !known.contains(name)) {
        return Err(CompareError::unknown(name, &known).into());
    }
    if known.iter().any(|name| *name == FILE_ITSELF) {
        return Err(CompareError::NameOfFile { file: cohort.source.name.clone() }.into());
    }
    let value = |name: &Option<Spanned<String>>| name.as_ref().map(|name| name.value.clone());
    let wanted = known.into_iter().filter(|name| named.is_empty() || named.contains(name));
    let mut names: Vec<Option<String>> = wanted.cloned().map(Some).collect();
    let base = value(&compare.base);
    if !names.contains(&base) {
        names.insert(0, base);
    }
    let control = compare.control.as_ref().map(|control| value(&control.scenario));
    let reference = compare.static_dose.as_ref().map(|of_static| value(&of_static.scenario));
    for needed in control.into_iter().chain(reference) {
        if !names.contains(&needed) {
            names.push(needed);
        }
    }
    Ok(names)
}
