//! What can be wrong with a population.

use std::path::PathBuf;

use thiserror::Error;

use crate::diagnostic::Cause;

/// Why patients cannot be drawn.
#[derive(Debug, Error)]
pub enum PopulationError {
    /// A covariate of the model that the cohort does not give.
    #[error("covariate `{name}` of the model {model} is not in the cohort")]
    MissingCovariate {
        /// The covariate.
        name: String,
        /// Name of the model function.
        model: String,
        /// A similar name in the cohort, as a question.
        similar: Option<String>,
    },
    /// A covariate in a unit that does not become the model's.
    #[error("covariate `{name}` is in {given}, and the model takes it in {taken}: these are of two kinds")]
    ModelUnit {
        /// The covariate.
        name: String,
        /// Unit in the cohort file.
        given: String,
        /// Unit in the model file.
        taken: String,
    },
    /// A computed covariate in a unit that its value does not become.
    #[error("`{name}` is said to be in {unit}, and its expression is in {value}: these are of two kinds")]
    DerivedUnit {
        /// The covariate.
        name: String,
        /// Unit of the expression.
        value: String,
        /// Unit of the covariate.
        unit: String,
    },
    /// A name that is drawn, computed or read from a table more than once.
    #[error("covariate `{name}` is given twice")]
    Twice {
        /// The covariate.
        name: String,
    },
    /// The correlation matrix is not positive semidefinite.
    #[error(
        "the correlations are not positive semidefinite: {} between `{first}` and `{second}` contradicts the others",
        value
    )]
    NotPositiveDefinite {
        /// One covariate of the pair.
        first: String,
        /// The other.
        second: String,
        /// Their correlation.
        value: f64,
        /// Interval in which it would have to lie, the others being as they are.
        permitted: Option<[f64; 2]>,
    },
    /// The covariance of random effects is not positive semidefinite.
    #[error("the covariance of the random effects {} is not positive semidefinite at `{effect}`", block.join(", "))]
    Omega {
        /// The effects of the block.
        block: Vec<String>,
        /// The first whose row fails.
        effect: String,
    },
    /// Computed covariates that need each other.
    #[error("covariates are defined by each other: {}", names.join(" -> "))]
    Cycle {
        /// Each needs the next; the last is the first again.
        names: Vec<String>,
    },
    /// An expression over covariates that uses time.
    #[error("`time` has no meaning here: covariates are known before the first dose")]
    Time,
    /// A column of text where a number is needed.
    #[error("column `{column}` of {} holds text: `{text}` in row {row}", file.display())]
    Text {
        /// The column.
        column: String,
        /// The file.
        file: PathBuf,
        /// The first cell that is not a number.
        text: String,
        /// Its row, from 1 without the header.
        row: usize,
    },
    /// A column that is not in the table.
    #[error("{} has no column `{column}`", file.display())]
    NoColumn {
        /// The column.
        column: String,
        /// The file.
        file: PathBuf,
        /// A similar name in the table, as a question.
        similar: Option<String>,
    },
    /// A row that is used lacks a value.
    #[error("column `{column}` of {}: row {row} has no value", file.display())]
    MissingValue {
        /// The column.
        column: String,
        /// The file.
        file: PathBuf,
        /// The first such row, from 1 without the header.
        row: usize,
    },
    /// A cell that is infinite.
    #[error("column `{column}` of {}: row {row} is {value}", file.display())]
    InfiniteValue {
        /// The column.
        column: String,
        /// The file.
        file: PathBuf,
        /// The first such row, from 1 without the header.
        row: usize,
        /// The value.
        value: f64,
    },
    /// Numbers and text in one column, where nothing says which it is.
    #[error("column `{column}` of {} holds numbers, and `{text}` in row {row}", file.display())]
    Mixed {
        /// The column.
        column: String,
        /// The file.
        file: PathBuf,
        /// The first cell that is not a number.
        text: String,
        /// Its row, from 1 without the header.
        row: usize,
    },
    /// No column has numbers, and none is named.
    #[error("no column of {} holds numbers", file.display())]
    NoNumbers {
        /// The file.
        file: PathBuf,
    },
    /// More columns than patients may have.
    #[error("{} has {columns} columns of numbers, and {most} may become covariates", file.display())]
    TooManyColumns {
        /// The file.
        file: PathBuf,
        /// Columns of numbers.
        columns: usize,
        /// How many there may be.
        most: usize,
    },
    /// Several rows of one patient.
    #[error(
        "{} has {rows} rows of {patients} patients: `{column}` is `{id}` in rows {} and {}",
        file.display(), rows_of_id[0], rows_of_id[1]
    )]
    RepeatedIds {
        /// The file.
        file: PathBuf,
        /// The column that says whose row it is.
        column: String,
        /// The first value that is repeated.
        id: String,
        /// Rows there are.
        rows: usize,
        /// Different values there are.
        patients: usize,
        /// The first two rows of that value, from 1 without the header.
        rows_of_id: [usize; 2],
    },
    /// Something is said of repeated IDs, and there are no IDs.
    #[error("`repeated_ids` is given, but no column of {} says whose row it is", file.display())]
    NoIds {
        /// The file.
        file: PathBuf,
    },
    /// Fewer patients than rows, each row being one patient.
    #[error(
        "{patients} patients but {} has {rows} rows: {} would not be used",
        file.display(), *rows as u64 - *patients
    )]
    UnusedRows {
        /// Patients asked for.
        patients: u64,
        /// The file.
        file: PathBuf,
        /// Rows there are.
        rows: usize,
    },
    /// More patients than rows, each row being one patient.
    #[error("{patients} patients but {} has {rows} rows", file.display())]
    TooFewRows {
        /// Patients asked for.
        patients: u64,
        /// The file.
        file: PathBuf,
        /// Rows there are.
        rows: usize,
    },
    /// A subgroup that divides nobody.
    #[error("subgroup `{name}`: `{of}` is not a categorical covariate, and there are no cuts")]
    NoLevels {
        /// The subgroup.
        name: String,
        /// What should divide it.
        of: String,
    },
    /// No eligible patient within the allowed draws.
    #[error("patient {patient}: none of {attempts} draws was eligible; {}", most(refused))]
    NobodyEligible {
        /// Index of the patient.
        patient: u64,
        /// Draws made.
        attempts: u32,
        /// Conditions that refused a draw, and how many, the most first. A draw counts for the
        /// first condition that it does not meet.
        refused: Vec<(String, u32)>,
    },
    /// A covariate is not a number for an eligible patient.
    #[error("patient {patient}: covariate `{name}` is {value}")]
    NotFinite {
        /// Index of the patient.
        patient: u64,
        /// The covariate.
        name: String,
        /// Its value.
        value: f64,
    },
    /// What divides a subgroup is not a number for an eligible patient, who would be in none of its levels.
    #[error("patient {patient}: `{of}`, which divides subgroup `{name}`, is not a number")]
    NoLevel {
        /// Index of the patient.
        patient: u64,
        /// The subgroup.
        name: String,
        /// The expression.
        of: String,
    },
}

fn most(refused: &[(String, u32)]) -> String {
    let list: Vec<String> =
        refused.iter().map(|(condition, n)| format!("`{condition}` refused {n}")).collect();
    list.join(", ")
}

impl Cause for PopulationError {
    fn help(&self) -> Option<String> {
        match self {
            Self::MissingCovariate { name, similar, .. } => Some(match similar {
                Some(similar) => similar.clone(),
                None => format!("add `[population.{name}]`, or compute it under `[population.derived]`"),
            }),
            Self::ModelUnit { taken, .. } => Some(format!(
                "give it in {taken}, or in another unit of that kind, or compute it from this one"
            )),
            Self::DerivedUnit { value, .. } => {
                Some(format!("write `unit = \"{value}\"` or another unit of that kind"))
            }
            Self::Twice { .. } => Some("keep one of them, or take fewer `columns` from the table".into()),
            Self::NoColumn { similar, .. } => similar.clone(),
            Self::NotPositiveDefinite { permitted, .. } => Some(match permitted {
                Some([low, high]) if high - low < 1e-3 => {
                    format!("with the other correlations as they are it must be {low:.3}")
                }
                Some([low, high]) => {
                    format!(
                        "with the other correlations as they are it must lie between {low:.3} and {high:.3}"
                    )
                }
                None => "make the correlations of these two covariates smaller".into(),
            }),
            Self::Omega { .. } => Some("make the covariances in the model's `ini` block smaller".into()),
            Self::Cycle { .. } => Some("one of them must be drawn, or computed from something else".into()),
            Self::Time => Some("use covariates only".into()),
            Self::Text { .. } => Some("correct the cell; missing numbers are written as NA".into()),
            Self::InfiniteValue { .. } => Some("correct the cell or remove the row".into()),
            Self::Mixed { .. } | Self::NoNumbers { .. } => {
                Some("correct the cells, or name the columns to take: `columns = [...]`".into())
            }
            Self::TooManyColumns { .. } => Some("name those to take: `columns = [...]`".into()),
            Self::RepeatedIds { .. } => Some(
                "give a file with one row per patient, or write `repeated_ids = \"first_row\"` to take the first \
                 row of each, or \"every_row\" if each row is a patient of its own"
                    .into(),
            ),
            Self::NoIds { .. } => Some("call the column ID, or leave `repeated_ids` out".into()),
            Self::UnusedRows { rows, .. } => Some(format!(
                "ask for {rows} patients, draw rows with `resample = true`, or write `unused_rows = true`"
            )),
            Self::MissingValue { .. } => Some("fill the cell or remove the row".into()),
            Self::TooFewRows { rows, .. } => {
                Some(format!("ask for at most {rows} patients, or draw rows with `resample = true`"))
            }
            Self::NoLevels { name, of } => {
                Some(format!("say where to divide it: `{name} = {{ of = \"{of}\", cuts = [1] }}`"))
            }
            Self::NobodyEligible { .. } => {
                Some("relax the condition that refuses most, or raise `eligibility.max_attempts`".into())
            }
            Self::NotFinite { .. } | Self::NoLevel { .. } => {
                Some("add a condition under `[eligibility]` that excludes such patients".into())
            }
        }
    }
}
