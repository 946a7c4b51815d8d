//! What makes a run the run it is: two runs with equal identities write equal files.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{Difference, StoreError};
use super::files::{copy_whole, write_whole};
use super::kept::Keeps;
use super::parts::{Part, Shard, parts};
use super::set::Set;
use crate::cohort::inputs::INPUTS;
use crate::digest::sha256;

/// A file that a run was made from, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it is to the run: `cohort`, `model`, `patients`, `grades_1` and so on.
    pub role: String,
    /// File name, without folders.
    pub name: String,
    /// What the run uses of it, and keeps: all of it, or a part.
    pub content: InputContent,
    /// SHA-256 of all of its bytes, if that is a part.
    pub taken_from_sha256: Option<String>,
}

/// What a run keeps of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputContent {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The bytes of a file that may be larger than memory.
    File {
        /// Where it is.
        path: PathBuf,
        /// How many there are.
        bytes: u64,
        /// Their SHA-256.
        sha256: String,
    },
}

impl Input {
    /// An input from its role, file name and bytes.
    pub fn new(role: impl Into<String>, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let content = InputContent::Bytes(bytes.into());
        Self { role: role.into(), name: name.into(), content, taken_from_sha256: None }
    }
}

impl InputContent {
    /// How many bytes there are.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { bytes, .. } => *bytes,
        }
    }

    fn sha256(&self) -> String {
        match self {
            Self::Bytes(bytes) => sha256(bytes),
            Self::File { sha256, .. } => sha256.clone(),
        }
    }

    /// Writes it into a file.
    pub(super) fn write(&self, to: &Path) -> Result<(), StoreError> {
        match self {
            Self::Bytes(bytes) => write_whole(to, bytes),
            Self::File { path, sha256, .. } => copy_whole(path, to, sha256),
        }
    }
}

/// An input file by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputHash {
    /// What it is to the run: `cohort`, `model`, `patients`, `grades_1` and so on.
    pub role: String,
    /// Its file in `inputs/`.
    pub file: String,
    /// SHA-256 of that file, in hexadecimal digits.
    pub sha256: String,
    /// SHA-256 of the file that was read, if only a part of it is kept: the columns that are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_from_sha256: Option<String>,
}

/// What solves a run, as far as its results depend on it: the number of threads is not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Solver {
    /// Name of the engine, as `cpu avx2`.
    pub engine: String,
    /// Relative tolerance.
    pub rtol: f64,
    /// Instruction set of what is computed on the CPU, as `avx2`.
    pub level: String,
}

/// The entry that tells the shards of a run apart.
const SHARD: &str = "shard";
/// The entry that says what is kept.
const KEPT: &str = "kept";
/// Its value in a run that is no shard.
const ALL: &str = "all";

/// Everything that the bytes of a run's Parquet files depend on. Written as `run.json` when a run
/// starts, so that it can only be resumed as the same run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Version of this program.
    pub vpop: String,
    /// Name of the run, from the cohort file.
    pub name: String,
    /// Scenario of the cohort file, if it is one.
    pub scenario: Option<String>,
    /// Seed of every draw.
    pub seed: u64,
    /// Patients of the whole cohort, all shards together.
    pub patients: u64,
    /// Which part of the cohort this run is, if it is not all of it.
    pub shard: Option<Shard>,
    /// What it keeps of its patients.
    #[serde(default)]
    pub kept: Keeps,
    /// What solves it.
    pub solver: Solver,
    /// The files it is made from.
    pub inputs: Vec<InputHash>,
}

impl Identity {
    /// The identity of a run by this version of the program.
    pub fn new(
        name: impl Into<String>,
        seed: u64,
        patients: u64,
        shard: Option<Shard>,
        solver: Solver,
        inputs: &[Input],
    ) -> Self {
        let hash = |input: &Input| InputHash {
            role: input.role.clone(),
            file: input.name.clone(),
            sha256: input.content.sha256(),
            taken_from_sha256: input.taken_from_sha256.clone(),
        };
        Self {
            vpop: env!("CARGO_PKG_VERSION").to_owned(),
            name: name.into(),
            scenario: None,
            seed,
            patients,
            shard,
            kept: Keeps::default(),
            solver,
            inputs: inputs.iter().map(hash).collect(),
        }
    }

    /// The parts that it writes, in order.
    pub fn parts(&self) -> Vec<Part> {
        parts(self.patients, self.shard)
    }

    /// The sets that are removed when it is finished.
    pub fn removed(&self) -> &'static [Set] {
        if self.shard.is_some() { &[] } else { self.kept.removed() }
    }

    /// The files that a run in a folder was made from, as that keeps them.
    ///
    /// # Errors
    /// [`StoreError::Read`] if one cannot be read.
    pub fn inputs_in(&self, run: &Path) -> Result<Vec<Input>, StoreError> {
        let input = |hash: &InputHash| {
            let path = run.join(INPUTS).join(&hash.file);
            let about = fs::metadata(&path).map_err(|cause| StoreError::read(&path, cause))?;
            let content = InputContent::File { path, bytes: about.len(), sha256: hash.sha256.clone() };
            Ok(Input { content, ..Input::new(&hash.role, &hash.file, Vec::new()) })
        };
        self.inputs.iter().map(input).collect()
    }

    /// What differs between this run and the one that is asked for now.
    pub fn differences(&self, now: &Self) -> Vec<Difference> {
        let (before, after) = (self.entries(), now.entries());
        let value = |entries: &[(String, String)], key: &str| {
            entries.iter().find(|(k, _)| k == key).map_or("absent".to_owned(), |(_, v)| v.clone())
        };
        let added = after.iter().filter(|(key, _)| !before.iter().any(|(k, _)| k == key));
        before
            .iter()
            .chain(added)
            .map(|(key, _)| Difference {
                what: key.clone(),
                then: value(&before, key),
                now: value(&after, key),
            })
            .filter(|difference| difference.then != difference.now)
            .collect()
    }

    /// Key-value metadata of a file of the run. Neither the shard nor what else is kept is in it: the files of a shard
    /// are those of the whole run, and what is said of all patients is the same, whatever is kept of each.
    pub(super) fn provenance(&self, set: &str) -> Vec<(String, String)> {
        let of_files = self.entries().into_iter().filter(|(key, _)| ![SHARD, KEPT].contains(&key.as_str()));
        let entries = of_files.map(|(key, value)| (format!("vpop.{key}"), value));
        entries.chain([("vpop.set".to_owned(), set.to_owned())]).collect()
    }

    /// Key-value metadata of a file about all patients of the run, or of the shard.
    pub(super) fn provenance_of_whole(&self, set: &str) -> Vec<(String, String)> {
        let shard = self.shard.map_or(ALL.to_owned(), |shard| shard.to_string());
        self.provenance(set).into_iter().chain([(format!("vpop.{SHARD}"), shard)]).collect()
    }

    /// Every field by its name.
    fn entries(&self) -> Vec<(String, String)> {
        let scenario = self.scenario.clone().unwrap_or_else(|| "none".to_owned());
        let shard = self.shard.map_or(ALL.to_owned(), |shard| shard.to_string());
        let fields = [
            ("version", self.vpop.clone()),
            ("run", self.name.clone()),
            ("scenario", scenario),
            ("seed", self.seed.to_string()),
            ("patients", self.patients.to_string()),
            (SHARD, shard),
            (KEPT, self.kept.to_string()),
            ("engine", self.solver.engine.clone()),
            ("rtol", format!("{:e}", self.solver.rtol)),
            ("level", self.solver.level.clone()),
        ];
        let inputs = self.inputs.iter().map(|input| (format!("{}.sha256", input.role), input.sha256.clone()));
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).chain(inputs).collect()
    }
}
