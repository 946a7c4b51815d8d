//! Dose-escalation designs: who is treated next, and which dose is declared at the end.
//!
//! A design sees counts and nothing else. Each is one file with its paper; a new one is a new file, and a line
//! in [`settings`](super::settings).

pub mod accelerated_titration;
pub mod beta;
pub mod blrm;
pub mod boin;
pub mod by_table;
pub mod crm;
pub mod decision_table;
pub mod fixed;
pub mod isotonic;
mod memo;
pub mod mtpi2;
mod posterior;
pub mod skeleton;
pub mod three_plus_three;

use std::fmt::Debug;

/// Patients at one dose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Tally {
    /// Who were treated.
    pub treated: u32,
    /// Of them, who had a dose-limiting toxicity, or stayed to the end of its window.
    pub evaluable: u32,
    /// Of them, who had a dose-limiting toxicity.
    pub dlts: u32,
    /// Who had a moderate toxicity or a dose-limiting one, where a design asks for it.
    pub moderate: u32,
    /// Who received a second dose.
    pub second_dose: u32,
}

impl Tally {
    /// Proportion of evaluable patients with a dose-limiting toxicity; NaN without patients.
    pub fn rate(self) -> f64 {
        f64::from(self.dlts) / f64::from(self.evaluable)
    }
}

/// What has been seen in a trial when a cohort is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Patients at each dose, from the lowest.
    pub tallies: Vec<Tally>,
    /// The dose of the last cohort; none before the first.
    pub current: Option<usize>,
    /// Patients of the last cohort alone.
    pub last: Tally,
}

impl Seen {
    /// Nobody yet.
    pub fn nobody(doses: usize) -> Self {
        Self { tallies: vec![Tally::default(); doses], current: None, last: Tally::default() }
    }

    /// The highest dose of which something is known: that has an evaluable patient.
    pub fn highest_known(&self) -> Option<usize> {
        self.tallies.iter().rposition(|tally| tally.evaluable > 0)
    }
}

/// Patients to be treated next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohort {
    /// At which dose, from 0.
    pub dose: usize,
    /// How many, at least 1.
    pub patients: u32,
}

/// A dose-escalation design.
pub trait Design: Debug + Send + Sync {
    /// The next cohort; none ends the trial.
    fn next(&self, seen: &Seen) -> Option<Cohort>;

    /// The dose that is declared the maximum tolerated one when the trial ends; none if no dose is tolerable, or
    /// nothing is known of any.
    fn declare(&self, seen: &Seen) -> Option<usize>;

    /// Whether so many evaluable patients at a dose end the trial before the next cohort: if they are at its dose.
    fn has_enough(&self, seen: &Seen, next: Cohort, enough: u32) -> bool {
        seen.tallies[next.dose].evaluable >= enough
    }
}

/// Where a trial begins, and by how many patients it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohorts {
    /// The dose of the first cohort, from 0.
    pub start: usize,
    /// Patients in a cohort.
    pub size: u32,
}

impl Cohorts {
    /// A cohort at a dose.
    fn at(self, dose: usize) -> Option<Cohort> {
        Some(Cohort { dose, patients: self.size })
    }
}
