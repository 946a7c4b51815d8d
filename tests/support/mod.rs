//! Plans written down by hand, for tests and benchmarks of the engines.

pub(crate) mod linear;
pub(crate) mod one_compartment;
pub(crate) mod p1;

use std::collections::{BTreeSet, HashMap};

use vpop::cohort::{ReadOn, Ticks};
use vpop::engine::Individuals;
use vpop::model::graph::{Binary, Graph, NodeId, Stage, Symbol, Unary};
use vpop::plan::{
    Accumulator, AccumulatorId, AccumulatorKind, Administration, AdministrationId, Arm, DoseInput, Drug,
    DrugId, During, FinitenessCheck, Method, ObservationTime, ObservationWindow, ObservedAt, ObservedId,
    Plan, PlannedDose, PlannedState, Route,
};

/// Ticks in a day: models here have days as their unit of time.
pub(crate) const DAY: Ticks = 86_400;

/// A plan in the making. Expressions are text: `+ - * / ^ < ( )`, numbers, names, and
/// `exp log sqrt log1p expm1 tanh abs min max pow`.
pub(crate) struct Sketch {
    pub(crate) plan: Plan,
    names: HashMap<String, NodeId>,
    covariates: u32,
}

impl Sketch {
    /// States all start at 0; `t` is time.
    pub(crate) fn new(states: &[&str]) -> Self {
        let mut graph = Graph::default();
        let mut names = HashMap::new();
        names.insert("t".to_owned(), graph.symbol(Symbol::Time));
        let zero = graph.constant(0.0);
        for (name, i) in states.iter().zip(0..) {
            names.insert((*name).to_owned(), graph.symbol(Symbol::State(i)));
        }
        let states = states.iter().map(|name| PlannedState {
            name: (*name).to_owned(),
            derivative: zero,
            initial: zero,
            atol: 1e-8,
            is_quadrature: false,
        });
        let plan = Plan {
            time_per_tick: 1.0 / f64::from(DAY),
            time_unit: "day".into(),
            states: states.collect(),
            method: Method::Tsit5,
            rtol: 1e-8,
            max_steps: 100_000,
            graph,
            drugs: vec![Drug::default()],
            administrations: vec![Administration { drug: DrugId::new(0), routes: Vec::new() }],
            ..Plan::default()
        };
        Self { plan, names, covariates: 0 }
    }

    /// A value of the patient, in order of these calls.
    pub(crate) fn covariate(&mut self, name: &str) {
        let node = self.plan.graph.symbol(Symbol::Covariate(self.covariates));
        self.covariates += 1;
        self.names.insert(name.to_owned(), node);
    }

    /// A fixed effect.
    pub(crate) fn parameter(&mut self, name: &str, value: f64) {
        let node = self.plan.graph.symbol(Symbol::Parameter(self.plan.parameters.len() as u32));
        self.plan.parameters.push(value);
        self.names.insert(name.to_owned(), node);
    }

    /// A name for an expression.
    pub(crate) fn define(&mut self, name: &str, text: &str) {
        let node = self.node(text);
        self.names.insert(name.to_owned(), node);
    }

    /// The node of a name.
    pub(crate) fn named(&self, name: &str) -> NodeId {
        self.names[name]
    }

    /// A name for a node of the graph.
    pub(crate) fn name(&mut self, name: &str, node: NodeId) {
        self.names.insert(name.to_owned(), node);
    }

    /// `d/dt(state)`
    pub(crate) fn equation(&mut self, state: usize, text: &str) {
        self.plan.states[state].derivative = self.node(text);
    }

    /// `state(0)`
    pub(crate) fn initial(&mut self, state: usize, text: &str) {
        self.plan.states[state].initial = self.node(text);
    }

    /// A residual score of the i-th line.
    pub(crate) fn residual(&mut self, name: &str, i: u32) {
        let node = self.plan.graph.symbol(Symbol::Residual(i));
        self.plan.residuals = self.plan.residuals.max(i as usize + 1);
        self.names.insert(name.to_owned(), node);
    }

    /// A route: all of the dose, at once or over `duration` in days.
    pub(crate) fn route(&mut self, state: usize, bioavailability: &str, lag: &str, duration: Option<&str>) {
        let input = duration.map_or(DoseInput::Bolus, |text| DoseInput::Over(self.node(text)));
        let (bioavailability, lag) = (self.node(bioavailability), self.node(lag));
        self.plan.administrations[0].routes.push(Route { state, bioavailability, lag, input });
    }

    /// An arm: times and amounts.
    pub(crate) fn arm(&mut self, doses: &[(Ticks, &str)]) {
        let doses = doses
            .iter()
            .map(|&(tick, amount)| PlannedDose {
                tick,
                amount: self.node(amount),
                dose: 0.0,
                administration: AdministrationId::new(0),
                cap: None,
                round: None,
                missed: None,
            })
            .collect();
        self.plan.arms.push(Arm { label: String::new(), dose: 0.0, unit: "mg".into(), doses, steady: None });
    }

    /// Visits at these times, all in time courses too.
    pub(crate) fn visits(&mut self, ticks: impl IntoIterator<Item = Ticks>) {
        self.plan.observation_times = ticks
            .into_iter()
            .map(|tick| ObservationTime { tick, visit: true, trajectory: true, scan: false })
            .collect();
    }

    /// Observes an expression.
    pub(crate) fn observe(&mut self, text: &str) -> ObservedId {
        let node = self.node(text);
        self.plan.observed.push(node);
        ObservedId::new(self.plan.observed.len() - 1)
    }

    /// An accumulator of an expression over visits.
    pub(crate) fn accumulate(
        &mut self,
        kind: AccumulatorKind,
        text: &str,
        window: [Ticks; 2],
        on: ReadOn,
    ) -> AccumulatorId {
        let of = self.observe(text);
        self.plan.accumulators.push(Accumulator {
            kind,
            of,
            window,
            on,
            since_dose: None,
            ends: false,
            on_study: false,
        });
        AccumulatorId::new(self.plan.accumulators.len() - 1)
    }

    /// Tolerances near the resolution of f64.
    pub(crate) fn tight(&mut self) {
        self.plan.rtol = 1e-10;
        self.plan.states.iter_mut().for_each(|state| state.atol = 1e-12);
    }

    /// The plan, with every individual value that is used later as a slot.
    pub(crate) fn plan(mut self) -> Plan {
        let plan = &mut self.plan;
        let mut slots = BTreeSet::new();
        let mut given = Vec::new();
        given.extend(plan.arms.iter().flat_map(|arm| arm.doses.iter().filter_map(|dose| dose.cap)));
        for route in plan.routes() {
            given.extend([route.bioavailability, route.lag]);
            if let DoseInput::Over(node) | DoseInput::AtRate(node) = route.input {
                given.push(node);
            }
        }
        given.extend(plan.arms.iter().flat_map(|arm| arm.doses.iter().map(|dose| dose.amount)));
        given.extend(plan.states.iter().map(|state| state.initial));
        slots.extend(given.into_iter().filter(|&id| plan.graph.stage(id) == Stage::Patient));
        let mut roots: Vec<NodeId> = plan.states.iter().map(|state| state.derivative).collect();
        roots.extend(&plan.observed);
        roots.extend(plan.routes().flat_map(|route| [route.bioavailability, route.lag]));
        for id in plan.graph.reachable(&roots) {
            if plan.graph.stage(id) == Stage::Dynamic {
                let operands = plan.graph.operands(id);
                slots.extend(operands.filter(|&o| plan.graph.stage(o) == Stage::Patient));
            }
        }
        slots.extend(roots.into_iter().filter(|&id| plan.graph.stage(id) == Stage::Patient));
        plan.slots = slots.into_iter().collect();
        let kept = plan.accumulators.iter();
        let kept = kept.map(|a| FinitenessCheck { when: a.observation(), of: vec![a.of] });
        let window = [0, plan.observation_times.last().map_or(0, |point| point.tick)];
        let courses = ObservationWindow { at: ObservedAt::Trajectories, window, during: During::Run };
        plan.checks =
            kept.chain([FinitenessCheck { when: courses, of: plan.trajectories.clone() }]).collect();
        plan.checks.retain(|check| !check.of.is_empty());
        self.plan
    }

    fn node(&mut self, text: &str) -> NodeId {
        let mut parser = Parser { rest: text, sketch: self };
        let node = parser.comparison();
        assert!(parser.rest.trim().is_empty(), "left over in `{text}`: `{}`", parser.rest);
        node
    }
}

/// The plan's slots from the patients' covariates, `[covariate][patient]`, by the plain scalar
/// meaning of the graph.
pub(crate) fn individuals(plan: &Plan, covariates: &[Vec<f64>]) -> Individuals {
    let count = covariates.first().map_or(1, Vec::len);
    let mut slots = vec![Vec::with_capacity(count); plan.slots.len()];
    for patient in 0..count {
        let own: Vec<f64> = covariates.iter().map(|column| column[patient]).collect();
        let values = plan.graph.evaluate(&plan.slots, |symbol| match symbol {
            Symbol::Covariate(i) => own[i as usize],
            Symbol::Parameter(i) => plan.parameters[i as usize],
            other => unreachable!("{other:?} in a slot"),
        });
        for (slot, value) in slots.iter_mut().zip(values) {
            slot.push(value);
        }
    }
    Individuals {
        count,
        slots,
        residuals: Vec::new(),
        trajectories: 0,
        fixed_doses: None,
        longest_steps: None,
        left_out: None,
        records: None,
    }
}

struct Parser<'a> {
    rest: &'a str,
    sketch: &'a mut Sketch,
}

impl Parser<'_> {
    fn take(&mut self, symbol: char) -> bool {
        let trimmed = self.rest.trim_start();
        let taken = trimmed.strip_prefix(symbol);
        self.rest = taken.unwrap_or(trimmed);
        taken.is_some()
    }

    fn comparison(&mut self) -> NodeId {
        let a = self.sum();
        if self.take('<') {
            let b = self.sum();
            return self.sketch.plan.graph.binary(Binary::Less, a, b);
        }
        a
    }

    fn sum(&mut self) -> NodeId {
        let mut a = if self.take('-') {
            let a = self.product();
            self.sketch.plan.graph.unary(Unary::Negate, a)
        } else {
            self.product()
        };
        loop {
            let op = if self.take('+') {
                Binary::Add
            } else if self.take('-') {
                Binary::Sub
            } else {
                return a;
            };
            let b = self.product();
            a = self.sketch.plan.graph.binary(op, a, b);
        }
    }

    fn product(&mut self) -> NodeId {
        let mut a = self.power();
        loop {
            let op = if self.take('*') {
                Binary::Mul
            } else if self.take('/') {
                Binary::Div
            } else {
                return a;
            };
            let b = self.power();
            a = self.sketch.plan.graph.binary(op, a, b);
        }
    }

    fn power(&mut self) -> NodeId {
        let a = self.atom();
        if self.take('^') {
            let b = self.atom();
            return self.sketch.plan.graph.binary(Binary::Pow, a, b);
        }
        a
    }

    fn atom(&mut self) -> NodeId {
        if self.take('(') {
            let inner = self.comparison();
            assert!(self.take(')'), "`)` expected before `{}`", self.rest);
            return inner;
        }
        let rest = self.rest;
        let word = |c: char| c.is_alphanumeric() || c == '.' || c == '_';
        let mut end = rest.find(|c| !word(c)).unwrap_or(rest.len());
        if rest[..end].ends_with('e') && rest.starts_with(|c: char| c.is_ascii_digit()) {
            // The sign of an exponent.
            end += 1 + rest[end + 1..].find(|c| !word(c)).unwrap_or(rest.len() - end - 1);
        }
        let (text, after) = rest.split_at(end);
        self.rest = after;
        if let Ok(number) = text.parse::<f64>() {
            return self.sketch.plan.graph.constant(number);
        }
        if self.take('(') {
            let a = self.comparison();
            let b = self.take(',').then(|| self.comparison());
            assert!(self.take(')'), "`)` expected before `{}`", self.rest);
            return self.call(text, a, b);
        }
        *self.sketch.names.get(text).unwrap_or_else(|| panic!("unknown name `{text}`"))
    }

    fn call(&mut self, name: &str, a: NodeId, b: Option<NodeId>) -> NodeId {
        let graph = &mut self.sketch.plan.graph;
        let unary = match name {
            "exp" => Some(Unary::Exp),
            "log" => Some(Unary::Log),
            "log10" => Some(Unary::Log10),
            "log2" => Some(Unary::Log2),
            "sqrt" => Some(Unary::Sqrt),
            "log1p" => Some(Unary::Log1p),
            "expm1" => Some(Unary::Expm1),
            "tanh" => Some(Unary::Tanh),
            "sin" => Some(Unary::Sin),
            "cos" => Some(Unary::Cos),
            "atan" => Some(Unary::Atan),
            "abs" => Some(Unary::Abs),
            _ => None,
        };
        let binary = match name {
            "min" => Some(Binary::Min),
            "max" => Some(Binary::Max),
            "pow" => Some(Binary::Pow),
            _ => None,
        };
        match (unary, binary, b) {
            (Some(op), _, None) => graph.unary(op, a),
            (_, Some(op), Some(b)) => graph.binary(op, a, b),
            _ => panic!("unknown function `{name}`"),
        }
    }
}
