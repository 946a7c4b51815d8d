//! The patients of a part, as the lanes see them.

use std::ops::Range;

use crate::engine::{FixedDose, Individuals};

/// Consecutive patients in every arm: items, `patient * arms + arm`, from 0 on.
#[derive(Debug)]
pub(crate) struct SubjectBatch<'a> {
    pub(crate) individuals: &'a Individuals,
    pub(crate) patients: Range<usize>,
    /// `[column][patient of the part]`
    pub(crate) columns: Vec<Vec<f64>>,
    pub(crate) arms: usize,
    /// Grid points of the plan.
    pub(crate) points: usize,
    /// Planned doses of an arm.
    pub(crate) doses: usize,
}

impl SubjectBatch<'_> {
    pub(crate) fn items(&self) -> usize {
        self.patients.len() * self.arms
    }

    pub(crate) fn arm(&self, item: usize) -> usize {
        item % self.arms
    }

    /// Position of an item's patient in the part.
    pub(crate) fn patient(&self, item: usize) -> usize {
        item / self.arms
    }

    /// A value of an item's patient.
    pub(crate) fn value(&self, column: usize, item: usize) -> f64 {
        self.columns[column][self.patient(item)]
    }

    /// The score of a residual line at an observation time; 0 elsewhere.
    pub(crate) fn score(&self, item: usize, point: Option<usize>, line: usize) -> f64 {
        let Some(point) = point else { return 0.0 };
        let lines = self.individuals.residuals.len() / (self.individuals.count * self.points).max(1);
        let patient = self.patients.start + self.patient(item);
        let scores = self.individuals.residuals.get((patient * self.points + point) * lines..);
        scores.and_then(|scores| scores.get(line)).copied().unwrap_or(0.0)
    }

    /// The doses that an item gets whatever is decided, if there are such.
    pub(crate) fn fixed_doses(&self, item: usize) -> Option<&[FixedDose]> {
        let first = (self.patients.start * self.arms + item) * self.doses;
        self.individuals.fixed_doses.as_ref().and_then(|doses| doses.get(first..first + self.doses))
    }

    /// Whether items have bounds of their steps.
    pub(crate) fn has_bounded_steps(&self) -> bool {
        self.individuals.longest_steps.is_some()
    }

    /// The longest step that an item may take, in model time.
    pub(crate) fn longest_step(&self, item: usize) -> f64 {
        let steps = self.individuals.longest_steps.as_ref();
        let own = steps.and_then(|steps| steps.get(self.patients.start * self.arms + item));
        own.copied().unwrap_or(f64::INFINITY)
    }
}
