//! What a report is made of: the files of a finished run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::cohort::ALL;
use crate::diagnostic::Problems;
use crate::job::Job;
use crate::outcome::distribution::{Endpoint, EndpointKind};
use crate::run;
use crate::store::{self, Manifest, Set, StoreError};
use crate::table::{Table, Values};

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
        for file in store::part_files(&self.path, set)? {
            store::scan_tables(&file, columns, &mut each)?;
        }
        Ok(())
    }

    /// The position of the arm of each row.
    pub(super) fn arm_of_rows(&self, rows: &Table, column: &str) -> Vec<usize> {
        let labels = labels(rows, column);
        labels.iter().map(|label| self.arms().iter().position(|arm| arm == label).unwrap_or(0)).collect()
    }
}

/// The numbers of a column; NaN is missing.
pub(super) fn numbers(rows: &Table, column: &str) -> Vec<f64> {
    rows.column(column).map_or_else(Vec::new, |column| column.values.numbers())
}

/// The labels of a column; empty where there is none.
pub(super) fn labels<'a>(rows: &'a Table, column: &str) -> Vec<&'a str> {
    match rows.column(column).map(|column| &column.values) {
        Some(Values::Label { codes, labels }) => {
            codes.iter().map(|code| code.map_or("", |code| labels[code as usize].as_str())).collect()
        }
        _ => vec![""; rows.rows()],
    }
}

fn statistics(
    path: &Path,
    manifest: &Manifest,
    endpoints: &[Endpoint],
) -> Result<HashMap<Key, Fact>, StoreError> {
    let columns = ["arm", "subgroup", "level", "endpoint", "statistic", "value", "n"];
    let mut found = HashMap::new();
    store::scan_tables(&path.join("distributions.parquet"), &columns, &mut |rows: &Table| {
        let [arm, subgroup, level, endpoint, statistic] =
            ["arm", "subgroup", "level", "endpoint", "statistic"].map(|name| labels(rows, name));
        let [value, n] = ["value", "n"].map(|name| numbers(rows, name));
        for row in 0..rows.rows() {
            let arm = manifest.arms.iter().position(|known| known == arm[row]);
            let of = endpoints.iter().position(|known| known.meta.name == endpoint[row]);
            let (Some(arm), Some(of)) = (arm, of) else { continue };
            if subgroup[row] == ALL || is_told_by_group(&endpoints[of]) {
                let group = (subgroup[row].to_owned(), level[row].to_owned());
                let fact = Fact { value: value[row], n: n[row] as u64 };
                found.insert((arm, of, group, statistic[row].to_owned()), fact);
            }
        }
    })?;
    Ok(found)
}
