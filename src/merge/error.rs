//! Shards that do not make a run.

use std::path::PathBuf;

use thiserror::Error;

use crate::diagnostic::Cause;
use crate::store::{Difference, Shard};

/// Why folders do not make one run.
#[derive(Debug, Error)]
pub enum MergeError {
    /// No folder.
    #[error("no folder with a shard is named")]
    Nothing,
    /// Folders of several runs.
    #[error("`{}` and `{}` are not shards of one run: {}", first.display(), second.display(), listed(differences))]
    OtherRun {
        /// One folder.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// How they differ.
        differences: Vec<Difference>,
    },
    /// Shards of runs that were cut otherwise.
    #[error("`{}` is shard {first_shard}, and `{}` is shard {second_shard}", first.display(), second.display())]
    OtherCut {
        /// One folder.
        first: PathBuf,
        /// Its shard.
        first_shard: Shard,
        /// The other.
        second: PathBuf,
        /// Its shard.
        second_shard: Shard,
    },
    /// A shard that is there twice.
    #[error("`{}` and `{}` are both shard {shard}", first.display(), second.display())]
    Twice {
        /// The shard.
        shard: Shard,
        /// One folder.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// Shards that are not there.
    #[error("{} missing: {}", shards_of(missing), missing.iter().map(Shard::to_string).collect::<Vec<_>>().join(", "))]
    Missing {
        /// The shards.
        missing: Vec<Shard>,
        /// What makes each of them.
        commands: Vec<String>,
    },
}

impl Cause for MergeError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Nothing => "name the folders of all shards".into(),
            Self::OtherRun { .. } => {
                "run every shard by the same command but for `--shard` and `-o`, on machines of one kind or with \
                 the same `--backend` and `--simd`"
                    .into()
            }
            Self::OtherCut { .. } => "give the shards of one cut, as 1/8 to 8/8".into(),
            Self::Twice { .. } => "leave one of them out".into(),
            Self::Missing { .. } => {
                "make what is missing, one command for each, and name its folders too".into()
            }
        })
    }

    fn commands(&self) -> &[String] {
        match self {
            Self::Missing { commands, .. } => commands,
            _ => &[],
        }
    }
}

fn shards_of(missing: &[Shard]) -> &'static str {
    if missing.len() == 1 { "a shard is" } else { "shards are" }
}

fn listed(differences: &[Difference]) -> String {
    let one = |d: &Difference| format!("{} is {} in the first and {} in the second", d.what, d.then, d.now);
    differences.iter().map(one).collect::<Vec<_>>().join("; ")
}
