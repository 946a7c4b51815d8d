//! Parquet sets, the run folder and its manifest. Arrow types stay in here.
//!
//! A run folder is made once the first patient has been solved ([`RunFolder::create`]), filled part by part
//! ([`RunFolder::part`]), read back once for its distributions ([`Outcomes`]), and finished by its
//! manifest ([`RunFolder::finish`]). Every file is hashed while it is written, and known again by that.

mod assemble;
mod audit;
mod columns;
mod comparison;
mod error;
mod examine;
mod exported;
mod fault;
mod files;
mod finished;
mod finished_results;
mod folder;
mod folder_kind;
mod hashed;
mod identity;
mod kept;
mod locked;
mod manifest;
mod outcomes;
mod part;
mod parts;
mod positioned;
mod read;
mod records;
mod repair;
mod results;
mod row_groups;
mod set;
mod size;
mod spool;
mod swap;
mod tables;
mod totals;
mod verify;

pub use assemble::Piece;
pub use audit::comparisons;
pub use columns::{ColumnType, Field, ROW_GROUP_ROWS};
pub use comparison::{StaticDose, comparison_of, scenario_folder, scenarios_of, static_dose};
pub use error::{Difference, StoreError};
pub use examine::{Examined, examine};
pub use exported::{CsvWriter, TableWriter};
pub use fault::{Fault, Wrong};
pub use files::{rfc3339_utc, write_file};
pub use finished::{FinishedRun, finished};
pub use finished_results::{Listing, Named, Said, finished_kind, finished_results, list};
pub use folder::{Existing, RunFolder, part_files};
pub use folder_kind::FolderKind;
pub use identity::{Identity, Input, InputContent, InputHash, Solver};
pub use kept::Keeps;
pub use manifest::{
    EngineSummary, FileSummary, Manifest, ModelSummary, NoticeSummary, SolverSummary, Timing, TrialSummary,
};
pub use outcomes::{Outcomes, Rows as OutcomeRows};
pub use part::PartWriter;
pub use parts::{PART_PATIENTS, Part, Shard, parts, patients};
pub use read::{STATUS_OK, column_names, read_numbers, scan_tables, scan_while, unit_of};
pub use results::ResultsFolder;
pub use row_groups::Seen;
pub use set::{Set, Summary};
pub use size::Size;
pub use spool::{Spool, SpoolPart, Spooling};
pub use tables::table_of_columns;
pub use totals::{ArmTotals, ProcessorCount, Screening, StatusCount, Totals, by_method, screening, totals};
