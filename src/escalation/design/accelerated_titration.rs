//! Accelerated titration, design 2 of R. Simon et al., "Accelerated titration designs for phase I clinical
//! trials in oncology", Journal of the National Cancer Institute 89 (1997) 1138-1147: one patient at each dose
//! until the first dose-limiting toxicity or so many moderate ones, of all doses together; then the dose is
//! filled up to three patients, and the trial goes on as 3+3.

use super::three_plus_three::ThreePlusThree;
use super::{Cohort, Design, Seen};

/// Accelerated titration, then 3+3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceleratedTitration {
    /// How it goes on.
    pub then: ThreePlusThree,
    /// Patients with moderate toxicities that end the acceleration.
    pub moderate: u32,
}

impl Design for AcceleratedTitration {
    fn next(&self, seen: &Seen) -> Option<Cohort> {
        let one_at = |dose| Some(Cohort { dose, patients: 1 });
        let Some(dose) = seen.current else { return one_at(self.then.start) };
        let dlts: u32 = seen.tallies.iter().map(|tally| tally.dlts).sum();
        let moderate: u32 = seen.tallies.iter().map(|tally| tally.moderate).sum();
        if dlts > 0 || moderate >= self.moderate {
            return self.then.next(seen);
        }
        match seen.tallies[dose].evaluable {
            0 => one_at(dose),
            _ if dose + 1 < seen.tallies.len() => one_at(dose + 1),
            _ => self.then.next(seen),
        }
    }

    fn declare(&self, seen: &Seen) -> Option<usize> {
        self.then.declare(seen)
    }
}
