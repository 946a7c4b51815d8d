//! What a comparison was made from, and its results in short: `comparison.json`.

use std::time::SystemTime;

use serde::Serialize;

use super::ComparisonResults;
use super::difference::Difference;
use super::index::Index;
use super::measure::Measure;
use super::replicates::Band;
use super::scenario::ScenarioRun;
use super::spec::ComparisonSpec;
use super::waterfall::WaterfallStep;
use crate::clock::Clock;
use crate::cohort::columns::{DISEASE_CONTROL, DLT};
use crate::plan::position_or_push;
use crate::store::{FileSummary, InputHash, Timing, rfc3339_utc};

/// A comparison in short. What is missing is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Version of this program.
    pub vpop: String,
    /// When it was finished, RFC 3339 in UTC.
    pub created: String,
    /// Name of the cohort.
    pub name: String,
    /// Seed of every draw, in every scenario.
    pub seed: u64,
    /// The files it was made from.
    pub inputs: Vec<InputHash>,
    /// The scenarios, in order.
    pub scenarios: Vec<ScenarioSummary>,
    /// The scenario that differences are to.
    pub base: String,
    /// Unit of doses.
    pub dose_unit: String,
    /// The static dose of the reference tumour.
    pub static_dose: f64,
    /// Proportions with dose-limiting toxicity that are looked for; the first makes the index.
    pub mtd: Vec<f64>,
    /// Proportion with disease control that is looked for.
    pub control: Option<f64>,
    /// Every measure of every scenario.
    pub indices: Vec<Index>,
    /// From one scenario to the next.
    pub waterfall: Vec<WaterfallStep>,
    /// Differences of dose-limiting toxicity and disease control; of all outcomes in `differences.parquet`.
    pub differences: Vec<Difference>,
    /// Bands of the measures over replicates; of curves too in `bands.parquet`.
    pub bands: Vec<Band>,
    /// Wall-clock time by stage.
    pub timings: Vec<Timing>,
    /// Every Parquet file of the comparison itself.
    pub files: Vec<FileSummary>,
}

/// A scenario of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScenarioSummary {
    /// Its name.
    pub name: String,
    /// What it is, for the reader.
    pub description: Option<String>,
    /// Its patients.
    pub patients: u64,
    /// Patient-arms that could not be solved.
    pub failed: u64,
    /// Whether the run failed in anything.
    pub has_failed: bool,
    /// Whether it was there already.
    pub reused: bool,
    /// What solved it.
    pub engine: String,
    /// How long that took.
    pub seconds: f64,
}

impl Comparison {
    /// Whether a run failed in anything.
    pub fn failed(&self) -> bool {
        self.scenarios.iter().any(|scenario| scenario.has_failed)
    }

    /// A measure of a scenario.
    pub fn index(&self, scenario: &str, measure: Measure) -> Option<&Index> {
        let name = measure.name();
        self.indices.iter().find(|index| index.scenario == scenario && index.measure == name)
    }
}

pub(super) fn comparison(
    spec: &ComparisonSpec,
    ran: &[ScenarioRun<'_>],
    found: ComparisonResults,
    bands: Vec<Band>,
    clock: Clock,
    files: Vec<FileSummary>,
) -> Comparison {
    let cohort = &spec.scenarios[spec.base].job.cohort;
    let differences = found.differences.into_iter();
    Comparison {
        vpop: env!("CARGO_PKG_VERSION").into(),
        created: rfc3339_utc(SystemTime::now()),
        name: cohort.name.clone(),
        seed: cohort.seed,
        inputs: inputs(ran),
        scenarios: ran.iter().map(summary).collect(),
        base: spec.scenarios[spec.base].name.clone(),
        dose_unit: spec.dose_unit().into(),
        static_dose: found.static_dose,
        mtd: spec.levels.mtd.clone(),
        control: spec.levels.control,
        indices: found.indices,
        waterfall: found.steps,
        differences: differences.filter(|d| d.outcome == DLT || d.outcome == DISEASE_CONTROL).collect(),
        bands: bands.into_iter().filter(|band| band.arm.is_none()).collect(),
        timings: clock.finish(Vec::new()),
        files,
    }
}

/// The files of all scenarios, each once.
fn inputs(ran: &[ScenarioRun<'_>]) -> Vec<InputHash> {
    let mut inputs = Vec::new();
    for input in ran.iter().flat_map(|run| &run.manifest.inputs) {
        position_or_push(&mut inputs, input.clone());
    }
    inputs
}

fn summary(ran: &ScenarioRun<'_>) -> ScenarioSummary {
    let manifest = &ran.manifest;
    ScenarioSummary {
        name: ran.scenario.name.clone(),
        description: ran.scenario.description.clone(),
        patients: manifest.patients,
        failed: manifest.outcomes.all.failed(),
        has_failed: manifest.failed(),
        reused: ran.reused,
        engine: manifest.engine.name.clone(),
        seconds: Timing::total(&manifest.timings),
    }
}
