//! What a run will take, from some of its patients: they go the way that all of them would go, but for the disk.

mod stratum;

use std::fs;
use std::path::PathBuf;

use super::Settings;
use super::audit::Audit;
use super::pipeline::{Pipeline, WAITING_BATCHES};
use super::summaries;
use crate::clock::Clock;
use crate::diagnostic::Problems;
use crate::engine::Engine;
use crate::engine::audit::Check;
use crate::engine::cpu::{Cpu, Isa};
use crate::job::Job;
use crate::outcome::distribution::Effort;
use crate::stop::Stop;
use crate::store::{Existing, PART_PATIENTS, ROW_GROUP_ROWS, Set, Size};
use stratum::Stratum;

/// Bytes of `manifest.json`, `run.json` and `columns.parquet` together: whatever is run, and for each arm and endpoint.
const OTHER_FILES: [f64; 2] = [20e3, 700.0];
/// Bytes that the writer of a column holds besides the rows of its row group: the values of a page.
const PAGE: f64 = 600e3;
/// Time to read a value of the outcomes back, s.
const READ: f64 = 8e-9;
/// Resident bytes of this program before it solves anything, where the system does not say.
const BEFORE: f64 = 64e6;

/// What a run on this machine's CPU will take, and how its first patients fare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Wall-clock time, s.
    pub seconds: f64,
    /// Its folder, bytes.
    pub disk: f64,
    /// Memory at the worst moment, bytes.
    pub memory: f64,
    /// The fraction of candidates who are not eligible.
    pub screened_out: f64,
    /// Patients in an arm that were solved to tell.
    pub probed: usize,
    /// How many of them could not be solved.
    pub failed: usize,
}

/// Foresees a run.
///
/// # Errors
/// Patients that cannot be drawn.
pub fn estimate(job: &Job, isa: Isa) -> Result<Estimate, Problems> {
    let before = resident();
    let (output, existing, checks) = (PathBuf::new(), Existing::Refuse, Check::of(true));
    let settings = Settings { output, existing, shard: None, isa, checks, stop: Stop::default() };
    let engine = Cpu::new(&job.program, isa);
    let audit = Audit::new(job, &settings, &engine);
    let clock = Clock::start();
    let pipeline = Pipeline { job, settings: &settings, engine: &engine, audit: &audit, clock: &clock };
    let patients = job.cohort.patients;
    let followed = job.followed().min(patients);
    let strata = [0..followed, followed..patients].into_iter().filter(|patients| !patients.is_empty());
    let strata = strata.map(|patients| Stratum::new(&pipeline, patients)).collect::<Result<Vec<_>, _>>()?;

    let audited = audit.patients();
    let tables = Set::ALL.into_iter().filter(|set| set.is_table());
    let sets: Vec<Written> = tables.map(|set| Written::of(set, &strata, audited)).collect();
    let arms = job.plan.arms.len();
    let foreseen =
        |endpoints, groupings: &[_]| Effort::foreseen(patients as usize, arms, endpoints, groupings);
    let effort = foreseen(job.endpoints().len(), &summaries::groupings(job));
    // Exposures are ranked at the same time.
    let exposures = job.cohort.exposure_response.len();
    let exposed = if exposures > 0 { foreseen(exposures, &[]).bytes } else { 0 };
    let summing_up = (effort.bytes + exposed) as f64;
    let auditing = strata.first().map_or(0.0, |stratum| stratum.audit_seconds * audited as f64);
    let tried: u64 = strata.iter().map(|stratum| stratum.tried).sum();
    let drawn: i64 = strata.iter().map(|stratum| stratum.drawn).sum();
    let writers: f64 = sets.iter().map(Written::memory).sum();
    let most = |bytes: fn(&Stratum, &Cpu) -> f64| {
        strata.iter().map(|stratum| bytes(stratum, &engine)).fold(0.0, f64::max)
    };
    let kept = sets.iter().filter(|written| !job.kept().removed().contains(&written.set));
    Ok(Estimate {
        seconds: strata.iter().map(|stratum| stratum.seconds * stratum.share()).sum::<f64>()
            + auditing
            + READ * effort.values as f64,
        disk: kept.map(Written::disk).sum::<f64>() + other_files(job, &strata)?,
        // The last batch is audited, and the last part ends, while patients are summed up.
        memory: before + writers + most(solving).max(summing_up + most(of_batch)),
        screened_out: 1.0 - tried as f64 / drawn as f64,
        probed: tried as usize * job.plan.arms.len(),
        failed: strata.iter().map(|stratum| stratum.failed).sum(),
    })
}

/// A set of all patients.
struct Written {
    set: Set,
    files: f64,
    rows: f64,
    size: Size,
    /// Bytes of a row in memory.
    row: f64,
    columns: f64,
}

impl Written {
    fn of(set: Set, strata: &[Stratum], audited: u64) -> Self {
        let mut written = Self { set, files: 0.0, rows: 0.0, size: Size::default(), row: 0.0, columns: 0.0 };
        let mut bytes = 0.0;
        let mut patients = 0;
        for stratum in strata {
            for of_set in stratum.sets.iter().filter(|of_set| of_set.set == set) {
                let count = if set == Set::Audit { audited.min(stratum.patients) } else { stratum.patients };
                patients += count;
                written.rows += of_set.rows * count as f64;
                bytes += of_set.rows * count as f64 * of_set.size.per_row;
                written.size.fixed = of_set.size.fixed;
                (written.row, written.columns) = (of_set.row, of_set.columns as f64);
            }
        }
        written.size.per_row = bytes / written.rows.max(1.0);
        written.files =
            if set == Set::Audit { patients.min(parts(strata)) } else { patients.div_ceil(PART_PATIENTS) }
                as f64;
        written
    }

    fn disk(&self) -> f64 {
        self.files * self.size.fixed + self.rows * self.size.per_row
    }

    /// What its writer holds: a row group as it will be on disk, and the values of the next page.
    fn memory(&self) -> f64 {
        let rows = (self.rows / self.files.max(1.0)).min(ROW_GROUP_ROWS as f64);
        rows * self.size.per_row + (rows * self.row).min(self.columns * PAGE)
    }
}

/// Parts of all patients.
fn parts(strata: &[Stratum]) -> u64 {
    strata.iter().map(|stratum| stratum.patients).sum::<u64>().div_ceil(PART_PATIENTS)
}

/// Bytes of what is written about the whole run.
fn other_files(job: &Job, strata: &[Stratum]) -> Result<f64, Problems> {
    let inputs: u64 = job.inputs().iter().map(|input| input.content.bytes()).sum();
    let distributions = strata.first().map(|stratum| Size::of(&stratum.distributions)).transpose()?;
    let rows = strata.first().map_or(0, |stratum| stratum.distributions.rows());
    let of_distributions = distributions.map_or(0.0, |size| size.fixed + rows as f64 * size.per_row);
    let [fixed, each] = OTHER_FILES;
    let each = each * (job.plan.arms.len() + job.plan.endpoints.len()) as f64;
    Ok(inputs as f64 + of_distributions + fixed + each)
}

/// Bytes of the batches that are on their way to the disk: those being solved, and those that wait to be written.
fn solving(stratum: &Stratum, engine: &Cpu) -> f64 {
    let waiting = stratum.patients.div_ceil(batch(stratum, engine)).saturating_sub(1);
    let batches = engine.batches_in_flight() as f64 + waiting.min(WAITING_BATCHES as u64) as f64;
    batches * of_batch(stratum, engine)
}

/// Bytes of a batch.
fn of_batch(stratum: &Stratum, engine: &Cpu) -> f64 {
    batch(stratum, engine) as f64 * stratum.footprint.solved
}

/// Patients of a batch.
fn batch(stratum: &Stratum, engine: &Cpu) -> u64 {
    stratum.footprint.batch(engine.batch_patients()).min(PART_PATIENTS).min(stratum.patients)
}

/// Resident bytes of this process.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kibibytes.map_or(BEFORE, |kibibytes| 1024.0 * kibibytes)
}
