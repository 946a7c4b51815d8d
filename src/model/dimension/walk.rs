//! The units of every expression of the `model` block, line by line.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::Model;
use super::super::ast::{Argument, Expr, Infix, Kind, Prefix};
use super::super::names::{Property, Target};
use super::form::{Form, Verdict};
use super::names::{CONCENTRATION, Names};
use super::{UnitWarning, Warning};

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A number of this unit.
    Plain(Form),
    /// The logarithm of such a number.
    Log(Form),
}

/// Numbers by which people convert units, so that dividing by one is not taking a ratio to a reference.
const CONVERSIONS: [f64; 20] = [
    2.2, 2.204, 2.2046, 2.205, 2.54, 7.0, 12.0, 24.0, 30.0, 30.4, 30.4375, 52.0, 60.0, 88.4, 168.0, 365.0,
    365.25, 1440.0, 3600.0, 86400.0,
];
/// The longest piece of the source that a message shows.
const LONGEST: usize = 50;

/// Reads expressions and remembers what they say of each other.
pub(super) struct Walk<'a> {
    pub(super) warnings: Vec<Warning>,
    names: Names,
    text: &'a str,
    variables: BTreeMap<String, Value>,
    /// Unknown units of numbers in the text, by their place.
    literals: BTreeMap<(usize, usize), Form>,
    /// How often each variable has been assigned so far.
    reached: BTreeMap<String, usize>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(names: Names, text: &'a str) -> Self {
        let (variables, literals, reached) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { warnings: Vec::new(), names, text, variables, literals, reached }
    }

    /// Reads statements in order.
    pub(super) fn block(&mut self, statements: &[Expr]) {
        self.reached.clear();
        self.statements(statements);
    }

    fn statements(&mut self, statements: &[Expr]) {
        for statement in statements {
            match &statement.kind {
                Kind::Infix(Infix::Tilde, left, right) => self.residual(left, right),
                Kind::If { when, then, otherwise } => self.condition(when, then, otherwise.as_deref()),
                _ => {
                    if let Some((left, right)) = statement.as_assignment() {
                        self.assignment(left, right);
                    }
                }
            }
        }
    }

    /// What is assigned in either branch has one unit.
    fn condition(&mut self, when: &Expr, then: &Expr, otherwise: Option<&Expr>) {
        self.value(when);
        let before = self.variables.clone();
        self.statements(then.statements());
        let Some(otherwise) = otherwise else { return };
        let in_then = std::mem::replace(&mut self.variables, before);
        self.statements(otherwise.statements());
        for (name, value) in in_then {
            if let (Value::Plain(a), Some(Value::Plain(b))) = (&value, self.variables.get(&name)) {
                let b = b.clone();
                self.names.solver.same(a, &b);
            }
            self.variables.insert(name, value);
        }
    }

    fn assignment(&mut self, left: &Expr, right: &Expr) {
        let value = self.value(right);
        match Target::of(left) {
            Some(Target::Variable(name)) => self.variable(name, value, &right.span),
            Some(Target::State(property, state)) => self.property(property, &state, value, right),
            None => {}
        }
    }

    fn variable(&mut self, name: String, value: Value, span: &Range<usize>) {
        let reached = self.reached.entry(name.clone()).or_default();
        *reached += 1;
        let is_last = self.names.assigned.get(&name).is_none_or(|all| *reached >= *all);
        let value = match (value, self.names.declared.get(&name).cloned().filter(|_| is_last)) {
            (Value::Plain(found), Some(unit)) => match self.result(&name, &unit, &found, span) {
                true => Value::Plain(unit),
                false => Value::Plain(self.names.solver.unknown(false)),
            },
            (value, _) => value,
        };
        self.variables.insert(name, value);
    }

    fn property(&mut self, property: Property, state: &str, value: Value, right: &Expr) {
        let (Value::Plain(found), Some(of_state)) = (value, self.names.states.get(state).cloned()) else {
            return;
        };
        let unit = match property {
            Property::Derivative => of_state.per(&self.names.time),
            Property::Initial => of_state,
            Property::Lag | Property::Duration => self.names.time.clone(),
            // A number that converts units leaves that of the state open.
            Property::Bioavailability if self.names.by_number.contains(state) => return,
            Property::Bioavailability => of_state.per(&self.names.dosing),
            Property::Rate => self.names.dosing.per(&self.names.time),
        };
        let written = Target::State(property, state.into()).to_string();
        self.result(&written, &unit, &found, &right.span);
    }

    /// The additive error is in the unit of what is predicted.
    fn residual(&mut self, left: &Expr, right: &Expr) {
        let predicted = self.value(left);
        let mut terms = vec![right];
        while let Some(term) = terms.pop() {
            match &term.kind {
                Kind::Infix(Infix::Add, a, b) => terms.extend([&**a, &**b]),
                Kind::Call(function, arguments) if function == "add" => {
                    let [argument] = arguments.as_slice() else { continue };
                    let sd = self.value(&argument.value);
                    if let (Value::Plain(sd), Value::Plain(unit)) = (sd, &predicted) {
                        // That of a proportional error, too, says nothing of the prediction.
                        let [is_share, is_open] = [
                            self.names.solver.resolved(&sd).is_ratio(),
                            !self.names.solver.resolved(unit).is_known(),
                        ];
                        if is_share && is_open {
                            continue;
                        }
                        let name = format!("add() of {}", self.source(left));
                        self.result(&name, unit, &sd, &argument.value.span);
                    }
                }
                _ => {}
            }
        }
    }

    /// Checks what is assigned; whether it may be right.
    fn result(&mut self, name: &str, unit: &Form, found: &Form, span: &Range<usize>) -> bool {
        let verdict = self.names.solver.same(unit, found);
        let factor = match verdict {
            Verdict::Same => return true,
            Verdict::Factor(factor) => Some(1.0 / factor),
            Verdict::Different => None,
        };
        let [unit, found] = [unit, found].map(|form| self.names.solver.resolved(form));
        let between = unit.per(&found).text();
        let [unit, found] = [unit, found].map(|form| form.text());
        let cause = UnitWarning::Result { name: name.into(), unit, found, factor };
        self.warnings.push(Warning { cause, between, span: span.clone(), alike: 0 });
        false
    }

    /// Two expressions that must be in one unit; whether they may be.
    fn sides(
        &mut self,
        joined: &'static str,
        left: &Expr,
        right: &Expr,
        [a, b]: [&Form; 2],
        span: &Range<usize>,
    ) -> bool {
        let factor = match self.names.solver.same(a, b) {
            Verdict::Same => return true,
            Verdict::Factor(factor) => Some(factor),
            Verdict::Different => None,
        };
        let [a, b] = [a, b].map(|form| self.names.solver.resolved(form));
        let between = a.per(&b).text();
        let [left_unit, right_unit] = [a, b].map(|form| form.text());
        let [left, right] = [left, right].map(|side| self.source(side));
        let cause = UnitWarning::Sides { joined, left, left_unit, right, right_unit, factor };
        self.warnings.push(Warning { cause, between, span: span.clone(), alike: 0 });
        false
    }

    /// An expression that must be a number; whether it is one.
    fn number(&mut self, function: &'static str, argument: &Expr, form: &Form) -> bool {
        let is_known = self.names.solver.resolved(form).is_known();
        let is_number = match self.names.solver.same(form, &Form::one()) {
            Verdict::Same => true,
            Verdict::Factor(_) => self.names.solver.resolved(form).has_percent(),
            Verdict::Different => false,
        };
        if !is_number && is_known {
            let unit = self.names.solver.resolved(form).text();
            let between = unit.clone();
            let cause = UnitWarning::NotANumber { function, argument: self.source(argument), unit };
            self.warnings.push(Warning { cause, between, span: argument.span.clone(), alike: 0 });
        }
        is_number
    }

    fn source(&self, expr: &Expr) -> String {
        let text = self.text.get(expr.span.clone()).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{} ...", &text[..end]),
            None => text,
        }
    }

    /// The unit of something about which nothing is known: the same whenever it is read.
    fn unknown(&mut self, expr: &Expr, literal: bool) -> Form {
        let key = (expr.span.start, expr.span.end + usize::from(literal));
        let solver = &mut self.names.solver;
        self.literals.entry(key).or_insert_with(|| solver.unknown(literal)).clone()
    }

    fn value(&mut self, expr: &Expr) -> Value {
        if expr.as_derivative().is_some() {
            return Value::Plain(self.derivative(expr));
        }
        match &expr.kind {
            Kind::Number(_) => Value::Plain(self.unknown(expr, true)),
            Kind::Name(name) => self.name(name, expr),
            Kind::Prefix(prefix, operand) => match (prefix, self.value(operand)) {
                (Prefix::Not, _) => Value::Plain(Form::one()),
                (Prefix::Minus, Value::Log(of)) => Value::Log(of.to_the(-1.0)),
                (_, value) => value,
            },
            Kind::Infix(operator, left, right) => self.infix(*operator, left, right, expr),
            Kind::Call(function, arguments) => self.call(function, arguments, expr),
            _ => Value::Plain(self.unknown(expr, false)),
        }
    }

    fn derivative(&mut self, expr: &Expr) -> Form {
        let state = expr.as_derivative().and_then(|state| self.names.states.get(state));
        match state {
            Some(unit) => unit.per(&self.names.time),
            None => self.unknown(expr, false),
        }
    }

    fn name(&mut self, name: &str, expr: &Expr) -> Value {
        if matches!(name, "t" | "time") {
            return Value::Plain(self.names.time.clone());
        }
        if let Some(value) = self.variables.get(name).or_else(|| self.names.parameters.get(name)) {
            return value.clone();
        }
        match self.names.states.get(name).or_else(|| self.names.covariates.get(name)) {
            Some(unit) => Value::Plain(unit.clone()),
            // A random effect may have any unit; so may pi.
            None => Value::Plain(self.unknown(expr, true)),
        }
    }

    fn infix(&mut self, operator: Infix, left: &Expr, right: &Expr, whole: &Expr) -> Value {
        match operator {
            Infix::Add | Infix::Sub => self.sum(operator, left, right, whole),
            Infix::Mul => self.product(left, right, whole),
            Infix::Div => self.quotient(left, right, whole),
            Infix::Pow => self.power(left, right, whole),
            Infix::Quotient => self.quotient(left, right, whole),
            Infix::Remainder => self.alike("divided", &[left, right], whole),
            _ => {
                let values = [self.value(left), self.value(right)];
                if let ([Value::Plain(a), Value::Plain(b)], true) = (&values, operator.compares()) {
                    self.sides("compared", left, right, [a, b], &whole.span);
                }
                Value::Plain(Form::one())
            }
        }
    }

    fn sum(&mut self, operator: Infix, left: &Expr, right: &Expr, whole: &Expr) -> Value {
        let sign = if operator == Infix::Add { 1.0 } else { -1.0 };
        match (self.value(left), self.value(right)) {
            (Value::Plain(a), Value::Plain(b)) => {
                let joined = if operator == Infix::Add { "added" } else { "subtracted" };
                let is_right = self.sides(joined, left, right, [&a, &b], &whole.span);
                Value::Plain(if is_right { a } else { self.unknown(whole, false) })
            }
            (Value::Log(a), Value::Log(b)) => Value::Log(a.times(&b.to_the(sign))),
            // What is added to a logarithm is a number.
            (Value::Log(a), Value::Plain(b)) => {
                self.names.solver.same(&b, &Form::one());
                Value::Log(a)
            }
            (Value::Plain(a), Value::Log(b)) => {
                self.names.solver.same(&a, &Form::one());
                Value::Log(b.to_the(sign))
            }
        }
    }

    /// The unit of a factor: 1 has none.
    fn factor(&mut self, expr: &Expr) -> Value {
        match number(expr) {
            Some(1.0 | -1.0) => Value::Plain(Form::one()),
            _ => self.value(expr),
        }
    }

    fn product(&mut self, left: &Expr, right: &Expr, whole: &Expr) -> Value {
        match (self.factor(left), self.factor(right)) {
            (Value::Plain(a), Value::Plain(b)) => Value::Plain(a.times(&b)),
            (Value::Log(of), Value::Plain(times)) => self.of_logarithm(right, &times, (left, &of), whole),
            (Value::Plain(times), Value::Log(of)) => self.of_logarithm(left, &times, (right, &of), whole),
            (Value::Log(_), Value::Log(_)) => Value::Plain(self.unknown(whole, false)),
        }
    }

    /// A factor times a logarithm: the logarithm of a power, or of a ratio so many times.
    fn of_logarithm(
        &mut self,
        factor: &Expr,
        times: &Form,
        (log, of): (&Expr, &Form),
        whole: &Expr,
    ) -> Value {
        let (of, times) = (self.names.solver.resolved(of), self.names.solver.resolved(times));
        if let Some(number) = number(factor) {
            return Value::Log(of.to_the(number));
        }
        if of.is_ratio() {
            return Value::Plain(times);
        }
        if times.is_ratio() {
            return Value::Log(of.to_the_unknown(&self.source(factor)));
        }
        if times.is_known() {
            self.number("a multiple of the logarithm", log, &of);
            return Value::Plain(times);
        }
        Value::Plain(self.unknown(whole, false))
    }

    fn quotient(&mut self, left: &Expr, right: &Expr, whole: &Expr) -> Value {
        let values = (self.factor(left), self.factor(right));
        match values {
            (Value::Plain(a), Value::Plain(b)) => {
                if self.is_reference(left, right) {
                    self.names.solver.same(&a, &b);
                    return Value::Plain(Form::one());
                }
                Value::Plain(a.per(&b))
            }
            (Value::Log(a), Value::Plain(_)) if number(right).is_some_and(|number| number != 0.0) => {
                let number = number(right).unwrap_or(1.0);
                Value::Log(a.to_the(1.0 / number))
            }
            _ => Value::Plain(self.unknown(whole, false)),
        }
    }

    /// Whether a covariate is divided by a reference value, as in `WT / 70`.
    fn is_reference(&self, left: &Expr, right: &Expr) -> bool {
        let is_covariate = left.as_name().is_some_and(|name| self.is_covariate(name));
        is_covariate
            && number(right).is_some_and(|number| {
                let power = number.abs().log10();
                (power - power.round()).abs() > 1e-9 && !CONVERSIONS.contains(&number)
            })
    }

    fn is_covariate(&self, name: &str) -> bool {
        self.names.covariates.contains_key(name) && !self.variables.contains_key(name)
    }

    fn power(&mut self, base: &Expr, exponent: &Expr, whole: &Expr) -> Value {
        let Value::Plain(unit) = self.value(base) else { return Value::Plain(self.unknown(whole, false)) };
        // A power of a covariate is met with whatever unit its factor has.
        let is_covariate = base.as_name().is_some_and(|name| self.is_covariate(name));
        let free = |walk: &mut Self, power: Form| {
            let ratio = walk.names.solver.resolved(&unit).is_ratio();
            let power = if is_covariate && !ratio { power.times(&walk.unknown(whole, true)) } else { power };
            Value::Plain(power)
        };
        if let Some(number) = number(exponent) {
            let power = unit.to_the(number);
            return if number.fract() == 0.0 { Value::Plain(power) } else { free(self, power) };
        }
        if let Value::Plain(of_exponent) = self.value(exponent) {
            self.number("a power with the exponent", exponent, &of_exponent);
        }
        if self.names.solver.resolved(&unit).is_ratio() {
            return Value::Plain(Form::one());
        }
        let tagged = unit.to_the_unknown(&self.source(exponent));
        free(self, tagged)
    }

    fn call(&mut self, function: &str, arguments: &[Argument], whole: &Expr) -> Value {
        let arguments: Vec<&Expr> = arguments.iter().map(|argument| &argument.value).collect();
        match (function, arguments.as_slice()) {
            ("exp", [x]) => self.exponential(x, whole),
            ("log", [x]) => self.logarithm(x, whole),
            ("sqrt", [x]) => match self.value(x) {
                Value::Plain(unit) => Value::Plain(unit.to_the(0.5)),
                Value::Log(_) => Value::Plain(self.unknown(whole, false)),
            },
            ("pow", [a, b]) => self.power(a, b, whole),
            ("abs" | "floor" | "ceiling" | "fabs" | "ceil" | "round" | "trunc", [x]) => self.value(x),
            ("min" | "max", _) => self.alike("compared", &arguments, whole),
            ("sum", _) => self.alike("summed", &arguments, whole),
            ("tad" | "tafd" | "tlast" | "tfirst" | "tad0" | "tafd0", _) => {
                Value::Plain(self.names.time.clone())
            }
            ("podo" | "podo0", _) => Value::Plain(self.names.dosing.clone()),
            ("ifelse", [when, then, otherwise]) => {
                self.value(when);
                self.alike("values of one `ifelse`", &[then, otherwise], whole)
            }
            (
                "tanh" | "log1p" | "expm1" | "sin" | "cos" | "tan" | "asin" | "acos" | "atan" | "sinh"
                | "cosh" | "asinh" | "acosh" | "atanh" | "erf" | "erfc" | "phi" | "probit" | "qnorm"
                | "gamma" | "lgamma" | "digamma",
                [x],
            ) => {
                if let Value::Plain(unit) = self.value(x)
                    && self.names.solver.resolved(&unit).is_known()
                {
                    self.number("a function", x, &unit);
                }
                Value::Plain(Form::one())
            }
            ("expit", [_, low, high]) => self.alike("limits of one `expit`", &[low, high], whole),
            _ => {
                arguments.iter().for_each(|argument| drop(self.value(argument)));
                let is_number = matches!(function, "expit" | "logit" | "plogis" | "qlogis");
                Value::Plain(if is_number { Form::one() } else { self.unknown(whole, false) })
            }
        }
    }

    /// Arguments that are in one unit, which is that of the value.
    fn alike(&mut self, joined: &'static str, arguments: &[&Expr], whole: &Expr) -> Value {
        let values: Vec<Value> = arguments.iter().map(|argument| self.value(argument)).collect();
        let (Some(first), Some(Value::Plain(unit))) = (arguments.first(), values.first()) else {
            return Value::Plain(self.unknown(whole, false));
        };
        for (argument, value) in arguments.iter().zip(&values).skip(1) {
            if let Value::Plain(other) = value
                && !self.sides(joined, first, argument, [unit, other], &whole.span)
            {
                return Value::Plain(self.unknown(whole, false));
            }
        }
        Value::Plain(unit.clone())
    }

    fn exponential(&mut self, x: &Expr, whole: &Expr) -> Value {
        match self.value(x) {
            Value::Log(of) => Value::Plain(of),
            Value::Plain(unit) => {
                let unit = self.names.solver.resolved(&unit);
                // An unknown may stand for a logarithm of anything.
                if !self.names.solver.is_literal(&unit) {
                    return Value::Plain(self.unknown(whole, false));
                }
                self.number("the exponential", x, &unit);
                Value::Plain(Form::one())
            }
        }
    }

    fn logarithm(&mut self, x: &Expr, whole: &Expr) -> Value {
        match self.value(x) {
            Value::Log(_) => Value::Plain(self.unknown(whole, false)),
            Value::Plain(unit) => {
                let unit = self.names.solver.resolved(&unit);
                let is_number = number(x).is_some() || unit.is_ratio();
                if is_number { Value::Plain(Form::one()) } else { Value::Log(unit) }
            }
        }
    }

    /// Units of states, variables and parameters that the file does not say: name and unit.
    pub(super) fn inferred(&self, model: &Model) -> Vec<(String, String)> {
        let text = |form: &Form| Some(self.names.solver.resolved(form).unit()?.to_string());
        let of = |name: &str, value: Option<&Value>| match value? {
            Value::Plain(form) | Value::Log(form) => Some((name.to_owned(), text(form)?)),
        };
        let states = model.states.iter().filter(|state| state.unit.is_none());
        let states =
            states.filter_map(|state| Some((state.name.clone(), text(self.names.states.get(&state.name)?)?)));
        let is_wrong = |name: &str| {
            let about =
                |cause: &UnitWarning| matches!(cause, UnitWarning::Result { name: n, .. } if n == name);
            self.warnings.iter().any(|warning| about(&warning.cause))
        };
        let variables = model.variables.iter().filter(|variable| variable.unit.is_none());
        let variables = variables
            .filter(|variable| variable.name != CONCENTRATION || !is_wrong(CONCENTRATION))
            .filter_map(|variable| match self.variables.get(&variable.name)? {
                Value::Plain(form) => Some((variable.name.clone(), text(form)?)),
                Value::Log(_) => None,
            });
        let is_said = |label: &Option<String>| label.as_deref().and_then(super::label::unit).is_some();
        let parameters = model.parameters.iter().filter(|parameter| !is_said(&parameter.label));
        let parameters = parameters
            .filter_map(|parameter| of(&parameter.name, self.names.parameters.get(&parameter.name)));
        states.chain(variables).chain(parameters).collect()
    }
}

/// The value of an expression of numbers.
fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        Kind::Number(value) => Some(*value),
        Kind::Prefix(Prefix::Minus, operand) => number(operand).map(|value| -value),
        Kind::Prefix(Prefix::Plus, operand) => number(operand),
        Kind::Infix(operator, left, right) => {
            let (a, b) = (number(left)?, number(right)?);
            match operator {
                Infix::Add => Some(a + b),
                Infix::Sub => Some(a - b),
                Infix::Mul => Some(a * b),
                Infix::Div => Some(a / b),
                Infix::Pow => Some(a.powf(b)),
                _ => None,
            }
        }
        _ => None,
    }
}
