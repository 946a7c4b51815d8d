//! A plan without a cohort, to show what a model becomes.

use crate::cohort::{Solver, TICKS_PER_DAY};
use crate::model::Model;
use crate::model::graph::{NodeId, Stage};
use crate::table::ColumnMeta;

use super::build::{at_least_one, decide_per_segment, name_meta, names, time_per_tick, within};
use super::slots::slots;
use super::{
    Administration, Arm, DoseInput, Drug, DrugId, ObservationTime, ObservedId, Plan, PlannedState, Route,
};

/// The model with its own parameters in one arm without doses, read at days 0 and 1: every name that
/// changes over time is followed, and a dose into the first state would be an infusion.
pub fn of_model(model: &Model) -> Plan {
    let parameters: Vec<f64> = model.parameters.iter().map(|parameter| parameter.value).collect();
    let model = &model.with_parameters(&parameters);
    let mut graph = model.graph.clone();
    let solver = Solver::default();
    let states = model
        .states
        .iter()
        .map(|state| PlannedState {
            name: state.name.clone(),
            derivative: state.derivative,
            initial: state.initial,
            atol: solver.atol * state.scale,
            is_quadrature: false,
        })
        .collect();
    let mut states = at_least_one(states, &mut graph);
    let time_per_tick = time_per_tick(&model.metadata.time_unit);
    let over_time = decide_per_segment(&mut graph, &mut states, &mut [], solver.atol);
    let landings = within(&graph, &over_time.landings, TICKS_PER_DAY * time_per_tick);
    let followed = model.variables.iter().filter(|variable| {
        model.graph.stage(variable.node) == Stage::Dynamic && !model.asks_for_doses(variable.node)
    });
    let (trajectory_columns, observed): (Vec<ColumnMeta>, Vec<NodeId>) =
        followed.map(|v| (name_meta(model, &v.name), v.node)).unzip();
    let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
    let route = Route { state: 0, bioavailability: one, lag: zero, input: DoseInput::Over(one) };
    let routes = if model.states.is_empty() { Vec::new() } else { vec![route] };
    let covariates: Vec<String> = model.covariates.iter().map(|covariate| covariate.name.clone()).collect();
    let mut names = names(&mut graph, model, &covariates);
    names.extend(over_time.renamed(&names));
    let dynamic: Vec<NodeId> = states.iter().map(|s| s.derivative).chain(observed.iter().copied()).collect();
    let mut values: Vec<NodeId> = states.iter().map(|s| s.initial).collect();
    values.extend(landings.iter().flat_map(|landing| [landing.first, landing.every]));
    let point = |tick| ObservationTime { tick, visit: true, trajectory: true, scan: false };
    Plan {
        slots: slots(&graph, &dynamic, &values),
        parameters,
        covariates,
        time_per_tick,
        time_unit: model.metadata.time_unit.clone(),
        arms: vec![Arm {
            label: "none".into(),
            dose: 0.0,
            unit: "mg".into(),
            doses: Vec::new(),
            steady: None,
        }],
        landings,
        drugs: vec![Drug::default()],
        administrations: vec![Administration { drug: DrugId::new(0), routes }],
        observation_times: vec![point(0), point(TICKS_PER_DAY as u32)],
        trajectories: (0..observed.len()).map(ObservedId::new).collect(),
        observed,
        trajectory_columns,
        rtol: solver.rtol,
        max_steps: solver.max_steps,
        names,
        states,
        graph,
        ..Plan::default()
    }
}
