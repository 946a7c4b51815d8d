//! What a report is made of: the files of a finished run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::rows::{self, Row};
use crate::cohort::columns::{ARM, STATUS};
use crate::cohort::{ALL, Output};
use crate::diagnostic::Problems;
use crate::job::Job;
use crate::outcome::distribution::{Endpoint, EndpointKind};
use crate::run;
use crate::store::{self, Manifest, STATUS_OK, Set, StoreError, Summary};
use crate::table::Table;

/// A finished run.
pub(super) struct Facts {
    pub(super) path: PathBuf,
    pub(super) manifest: Manifest,
    /// As the files say that it was run from.
    pub(super) job: Job,
    pub(super) endpoints: Vec<Endpoint>,
    /// What was said about the patients.
    statistics: HashMap<Key, Fact>,
}

/// Position of the arm and of the endpoint, the group and the statistic.
type Key = (usize, usize, Group, String);

/// A subgroup and its level.
pub(super) type Group = (String, String);

/// One statistic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fact {
    pub(super) value: f64,
    pub(super) n: u64,
}

/// What is wanted of every endpoint in every group.
const OF_GROUPS: [&str; 3] = ["p5", "p50", "p95"];

/// Endpoints whose statistics are wanted in every group.
fn is_told_by_group(endpoint: &Endpoint) -> bool {
    matches!(endpoint.kind, EndpointKind::Flag | EndpointKind::FlagAmong(_))
}

impl Facts {
    /// Reads a finished run; every byte of its files is looked at.
    pub(super) fn read(path: &Path) -> Result<Self, Problems> {
        let (manifest, job) = run::opened(path)?;
        let endpoints = job.endpoints();
        let statistics = statistics(path, &manifest, &endpoints)?;
        Ok(Self { path: path.into(), manifest, job, endpoints, statistics })
    }

    /// Labels of the arms.
    pub(super) fn arms(&self) -> &[String] {
        &self.manifest.arms
    }

    /// An endpoint and its position.
    pub(super) fn endpoint(&self, name: &str) -> Option<(usize, &Endpoint)> {
        self.endpoints.iter().enumerate().find(|(_, endpoint)| endpoint.meta.name == name)
    }

    /// A statistic over all patients of an arm.
    pub(super) fn of_all(&self, arm: usize, endpoint: usize, statistic: &str) -> Option<Fact> {
        self.in_group(arm, endpoint, &(ALL.into(), ALL.into()), statistic)
    }

    /// A statistic over the patients of a group.
    pub(super) fn in_group(&self, arm: usize, endpoint: usize, group: &Group, name: &str) -> Option<Fact> {
        let fact = self.statistics.get(&(arm, endpoint, group.clone(), name.to_owned())).copied();
        fact.filter(|fact| fact.value.is_finite())
    }

    /// The levels of every subgroup.
    pub(super) fn groups(&self) -> Vec<Group> {
        let of = |(name, _, levels): (&str, String, &[String])| {
            let name = name.to_owned();
            levels.iter().map(move |level| (name.clone(), level.clone())).collect::<Vec<_>>()
        };
        self.job.sampler.subgroups().flat_map(of).collect()
    }

    /// Gives columns of a set to `each`, some rows at a time, in the order of the files.
    pub(super) fn scan(
        &self,
        set: Set,
        columns: &[&str],
        mut each: impl FnMut(&Table),
    ) -> Result<(), StoreError> {
        self.scan_while(set, columns, |rows| {
            each(rows);
            true
        })
    }

    /// The same until `each` has seen enough, which it says by `false`.
    pub(super) fn scan_while(
        &self,
        set: Set,
        columns: &[&str],
        mut each: impl FnMut(&Table) -> bool,
    ) -> Result<(), StoreError> {
        self.check_kept(set, columns)?;
        let mut goes_on = true;
        for file in store::part_files(&self.path, set)? {
            if goes_on {
                store::scan_while(&file, columns, &mut |rows| {
                    goes_on = each(rows);
                    goes_on
                })?;
            }
        }
        Ok(())
    }

    /// That the run keeps what is asked for of its patients.
    fn check_kept(&self, set: Set, columns: &[&str]) -> Result<(), StoreError> {
        let not_kept = |what: String| StoreError::NotKept { path: self.path.clone(), what };
        let Output { outcomes, columns: kept } = &self.job.cohort.output;
        if !outcomes && [Set::Patients, Set::Outcomes].contains(&set) {
            return Err(not_kept(format!("the set `{}`", set.name())));
        }
        let Some(kept) = kept.as_ref().filter(|_| set == Set::Outcomes) else { return Ok(()) };
        let is_kept = |name: &str| kept.iter().any(|kept| kept.value == name);
        let missing = columns.iter().find(|name| self.endpoint(name).is_some() && !is_kept(name));
        missing.map_or(Ok(()), |name| Err(not_kept(format!("the column `{name}` of its outcomes"))))
    }

    /// The position of the arm of each row.
    pub(super) fn arm_of_rows(&self, rows: &Table) -> Vec<usize> {
        rows::positions(rows, ARM, |label| self.arms().iter().position(|arm| arm == label).unwrap_or(0))
    }

    /// A column of the outcomes, `[patient][arm]`; NaN is missing, as of a patient who could not be solved.
    pub(super) fn column(&self, name: &str) -> Result<Vec<f64>, StoreError> {
        self.check_kept(Set::Outcomes, &[name])?;
        let parts = store::parts(self.job.cohort.patients, self.manifest.shard);
        store::Outcomes::open(&self.path, self.arms(), &parts)?.column(name)
    }
}

/// Whether each row is of a patient who could be solved.
pub(super) fn solved(rows: &Table) -> Vec<bool> {
    rows::positions(rows, STATUS, |label| label == STATUS_OK)
}

fn statistics(
    path: &Path,
    manifest: &Manifest,
    endpoints: &[Endpoint],
) -> Result<HashMap<Key, Fact>, StoreError> {
    let file = Summary::Distributions.path(path);
    let names = ["arm", "subgroup", "level", "endpoint", "statistic"];
    let mut found = HashMap::new();
    rows::each(&file, names, ["value", "n"], |Row { labels, numbers: [value, n] }| {
        let [arm, subgroup, level, endpoint, statistic] = labels;
        let arm = manifest.arms.iter().position(|known| known == arm);
        let of = endpoints.iter().position(|known| known.meta.name == endpoint);
        let (Some(arm), Some(of)) = (arm, of) else { return };
        if subgroup == ALL || is_told_by_group(&endpoints[of]) || OF_GROUPS.contains(&statistic) {
            let group = (subgroup.to_owned(), level.to_owned());
            found.insert((arm, of, group, statistic.to_owned()), Fact { value, n: n as u64 });
        }
    })?;
    Ok(found)
}
