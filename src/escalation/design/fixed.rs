//! Cohorts of a fixed size in sequence, one at each dose from the first up, with an evaluability rule for the
//! dose that is declared. So the trial of aprutumab ixadotin was laid out: S. B. Kim et al., Targeted Oncology
//! 14 (2019) 591-601; its declared dose came "due to shortfall of quantitative data following discontinuations".

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::evaluability::Evaluability;
use super::kind::{
    Checked, DesignFileText, DesignKind, MOST_PATIENTS, Number, PatientRules, Scope, Whole, count,
    probability, shipped,
};
use super::{Cohorts, Design, DoseCohort, TrialData};
use crate::cohort::Spanned;
use crate::cohort::report::Report;
use crate::cohort::value::{Fraction, fraction};

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

/// Cohorts in sequence, one at each dose.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct FixedTable {
    /// The observed rate of dose-limiting toxicity from which on no higher dose is opened. Default: none.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    stop_at: Option<Number>,
    /// Evaluable patients at the dose that is declared, at least. Default: 3.
    evaluable: Option<Whole>,
    /// Whether patients with a second dose are asked for. Default: true.
    require_cycle_2: Option<bool>,
    /// Patients with a second dose, at least. Default: 2.
    second_dose: Option<Whole>,
    /// The observed rate of dose-limiting toxicity must be below it. Default: 1/3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    rate_below: Option<Number>,
}

impl DesignKind for Fixed {
    type Table = FixedTable;
    const NAME: &'static str = "fixed";
    const DOC: &'static str = "Cohorts in sequence, and an evaluability rule.";
    const STANDARD: &'static [DesignFileText] = &[shipped!("fixed.toml")];
    const PATIENTS: PatientRules =
        PatientRules { cohort: 4, maximum: 20, replaced: Some(1), are_its_own: false };

    fn check(table: &Spanned<FixedTable>, scope: &Scope<'_>, report: &mut Report) -> Option<Checked> {
        let table = &table.value;
        let stop_at = table.stop_at.is_some().then(|| probability("stop_at", &table.stop_at, 0.0, report));
        let second_dose = count("second_dose", &table.second_dose, 2, report)?;
        let rule = Evaluability {
            evaluable: table
                .evaluable
                .as_ref()
                .map_or(Some(3), |number| report.count("evaluable", number, [1, MOST_PATIENTS]))?,
            second_dose: if table.require_cycle_2.unwrap_or(true) { second_dose } else { 0 },
            rate_below: probability("rate_below", &table.rate_below, 1.0 / 3.0, report)?,
        };
        let stop_at = match stop_at {
            Some(rate) => Some(rate?),
            None => None,
        };
        let design = Self { cohorts: scope.cohorts, stop_at, rule };
        Some(Checked { evaluability: Some(rule), ..Checked::of(design) })
    }
}

impl Design for Fixed {
    fn next(&self, seen: &TrialData) -> Option<DoseCohort> {
        let Some(dose) = seen.current else { return self.cohorts.at(self.cohorts.start) };
        let is_too_toxic = self.stop_at.is_some_and(|most| seen.tallies[dose].rate() >= most);
        if is_too_toxic || dose + 1 == seen.tallies.len() { None } else { self.cohorts.at(dose + 1) }
    }

    fn declare(&self, seen: &TrialData) -> Option<usize> {
        self.rule.declare(&seen.tallies)
    }
}
