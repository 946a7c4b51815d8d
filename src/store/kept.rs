//! What of its patients a finished run holds.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::set::Set;

/// What a run keeps of its patients once its statistics are made. A shard keeps everything, for the statistics of all
/// shards are made of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeps {
    /// Their rows.
    #[default]
    Rows,
    /// Some columns of their outcomes, and their other rows.
    Columns,
    /// No row but time courses.
    Statistics,
}

impl Keeps {
    /// Sets of which every part is written.
    pub fn written(self) -> &'static [Set] {
        match self {
            Self::Rows => &[Set::Patients, Set::Outcomes],
            Self::Columns | Self::Statistics => &[Set::Patients, Set::Outcomes, Set::Summarised],
        }
    }

    /// Those that are removed when the statistics are made.
    pub fn removed(self) -> &'static [Set] {
        match self {
            Self::Rows => &[],
            Self::Columns => &[Set::Summarised],
            Self::Statistics => &[Set::Patients, Set::Outcomes, Set::Summarised],
        }
    }
}

impl fmt::Display for Keeps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rows => "rows",
            Self::Columns => "some columns",
            Self::Statistics => "statistics",
        })
    }
}
