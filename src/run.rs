//! The whole job: sample, plan, solve, derive outcomes, store.

mod always_zero;
mod audit;
mod batches;
mod concluding;
pub mod estimate;
mod explained;
mod footprint;
mod manifest;
mod opened;
mod pipeline;
mod summaries;
mod writer;

use std::path::PathBuf;

use thiserror::Error;

use crate::clock::Clock;
use crate::diagnostic::{Cause, Problems};
use crate::engine::Engine;
use crate::engine::audit::Check;
use crate::engine::cpu::Isa;
use crate::job::Job;
use crate::stop::Stop;
use crate::store::{
    self, EngineSummary, Existing, Field, Identity, Input, Manifest, RunFolder, Shard, Solver, Summary,
};
use crate::table::Table;
use audit::Audit;
use pipeline::Pipeline;

pub(crate) use concluding::Concluding;
pub use opened::opened;
pub(crate) use summaries::{Summaries, spool};

/// How and where to run a job.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The run folder.
    pub output: PathBuf,
    /// What to do with a run that is already there.
    pub existing: Existing,
    /// Which share of the patients to run; all if none.
    pub shard: Option<Shard>,
    /// Instruction set of what is computed on the CPU.
    pub isa: Isa,
    /// What to check the run for, on samples of its patients: [`Check::of`] the engine.
    pub checks: &'static [Check],
    /// Asks it to stop.
    pub stop: Stop,
}

/// A finished run.
#[derive(Debug, Clone)]
pub struct Finished {
    /// What was written last.
    pub manifest: Manifest,
    /// Contents of `distributions.parquet`.
    pub distributions: Table,
}

/// Shards of whom some would have no patient.
#[derive(Debug, Error)]
#[error("{patients} patients cannot be cut into {shards} shards")]
pub struct EmptyShards {
    /// Shards that were asked for.
    pub shards: u64,
    /// Patients of the whole run.
    pub patients: u64,
}

impl Cause for EmptyShards {
    fn help(&self) -> Option<String> {
        Some(format!("ask for {} shards at most", self.patients))
    }
}

/// Runs a job on an engine; `progress` is told how many of how many patients are written.
///
/// # Errors
/// Patients that cannot be drawn, an engine that fails, everything that goes wrong on disk, and
/// [`Stopped`](crate::stop::Stopped). Nothing is left behind of a run that can never be finished, for something is
/// wrong with what it is made from; any other can be resumed.
pub fn run(
    job: &Job,
    settings: &Settings,
    engine: &dyn Engine,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Finished, Problems> {
    if let Some(shard) = settings.shard.filter(|shard| shard.of > job.cohort.patients) {
        return Err(EmptyShards { shards: shard.of, patients: job.cohort.patients }.into());
    }
    let clock = Clock::start();
    let audit = Audit::new(job, settings, engine);
    let pipeline = Pipeline { job, settings, engine, audit: &audit, clock: &clock };
    // The first patient shows the columns, and that the population can be drawn at all, before
    // anything is written.
    let (sample, footprint) = pipeline.first_patient()?;
    let inputs = job.inputs();
    let identity = identity(job, settings, engine, &inputs);
    settings.stop.check(|| format!("nothing is written to `{}`", settings.output.display()))?;
    let mut folder = RunFolder::create(&settings.output, settings.existing, identity, &inputs)?;

    let spool = spool(job, &folder)?;
    let summaries = match pipeline.write_parts(&mut folder, spool, footprint, progress) {
        Ok(summaries) => summaries?,
        Err(problems) => {
            if problems.is_of_input() && folder.is_new() {
                folder.discard();
            }
            return Err(problems);
        }
    };
    let terms = audit.terms();
    let concluding = Concluding { job, terms: &terms, rtol: engine.rtol(), clock: &clock };
    let kept = sample.iter().filter(|(set, _)| !job.kept().removed().contains(set));
    let sets = kept.map(|(set, table)| (set.name(), Field::of(table)));
    let fields = summaries.tables().map(|(summary, table)| (summary.name(), Field::of(table)));
    let columns = store::table_of_columns(&sets.chain(fields).collect::<Vec<_>>());
    let tables: Vec<_> = summaries.tables().chain([(Summary::Columns, &columns)]).collect();
    let counted = concluding.write(&mut folder, &tables)?;
    let of_engine = EngineSummary {
        name: engine.name(),
        level: settings.isa.to_string(),
        threads: rayon::current_num_threads(),
        events: engine.events(),
    };
    let manifest = concluding.manifest(&folder, of_engine, counted, &summaries.distributions);
    let manifest = Manifest { timings: clock.finish(engine.stages()), ..manifest };
    folder.finish(&manifest)?;
    Ok(Finished { manifest, distributions: summaries.distributions })
}

/// The manifest of the run if it is finished already and is not to be replaced; `None` if it is not, or not even
/// begun.
///
/// # Errors
/// Another run in its folder, and whatever hinders reading it.
pub fn finished(job: &Job, settings: &Settings, engine: &dyn Engine) -> Result<Option<Manifest>, Problems> {
    let identity = identity(job, settings, engine, &job.inputs());
    let found = match settings.existing {
        Existing::Replace | Existing::Repair => return Ok(None),
        Existing::Refuse | Existing::Resume => store::finished(&settings.output, &identity)?,
        Existing::ResumeOrReplace => store::finished(&settings.output, &identity).unwrap_or_default(),
    };
    Ok(found)
}

fn identity(job: &Job, settings: &Settings, engine: &dyn Engine, inputs: &[Input]) -> Identity {
    let Job { cohort, .. } = job;
    let solver = Solver { engine: engine.name(), rtol: engine.rtol(), level: settings.isa.to_string() };
    let identity = Identity::new(&cohort.name, cohort.seed, cohort.patients, settings.shard, solver, inputs);
    Identity { scenario: cohort.scenario.clone(), kept: job.kept(), ..identity }
}
