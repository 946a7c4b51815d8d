//! The program of a plan, in the form that every engine compiles: equations of the states and of what is observed,
//! over individual values that are known once per patient.

pub(crate) mod closed_form;
mod followers;
mod implicit;
mod levels;
mod lowering;
mod rewrite;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::cohort::{END_OF_RECORDS, Ticks};
use crate::hash::HashMap;
use crate::model::graph::{Binary, DoseValue, Dosed, Graph, NodeId, Stage, Symbol};
use crate::plan::{Administration, DoseInput, Method, ObservedId, Plan, PlannedDose, SteadyStart};

use super::landing::Landing;
use super::method::Tableau;
use super::schedule::{Doses, Planned, Route, RouteInput, Steady};
use super::value::Value;
pub(crate) use closed_form::ClosedForm;
pub(crate) use followers::Follower;
use followers::curves;
pub(crate) use implicit::Implicit;
use levels::levels;
use lowering::{ColumnBuilder, Lowering};
pub(crate) use rewrite::rebuild;

/// A plan with its expressions, lowered: made once beside the plan, and what every engine is made from. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Program {
    plan: Arc<Plan>,
    lowered: Arc<Lowered>,
}

impl Program {
    /// Lowers a plan.
    ///
    /// # Panics
    /// If an expression over states uses a covariate or random effect other than through a slot, or there is no solution
    /// in closed form by which the plan is to be solved; either of no checked plan.
    pub fn new(plan: &Plan) -> Self {
        Self { plan: Arc::new(plan.clone()), lowered: Arc::new(Lowered::new(plan)) }
    }

    /// The same expressions for a plan that differs in tolerances and limits alone.
    pub(crate) fn with_limits(&self, plan: Plan) -> Self {
        Self { plan: Arc::new(plan), lowered: Arc::clone(&self.lowered) }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Its expressions.
    pub(crate) fn lowered(&self) -> &Lowered {
        &self.lowered
    }
}

impl From<&Plan> for Program {
    fn from(plan: &Plan) -> Self {
        Self::new(plan)
    }
}

impl From<&Program> for Program {
    fn from(program: &Program) -> Self {
        program.clone()
    }
}

/// The expressions of a plan, rewritten for fast evaluation.
///
/// In its graph fixed effects are numbers, `Symbol::Covariate(i)` is the plan's slot i, and states
/// after the plan's are rates of infusion, in the order of [`Lowered::infused`].
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) graph: Graph,
    /// The plan's slots.
    pub(crate) slots: Vec<NodeId>,
    /// Individual values that are read while integrating, by column, and the column of each.
    pub(crate) individual: Vec<NodeId>,
    pub(crate) columns: HashMap<NodeId, usize>,
    /// Right-hand side of each state.
    pub(crate) derivatives: Vec<NodeId>,
    /// The linear systems of an implicit method, if the plan's is one.
    pub(crate) implicit: Option<Implicit>,
    /// The solution in closed form, if that is the plan's method.
    pub(crate) closed_form: Option<ClosedForm>,
    /// The visit program's expressions.
    pub(crate) observed: Vec<NodeId>,
    /// Expressions that are followed between visits.
    pub(crate) curves: Vec<NodeId>,
    /// The accumulators that follow them.
    pub(crate) followers: Vec<Follower>,
    /// The observed expressions in the order in which they are evaluated at a visit: those that read no
    /// accumulator; once these are kept, those that read such accumulators; and so on. What is only followed
    /// between visits is in none.
    pub(crate) levels: Vec<Vec<ObservedId>>,
    /// Value of each state at time 0.
    pub(crate) initial: Vec<Value>,
    /// States that are infused.
    pub(crate) infused: Vec<usize>,
    pub(crate) doses: Doses,
    /// How the doses of records enter.
    pub(crate) compartments: Vec<Compartment>,
    pub(crate) landings: Vec<Landing>,
    /// What is looked at besides the records of a data set.
    pub(crate) looks: Looks,
    /// The model's own names of expressions that change over time or differ between patients.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "they are written in shaders alone"))]
    pub(crate) names: Vec<(NodeId, String)>,
}

impl Lowered {
    /// Lowers a plan.
    ///
    /// # Panics
    /// As [`Program::new`].
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut columns = ColumnBuilder::default();
        let mut lowering = Lowering::new(plan);

        let routes = plan.routes().filter(|route| !matches!(route.input, DoseInput::Bolus));
        let dosed = plan.compartments.iter().map(|compartment| compartment.state);
        let infused = routes.map(|route| route.state).chain(dosed).collect::<BTreeSet<_>>();
        let infused: Vec<usize> = infused.into_iter().collect();
        let derivatives: Vec<NodeId> = plan.states.iter().map(|state| state.derivative).collect();
        let mut derivatives = lowering.nodes(&mut columns.graph, &derivatives);
        for (i, &state) in infused.iter().enumerate() {
            let rate = columns.graph.symbol(Symbol::State((plan.states.len() + i) as u32));
            derivatives[state] = columns.graph.binary(Binary::Add, derivatives[state], rate);
        }
        let is_implicit = Tableau::of(plan.method).is_implicit();
        let implicit = is_implicit.then(|| Implicit::new(&mut columns.graph, &derivatives));
        let closed_form = closed_form(plan.method, &mut columns.graph, &derivatives);
        let observed = lowering.nodes(&mut columns.graph, &plan.observed);
        let (curves, followers) = curves(plan, &mut lowering, &mut columns.graph);
        let initial = plan.states.iter().map(|state| lowering.value(&mut columns, state.initial)).collect();
        let doses = doses(plan, &infused, &derivatives, &mut lowering, &mut columns);
        columns.keep_leaves(&doses.at_dose);
        let compartments = compartments(plan, &infused, &mut lowering, &mut columns);
        let landings = landings(plan, &mut lowering, &mut columns);
        columns.keep_leaves(&derivatives);
        if let Some(implicit) = &implicit {
            columns.keep_leaves(&implicit.nodes());
        }
        if let Some(closed_form) = &closed_form {
            columns.keep_leaves(&closed_form.nodes());
        }
        columns.keep_leaves(&observed);
        columns.keep_leaves(&curves);

        let ColumnBuilder { mut graph, individual, columns } = columns;
        let slots = (0..plan.slots.len() as u32).map(|i| graph.symbol(Symbol::Covariate(i))).collect();
        Self {
            graph,
            slots,
            individual,
            columns,
            derivatives,
            implicit,
            closed_form,
            levels: levels(plan),
            observed,
            curves,
            followers,
            initial,
            infused,
            doses,
            compartments,
            landings,
            looks: Looks::of(plan),
            names: lowering.names(),
        }
    }

    /// Every expression that a step computes.
    pub(crate) fn integrated(&self) -> Vec<NodeId> {
        let implicit = self.implicit.iter().flat_map(Implicit::nodes);
        let closed_form = self.closed_form.iter().flat_map(ClosedForm::nodes);
        self.derivatives.iter().copied().chain(implicit).chain(closed_form).collect()
    }

    /// What is computed when a dose is given.
    #[cfg(feature = "gpu")]
    pub(crate) fn at_dose(&self) -> &[NodeId] {
        &self.doses.at_dose
    }

    /// The expressions that are evaluated at visits.
    pub(crate) fn seen(&self) -> Vec<NodeId> {
        self.levels.iter().flatten().map(|&observed| self.observed[observed.index()]).collect()
    }

    /// The leaves of expressions over states and time: symbols, constants, and individual values.
    pub(crate) fn leaves(&self, roots: &[NodeId]) -> Vec<NodeId> {
        self.graph.leaves(roots, |id| self.graph.stage(id) == Stage::Patient)
    }

    /// The column of an individual value.
    pub(crate) fn column(&self, id: NodeId) -> Option<usize> {
        self.columns.get(&id).copied()
    }
}

/// What is looked at of patients of a data set besides their records, on the clock of the data set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Looks {
    /// When values are kept: the plan's observation times but for the first, which are records.
    pub(crate) at: Vec<Ticks>,
    /// Until when patients are followed at least.
    pub(crate) until: Option<Ticks>,
}

impl Looks {
    fn of(plan: &Plan) -> Self {
        if !plan.is_recorded {
            return Self::default();
        }
        let ends = plan.accumulators.iter().map(|accumulator| accumulator.window[1]);
        Self {
            at: plan.observation_times.iter().skip(1).map(|point| point.tick).collect(),
            until: ends.filter(|&end| end != END_OF_RECORDS).max(),
        }
    }
}

/// How the doses of records enter a state, with individual values resolved: see
/// [`Compartment`](crate::plan::Compartment).
#[derive(Debug, Clone)]
pub(crate) struct Compartment {
    pub(crate) state: usize,
    /// Its position among the infused states.
    pub(crate) infused: usize,
    pub(crate) bioavailability: Value,
    pub(crate) lag: Value,
    pub(crate) rate: Option<Value>,
    pub(crate) duration: Option<Value>,
    pub(crate) rate_factor: Value,
}

/// How the doses of records enter.
fn compartments(
    plan: &Plan,
    infused: &[usize],
    lowering: &mut Lowering<'_>,
    columns: &mut ColumnBuilder,
) -> Vec<Compartment> {
    let mut value = |id: NodeId| lowering.value(columns, id);
    let compartments = plan.compartments.iter().map(|compartment| Compartment {
        state: compartment.state,
        infused: infused.iter().position(|&state| state == compartment.state).unwrap_or(0),
        bioavailability: value(compartment.bioavailability),
        lag: value(compartment.lag),
        rate: compartment.rate.map(&mut value),
        duration: compartment.duration.map(&mut value),
        rate_factor: value(compartment.rate_factor),
    });
    compartments.collect()
}

/// The solution of the equations in closed form, if that is the method.
#[expect(clippy::panic, reason = "a plan that was not checked; nothing from outside leads here")]
fn closed_form(method: Method, graph: &mut Graph, derivatives: &[NodeId]) -> Option<ClosedForm> {
    let form = (method == Method::ClosedForm).then(|| ClosedForm::new(graph, derivatives))?;
    Some(form.unwrap_or_else(|why| panic!("no closed form: {why:?}")))
}

/// What the equations, and values of doses, ask of the doses that have begun.
fn asked(graph: &Graph, roots: &[NodeId]) -> Vec<(DoseValue, Dosed)> {
    let asked = graph.reachable(roots).into_iter().filter_map(|id| match graph.as_symbol(id)? {
        Symbol::Dose(value, dosed) => Some((value, dosed)),
        _ => None,
    });
    asked.collect()
}

/// Amounts and routes, with individual values resolved.
fn doses(
    plan: &Plan,
    infused: &[usize],
    derivatives: &[NodeId],
    lowering: &mut Lowering<'_>,
    columns: &mut ColumnBuilder,
) -> Doses {
    let mut at_dose = Vec::new();
    let mut value = |node: NodeId, columns: &mut ColumnBuilder, lowering: &mut Lowering<'_>| {
        if plan.graph.stage(node) < Stage::Dynamic {
            return lowering.value(columns, node);
        }
        at_dose.extend(lowering.nodes(&mut columns.graph, &[node]));
        Value::AtDose(at_dose.len() - 1)
    };
    let routes = plan.routes().map(|route| Route {
        state: route.state,
        infused: infused.iter().position(|&state| state == route.state).unwrap_or(0),
        bioavailability: value(route.bioavailability, columns, lowering),
        lag: value(route.lag, columns, lowering),
        input: match route.input {
            DoseInput::Bolus => RouteInput::Bolus,
            DoseInput::Over(duration) => RouteInput::Over(value(duration, columns, lowering)),
            DoseInput::AtRate(rate) => RouteInput::AtRate(value(rate, columns, lowering)),
        },
    });
    let routes = routes.collect();
    let asked = asked(&columns.graph, &[derivatives, &at_dose].concat());
    let mut planned = |dose: &PlannedDose| Planned {
        tick: dose.tick,
        amount: lowering.value(columns, dose.amount),
        administration: dose.administration.index(),
        cap: dose.cap.map(|cap| lowering.value(columns, cap)),
        round: dose.round,
    };
    let arms = plan.arms.iter().map(|arm| arm.doses.iter().map(&mut planned).collect()).collect();
    let mut steady = |steady: &SteadyStart| Steady {
        period: steady.period,
        doses: steady.doses.iter().map(&mut planned).collect(),
    };
    let steady = plan.arms.iter().map(|arm| arm.steady.as_ref().map(&mut steady)).collect();
    let mut first = 0;
    let of_administration = |own: &Administration| {
        let range = first..first + own.routes.len();
        first = range.end;
        range
    };
    let administrations: Vec<Range<usize>> = plan.administrations.iter().map(of_administration).collect();
    let parts = administrations.iter().map(Range::len).max().unwrap_or(0);
    let (time_per_tick, end) = (plan.time_per_tick, plan.end());
    Doses { arms, steady, routes, administrations, parts, at_dose, asked, time_per_tick, end }
}

/// Times at which steps end, with individual values resolved.
fn landings(plan: &Plan, lowering: &mut Lowering<'_>, columns: &mut ColumnBuilder) -> Vec<Landing> {
    let landings = plan.landings.iter().map(|landing| Landing {
        first: lowering.value(columns, landing.first),
        every: lowering.value(columns, landing.every),
        jumps: landing.jumps,
    });
    landings.collect()
}
