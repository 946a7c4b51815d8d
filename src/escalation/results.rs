//! Conducts all trials of a question, writes them, and says what they come to.

use std::path::PathBuf;

use super::candidates::Candidates;
use super::characteristics::{Shares, Sum};
use super::conduct::Conducted;
use super::manifest::{DesignSummary, Finished, finished, summary};
use super::question::{Question, Source};
use super::settings::Planned;
use super::{Trials, tables};
use crate::clock::Clock;
use crate::diagnostic::Problems;
use crate::stop::Stop;
use crate::store::{Field, FolderKind, ResultsFolder};

/// The set of trials, one row for each cohort.
const TRIALS: &str = "trials";

/// How and where to conduct trials.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of the trials.
    pub output: PathBuf,
    /// Whether trials that are there already are replaced.
    pub replace: bool,
    /// Asks it to stop.
    pub stop: Stop,
}

/// Conducts all trials and writes what they come to; `progress` is told how many of how many are done.
///
/// # Errors
/// Everything that goes wrong on disk, and [`Stopped`](crate::stop::Stopped). Earlier trials stay then.
pub fn conduct(
    question: &Question,
    settings: &Settings,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Finished, Problems> {
    let clock = Clock::start();
    let Settings { output, replace, stop } = settings;
    let mut folder = ResultsFolder::open(output, FolderKind::Trials, *replace, question.provenance())?;
    let mut designs = Vec::new();
    for (number, planned) in (0..).zip(&question.designs) {
        let mut work = Work { question, planned, folder: &mut folder, clock: &clock, stop };
        let done = number * question.replicates;
        let all = question.designs.len() as u64 * question.replicates;
        let mut told = |trials| progress(done + trials, all);
        designs.push(match &question.source {
            Source::Run(run, everybody) => match &planned.moderate {
                None => work.design(everybody, &mut told)?,
                moderate => work.design(&run.candidates(moderate.as_ref())?, &mut told)?,
            },
            Source::Assumed(assumed) => work.design(assumed, &mut told)?,
        });
    }
    folder.write("operating_characteristics", &tables::characteristics(question, &designs))?;
    if designs.iter().any(|design| !design.evaluability.is_empty()) {
        folder.write("evaluability", &tables::evaluability(question, &designs))?;
    }
    Ok(folder.finish(|files| finished(question, designs, clock, files))?)
}

/// The trials of one design.
struct Work<'a> {
    question: &'a Question,
    planned: &'a Planned,
    folder: &'a mut ResultsFolder,
    clock: &'a Clock,
    stop: &'a Stop,
}

impl Work<'_> {
    fn design<C: Candidates>(
        &mut self,
        candidates: &C,
        progress: &mut dyn FnMut(u64),
    ) -> Result<DesignSummary, Problems> {
        let Self { question, planned, folder, clock, stop } = self;
        let trials = Trials {
            candidates,
            doses: question.doses.count(),
            causes: question.reference_doses.causes.len(),
            accrual: question.accrual,
            seed: question.seed,
            replicates: question.replicates,
        };
        let rows = tables::Rows { question, design: &planned.name };
        let mut part = folder.part(TRIALS, &Field::of(&rows.table(0, &[])))?;
        let mut sum = Sum::new(&question.reference_doses);
        let mut shares: Vec<Shares> =
            planned.evaluability.iter().flat_map(|&rule| Shares::about(rule, trials.doses)).collect();
        trials.conduct(planned, |first, conducted: &[Conducted]| {
            for trial in conducted {
                sum.add(trial);
                shares.iter_mut().for_each(|shares| shares.add(trial));
            }
            clock.measure("write", || part.write(&rows.table(first, conducted)))?;
            progress(first + conducted.len() as u64);
            Ok::<_, Problems>(stop.check(|| "no trials are written".into())?)
        })?;
        folder.end_part(part)?;
        Ok(summary(question, planned, &sum.characteristics(), &shares))
    }
}

impl Question {
    /// Key-value metadata of every table.
    fn provenance(&self) -> Vec<(String, String)> {
        [
            ("vpop.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("vpop.run", self.name.clone()),
            ("vpop.seed", self.seed.to_string()),
            ("vpop.replicates", self.replicates.to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }
}
