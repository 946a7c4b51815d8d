//! What can be wrong with a data set: where, what, and what to do.

use std::env;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use super::items::Item;
use crate::diagnostic::Cause;

/// A place in a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellPlace {
    /// The file.
    pub file: Arc<PathBuf>,
    /// What its rows are counted by: lines of CSV, rows of Parquet.
    pub counted_by: &'static str,
    /// The row, by that.
    pub row: u64,
    /// The column, by its name in the file.
    pub column: String,
}

impl fmt::Display for CellPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, counted_by, row, column } = self;
        write!(f, "{}, {counted_by} {row}, column {column}", file.display())
    }
}

/// Something that is wrong with a cell of a data set.
#[derive(Debug, Error)]
#[error("{place}: {fault}")]
pub struct CellError {
    /// Where.
    pub place: CellPlace,
    /// What.
    pub fault: Fault,
}

impl Cause for CellError {
    fn help(&self) -> Option<String> {
        Some(self.fault.help())
    }
}

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Fault {
    /// Text where a number belongs.
    #[error("`{0}` is not a number")]
    Text(String),
    /// A date or a time of the day.
    #[error("`{0}` is a date or a time of the day")]
    DateTime(String),
    /// Infinite.
    #[error("{0} is not a finite number")]
    NotFinite(f64),
    /// A number so large that it cannot be meant.
    #[error("{value} is more than {most}, the largest number that is read here")]
    TooLarge {
        /// The number.
        value: f64,
        /// The largest.
        most: f64,
    },
    /// Nothing where something is needed.
    #[error("there is no value")]
    Missing,
    /// A covariate without a value.
    #[error("the covariate has no value")]
    NoCovariate,
    /// An individual value without a value.
    #[error("the individual value is missing")]
    NoIndividualValue,
    /// An individual value that is not the same in all records of its ID.
    #[error("{now} here, and {first} in the first record of ID {id}")]
    IndividualValueChanges {
        /// The ID.
        id: String,
        /// In its first record.
        first: f64,
        /// In this one.
        now: f64,
    },
    /// Time runs backwards.
    #[error("ID {id} goes back in time, from {before} to {now}")]
    Backwards {
        /// The ID.
        id: String,
        /// Time of the record before.
        before: f64,
        /// Time of this one.
        now: f64,
        /// Whether the record resets the system.
        resets: bool,
    },
    /// An ID that comes again after another.
    #[error("ID {id} comes again, after its records have ended in {counted_by} {ended}")]
    Split {
        /// The ID.
        id: String,
        /// What rows are counted by.
        counted_by: &'static str,
        /// Its last row before.
        ended: u64,
    },
    /// An individual of whom the second table says nothing.
    #[error("ID {id} has no row in {}", file.display())]
    NoRows {
        /// The ID.
        id: String,
        /// The second table.
        file: PathBuf,
    },
    /// A covariate of a second table that has no value yet at a record.
    #[error("ID {id} has a record at {record}, and its first value of the covariate is at {first}")]
    FirstValueLate {
        /// The ID.
        id: String,
        /// Model time of its first record.
        record: f64,
        /// Model time of the first value.
        first: f64,
    },
    /// A covariate of a second table without any value.
    #[error("ID {0} has no value of the covariate in any row")]
    NoValue(String),
    /// Two rows of a second table at one time.
    #[error("ID {id} has two rows at time {time}")]
    SameTime {
        /// The ID.
        id: String,
        /// The time.
        time: f64,
    },
    /// No such kind of event.
    #[error("EVID {0} is not 0, 1, 2, 3 or 4")]
    Evid(f64),
    /// A mark that is neither yes nor no.
    #[error("MDV {0} is not 0 or 1")]
    Mdv(f64),
    /// A record of no occasion, of a model with random effects of occasions.
    #[error("the record belongs to no occasion, and the model has random effects of occasions")]
    NoOccasion,
    /// An occasion that is no whole number.
    #[error("the occasion {0} is not a whole number")]
    Occasion(f64),
    /// What only doses have.
    #[error("a record with EVID {evid} gives no dose, and {item} is {value}")]
    NotADose {
        /// Its EVID.
        evid: i64,
        /// What it has.
        item: Item,
        /// How much.
        value: f64,
    },
    /// A dose of nothing known.
    #[error("a dose without an amount")]
    NoAmount,
    /// A negative amount.
    #[error("the amount {0} is negative")]
    NegativeAmount(f64),
    /// A dose of nothing.
    #[error("a dose with AMT 0 and RATE 0 gives nothing")]
    Nothing,
    /// An infusion without an amount.
    #[error("an infusion with AMT 0 has no end")]
    Endless,
    /// An infusion at steady state with an interval.
    #[error("an infusion with AMT 0 at steady state has no doses to repeat, and {item} is {value}")]
    EndlessRepeated {
        /// What repeats it.
        item: Item,
        /// How.
        value: f64,
    },
    /// No such rate.
    #[error("RATE {0} is neither a rate, nor 0, -1 or -2")]
    Rate(f64),
    /// A rate and a duration.
    #[error("RATE is {rate}, and DUR is {duration}: one of them follows from AMT and the other")]
    RateAndDuration {
        /// RATE.
        rate: f64,
        /// DUR.
        duration: f64,
    },
    /// A negative duration.
    #[error("the duration {0} is negative")]
    NegativeDuration(f64),
    /// A duration of nothing.
    #[error("DUR is {0}, and AMT is 0")]
    DurationOfNothing(f64),
    /// A rate of the model that it does not have.
    #[error("RATE {rate} asks for `{function}({state})` of the model, which does not give it")]
    NoModelInput {
        /// -1 or -2.
        rate: i64,
        /// `rate` or `dur`.
        function: &'static str,
        /// The state.
        state: String,
    },
    /// A negative interval.
    #[error("the interval {0} is negative")]
    NegativeInterval(f64),
    /// Additional doses without an interval.
    #[error("{0} additional doses without an interval: II is 0 or missing")]
    NoInterval(u32),
    /// No number of doses.
    #[error("ADDL {0} is not a whole number of doses, 0 or more")]
    Additional(f64),
    /// No such steady state.
    #[error("SS {0} is not 0, 1 or 2")]
    SteadyState(f64),
    /// A steady state without an interval.
    #[error("steady state without an interval: II is 0 or missing")]
    SteadyStateWithoutInterval,
    /// A compartment that the model does not have.
    #[error("the model has no compartment {found}; {known}")]
    Compartment {
        /// As it is written.
        found: String,
        /// Those that it has.
        known: String,
    },
    /// A compartment that is turned off.
    #[error("compartment {0}: compartments cannot be turned off")]
    CompartmentOff(f64),
}

impl Fault {
    fn help(&self) -> String {
        match self {
            Self::Text(text) if text.starts_with(['<', '>']) => {
                "leave the cell empty, and say in another column that it is below or above a limit"
            }
            Self::Text(_) => "write a number, with a point and without spaces; a missing one is `.`, NA or empty",
            Self::DateTime(_) => {
                "write the time since the first dose (or another event of the ID) as a number, in the model's unit or in \
                 that of `time_unit`"
            }
            Self::NotFinite(_) | Self::TooLarge { .. } => "look at the unit, and at what made the file",
            Self::Missing => "every record needs one",
            Self::NoCovariate => {
                "give every record a value: nothing is filled in, and 0 (which NONMEM reads) would be taken as it is"
            }
            Self::NoIndividualValue => {
                "give every record a value, or say which columns hold individual values: `given = [...]` in [data]"
            }
            Self::IndividualValueChanges { .. } => {
                "a random effect is one number per ID; call the column otherwise, or leave it out by `given = [...]` in \
                 [data]"
            }
            Self::Backwards { resets: true, .. } => {
                "let time go on across a reset, or give each period an ID of its own"
            }
            Self::Backwards { .. } => "sort the file by ID and time, doses before observations as they were",
            Self::NoRows { .. } => "give every ID of the data set rows there",
            Self::FirstValueLate { .. } => {
                "give a value at its first record or before: nothing is filled in (`covariates = \"nocb\"` in [data] takes \
                 the next one)"
            }
            Self::NoValue(_) => "give it one: a cell may be missing where another row has a value",
            Self::SameTime { .. } => "leave one of them: nobody can tell which holds",
            Self::Split { .. } => "sort the file by ID, or give the later records an ID of their own",
            Self::Evid(_) => "0 observes, 1 gives a dose, 2 is another event, 3 resets, 4 resets and gives a dose",
            Self::Mdv(_) => "0: the record's DV is an observation; 1: it is not",
            Self::Occasion(_) | Self::NoOccasion => "count occasions from 1",
            Self::NotADose { .. } => "give doses a record of their own, with EVID 1 or 4",
            Self::NoAmount => "write the amount into AMT, or EVID 0 or 2 if nothing was given",
            Self::NegativeAmount(_) => "amounts are 0 or more",
            Self::Nothing => "take the record out, or write EVID 2",
            Self::Endless => {
                "give AMT, or SS 1 with II 0 for a constant infusion that has gone on until this record"
            }
            Self::EndlessRepeated { .. } => "set it to 0, or give AMT",
            Self::Rate(_) => {
                "a rate is above 0, in the dosing unit per time; 0 is at once, -1 the model's `rate()`, -2 its `dur()`"
            }
            Self::RateAndDuration { .. } => "set one of the two to 0",
            Self::NegativeDuration(_) | Self::NegativeInterval(_) => "times between events are 0 or more",
            Self::DurationOfNothing(_) => "give AMT, or set DUR to 0",
            Self::NoModelInput { function: "rate", .. } => {
                "add `rate(state) <- ...` to the model, or write the rate itself"
            }
            Self::NoModelInput { .. } => "add `dur(state) <- ...` to the model, or write the duration into DUR",
            Self::NoInterval(_) => "give the time from one dose to the next in II, or set ADDL to 0",
            Self::Additional(_) => "ADDL counts the doses after the first",
            Self::SteadyState(_) => {
                "1: in place of what there is; 2: added to what there is; 0: no steady state"
            }
            Self::SteadyStateWithoutInterval => {
                "give the time between doses in II; a constant infusion has AMT 0 and RATE above 0"
            }
            Self::Compartment { .. } => "write its number in the order of the `d/dt` lines, or its name",
            Self::CompartmentOff(_) => "set what enters it to 0 in the model, by a covariate that says when",
        }
        .to_owned()
    }
}

/// Files, one after the other.
fn listed(files: &[PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// What is wrong with a data set as a whole.
#[derive(Debug, Error)]
pub enum DatasetError {
    /// A column that is needed.
    #[error("{} has no column {item}", file.display())]
    NoItem {
        /// The file.
        file: PathBuf,
        /// What is in it.
        item: Item,
        /// The key of `[data]` by which it is called otherwise.
        key: &'static str,
        /// A similar name in the file, as a question.
        similar: Option<String>,
    },
    /// A column that the cohort file names.
    #[error("{} has no column `{column}`", file.display())]
    NoColumn {
        /// The file.
        file: PathBuf,
        /// The name.
        column: String,
        /// A similar name in the file, as a question.
        similar: Option<String>,
    },
    /// A covariate of the model that is not there.
    #[error("covariate `{name}` of the model {model} is neither in {} nor in [population]", listed(files))]
    NoCovariate {
        /// The covariate.
        name: String,
        /// The model.
        model: String,
        /// The files.
        files: Vec<PathBuf>,
        /// A similar name in the files, as a question.
        similar: Option<String>,
    },
    /// Two columns of one name, in whatever case.
    #[error("{}: the columns `{first}` and `{second}` are one name", file.display())]
    Twice {
        /// The file.
        file: PathBuf,
        /// A column.
        first: String,
        /// The other.
        second: String,
    },
    /// No such item.
    #[error("`{item}` is none of the items of a data set")]
    UnknownItem {
        /// What the cohort file says.
        item: String,
        /// Those that there are, as the cohort file calls them.
        known: Vec<String>,
    },
    /// A covariate of which two tables speak.
    #[error("`{name}` is a column of {} and of {}", file.display(), second.display())]
    InBoth {
        /// The covariate.
        name: String,
        /// The data set.
        file: PathBuf,
        /// The second table.
        second: PathBuf,
    },
    /// A second table of which nothing is read.
    #[error("nothing of {} is read: it has no covariate of the model", file.display())]
    NothingTaken {
        /// The file.
        file: PathBuf,
    },
    /// A name that is no random effect and no individual parameter.
    #[error("`{name}` is no random effect of the model, and none of its individual parameters")]
    NotIndividual {
        /// The name.
        name: String,
        /// A similar one, as a question.
        similar: Option<String>,
    },
    /// Some effects of a correlated block.
    #[error("{} gives the random effects {}, and not {}, which are correlated with them", file.display(), given.join(", "), missing.join(", "))]
    PartOfBlock {
        /// The file.
        file: PathBuf,
        /// Those that it gives.
        given: Vec<String>,
        /// Those that it does not.
        missing: Vec<String>,
    },
    /// A header, and nothing behind it.
    #[error("{} has no records", file.display())]
    NoRecords {
        /// The file.
        file: PathBuf,
    },
    /// Doses, and nothing that is read.
    #[error("{} has no observation: no record with EVID 0 or 2", file.display())]
    NoObservation {
        /// The file.
        file: PathBuf,
    },
    /// There is more.
    #[error("{}: there may be more: it was read up to {counted_by} {row}", file.display())]
    More {
        /// The file.
        file: PathBuf,
        /// What rows are counted by.
        counted_by: &'static str,
        /// The last row that was read.
        row: u64,
    },
    /// A covariate that is computed once per patient of others that change.
    #[error("`{name}` is computed of `{of}`, which changes from record to record of ID {id}")]
    ComputedOfChanging {
        /// The covariate.
        name: String,
        /// What it is computed of.
        of: String,
        /// An ID in which that changes.
        id: String,
    },
    /// The copy of the records cannot be kept.
    #[error("the records cannot be kept in {}: {why}", folder.display())]
    NotKept {
        /// The folder of temporary files.
        folder: PathBuf,
        /// What the system says.
        why: String,
    },
}

impl DatasetError {
    pub(super) fn not_kept(error: &io::Error) -> Self {
        Self::NotKept { folder: env::temp_dir(), why: error.to_string() }
    }
}

impl Cause for DatasetError {
    fn help(&self) -> Option<String> {
        let or = |similar: &Option<String>, otherwise: &str| {
            Some(similar.clone().unwrap_or_else(|| otherwise.to_owned()))
        };
        let text = match self {
            Self::NoItem { item, key, similar, .. } => {
                let named = format!(
                    "if it is called otherwise, say so: `{key} = {{ {} = \"...\" }}` in [data]",
                    item.key()
                );
                return Some(similar.as_ref().map_or(named.clone(), |similar| format!("{similar} {named}")));
            }
            Self::NoColumn { similar, .. } => {
                return or(similar, "names are taken as they stand in its header");
            }
            Self::NoCovariate { similar, .. } => {
                return or(similar, "add the column, or a table [population.NAME] with its distribution");
            }
            Self::Twice { .. } => "take one of them out: nobody can tell which is meant",
            Self::UnknownItem { known, .. } => return Some(format!("the items are {}", known.join(", "))),
            Self::InBoth { .. } => "take it out of one of them: nobody can tell which is meant",
            Self::NothingTaken { .. } => {
                "covariates are taken by the model's names; others are kept by `keep = [...]` in [data]"
            }
            Self::NotIndividual { similar, .. } => return or(similar, "`vpop model` shows their names"),
            Self::PartOfBlock { .. } => {
                "add columns for the others, or leave these out by `given = [...]` in [data]"
            }
            Self::NoRecords { .. } => "the first line is the header; each line after it is a record",
            Self::NoObservation { .. } => {
                "add a record with EVID 0 (or 2) for each time at which the model is to be read"
            }
            Self::More { .. } => "mend these first",
            Self::ComputedOfChanging { .. } => {
                "compute it in the model, or in the file as a column of its own"
            }
            Self::NotKept { .. } => "make room there, or name another folder by the variable TMPDIR",
        };
        Some(text.into())
    }

    fn is_of_input(&self) -> bool {
        !matches!(self, Self::NotKept { .. })
    }
}
