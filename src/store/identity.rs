//! What makes a run the run it is: two runs with equal identities write equal files.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::Difference;
use super::files::sha256;

/// A file that a run was made from, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it is to the run: `cohort`, `model`, `patients`, `grades_1` and so on.
    pub role: String,
    /// File name, without folders.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Input {
    /// An input from its role, file name and bytes.
    pub fn new(role: impl Into<String>, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { role: role.into(), name: name.into(), bytes: bytes.into() }
    }
}

/// An input file by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputHash {
    /// What it is to the run: `cohort`, `model`, `patients`, `grades_1` and so on.
    pub role: String,
    /// Its file in `inputs/`.
    pub file: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// One of several runs that share a cohort's patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which, from 1.
    pub index: u64,
    /// Of how many.
    pub of: u64,
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
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
            sha256: sha256(&input.bytes),
        };
        Self {
            vpop: env!("CARGO_PKG_VERSION").to_owned(),
            name: name.into(),
            scenario: None,
            seed,
            patients,
            shard,
            solver,
            inputs: inputs.iter().map(hash).collect(),
        }
    }

    /// What differs between this run and the one that is asked for now.
    pub(super) fn differences(&self, now: &Self) -> Vec<Difference> {
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

    /// Key-value metadata of a file of the run.
    pub(super) fn provenance(&self, set: &str) -> Vec<(String, String)> {
        let entries = self.entries().into_iter().map(|(key, value)| (format!("vpop.{key}"), value));
        entries.chain([("vpop.set".to_owned(), set.to_owned())]).collect()
    }

    /// Every field by its name.
    fn entries(&self) -> Vec<(String, String)> {
        let scenario = self.scenario.clone().unwrap_or_else(|| "none".to_owned());
        let shard = self.shard.map_or("all".to_owned(), |shard| shard.to_string());
        let fields = [
            ("version", self.vpop.clone()),
            ("run", self.name.clone()),
            ("scenario", scenario),
            ("seed", self.seed.to_string()),
            ("patients", self.patients.to_string()),
            ("shard", shard),
            ("engine", self.solver.engine.clone()),
            ("rtol", format!("{:e}", self.solver.rtol)),
            ("level", self.solver.level.clone()),
        ];
        let inputs = self.inputs.iter().map(|input| (format!("{}.sha256", input.role), input.sha256.clone()));
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).chain(inputs).collect()
    }
}
