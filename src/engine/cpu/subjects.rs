//! The patients of a part, as the lanes see them.

use std::ops::Range;

use crate::engine::itinerary::{Itinerary, itinerary};
use crate::engine::program::Lowered;
use crate::engine::schedule::BadDose;
use crate::engine::{FixedDose, Individuals, Records};

/// Consecutive patients in every arm: items, `patient * arms + arm`, from 0 on.
#[derive(Debug)]
pub(crate) struct SubjectBatch<'a> {
    pub(crate) individuals: &'a Individuals,
    pub(crate) patients: Range<usize>,
    /// `[column][patient of the part]`; `[column][row of the part]` of a data set.
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

    /// The first of the individual values of an item's patient, by their position in a column.
    pub(crate) fn first_row(&self, item: usize) -> usize {
        let patient = self.patients.start + self.patient(item);
        match &self.individuals.records {
            Some(records) => records.rows(self.patients.start..patient).len(),
            None => self.patient(item),
        }
    }

    /// An individual value that an item's patient begins with, by its slot.
    pub(crate) fn slot(&self, slot: usize, item: usize) -> f64 {
        let first =
            self.records().map_or(self.patients.start, |records| records.rows(0..self.patients.start).len());
        self.individuals.slots[slot][first + self.first_row(item)]
    }

    /// The patients' records, if they are of a data set.
    pub(crate) fn records(&self) -> Option<&Records> {
        self.individuals.records.as_ref()
    }

    /// What happens to an item's patient, if it is of a data set.
    pub(crate) fn itinerary(&self, lowered: &Lowered, item: usize) -> Result<Option<Itinerary>, BadDose> {
        let Some(records) = self.records() else { return Ok(None) };
        let patient = self.patients.start + self.patient(item);
        itinerary(lowered, records, patient, &self.columns, self.first_row(item)).map(Some)
    }

    /// Where the values of an item that are read lie among those of the part, by reading; those of a cohort have
    /// `points` each.
    pub(crate) fn readings(&self, item: usize, points: usize) -> Range<usize> {
        let patient = self.patients.start + self.patient(item);
        match self.records() {
            Some(records) => {
                let first = records.readings(self.patients.start..patient).len();
                first..first + records.readings(patient..patient + 1).len()
            }
            None => item * points..(item + 1) * points,
        }
    }

    /// The score of a residual line at an observation time; 0 elsewhere.
    pub(crate) fn score(&self, item: usize, point: Option<usize>, line: usize) -> f64 {
        let Some(point) = point else { return 0.0 };
        let patient = self.patients.start + self.patient(item);
        let (first, points) = match self.records() {
            Some(records) => {
                (records.readings(0..patient).len(), records.readings(0..self.individuals.count).len())
            }
            None => (patient * self.points, self.individuals.count * self.points),
        };
        let lines = self.individuals.residuals.len() / points.max(1);
        let scores = self.individuals.residuals.get((first + point) * lines..);
        scores.and_then(|scores| scores.get(line)).copied().unwrap_or(0.0)
    }

    /// The doses that an item gets whatever is decided, if there are such.
    pub(crate) fn fixed_doses(&self, item: usize) -> Option<&[FixedDose]> {
        let first = (self.patients.start * self.arms + item) * self.doses;
        self.individuals.fixed_doses.as_ref().and_then(|doses| doses.get(first..first + self.doses))
    }

    /// Whether items get doses whatever is decided.
    pub(crate) fn has_fixed_doses(&self) -> bool {
        self.individuals.has_fixed_doses()
    }

    /// Whether an item need not be solved.
    pub(crate) fn is_left_out(&self, item: usize) -> bool {
        let items = self.individuals.left_out.as_ref();
        items.is_some_and(|items| items[self.patients.start * self.arms + item])
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
