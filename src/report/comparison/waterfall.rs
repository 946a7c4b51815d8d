//! What each step from one scenario to the next costs.

use std::collections::BTreeMap;

use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes};
use super::super::rows::Row;
use super::Facts;
use crate::diagnostic::Problems;
use crate::readable::number;

/// Columns of a step that are no dose.
const OTHERS: [&str; 6] = ["step", "label", "scenario", "index", "change", "factor"];

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let mut steps: Vec<(String, String, [f64; 3])> = Vec::new();
    facts.rows(
        "waterfall",
        ["label", "scenario"],
        ["index", "change", "factor"],
        |Row { labels, numbers }| {
            let [label, scenario] = labels.map(String::from);
            steps.push((label, scenario, numbers));
        },
    )?;
    if steps.is_empty() {
        return Ok(None);
    }
    let mut columns = facts.columns("waterfall")?;
    columns.retain(|name| !OTHERS.contains(&name.as_str()));
    let mut doses: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for name in &columns {
        let of_steps = doses.entry(name).or_default();
        facts.rows("waterfall", [], [name.as_str()], |Row { numbers, .. }| of_steps.push(numbers[0]))?;
    }
    let unit = &facts.said.dose_unit;
    let mut sheet = Sheet::new(["step", "what changes", "scenario"]);
    sheet.columns.extend(columns.iter().map(|name| format!("{name}, {unit}")));
    sheet.columns.extend(["index", "change of the index", "factor"].map(String::from));
    for (i, (label, scenario, numbers)) in steps.iter().enumerate() {
        let own = [(i + 1).to_string(), label.clone(), scenario.clone()];
        let of_doses = columns.iter().map(|name| number(doses[name.as_str()][i]));
        sheet.row(own.into_iter().chain(of_doses).chain(numbers.map(number)));
    }
    // The index where there is one; else the first of the doses.
    let indices: Vec<f64> = steps.iter().map(|step| step.2[0]).collect();
    let (values, y) = match columns.first() {
        Some(first) if indices.iter().all(|index| index.is_nan()) => {
            (doses[first.as_str()].clone(), format!("{first}, {unit}"))
        }
        _ => (indices, "index".to_owned()),
    };
    let reached: Vec<f64> = values.iter().copied().take_while(|value| value.is_finite()).collect();
    if reached.is_empty() {
        return Ok(None);
    }
    let axes = Axes { x: "step".into(), y: y.clone(), ..Axes::default() };
    let told = steps.iter().enumerate().map(|(i, (label, ..))| format!("{}: {label}", i + 1));
    let what = if y == "index" { "the index of safety, the dose tolerated over the static dose" } else { &y };
    let says = format!(
        "What each assumption costs: {what} after each step, and how far the step takes it. {}. Steps after one that is not \
         reached at the doses that were tried are in the table alone.",
        told.collect::<Vec<_>>().join("; ")
    );
    let svg = plot::steps(&axes, &reached);
    Ok(Some(Figure { title: "What each assumption costs".into(), says, svg, sheet }))
}
