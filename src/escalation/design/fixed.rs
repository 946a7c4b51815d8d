//! Cohorts of a fixed size in sequence, one at each dose from the first up, with an evaluability rule for the
//! dose that is declared. So the trial of aprutumab ixadotin was laid out: S. B. Kim et al., Targeted Oncology
//! 14 (2019) 591-601; its declared dose came "due to lack of quantitative data following discontinuations".

use super::super::evaluability::Evaluability;
use super::{Cohort, Cohorts, Design, Seen};

/// Fixed cohorts in sequence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fixed {
    /// First dose and size.
    pub cohorts: Cohorts,
    /// The observed rate of dose-limiting toxicity from which on no higher dose is opened, if there is one.
    pub stop_at: Option<f64>,
    /// Which dose is declared.
    pub rule: Evaluability,
}

impl Design for Fixed {
    fn next(&self, seen: &Seen) -> Option<Cohort> {
        let Some(dose) = seen.current else { return self.cohorts.at(self.cohorts.start) };
        let is_too_toxic = self.stop_at.is_some_and(|most| seen.tallies[dose].rate() >= most);
        if is_too_toxic || dose + 1 == seen.tallies.len() { None } else { self.cohorts.at(dose + 1) }
    }

    fn declare(&self, seen: &Seen) -> Option<usize> {
        self.rule.declare(&seen.tallies)
    }
}
