//! Batches sampled and solved on some threads, and written by another, in order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use super::Settings;
use super::audit::Audit;
use super::batches::{Batch, batches};
use super::footprint::Footprint;
use super::summaries::Summaries;
use super::writer::{LazyRows, Rows, Writer};
use crate::clock::Clock;
use crate::cohort::Cohort;
use crate::dataset::Dataset;
use crate::diagnostic::Problems;
use crate::engine::{Engine, Individuals, Solution, Status};
use crate::job::Job;
use crate::outcome::items::{Items, statuses};
use crate::outcome::{audit, doses, kept, observations, rows};
use crate::population::Patients;
use crate::store::{Part, RunFolder, Set, Spool, SpoolPart, StoreError, parts, patients};
use crate::sync::lock;
use crate::table::{Column, LazyColumn, LazyTable, Table};

/// Batches beyond those being solved that may be in memory: one whose rows are made and written, one that waits.
pub(super) const WAITING_BATCHES: usize = 2;

/// What takes patients from their draws to their rows.
pub(super) struct Pipeline<'a> {
    pub(super) job: &'a Job,
    pub(super) settings: &'a Settings,
    pub(super) engine: &'a dyn Engine,
    pub(super) audit: &'a Audit,
    pub(super) clock: &'a Clock,
}

/// Patients who were solved.
pub(super) struct Solved {
    pub(super) patients: Patients,
    pub(super) individuals: Individuals,
    pub(super) solution: Solution,
    /// How each ended.
    status: Vec<Status>,
}

impl Pipeline<'_> {
    /// The rows that the first patient would add to every set, and what it takes.
    pub(super) fn first_patient(&self) -> Result<(Rows, Footprint), Problems> {
        let solved = self.solve(0..1, Solution::default())?;
        let mut rows = self.tables(&solved);
        let footprint = Footprint::of(&solved, &rows).of_records(self.job, &solved.individuals);
        if !self.settings.checks.is_empty() {
            rows.push((Set::Audit, audit::table(&self.job.plan, 0, &[])));
        }
        Ok((rows, footprint))
    }

    /// Samples and solves patients, in the memory of a solution that is spent.
    pub(super) fn solve(&self, range: Range<u64>, spent: Solution) -> Result<Solved, Problems> {
        let Self { job, settings, engine, clock, .. } = self;
        let (patients, individuals) = clock.measure("sample", || job.individuals(range, settings.isa))?;
        let solution = clock.measure("solve", || engine.solve_in(&individuals, spent))?;
        let status = statuses(&job.plan, &solution);
        Ok(Solved { patients, individuals, solution, status })
    }

    /// Solves patients of a batch again who are in a sample, if there are any.
    fn audited(&self, batch: &Batch, solved: &Solved) -> Result<Option<Table>, Problems> {
        let Solved { patients, individuals, solution, .. } = solved;
        let compared = self.clock.measure("audit", || self.audit.compare(batch, individuals, solution))?;
        Ok(compared.map(|comparisons| audit::table(&self.job.plan, patients.first, &comparisons)))
    }

    /// All rows of patients.
    pub(super) fn tables(&self, solved: &Solved) -> Rows {
        self.rows(solved).into_iter().map(|(set, rows)| (set, rows.table())).collect()
    }

    /// Rows of patients, which are made when they are wanted.
    fn rows<'a>(&'a self, solved: &'a Solved) -> LazyRows<'a> {
        let Solved { patients, individuals, solution, status } = solved;
        let plan = &self.job.plan;
        let first = patients.first;
        let items = Items::new(plan, solution, status);
        let amounts = self.job.amounts(individuals);
        let Cohort { output, .. } = &self.job.cohort;
        let of_patients = match output.outcomes {
            true => rows::patients(plan, patients, individuals),
            false => rows::in_groups(patients, &self.job.sampler),
        };
        let with_doses = self.job.has_dose_columns().then_some(amounts);
        let mut outcomes = rows::outcomes_of(items, first, with_doses);
        let behind_patient = 1..1;
        let who = self.who(first, individuals).into_iter().map(LazyColumn::from);
        outcomes.columns.splice(behind_patient, who);
        let others = kept::take_others(output, &self.job.endpoints(), &mut outcomes);

        let mut rows = vec![(Set::Patients, of_patients), (Set::Outcomes, outcomes)];
        rows.extend(others.map(|others| (Set::Summarised, others)));
        if self.writes_doses() {
            rows.push((Set::Doses, doses::doses_of(items, first, amounts)));
        }
        if self.follows(first) {
            let table = rows::trajectories(plan, first, individuals.trajectories, solution);
            rows.push((Set::Trajectories, table));
        }
        if let (Some(data), Some(records)) = (self.observed(), &individuals.records) {
            let table = observations::observations(plan, data, first, records, solution);
            rows.push((Set::Observations, table.into()));
        }
        rows
    }

    /// Who patients of a data set are.
    fn who(&self, first: u64, individuals: &Individuals) -> Vec<Column> {
        let of_data = self.job.sampler.data().zip(individuals.records.as_ref());
        of_data.map_or_else(Vec::new, |(data, records)| data.columns_of(first, records.subjects()).into())
    }

    /// Solves and writes every part that is not there yet, with what is summarised of it into the spool; `progress` is told
    /// how many of how many patients are written. All of them are summarised while the last batch is audited and the last
    /// part ends; where that fails, they are nevertheless written.
    ///
    /// The engine's `batches_in_flight` threads solve and audit, this one writes. What is in memory is
    /// bounded by permits: one is taken with each batch, and given back when it is written. Others are solved in its
    /// memory.
    pub(super) fn write_parts(
        &self,
        folder: &mut RunFolder,
        mut spool: Spool,
        footprint: Footprint,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Result<Summaries, StoreError>, Problems> {
        let all = parts(self.job.cohort.patients, self.settings.shard);
        let total = patients(&all);
        let missing: Vec<Part> =
            all.into_iter().filter(|part| !folder.has_part(part.number, &self.sets(part))).collect();
        let mut done = total - patients(&missing);

        let threads = self.engine.batches_in_flight().max(1);
        let (permit, permits) = mpsc::channel();
        for _ in 0..threads + WAITING_BATCHES {
            give(&permit);
        }
        // The part that is written is finished, whatever comes; another is not begun.
        let written = &AtomicU64::new(missing.first().map_or(0, |part| part.number));
        let goes_on = |part| self.settings.stop.asked().is_none() || part <= written.load(Ordering::Relaxed);
        let batches = missing.iter().flat_map(|part| self.batches(part, footprint));
        let batches = batches.take_while(|batch| goes_on(batch.part));
        let queue = &Mutex::new(batches.enumerate().zip(permits).map(|(batch, ())| batch));
        let spent = &Mutex::new(Vec::new());
        // The closure owns its end of each channel: when it returns, the threads stop.
        thread::scope(move |scope| {
            let (sender, processed) = mpsc::channel();
            for _ in 0..threads {
                let sender = sender.clone();
                scope.spawn(move || self.solve_all((queue, spent), &sender));
            }
            drop(sender);

            let mut writer = Writer::new(folder, scope);
            let mut last = None;
            for Processed { batch, solved, audited } in InOrder::new(processed) {
                if !goes_on(batch.part) {
                    break;
                }
                written.store(batch.part, Ordering::Relaxed);
                // Whatever became of this batch, the part before is complete.
                self.clock.measure("write", || writer.begin(batch.part))?;
                let spooled = spool.part(batch.part)?;
                writer.summarise(&spooled);
                let solved = told(solved)?;
                let rows = self.clock.measure("rows", || self.rows(&solved));
                self.clock
                    .measure("write", || write(&mut writer, (&spooled, batch.patients.start), &rows))?;
                drop(rows);
                done += batch.patients.end - batch.patients.start;
                progress(done, total);
                if done == total {
                    last = Some(audited);
                    break;
                }
                self.write_audit(&mut writer, &audited)?;
                lock(spent).extend(Arc::into_inner(solved).map(|solved| solved.solution));
                give(&permit);
            }
            lock(spent).clear();
            let output = self.settings.output.display();
            let left = || match done < total {
                true => format!("{done} of {total} patients are written to `{output}`"),
                false => format!("all patients are written to `{output}`, but not what is said of them"),
            };
            let summarise =
                move || self.clock.measure("distributions", || Summaries::of(self.job, &mut spool));
            let summarised = self.settings.stop.check(left).map(|()| scope.spawn(summarise));
            // Nothing of an audit is summarised there.
            let audited = last.map_or(Ok(()), |audited| self.write_audit(&mut writer, &audited));
            let ended = audited.and_then(|()| Ok(self.clock.measure("write", || writer.finish())?));
            let summarised = summarised.map(thread::ScopedJoinHandle::join);
            ended?;
            Ok(summarised?.unwrap_or_else(|panic| panic::resume_unwind(panic)))
        })
    }

    /// Waits for the audit of a batch, and writes it.
    fn write_audit(&self, writer: &mut Writer<'_, '_, '_>, audited: &Audited) -> Result<(), Problems> {
        let audited = audited.recv().unwrap_or_else(|_| unreachable!("who is solved is audited"));
        if let Some(audit) = told(audited)? {
            self.clock.measure("write", || writer.write(Set::Audit, &audit.into(), &|_, _, _| {}))?;
        }
        Ok(())
    }

    /// A part in batches that the engine takes and that do not take too much memory.
    fn batches(&self, part: &Part, footprint: Footprint) -> impl Iterator<Item = Batch> + use<> {
        let most = self.engine.batch_patients();
        let (followed, others) = part.split(self.job.followed());
        batches(&followed, footprint.batch(most))
            .chain(batches(&others, footprint.without_trajectory().batch(most)))
    }

    /// Solves one batch after another, in the memory of some that are written, until none is left or nobody waits for
    /// them. A batch is audited while its rows are written.
    fn solve_all(
        &self,
        (queue, spent): (&Mutex<impl Iterator<Item = (usize, Batch)>>, &Mutex<Vec<Solution>>),
        processed: &Sender<(usize, Processed)>,
    ) {
        while let Some((number, batch)) = self.clock.measure("wait", || next(queue)) {
            let spent = lock(spent).pop().unwrap_or_default();
            let solved = ended(|| self.solve(batch.patients.clone(), spent).map(Arc::new));
            let to_audit = if let Ok(Ok(solved)) = &solved { Some(Arc::clone(solved)) } else { None };
            let (audit, audited) = mpsc::channel();
            if processed.send((number, Processed { batch: batch.clone(), solved, audited })).is_err() {
                break;
            }
            if let Some(solved) = to_audit {
                let found = ended(|| self.audited(&batch, &solved));
                // So that who is told of it can have the memory of what was solved.
                drop(solved);
                let _ = audit.send(found);
            }
        }
    }

    /// The sets that a part writes: an audit only of parts with patients in its sample.
    fn sets(&self, part: &Part) -> Vec<Set> {
        let first = part.patients.start;
        let others = [
            (Set::Doses, self.writes_doses()),
            (Set::Trajectories, self.follows(first)),
            (Set::Observations, self.observed().is_some()),
            (Set::Audit, self.audit.covers(part)),
        ];
        let others = others.into_iter().filter(|(_, is_written)| *is_written).map(|(set, _)| set);
        self.job.kept().written().iter().copied().chain(others).collect()
    }

    /// Whether the dose ledger is written.
    fn writes_doses(&self) -> bool {
        let Job { cohort, plan, .. } = self.job;
        cohort.output.outcomes && cohort.write_doses.unwrap_or_else(|| plan.may_differ_from_planned())
    }

    /// Whether patients from this one on add time courses: while there are patients to follow.
    fn follows(&self, first: u64) -> bool {
        first < self.job.followed()
    }

    /// The data set whose observations are written.
    fn observed(&self) -> Option<&Dataset> {
        self.job.sampler.data().filter(|_| self.job.cohort.output.outcomes).map(|data| &**data)
    }
}

/// Writes the rows of a batch, which begins with this patient, and keeps what is summarised of them.
fn write(
    writer: &mut Writer<'_, '_, '_>,
    (spooled, first): (&SpoolPart, u64),
    rows: &LazyRows<'_>,
) -> Result<(), StoreError> {
    let of = |wanted: Set| rows.iter().find(|(set, _)| *set == wanted).map(|(_, table)| table);
    let nothing = LazyTable { rows: 0, columns: Vec::new() };
    let [patients, outcomes] = [Set::Patients, Set::Outcomes].map(|set| of(set).unwrap_or(&nothing));
    let adding = spooled.adding(first, patients, outcomes)?;
    for (set, table) in rows {
        match set {
            Set::Outcomes => writer.write(*set, table, &adding.of(table))?,
            Set::Summarised => adding.take(table),
            _ => writer.write(*set, table, &|_, _, _| {})?,
        }
    }
    adding.end()
}

/// A batch, and what became of it, or how it failed.
struct Processed {
    batch: Batch,
    solved: Ended<Arc<Solved>>,
    audited: Audited,
}

/// The audit of patients who are in a sample, if there are any: once they are solved again.
type Audited = Receiver<Ended<Option<Table>>>;

/// What came of something, or how it failed.
type Ended<T> = thread::Result<Result<T, Problems>>;

/// What comes of something, even of a panic: one that ended its thread would leave the writer waiting for the batch.
fn ended<T>(of: impl FnOnce() -> Result<T, Problems>) -> Ended<T> {
    panic::catch_unwind(AssertUnwindSafe(of))
}

/// Goes on with it, or fails as it did.
fn told<T>(ended: Ended<T>) -> Result<T, Problems> {
    ended.unwrap_or_else(|panic| panic::resume_unwind(panic))
}

/// Lets one more batch begin; does nothing when none is left.
fn give(permit: &Sender<()>) {
    let _ = permit.send(());
}

/// The next of what several threads share.
fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    lock(queue).next()
}

/// What comes numbered from 0 in any order, in order.
struct InOrder<T> {
    incoming: Receiver<(usize, T)>,
    early: BTreeMap<usize, T>,
    next: usize,
}

impl<T> InOrder<T> {
    fn new(incoming: Receiver<(usize, T)>) -> Self {
        Self { incoming, early: BTreeMap::new(), next: 0 }
    }
}

impl<T> Iterator for InOrder<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        loop {
            if let Some(item) = self.early.remove(&self.next) {
                self.next += 1;
                return Some(item);
            }
            let (number, item) = self.incoming.recv().ok()?;
            self.early.insert(number, item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_early_waits() {
        let (sender, receiver) = mpsc::channel();
        assert!([2, 0, 1, 4, 3, 6].iter().all(|&number| sender.send((number, number)).is_ok()));
        drop(sender);
        assert_eq!(InOrder::new(receiver).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }
}
