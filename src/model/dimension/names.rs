//! What the names of a model are in, before its equations are read.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ast::{Expr, Infix, Kind};
use super::super::graph::Symbol;
use super::super::metadata::About;
use super::super::names::{Property, Target};
use super::super::outline::Outline;
use super::super::{Model, Parameter, State};
use super::form::{Form, Solver};
use super::label;
use super::walk::Value;
use crate::unit::Unit;

/// What the concentration in plasma is called.
pub(super) const CONCENTRATION: &str = "Cc";
/// What the states are called that doses go into.
const DOSED: [&str; 2] = ["central", "depot"];

/// Names with their units.
pub(super) struct Names {
    pub(super) solver: Solver,
    pub(super) time: Form,
    pub(super) dosing: Form,
    pub(super) states: BTreeMap<String, Form>,
    pub(super) covariates: BTreeMap<String, Form>,
    pub(super) parameters: BTreeMap<String, Value>,
    /// Units of variables as the file has them.
    pub(super) declared: BTreeMap<String, Form>,
    /// How often each variable is assigned.
    pub(super) assigned: BTreeMap<String, usize>,
    /// States with a bioavailability.
    pub(super) converted: BTreeSet<String>,
    /// Those of them that do not say their unit, and whose bioavailability is a number that can be no share.
    pub(super) by_number: BTreeSet<String>,
}

impl Names {
    /// `usual` asks for the units that some names usually have.
    pub(super) fn new(outline: &Outline<'_>, about: &About, model: &Model, usual: bool) -> Self {
        let metadata = &model.metadata;
        let mut solver = Solver::default();
        let mut names = Self {
            time: Form::of(&Unit::parse(&metadata.time_unit)),
            dosing: stated(Some(&metadata.dosing_unit)).unwrap_or_else(|| solver.unknown(false)),
            solver,
            states: BTreeMap::new(),
            covariates: BTreeMap::new(),
            parameters: BTreeMap::new(),
            declared: BTreeMap::new(),
            assigned: BTreeMap::new(),
            converted: BTreeSet::new(),
            by_number: model
                .states
                .iter()
                .filter(|s| is_by_number(model, s))
                .map(|s| s.name.clone())
                .collect(),
        };
        let mut uses = Uses::default();
        outline.model.iter().for_each(|statement| names.statement(statement, &mut uses));
        for state in &model.states {
            let usual =
                usual && DOSED.contains(&state.name.as_str()) && !names.converted.contains(&state.name);
            let form = match stated(state.unit.as_deref()) {
                Some(unit) => unit,
                None if usual && state.unit.is_none() => names.dosing.clone(),
                None => names.solver.unknown(false),
            };
            names.states.insert(state.name.clone(), form);
        }
        for covariate in &model.covariates {
            let unit = stated(covariate.unit.as_deref()).unwrap_or_else(|| names.solver.unknown(false));
            names.covariates.insert(covariate.name.clone(), unit);
        }
        for parameter in &model.parameters {
            let value = names.parameter(parameter, outline, &uses);
            names.parameters.insert(parameter.name.clone(), value);
        }
        for output in &about.outputs {
            names.declared.extend(stated(output.unit.as_deref()).map(|unit| (output.name.clone(), unit)));
        }
        let is_said =
            about.outputs.iter().any(|output| output.name == CONCENTRATION && output.unit.is_some());
        if let Some(unit) = stated(metadata.concentration_unit.as_deref()).filter(|_| usual && !is_said) {
            names.declared.insert(CONCENTRATION.into(), unit);
        }
        names
    }

    /// Counts assignments, and how names are used.
    fn statement(&mut self, statement: &Expr, uses: &mut Uses) {
        match &statement.kind {
            Kind::Block(statements) => statements.iter().for_each(|inner| self.statement(inner, uses)),
            Kind::If { when, then, otherwise } => {
                uses.read(when, false);
                self.statement(then, uses);
                otherwise.iter().for_each(|inner| self.statement(inner, uses));
            }
            Kind::Infix(Infix::Tilde, ..) => {}
            _ => {
                let Some((left, right)) = statement.as_assignment() else { return };
                uses.read(right, false);
                match Target::of(left) {
                    Some(Target::Variable(name)) => *self.assigned.entry(name).or_default() += 1,
                    Some(Target::State(Property::Bioavailability, state)) => {
                        self.converted.insert(state);
                    }
                    _ => {}
                }
            }
        }
    }

    /// A parameter: its unit, or the logarithm of something in the unit of its label.
    fn parameter(&mut self, parameter: &Parameter, outline: &Outline<'_>, uses: &Uses) -> Value {
        let name = parameter.name.as_str();
        let unit = parameter.label.as_deref().and_then(label::unit).map(|unit| Form::of(&unit));
        let (inside, outside) = (uses.inside.contains(name), uses.outside.contains(name));
        let is_named_so = name.starts_with(['l', 't']) && inside && !outside;
        match unit {
            Some(unit) if is_logarithm(outline, name) || is_named_so => Value::Log(unit),
            Some(unit) if !inside || unit.is_ratio() => Value::Plain(unit),
            _ if inside => Value::Log(self.solver.unknown(false)),
            _ => Value::Plain(self.solver.unknown(false)),
        }
    }
}

fn stated(unit: Option<&str>) -> Option<Form> {
    unit.and_then(Unit::leading).map(|unit| Form::of(&unit))
}

/// The least share that is not taken for a number by which units are converted.
const LEAST_SHARE: f64 = 0.01;

/// Whether doses into a state are multiplied by a number that converts units: above 1, or far below.
fn is_by_number(model: &Model, state: &State) -> bool {
    let factor = model.graph.evaluate(&[state.bioavailability], |symbol| match symbol {
        Symbol::Parameter(i) => model.parameters[i as usize].value,
        Symbol::Effect(_) => 0.0,
        _ => f64::NAN,
    })[0];
    state.unit.is_none() && (factor > 1.0 || (factor > 0.0 && factor < LEAST_SHARE))
}

/// Whether a parameter is given as the logarithm of a number in `ini`.
fn is_logarithm(outline: &Outline<'_>, name: &str) -> bool {
    fn has_log(expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Call(function, arguments) => {
                function == "log" || arguments.iter().any(|argument| has_log(&argument.value))
            }
            _ => false,
        }
    }
    let assignments = outline.ini.iter().filter_map(Expr::as_assignment);
    assignments.filter(|(left, _)| left.as_name() == Some(name)).any(|(_, right)| has_log(right))
}

/// Names that are summands of the argument of `exp`, and those that are used in another way.
#[derive(Default)]
struct Uses {
    inside: BTreeSet<String>,
    outside: BTreeSet<String>,
}

impl Uses {
    fn read(&mut self, expr: &Expr, is_exponent: bool) {
        match &expr.kind {
            Kind::Name(name) => {
                let uses = if is_exponent { &mut self.inside } else { &mut self.outside };
                uses.insert(name.clone());
            }
            Kind::Prefix(_, operand) => self.read(operand, is_exponent),
            Kind::Infix(Infix::Add | Infix::Sub, left, right) => {
                [left, right].into_iter().for_each(|side| self.read(side, is_exponent));
            }
            Kind::Infix(_, left, right) => [left, right].into_iter().for_each(|side| self.read(side, false)),
            Kind::Call(function, arguments) => {
                let is_exponent = matches!(function.as_str(), "exp" | "expit" | "plogis");
                arguments.iter().for_each(|argument| self.read(&argument.value, is_exponent));
            }
            _ => {}
        }
    }
}
