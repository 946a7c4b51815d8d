//! Doses at which a scenario reaches what is looked for.

use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes};
use super::super::rows::Row;
use super::Facts;
use crate::diagnostic::Problems;
use crate::readable::number;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let mut sheet =
        Sheet::new(["measure", "scenario", "unit", "value", "95 % interval", "whether reached", "is"]);
    let mut rows: Vec<(String, String, Vec<plot::Interval>)> = Vec::new();
    let names = ["scenario", "measure", "standing", "unit", "definition"];
    facts.rows("indices", names, ["value", "low", "high"], |Row { labels, numbers }| {
        let [scenario, measure, standing, unit, definition] = labels.map(String::from);
        let [value, low, high] = numbers;
        let interval = if low.is_nan() && high.is_nan() {
            "-".to_owned()
        } else {
            format!("{} to {}", number(low), number(high))
        };
        sheet.row([
            measure.clone(),
            scenario.clone(),
            unit.clone(),
            number(value),
            interval,
            standing,
            definition,
        ]);
        // What has no interval, as the dose of one patient, is a point.
        let ends = [low, high].map(|end| if end.is_nan() { value } else { end });
        if value.is_finite() {
            let row = (scenario, [value, ends[0], ends[1]]);
            match rows.iter_mut().find(|known| known.0 == measure) {
                Some((.., rows)) => rows.push(row),
                None => rows.push((measure, unit, vec![row])),
            }
        }
    })?;
    let panel = |(measure, unit, rows): &(String, String, Vec<(String, [f64; 3])>)| {
        let compared =
            facts.said.static_dose.filter(|_| *unit == facts.said.dose_unit && measure != "static_dose");
        let axes = Axes { x: format!("{measure}, {unit}"), ..Axes::default() };
        (measure.clone(), plot::forest(&axes, rows, compared))
    };
    let panels: Vec<_> = rows.iter().map(panel).collect();
    let of_static = facts.said.static_dose.map_or(String::new(), |dose| {
        format!(
            " Dashed: the static dose of the reference tumour, {} {}.",
            number(dose),
            facts.said.dose_unit
        )
    });
    let says = format!(
        "The doses at which a scenario reaches what is looked for, and indices of them, with 95 % intervals from the sampling \
         of patients.{of_static} How each is defined, and what is not reached at the doses that were tried, is in the table."
    );
    let svg = plot::panels(&panels);
    Ok((!panels.is_empty()).then(|| Figure { title: "Doses and indices".into(), says, svg, sheet }))
}
