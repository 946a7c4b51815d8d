//! The draws themselves: one patient after another, ranges in parallel.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::Patients;
use super::covariate::{Covariate, CovariateKind};
use super::error::PopulationError;
use super::sampler::{Condition, Sampler, Test};
use super::stream::{LANES, SideBySide, Stream};
use super::subgroup::Subgroup;
use crate::cholesky::{dot, row};
use crate::cohort::Ticks;
use crate::dataset::Subject;
use crate::diagnostic::Problem;
use crate::isa::Isa;
use crate::table::{Column, ColumnMeta, Values};

/// Patients per task: enough that starting one costs nothing, few enough to share a small run out.
const CHUNK: u64 = 1024;

impl Sampler {
    /// Draws a range of patients.
    ///
    /// # Errors
    /// Of the first patient in the range that has one: no eligible draw within the allowed number,
    /// a covariate that is not finite, or no row left for it.
    pub fn sample(&self, range: Range<u64>) -> Result<Patients, Problem> {
        let starts: Vec<u64> = range.clone().step_by(CHUNK as usize).collect();
        let subjects = self.data.as_ref().map(|data| data.of_patients(range.clone()));
        let subjects = subjects.transpose().map_err(Problem::new)?;
        let subjects = subjects.as_deref();
        let chunk = |start: u64| {
            let end = range.end.min(start + CHUNK);
            let within = |patient: u64| (patient - range.start) as usize;
            self.chunk(start..end, subjects.and_then(|all| all.get(within(start)..within(end))))
        };
        // Collected before errors are looked at, so that the error does not depend on the threads.
        let chunks: Vec<Result<Chunk, PopulationError>> = starts.into_par_iter().map(chunk).collect();
        let chunks: Vec<Chunk> = chunks.into_iter().collect::<Result<_, _>>().map_err(Problem::new)?;

        let gather = |width: usize, values: fn(&Chunk) -> &[f64]| -> Vec<Vec<f64>> {
            (0..width)
                .into_par_iter()
                .map(|i| {
                    chunks.iter().flat_map(|c| values(c).iter().skip(i).step_by(width).copied()).collect()
                })
                .collect()
        };
        let mut covariates = gather(self.covariates.len(), |chunk| &chunk.covariates);
        self.to_model(&mut covariates);
        let effects = self.effects.iter().map(|block| block.streams.len()).sum();
        let count = (range.end.saturating_sub(range.start)) as usize;
        let of_model = self.of_model.iter().map(|&position| covariates[position].clone()).collect();
        let of_data = self.data.as_ref().zip(subjects);
        let of_data = of_data.into_iter().flat_map(|(data, subjects)| {
            data.columns_of(range.start, subjects.iter().map(|subject| &**subject))
        });
        let others = self.columns(covariates, gather(self.subgroups.len(), |chunk| &chunk.levels));
        Ok(Patients {
            first: range.start,
            count,
            covariates: of_model,
            effects: gather(effects, |chunk| &chunk.effects),
            attempts: chunks.iter().flat_map(|chunk| chunk.attempts.iter().copied()).collect(),
            columns: of_data.chain(others).collect(),
        })
    }

    /// Standard normal score of the model's `residual`-th residual line for a patient at a time: it
    /// belongs to patient, line's name and tick, whatever the arm.
    ///
    /// # Panics
    /// If the model has no such line.
    pub fn residual_score(&self, patient: u64, tick: Ticks, residual: usize) -> f64 {
        self.residuals[residual].patient_at(patient, tick.into()).score()
    }

    pub(super) fn columns(&self, covariates: Vec<Vec<f64>>, levels: Vec<Vec<f64>>) -> Vec<Column> {
        let column = |(covariate, numbers): (&Covariate, Vec<f64>)| {
            let values = match &covariate.kind {
                CovariateKind::Number => Values::Number(numbers),
                CovariateKind::Whole => Values::Integer(numbers.iter().map(|&x| Some(x as i64)).collect()),
                CovariateKind::Label(labels) => Values::Label {
                    codes: numbers.iter().map(|&x| Some(x as u32)).collect(),
                    labels: Arc::clone(labels),
                },
            };
            Column { meta: covariate.meta.clone(), values }
        };
        let subgroup = |(subgroup, levels): (&Subgroup, Vec<f64>)| Column {
            meta: ColumnMeta::new(subgroup.column(), format!("subgroup by {}", subgroup.of), ""),
            values: Values::Label {
                codes: levels.iter().map(|&level| (!level.is_nan()).then_some(level as u32)).collect(),
                labels: Arc::clone(&subgroup.levels),
            },
        };
        let covariates = self.covariates.iter().zip(covariates).map(column);
        covariates.chain(self.subgroups.iter().zip(levels).map(subgroup)).collect()
    }

    /// Patients, who are these individuals of a data set, if there is one.
    fn chunk(
        &self,
        patients: Range<u64>,
        subjects: Option<&[Arc<Subject>]>,
    ) -> Result<Chunk, PopulationError> {
        let mut candidate = Candidate::new(self);
        let mut chunk = Chunk::default();
        let mut subjects = subjects.into_iter().flatten();
        let isa = Isa::detect();
        for first in patients.clone().step_by(LANES) {
            let mut effects: Vec<_> =
                self.drawn_effects().map(|stream| stream.patients(isa, first)).collect();
            candidate.draws.clear();
            candidate.draws.extend(self.draws.iter().map(|draw| draw.stream.patients(isa, first)));
            for (lane, patient) in (first..patients.end.min(first + LANES as u64)).enumerate() {
                let subject = subjects.next().map(|subject| &**subject);
                chunk.attempts.push(candidate.find(self, patient, lane, subject)?);
                chunk.covariates.extend_from_slice(&candidate.values);
                candidate.levels(self, patient, &mut chunk.levels)?;
                let mut streams = self.drawn_effects().zip(&mut effects);
                let score = || streams.next().map_or(0.0, |(stream, draws)| draws[lane].score(stream));
                self.effects(subject, score, &mut candidate.scores, &mut chunk.effects);
            }
        }
        Ok(chunk)
    }

    /// The streams of random effects, in order; none if they are not drawn.
    fn drawn_effects(&self) -> impl Iterator<Item = &Stream> {
        self.effects.iter().filter(|_| self.random_effects).flat_map(|block| &block.streams)
    }

    /// Random effects of a patient: `L z` for each block, of one score after the other. They are no part of
    /// eligibility, so they are drawn once.
    fn effects(
        &self,
        subject: Option<&Subject>,
        mut score: impl FnMut() -> f64,
        scores: &mut Vec<f64>,
        effects: &mut Vec<f64>,
    ) {
        let first = effects.len();
        for block in &self.effects {
            if !self.random_effects {
                effects.extend(std::iter::repeat_n(0.0, block.streams.len()));
                continue;
            }
            scores.clear();
            scores.extend(block.streams.iter().map(|_| score()));
            effects.extend((0..scores.len()).map(|i| dot(row(&block.factor, i), scores)));
        }
        let Some((data, subject)) = self.data.as_ref().zip(subject) else { return };
        for (i, effect) in effects[first..].iter_mut().enumerate() {
            *effect = data.given_effect(i).map_or(*effect, |given| subject.effects[given]);
        }
    }
}

/// Consecutive patients.
#[derive(Debug, Default)]
struct Chunk {
    /// `[patient][covariate]`
    covariates: Vec<f64>,
    /// `[patient][subgroup]`
    levels: Vec<f64>,
    /// `[patient][effect]`
    effects: Vec<f64>,
    attempts: Vec<u32>,
}

/// A patient while it is looked for.
struct Candidate {
    /// All covariates.
    values: Vec<f64>,
    /// Scores of the draws before they are mixed.
    scores: Vec<f64>,
    /// `[draw]`, of as many patients as are drawn side by side.
    draws: Vec<[SideBySide; LANES]>,
    /// Draws that each condition refused.
    refused: Vec<u32>,
    scratch: Vec<f64>,
}

impl Candidate {
    fn new(sampler: &Sampler) -> Self {
        Self {
            values: vec![0.0; sampler.covariates.len()],
            scores: Vec::new(),
            draws: Vec::with_capacity(sampler.draws.len()),
            refused: vec![0; sampler.conditions.len()],
            scratch: Vec::new(),
        }
    }

    /// Draws until the patient, who is at this place among those side by side, is eligible; the number of draws.
    fn find(
        &mut self,
        sampler: &Sampler,
        patient: u64,
        lane: usize,
        subject: Option<&Subject>,
    ) -> Result<u32, PopulationError> {
        self.refused.fill(0);
        let mut rows = sampler.rows.as_ref().map(|rows| (rows, rows.of_patient(patient)));
        for attempt in 1..=sampler.max_attempts {
            if let Some(subject) = subject {
                self.values[..subject.first.len()].copy_from_slice(&subject.first);
            } else if let Some((rows, next)) = &mut rows {
                let row = next().ok_or_else(|| rows.exhausted(patient))?;
                for (value, column) in self.values.iter_mut().zip(&rows.columns) {
                    *value = column.values[row];
                }
            }
            self.draw(sampler, lane);
            match sampler.conditions.iter().position(|condition| !self.meets(condition)) {
                Some(refusing) => self.refused[refusing] += 1,
                None => return self.finite(sampler, patient).map(|()| attempt),
            }
        }
        Err(self.nobody(sampler, patient))
    }

    fn draw(&mut self, sampler: &Sampler, lane: usize) {
        self.scores.clear();
        let draws = sampler.draws.iter().zip(&mut self.draws);
        self.scores.extend(draws.map(|(draw, draws)| draws[lane].score(&draw.stream)));
        for &i in &sampler.draw_order {
            let draw = &sampler.draws[i];
            let score = draw.mixing.iter().map(|&(from, weight)| weight * self.scores[from]).sum();
            self.values[draw.position] = draw.marginal.value(score, &self.values);
        }
        for (position, formula) in &sampler.derived {
            self.values[*position] = formula.value(&self.values, &mut self.scratch);
        }
    }

    fn meets(&mut self, condition: &Condition) -> bool {
        match &condition.test {
            Test::Between(position, [low, high]) => (*low..=*high).contains(&self.values[*position]),
            Test::Require(formula) => {
                let value = formula.value(&self.values, &mut self.scratch);
                value != 0.0 && !value.is_nan()
            }
        }
    }

    /// Adds the patient's level in every subgroup.
    fn levels(
        &mut self,
        sampler: &Sampler,
        patient: u64,
        levels: &mut Vec<f64>,
    ) -> Result<(), PopulationError> {
        for subgroup in &sampler.subgroups {
            let level = subgroup.level(&self.values, &mut self.scratch);
            if level.is_nan() {
                let (name, of) = (subgroup.name.clone(), subgroup.of.clone());
                return Err(PopulationError::NoLevel { patient, name, of });
            }
            levels.push(level);
        }
        Ok(())
    }

    fn finite(&self, sampler: &Sampler, patient: u64) -> Result<(), PopulationError> {
        let Some(position) = self.values.iter().position(|x| !x.is_finite()) else { return Ok(()) };
        let name = sampler.covariates[position].meta.name.clone();
        Err(PopulationError::NotFinite { patient, name, value: self.values[position] })
    }

    fn nobody(&self, sampler: &Sampler, patient: u64) -> PopulationError {
        let texts = sampler.conditions.iter().map(|condition| condition.text.clone());
        let mut refused: Vec<(String, u32)> =
            texts.zip(self.refused.iter().copied()).filter(|&(_, n)| n > 0).collect();
        refused.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        PopulationError::NobodyEligible { patient, attempts: sampler.max_attempts, refused }
    }
}
