//! A plan in the form that every engine compiles: equations of the states and of what is observed,
//! over individual values that are known once per patient.

use std::collections::{BTreeSet, HashMap};

use crate::cohort::ReadOn;
use crate::model::derivative::Jacobian;
use crate::model::graph::{Binary, Graph, Linear, Node, NodeId, Stage, Symbol};
use crate::plan::{Accumulator, Input, Method, Plan, position_or_push};

use super::cpu::columns::Columns;
use super::cpu::compile::leaves;
use super::landing::Landing;
use super::lower::{rebuild, varies};
use super::schedule::{Doses, Entering, Entry};
use super::sparse_lu::Factorisation;
use super::value::Value;

/// The expressions of a plan, rewritten for fast evaluation.
///
/// In its graph fixed effects are numbers, `Symbol::Covariate(i)` is the plan's slot i, and states
/// after the plan's are rates of infusion, in the order of [`Lowered::infused`].
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) graph: Graph,
    /// From the plan's slots to the columns.
    pub(crate) prelude: Columns,
    /// Individual values that are read while integrating, and the column of each.
    pub(crate) columns: HashMap<NodeId, usize>,
    /// Right-hand side of each state.
    pub(crate) derivatives: Vec<NodeId>,
    /// The linear systems of an implicit method, if the plan's is one.
    pub(crate) implicit: Option<Implicit>,
    /// The visit program's expressions.
    pub(crate) observed: Vec<NodeId>,
    /// Expressions that are followed between visits.
    pub(crate) curves: Vec<NodeId>,
    /// The accumulators that follow them.
    pub(crate) followers: Vec<Follower>,
    /// Positions in `observed` in the order in which they are evaluated at a visit: those that read no
    /// accumulator; once these are kept, those that read such accumulators; and so on. What is only followed
    /// between visits is in none.
    pub(crate) levels: Vec<Vec<usize>>,
    /// Value of each state at time 0.
    pub(crate) initial: Vec<Value>,
    /// States that are infused.
    pub(crate) infused: Vec<usize>,
    pub(crate) doses: Doses,
    pub(crate) landings: Vec<Landing>,
    /// The model's own names of expressions that change over time or differ between patients.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "they are written in shaders alone"))]
    pub(crate) names: Vec<(NodeId, String)>,
}

impl Lowered {
    /// Lowers a plan.
    ///
    /// # Panics
    /// If an expression over states uses a covariate or random effect other than through a slot,
    /// which no checked plan does.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut shelf = Shelf { graph: Graph::default(), columns: Vec::new(), positions: HashMap::new() };
        let mut take = Lowering::new(plan);

        let routes = plan.routes.iter().filter(|route| !matches!(route.input, Input::Bolus));
        let infused = routes.map(|route| route.state).collect::<BTreeSet<_>>();
        let infused: Vec<usize> = infused.into_iter().collect();
        let derivatives: Vec<NodeId> = plan.states.iter().map(|state| state.derivative).collect();
        let mut derivatives = take.nodes(&mut shelf.graph, &derivatives);
        for (i, &state) in infused.iter().enumerate() {
            let rate = shelf.graph.symbol(Symbol::State((plan.states.len() + i) as u32));
            derivatives[state] = shelf.graph.binary(Binary::Add, derivatives[state], rate);
        }
        let implicit =
            (plan.method == Method::Rosenbrock).then(|| Implicit::new(&mut shelf.graph, &derivatives));
        let observed = take.nodes(&mut shelf.graph, &plan.observed);
        let (curves, followers) = curves(plan, &mut take, &mut shelf.graph);
        let initial = plan.states.iter().map(|state| take.value(&mut shelf, state.initial)).collect();
        let doses = doses(plan, &infused, &mut take, &mut shelf);
        let landings = landings(plan, &mut take, &mut shelf);
        shelf.keep_leaves(&derivatives);
        if let Some(implicit) = &implicit {
            shelf.keep_leaves(&implicit.nodes());
        }
        shelf.keep_leaves(&observed);
        shelf.keep_leaves(&curves);

        let slots: Vec<NodeId> =
            (0..plan.slots.len() as u32).map(|i| shelf.graph.symbol(Symbol::Covariate(i))).collect();
        let prelude = Columns::new(&shelf.graph, &slots, &shelf.columns);
        Self {
            graph: shelf.graph,
            prelude,
            columns: shelf.positions,
            derivatives,
            implicit,
            levels: levels(plan),
            observed,
            curves,
            followers,
            initial,
            infused,
            doses,
            landings,
            names: take.names(),
        }
    }

    /// Every expression that a step computes.
    pub(crate) fn integrated(&self) -> Vec<NodeId> {
        let implicit = self.implicit.iter().flat_map(Implicit::nodes);
        self.derivatives.iter().copied().chain(implicit).collect()
    }

    /// The expressions that are evaluated at visits.
    pub(crate) fn seen(&self) -> Vec<NodeId> {
        self.levels.iter().flatten().map(|&position| self.observed[position]).collect()
    }

    /// The leaves of expressions over states and time: symbols, constants, and individual values.
    pub(crate) fn leaves(&self, roots: &[NodeId]) -> Vec<NodeId> {
        leaves(&self.graph, roots, |id| self.graph.stage(id) == Stage::Patient)
    }

    /// The column of an individual value.
    pub(crate) fn column(&self, id: NodeId) -> Option<usize> {
        self.columns.get(&id).copied()
    }
}

/// An accumulator that is read continuously, and what it follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Follower {
    /// Position in [`Plan::accumulators`].
    pub(crate) accumulator: usize,
    /// Position in [`Lowered::curves`].
    pub(crate) curve: usize,
}

/// The linear systems `(s I - J) U = b` of an implicit method, as expressions of the graph.
#[derive(Debug)]
pub(crate) struct Implicit {
    /// The Jacobian of the derivatives.
    pub(crate) jacobian: Jacobian,
    /// What is computed once for each step.
    pub(crate) factorisation: Factorisation,
    /// The solution for the right-hand side `Linear::Right`.
    pub(crate) solve: Vec<NodeId>,
    /// The solution for the derivatives plus that right-hand side.
    pub(crate) stage: Vec<NodeId>,
}

impl Implicit {
    fn new(graph: &mut Graph, derivatives: &[NodeId]) -> Self {
        let jacobian = Jacobian::new(graph, derivatives);
        let factorisation = Factorisation::new(graph, &jacobian);
        let states = 0..derivatives.len() as u32;
        let right: Vec<NodeId> = states.map(|i| graph.symbol(Symbol::Linear(Linear::Right(i)))).collect();
        let sums = derivatives.iter().zip(&right);
        let sums: Vec<NodeId> = sums.map(|(&d, &right)| graph.binary(Binary::Add, d, right)).collect();
        let solve = factorisation.solve(graph, &right);
        let stage = factorisation.solve(graph, &sums);
        Self { jacobian, factorisation, solve, stage }
    }

    /// What is computed at the start of a step, besides the derivatives: factors, growth, derivatives by
    /// time.
    pub(crate) fn linearised(&self) -> Vec<NodeId> {
        let Factorisation { kept, growth, .. } = &self.factorisation;
        let time = self.jacobian.time.iter().flatten();
        kept.iter().chain([growth]).chain(time).copied().collect()
    }

    /// Every expression that is computed.
    pub(crate) fn nodes(&self) -> Vec<NodeId> {
        [self.linearised(), self.solve.clone(), self.stage.clone()].concat()
    }
}

/// The observed expressions by what they wait for. One that a plan makes wait for itself is in the last
/// level, and reads what was kept at the visit before.
fn levels(plan: &Plan) -> Vec<Vec<usize>> {
    let read = |&root: &NodeId| -> Vec<usize> {
        let symbols = plan.graph.reachable(&[root]).into_iter().filter_map(|id| plan.graph.as_symbol(id));
        let accumulators = symbols.filter_map(|symbol| match symbol {
            Symbol::Accumulated(i) => plan.accumulators.get(i as usize),
            _ => None,
        });
        accumulators.map(|accumulator| accumulator.of).collect()
    };
    let waits_for: Vec<Vec<usize>> = plan.observed.iter().map(read).collect();
    let mut level = vec![0; plan.observed.len()];
    for _ in 0..plan.observed.len() {
        for (position, others) in waits_for.iter().enumerate() {
            let least = others.iter().map(|&other| level[other] + 1).max().unwrap_or(0);
            level[position] = least.min(plan.observed.len());
        }
    }
    let mut levels = vec![Vec::new(); level.iter().max().map_or(1, |last| last + 1)];
    level.into_iter().enumerate().for_each(|(position, level): (usize, usize)| levels[level].push(position));
    levels.iter_mut().for_each(|level| level.retain(|&position| is_seen(plan, position)));
    levels.retain(|level| !level.is_empty());
    levels
}

/// Whether an observed expression is of use at visits: not if it is only followed between them.
fn is_seen(plan: &Plan, position: usize) -> bool {
    let mut readers = plan.accumulators.iter().filter(|accumulator| accumulator.of == position).peekable();
    let is_followed = readers.peek().is_some() && readers.all(|reader| reader.on == ReadOn::Continuous);
    let is_checked = || plan.checks.iter().any(|check| check.of.contains(&position));
    !is_followed || is_checked() || plan.trajectories.contains(&position) || plan.protocol.reads(position)
}

/// What continuous accumulators follow: of a condition `a < b`, which holds where it is above 0, `b - a`.
fn curves(plan: &Plan, take: &mut Lowering<'_>, graph: &mut Graph) -> (Vec<NodeId>, Vec<Follower>) {
    let mut curves = Vec::new();
    let is_followed = |(_, accumulator): &(usize, &Accumulator)| accumulator.on == ReadOn::Continuous;
    let followed = plan.accumulators.iter().enumerate().filter(is_followed);
    let followers = followed.map(|(accumulator, &Accumulator { of, .. })| {
        let curve = match plan.graph.node(plan.observed[of]) {
            Node::Binary(Binary::Less, a, b) => {
                let sides = take.nodes(graph, &[a, b]);
                graph.binary(Binary::Sub, sides[1], sides[0])
            }
            _ => take.nodes(graph, &[plan.observed[of]])[0],
        };
        Follower { accumulator, curve: position_or_push(&mut curves, curve) }
    });
    let followers = followers.collect();
    (curves, followers)
}

/// Amounts and routes, with individual values resolved.
fn doses(plan: &Plan, infused: &[usize], take: &mut Lowering<'_>, shelf: &mut Shelf) -> Doses {
    let entries = plan.routes.iter().map(|route| Entry {
        state: route.state,
        infused: infused.iter().position(|&state| state == route.state).unwrap_or(0),
        factor: take.value(shelf, route.factor),
        lag: take.value(shelf, route.lag),
        input: match route.input {
            Input::Bolus => Entering::Bolus,
            Input::Over(duration) => Entering::Over(take.value(shelf, duration)),
            Input::AtRate(rate) => Entering::AtRate(take.value(shelf, rate)),
        },
    });
    let entries = entries.collect();
    let arms = plan
        .arms
        .iter()
        .map(|arm| arm.doses.iter().map(|dose| (dose.tick, take.value(shelf, dose.amount))).collect());
    Doses { arms: arms.collect(), entries, time_per_tick: plan.time_per_tick, end: plan.end() }
}

/// Times at which steps end, with individual values resolved.
fn landings(plan: &Plan, take: &mut Lowering<'_>, shelf: &mut Shelf) -> Vec<Landing> {
    let landings = plan.landings.iter().map(|landing| Landing {
        first: take.value(shelf, landing.first),
        every: take.value(shelf, landing.every),
        jumps: landing.jumps,
    });
    landings.collect()
}

/// Individual values that later stages read.
struct Shelf {
    graph: Graph,
    columns: Vec<NodeId>,
    positions: HashMap<NodeId, usize>,
}

impl Shelf {
    fn value(&mut self, id: NodeId) -> Value {
        match self.graph.as_constant(id) {
            Some(number) => Value::Constant(number),
            None => Value::Column(self.column(id)),
        }
    }

    fn column(&mut self, id: NodeId) -> usize {
        *self.positions.entry(id).or_insert_with(|| {
            self.columns.push(id);
            self.columns.len() - 1
        })
    }

    /// Keeps what expressions over states read of a patient.
    fn keep_leaves(&mut self, roots: &[NodeId]) {
        for id in leaves(&self.graph, roots, |id| self.graph.stage(id) == Stage::Patient) {
            if self.graph.stage(id) == Stage::Patient {
                self.column(id);
            }
        }
    }
}

/// Takes the plan's expressions into the lowered graph.
struct Lowering<'a> {
    plan: &'a Plan,
    /// The slot of a node that differs between patients.
    slots: HashMap<NodeId, u32>,
    /// Where each node of the plan's graph went.
    built: HashMap<NodeId, NodeId>,
}

impl<'a> Lowering<'a> {
    fn new(plan: &'a Plan) -> Self {
        let varies = varies(&plan.graph, &plan.slots);
        let slots = plan.slots.iter().zip(0..).filter(|(id, _)| varies[id]).map(|(&id, i)| (id, i));
        Self { plan, slots: slots.collect(), built: HashMap::new() }
    }

    #[expect(clippy::panic, reason = "a plan that was not checked; nothing from outside leads here")]
    fn nodes(&mut self, graph: &mut Graph, roots: &[NodeId]) -> Vec<NodeId> {
        rebuild(&self.plan.graph, roots, graph, &mut self.built, |target, id| {
            if let Some(&slot) = self.slots.get(&id) {
                return Some(target.symbol(Symbol::Covariate(slot)));
            }
            match self.plan.graph.node(id) {
                Node::Symbol(Symbol::Parameter(i)) => Some(target.constant(self.plan.parameters[i as usize])),
                Node::Symbol(symbol @ (Symbol::Covariate(_) | Symbol::Effect(_))) => {
                    panic!("{symbol:?} is used while integrating, but is in no slot")
                }
                _ => None,
            }
        })
    }

    fn value(&mut self, shelf: &mut Shelf, id: NodeId) -> Value {
        let nodes = self.nodes(&mut shelf.graph, &[id]);
        shelf.value(nodes[0])
    }

    /// The names that the plan gives to what was taken.
    fn names(&self) -> Vec<(NodeId, String)> {
        let taken =
            self.plan.names.iter().filter_map(|(id, name)| Some((*self.built.get(id)?, name.clone())));
        taken.collect()
    }
}
