//! The whole job: sample, plan, solve, derive outcomes, store.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::SystemTime;

use crate::clock::Clock;
use crate::diagnostic::Problems;
use crate::engine::Engine;
use crate::engine::cpu::{Cpu, Level};
use crate::job::Job;
use crate::outcome::rows;
use crate::store::{
    self, EngineSummary, Existing, Field, Identity, Input, Manifest, ModelSummary, PartWriter, RunFolder,
    Set, Shard, SolverSummary, StoreError,
};
use crate::table::Table;

/// Patients in one part of a set: the unit of resuming and sharding. A constant, so that the files
/// depend on nothing else.
const PART_PATIENTS: u64 = 32_768;
/// Solved batches that may wait for the writer.
const WAITING_BATCHES: usize = 1;

/// How and where to run a job.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The run folder.
    pub output: PathBuf,
    /// What to do with a run that is already there.
    pub existing: Existing,
    /// Which share of the patients to run; all if none.
    pub shard: Option<Shard>,
    /// Instruction set of the CPU engine.
    pub level: Level,
}

/// A finished run.
#[derive(Debug, Clone)]
pub struct Finished {
    /// What was written last.
    pub manifest: Manifest,
    /// Contents of `distributions.parquet`.
    pub distributions: Table,
}

/// Runs a job; `progress` is told how many of how many patients are done.
///
/// # Errors
/// Patients that cannot be drawn, and everything that goes wrong on disk. Nothing is left behind if
/// the first patient cannot be drawn; an interrupted run can be resumed.
pub fn run(job: &Job, settings: &Settings, progress: &mut dyn FnMut(u64, u64)) -> Result<Finished, Problems> {
    let mut clock = Clock::start();
    let engine = Cpu::new(&job.plan, settings.level);
    // The first patient shows the columns, and that the population can be drawn at all, before
    // anything is written.
    let sample = solve(job, settings, &engine, 0..1, &mut clock)?;
    let inputs = job.inputs()?;
    let identity = identity(job, settings, &inputs);
    let folder = RunFolder::create(&settings.output, settings.existing, identity, &inputs)?;

    write_parts(job, settings, &engine, &folder, &mut clock, progress)?;

    let distributions = clock.measure("distributions", || distributions(job, &folder))?;
    folder.write_distributions(&distributions)?;
    let sets = sample.iter().map(|(set, table)| (set.name(), Field::of(table)));
    let sets: Vec<_> = sets.chain([("distributions", Field::of(&distributions))]).collect();
    folder
        .write_columns(&sets.iter().map(|(name, fields)| (*name, fields.as_slice())).collect::<Vec<_>>())?;
    let manifest = manifest(job, settings, &folder, clock)?;
    folder.finish(&manifest)?;
    Ok(Finished { manifest, distributions })
}

/// The rows of each set that a batch of patients adds.
type Rows = Vec<(Set, Table)>;

/// Samples and solves a range of patients, and makes their rows.
fn solve(
    job: &Job,
    settings: &Settings,
    engine: &Cpu,
    range: Range<u64>,
    clock: &mut Clock,
) -> Result<Rows, Problems> {
    let (patients, individuals) = clock.measure("sample", || job.individuals(range, settings.level))?;
    let solution = clock.measure("solve", || engine.solve(&individuals))?;
    let mut rows = vec![
        (Set::Patients, rows::patients(&job.plan, &patients, &individuals)),
        (Set::Outcomes, rows::outcomes(&job.plan, patients.first, patients.count, &solution)),
    ];
    if individuals.trajectories > 0 {
        let table = rows::trajectories(&job.plan, patients.first, individuals.trajectories, &solution);
        rows.push((Set::Trajectories, table));
    }
    Ok(rows)
}

/// Solves every part that is not there yet, while a thread writes what is solved.
fn write_parts(
    job: &Job,
    settings: &Settings,
    engine: &Cpu,
    folder: &RunFolder,
    clock: &mut Clock,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), Problems> {
    let parts = parts(job.cohort.patients, settings.shard);
    let total = parts.iter().map(|(_, range)| range.end - range.start).sum();
    let mut done = 0;
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(WAITING_BATCHES);
        let writer = scope.spawn(|| write_batches(folder, receiver));
        let solve_all = || -> Result<(), Problems> {
            for (part, range) in parts {
                if folder.has_part(part, &sets(job, &range)) {
                    done += range.end - range.start;
                    continue;
                }
                for batch in batches(&range, engine.batch_patients()) {
                    let rows = solve(job, settings, engine, batch.clone(), clock)?;
                    if clock.measure("wait for the disk", || sender.send((part, rows))).is_err() {
                        // The writer has stopped, and says why.
                        return Ok(());
                    }
                    done += batch.end - batch.start;
                    progress(done, total);
                }
            }
            Ok(())
        };
        let solved = solve_all();
        drop(sender);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        solved.and(written.map_err(Problems::from))
    })
}

/// Writes batches in the order in which they come, each part closed when the next begins.
fn write_batches(folder: &RunFolder, batches: Receiver<(u64, Rows)>) -> Result<(), StoreError> {
    let mut open: Option<(u64, Vec<(Set, PartWriter)>)> = None;
    for (part, rows) in batches {
        if open.as_ref().is_some_and(|(number, _)| *number != part) {
            finish(open.take())?;
        }
        let (_, writers) = open.get_or_insert_with(|| (part, Vec::new()));
        for (set, table) in rows {
            if !writers.iter().any(|(s, _)| *s == set) {
                writers.push((set, folder.part(set, part, &Field::of(&table))?));
            }
            for (_, writer) in writers.iter_mut().filter(|(s, _)| *s == set) {
                writer.write(&table)?;
            }
        }
    }
    finish(open)
}

fn finish(part: Option<(u64, Vec<(Set, PartWriter)>)>) -> Result<(), StoreError> {
    part.into_iter().flat_map(|(_, writers)| writers).try_for_each(|(_, writer)| writer.finish())
}

/// The parts of a run with their patients.
fn parts(patients: u64, shard: Option<Shard>) -> Vec<(u64, Range<u64>)> {
    let all = (0..patients.div_ceil(PART_PATIENTS)).map(|part| {
        let first = part * PART_PATIENTS;
        (part, first..patients.min(first + PART_PATIENTS))
    });
    all.filter(|(part, _)| shard.is_none_or(|s| part % s.of == s.index - 1)).collect()
}

fn batches(range: &Range<u64>, patients: u64) -> impl Iterator<Item = Range<u64>> + use<> {
    let end = range.end;
    range.clone().step_by(patients as usize).map(move |first| first..end.min(first + patients))
}

/// The sets that a part writes: time courses only while there are patients to follow.
fn sets(job: &Job, range: &Range<u64>) -> Vec<Set> {
    let followed = job.cohort.trajectories.as_ref().map_or(0, |t| t.patients);
    let mut sets = vec![Set::Patients, Set::Outcomes];
    if range.start < followed {
        sets.push(Set::Trajectories);
    }
    sets
}

fn distributions(job: &Job, folder: &RunFolder) -> Result<Table, StoreError> {
    let arms: Vec<String> = job.plan.arms.iter().map(|arm| arm.label.clone()).collect();
    store::distributions(
        &store::part_files(folder.path(), Set::Outcomes)?,
        &arms,
        &rows::endpoints(&job.plan),
    )
}

fn identity(job: &Job, settings: &Settings, inputs: &[Input]) -> Identity {
    let Job { cohort, .. } = job;
    let engine = format!("cpu {}", settings.level);
    Identity::new(&cohort.name, cohort.seed, cohort.patients, settings.shard, engine, inputs)
}

fn manifest(
    job: &Job,
    settings: &Settings,
    folder: &RunFolder,
    clock: Clock,
) -> Result<Manifest, StoreError> {
    let Job { cohort, model, plan, .. } = job;
    let arms: Vec<String> = plan.arms.iter().map(|arm| arm.label.clone()).collect();
    let identity = folder.identity();
    Ok(Manifest {
        vpop: identity.vpop.clone(),
        created: store::rfc3339_utc(SystemTime::now()),
        name: identity.name.clone(),
        seed: identity.seed,
        patients: parts(cohort.patients, settings.shard)
            .iter()
            .map(|(_, range)| range.end - range.start)
            .sum(),
        shard: settings.shard,
        inputs: identity.inputs.clone(),
        model: ModelSummary {
            name: model.name.clone(),
            description: model.metadata.description.clone(),
            reference: model.metadata.reference.clone(),
        },
        engine: EngineSummary {
            name: "cpu".into(),
            level: settings.level.to_string(),
            threads: rayon::current_num_threads(),
        },
        solver: SolverSummary {
            method: "tsit5".into(),
            rtol: plan.rtol,
            atol: cohort.solver.atol,
            max_steps: plan.max_steps,
        },
        outcomes: store::totals(&store::part_files(folder.path(), Set::Outcomes)?, &arms)?,
        screening: store::screening(&store::part_files(folder.path(), Set::Patients)?)?,
        timings: clock.finish(),
        files: folder.files()?,
        arms,
    })
}
