//! The sets of a run and the tables about it, with the names of their files.

use std::path::{Path, PathBuf};

/// A file of one table about the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Summary {
    /// Statistics of every endpoint in every arm and subgroup.
    Distributions,
    /// Outcomes by exposure.
    ExposureResponse,
    /// Meaning and unit of every column of every set, for tools that drop field metadata.
    Columns,
}

impl Summary {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Distributions, Self::ExposureResponse, Self::Columns];

    /// Its name; the file's ends with `.parquet`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Distributions => "distributions",
            Self::ExposureResponse => "exposure_response",
            Self::Columns => "columns",
        }
    }

    /// Its file in the folder of a run.
    pub fn path(self, run: &Path) -> PathBuf {
        run.join(format!("{}.parquet", self.name()))
    }
}

/// A set that is written in parts, one folder each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// One row per patient.
    Patients,
    /// One row per patient and arm.
    Outcomes,
    /// What is summarised of the outcomes of a run that does not keep them all: until its statistics are made, and in a
    /// shard. No table.
    Summarised,
    /// One row per patient, arm and dose that came up.
    Doses,
    /// One row per patient, arm and time.
    Trajectories,
    /// One row per patient and record of a data set at which the patient is read.
    Observations,
    /// One row per check, audited patient, arm and endpoint.
    Audit,
}

impl Set {
    /// Whether it is a table, in Parquet.
    pub fn is_table(self) -> bool {
        is_table(self.name())
    }

    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Patients,
        Self::Outcomes,
        Self::Summarised,
        Self::Doses,
        Self::Trajectories,
        Self::Observations,
        Self::Audit,
    ];

    /// Name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patients => "patients",
            Self::Outcomes => "outcomes",
            Self::Summarised => "summarised",
            Self::Doses => "doses",
            Self::Trajectories => "trajectories",
            Self::Observations => "observations",
            Self::Audit => "audit",
        }
    }
}

/// What the names of files end with: those of tables, and those of columns that are only read back.
const TABLE: &str = "parquet";
pub(super) const COLUMNS: &str = "columns";

/// The file of a part within its run.
pub(super) fn part_file(set: &str, part: u64) -> String {
    let ending = if is_table(set) { TABLE } else { COLUMNS };
    format!("{set}/part-{part:05}.{ending}")
}

/// Whether a set of this name is a table.
fn is_table(set: &str) -> bool {
    set != Set::Summarised.name()
}

/// The number of a part, from its file's name.
pub(super) fn part_number(name: &str) -> Option<u64> {
    let (number, ending) = name.strip_prefix("part-")?.split_once('.')?;
    [TABLE, COLUMNS].contains(&ending).then(|| number.parse().ok())?
}
