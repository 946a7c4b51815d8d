//! What names stand for in the `model` block, line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use super::ast::{Expr, Kind};
use super::doses;
use super::errors::EquationError;
use super::expression::Functions;
use super::graph::{Dosed, Graph, NodeId, Symbol};
use super::ini::Ini;
use super::metadata::Described;
use super::resolve::Names;
use super::unsupported;
use super::{Covariate, OverTime};

/// What can stand on the left of an assignment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// `name`
    Variable(String),
    /// A property of a state.
    State(Property, String),
}

/// What is given of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Property {
    /// `d/dt(x)`
    Derivative,
    /// `x(0)`
    Initial,
    /// `f(x)`
    Bioavailability,
    /// `alag(x)`
    Lag,
    /// `rate(x)`
    Rate,
    /// `dur(x)`
    Duration,
}

impl Target {
    /// What the left side of an assignment names; `None` if it cannot be assigned.
    pub(super) fn of(left: &Expr) -> Option<Self> {
        if let Some(state) = left.as_derivative() {
            return Some(Self::State(Property::Derivative, state.into()));
        }
        let (name, argument) = match &left.kind {
            Kind::Name(name) => return Some(Self::Variable(name.clone())),
            Kind::Call(name, arguments) => match arguments.as_slice() {
                [argument] if argument.name.is_none() => (name, &argument.value),
                _ => return None,
            },
            _ => return None,
        };
        // rxode2 lands on it; where equations compare time with it, the engine does.
        if name == "mtime" {
            return Some(Self::Variable(argument.as_name()?.into()));
        }
        if argument.kind == Kind::Number(0.0) {
            return Some(Self::State(Property::Initial, name.clone()));
        }
        let property = match name.as_str() {
            "f" | "F" => Property::Bioavailability,
            "alag" | "lag" => Property::Lag,
            "rate" => Property::Rate,
            "dur" => Property::Duration,
            _ => return None,
        };
        Some(Self::State(property, argument.as_name()?.into()))
    }
}

impl fmt::Display for Target {
    /// As it is written on the left of an assignment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "{name}"),
            Self::State(Property::Derivative, state) => write!(f, "d/dt({state})"),
            Self::State(Property::Initial, state) => write!(f, "{state}(0)"),
            Self::State(Property::Bioavailability, state) => write!(f, "f({state})"),
            Self::State(Property::Lag, state) => write!(f, "alag({state})"),
            Self::State(Property::Rate, state) => write!(f, "rate({state})"),
            Self::State(Property::Duration, state) => write!(f, "dur({state})"),
        }
    }
}

/// The value of a target after the lines read so far.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    /// Its node.
    pub(super) node: NodeId,
    /// The left side of the line that gave it.
    pub(super) span: Range<usize>,
}

/// Every name of a model with its value so far.
pub(super) struct ModelNames {
    symbols: BTreeMap<String, Symbol>,
    declared: Option<Vec<Described>>,
    /// Columns by which random effects are drawn anew.
    occasions: Vec<String>,
    complete: bool,
    /// States in order of their first `d/dt` line.
    pub(super) states: Vec<String>,
    /// Variables in order of their first assignment, whether reached already or not.
    pub(super) variables: Vec<String>,
    /// Values after the lines read so far.
    pub(super) values: BTreeMap<Target, Value>,
    /// Covariates in order of first use.
    pub(super) covariates: Vec<Covariate>,
    /// Parameters and random effects that were read.
    pub(super) used: BTreeSet<String>,
    /// The variable whose right side is being read.
    pub(super) assigning: Option<String>,
    /// The state whose derivative is being read.
    pub(super) deriving: Option<String>,
    /// States whose doses come through `transit()`.
    pub(super) fed: BTreeSet<String>,
}

impl ModelNames {
    /// Before the first line. `complete` says that every line could be parsed.
    pub(super) fn new(ini: &Ini, declared: Option<Vec<Described>>, model: &[Expr], complete: bool) -> Self {
        let effects = ini.omega.iter().flat_map(|block| &block.names);
        let parameters = ini.parameters.iter().map(|p| &p.name);
        let mut symbols = BTreeMap::new();
        symbols.extend(parameters.zip(0..).map(|(name, i)| (name.clone(), Symbol::Parameter(i))));
        symbols.extend(effects.zip(0..).map(|(name, i)| (name.clone(), Symbol::Effect(i))));
        let mut names = Self {
            symbols,
            declared,
            occasions: ini.omega.iter().filter_map(|block| block.occasion.clone()).collect(),
            complete,
            states: Vec::new(),
            variables: Vec::new(),
            values: BTreeMap::new(),
            covariates: Vec::new(),
            used: BTreeSet::new(),
            assigning: None,
            deriving: None,
            fed: BTreeSet::new(),
        };
        model.iter().for_each(|statement| names.scan(statement));
        names
    }

    /// Notes the states and variables of a statement: states may be read above their equations,
    /// and a variable that is read too early must be told from a covariate.
    fn scan(&mut self, statement: &Expr) {
        match &statement.kind {
            Kind::Block(statements) => statements.iter().for_each(|s| self.scan(s)),
            Kind::If { then, otherwise, .. } => {
                self.scan(then);
                otherwise.iter().for_each(|o| self.scan(o));
            }
            _ => match statement.as_assignment().and_then(|(left, _)| Target::of(left)) {
                Some(Target::Variable(name)) if !self.variables.contains(&name) => self.variables.push(name),
                Some(Target::State(Property::Derivative, state)) if !self.states.contains(&state) => {
                    self.states.push(state);
                }
                _ => {}
            },
        }
    }

    /// What keeps a name from being assigned, if anything does.
    pub(super) fn taken(&self, name: &str) -> Option<&'static str> {
        match self.symbols.get(name) {
            Some(Symbol::Effect(_)) => Some("a random effect of `ini`"),
            Some(_) => Some("a parameter of `ini`"),
            None if self.states.iter().any(|s| s == name) => Some("a state"),
            None if self.declares(name) => Some("a covariate of `covariateData`"),
            None => None,
        }
    }

    /// What keeps a name from being a state, if anything does.
    pub(super) fn taken_for_state(&self, name: &str) -> Option<&'static str> {
        self.taken(name).filter(|what| *what != "a state")
    }

    fn declares(&self, name: &str) -> bool {
        self.declared.iter().flatten().any(|d| d.name == name)
    }

    /// Every name that has or will have a value.
    pub(super) fn known(&self) -> Vec<String> {
        let declared = self.declared.iter().flatten().map(|d| &d.name);
        self.symbols.keys().chain(&self.states).chain(&self.variables).chain(declared).cloned().collect()
    }

    /// Names that have a value and can be predicted.
    pub(super) fn predicted(&self) -> Vec<String> {
        self.variables.iter().chain(&self.states).cloned().collect()
    }

    /// Whether a name numbers occasions: by itself, or because random effects are drawn by it.
    fn occasion(&self, name: &str) -> Option<OverTime> {
        let is_of_effects = self.occasions.iter().any(|column| column == name);
        is_of_effects.then_some(OverTime::Occasion).or_else(|| OverTime::of_name(name))
    }

    pub(super) fn covariate(&mut self, graph: &mut Graph, name: &str, span: &Range<usize>) -> NodeId {
        let known = self.covariates.iter().position(|c| c.name == name);
        let i = known.unwrap_or_else(|| {
            let about = self.declared.iter().flatten().find(|d| d.name == name);
            self.covariates.push(Covariate {
                name: name.into(),
                description: about.and_then(|d| d.description.clone()),
                unit: about.and_then(|d| d.unit.clone()),
                reference_category: about.and_then(|d| d.reference_category.clone()),
                notes: about.and_then(|d| d.notes.clone()),
                span: span.clone(),
                over_time: about.and_then(|d| d.over_time.clone()).or_else(|| self.occasion(name)),
            });
            self.covariates.len() - 1
        });
        graph.symbol(Symbol::Covariate(i as u32))
    }
}

impl Names for ModelNames {
    type Error = EquationError;

    fn name(&mut self, graph: &mut Graph, name: &str, span: &Range<usize>) -> Result<NodeId, EquationError> {
        if let Some(&symbol) = self.symbols.get(name) {
            self.used.insert(name.into());
            return Ok(graph.symbol(symbol));
        }
        if let Some(i) = self.states.iter().position(|s| s == name) {
            return Ok(graph.symbol(Symbol::State(i as u32)));
        }
        if let Some(value) = self.values.get(&Target::Variable(name.into())) {
            return Ok(value.node);
        }
        if self.assigning.as_deref() == Some(name) {
            return Err(EquationError::UsesItself { name: name.into() });
        }
        if self.variables.iter().any(|v| v == name) && !self.declares(name) {
            return Err(EquationError::UsedBeforeAssignment { name: name.into() });
        }
        if let Some(node) = doses::value(graph, name, Dosed::Any).filter(|_| !self.declares(name)) {
            return Ok(node);
        }
        let is_listed = self.complete && self.declared.is_some();
        if let Some(instead) = unsupported::name(name, is_listed).filter(|_| !self.declares(name)) {
            return Err(EquationError::UnsupportedName { name: name.into(), instead });
        }
        if is_listed && !self.declares(name) {
            return Err(EquationError::Undeclared { name: name.into(), known: self.known() });
        }
        Ok(self.covariate(graph, name, span))
    }

    fn derivative(&mut self, state: &str) -> Option<Result<NodeId, EquationError>> {
        let given = self.values.get(&Target::State(Property::Derivative, state.into()));
        Some(given.map(|v| v.node).ok_or_else(|| EquationError::DerivativeNotGiven { state: state.into() }))
    }

    fn extra(&mut self) -> &mut dyn Functions {
        self
    }
}

impl Functions for ModelNames {
    fn call(&mut self, graph: &mut Graph, name: &str, values: &[NodeId]) -> Option<Result<NodeId, String>> {
        if name == "transit" {
            let state = self.deriving.clone();
            let position = state.as_ref().and_then(|state| self.states.iter().position(|s| s == state));
            let Some(position) = position else {
                return Some(Err("it stands in the `d/dt(...)` of the state that doses go into".into()));
            };
            let dosed = Dosed::State(position as u32);
            self.fed.extend(state);
            let one = graph.constant(1.0);
            return Some(match *values {
                [n, mtt] => Ok(doses::transit(graph, dosed, n, mtt, one)),
                [n, mtt, bio] => Ok(doses::transit(graph, dosed, n, mtt, bio)),
                _ => Err(
                    "it takes the number of compartments, the mean transit time and, if wanted, a fraction"
                        .into(),
                ),
            });
        }
        if !values.is_empty() {
            let is_of_state = doses::is_known(name);
            return is_of_state
                .then(|| Err(format!("it takes the name of a state, as `{name}(depot)`, or nothing")));
        }
        doses::value(graph, name, Dosed::Any).map(Ok)
    }

    fn call_named(
        &mut self,
        graph: &mut Graph,
        name: &str,
        argument: &str,
    ) -> Option<Result<NodeId, String>> {
        if !doses::is_known(name) {
            return None;
        }
        let Some(position) = self.states.iter().position(|state| state == argument) else {
            return Some(Err(format!("`{argument}` is no state")));
        };
        doses::value(graph, name, Dosed::State(position as u32)).map(Ok)
    }

    fn functions(&self) -> Vec<&'static str> {
        [&doses::NAMES[..6], &["transit", "linCmt"]].concat()
    }
}
