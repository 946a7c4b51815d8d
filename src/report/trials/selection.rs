//! Which dose each design declares.

use super::super::figure::{Figure, Sheet};
use super::super::figures::percent;
use super::super::plot;
use super::{Facts, by_design, of_dose};
use crate::diagnostic::Problems;

/// Where no dose is declared.
const NONE: &str = "no dose";

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let doses = &facts.said.doses;
    let mut sheet = Sheet::new(["design", "trials", "no dose, %"]);
    sheet.columns.extend(doses.iter().map(|dose| format!("{dose}, %")));
    sheet.columns.extend(["largest standard error, %", "an overdose, %"].map(String::from));
    let below = [
        ("below the active dose, %", "declared_below_active_dose", facts.said.active_dose),
        ("below the static dose, %", "declared_below_static_dose", facts.said.static_dose),
    ];
    let below: Vec<_> = below.into_iter().filter(|(.., dose)| dose.is_some()).collect();
    sheet.columns.extend(below.iter().map(|(name, ..)| (*name).to_owned()));
    let mut bars = Vec::new();
    for design in &facts.said.designs {
        let of = |measure: &str, dose: Option<&str>| facts.value(&design.name, measure, dose);
        let declared = doses.iter().map(|dose| of("declared", Some(dose)));
        let shares: Vec<f64> = std::iter::once(of("none_declared", None)).chain(declared).collect();
        let errors = doses.iter().map(|dose| facts.error(&design.name, "declared", Some(dose)));
        let rest = [errors.fold(0.0, f64::max), of("declared_overdose", None)];
        let rest = rest.into_iter().chain(below.iter().map(|(_, measure, _)| of(measure, None)));
        let own = [design.name.clone(), facts.said.replicates.to_string()];
        sheet.row(own.into_iter().chain(shares.iter().copied().chain(rest).map(percent)));
        bars.push(shares.iter().map(|share| 100.0 * share).collect::<Vec<f64>>());
    }
    let mut parts = vec![(NONE.to_owned(), "#8a939c")];
    parts.extend(doses.iter().enumerate().map(|(i, dose)| (dose.clone(), of_dose(i, doses.len()))));
    let axes = plot::Axes { range: Some([0.0, 100.0]), ..by_design(facts, "trials, %") };
    let says = format!(
        "The dose that each design declares, in per cent of {} trials of each. An overdose has a dose-limiting toxicity in \
         more than a third of the patients.",
        facts.said.replicates
    );
    let svg = plot::stacked(&axes, &parts, &bars, &[]);
    Ok(Some(Figure { title: "Declared dose".into(), says, svg, sheet }))
}
