//! Parquet sets, the run folder and its manifest. Arrow types stay in here.
//!
//! A run folder is made before anything is sampled ([`RunFolder::create`]), filled part by part
//! ([`RunFolder::part`]), read back once for its distributions ([`distributions`]), and finished by
//! its manifest ([`RunFolder::finish`]).

mod audit;
mod columns;
mod comparison;
mod error;
mod files;
mod folder;
mod identity;
mod kind;
mod manifest;
mod part;
mod place;
mod read;
mod results;
mod row_groups;
mod samples;
mod size;
mod swap;
mod tables;

pub use audit::comparisons;
pub use columns::{Field, Kind, ROW_GROUP_ROWS};
pub use comparison::{
    StaticDose, comparison_of, finished, manifest, scenario_folder, scenarios_of, static_dose,
};
pub use error::{Difference, StoreError};
pub use files::{rfc3339_utc, sha256, write_text};
pub use folder::{Existing, RunFolder, Set, Summary, part_files};
pub use identity::{Identity, Input, InputHash, Shard, Solver};
pub use kind::Results;
pub use manifest::{
    ArmTotals, EngineSummary, FileSummary, Manifest, ModelSummary, NoticeSummary, ProcessorCount, Screening,
    SolverSummary, StatusCount, Timing, Totals, TrialSummary,
};
pub use part::PartWriter;
pub use read::{column_names, read_numbers, screening, totals};
pub use results::ResultsFolder;
pub use samples::{distributions, exposure_response, grouping, samples};
pub use size::Size;
