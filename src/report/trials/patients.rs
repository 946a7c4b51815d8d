//! How many patients each design treats at each dose, and how many have a dose-limiting toxicity.

use super::super::figure::{Figure, Sheet};
use super::super::plot;
use super::{Facts, by_design, of_dose};
use crate::diagnostic::Problems;

/// What is counted, and what it is called.
const COUNTED: [(&str, &str); 2] = [("treated", "patients"), ("dlts", "with a dose-limiting toxicity")];

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let doses = &facts.said.doses;
    let mut sheet = Sheet::new(["design", "mean of a trial", "all"]);
    sheet.columns.extend(doses.iter().cloned());
    sheet.columns.push("at an overdose".into());
    let parts: Vec<_> =
        doses.iter().enumerate().map(|(i, dose)| (dose.clone(), of_dose(i, doses.len()))).collect();
    let mut panels = Vec::new();
    for (measure, name) in COUNTED {
        let mut bars = Vec::new();
        for design in &facts.said.designs {
            let of = |measure: &str, dose: Option<&str>| facts.value(&design.name, measure, dose);
            let at_doses: Vec<f64> = doses.iter().map(|dose| of(measure, Some(dose))).collect();
            let overdosed = if measure == "treated" { of("overdosed", None) } else { f64::NAN };
            let numbers = [of(measure, None)].into_iter().chain(at_doses.iter().copied()).chain([overdosed]);
            let cells = numbers.map(|n| if n.is_nan() { "-".into() } else { format!("{n:.2}") });
            sheet.row([design.name.clone(), name.to_owned()].into_iter().chain(cells));
            bars.push(at_doses);
        }
        let axes = by_design(facts, "mean of a trial");
        panels.push((name.to_owned(), plot::stacked(&axes, &parts, &bars, &[])));
    }
    let says = "Patients of a trial by dose under each design, and those of them with a dose-limiting toxicity: means over all \
                trials. At an overdose more than a third of the patients have one."
        .to_owned();
    let svg = plot::panels(&panels);
    Ok(Some(Figure { title: "Patients and toxicity by dose".into(), says, svg, sheet }))
}
