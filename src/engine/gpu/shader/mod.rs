//! The shader of a plan: the templates of `shaders/`, filled in with one line per state.

mod closed_form;
mod curve;
mod dosing;
mod implicit;
mod names;
mod treatment;
mod visit;
mod wgsl;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::cohort::ReadOn;
use crate::engine::Status;
use crate::engine::method::{Tableau, control};
use crate::engine::program::Lowered;
use crate::engine::treatment::NEVER_DAYS;
use crate::engine::value::Value;
use crate::model::graph::{Node, NodeId, Symbol};
use crate::plan::Plan;

use super::itineraries::Settling;
use super::layout::{Layout, WORKGROUP};
use closed_form::ClosedForm;
use curve::Curves;
use dosing::Dosing;
use implicit::Implicit;
use names::Names;
use treatment::Rules;
use visit::{Check, Level};
use wgsl::{literal, literals, statements};

/// The templates, `main.wgsl` the outermost.
const TEMPLATES: [(&str, &str); 22] = [
    ("main.wgsl", include_str!("../../../../shaders/main.wgsl")),
    ("math.wgsl", include_str!("../../../../shaders/math.wgsl")),
    ("quantiles.wgsl", include_str!("../../../../shaders/quantiles.wgsl")),
    ("instant.wgsl", include_str!("../../../../shaders/instant.wgsl")),
    ("landing.wgsl", include_str!("../../../../shaders/landing.wgsl")),
    ("model.wgsl", include_str!("../../../../shaders/model.wgsl")),
    ("schedule.wgsl", include_str!("../../../../shaders/schedule.wgsl")),
    ("curve.wgsl", include_str!("../../../../shaders/curve.wgsl")),
    ("accumulators.wgsl", include_str!("../../../../shaders/accumulators.wgsl")),
    ("visit.wgsl", include_str!("../../../../shaders/visit.wgsl")),
    ("treatment.wgsl", include_str!("../../../../shaders/treatment.wgsl")),
    ("control.wgsl", include_str!("../../../../shaders/control.wgsl")),
    ("rosenbrock.wgsl", include_str!("../../../../shaders/rosenbrock.wgsl")),
    ("closed_form.wgsl", include_str!("../../../../shaders/closed_form.wgsl")),
    ("explicit.wgsl", include_str!("../../../../shaders/explicit.wgsl")),
    ("dosing.wgsl", include_str!("../../../../shaders/dosing.wgsl")),
    ("reading.wgsl", include_str!("../../../../shaders/reading.wgsl")),
    ("deciding.wgsl", include_str!("../../../../shaders/deciding.wgsl")),
    ("stepping.wgsl", include_str!("../../../../shaders/stepping.wgsl")),
    ("itinerary.wgsl", include_str!("../../../../shaders/itinerary.wgsl")),
    ("settling.wgsl", include_str!("../../../../shaders/settling.wgsl")),
    ("lanes.wgsl", include_str!("../../../../shaders/lanes.wgsl")),
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
    /// Whether something that is followed between visits reads it.
    curved: bool,
    /// Whether its derivative depends on time other than through states.
    timed: bool,
    /// Whether it is outside the error norm.
    is_area: bool,
    /// Whether it begins with time 0, whatever came before.
    is_quadrature: bool,
    atol: String,
    initial: String,
}

/// A time at which steps end.
#[derive(Serialize)]
struct Landing {
    number: usize,
    jumps: bool,
}

/// One stage of the method.
#[derive(Serialize)]
struct Stage {
    node: String,
    weights: Vec<String>,
}

/// The coefficients of an explicit pair.
#[derive(Serialize)]
struct Explicit {
    /// Those between the first and the last, which is taken at the solution.
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
    least_error: String,
    least_remembered: String,
    initial_change: String,
    least_initial_share: String,
    onset: String,
    least_step: String,
    epsilon: String,
}

/// Everything that the templates refer to.
#[derive(Serialize)]
struct Values {
    declarations: String,
    workgroup: u32,
    time_per_tick: String,
    ticks_per_time: u32,
    end: u32,
    states: Vec<State>,
    /// Those of the states that are outside the error norm.
    areas: Vec<State>,
    individual: Vec<String>,
    #[serde(flatten)]
    dosing: Dosing,
    /// Times at which steps end besides doses.
    landings: Vec<Landing>,
    derivatives: Vec<String>,
    observed: Vec<String>,
    /// The visit program, level by level.
    levels: Vec<Level>,
    /// What must be finite.
    checks: Vec<Check>,
    residual_lines: usize,
    /// Whether observations follow distributions.
    quantiles: bool,
    /// What the rows of the accumulators hold before anything is read.
    initial: Vec<&'static str>,
    /// Whether expressions read accumulators, the treatment, or days of either.
    accumulated: bool,
    course: bool,
    days_are_read: bool,
    never_days: String,
    /// Whether anything is read at scans.
    scans: bool,
    rules: Rules,
    /// Whether patients are of a data set, or begin at a steady state; of either, constants of the way to it.
    recorded: bool,
    steady: bool,
    settling: Option<Settling>,
    /// Doses before time 0 of which something may be left then.
    carried: usize,
    /// What is followed between visits, if anything is.
    curves: Option<Curves>,
    /// What reads states within a step.
    readers: Vec<&'static str>,
    /// Observed expressions that time courses hold.
    followed: Vec<String>,
    /// Whether time courses end when the patient leaves.
    followed_on_study: bool,
    /// The method, if it is an explicit one.
    explicit: Option<Explicit>,
    /// The same of an implicit one.
    implicit: Option<Implicit>,
    /// The solution in closed form, if that is the method.
    closed_form: Option<ClosedForm>,
    control: Control,
    rtol: String,
    max_steps: u32,
    /// The largest step, if there is one.
    max_step: Option<String>,
    /// The resolution of time at the end of the plan, in f64.
    least_step: String,
    /// One over the number of states in the error norm.
    share: String,
    ok: u32,
    too_many_steps: u32,
    step_too_small: u32,
    non_finite: u32,
}

/// Whether something is observed by a distribution.
fn follows_laws(lowered: &Lowered) -> bool {
    let seen = lowered.graph.reachable(&lowered.seen());
    seen.into_iter().any(|id| matches!(lowered.graph.node(id), Node::Quantile { .. }))
}

fn values(plan: &Plan, lowered: &Lowered, layout: &Layout, rtol: f64) -> Values {
    let names = Names::new(plan, lowered, layout);
    let states = states(plan, lowered, &names);
    let areas: Vec<State> = states.iter().filter(|state| state.is_area).cloned().collect();
    let counted = states.len() - areas.len();
    let targets = names.states.iter().map(|name| format!("result.{name}"));
    let derivatives: Vec<(String, NodeId)> = targets.zip(lowered.derivatives.iter().copied()).collect();
    let read = lowered.leaves(&lowered.seen());
    let reads =
        |wanted: fn(Symbol) -> bool| read.iter().any(|&id| lowered.graph.as_symbol(id).is_some_and(wanted));
    let accumulated = reads(|symbol| matches!(symbol, Symbol::Accumulated(_)));
    let course = reads(|symbol| matches!(symbol, Symbol::Treatment(..)));
    Values {
        declarations: layout.wgsl(),
        workgroup: WORKGROUP,
        time_per_tick: literal(plan.time_per_tick),
        ticks_per_time: (1.0 / plan.time_per_tick).round() as u32,
        end: plan.end(),
        dosing: Dosing::new(plan, lowered, &names),
        landings: landings(plan),
        derivatives: statements(&lowered.graph, &names.vocabulary, &derivatives),
        levels: visit::levels(plan, lowered, layout, &names),
        checks: visit::checks(plan, layout, &names),
        residual_lines: plan.residuals,
        quantiles: follows_laws(lowered),
        initial: plan.accumulators.iter().flat_map(visit::initial).collect(),
        accumulated,
        course,
        days_are_read: accumulated || course,
        never_days: literal(NEVER_DAYS),
        scans: plan.accumulators.iter().any(|a| a.on == ReadOn::Scans),
        rules: Rules::new(plan, lowered, layout, &names),
        recorded: layout.recorded.is_some(),
        steady: layout.steady.is_some(),
        settling: (layout.recorded.is_some() || layout.steady.is_some()).then(|| Settling::new(literal)),
        carried: layout.steady.map_or(0, |steady| steady.carried),
        readers: if lowered.curves.is_empty() { vec!["observed"] } else { vec!["observed", "curved"] },
        curves: Curves::new(lowered, &names),
        followed: plan.trajectories.iter().map(|&of| names.observed[of.index()].clone()).collect(),
        followed_on_study: plan.trajectories_on_study,
        explicit: explicit(Tableau::of(plan.method)),
        implicit: implicit(lowered, Tableau::of(plan.method), &names),
        closed_form: lowered.closed_form.as_ref().map(|form| ClosedForm::new(plan, lowered, form, &names)),
        control: step_control(Tableau::of(plan.method)),
        rtol: literal(rtol),
        max_steps: plan.max_steps,
        max_step: plan.max_step.map(literal),
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

fn explicit(tableau: Tableau) -> Option<Explicit> {
    let Tableau::Explicit(tableau) = tableau else { return None };
    let between = tableau.a.iter().zip(&tableau.c[1..]).take(tableau.stages() - 2);
    let stages = between.map(|(row, &node)| Stage { node: literal(node), weights: literals(row) });
    Some(Explicit {
        stages: stages.collect(),
        solution: literals(tableau.solution()),
        error: literals(tableau.error),
        interpolant: tableau.interpolant.iter().map(|row| literals(row)).collect(),
    })
}

fn implicit(lowered: &Lowered, tableau: Tableau, names: &Names) -> Option<Implicit> {
    let Tableau::Rosenbrock(tableau) = tableau else { return None };
    Some(Implicit::new(lowered, lowered.implicit.as_ref()?, tableau, names))
}

fn step_control(tableau: Tableau) -> Control {
    let exponents = tableau.exponents();
    Control {
        stretch: literal(control::STRETCH),
        shrink: literal(control::SHRINK),
        grow: literal(control::GROW),
        safety: literal(control::SAFETY),
        proportional: literal(exponents.proportional),
        integral: literal(exponents.integral),
        least_error: literal(control::LEAST_ERROR),
        least_remembered: literal(control::LEAST_REMEMBERED),
        initial_change: literal(control::INITIAL_CHANGE),
        least_initial_share: literal(control::LEAST_INITIAL_SHARE),
        onset: literal(control::ONSET),
        least_step: literal(control::LEAST_STEP),
        epsilon: literal(f32::EPSILON.into()),
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
    let (curved, observed) = (read(&lowered.curves), read(&lowered.seen()));
    let read = read(&lowered.derivatives);
    let initial = lowered.initial.iter().map(|value| match *value {
        Value::Constant(number) => literal(number),
        Value::Column(column) => format!("p.{}", names.of_column[&column]),
        Value::AtDose(_) => "not_a_number()".into(),
    });
    let states = plan.states.iter().zip(&names.states).zip(initial).enumerate();
    let states = states.map(|(i, ((state, name), initial))| State {
        name: name.clone(),
        read: read[i],
        timed: lowered.implicit.as_ref().is_some_and(|implicit| implicit.jacobian.time[i].is_some()),
        observed: observed[i],
        curved: curved[i],
        is_area: state.atol.is_infinite(),
        is_quadrature: state.is_quadrature,
        atol: literal(state.atol),
        initial,
    });
    states.collect()
}

fn landings(plan: &Plan) -> Vec<Landing> {
    let landings = plan.landings.iter().enumerate();
    landings.map(|(number, landing)| Landing { number, jumps: landing.jumps }).collect()
}
