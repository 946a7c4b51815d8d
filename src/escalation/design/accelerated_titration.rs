//! Accelerated titration, design 2 of R. Simon et al., "Accelerated titration designs for phase I clinical
//! trials in oncology", Journal of the National Cancer Institute 89 (1997) 1138-1147: one patient at each dose
//! until the first dose-limiting toxicity or so many moderate ones, of all doses together; then the dose is
//! filled up to three patients, and the trial goes on as 3+3.

use schemars::JsonSchema;
use serde::Deserialize;

use super::kind::{
    Checked, DesignFileText, DesignKind, Moderate, PatientRules, Scope, Text, Whole, count, shipped,
};
use super::three_plus_three::ThreePlusThree;
use super::{Design, DoseCohort, TrialData};
use crate::cohort::Spanned;
use crate::cohort::report::Report;

/// Patients with a moderate toxicity that end the acceleration, and the grade of one: Simon et al. (1997).
const MODERATE: [u32; 2] = [2, 2];
/// The window of the first cycle, as cohort files call it.
const WINDOW: &str = "c1";
/// The highest grade that a patient survives.
const HIGHEST_GRADE: u32 = 4;

/// Accelerated titration, then 3+3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceleratedTitration {
    /// How it goes on.
    pub then: ThreePlusThree,
    /// Patients with moderate toxicities that end the acceleration.
    pub moderate: u32,
}

/// Accelerated titration, then 3+3.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct AcceleratedTitrationTable {
    /// Patients with a moderate toxicity that end the acceleration; one with a dose-limiting toxicity does.
    /// Default: 2.
    moderate: Option<Whole>,
    /// A moderate toxicity is a term of the run's [grades] at least of this grade, worse than before the first
    /// dose. Default: 2.
    grade: Option<Whole>,
    /// The window of [grades] in which it is looked for. Default: `"c1"`, if the run has it.
    window: Option<Text>,
    /// As of `three_plus_three`. Default: true.
    de_escalate: Option<bool>,
}

impl DesignKind for AcceleratedTitration {
    type Table = AcceleratedTitrationTable;
    const NAME: &'static str = "accelerated_titration";
    const DOC: &'static str = "Accelerated titration, then 3+3.";
    const STANDARD: &'static [DesignFileText] = &[shipped!("accelerated_titration.toml")];
    const PATIENTS: PatientRules = PatientRules { are_its_own: true, ..PatientRules::USUAL };

    fn check(
        table: &Spanned<AcceleratedTitrationTable>,
        scope: &Scope<'_>,
        report: &mut Report,
    ) -> Option<Checked> {
        let table = &table.value;
        let grade = table.grade.as_ref();
        let grade = grade.map_or(Some(MODERATE[1]), |grade| report.count("grade", grade, [1, HIGHEST_GRADE]));
        let window = table.window.as_ref().map_or(WINDOW, |window| &window.value).to_owned();
        let is_named = table.window.is_some();
        let de_escalate = table.de_escalate.unwrap_or(true);
        let then = ThreePlusThree { start: scope.cohorts.start, de_escalate };
        let moderate = count("moderate", &table.moderate, MODERATE[0], report)?;
        let moderate_is = Moderate { grade: grade?, window, is_named };
        Some(Checked { moderate: Some(moderate_is), ..Checked::of(Self { then, moderate }) })
    }
}

impl Design for AcceleratedTitration {
    fn next(&self, seen: &TrialData) -> Option<DoseCohort> {
        let one_at = |dose| Some(DoseCohort { dose, patients: 1 });
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

    fn declare(&self, seen: &TrialData) -> Option<usize> {
        self.then.declare(seen)
    }
}
