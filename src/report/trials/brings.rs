//! What the declared dose brings to patients: toxicity, and response and exposure where the run is there.

use super::super::facts::Facts as RunFacts;
use super::super::figure::{Figure, Sheet};
use super::super::figures::exposure::measures;
use super::super::figures::percent;
use super::super::plot::{self, Mark, colour};
use super::{Facts, at, by_design};
use crate::cohort::columns::{DISEASE_CONTROL, RESPONSE};
use crate::diagnostic::Problems;
use crate::readable::number;

/// Measures of exposure that are shown.
const MEASURES: usize = 2;

/// Something at each dose.
struct AtDoses {
    name: String,
    unit: String,
    values: Vec<f64>,
}

impl AtDoses {
    /// Its mean over the trials of a design that declare a dose; NaN if none does, or if it is not known there.
    fn at_declared(&self, shares: &[f64]) -> f64 {
        let declared = shares.iter().zip(&self.values).filter(|(share, _)| **share > 0.0);
        let sum: f64 = declared.map(|(share, value)| share * value).sum();
        sum / shares.iter().sum::<f64>()
    }

    fn text(&self, value: f64) -> String {
        if self.unit == "%" { percent(value / 100.0) } else { number(value) }
    }
}

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let doses = &facts.said.doses;
    let toxicity = facts.said.toxicity.iter().map(|share| 100.0 * share).collect();
    let mut shares =
        vec![AtDoses { name: "dose-limiting toxicity".into(), unit: "%".into(), values: toxicity }];
    let mut exposures = Vec::new();
    if let Some(run) = &facts.run {
        let outcomes = [(RESPONSE, "response"), (DISEASE_CONTROL, "disease control")];
        shares.extend(outcomes.into_iter().filter_map(|(outcome, name)| share(run, doses, outcome, name)));
        exposures
            .extend(measures(run).into_iter().take(MEASURES).filter_map(|name| median(run, doses, name)));
    }
    let all = || shares.iter().chain(&exposures);
    let mut sheet = Sheet::new(["design", "dose", "trials, %"]);
    sheet.columns.extend(all().map(|of| format!("{}, {}", of.name, of.unit)));
    let mut of_designs = Vec::new();
    for design in &facts.said.designs {
        let declared: Vec<f64> =
            doses.iter().map(|dose| facts.value(&design.name, "declared", Some(dose))).collect();
        let cells = all().map(|of| of.text(of.at_declared(&declared)));
        let own = [design.name.clone(), "declared, mean".into(), percent(declared.iter().sum())];
        sheet.row(own.into_iter().chain(cells));
        of_designs.push(declared);
    }
    for (i, dose) in doses.iter().enumerate() {
        let own = ["any".to_owned(), dose.clone(), "-".into()];
        sheet.row(own.into_iter().chain(all().map(|of| of.text(of.values[i]))));
    }
    let points = |of: &AtDoses, which: usize| {
        let values = of_designs.iter().map(|shares| of.at_declared(shares)).enumerate();
        let known = values.filter(|(_, value)| value.is_finite());
        Mark::Symbols {
            points: known.map(|(design, value)| [at(design), value]).collect(),
            colour: colour(which),
            name: of.name.clone(),
            symbol: plot::Symbol::Circle,
        }
    };
    let marks: Vec<Mark> = shares.iter().enumerate().map(|(i, of)| points(of, [1, 2, 0][i % 3])).collect();
    let axes =
        plot::Axes { range: Some([0.0, 100.0]), ..by_design(facts, "patients at the declared dose, %") };
    let mut panels =
        vec![("Toxicity and benefit at the declared dose".to_owned(), plot::marks(&axes, &marks))];
    for (i, of) in exposures.iter().enumerate() {
        let axes = by_design(facts, format!("{}, {}", of.name, of.unit));
        panels.push((
            format!("Median of {} at the declared dose", of.name),
            plot::marks(&axes, &[points(of, i)]),
        ));
    }
    let of_run = if facts.run.is_some() {
        " Response and exposure are those of all patients of the run who could be solved."
    } else {
        ""
    };
    let says = format!(
        "What patients may expect at the dose that a design declares: the mean over its trials that declare one.{of_run} In \
         the table also what each dose brings."
    );
    let svg = plot::panels(&panels);
    Ok(Some(Figure { title: "What the declared dose brings".into(), says, svg, sheet }))
}

/// The share of patients with an outcome at each dose, in per cent.
fn share(run: &RunFacts, doses: &[String], outcome: &str, name: &str) -> Option<AtDoses> {
    let values =
        at_doses(run, doses, outcome, "proportion")?.into_iter().map(|share| 100.0 * share).collect();
    Some(AtDoses { name: name.into(), unit: "%".into(), values })
}

/// The median of a measure at each dose.
fn median(run: &RunFacts, doses: &[String], measure: &str) -> Option<AtDoses> {
    let unit = run.endpoint(measure)?.1.meta.unit.clone();
    Some(AtDoses { name: measure.into(), unit, values: at_doses(run, doses, measure, "p50")? })
}

fn at_doses(run: &RunFacts, doses: &[String], endpoint: &str, statistic: &str) -> Option<Vec<f64>> {
    let (position, _) = run.endpoint(endpoint)?;
    let at_dose = |dose: &String| {
        let arm = run.arms().iter().position(|arm| arm == dose)?;
        Some(run.of_all(arm, position, statistic)?.value)
    };
    doses.iter().map(at_dose).collect()
}
