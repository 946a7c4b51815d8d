//! From a cohort file and its model to the plan.

use std::collections::BTreeSet;

use crate::cohort::{Cohort, Spanned, Ticks};
use crate::diagnostic::{Problem, Problems, did_you_mean};
use crate::model::expression::{self, Scope};
use crate::model::graph::{Graph, Node, NodeId, Stage, Symbol};
use crate::model::{Model, State};
use crate::table::ColumnMeta;
use crate::unit::Unit;

use super::doses::unfit_for_rules;
use super::dosing::{Dosed, Dosing};
use super::landings::OverTime;
use super::program::{UNIT_OF_MODEL, VisitProgram};
use super::readings::Readings;
use super::scope::ParameterScope;
use super::slots::slots;
use super::{
    Arm, Compartment, Endpoint, Landing, Lines, Method, ObservationTime, Plan, PlanError, PlannedDose,
    PlannedState, RecordedData, Route, TreatmentEndpoints,
};

/// The plan of a cohort and its model.
///
/// `covariates` are the names that the cohort's patients have, whether the model uses them or not; `data` is what must be
/// known of the data set that they come from, if they do.
///
/// # Errors
/// Everything in the cohort file that does not fit the model.
pub fn build(
    cohort: &Cohort,
    model: &Model,
    covariates: &[String],
    data: Option<&RecordedData>,
) -> Result<Plan, Problems> {
    let mut problems = Vec::new();
    let time_per_tick = time_per_tick(&model.metadata.time_unit);
    let parameters = parameters(cohort, model, &mut problems);
    known_parameters(cohort, model, &mut problems);
    let (model, lines) = Lines::of(&model.with_parameters(&parameters), data);
    let model = &model;
    let mut covariates = all_covariates(model, covariates);
    let mut program = VisitProgram::new(cohort, model, &covariates, problems);
    let treatment = treatment(&mut program);
    let mut endpoints: Vec<Endpoint> = cohort.endpoints.iter().filter_map(|e| program.endpoint(e)).collect();
    endpoints.append(&mut program.columns);
    let (trajectories, trajectory_columns) = program.trajectories();
    let trajectories_on_study = program.trajectories_on_study();
    let dosing = Dosing { cohort, model, covariates: &covariates, units: &program.units, time_per_tick };
    let Dosed { drugs, arms, administrations, dose_draws } =
        dosing.dosed(&mut program.graph, &mut program.problems);
    let compartments = match data.map(|data| dosing.compartments(data, &mut program.graph)) {
        None => Vec::new(),
        Some(compartments) => compartments.unwrap_or_else(|error| {
            program.problems.push(Problem::new(error));
            Vec::new()
        }),
    };
    let arms = data.map_or(arms, |data| data.arms(&model.metadata.dosing_unit));
    program.check_infusions(&administrations);
    let unfit = unfit_for_rules(&drugs, &administrations, &arms);
    program.problems.extend(unfit.into_iter().map(Problem::new));
    let mut states = at_least_one(states(&mut program), &mut program.graph);
    let observation_times = match data {
        Some(_) => RecordedData::observation_times(&program.readings.accumulators),
        None => observation_times(cohort, &program.reads),
    };
    let end = f64::from(cohort.visits.until) * time_per_tick;
    let mut followed = program.readings.followed();
    let over_time = decide_per_segment(&mut program.graph, &mut states, &mut followed, cohort.solver.atol);
    program.readings.follow(&followed);
    // The clock of a data set need not begin at 0.
    let mut landings = match data {
        Some(_) => over_time.landings.clone(),
        None => within(&program.graph, &over_time.landings, end),
    };
    // What begins at a landing may be over soon.
    landings.iter_mut().for_each(|landing| landing.jumps |= over_time.is_smooth());
    let largest = cohort.solver.max_step.or_else(|| over_time.is_smooth().then(|| shortest_interval(cohort)));
    let max_step = largest.map(|ticks| f64::from(ticks) * time_per_tick);
    let checks = program.checks(&observation_times, &trajectories);
    let individual: Vec<(ColumnMeta, NodeId)> = individual_parameters(model);

    let mut names = names(&mut program.graph, model, &covariates);
    let VisitProgram { graph, readings, defined, protocol, problems, .. } = program;
    names.extend(defined.grades.into_iter().map(|(term, grade)| (grade, format!("grade_{term}"))));
    names.extend(over_time.renamed(&names));
    let labels = readings.labels(|node| name_of(&graph, model, &names, node));
    let Readings { observed, accumulators, .. } = readings;
    let at_dose = administrations.iter().flat_map(|own| &own.routes).flat_map(Route::values);
    let dynamic = states.iter().map(|s| s.derivative).chain(observed.iter().copied());
    let dynamic: Vec<NodeId> =
        dynamic.chain(at_dose.filter(|&node| graph.stage(node) == Stage::Dynamic)).collect();
    let mut values: Vec<NodeId> = states.iter().map(|s| s.initial).collect();
    values.extend(arms.iter().flat_map(Arm::all_doses).flat_map(PlannedDose::values));
    values.extend(administrations.iter().flat_map(|own| &own.routes).flat_map(Route::values));
    values.extend(compartments.iter().flat_map(Compartment::nodes));
    values.extend(landings.iter().flat_map(|landing| [landing.first, landing.every]));
    values.extend(individual.iter().map(|(_, node)| *node));
    let slots = slots(&graph, &dynamic, &values);
    let individual_parameters = individual
        .into_iter()
        .filter_map(|(meta, node)| Some((meta, slots.binary_search(&node).ok()?)))
        .collect();
    let residuals = graph
        .reachable(&observed)
        .into_iter()
        .filter_map(|id| match graph.node(id) {
            Node::Symbol(Symbol::Residual(i)) => Some(i as usize + 1),
            _ => None,
        })
        .max()
        .unwrap_or(0);
    let draws: Vec<String> = cohort.events.iter().map(|event| event.name.value.clone()).collect();
    covariates.extend(draws.iter().map(|event| format!("draw of {event}")));
    covariates.extend(dose_draws.iter().map(|draw| format!("draw of dose {}", draw.dose + 1)));
    let plan = Plan {
        graph,
        parameters,
        time_per_tick,
        time_unit: model.metadata.time_unit.clone(),
        states,
        slots,
        individual_parameters,
        drugs,
        arms,
        administrations,
        is_recorded: data.is_some(),
        compartments,
        lines,
        landings,
        observation_times,
        observed,
        labels,
        checks,
        accumulators,
        endpoints,
        protocol,
        ledger: cohort.write_doses == Some(true),
        treatment,
        draws,
        dose_draws,
        trajectories,
        trajectory_columns,
        trajectories_on_study,
        method: Method::default(),
        rtol: cohort.solver.rtol,
        max_steps: cohort.solver.max_steps,
        switch_after: None,
        max_step,
        names,
        residuals,
        covariates,
    };
    Problems::none_or(problems, plan)
}

/// The states, or one that never moves where a model has none: the engines walk along states.
pub(super) fn at_least_one(mut states: Vec<PlannedState>, graph: &mut Graph) -> Vec<PlannedState> {
    if states.is_empty() {
        let zero = graph.constant(0.0);
        states.push(PlannedState {
            name: "none".into(),
            derivative: zero,
            initial: zero,
            atol: 1.0,
            is_quadrature: false,
        });
    }
    states
}

/// The endpoints of treatment, each part after what it may depend on.
fn treatment(program: &mut VisitProgram<'_>) -> TreatmentEndpoints {
    let terms = program.grades();
    let dlt = program.dlt();
    let (response, progressed) = program.response().unzip();
    let events = program.events(progressed);
    program.rules();
    TreatmentEndpoints { terms, dlt, events, response }
}

/// The model's covariates in its order, then the cohort's others.
fn all_covariates(model: &Model, cohort: &[String]) -> Vec<String> {
    let mut names: Vec<String> = model.covariates.iter().map(|c| c.name.clone()).collect();
    for name in cohort {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// Model time per second.
pub(super) fn time_per_tick(unit: &str) -> f64 {
    1.0 / Unit::parse(unit).dimension().number()
}

/// The parameters' values: the file's, but for those that the cohort file changes.
fn parameters(cohort: &Cohort, model: &Model, problems: &mut Vec<Problem>) -> Vec<f64> {
    let mut values: Vec<f64> = model.parameters.iter().map(|p| p.value).collect();
    for (name, text) in &cohort.parameters {
        let Some(index) = model.parameters.iter().position(|p| p.name == name.value) else {
            problems.push(unknown_parameter(cohort, model, name));
            continue;
        };
        match changed_value(cohort, model, index, text) {
            Ok(value) => values[index] = value,
            Err(Problems(found)) => problems.extend(found),
        }
    }
    values
}

/// Checks that the model has the fixed effects that are uncertain.
fn known_parameters(cohort: &Cohort, model: &Model, problems: &mut Vec<Problem>) {
    let uncertain = cohort.uncertainty.iter().flat_map(|uncertainty| &uncertainty.parameters);
    for name in uncertain.map(|parameter| &parameter.name) {
        if !model.parameters.iter().any(|parameter| parameter.name == name.value) {
            problems.push(unknown_parameter(cohort, model, name));
        }
    }
}

fn unknown_parameter(cohort: &Cohort, model: &Model, name: &Spanned<String>) -> Problem {
    let hint = hint(&name.value, &ParameterScope(model).known(), "its parameters are");
    let error = PlanError::UnknownParameter { name: name.value.clone(), hint };
    Problem::at(error, cohort.place(&name.span))
}

fn changed_value(
    cohort: &Cohort,
    model: &Model,
    index: usize,
    text: &Spanned<String>,
) -> Result<f64, Problems> {
    let place = cohort.place(&text.span);
    let parameter = &model.parameters[index];
    let mut graph = Graph::default();
    let node = expression::read(&text.value, &place, &mut graph, &mut ParameterScope(model))?;
    let value = graph.as_constant(node).unwrap_or(f64::NAN);
    let name = parameter.name.clone();
    if !value.is_finite() {
        return Err(Problem::at(PlanError::NotFinite { name, value }, place).into());
    }
    let (lower, upper) = (parameter.lower, parameter.upper);
    if value < lower || value > upper {
        return Err(Problem::at(PlanError::OutOfBounds { name, value, lower, upper }, place).into());
    }
    Ok(value)
}

/// The model's states and the quadratures behind them.
fn states(program: &mut VisitProgram<'_>) -> Vec<PlannedState> {
    let solver = &program.cohort.solver;
    for (name, _) in &solver.scale {
        if !program.model.states.iter().any(|s| s.name == name.value) {
            let names: Vec<String> = program.model.states.iter().map(|s| s.name.clone()).collect();
            let hint = hint(&name.value, &names, "its states are");
            let error = PlanError::UnknownState { name: name.value.clone(), hint };
            program.problems.push(Problem::at(error, program.cohort.place(&name.span)));
        }
    }
    let scale = |state: &State| {
        let own = solver.scale.iter().find(|(name, _)| name.value == state.name);
        own.map_or(state.scale, |(_, scale)| *scale)
    };
    let of_model = program.model.states.iter().map(|state| PlannedState {
        name: state.name.clone(),
        derivative: state.derivative,
        initial: state.initial,
        atol: solver.atol * scale(state),
        is_quadrature: false,
    });
    let mut states: Vec<PlannedState> = of_model.collect();
    let zero = program.graph.constant(0.0);
    for (i, &integrand) in program.quadratures.iter().enumerate() {
        let name = format!("area_{}", i + 1);
        states.push(PlannedState {
            name,
            derivative: integrand,
            initial: zero,
            atol: f64::INFINITY,
            is_quadrature: true,
        });
    }
    states
}

/// Decides what the equations, and expressions that are followed between visits, compare time with once for each
/// stretch between landings. An area of what changes
/// smoothly with time is in the error norm: nothing else would see a peak in it.
pub(super) fn decide_per_segment(
    graph: &mut Graph,
    states: &mut [PlannedState],
    followed: &mut [NodeId],
    atol: f64,
) -> OverTime {
    let derivatives = states.iter().map(|state| state.derivative);
    let roots: Vec<NodeId> = derivatives.chain(followed.iter().copied()).collect();
    let over_time = OverTime::of(graph, &roots);
    followed.iter_mut().for_each(|node| *node = over_time.per_segment(*node));
    for state in states {
        if over_time.depends_smoothly(graph, state.derivative) && state.atol.is_infinite() {
            state.atol = atol;
        }
        state.derivative = over_time.per_segment(state.derivative);
    }
    over_time
}

/// The landings that may come in a run.
pub(super) fn within(graph: &Graph, landings: &[Landing], end: f64) -> Vec<Landing> {
    let comes = |landing: &&Landing| {
        let never = |first: f64| !(first > 0.0 && first < end);
        let is_single = graph.as_constant(landing.every) == Some(0.0);
        !(is_single && graph.as_constant(landing.first).is_some_and(never))
    };
    landings.iter().filter(comes).copied().collect()
}

/// The shortest time between two visits, or to the end.
fn shortest_interval(cohort: &Cohort) -> Ticks {
    let visits = &cohort.visits;
    let intervals = visits.times.windows(2).map(|pair| pair[1] - pair[0]);
    intervals.min().unwrap_or(visits.until)
}

/// Every time at which something is read, and what for.
fn observation_times(cohort: &Cohort, reads: &[Ticks]) -> Vec<ObservationTime> {
    let visits = &cohort.visits.times;
    let trajectories = cohort.trajectories.as_ref().map_or(&[][..], |t| &t.times);
    let scans = cohort.response.as_ref().map_or(&[][..], |r| &r.scans);
    let all: BTreeSet<Ticks> = visits.iter().chain(trajectories).chain(reads).copied().collect();
    let point = |tick: Ticks| ObservationTime {
        tick,
        visit: visits.binary_search(&tick).is_ok(),
        trajectory: trajectories.binary_search(&tick).is_ok(),
        scan: scans.binary_search(&tick).is_ok(),
    };
    all.into_iter().map(point).collect()
}

/// Meaning and unit of a name of the model, as far as its file says them.
pub(super) fn name_meta(model: &Model, name: &str) -> ColumnMeta {
    let variable = model.variables.iter().find(|v| v.name == name).map(|v| (&v.description, &v.unit));
    let state = model.states.iter().find(|s| s.name == name).map(|s| (&s.description, &s.unit));
    let covariate = model.covariates.iter().find(|c| c.name == name).map(|c| (&c.description, &c.unit));
    let (description, unit) = variable.or(state).or(covariate).unwrap_or((&None, &None));
    let meaning = description.clone().unwrap_or_else(|| format!("`{name}` of the model"));
    ColumnMeta::new(name, meaning, unit.clone().unwrap_or_else(|| UNIT_OF_MODEL.into()))
}

/// What the model computes once per patient: its individual parameters.
fn individual_parameters(model: &Model) -> Vec<(ColumnMeta, NodeId)> {
    let is_individual = |node: NodeId| {
        model.graph.stage(node) == Stage::Patient && !matches!(model.graph.node(node), Node::Symbol(_))
    };
    let individual = model.variables.iter().filter(|v| is_individual(v.node));
    individual.map(|v| (name_meta(model, &v.name), v.node)).collect()
}

/// The model's assigned names and the covariates, with their expressions.
pub(super) fn names(graph: &mut Graph, model: &Model, covariates: &[String]) -> Vec<(NodeId, String)> {
    let variables = model.variables.iter().map(|v| (v.node, v.name.clone()));
    let covariates =
        (0..).zip(covariates).map(|(i, name)| (graph.symbol(Symbol::Covariate(i)), name.clone()));
    variables.chain(covariates).collect()
}

/// The name of an expression.
fn name_of(graph: &Graph, model: &Model, names: &[(NodeId, String)], of: NodeId) -> Option<String> {
    let state = || match graph.as_symbol(of) {
        Some(Symbol::State(i)) => model.states.get(i as usize).map(|state| &state.name),
        _ => None,
    };
    names.iter().find(|(node, _)| *node == of).map(|(_, name)| name).or_else(state).cloned()
}

fn hint(name: &str, known: &[String], otherwise: &str) -> String {
    did_you_mean(name, known.iter().map(String::as_str))
        .unwrap_or_else(|| format!("{otherwise} {}", known.join(", ")))
}
