//! The plan: everything an engine needs, as plain data.

mod amounts;
mod baseline;
mod build;
mod checks;
mod columns;
mod defined;
mod dlt;
mod doses;
mod dosing;
mod endpoint;
mod errors;
mod events;
mod grades;
mod ids;
mod known;
mod known_units;
mod landings;
mod meetings;
mod memory;
mod missed;
mod notices;
mod observation;
mod of_model;
mod program;
mod protocol;
mod readings;
mod records;
mod response;
mod rules;
mod scope;
mod slots;
mod text;
mod time_form;
mod trajectories;
mod treatment;
mod units;
mod unseen;

use crate::cohort::{ReadOn, Ticks};
use crate::model::graph::{Graph, NodeId, OfDrugs, Symbol};
use crate::table::ColumnMeta;

pub use crate::accumulator::AccumulatorKind;
pub use crate::cohort::{Method, RoundTo};
pub use build::build;
pub use checks::FinitenessCheck;
pub use columns::Renamed;
#[cfg(feature = "gpu")]
pub(crate) use doses::SAME_AMOUNT;
pub(crate) use doses::share;
pub use doses::{
    Administration, Arm, DoseInput, Drug, MayBeMissed, PlannedDose, Rounding, Route, Sequence, SteadyStart,
};
pub use errors::PlanError;
pub use ids::{AccumulatorId, AdministrationId, DrugId, ObservedId, ReasonId};
pub use missed::DoseDraw;
pub use notices::UnitNotice;
pub(crate) use notices::unit_notices;
pub use observation::{During, ObservationWindow, ObservedAt};
pub use of_model::of_model;
pub use protocol::{Amount, BeyondLimit, Change, Demand, DoseStep, Hold, Infuse, Protocol, Skip, Stop};
pub use records::{Lines, RecordedData};
pub(crate) use scope::meaning;
pub use treatment::{DltEndpoints, EventEndpoint, ResponseEndpoints, TermEndpoints, TreatmentEndpoints};

/// What is to be solved for every patient and arm.
///
/// All expressions are nodes of [`Plan::graph`], which is the model's graph with the cohort
/// file's expressions added and the changed parameters as they are. The default plan has nothing to solve: it is what
/// plans that are written down by hand begin with.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Every expression.
    pub graph: Graph,
    /// Values of the model's fixed effects, changed ones as they are; already in the graph.
    pub parameters: Vec<f64>,
    /// Names of the covariates, in `Symbol::Covariate` order: the model's, then those that only
    /// the cohort file's expressions and doses use, then the draws of events and of doses.
    pub covariates: Vec<String>,
    /// Model time per tick.
    pub time_per_tick: f64,
    /// Unit of model time: `day`, `hour` or `minute`.
    pub time_unit: String,
    /// States, the model's first (their index is `Symbol::State`), then the quadratures.
    pub states: Vec<PlannedState>,
    /// Individual values, known once per patient, that expressions of later stages use, or that
    /// are written to the `patients` set. Computed before integration, in f64, for any engine.
    pub slots: Vec<NodeId>,
    /// The model's individual parameters, for the `patients` set, and their position in `slots`.
    pub individual_parameters: Vec<(ColumnMeta, usize)>,
    /// The arms.
    pub arms: Vec<Arm>,
    /// The drugs, at least one.
    pub drugs: Vec<Drug>,
    /// How doses enter.
    pub administrations: Vec<Administration>,
    /// Whether patients are of a data set, whose records say what they get and when they are read.
    pub is_recorded: bool,
    /// How the doses of a data set's records enter; none of a cohort.
    pub compartments: Vec<Compartment>,
    /// Covariates that are on lines between the records of a data set.
    pub lines: Lines,
    /// Times at which a step must end besides doses and visits that decide.
    pub landings: Vec<Landing>,
    /// Times at which something is read, sorted, 0 first, the end last.
    pub observation_times: Vec<ObservationTime>,
    /// The visit program's expressions, evaluated at every observation time: those that read no accumulator,
    /// then, once these are kept, those that read accumulators of theirs, and so on; the decisions last.
    pub observed: Vec<NodeId>,
    /// What each of them is called: its name, else where the cohort file asks for it.
    pub labels: Vec<String>,
    /// Which of them must be finite, and when.
    pub checks: Vec<FinitenessCheck>,
    /// What is kept of them.
    pub accumulators: Vec<Accumulator>,
    /// The endpoints, made of accumulators.
    pub endpoints: Vec<Endpoint>,
    /// What is decided at visits.
    pub protocol: Protocol,
    /// Whether the cohort file asks for what became of each dose.
    pub ledger: bool,
    /// Which endpoints belong to treatment.
    pub treatment: TreatmentEndpoints,
    /// Names of the events whose uniform draw is a covariate, behind all others in `covariates`.
    pub draws: Vec<String>,
    /// Doses whose uniform draw is a covariate, behind those of events.
    pub dose_draws: Vec<DoseDraw>,
    /// What of `observed` time courses hold; read at observation times with `trajectory`.
    pub trajectories: Vec<ObservedId>,
    /// Name, meaning and unit of each of them.
    pub trajectory_columns: Vec<ColumnMeta>,
    /// Whether time courses end when the patient leaves the trial, with the visit at which they do.
    pub trajectories_on_study: bool,
    /// How its equations are integrated.
    pub method: Method,
    /// Relative tolerance.
    pub rtol: f64,
    /// Attempted steps per patient and arm before it is given up.
    pub max_steps: u32,
    /// Attempted steps of an explicit method after which a patient in an arm is solved by the implicit one instead; none
    /// if the method has to do.
    pub switch_after: Option<u32>,
    /// The largest step, model time; any if none is given.
    pub max_step: Option<f64>,
    /// Names that the model and the cohort give to expressions, for generated code.
    pub names: Vec<(NodeId, String)>,
    /// Number of residual lines whose score is used: `Symbol::Residual(i)` with i below this.
    pub residuals: usize,
}

/// A state of the system that is solved.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedState {
    /// Its name.
    pub name: String,
    /// Its derivative, per model time.
    pub derivative: NodeId,
    /// Its value at time 0: a slot or a constant.
    pub initial: NodeId,
    /// Absolute tolerance; infinite for a quadrature that is outside the error norm.
    pub atol: f64,
    /// Whether it is a quadrature: one begins with time 0, whatever came before.
    pub is_quadrature: bool,
}

/// How the doses of a data set's records enter a state: nodes are slots or constants.
#[derive(Debug, Clone, PartialEq)]
pub struct Compartment {
    /// The state that receives them.
    pub state: usize,
    /// What amounts are multiplied by.
    pub bioavailability: NodeId,
    /// Delay in model time; 0 if none.
    pub lag: NodeId,
    /// The model's rate into it, per model time (`RATE` -1), if it has one.
    pub rate: Option<NodeId>,
    /// The model's duration of what enters, model time (`RATE` -2), if it has one.
    pub duration: Option<NodeId>,
    /// What a record's rate is multiplied by: 1 unless the state is in another unit than doses.
    pub rate_factor: NodeId,
}

/// A time, or times, at which a step must end. What is not finite, before 0 or after the end does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landing {
    /// When, in model time since the first planned dose: a slot or a constant.
    pub first: NodeId,
    /// The time from one to the next, before and after `first`, model time: a slot or a constant; 0 if there is only
    /// one.
    pub every: NodeId,
    /// Whether the equations may jump there, so that nothing that was known of them holds any more.
    pub jumps: bool,
}

/// A time at which something is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObservationTime {
    /// When.
    pub tick: Ticks,
    /// Whether it is a visit.
    pub visit: bool,
    /// Whether time courses hold it.
    pub trajectory: bool,
    /// Whether the tumour is scanned.
    pub scan: bool,
}

/// Something kept of an observed expression over the times.
#[derive(Debug, Clone, PartialEq)]
pub struct Accumulator {
    /// What.
    pub kind: AccumulatorKind,
    /// Of which expression.
    pub of: ObservedId,
    /// First and last tick looked at, inclusive.
    pub window: [Ticks; 2],
    /// `Visits`: observation times with `visit`. `Continuous`: the whole curve, extremes and crossings located within
    /// steps; of a condition `a < b` that is `b - a`. `Scans`: observation times with `scan`.
    pub on: ReadOn,
    /// Whether it begins anew with every dose of some drugs that is given, after the visit at which it is. What held
    /// at that visit still counts until the next one.
    pub since_dose: Option<OfDrugs>,
    /// Whether it is also read at both ends of its window where these are no visits. They are observation times.
    pub ends: bool,
    /// Whether it ends when the patient leaves the trial, with the visit at which they do.
    pub on_study: bool,
}

/// One column of the outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Column name.
    pub name: String,
    /// Meaning, one line.
    pub meaning: String,
    /// Unit.
    pub unit: String,
    /// Size below which a difference between two solutions counts less (of a threshold: of what
    /// is compared with it, in its unit), if the cohort file says it.
    pub scale: Option<f64>,
    /// How it is made of accumulators.
    pub value: EndpointFormula,
    /// What kind of number it is.
    pub kind: EndpointKind,
}

/// What kind of number an endpoint is: how it is stored and summarised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointKind {
    /// A measured value, a time or a duration.
    Number,
    /// The time at which something first happened; missing if it never did.
    FirstTime,
    /// A grade, 0 to 5: a whole number.
    Grade,
    /// Response at one scan, by its code: see [`Response`](crate::outcome).
    Response,
}

/// An endpoint from accumulators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointFormula {
    /// The accumulator itself.
    Of(AccumulatorId),
    /// `at - from`.
    Difference {
        /// The later accumulator.
        at: AccumulatorId,
        /// The earlier one.
        from: AccumulatorId,
    },
    /// `100 (at - from) / from`; missing if that is of nothing.
    Percent {
        /// The later accumulator.
        at: AccumulatorId,
        /// The earlier one.
        from: AccumulatorId,
    },
}

impl EndpointFormula {
    /// The endpoint's value from the accumulators' values.
    pub fn value(self, accumulator: impl Fn(AccumulatorId) -> f64) -> f64 {
        match self {
            Self::Of(i) => accumulator(i),
            Self::Difference { at, from } => difference(accumulator(at), accumulator(from)),
            Self::Percent { at, from } => percent(accumulator(at), accumulator(from)),
        }
    }
}

/// Of [`EndpointFormula::Difference`].
pub(crate) fn difference(at: f64, from: f64) -> f64 {
    at - from
}

/// Of [`EndpointFormula::Percent`].
pub(crate) fn percent(at: f64, from: f64) -> f64 {
    let percent = 100.0 * (at - from) / from;
    if percent.is_finite() { percent } else { f64::NAN }
}

impl Plan {
    /// Names of the covariates that something in it depends on.
    pub fn used_covariates(&self) -> Vec<&str> {
        let derivatives = self.states.iter().map(|state| state.derivative);
        let roots: Vec<NodeId> =
            derivatives.chain(self.observed.iter().chain(&self.slots).copied()).collect();
        let symbols = self.graph.reachable(&roots).into_iter().filter_map(|id| self.graph.as_symbol(id));
        let name = |symbol| match symbol {
            Symbol::Covariate(i) => self.covariates.get(i as usize).map(String::as_str),
            _ => None,
        };
        symbols.filter_map(name).collect()
    }

    /// The end of the simulation.
    pub fn end(&self) -> Ticks {
        self.observation_times.last().map_or(0, |point| point.tick)
    }
}

/// Position of an item in a list, at whose end it is put if it is not there.
pub(crate) fn position_or_push<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}
