//! How far uncertain assumptions leave each measure open.

use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes};
use super::super::rows::Row;
use super::Facts;
use crate::diagnostic::Problems;
use crate::readable::number;

/// Rows of the picture of a measure.
type Rows = Vec<(String, [f64; 3])>;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let mut sheet = Sheet::new([
        "measure",
        "scenario",
        "unit",
        "estimate",
        "95 % by the sampling of patients",
        "median of replicates",
        "95 % of replicates",
        "reached in",
    ]);
    let mut panels: Vec<(String, String, Rows)> = Vec::new();
    let names = ["scenario", "quantity", "statistic", "unit"];
    let numbers = ["estimate", "low", "high", "p2_5", "p50", "p97_5", "reached", "replicates"];
    facts.rows("bands", names, numbers, |Row { labels, numbers }| {
        let [scenario, measure, statistic, unit] = labels.map(String::from);
        // Outcomes are in the curves.
        if statistic != "value" {
            return;
        }
        let [estimate, low, high, least, middle, most, reached, replicates] = numbers;
        let range = |low: f64, high: f64| format!("{} to {}", number(low), number(high));
        sheet.row([
            measure.clone(),
            scenario.clone(),
            unit.clone(),
            number(estimate),
            range(low, high),
            number(middle),
            range(least, most),
            format!("{reached:.0} of {replicates:.0}"),
        ]);
        if [least, middle, most].iter().all(|value| value.is_finite()) {
            let row = (scenario, [middle, least, most]);
            match panels.iter_mut().find(|known| known.0 == measure) {
                Some((.., rows)) => rows.push(row),
                None => panels.push((measure, unit, vec![row])),
            }
        }
    })?;
    let panel = |(measure, unit, rows): &(String, String, Rows)| {
        let axes = Axes { x: format!("{measure}, {unit}"), ..Axes::default() };
        (measure.clone(), plot::forest(&axes, rows, None))
    };
    let panels: Vec<_> = panels.iter().map(panel).collect();
    let says = "How far uncertain assumptions leave each measure open: the median of the replicates, in each of which what is \
                uncertain was drawn anew, and 95 % of them. A measure that too many replicates do not reach at the doses \
                that were tried is in the table alone."
        .to_owned();
    let svg = plot::panels(&panels);
    Ok((!panels.is_empty()).then(|| Figure {
        title: "Uncertainty of the assumptions".into(),
        says,
        svg,
        sheet,
    }))
}
