//! What is said of a run once all of its parts are written: from their rows, whoever wrote them.

use std::path::Path;
use std::{panic, thread};

use super::{audit, manifest};
use crate::clock::Clock;
use crate::engine::audit::Terms;
use crate::engine::method::STIFF;
use crate::job::Job;
use crate::outcome;
use crate::store::{self, EngineSummary, Manifest, RunFolder, Screening, Set, StoreError, Summary, Totals};
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

/// What the parts of a run say of how its patients were found and solved.
pub(crate) struct Counted {
    pub(super) audit: Vec<outcome::audit::Summary>,
    pub(super) outcomes: Totals,
    /// Patient-arms that were left to the implicit method.
    pub(super) switched: u64,
    pub(super) screening: Screening,
}

impl Concluding<'_> {
    /// Writes tables about all patients, and reads the parts back meanwhile.
    pub(crate) fn write(
        &self,
        folder: &mut RunFolder,
        tables: &[(Summary, &Table)],
    ) -> Result<Counted, StoreError> {
        let run = folder.path().to_owned();
        thread::scope(|scope| {
            let counted = scope.spawn(|| self.counted(&run));
            let written = self.clock.measure("write", || folder.write_summaries(tables));
            let counted = counted.join();
            written?;
            counted.unwrap_or_else(|panic| panic::resume_unwind(panic))
        })
    }

    /// The manifest, without timings.
    pub(crate) fn manifest(
        &self,
        folder: &RunFolder,
        engine: EngineSummary,
        counted: Counted,
        distributions: &Table,
    ) -> Manifest {
        let said = || manifest::manifest(self.job, folder, engine, self.rtol, counted, distributions);
        self.clock.measure("totals", said)
    }

    fn counted(&self, run: &Path) -> Result<Counted, StoreError> {
        let Self { job, terms, clock, .. } = self;
        let audit = clock.measure("audit", || audit::summaries(job, terms, run))?;
        clock.measure("totals", || {
            let arms: Vec<String> = job.plan.arms.iter().map(|arm| arm.label.clone()).collect();
            let files = store::part_files(run, Set::Outcomes)?;
            let outcomes = store::totals(&files, &arms)?;
            let switched = match job.plan.switch_after {
                Some(_) => store::by_method(&files, STIFF.name())?,
                None => 0,
            };
            let screening = store::screening(&store::part_files(run, Set::Patients)?)?;
            Ok(Counted { audit, outcomes, switched, screening })
        })
    }
}
