//! Uncertainty of typical values, and what is compared between scenarios.

use super::super::compare::{
    Compare, ControlDose, StaticDose, Step, StepOf, UncertainParameter, UncertainScale, Uncertainty,
    whole_percent,
};
use super::super::raw::{
    CompareTable, Number, ScenarioTable, SpreadTable, Text, UncertaintyTable, WaterfallTable,
};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::{Entries, Spanned};
use super::super::{Cohort, ScenarioError, distribution};
use super::errors::CompareTableError;
use super::general;
use super::modify::{self, ArmDoses};
use crate::diagnostic::{Problem, did_you_mean};

/// The most replicates: each is a run of its own.
const MAX_REPLICATES: u32 = 10_000;
/// The probability of a dose-limiting toxicity at the maximum tolerated dose, where none is given.
const MTD: f64 = 0.30;

pub(super) fn uncertainty(table: &Spanned<UncertaintyTable>, report: &mut Report) -> Option<Uncertainty> {
    let section = Section::new("uncertainty", &table.span);
    let UncertaintyTable { replicates, patients, parameters } = &table.value;
    let replicates = report.required("replicates", replicates, &section);
    let replicates = replicates.and_then(|n| report.count("replicates", n, [1, MAX_REPLICATES]));
    let patients = patients.as_ref().and_then(|n| general::patients(n, report));
    let entries = report.required("parameters", parameters, &section)?;
    if entries.value.0.is_empty() {
        report.add(&entries.span, KeyError::Empty { key: "parameters" });
    }
    let parameters =
        entries.value.0.iter().filter_map(|(name, table)| parameter(name, table, report)).collect();
    Some(Uncertainty { replicates: replicates?, patients, parameters })
}

fn parameter(name: &Text, table: &Spanned<SpreadTable>, report: &mut Report) -> Option<UncertainParameter> {
    report.name(name);
    let (key, cv, scale) = match (&table.value.cv, &table.value.log_cv) {
        (Some(_), Some(log_cv)) => {
            report.conflict(&log_cv.span, "cv", "log_cv");
            return None;
        }
        (Some(cv), None) => ("cv", cv, UncertainScale::Natural),
        (None, Some(cv)) => ("log_cv", cv, UncertainScale::Exponential),
        (None, None) => {
            report.add_if_complete(&table.span, CompareTableError::NoSpread { name: name.value.clone() });
            return None;
        }
    };
    let log_sd = distribution::log_sd(report.spread(key, cv)?);
    Some(UncertainParameter { name: name.clone(), scale, log_sd })
}

/// What a comparison may name.
pub(super) struct Known<'a> {
    pub(super) scenarios: Option<&'a Entries<Spanned<ScenarioTable>>>,
    /// The arms' doses.
    pub(super) doses: ArmDoses,
}

pub(super) fn check(table: &Spanned<CompareTable>, known: &Known, report: &mut Report) -> Option<Compare> {
    let names: Vec<Text> =
        known.scenarios.iter().flat_map(|entries| &entries.0).map(|(name, _)| name.clone()).collect();
    if names.is_empty() {
        report.add_if_complete(&table.span, CompareTableError::NoScenarios);
        return None;
    }
    let CompareTable { base, scenarios, mtd, still, control, waterfall } = &table.value;
    let base = there(base, &names, report);
    let scenarios = match scenarios {
        Some(scenarios) => chosen(scenarios, &names, report),
        None => names.clone(),
    };
    let mtd = match mtd {
        Some(mtd) => levels(mtd, report),
        None => vec![MTD],
    };
    let static_dose = still.as_ref().and_then(|table| {
        let section = Section::new("compare.static", &table.span);
        let scenario = there(&table.value.scenario, &names, report);
        let endpoint = report.required("endpoint", &table.value.endpoint, &section)?.clone();
        Some(StaticDose { scenario, endpoint })
    });
    let control = control.as_ref().and_then(|table| {
        let section = Section::new("compare.control", &table.span);
        let scenario = there(&table.value.scenario, &names, report);
        let proportion = report.required("proportion", &table.value.proportion, &section)?;
        self::proportion("proportion", proportion, report)?;
        Some(ControlDose { scenario, proportion: proportion.clone() })
    });
    let compared: Vec<&Text> = base.iter().chain(&scenarios).collect();
    let mut steps = Vec::new();
    for table in waterfall.iter().flatten() {
        let Some(step) = step(table, &names, &known.doses, report) else { continue };
        if let StepOf::Scenario(name) = &step.of
            && names.iter().any(|known| known.value == name.value)
            && !compared.iter().any(|compared| compared.value == name.value)
        {
            report.add(&name.span, CompareTableError::NotCompared { name: name.value.clone() });
        }
        steps.push(step);
    }
    Some(Compare { base, scenarios, mtd, static_dose, control, waterfall: steps })
}

/// Checks that a scenario that is named is there.
fn there(name: &Option<Text>, names: &[Text], report: &mut Report) -> Option<Text> {
    let name = name.as_ref()?;
    if !names.iter().any(|known| known.value == name.value) {
        let known = names.iter().map(|name| name.value.clone()).collect();
        report.add_if_complete(&name.span, ScenarioError::Unknown { name: name.value.clone(), known });
    }
    Some(name.clone())
}

/// The scenarios that are run, each once, at least one.
fn chosen(list: &Spanned<Vec<Text>>, names: &[Text], report: &mut Report) -> Vec<Text> {
    if list.value.is_empty() {
        report.add(&list.span, KeyError::Empty { key: "scenarios" });
    }
    for (i, name) in list.value.iter().enumerate() {
        there(&Some(name.clone()), names, report);
        if list.value[..i].iter().any(|other| other.value == name.value) {
            report.add(&name.span, KeyError::Twice { key: "scenarios", name: name.value.clone() });
        }
    }
    list.value.clone()
}

/// The probabilities of the maximum tolerated doses.
fn levels(list: &Spanned<Vec<Number>>, report: &mut Report) -> Vec<f64> {
    if list.value.is_empty() {
        report.add(&list.span, KeyError::Empty { key: "mtd" });
    }
    let mut levels: Vec<f64> = Vec::new();
    for number in &list.value {
        let Some(second) = proportion("mtd", number, report) else { continue };
        let percent = whole_percent(second);
        if let Some(&first) = levels.iter().find(|&&level| whole_percent(level) == percent) {
            report.add(&number.span, CompareTableError::SamePercent { first, second });
        }
        levels.push(second);
    }
    levels
}

/// A number above 0 and at most 1.
fn proportion(key: &'static str, number: &Number, report: &mut Report) -> Option<f64> {
    report.positive(key, number)?;
    report.within(key, number, [0.0, 1.0])
}

fn step(
    table: &Spanned<WaterfallTable>,
    names: &[Text],
    arms: &ArmDoses,
    report: &mut Report,
) -> Option<Step> {
    let WaterfallTable { scenario, dose, label } = &table.value;
    let (of, written) = match (scenario, dose) {
        (Some(_), Some(dose)) => {
            report.conflict(&dose.span, "scenario", "dose");
            return None;
        }
        (Some(name), None) => (StepOf::Scenario(there(scenario, names, report)?), name),
        (None, Some(dose)) => (StepOf::Dose(modify::of_arms_kind(dose, arms, report)?), dose),
        (None, None) => {
            report.add_if_complete(&table.span, CompareTableError::NoStep);
            return None;
        }
    };
    Some(Step { of, label: label.as_ref().unwrap_or(&written.value).clone() })
}

/// What a comparison asks of a scenario that this does not have. Scenarios that are not among the cohorts
/// are wrong in themselves, which has been said.
pub(in crate::cohort) fn across_scenarios(file: &Cohort, scenarios: &[Cohort]) -> Vec<Problem> {
    let named = |name: &Option<Text>| match name {
        None => Some((file, "the file itself".to_owned())),
        Some(name) => {
            let found = scenarios.iter().find(|cohort| cohort.scenario.as_ref() == Some(&name.value));
            found.map(|cohort| (cohort, format!("scenario `{}`", name.value)))
        }
    };
    let mut problems = Vec::new();
    let Some(compare) = &file.compare else { return problems };
    if let Some(StaticDose { scenario, endpoint }) = &compare.static_dose
        && let Some((cohort, scenario)) = named(scenario)
    {
        let mut names = cohort.endpoints.iter().map(|known| known.name.value.as_str());
        if !names.clone().any(|name| name == endpoint.value) {
            let near = did_you_mean(&endpoint.value, names.by_ref());
            let cause = CompareTableError::NoEndpoint { scenario, endpoint: endpoint.value.clone(), near };
            problems.push(Problem::at(cause, file.place(&endpoint.span)));
        }
    }
    if let Some(ControlDose { scenario, proportion }) = &compare.control
        && let Some((cohort, scenario)) = named(scenario)
        && cohort.response.is_none()
    {
        problems.push(Problem::at(CompareTableError::NoResponse { scenario }, file.place(&proportion.span)));
    }
    problems
}
