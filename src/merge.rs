//! Shards become one run: the bytes that the whole run would have written, from the rows of its shards.

mod error;
mod shards;

use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::diagnostic::Problems;
use crate::engine::audit::{Check, Terms};
use crate::job::{Changes, Job};
use crate::run::{Concluding, Finished, Summaries, spool};
use crate::stop::Stop;
use crate::store::{EngineSummary, Existing, Keeps, Manifest, RunFolder, Set, Summary};
use crate::table::Table;
use shards::Shards;

pub use error::MergeError;

/// Makes one run of the folders with all of its shards; `progress` is told how many of how many patients are
/// written.
///
/// # Errors
/// Shards that are missing, damaged or of several runs, and everything that goes wrong on disk.
pub fn merge(
    folders: &[PathBuf],
    output: &Path,
    existing: Existing,
    stop: &Stop,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Job, Finished), Problems> {
    let clock = Clock::start();
    let shards = clock.measure("verify", || Shards::open(folders))?;
    let identity = shards.whole();
    let inputs = identity.inputs_in(&shards.first().path)?;
    let job = Job::load(&shards.cohort(), &changes(&shards))?;
    let mut folder = RunFolder::create(output, existing, identity, &inputs)?;
    let filled = fill(&mut folder, &shards, &job, &clock, stop, progress);
    let (manifest, distributions) = match filled {
        Ok(filled) => filled,
        Err(problems) => {
            folder.discard();
            return Err(problems);
        }
    };
    let manifest = Manifest { timings: clock.finish(Vec::new()), ..manifest };
    folder.finish(&manifest)?;
    Ok((job, Finished { manifest, distributions }))
}

/// Writes everything but the manifest, which is returned without timings, with the distributions.
fn fill(
    folder: &mut RunFolder,
    shards: &Shards,
    job: &Job,
    clock: &Clock,
    stop: &Stop,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Manifest, Table), Problems> {
    let mut done = 0;
    let all = folder.identity().patients;
    for part in folder.identity().parts() {
        let files = clock.measure("write", || {
            let sets = Set::ALL.into_iter();
            let files =
                sets.filter_map(|set| folder.assemble(set, &part, &shards.pieces(set, &part)).transpose());
            files.collect::<Result<Vec<_>, _>>()
        })?;
        folder.end_part(part.number, files)?;
        done += part.count();
        progress(done, all);
        stop.check(|| "nothing is left of the merged run".to_owned())?;
    }
    let first = shards.first();

    let solver = &first.run.identity.solver;
    let checks = Check::ALL.into_iter().filter(|check| first.run.manifest.checked(*check).is_some());
    let terms: Vec<Terms> = checks.map(|check| check.terms(&job.plan, solver.rtol)).collect();
    let engine = EngineSummary {
        name: solver.engine.clone(),
        level: solver.level.clone(),
        threads: rayon::current_num_threads(),
        events: shards.events(),
    };
    let concluding = Concluding { job, terms: &terms, rtol: solver.rtol, clock };
    let mut spool = spool(job, folder)?;
    let summaries = clock.measure("distributions", || Summaries::of(job, &mut spool))?;
    let counted = concluding.write(folder, &summaries.tables().collect::<Vec<_>>())?;
    folder.take_summary(Summary::Columns, &first.path)?;
    let manifest = concluding.manifest(folder, engine, counted, &summaries.distributions);
    // Paths in them are as the shards' commands gave them.
    let notices = first.run.manifest.notices.clone();
    Ok((Manifest { notices, ..manifest }, summaries.distributions))
}

/// What the command line of the shards changed of their cohort file.
fn changes(shards: &Shards) -> Changes {
    let identity = &shards.first().run.identity;
    Changes {
        scenario: identity.scenario.clone(),
        patients: Some(identity.patients),
        seed: Some(identity.seed),
        set: Vec::new(),
        no_outcomes: identity.kept == Keeps::Statistics,
        isa: identity.solver.level.parse().ok(),
    }
}
