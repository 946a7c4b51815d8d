//! A run for each scenario.

use super::Settings;
use super::curve::Curve;
use super::difference::Outcomes;
use super::statistic::{Summarised, has_statistics, numbers, sample, statistics};
use crate::diagnostic::Problems;
use crate::engine::audit::Check;
use crate::engine::program::Program;
use crate::engine::selection::Selected;
use crate::job::Job;
use crate::outcome::distribution::{Endpoint, EndpointKind};
use crate::run::{self, run};
use crate::store::{self, Existing, Manifest, ResultsFolder, StoreError, parts};
use crate::table::Table;

/// A scenario, checked.
#[derive(Debug)]
pub struct Scenario {
    /// Its name in the cohort file.
    pub name: String,
    /// What it is, for the reader.
    pub description: Option<String>,
    /// What is solved.
    pub job: Job,
}

/// A scenario that was run.
#[derive(Debug)]
pub(super) struct ScenarioRun<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) manifest: Manifest,
    /// Whether a run that was there already is the one.
    pub(super) reused: bool,
    pub(super) outcomes: Outcomes<'a>,
}

impl Scenario {
    /// Columns of its outcomes that are summarised.
    pub(super) fn endpoints(&self) -> Vec<Endpoint> {
        self.job.endpoints()
    }

    /// Runs it into its folder of a comparison, unless that holds this very run.
    pub(super) fn run<'a>(
        &'a self,
        folder: &mut ResultsFolder,
        settings: &Settings,
        endpoints: &'a [Endpoint],
        open: &mut dyn FnMut(&Program) -> Result<Selected, Problems>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<ScenarioRun<'a>, Problems> {
        let selected = open(&self.job.program)?;
        let settings = run::Settings {
            output: folder.scenario(&self.name),
            existing: if folder.replaces() { Existing::ResumeOrReplace } else { Existing::Resume },
            shard: None,
            isa: settings.isa,
            checks: Check::of(selected.is_reference),
            stop: settings.stop.clone(),
        };
        let finished = run::finished(&self.job, &settings, &*selected.engine)?;
        let reused = finished.is_some();
        let manifest = match finished {
            Some(manifest) => manifest,
            None => run(&self.job, &settings, &*selected.engine, progress)?.manifest,
        };
        let outcomes = Outcomes {
            scenario: &self.name,
            arms: self.job.plan.arms.iter().map(|arm| arm.label.as_str()).collect(),
            endpoints,
            rows: store::Outcomes::open(
                &settings.output,
                &manifest.arms,
                &parts(self.job.cohort.patients, settings.shard),
            )?,
        };
        Ok(ScenarioRun { scenario: self, manifest, reused, outcomes })
    }

    /// A curve for each outcome that is yes or no, of which nothing is counted yet.
    pub(super) fn blank_curves(&self, endpoints: &[Endpoint]) -> Vec<Curve> {
        let is_flag = |e: &&Endpoint| matches!(e.kind, EndpointKind::Flag | EndpointKind::FlagAmong(_));
        endpoints
            .iter()
            .filter(is_flag)
            .map(|endpoint| Curve::new(&endpoint.meta.name, self.arms()))
            .collect()
    }

    /// Label and dose of each arm.
    fn arms(&self) -> impl Iterator<Item = (&str, f64)> {
        self.job.plan.arms.iter().map(|arm| (arm.label.as_str(), arm.dose))
    }

    /// What the outcomes of some patients show, in order of the patients, each table after the other.
    pub(super) fn summary_of(&self, endpoints: &[Endpoint], tables: &[Table]) -> Summarised {
        let mut curves = self.blank_curves(endpoints);
        for curve in &mut curves {
            curve.count(&numbers(tables, &curve.outcome));
        }
        let arms = self.job.plan.arms.len();
        let of_arm = |endpoint| {
            self.arms().enumerate().flat_map(move |(position, arm)| {
                statistics(endpoint, arm, &sample(tables, endpoint, position, arms))
            })
        };
        let followed = endpoints.iter().filter(|endpoint| has_statistics(endpoint));
        Summarised { curves, statistics: followed.flat_map(of_arm).collect() }
    }
}

impl ScenarioRun<'_> {
    /// How often each outcome that is yes or no occurred, in all patients and in the first so many; and, where there
    /// are such, the statistics of the others.
    pub(super) fn summarised(&self, first: u64) -> Result<[Summarised; 2], StoreError> {
        let Outcomes { endpoints, rows, .. } = &self.outcomes;
        let mut all = Summarised { curves: self.scenario.blank_curves(endpoints), statistics: Vec::new() };
        let mut some = all.clone();
        for (all, some) in all.curves.iter_mut().zip(&mut some.curves) {
            let flags = self.outcomes.column(&all.outcome)?;
            all.count(&flags);
            let of_some = (first as usize).saturating_mul(all.points.len());
            some.count(&flags[..of_some.min(flags.len())]);
        }
        if first == 0 {
            return Ok([all, some]);
        }
        for endpoint in endpoints.iter().filter(|endpoint| has_statistics(endpoint)) {
            let of_arms = self.scenario.arms().zip(rows.samples(endpoint)?);
            for (arm, mut sample) in of_arms {
                all.statistics.extend(statistics(endpoint, arm, &sample));
                sample.values.truncate(first as usize);
                sample.finished.truncate(first as usize);
                some.statistics.extend(statistics(endpoint, arm, &sample));
            }
        }
        Ok([all, some])
    }
}
