//! The shader of a plan: the templates of `shaders/`, filled in with one line per state.

use std::collections::HashMap;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::cohort::ReadOn;
use crate::engine::Status;
use crate::engine::cpu::{tsit5 as control, tsit5_tableau as tableau};
use crate::engine::lowered::Lowered;
use crate::engine::value::Value;
use crate::model::graph::{Binary, Node, NodeId, Symbol};
use crate::model::wgsl::{Identifiers, Vocabulary, literal, statements};
use crate::plan::{Accumulate, Accumulator, Plan};

use super::layout::{Layout, WORKGROUP, cells};

/// The templates, `main.wgsl` the outermost.
const TEMPLATES: [(&str, &str); 7] = [
    ("main.wgsl", include_str!("../../../shaders/main.wgsl")),
    ("math.wgsl", include_str!("../../../shaders/math.wgsl")),
    ("model.wgsl", include_str!("../../../shaders/model.wgsl")),
    ("schedule.wgsl", include_str!("../../../shaders/schedule.wgsl")),
    ("visit.wgsl", include_str!("../../../shaders/visit.wgsl")),
    ("tsit5.wgsl", include_str!("../../../shaders/tsit5.wgsl")),
    ("lanes.wgsl", include_str!("../../../shaders/lanes.wgsl")),
];

/// The whole shader of a plan that is solved at a relative tolerance.
pub(crate) fn shader(plan: &Plan, lowered: &Lowered, layout: &Layout, rtol: f64) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let written = TEMPLATES
        .into_iter()
        .try_for_each(|(name, text)| environment.add_template(name, text))
        .and_then(|()| environment.get_template("main.wgsl"))
        .and_then(|template| template.render(Serde(values(plan, lowered, layout, rtol))));
    written.unwrap_or_else(|error| unreachable!("the templates do not fit what fills them: {error:#}"))
}

/// What the templates know of a state.
#[derive(Clone, Serialize)]
struct State {
    name: String,
    /// Whether derivatives read it.
    read: bool,
    /// Whether something that is observed reads it.
    observed: bool,
    /// Whether it is outside the error norm.
    is_area: bool,
    atol: String,
    initial: String,
}

/// Accumulators that take a value at the same times.
#[derive(Serialize)]
struct Group {
    /// When.
    when: String,
    /// How each of them does.
    keep: Vec<String>,
    /// The observed expressions that they look at.
    of: Vec<String>,
}

/// One stage of the method.
#[derive(Serialize)]
struct Stage {
    node: String,
    weights: Vec<String>,
}

/// The method's coefficients.
#[derive(Serialize)]
struct Method {
    stages: Vec<Stage>,
    solution: Vec<String>,
    error: Vec<String>,
    interpolant: Vec<Vec<String>>,
}

/// The step control.
#[derive(Serialize)]
struct Control {
    stretch: String,
    shrink: String,
    grow: String,
    safety: String,
    proportional: String,
    integral: String,
    least_remembered: String,
}

/// Everything that the templates refer to.
#[derive(Serialize)]
struct Values {
    declarations: String,
    workgroup: u32,
    time_per_tick: String,
    end: u32,
    states: Vec<State>,
    /// Those of the states that are outside the error norm.
    areas: Vec<State>,
    individual: Vec<String>,
    /// States that are infused.
    rates: Vec<String>,
    /// States that a dose may enter at once.
    bolused: Vec<String>,
    derivatives: Vec<String>,
    observed: Vec<String>,
    observe: Vec<String>,
    residual_lines: usize,
    /// What the rows of the accumulators hold before anything is read.
    empty: Vec<&'static str>,
    groups: Vec<Group>,
    /// Whether anything is read just after a bolus.
    continuous: bool,
    /// Observed expressions that time courses hold.
    followed: Vec<String>,
    #[serde(flatten)]
    method: Method,
    control: Control,
    rtol: String,
    max_steps: u32,
    /// The resolution of time at the end of the plan, in f64.
    least_step: String,
    /// One over the number of states in the error norm.
    share: String,
    ok: u32,
    too_many_steps: u32,
    step_too_small: u32,
    non_finite: u32,
}

fn values(plan: &Plan, lowered: &Lowered, layout: &Layout, rtol: f64) -> Values {
    let names = Names::new(plan, lowered, layout);
    let states = states(plan, lowered, &names);
    let areas: Vec<State> = states.iter().filter(|state| state.is_area).cloned().collect();
    let counted = states.len() - areas.len();
    let lines = |targets: &[String], nodes: &[NodeId]| {
        let targets = targets.iter().map(|name| format!("result.{name}"));
        let roots: Vec<(String, NodeId)> = targets.zip(nodes.iter().copied()).collect();
        statements(&lowered.graph, &names.vocabulary, &roots)
    };
    Values {
        declarations: layout.wgsl(),
        workgroup: WORKGROUP,
        time_per_tick: literal(plan.time_per_tick),
        end: plan.end(),
        rates: names.of_states(&lowered.infused),
        bolused: names.of_states(&layout.bolused),
        derivatives: lines(&names.states, &lowered.derivatives),
        observe: lines(&names.observed, &lowered.observed),
        residual_lines: plan.residuals,
        empty: plan.accumulators.iter().flat_map(|accumulator| empty(accumulator.kind)).collect(),
        groups: groups(plan, layout, &names),
        continuous: plan.accumulators.iter().any(|a| a.on == ReadOn::Continuous),
        followed: plan.trajectories.iter().map(|&of| names.observed[of].clone()).collect(),
        method: method(),
        control: step_control(),
        rtol: literal(rtol),
        max_steps: plan.max_steps,
        least_step: literal(f64::EPSILON * f64::from(plan.end()) * plan.time_per_tick),
        share: literal(1.0 / counted.max(1) as f64),
        ok: Status::Ok as u32,
        too_many_steps: Status::MaxSteps as u32,
        step_too_small: Status::StepTooSmall as u32,
        non_finite: Status::NonFinite as u32,
        states,
        areas,
        individual: names.individual,
        observed: names.observed,
    }
}

fn method() -> Method {
    let numbers = |list: &[f64]| list.iter().copied().map(literal).collect::<Vec<_>>();
    let rows: [&[f64]; 5] = [&tableau::A2, &tableau::A3, &tableau::A4, &tableau::A5, &tableau::A6];
    let stages = rows.iter().zip(&tableau::C[1..]);
    let stages = stages.map(|(row, &node)| Stage { node: literal(node), weights: numbers(row) });
    Method {
        stages: stages.collect(),
        solution: numbers(&tableau::A7),
        error: numbers(&tableau::ERROR),
        interpolant: tableau::INTERPOLANT.iter().map(|row| numbers(row)).collect(),
    }
}

fn step_control() -> Control {
    Control {
        stretch: literal(control::STRETCH),
        shrink: literal(control::SHRINK),
        grow: literal(control::GROW),
        safety: literal(control::SAFETY),
        proportional: literal(control::PROPORTIONAL),
        integral: literal(control::INTEGRAL),
        least_remembered: literal(control::LEAST_REMEMBERED),
    }
}

fn states(plan: &Plan, lowered: &Lowered, names: &Names) -> Vec<State> {
    let read = |roots: &[NodeId]| -> Vec<bool> {
        let leaves = lowered.leaves(roots);
        let read = |i: usize| {
            let is_it = |&id: &NodeId| lowered.graph.as_symbol(id) == Some(Symbol::State(i as u32));
            leaves.iter().any(is_it)
        };
        (0..plan.states.len()).map(read).collect()
    };
    let (read, observed) = (read(&lowered.derivatives), read(&lowered.observed));
    let initial = lowered.initial.iter().map(|value| match *value {
        Value::Constant(number) => literal(number),
        Value::Column(column) => format!("p.{}", names.of_column[&column]),
    });
    let states = plan.states.iter().zip(&names.states).zip(initial).enumerate();
    let states = states.map(|(i, ((state, name), initial))| State {
        name: name.clone(),
        read: read[i],
        observed: observed[i],
        is_area: state.atol.is_infinite(),
        atol: literal(state.atol),
        initial,
    });
    states.collect()
}

/// The accumulators by when they take a value.
fn groups(plan: &Plan, layout: &Layout, names: &Names) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (accumulator, &row) in plan.accumulators.iter().zip(&layout.cells) {
        let when = condition(accumulator);
        let position = groups.iter().position(|group| group.when == when).unwrap_or_else(|| {
            groups.push(Group { when, keep: Vec::new(), of: Vec::new() });
            groups.len() - 1
        });
        let (group, of) = (&mut groups[position], &names.observed[accumulator.of]);
        group.keep.push(keep(accumulator, row, of));
        if !group.of.contains(of) {
            group.of.push(of.clone());
        }
    }
    groups
}

/// When an accumulator takes a value.
fn condition(accumulator: &Accumulator) -> String {
    let [first, last] = accumulator.window;
    let continuous = accumulator.on == ReadOn::Continuous;
    let when = match accumulator.kind {
        Accumulate::At => return format!("is_point & (tick == {first}u)"),
        Accumulate::Min | Accumulate::Max | Accumulate::TimeOfMin | Accumulate::TimeOfMax if continuous => {
            "(visit | landing)"
        }
        _ => "visit",
    };
    format!("{when} & (tick >= {first}u) & (tick <= {last}u)")
}

/// How an accumulator takes a value.
fn keep(accumulator: &Accumulator, row: u32, of: &str) -> String {
    let first = accumulator.window[0];
    let (function, more) = match accumulator.kind {
        Accumulate::Min => ("keep_smallest", ""),
        Accumulate::Max => ("keep_largest", ""),
        Accumulate::TimeOfMin => ("keep_time_of_smallest", ", tick"),
        Accumulate::TimeOfMax => ("keep_time_of_largest", ", tick"),
        Accumulate::At => ("keep_value", ""),
        Accumulate::Area => ("add_area", ", since"),
        Accumulate::Held => ("add_held", " != 0.0, since"),
        Accumulate::Longest => ("keep_longest", " != 0.0, since"),
        Accumulate::First => ("keep_first", " != 0.0, tick"),
    };
    let more = more.replace("since", &format!("since_within({first}u, tick, since)"));
    format!("{function}({row}u, seen.{of}{more})")
}

/// What the rows of an accumulator hold before anything is read.
fn empty(kind: Accumulate) -> Vec<&'static str> {
    let word = |&cell: &&str| match (kind, cell) {
        (Accumulate::First, _) => "NEVER",
        (_, "value") => "NOTHING",
        _ => "0u",
    };
    cells(kind).iter().map(word).collect()
}

/// What everything is called in the shader.
struct Names {
    states: Vec<String>,
    /// In the order of [`Layout::columns`].
    individual: Vec<String>,
    /// By column of the prelude.
    of_column: HashMap<usize, String>,
    observed: Vec<String>,
    vocabulary: Vocabulary,
}

impl Names {
    fn of_states(&self, states: &[usize]) -> Vec<String> {
        states.iter().map(|&i| self.states[i].clone()).collect()
    }

    fn new(plan: &Plan, lowered: &Lowered, layout: &Layout) -> Self {
        let mut given: HashMap<NodeId, &str> = HashMap::new();
        for (id, name) in &lowered.names {
            given.entry(*id).or_insert(name);
        }
        let mut identifiers = Identifiers::default();
        let states: Vec<String> = plan.states.iter().map(|state| identifiers.make(&state.name)).collect();
        let of_column = individual(lowered, layout, &given);
        let mut identifiers = Identifiers::default();
        let observed = lowered.observed.iter().enumerate().map(|(i, id)| {
            let state = match lowered.graph.as_symbol(*id) {
                Some(Symbol::State(state)) => plan.states.get(state as usize).map(|s| s.name.as_str()),
                _ => None,
            };
            let name = state.or_else(|| given.get(id).copied());
            identifiers.make(&name.map_or_else(|| format!("observed_{i}"), str::to_owned))
        });
        let observed = observed.collect();
        let vocabulary = vocabulary(plan, lowered, &states, &of_column);
        let individual = layout.columns.iter().map(|column| of_column[column].clone()).collect();
        Self { states, individual, of_column, observed, vocabulary }
    }
}

/// Names of the columns that are read: the model's own, `per_` and its name for a reciprocal.
fn individual(lowered: &Lowered, layout: &Layout, given: &HashMap<NodeId, &str>) -> HashMap<usize, String> {
    let nodes: HashMap<usize, NodeId> = lowered.columns.iter().map(|(&id, &column)| (column, id)).collect();
    let mut identifiers = Identifiers::default();
    let name = |column: usize| {
        let id = nodes[&column];
        if let Some(name) = given.get(&id) {
            return (*name).to_owned();
        }
        match lowered.graph.node(id) {
            Node::Binary(Binary::Div, one, of)
                if lowered.graph.as_constant(one) == Some(1.0) && given.contains_key(&of) =>
            {
                format!("per_{}", given[&of])
            }
            _ => format!("individual_{column}"),
        }
    };
    layout.columns.iter().map(|&column| (column, identifiers.make(&name(column)))).collect()
}

/// How leaves are written, and the model's names for what is in between.
fn vocabulary(
    plan: &Plan,
    lowered: &Lowered,
    states: &[String],
    of_column: &HashMap<usize, String>,
) -> Vocabulary {
    let roots: Vec<NodeId> = lowered.derivatives.iter().chain(&lowered.observed).copied().collect();
    let n = plan.states.len();
    let leaf = |id: NodeId| {
        let text = match (lowered.column(id), lowered.graph.as_symbol(id)) {
            (Some(column), _) => format!("p.{}", of_column.get(&column)?),
            (None, Some(Symbol::State(i))) if (i as usize) < n => format!("x.{}", states[i as usize]),
            (None, Some(Symbol::State(i))) => format!("rate.{}", states[lowered.infused[i as usize - n]]),
            (None, Some(Symbol::Time)) => "time".into(),
            (None, Some(Symbol::Residual(line))) => format!("residual_score(point, {line}u)"),
            _ => return None,
        };
        Some((id, text))
    };
    Vocabulary {
        leaves: lowered.leaves(&roots).into_iter().filter_map(leaf).collect(),
        names: lowered.names.clone(),
    }
}
