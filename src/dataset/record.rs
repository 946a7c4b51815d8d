//! What a data set holds of an individual.

/// One individual of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Its ID, as the file has it.
    pub id: String,
    /// Its records in file order, with the changes of covariates of a second table among them: their times do not
    /// decrease. There is at least one of the data set itself.
    pub records: Vec<Record>,
    /// Covariates at its first record, in the order of the data set's and as the files have them.
    pub first: Vec<f64>,
    /// Random effects that the data set gives, in the order of its columns.
    pub effects: Vec<f64>,
}

impl Subject {
    /// The records of the data set itself.
    pub fn own_records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| record.event != Event::Covariates)
    }

    /// When the last of them is, model time.
    pub fn end(&self) -> f64 {
        self.own_records().last().map_or(0.0, |record| record.time)
    }
}

/// One record of an individual.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Line in a CSV file, the header being the first; row of a Parquet file, from 1. Of a change of covariates, of the
    /// second table.
    pub row: u64,
    /// When, in the model's time unit, on the data's own clock: the first record need not be at 0.
    pub time: f64,
    /// What happens.
    pub event: Event,
    /// Covariates at this record, in the order of the data set's covariates and in the model's units.
    pub values: Vec<f64>,
    /// The occasion it belongs to, if the data say it.
    pub occasion: Option<i64>,
    /// What was observed, as the file has it.
    pub dv: Option<f64>,
    /// Whether `dv` is no observation.
    pub mdv: bool,
}

impl Record {
    /// Whether the model is read at this record: at observations, and at other events, which are how data sets ask for
    /// predictions where nothing was observed.
    pub fn is_read(&self) -> bool {
        matches!(self.event, Event::Observation | Event::Other)
    }

    /// The dose that it gives.
    pub fn dose(&self) -> Option<&Dose> {
        match &self.event {
            Event::Dose(dose) | Event::ResetAndDose(dose) => Some(dose),
            Event::Observation | Event::Other | Event::Reset | Event::Covariates => None,
        }
    }
}

/// What happens at a record, by its EVID.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// 0: something is observed.
    Observation,
    /// 2: something else, as a change of covariates.
    Other,
    /// 3: the system is as before any dose.
    Reset,
    /// 1: a dose.
    Dose(Dose),
    /// 4: the system is as before any dose, then a dose.
    ResetAndDose(Dose),
    /// Covariates of a second table change: nothing is read. As a record of a data set it would be of kind 2.
    Covariates,
}

impl Event {
    /// Its EVID.
    pub fn evid(&self) -> i64 {
        match self {
            Self::Observation => 0,
            Self::Dose(_) => 1,
            Self::Other | Self::Covariates => 2,
            Self::Reset => 3,
            Self::ResetAndDose(_) => 4,
        }
    }
}

/// A dose of a record, and those that it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dose {
    /// AMT, in the model's dosing unit, before `f(state)`. 0 is an infusion without end that is at steady state
    /// ([`Input::AtRate`] with [`SteadyState::Reset`] or [`SteadyState::Add`]): it ends at its record.
    pub amount: f64,
    /// The state that receives it, by its position.
    pub state: usize,
    /// How it enters.
    pub input: Input,
    /// II: the time from one dose to the next, model time; 0 if there is none.
    pub interval: f64,
    /// ADDL: doses after the first, `interval` apart.
    pub additional: u32,
    /// SS.
    pub steady_state: SteadyState,
}

/// How a dose enters its state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    /// RATE 0: at once.
    AtOnce,
    /// RATE above 0: amount per model time.
    AtRate(f64),
    /// DUR: over this time, model time.
    Over(f64),
    /// RATE -1: at the model's `rate(state)`.
    ModelRate,
    /// RATE -2: over the model's `dur(state)`.
    ModelDuration,
}

/// Whether a dose is one of a series that has been given for long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SteadyState {
    /// SS 0: it is not.
    #[default]
    No,
    /// SS 1: it is, and nothing is left of other doses.
    Reset,
    /// SS 2: it is, and what the series amounts to is added to what there is.
    Add,
}
