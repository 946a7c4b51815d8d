//! Consecutive patients, drawn by columns: all at once, then those again who were refused.

use std::ops::Range;
use std::sync::Arc;

use super::error::PopulationError;
use super::sampler::{Condition, Sampler, Test};
use super::subgroup::Subgroup;
use crate::cholesky::row;
use crate::dataset::Subject;
use crate::isa::Isa;

/// Attempts at which everyone is drawn who is not eligible yet: hardly any cohort needs more.
const TOGETHER: u32 = 8;
/// Patients who are drawn on together after that: where nobody is eligible, the first of them is soon known.
const FEW: usize = 16;

/// Consecutive patients.
#[derive(Debug)]
pub(super) struct Chunk {
    /// `[covariate][patient]`
    pub(super) covariates: Vec<Vec<f64>>,
    /// `[subgroup][patient]`
    pub(super) levels: Vec<Vec<f64>>,
    /// `[effect][patient]`
    pub(super) effects: Vec<Vec<f64>>,
    pub(super) attempts: Vec<u32>,
}

impl Sampler {
    /// Patients, who are these individuals of a data set, if there is one.
    ///
    /// # Errors
    /// Of the first patient who has one.
    pub(super) fn chunk(
        &self,
        range: Range<u64>,
        subjects: Option<&[Arc<Subject>]>,
    ) -> Result<Chunk, PopulationError> {
        let isa = Isa::detect();
        let exhausted = self.rows.as_ref().filter(|rows| subjects.is_none() && rows.patients() < range.end);
        let end = exhausted.map_or(range.end, |rows| rows.patients().max(range.start));
        let patients: Vec<u64> = (range.start..end).collect();
        let mut first = First { at: patients.len(), error: exhausted.map(|rows| rows.exhausted(end)) };

        let mut search = Search::new(self, isa, &patients, subjects);
        first.found(search.run(), |at| search.nobody(at));
        let Search { covariates, attempts, .. } = search;
        for (covariate, column) in self.covariates.iter().zip(&covariates) {
            first.found(column.iter().position(|x| !x.is_finite()), |at| {
                let name = covariate.meta.name.clone();
                PopulationError::NotFinite { patient: patients[at], name, value: column[at] }
            });
        }
        let levels = |subgroup: &Subgroup| {
            let levels = subgroup.levels(&covariates, patients.len());
            first.found(levels.iter().position(|level| level.is_nan()), |at| {
                let (name, of) = (subgroup.name.clone(), subgroup.of.clone());
                PopulationError::NoLevel { patient: patients[at], name, of }
            });
            levels
        };
        let levels = self.subgroups.iter().map(levels).collect();
        let effects = self.effects_of(isa, &patients, subjects);
        first.error.map_or(Ok(Chunk { covariates, levels, effects, attempts }), Err)
    }

    /// Puts the computed covariates beside the others, `[covariate][patient]`.
    pub(super) fn compute(&self, covariates: &mut [Vec<f64>], patients: usize) {
        for (position, formula) in &self.derived {
            covariates[*position] = formula.values(covariates, patients);
        }
    }

    /// The first condition that refuses each patient, of whom there are so many, if one does.
    fn refusing(&self, covariates: &[Vec<f64>], patients: usize) -> Vec<Option<usize>> {
        let mut refusing = vec![None; patients];
        for (number, condition) in self.conditions.iter().enumerate().rev() {
            for (refusing, is_met) in refusing.iter_mut().zip(condition.is_met(covariates, patients)) {
                *refusing = if is_met { *refusing } else { Some(number) };
            }
        }
        refusing
    }

    /// Random effects, `[effect][patient]`: `L z` for each block. They are no part of eligibility, so they are drawn
    /// once.
    fn effects_of(&self, isa: Isa, patients: &[u64], subjects: Option<&[Arc<Subject>]>) -> Vec<Vec<f64>> {
        let mut effects = Vec::new();
        for block in &self.effects {
            let size = block.streams.len();
            if !self.random_effects {
                effects.extend(std::iter::repeat_n(vec![0.0; patients.len()], size));
                continue;
            }
            let scores: Vec<Vec<f64>> =
                block.streams.iter().map(|stream| stream.scores(isa, patients, 0)).collect();
            let weights = |i| row(&block.factor, i).iter().copied().zip(&scores);
            effects.extend((0..size).map(|i| weighted(weights(i), patients.len())));
        }
        if let Some((data, subjects)) = self.data.as_ref().zip(subjects) {
            for (i, effect) in effects.iter_mut().enumerate() {
                if let Some(given) = data.given_effect(i) {
                    *effect = subjects.iter().map(|subject| subject.effects[given]).collect();
                }
            }
        }
        effects
    }
}

/// The first patient who has an error, so far as is known.
struct First {
    /// Position of the patient; of nobody, how many there are.
    at: usize,
    error: Option<PopulationError>,
}

impl First {
    /// A patient is found to have an error. It counts if none of this patient, or of one before, was found earlier.
    fn found(&mut self, at: Option<usize>, error: impl FnOnce(usize) -> PopulationError) {
        if let Some(at) = at.filter(|&at| at < self.at) {
            *self = Self { at, error: Some(error(at)) };
        }
    }
}

/// Patients while they are looked for. Candidates are those of them who are drawn at an attempt, by their positions.
struct Search<'a> {
    sampler: &'a Sampler,
    isa: Isa,
    patients: &'a [u64],
    subjects: Option<&'a [Arc<Subject>]>,
    /// As they were drawn last, `[covariate][patient]`.
    covariates: Vec<Vec<f64>>,
    /// Draws of each patient.
    attempts: Vec<u32>,
    /// How many of them each condition refused, `[condition][patient]`.
    refused: Vec<Vec<u32>>,
}

impl<'a> Search<'a> {
    fn new(
        sampler: &'a Sampler,
        isa: Isa,
        patients: &'a [u64],
        subjects: Option<&'a [Arc<Subject>]>,
    ) -> Self {
        let count = patients.len();
        Self {
            sampler,
            isa,
            patients,
            subjects,
            covariates: vec![vec![0.0; count]; sampler.covariates.len()],
            attempts: vec![0; count],
            refused: vec![vec![0; count]; sampler.conditions.len()],
        }
    }

    /// Draws until everyone is eligible; the first for whom there is no draw within the allowed number.
    fn run(&mut self) -> Option<usize> {
        let most = self.sampler.max_attempts;
        let everyone = (0..self.patients.len()).collect();
        let refused = self.draw(everyone, 0..most.min(TOGETHER));
        refused.chunks(FEW).find_map(|few| self.draw(few.to_vec(), TOGETHER..most).first().copied())
    }

    /// Draws candidates until all are eligible; those who are not after these attempts.
    fn draw(&mut self, mut candidates: Vec<usize>, attempts: Range<u32>) -> Vec<usize> {
        for attempt in attempts {
            if candidates.is_empty() {
                break;
            }
            candidates = self.attempt(attempt, &candidates);
        }
        candidates
    }

    /// Draws candidates once; those who are refused.
    fn attempt(&mut self, attempt: u32, candidates: &[usize]) -> Vec<usize> {
        let drawn = self.drawn(attempt, candidates);
        for (column, values) in self.covariates.iter_mut().zip(&drawn) {
            for (&at, &value) in candidates.iter().zip(values) {
                column[at] = value;
            }
        }
        let mut refused = Vec::new();
        for (&at, by) in candidates.iter().zip(self.sampler.refusing(&drawn, candidates.len())) {
            self.attempts[at] += 1;
            if let Some(by) = by {
                self.refused[by][at] += 1;
                refused.push(at);
            }
        }
        refused
    }

    /// Covariates at an attempt, `[covariate][candidate]`.
    fn drawn(&self, attempt: u32, candidates: &[usize]) -> Vec<Vec<f64>> {
        let Self { sampler, isa, .. } = *self;
        let (attempt, count) = (u64::from(attempt), candidates.len());
        let patients: Vec<u64> = candidates.iter().map(|&at| self.patients[at]).collect();
        let mut covariates = self.given(attempt, candidates, &patients);
        covariates.resize(sampler.covariates.len(), Vec::new());
        let scores = sampler.draws.iter().map(|draw| draw.stream.scores(isa, &patients, attempt));
        let scores: Vec<Vec<f64>> = scores.collect();
        for draw in sampler.draw_order.iter().map(|&i| &sampler.draws[i]) {
            let mixing = draw.mixing.iter().map(|&(from, weight)| (weight, &scores[from]));
            let mut values = weighted(mixing, count);
            draw.marginal.apply(&mut values, &covariates);
            covariates[draw.position] = values;
        }
        sampler.compute(&mut covariates, count);
        covariates
    }

    /// Covariates of rows of a table, or of individuals of a data set, if that is what patients are.
    fn given(&self, attempt: u64, candidates: &[usize], patients: &[u64]) -> Vec<Vec<f64>> {
        let Some(rows) = &self.sampler.rows else { return Vec::new() };
        if let Some(subjects) = self.subjects {
            let column = |i| candidates.iter().map(|&at| subjects[at].first[i]).collect();
            return (0..rows.columns.len()).map(column).collect();
        }
        let taken = rows.of_patients(self.isa, patients, attempt);
        rows.columns.iter().map(|column| taken.iter().map(|&row| column.values[row]).collect()).collect()
    }

    fn nobody(&self, at: usize) -> PopulationError {
        let Self { sampler, patients, .. } = self;
        let texts = sampler.conditions.iter().map(|condition| condition.text.clone());
        let refused = texts.zip(self.refused.iter().map(|refused| refused[at]));
        let mut refused: Vec<(String, u32)> = refused.filter(|&(_, n)| n > 0).collect();
        refused.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        PopulationError::NobodyEligible { patient: patients[at], attempts: sampler.max_attempts, refused }
    }
}

impl Condition {
    /// Whether each patient meets it.
    fn is_met(&self, covariates: &[Vec<f64>], patients: usize) -> Vec<bool> {
        match &self.test {
            Test::Between(position, [low, high]) => {
                covariates[*position].iter().map(|value| (*low..=*high).contains(value)).collect()
            }
            Test::Require(formula) => {
                let values = formula.values(covariates, patients).into_iter();
                values.map(|value| value != 0.0 && !value.is_nan()).collect()
            }
        }
    }
}

/// The sum of columns of so many rows, each times a weight, in order.
fn weighted<'a>(columns: impl Iterator<Item = (f64, &'a Vec<f64>)>, rows: usize) -> Vec<f64> {
    // What sums of numbers begin with: `-0.0 + x` is `x`, whatever `x` is.
    let mut sums = vec![-0.0; rows];
    for (weight, column) in columns {
        sums.iter_mut().zip(column).for_each(|(sum, x)| *sum += weight * x);
    }
    sums
}
