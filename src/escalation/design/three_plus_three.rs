//! The 3+3 design: B. E. Storer, "Design and analysis of phase I clinical trials", Biometrics 45 (1989)
//! 925-937.
//!
//! Three patients are treated. With no dose-limiting toxicity the dose goes up; with one, three more are
//! treated, and it goes up if there is still only one; with two or more the dose is too toxic. The highest
//! dose that is not is declared: at once in the plain design, even if only three patients had it; else after
//! six, of whom at most one had a toxicity. The highest dose of all is declared with none of three.

use schemars::JsonSchema;
use serde::Deserialize;

use super::kind::{Checked, DesignFileText, DesignKind, PatientRules, Scope, shipped};
use super::{Design, DoseCohort, Tally, TrialData};
use crate::cohort::Spanned;
use crate::cohort::report::Report;

/// The first patients at a dose.
const FIRST: u32 = 3;
/// The patients with whom a dose is decided.
const ALL: u32 = 6;

/// The 3+3 design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreePlusThree {
    /// The dose of the first cohort.
    pub start: usize,
    /// Whether a dose reached from above is treated up to six patients before it is declared.
    pub de_escalate: bool,
}

/// 3+3.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct ThreePlusThreeTable {
    /// Whether a dose reached from above is treated up to six patients before it is declared. Default: false.
    de_escalate: Option<bool>,
}

impl DesignKind for ThreePlusThree {
    type Table = ThreePlusThreeTable;
    const NAME: &'static str = "three_plus_three";
    const DOC: &'static str = "3+3.";
    const STANDARD: &'static [DesignFileText] =
        &[shipped!("three_plus_three.toml"), shipped!("three_plus_three_six.toml")];
    const PATIENTS: PatientRules = PatientRules { are_its_own: true, ..PatientRules::USUAL };

    fn check(table: &Spanned<ThreePlusThreeTable>, scope: &Scope<'_>, _: &mut Report) -> Option<Checked> {
        let de_escalate = table.value.de_escalate.unwrap_or(false);
        Some(Checked::of(Self { start: scope.cohorts.start, de_escalate }))
    }
}

impl Design for ThreePlusThree {
    fn next(&self, seen: &TrialData) -> Option<DoseCohort> {
        let Some(dose) = seen.current else { return Some(DoseCohort { dose: self.start, patients: FIRST }) };
        let tally = seen.tallies[dose];
        if is_too_toxic(tally) {
            return self.next_below(seen, dose);
        }
        let is_reached_from_above = seen.tallies[dose + 1..].iter().any(|above| above.treated > 0);
        let decisive = if tally.dlts == 1 || is_reached_from_above { ALL } else { FIRST };
        if tally.evaluable < decisive {
            return filled(seen, dose, decisive);
        }
        let is_highest = dose + 1 == seen.tallies.len();
        (!is_reached_from_above && !is_highest).then_some(DoseCohort { dose: dose + 1, patients: FIRST })
    }

    fn declare(&self, seen: &TrialData) -> Option<usize> {
        let lowest_too_toxic = seen.tallies.iter().position(|&tally| is_too_toxic(tally));
        seen.tallies[..lowest_too_toxic.unwrap_or(seen.tallies.len())].iter().rposition(is_acceptable)
    }
}

impl ThreePlusThree {
    /// After a dose that is too toxic.
    fn next_below(&self, seen: &TrialData, dose: usize) -> Option<DoseCohort> {
        let below = dose.checked_sub(1)?;
        let treated = seen.tallies[below].evaluable;
        let is_enough = if self.de_escalate { treated >= ALL } else { treated >= FIRST };
        if is_enough { None } else { filled(seen, below, ALL) }
    }
}

/// Patients up to the first three, or from there up to so many.
fn filled(seen: &TrialData, dose: usize, up_to: u32) -> Option<DoseCohort> {
    let there = seen.tallies[dose].evaluable;
    let up_to = if there < FIRST { FIRST } else { up_to };
    Some(DoseCohort { dose, patients: up_to - there })
}

fn is_too_toxic(tally: Tally) -> bool {
    tally.dlts >= 2
}

/// None of three, or one of six.
fn is_acceptable(tally: &Tally) -> bool {
    match tally.dlts {
        0 => tally.evaluable >= FIRST,
        1 => tally.evaluable >= ALL,
        _ => false,
    }
}
