//! What is said of a run once all of its parts are written: from their rows, whoever wrote them.

use super::summaries::Summaries;
use super::{audit, manifest};
use crate::clock::Clock;
use crate::engine::audit::Terms;
use crate::job::Job;
use crate::outcome::audit::Summary;
use crate::store::{EngineSummary, Field, Manifest, RunFolder, Spool, StoreError};
use crate::table::Table;

/// What is needed beside the rows.
pub(crate) struct Concluding<'a> {
    pub(crate) job: &'a Job,
    /// What each check held the run against.
    pub(crate) terms: &'a [Terms],
    /// The relative tolerance with which it was solved.
    pub(crate) rtol: f64,
    pub(crate) clock: &'a Clock,
}

/// What was found.
pub(crate) struct Concluded {
    pub(crate) audit: Vec<Summary>,
    pub(crate) distributions: Table,
    /// The columns of each table that was written.
    pub(crate) fields: Vec<(&'static str, Vec<Field>)>,
}

impl Concluding<'_> {
    /// Reads the audit back, and writes the tables about all patients, of whom some may be in a spool.
    pub(crate) fn tables(&self, folder: &mut RunFolder, mut spool: Spool) -> Result<Concluded, StoreError> {
        let Self { job, terms, clock, .. } = self;
        let audit = clock.measure("audit", || audit::summaries(job, terms, folder))?;
        let summaries = clock.measure("distributions", || Summaries::of(job, &mut spool))?;
        summaries.tables().try_for_each(|(summary, table)| folder.write_summary(summary, table))?;
        let fields = summaries.tables().map(|(summary, table)| (summary.name(), Field::of(table)));
        Ok(Concluded { audit, fields: fields.collect(), distributions: summaries.distributions })
    }

    /// The manifest, without timings.
    pub(crate) fn manifest(
        &self,
        folder: &RunFolder,
        engine: EngineSummary,
        concluded: &Concluded,
    ) -> Result<Manifest, StoreError> {
        let Concluded { audit, distributions, .. } = concluded;
        let said = || manifest::manifest(self.job, folder, engine, self.rtol, audit.clone(), distributions);
        self.clock.measure("totals", said)
    }
}
