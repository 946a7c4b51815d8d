//! Patients at the edges of a population, from its specification and not from a draw.

use super::Patients;
use super::rows::RowColumn;
use super::sampler::{Sampler, Test};
use crate::cholesky::{dot, row};
use crate::probability;

/// Probabilities at which each covariate and random effect is taken, one at a time.
const EDGES: [f64; 2] = [0.01, 0.99];

/// What is taken away from its median.
#[derive(Debug, Clone, Copy)]
enum Deviation {
    None,
    /// A column of the cohort's table, to its smallest or largest value.
    Column(usize, usize),
    /// A drawn covariate, to this score.
    Draw(usize, f64),
    /// A random effect of a block, to this score of its own distribution.
    Effect(usize, usize, f64),
}

impl Sampler {
    /// The patient whose covariates and random effects are at their medians, then for each of them patients
    /// in whom it is at its 1 % or 99 % point (the smallest or largest value of a column of the cohort's
    /// table). A class takes along what is distributed by it, and everything what is computed of it.
    /// Covariates keep within their bounds; other conditions are not asked for. Columns of the table that nothing
    /// uses, neither the population nor by these names anything else, stay where they are.
    pub fn typical_patients(&self, used: &[&str]) -> Patients {
        let scores = EDGES.map(probability::score);
        let mut cases = vec![Deviation::None];
        let columns = self.column_edges();
        let used = self.used(used);
        let varied = (0..columns.len()).filter(|column| used.contains(column));
        cases.extend(varied.flat_map(|column| [0, 1].map(|end| Deviation::Column(column, end))));
        cases.extend((0..self.draws.len()).flat_map(|draw| scores.map(|score| Deviation::Draw(draw, score))));
        if self.random_effects {
            for (block, effects) in self.effects.iter().enumerate() {
                let each = 0..effects.streams.len();
                cases.extend(each.flat_map(|i| scores.map(|score| Deviation::Effect(block, i, score))));
            }
        }
        let mut covariates = self.covariates_of(&cases, &columns);
        self.to_model(&mut covariates);
        Patients {
            first: 0,
            count: cases.len(),
            covariates: self.of_model.iter().map(|&position| covariates[position].clone()).collect(),
            effects: self.effects_of_cases(&cases),
            attempts: vec![1; cases.len()],
            columns: self.columns(covariates, Vec::new()),
        }
    }

    /// Smallest value, median and largest value of each column of the table.
    fn column_edges(&self) -> Vec<[f64; 3]> {
        let used = self.rows.as_ref().map_or(0, |rows| rows.used);
        let edges = |column: &RowColumn| {
            let mut sorted = column.values[..used].to_vec();
            sorted.sort_by(f64::total_cmp);
            let last = sorted.len().saturating_sub(1);
            [0, last / 2, last].map(|at| sorted.get(at).copied().unwrap_or(f64::NAN))
        };
        self.rows.iter().flat_map(|rows| &rows.columns).map(edges).collect()
    }

    /// `[covariate][case]`
    fn covariates_of(&self, cases: &[Deviation], columns: &[[f64; 3]]) -> Vec<Vec<f64>> {
        let mut covariates = vec![Vec::new(); self.covariates.len()];
        for (position, &[smallest, median, largest]) in columns.iter().enumerate() {
            let value = |case: &Deviation| match *case {
                Deviation::Column(taken, end) if taken == position => [smallest, largest][end],
                _ => median,
            };
            covariates[position] = cases.iter().map(value).collect();
        }
        for &i in &self.draw_order {
            let score = |case: &Deviation| match *case {
                Deviation::Draw(taken, score) if taken == i => score,
                _ => 0.0,
            };
            let draw = &self.draws[i];
            let mut values: Vec<f64> = cases.iter().map(score).collect();
            draw.marginal.apply(&mut values, &covariates);
            values.iter_mut().for_each(|value| *value = self.bounded(draw.position, *value));
            covariates[draw.position] = values;
        }
        self.compute(&mut covariates, cases.len());
        covariates
    }

    /// A value within the bounds of its covariate.
    fn bounded(&self, position: usize, value: f64) -> f64 {
        let bounds = self.conditions.iter().filter_map(|condition| match condition.test {
            Test::Between(of, bounds) if of == position => Some(bounds),
            _ => None,
        });
        bounds.fold(value, |value, [low, high]| value.max(low).min(high))
    }

    /// `[effect][case]`
    fn effects_of_cases(&self, cases: &[Deviation]) -> Vec<Vec<f64>> {
        let mut columns = Vec::new();
        for (block, effects) in self.effects.iter().enumerate() {
            columns.extend((0..effects.streams.len()).map(|i| {
                let factors = row(&effects.factor, i);
                let sd = dot(factors, factors).sqrt();
                let value = |case: &Deviation| match *case {
                    Deviation::Effect(of, taken, score) if (of, taken) == (block, i) => score * sd,
                    _ => 0.0,
                };
                cases.iter().map(value).collect()
            }));
        }
        columns
    }
}
