//! A plan, compiled for the lanes.

use crate::cohort::Ticks;
use crate::engine::landing::Landing;
use crate::engine::otherwise::attempts;
use crate::engine::program::Program;
use crate::engine::schedule::Doses;
use crate::engine::treatment::Rules;
use crate::engine::value::Value;
use crate::plan::ObservationTime;

use super::assemble::assemble;
use super::columns::Columns;
use super::curve::Curves;
use super::method::Method;
use super::observation::ObservationProgram;
use super::program::Block;
use super::real::Real;
use crate::isa::Isa;

/// Everything that the integration of a plan needs.
#[derive(Debug)]
pub(crate) struct System<T> {
    /// From the plan's slots to the columns that everything else reads.
    pub(crate) prelude: Columns,
    pub(crate) method: Method,
    /// The columns that [`Layout::columns`](super::method::Layout::columns) holds, in order.
    pub(crate) columns: Vec<usize>,
    /// Registers as the integration starts: constants in place.
    pub(crate) registers: Vec<Block<T>>,
    pub(crate) initial: Vec<Value>,
    /// Which of the states are areas.
    pub(crate) quadratures: Vec<bool>,
    /// States that are infused, in the order of [`Layout::rates`](super::method::Layout::rates).
    pub(crate) infused: Vec<usize>,
    pub(crate) doses: Doses,
    /// What the itineraries of a data set are made from.
    pub(crate) program: Program,
    pub(crate) landings: Vec<Landing>,
    pub(crate) observation: ObservationProgram,
    pub(crate) curves: Curves,
    pub(crate) rules: Rules,
    pub(crate) observation_times: Vec<ObservationTime>,
    pub(crate) end: Ticks,
    pub(crate) time_per_tick: f64,
    pub(crate) max_steps: u32,
    /// The largest step, model time.
    pub(crate) max_step: f64,
}

impl<T: Real> System<T> {
    /// Compiles a plan.
    pub(crate) fn new(program: &Program, isa: Isa) -> Self {
        let (plan, lowered) = (program.plan(), program.lowered());
        // Machine code is of f64.
        let machine = T::doubles(&mut []).map(|_| isa);
        let observation = ObservationProgram::new(plan, lowered, machine);
        let curves = Curves::new(plan, lowered, machine);
        let (method, columns, registers) = assemble(plan, lowered, machine);
        Self {
            prelude: Columns::prelude(lowered),
            method,
            columns,
            registers,
            initial: lowered.initial.clone(),
            quadratures: plan.states.iter().map(|state| state.is_quadrature).collect(),
            infused: lowered.infused.clone(),
            doses: lowered.doses.clone(),
            program: program.clone(),
            landings: lowered.landings.clone(),
            observation,
            curves,
            rules: Rules::new(plan),
            observation_times: plan.observation_times.clone(),
            end: plan.end(),
            time_per_tick: plan.time_per_tick,
            max_steps: attempts(plan),
            max_step: plan.max_step.unwrap_or(f64::INFINITY),
        }
    }
}
