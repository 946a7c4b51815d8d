//! A plan without a cohort, to show what a model becomes.

use crate::cohort::TICKS_PER_DAY;
use crate::model::Model;
use crate::model::graph::{NodeId, Stage, Symbol};
use crate::table::About;

use super::build::{about_name, time_per_tick};
use super::slots::slots;
use super::{Arm, GridPoint, Input, Plan, PlannedState, Route};

/// Tolerances and steps that a cohort file would say.
const RTOL: f64 = 1e-6;
const ATOL: f64 = 1e-6;
const MAX_STEPS: u32 = 100_000;

/// The model with its own parameters in one arm without doses, read at days 0 and 1: every name that
/// changes over time is followed, and a dose into the first state would be an infusion.
pub fn of_model(model: &Model) -> Plan {
    let parameters: Vec<f64> = model.parameters.iter().map(|parameter| parameter.value).collect();
    let model = &model.with_parameters(&parameters);
    let mut graph = model.graph.clone();
    let states: Vec<PlannedState> = model
        .states
        .iter()
        .map(|state| PlannedState {
            name: state.name.clone(),
            derivative: state.derivative,
            initial: state.initial,
            atol: ATOL * state.scale,
        })
        .collect();
    let followed = model.variables.iter().filter(|v| model.graph.stage(v.node) == Stage::Dynamic);
    let (trajectory_columns, observed): (Vec<About>, Vec<NodeId>) =
        followed.map(|v| (about_name(model, &v.name), v.node)).unzip();
    let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
    let route = Route { state: 0, factor: one, lag: zero, input: Input::Over(one) };
    let mut names: Vec<(NodeId, String)> = model.variables.iter().map(|v| (v.node, v.name.clone())).collect();
    for (i, covariate) in (0..).zip(&model.covariates) {
        names.push((graph.symbol(Symbol::Covariate(i)), covariate.name.clone()));
    }
    let dynamic: Vec<NodeId> = states.iter().map(|s| s.derivative).chain(observed.iter().copied()).collect();
    let values: Vec<NodeId> = states.iter().map(|s| s.initial).collect();
    let point = |tick| GridPoint { tick, visit: true, trajectory: true };
    Plan {
        slots: slots(&graph, &dynamic, &values),
        parameters,
        covariates: model.covariates.iter().map(|covariate| covariate.name.clone()).collect(),
        time_per_tick: time_per_tick(&model.metadata.time_unit),
        time_unit: model.metadata.time_unit.clone(),
        individual_parameters: Vec::new(),
        arms: vec![Arm { label: "none".into(), dose: 0.0, unit: "mg".into(), doses: Vec::new() }],
        routes: if states.is_empty() { Vec::new() } else { vec![route] },
        grid: vec![point(0), point(TICKS_PER_DAY as u32)],
        trajectories: (0..observed.len()).collect(),
        observed,
        accumulators: Vec::new(),
        endpoints: Vec::new(),
        trajectory_columns,
        rtol: RTOL,
        max_steps: MAX_STEPS,
        names,
        residuals: 0,
        states,
        graph,
    }
}
