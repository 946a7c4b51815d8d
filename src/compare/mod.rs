//! The same virtual patients under several assumptions: a run for each scenario of a cohort file, and what
//! differs between them.

pub mod crossing;
pub mod curve;
pub mod difference;
pub mod error;
pub mod index;
pub mod manifest;
pub mod measure;
pub mod paired;
mod reference;
pub mod replicates;
mod result;
pub mod scenario;
pub mod spec;
mod stages;
pub mod statistic;
mod tables;
pub mod uncertainty;
pub mod waterfall;

use std::path::PathBuf;

use crate::clock::Clock;
use crate::diagnostic::Problems;
use crate::engine::cpu::Isa;
use crate::engine::program::Program;
use crate::engine::selection::Selected;
use crate::outcome::distribution::Endpoint;
use crate::stop::Stop;
use crate::store::{FolderKind, ResultsFolder, StoreError};
use crossing::Point;
use difference::{Difference, differences};
use index::Index;
use manifest::Comparison;
use measure::Measured;
use result::ScenarioResult;
use scenario::{Scenario, ScenarioRun};
use spec::ComparisonSpec;

/// How and where to compare.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The comparison's folder.
    pub output: PathBuf,
    /// Whether a comparison that is there already is replaced; of an interrupted one finished runs are taken if they
    /// are the very runs, and an interrupted one is resumed.
    pub replace: bool,
    /// Instruction set of what is computed on the CPU.
    pub isa: Isa,
    /// Asks it to stop.
    pub stop: Stop,
}

/// What is told on the way: a scenario or a stage, and how much of how much of it is done.
pub type Progress<'a> = dyn FnMut(&str, u64, u64) + 'a;

/// Runs every scenario of a spec, and writes what differs; `open` chooses the engine for a plan.
///
/// # Errors
/// As of [`run`](crate::run::run), of any scenario. What is finished by then is taken up the next time.
pub fn compare(
    spec: &ComparisonSpec,
    settings: &Settings,
    open: &mut dyn FnMut(&Program) -> Result<Selected, Problems>,
    progress: &mut Progress<'_>,
) -> Result<Comparison, Problems> {
    let clock = Clock::start();
    let provenance = spec.provenance();
    let mut folder =
        ResultsFolder::open(&settings.output, FolderKind::Comparison, settings.replace, provenance)?;
    let endpoints: Vec<Vec<Endpoint>> = spec.scenarios.iter().map(Scenario::endpoints).collect();
    let mut ran = Vec::new();
    for (scenario, endpoints) in spec.scenarios.iter().zip(&endpoints) {
        let mut told = |done, all| progress(&scenario.name, done, all);
        let run =
            clock.measure("runs", || scenario.run(&mut folder, settings, endpoints, open, &mut told))?;
        ran.push(run);
    }

    let found = clock.measure("comparison", || ComparisonResults::read(spec, &ran))?;
    found.write(spec, &mut folder)?;
    let bands = clock.measure("uncertainty", || {
        replicates::write(spec, &endpoints, &found, settings, &mut folder, open, progress)
    })?;
    let comparison = |files| manifest::comparison(spec, &ran, found, bands, clock, files);
    Ok(folder.finish(comparison)?)
}

/// The results of all runs, before replicates.
struct ComparisonResults {
    /// Of every scenario, in order.
    results: Vec<ScenarioResult>,
    /// The same of the patients of replicates alone.
    results_of_some: Vec<ScenarioResult>,
    /// Change of the reference tumour at each dose, in percent, if there is one.
    changes: Option<Vec<Point>>,
    /// The lowest dose at which the reference tumour does not grow; NaN if it is not known.
    static_dose: f64,
    indices: Vec<Index>,
    steps: Vec<waterfall::WaterfallStep>,
    differences: Vec<Difference>,
}

impl ComparisonResults {
    fn read(spec: &ComparisonSpec, ran: &[ScenarioRun<'_>]) -> Result<Self, StoreError> {
        let changes = spec.changes(|of| ran[of.scenario].outcomes.column(&of.endpoint))?;
        let static_dose = changes.as_deref().map(Measured::static_dose);
        let some = spec.uncertainty.as_ref().map_or(0, |uncertainty| uncertainty.patients);
        let (mut results, mut results_of_some) = (Vec::new(), Vec::new());
        for (i, run) in ran.iter().enumerate() {
            let [of_all, of_some] = run.summarised(some)?.map(|s| spec.result(i, s, static_dose.as_ref()));
            results.push(of_all);
            results_of_some.push(of_some);
        }
        let unit = spec.dose_unit();
        let indices = spec.scenarios.iter().zip(&results).flat_map(|(scenario, result)| {
            result.measured.iter().map(|measured| Index::new(&scenario.name, measured, unit))
        });
        let indices = indices.collect();
        let mut all = Vec::new();
        for [scenario, base] in spec.pairs() {
            all.extend(differences(&ran[scenario].outcomes, &ran[base].outcomes)?);
        }
        let static_dose = static_dose.map_or(f64::NAN, |found| found.value);
        let steps = spec.waterfall(&results, static_dose);
        Ok(Self { results, results_of_some, changes, static_dose, indices, steps, differences: all })
    }

    fn write(&self, spec: &ComparisonSpec, folder: &mut ResultsFolder) -> Result<(), StoreError> {
        let unit = spec.dose_unit();
        let names = spec.scenarios.iter().map(|scenario| scenario.name.as_str());
        let curves = names.zip(&self.results).map(|(name, result)| (name, result.curves.as_slice()));
        folder.write("curves", &tables::curves(curves, unit))?;
        if let Some(changes) = &self.changes {
            folder.write("reference_tumour", &tables::reference_tumour(changes, unit))?;
        }
        folder.write("indices", &tables::indices(&self.indices))?;
        folder.write("differences", &tables::differences(&self.differences))?;
        folder.write("waterfall", &tables::waterfall(&self.steps, &spec.levels.mtd, unit))
    }
}
