//! Designs that decide by the counts at the present dose alone: BOIN, mTPI-2, and tables as they are given.

use super::beta::Elimination;
use super::decision_table::{DecisionTable, Move};
use super::kind::Checked;
use super::{Cohorts, Design, DoseCohort, TrialData, isotonic};

/// A design with a decision table.
#[derive(Debug, Clone, PartialEq)]
pub struct ByTable {
    /// First dose and size.
    pub cohorts: Cohorts,
    /// The table.
    pub table: DecisionTable,
    /// Whether it is all that is known, so that no dose gets more patients than its largest number; else it goes
    /// as far as any trial.
    pub is_given: bool,
    /// Probability of toxicity at the dose that is declared, or the nearest to it.
    pub target: f64,
    /// A stricter rule for the lowest dose, which ends the trial.
    pub extra_safe: Option<Elimination>,
}

impl Checked {
    /// Of a design that has a decision table.
    pub(super) fn by_table(design: ByTable) -> Self {
        Self { table: Some(design.table.clone()), ..Self::of(design) }
    }
}

impl ByTable {
    /// The lowest dose that is closed.
    fn closed(&self, seen: &TrialData) -> Option<usize> {
        let is_closed = |dose: &usize| self.decision(seen, *dose) == Move::Eliminate;
        let lowest = seen.tallies[0];
        let is_unsafe =
            self.extra_safe.is_some_and(|rule| rule.closes(self.target, lowest.dlts, lowest.evaluable));
        if is_unsafe { Some(0) } else { (0..seen.tallies.len()).find(is_closed) }
    }

    fn decision(&self, seen: &TrialData, dose: usize) -> Move {
        let tally = seen.tallies[dose];
        self.table.decision(tally.dlts, tally.evaluable).unwrap_or(Move::Stay)
    }
}

impl Design for ByTable {
    fn next(&self, seen: &TrialData) -> Option<DoseCohort> {
        let Some(dose) = seen.current else { return self.cohorts.at(self.cohorts.start) };
        let open = self.closed(seen).unwrap_or(seen.tallies.len());
        let next = match self.decision(seen, dose) {
            Move::Escalate if dose + 1 < open => dose + 1,
            Move::DeEscalate | Move::Eliminate if dose > 0 => dose - 1,
            _ => dose,
        };
        let room = self.table.largest().saturating_sub(seen.tallies[next].evaluable);
        let patients = if self.is_given { self.cohorts.size.min(room) } else { self.cohorts.size };
        (next < open && patients > 0).then_some(DoseCohort { dose: next, patients })
    }

    /// As `n.earlystop` of the R package BOIN: enough at the present dose, where the trial would stay, by its
    /// decision or because it cannot move.
    fn has_enough(&self, seen: &TrialData, next: DoseCohort, enough: u32) -> bool {
        seen.current == Some(next.dose) && seen.tallies[next.dose].evaluable >= enough
    }

    fn declare(&self, seen: &TrialData) -> Option<usize> {
        let open = self.closed(seen).unwrap_or(seen.tallies.len());
        isotonic::nearest(&seen.tallies[..open], self.target)
    }
}
