//! Replicates: the same patients solved once more for each draw of the uncertain typical values.
//!
//! What differs between replicates then comes from the parameters alone; what is left between patients
//! within a replicate is their variability.

mod bands;
mod solve;
mod tables;

use super::measure::Measured;
use super::result::ScenarioResult;
use super::scenario::Scenario;
use super::spec::ComparisonSpec;
use super::stages::replicates_of;
use super::statistic::{Summarised, numbers};
use super::uncertainty::{Draw, Uncertain, Uncertainty};
use super::{ComparisonResults, Progress, Settings};
use crate::diagnostic::Problems;
use crate::engine::program::Program;
use crate::engine::selection::Selected;
use crate::job::Job;
use crate::outcome::distribution::Endpoint;
use crate::store::ResultsFolder;
use crate::table::Table;
use bands::bands;
use solve::{replicate, uncertain_job};

pub use bands::Band;

/// What all replicates are solved with.
struct Solving<'a> {
    uncertainty: &'a Uncertainty,
    settings: &'a Settings,
    open: &'a mut dyn FnMut(&Program) -> Result<Selected, Problems>,
    draws: Vec<Draw>,
}

/// Solves every replicate of every scenario, and writes `parameters`, `replicates`, `replicate_indices` and
/// `bands`.
pub(super) fn write(
    spec: &ComparisonSpec,
    endpoints: &[Vec<Endpoint>],
    found: &ComparisonResults,
    settings: &Settings,
    folder: &mut ResultsFolder,
    open: &mut dyn FnMut(&Program) -> Result<Selected, Problems>,
    progress: &mut Progress<'_>,
) -> Result<Vec<Band>, Problems> {
    let Some(uncertainty) = &spec.uncertainty else { return Ok(Vec::new()) };
    let mut solving = Solving { uncertainty, settings, open, draws: Vec::new() };
    let static_doses = solving.static_doses(spec)?;
    let static_dose = |replicate: usize| static_doses.as_ref().map(|doses| &doses[replicate]);
    let mut replicates: Vec<(&str, Vec<ScenarioResult>)> = Vec::new();
    let mut all_bands = Vec::new();
    let unit = spec.dose_unit();
    for (i, scenario) in spec.scenarios.iter().enumerate() {
        let mut summarised = vec![Summarised::default(); uncertainty.replicates as usize];
        if !spec.is_reference(i) {
            let name = replicates_of(&scenario.name);
            solving.solve(
                scenario,
                &mut |done, all| progress(&name, done, all),
                &mut |replicate, tables| {
                    summarised[replicate] = scenario.summary_of(&endpoints[i], tables);
                },
            )?;
        }
        let summarised = summarised.into_iter().enumerate();
        let results: Vec<ScenarioResult> =
            summarised.map(|(r, of)| spec.result(i, of, static_dose(r))).collect();
        all_bands.extend(bands(&scenario.name, unit, &found.results[i], &found.results_of_some[i], &results));
        replicates.push((&scenario.name, results));
    }
    folder.write("parameters", &tables::parameters(&solving.draws))?;
    folder.write("replicates", &tables::replicates(&replicates, unit))?;
    folder.write("replicate_indices", &tables::replicate_indices(&replicates))?;
    folder.write("bands", &tables::bands(&all_bands, unit))?;
    Ok(all_bands)
}

impl Solving<'_> {
    /// The static dose in each replicate; none if there is no reference tumour.
    fn static_doses(&mut self, spec: &ComparisonSpec) -> Result<Option<Vec<Measured>>, Problems> {
        let Some(reference) = &spec.reference else { return Ok(None) };
        let mut changes = vec![Vec::new(); self.uncertainty.replicates as usize];
        self.solve(&spec.scenarios[reference.scenario], &mut |_, _| {}, &mut |replicate, tables| {
            changes[replicate] = numbers(tables, &reference.endpoint);
        })?;
        let arms = spec.arms(reference.scenario);
        let measured = |changes: &Vec<f64>| Measured::static_dose(&super::reference::changes(arms, changes));
        Ok(Some(changes.iter().map(measured).collect()))
    }

    /// Draws the replicates of a scenario and solves them.
    fn solve(
        &mut self,
        scenario: &Scenario,
        progress: &mut dyn FnMut(u64, u64),
        take: &mut dyn FnMut(usize, &[Table]),
    ) -> Result<(), Problems> {
        let Uncertainty { replicates, patients, parameters } = self.uncertainty;
        let Job { cohort, model, plan, .. } = &scenario.job;
        let found = parameters.iter().filter_map(|of| Some((of, of.position(model)?)));
        let found: Vec<(&Uncertain, usize)> = found.collect();
        let mut values = Vec::new();
        for replicate in 0..*replicates {
            let draws = found.iter().map(|&(of, position)| Draw {
                scenario: scenario.name.clone(),
                replicate,
                parameter: of.name.clone(),
                typical: plan.parameters[position],
                value: of.draw(plan.parameters[position], cohort.seed, replicate),
            });
            let draws: Vec<Draw> = draws.collect();
            values.push(draws.iter().map(|draw| draw.value).collect());
            self.draws.extend(draws);
        }
        let uncertain: Vec<_> = found.iter().map(|(of, position)| (*position, of.name.as_str())).collect();
        let job = uncertain_job(&scenario.job, &uncertain)?;
        let selected = (self.open)(&job.program)?;
        let patients = (*patients).min(cohort.patients);
        replicate(&job, &*selected.engine, self.settings, patients, &values, progress, take)
    }
}
