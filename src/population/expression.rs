//! Computed covariates and eligibility: expressions over covariates, ready to be evaluated.

use std::collections::HashMap;

use super::error::PopulationError;
use super::functions::Covariates;
use super::order::order;
use super::units;
use crate::cohort::{Cohort, Spanned};
use crate::diagnostic::{Place, Problem};
use crate::model::expression;
use crate::model::graph::{Graph, Symbol};
use crate::model::tape::Tape;
use crate::unit::{Conversion, Unit};

/// An expression over covariates.
#[derive(Debug, Clone)]
pub(super) struct Formula {
    tape: Tape,
    /// Positions of the covariates that it reads.
    needs: Vec<usize>,
}

impl Formula {
    /// Positions of the covariates that it reads.
    pub(super) fn needs(&self) -> &[usize] {
        &self.needs
    }

    /// Its value in each patient, from their covariates, `[covariate][patient]`.
    pub(super) fn values(&self, covariates: &[Vec<f64>], patients: usize) -> Vec<f64> {
        let column = |symbol| match symbol {
            Symbol::Covariate(i) => Some(&covariates[i as usize][..]),
            _ => None,
        };
        self.tape.evaluate(patients, column)
    }
}

/// Reads the expressions of one cohort.
pub(super) struct Reader<'a> {
    pub(super) cohort: &'a Cohort,
    /// Positions of all covariates by name.
    pub(super) positions: &'a HashMap<String, usize>,
    /// In what the cohort file gives them, by position.
    pub(super) units: &'a [Option<Unit>],
    /// Why a covariate has no number, by position: columns of text.
    pub(super) text: &'a dyn Fn(usize) -> Option<PopulationError>,
    /// Labels of a covariate, by position, if it is categorical.
    pub(super) labels: &'a dyn Fn(usize) -> Option<Vec<String>>,
}

impl Reader<'_> {
    /// Reads one expression.
    pub(super) fn read(&self, expression: &Spanned<String>, problems: &mut Vec<Problem>) -> Option<Formula> {
        self.converted(expression, Conversion::NONE, problems)
    }

    /// Reads one expression, whose value is then converted.
    fn converted(
        &self,
        expression: &Spanned<String>,
        conversion: Conversion,
        problems: &mut Vec<Problem>,
    ) -> Option<Formula> {
        let place = self.cohort.place(&expression.span);
        let mut graph = Graph::default();
        let mut scope = Covariates {
            positions: self.positions,
            units: self.units,
            labels: self.labels,
            numbers: Vec::new(),
        };
        let root = match expression::read(&expression.value, &place, &mut graph, &mut scope) {
            Ok(root) => graph.converted(root, conversion),
            Err(found) => {
                problems.extend(found.0);
                return None;
            }
        };
        let tape = Tape::new(&graph, root);
        let found = problems.len();
        scope.numbers.sort_unstable();
        scope.numbers.dedup();
        // A column of text has labels, but no numbers.
        let text = scope.numbers.iter().filter_map(|&position| (self.text)(position));
        problems.extend(text.map(|cause| Problem::at(cause, place.clone())));
        let mut needs = Vec::new();
        for symbol in tape.symbols() {
            match symbol {
                Symbol::Covariate(i) => needs.push(i as usize),
                _ => problems.push(Problem::at(PopulationError::Time, place.clone())),
            }
        }
        (problems.len() == found).then_some(Formula { tape, needs })
    }

    /// Reads the computed covariates and puts them in an order in which each comes after what it
    /// needs: position among all covariates, and formula.
    pub(super) fn derived(&self, problems: &mut Vec<Problem>) -> Vec<(usize, Formula)> {
        let mut formulas = Vec::new();
        for derived in &self.cohort.population.derived {
            let conversion = units::of_value(self.cohort, derived).unwrap_or_else(|cause| {
                problems.push(Problem::at(cause, self.cohort.place(&derived.expression.span)));
                Conversion::NONE
            });
            let formula = self.converted(&derived.expression, conversion, problems);
            let position = self.positions.get(&derived.name.value);
            formulas.extend(position.copied().zip(formula));
        }
        let among = |position: &usize| formulas.iter().position(|(p, _)| p == position);
        let needs: Vec<Vec<usize>> =
            formulas.iter().map(|(_, formula)| formula.needs.iter().filter_map(among).collect()).collect();
        match order(&needs) {
            Ok(order) => order.into_iter().map(|i| formulas[i].clone()).collect(),
            Err(cycle) => {
                problems.extend(self.cycle(cycle.into_iter().map(|i| formulas[i].0)));
                formulas
            }
        }
    }

    fn cycle(&self, positions: impl Iterator<Item = usize>) -> Option<Problem> {
        let derived = &self.cohort.population.derived;
        let at = |position| derived.iter().find(|d| self.positions.get(&d.name.value) == Some(&position));
        let members: Vec<_> = positions.filter_map(at).collect();
        let place: Place = self.cohort.place(&members.first()?.expression.span);
        let names = members.iter().map(|d| d.name.value.clone()).collect();
        Some(Problem::at(PopulationError::Cycle { names }, place))
    }
}
