//! The evaluability rule: a dose is declared that enough patients were seen at, and no other.

use serde::Serialize;

use super::design::Tally;

/// Which dose may be declared: the highest that is acceptable, with every lower dose that was treated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Evaluability {
    /// Patients evaluable at the end of the window, at least, and one in any case.
    pub evaluable: u32,
    /// Patients who received a second dose, at least; 0 does not ask for any.
    pub second_dose: u32,
    /// The observed rate of dose-limiting toxicity must be below it.
    pub rate_below: f64,
}

/// What a dose lacks to be declared: the first of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortfall {
    /// A patient.
    Treated,
    /// A lower dose that is acceptable.
    LowerDose,
    /// Patients evaluable at the end of the window.
    Evaluable,
    /// A low enough rate of dose-limiting toxicity.
    Tolerated,
    /// Patients with a second dose.
    SecondDose,
    /// Nothing.
    Nothing,
}

impl Shortfall {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Treated, Self::LowerDose, Self::Evaluable, Self::Tolerated, Self::SecondDose, Self::Nothing];

    /// What it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Treated => "not_treated",
            Self::LowerDose => "lower_dose_not_acceptable",
            Self::Evaluable => "too_few_evaluable",
            Self::Tolerated => "too_many_dlts",
            Self::SecondDose => "too_few_second_doses",
            Self::Nothing => "acceptable",
        }
    }
}

impl Evaluability {
    /// What each dose lacks, from the lowest. Doses below the first that was treated are passed over.
    pub fn shortfalls(self, tallies: &[Tally]) -> impl Iterator<Item = Shortfall> {
        let mut is_blocked = false;
        tallies.iter().map(move |&tally| {
            let shortfall = self.shortfall(tally, is_blocked);
            is_blocked |= !matches!(shortfall, Shortfall::Treated | Shortfall::Nothing);
            shortfall
        })
    }

    /// The highest acceptable dose.
    pub fn declare(self, tallies: &[Tally]) -> Option<usize> {
        let acceptable =
            self.shortfalls(tallies).enumerate().filter(|&(_, shortfall)| shortfall == Shortfall::Nothing);
        acceptable.last().map(|(dose, _)| dose)
    }

    fn shortfall(self, tally: Tally, is_blocked: bool) -> Shortfall {
        if tally.treated == 0 {
            Shortfall::Treated
        } else if is_blocked {
            Shortfall::LowerDose
        } else if tally.evaluable < self.evaluable.max(1) {
            Shortfall::Evaluable
        } else if tally.rate() >= self.rate_below {
            Shortfall::Tolerated
        } else if tally.second_dose < self.second_dose {
            Shortfall::SecondDose
        } else {
            Shortfall::Nothing
        }
    }
}
