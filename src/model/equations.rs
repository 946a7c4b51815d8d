//! The `model` block: its lines in order, as R runs them, to nodes of the graph.

mod residuals;

use std::collections::BTreeSet;
use std::mem;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Source;

use super::ast::{Expr, Infix, Kind};
use super::errors::{EquationError, ModelNotice, Report};
use super::graph::{Graph, NodeId, Stage, Symbol};
use super::ini::{Ini, RESERVED};
use super::metadata::{About, Described};
use super::names::{ModelNames, Property, Target, Value};
use super::outline::Outline;
use super::resolve::Resolver;
use super::{Model, Parameter, Residual, State, Unsimulated, Variable};

/// What rxode2 calls the ways in which covariates go on between two records of a data set.
const INTERPOLATIONS: [&str; 4] = ["locf", "nocb", "linear", "midpoint"];

/// Reads the `model` block and puts the model together.
pub(super) fn read(
    source: &Arc<Source>,
    outline: &Outline<'_>,
    about: &About,
    ini: Ini,
    given: &[String],
    report: &mut Report,
) -> Model {
    let names = ModelNames::new(&ini, about.covariates.clone(), outline.model, outline.complete);
    let mut equations = Equations {
        graph: Graph::default(),
        names,
        parameters: &ini.parameters,
        given,
        residuals: Vec::new(),
        conditional: false,
        one_branch: Vec::new(),
        unsimulated: Vec::new(),
        report,
    };
    equations.block(outline.model);
    let states = equations.states(&about.states);
    let variables = equations.variables(&about.outputs);
    if outline.complete {
        equations.check_used(&ini);
        equations.tell_of_branches();
        equations.tell_of_covariates(outline, about);
        let known = &equations.names.states;
        check_described("compartmentData", "state", &about.states, known, equations.report);
        let known = &equations.names.variables;
        check_described("outputData", "variable", &about.outputs, known, equations.report);
    }
    let Equations { graph, names, residuals, unsimulated, .. } = equations;
    Model {
        source: Arc::clone(source),
        name: outline.name.into(),
        metadata: about.metadata.clone(),
        graph,
        parameters: ini.parameters,
        omega: ini.omega,
        covariates: names.covariates,
        states,
        variables,
        residuals,
        unsimulated,
        notices: Vec::new(),
        inferred: Vec::new(),
    }
}

struct Equations<'a> {
    graph: Graph,
    names: ModelNames,
    parameters: &'a [Parameter],
    /// Assigned names whose values the patient has.
    given: &'a [String],
    residuals: Vec<Residual>,
    /// Whether the line being read stands in an `if`.
    conditional: bool,
    /// Variables that had a value in one branch of an `if` only, and where.
    one_branch: Vec<(String, Range<usize>)>,
    unsimulated: Vec<Unsimulated>,
    report: &'a mut Report,
}

impl Equations<'_> {
    fn value(&mut self, expr: &Expr) -> NodeId {
        Resolver { graph: &mut self.graph, names: &mut self.names, report: self.report }.expression(expr)
    }

    /// Reads statements in order; returns what they assign.
    fn block(&mut self, statements: &[Expr]) -> BTreeSet<Target> {
        let mut assigned = BTreeSet::new();
        for statement in statements {
            match &statement.kind {
                Kind::Invalid => {}
                Kind::Infix(Infix::Assign | Infix::Equals, left, right) => {
                    self.assignment(left, right, &mut assigned);
                }
                // rxode2 leaves out of its table what is given by `~`.
                Kind::Infix(Infix::Tilde, left, right) if is_of_state(left) => {
                    self.assignment(left, right, &mut assigned);
                }
                Kind::Infix(Infix::Tilde, left, right) => self.residual(statement, left, right),
                Kind::If { when, then, otherwise } => {
                    assigned.extend(self.condition(when, then, otherwise.as_deref()));
                }
                // The order of compartments, or of columns, in data sets.
                Kind::Call(name, _) if matches!(name.as_str(), "cmt" | "dvid" | "param" | "params") => {}
                Kind::Call(name, _) if INTERPOLATIONS.contains(&name.as_str()) => {
                    let name = name.clone();
                    self.report.note(&statement.span, &ModelNotice::Interpolation { name });
                }
                _ => self.report.add(&statement.span, EquationError::WithoutEffect),
            }
        }
        assigned
    }

    fn assignment(&mut self, left: &Expr, right: &Expr, assigned: &mut BTreeSet<Target>) {
        let Some(target) = Target::of(left) else {
            self.value(right);
            return self.report.add(&left.span, EquationError::NotATarget);
        };
        match &target {
            Target::Variable(name) => self.names.assigning = Some(name.clone()),
            Target::State(Property::Derivative, state) => self.names.deriving = Some(state.clone()),
            Target::State(..) => {}
        }
        let node = self.value(right);
        (self.names.assigning, self.names.deriving) = (None, None);
        let node = match &target {
            Target::Variable(name) if self.given.contains(name) => {
                self.names.covariate(&mut self.graph, name, &left.span)
            }
            _ => node,
        };
        if let Some(error) = self.refuse(&target, assigned) {
            return self.report.add(&left.span, error);
        }
        assigned.insert(target.clone());
        self.names.values.insert(target, Value { node, span: left.span.clone() });
    }

    /// Why a target cannot be assigned here, if it cannot.
    fn refuse(&self, target: &Target, assigned: &BTreeSet<Target>) -> Option<EquationError> {
        let (name, taken) = match target {
            Target::Variable(name) => (name, self.names.taken(name)),
            Target::State(Property::Derivative, state) => (state, self.names.taken_for_state(state)),
            Target::State(_, state) if !self.names.states.contains(state) => {
                let (written, known) = (target.to_string(), self.names.states.clone());
                return Some(EquationError::NoSuchState { written, state: state.clone(), known });
            }
            Target::State(_, state) => (state, None),
        };
        if let Some(what) = taken {
            return Some(EquationError::Taken { name: name.clone(), what });
        }
        if RESERVED.contains(&name.as_str()) {
            return Some(EquationError::Reserved { name: name.clone() });
        }
        let again = matches!(target, Target::State(..)) && assigned.contains(target);
        again.then(|| EquationError::Duplicate { written: target.to_string() })
    }

    /// Reads both branches from the same values, then takes from the one or the other.
    fn condition(&mut self, when: &Expr, then: &Expr, otherwise: Option<&Expr>) -> BTreeSet<Target> {
        let when = self.value(when);
        let outside = mem::replace(&mut self.conditional, true);
        let before = self.names.values.clone();
        let mut assigned = self.block(then.statements());
        let in_then = mem::replace(&mut self.names.values, before);
        if let Some(otherwise) = otherwise {
            assigned.extend(self.block(otherwise.statements()));
        }
        self.conditional = outside;
        for target in &assigned {
            let merged = self.merge(when, target, in_then.get(target));
            self.names.values.extend(merged.map(|value| (target.clone(), value)));
        }
        assigned
    }

    /// The value of a target after an `if`: `then` from its first branch, the current values
    /// from its second.
    fn merge(&mut self, when: NodeId, target: &Target, then: Option<&Value>) -> Option<Value> {
        let otherwise = self.names.values.get(target);
        match (then, otherwise) {
            (Some(a), Some(b)) => {
                let node = self.graph.select(when, a.node, b.node);
                Some(Value { node, span: a.span.clone() })
            }
            (Some(one), None) | (None, Some(one)) => {
                let (span, nothing) = (one.span.clone(), self.graph.constant(f64::NAN));
                if let Target::Variable(name) = target {
                    // A later branch may give it: what has none is not a number, and fails a patient who needs it.
                    let node = match then {
                        Some(value) => self.graph.select(when, value.node, nothing),
                        None => self.graph.select(when, nothing, one.node),
                    };
                    self.one_branch.push((name.clone(), span.clone()));
                    return Some(Value { node, span });
                }
                self.report.add(&span, EquationError::OneBranch { written: target.to_string() });
                Some(Value { node: nothing, span })
            }
            (None, None) => None,
        }
    }

    /// Says which variables may have no value: those that no branch has given one by the end.
    fn tell_of_branches(&mut self) {
        for (name, span) in mem::take(&mut self.one_branch) {
            self.report.warn(&span, &ModelNotice::OneBranch { name });
        }
    }

    /// Says which names were taken as covariates, where the file does not list them.
    fn tell_of_covariates(&mut self, outline: &Outline<'_>, about: &About) {
        if about.covariates.is_none() && !self.names.covariates.is_empty() {
            let names = self.names.covariates.iter().map(|covariate| covariate.name.clone()).collect();
            self.report.warn(&outline.span, &ModelNotice::Covariates { names });
            self.tell_of_case();
        }
    }

    /// Says which covariates differ from another name of the model by case alone: R and rxode2 keep them apart.
    fn tell_of_case(&mut self) {
        let known = self.names.known();
        for covariate in &self.names.covariates {
            let is_other =
                |name: &&String| **name != covariate.name && name.eq_ignore_ascii_case(&covariate.name);
            if let Some(other) = known.iter().find(is_other) {
                let notice = ModelNotice::Case { name: covariate.name.clone(), other: other.clone() };
                self.report.warn(&covariate.span, &notice);
            }
        }
    }

    /// Where the equation of a state stands.
    fn equation_of(&self, state: &str) -> Range<usize> {
        self.given(Property::Derivative, state).map_or(0..0, |value| value.span.clone())
    }

    fn given(&self, property: Property, state: &str) -> Option<&Value> {
        self.names.values.get(&Target::State(property, state.into()))
    }

    /// Puts the states together and checks what must be known before integration.
    fn states(&mut self, about: &[Described]) -> Vec<State> {
        let names = self.names.states.clone();
        names.into_iter().map(|name| self.state(name, about)).collect()
    }

    fn state(&mut self, name: String, about: &[Described]) -> State {
        let (zero, one) = (self.graph.constant(0.0), self.graph.constant(1.0));
        let derivative = self.given(Property::Derivative, &name).map_or(zero, |v| v.node);
        let initial = self.at_start(&name).unwrap_or(zero);
        let bioavailability = match self.given_node(Property::Bioavailability, &name) {
            Some(given) => given,
            None if self.names.fed.contains(&name) => {
                self.report.note(&self.equation_of(&name), &ModelNotice::Transit { state: name.clone() });
                zero
            }
            None => one,
        };
        let lag = self.given_node(Property::Lag, &name);
        let rate = self.given_node(Property::Rate, &name);
        let duration = self.given_node(Property::Duration, &name);
        if let (Some(_), Some(value)) = (rate, self.given(Property::Duration, &name)) {
            let span = value.span.clone();
            self.report.add(&span, EquationError::RateAndDuration { state: name.clone() });
        }
        let about = about.iter().find(|d| d.name == name);
        State {
            derivative,
            initial,
            bioavailability,
            lag,
            rate,
            duration,
            scale: about.and_then(|d| d.scale).unwrap_or(1.0),
            unit: about.and_then(|d| d.unit.clone()),
            description: about.and_then(|d| d.description.clone()),
            name,
        }
    }

    /// The value at time 0, where time is 0.
    fn at_start(&mut self, state: &str) -> Option<NodeId> {
        let key = Target::State(Property::Initial, state.into());
        let Value { node, span } = self.names.values.get(&key)?.clone();
        let zero = self.graph.constant(0.0);
        let node = self.graph.replace(node, Symbol::Time, zero);
        self.names.values.insert(key, Value { node, span });
        self.known_before(Property::Initial, state)
    }

    /// A property of doses: evaluated when a dose is given, if it depends on time or state.
    fn given_node(&self, property: Property, state: &str) -> Option<NodeId> {
        self.given(property, state).map(|value| value.node)
    }

    /// A property that cannot depend on time or state.
    fn known_before(&mut self, property: Property, state: &str) -> Option<NodeId> {
        let Value { node, span } = self.given(property, state)?.clone();
        if let Some(on) = self.dynamic(node) {
            let written = Target::State(property, state.into()).to_string();
            self.report.add(&span, EquationError::Dynamic { written, on });
        }
        Some(node)
    }

    /// A state or time that a node depends on, if it does.
    fn dynamic(&self, node: NodeId) -> Option<String> {
        if self.graph.stage(node) != Stage::Dynamic {
            return None;
        }
        self.graph.reachable(&[node]).into_iter().find_map(|id| match self.graph.as_symbol(id)? {
            Symbol::State(i) => Some(format!("`{}`", self.names.states[i as usize])),
            Symbol::Time => Some("time".into()),
            Symbol::Dose(..) => Some("doses".into()),
            _ => None,
        })
    }

    fn variables(&mut self, about: &[Described]) -> Vec<Variable> {
        let mut variables = Vec::new();
        for name in &self.names.variables {
            let Some(value) = self.names.values.get(&Target::Variable(name.clone())) else { continue };
            let about = about.iter().find(|d| d.name == *name);
            variables.push(Variable {
                name: name.clone(),
                node: value.node,
                unit: about.and_then(|d| d.unit.clone()),
                description: about.and_then(|d| d.description.clone()),
            });
        }
        variables
    }

    fn check_used(&mut self, ini: &Ini) {
        for (parameter, span) in ini.parameters.iter().zip(&ini.parameter_spans) {
            self.check_one_used(&parameter.name, span, |name| EquationError::UnusedParameter { name });
        }
        let effects = ini.omega.iter().flat_map(|block| &block.names);
        for (effect, span) in effects.zip(&ini.effect_spans) {
            self.check_one_used(effect, span, |name| EquationError::UnusedEffect { name });
        }
    }

    fn check_one_used(&mut self, name: &str, span: &Range<usize>, unused: impl Fn(String) -> EquationError) {
        if !self.names.used.contains(name) {
            self.report.add(span, unused(name.into()));
        }
    }
}

/// Whether the left side of a `~` is a derivative or another property of a state.
fn is_of_state(left: &Expr) -> bool {
    matches!(Target::of(left), Some(Target::State(..)))
}

/// Says which entries of the metadata describe nothing that is in the model.
fn check_described(
    list: &'static str,
    kind: &'static str,
    about: &[Described],
    known: &[String],
    report: &mut Report,
) {
    for entry in about.iter().filter(|entry| !known.contains(&entry.name)) {
        let (name, known) = (entry.name.clone(), known.to_vec());
        report.note(&entry.span, &ModelNotice::NotInModel { list, name, kind, known });
    }
}
