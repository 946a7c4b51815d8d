//! The run that is exported.

use std::path::PathBuf;

use crate::diagnostic::Problems;
use crate::job::Job;
use crate::run;
use crate::store::{self, Manifest, Set, StoreError};

use super::{ExportError, Settings, known};

/// A finished run, and what of it is taken.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) job: Job,
    /// The set with what was read of patients.
    pub(super) set: Set,
    /// Positions of the columns that are taken among those that were read.
    pub(super) taken: Vec<usize>,
}

impl Source {
    pub(super) fn open(settings: &Settings) -> Result<Self, Problems> {
        let (manifest, job) = run::opened(&settings.run)?;
        let set = if job.sampler.data().is_some() { Set::Observations } else { Set::Trajectories };
        let names: Vec<String> = job.plan.trajectory_columns.iter().map(|meta| meta.name.clone()).collect();
        let taken = settings.of.iter().map(|name| known(&settings.run, set, name, &names));
        let mut taken = taken.collect::<Result<Vec<usize>, _>>()?;
        if taken.is_empty() {
            taken = (0..names.len()).collect();
        }
        Ok(Self { path: settings.run.clone(), manifest, job, set, taken })
    }

    /// The files of a set, of which there must be some.
    pub(super) fn files(&self, set: Set) -> Result<Vec<PathBuf>, Problems> {
        if !self.job.cohort.output.outcomes && set != Set::Trajectories {
            let what = format!("the set `{}`", set.name());
            return Err(StoreError::NotKept { path: self.path.clone(), what }.into());
        }
        let files = store::part_files(&self.path, set)?;
        if files.is_empty() {
            return Err(ExportError::NoSet { run: self.path.clone(), set: set.name() }.into());
        }
        Ok(files)
    }

    /// Names of the columns that are taken.
    pub(super) fn names(&self) -> Vec<&str> {
        self.taken.iter().map(|&i| self.job.plan.trajectory_columns[i].name.as_str()).collect()
    }
}
