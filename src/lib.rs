//! vpop: virtual trials. See the README for the commands, `docs/` for the methods, and `ARCHITECTURE.md` for what lives where.
//!
//! A program that runs a cohort as `vpop run` does, on the CPU:
//!
//! ```
//! use std::path::Path;
//! use vpop::engine::audit::Check;
//! use vpop::engine::cpu::{Cpu, Isa};
//! use vpop::job::{Changes, Job};
//! use vpop::{diagnostic::Problems, run, stop::Stop, store::Existing};
//!
//! fn main() -> Result<(), Problems> {
//!     let changes = Changes { patients: Some(20), ..Changes::default() };
//!     let job = Job::load(Path::new("cohorts/quickstart.toml"), &changes)?;
//!     let (isa, checks, stop) = (Isa::detect(), Check::of(true), Stop::default());
//!     let output = std::env::temp_dir().join(format!("vpop-example-{}", std::process::id()));
//!     let settings = run::Settings { output, existing: Existing::Replace, shard: None, isa, checks, stop };
//!     let engine = Cpu::new(&job.plan, isa);
//!     let finished = run::run(&job, &settings, &engine, &mut |done, all| println!("{done} of {all} patients"))?;
//!     assert!(!finished.manifest.failed());
//!     println!("{} rows in distributions.parquet", finished.distributions.rows());
//!     # let _ = std::fs::remove_dir_all(settings.output);
//!     Ok(())
//! }
//! ```

mod accumulator;
mod caught;
mod cholesky;
pub mod cli;
mod clock;
pub mod cohort;
pub mod compare;
pub mod dataset;
pub mod diagnostic;
mod digest;
pub mod draft;
pub mod engine;
pub mod escalation;
pub mod export;
pub mod file_kind;
mod hash;
mod isa;
pub mod job;
pub mod merge;
pub mod model;
pub mod outcome;
pub mod plan;
pub mod population;
pub mod probability;
mod readable;
pub mod report;
pub mod run;
pub mod stop;
pub mod store;
mod sync;
pub mod table;
pub mod unit;
pub mod verify;
