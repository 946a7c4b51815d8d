//! Parquet sets, the run folder and its manifest. Arrow types stay in here.
//!
//! A run folder is made before anything is sampled ([`RunFolder::create`]), filled part by part
//! ([`RunFolder::part`]), read back once for its distributions ([`Outcomes`]), and finished by its
//! manifest ([`RunFolder::finish`]). Every file is hashed while it is written, and known again by that.

mod assemble;
mod audit;
mod columns;
mod comparison;
mod error;
mod examine;
mod files;
mod finished;
mod folder;
mod folder_kind;
mod hashed;
mod identity;
mod manifest;
mod outcomes;
mod part;
mod parts;
mod place;
mod read;
mod records;
mod repair;
mod results;
mod row_groups;
mod size;
mod swap;
mod tables;
mod verify;

pub use assemble::Piece;
pub use audit::comparisons;
pub use columns::{ColumnType, Field, ROW_GROUP_ROWS};
pub use comparison::{StaticDose, comparison_of, scenario_folder, scenarios_of, static_dose};
pub use error::{Difference, StoreError};
pub use examine::{Examined, examine};
pub use files::{rfc3339_utc, write_text};
pub use finished::{FinishedRun, finished};
pub use folder::{Existing, RunFolder, Set, Summary, part_files};
pub use folder_kind::FolderKind;
pub use identity::{Identity, Input, InputHash, Solver};
pub use manifest::{
    ArmTotals, EngineSummary, FileSummary, Manifest, ModelSummary, NoticeSummary, ProcessorCount, Screening,
    SolverSummary, StatusCount, Timing, Totals, TrialSummary,
};
pub use outcomes::{Outcomes, Rows as OutcomeRows};
pub use part::PartWriter;
pub use parts::{PART_PATIENTS, Part, Shard, parts, patients};
pub use read::{column_names, read_numbers, screening, totals};
pub use results::ResultsFolder;
pub use size::Size;
pub use verify::{Fault, Wrong};
