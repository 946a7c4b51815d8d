//! How long the trials of each design take.

use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Mark, colour};
use super::super::rows::Row;
use super::{Facts, at, by_design};
use crate::diagnostic::Problems;
use crate::outcome::distribution::quantile;
use crate::readable::number;

/// As many trials are looked at: the first, who are as random as any.
const TRIALS: u64 = 10_000;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let designs = &facts.said.designs;
    let mut days: Vec<Vec<f64>> = vec![Vec::new(); designs.len()];
    let labels = ["design", "ended_by"];
    facts.cohorts(TRIALS, labels, ["replicate", "complete_day"], |Row { labels, numbers }| {
        let [of_design, ended_by] = labels;
        let position = designs.iter().position(|design| design.name == of_design);
        // The last cohort of a trial says what ended it.
        if let Some(position) = position.filter(|_| !ended_by.is_empty()) {
            days[position].push(numbers[1]);
        }
    })?;
    let mut sheet =
        Sheet::new(["design", "mean of all trials, days", "standard error", "5 %", "25 %", "median"]);
    sheet.columns.extend(["75 %", "95 %", "cohorts, mean"].map(String::from));
    let (mut ends, mut middle) = (Vec::new(), Vec::new());
    for (i, (design, days)) in designs.iter().zip(&mut days).enumerate() {
        days.sort_unstable_by(f64::total_cmp);
        let [p5, p25, p50, p75, p95] = [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| quantile(days, share));
        let mean = facts.value(&design.name, "duration", None);
        let numbers = [mean, facts.error(&design.name, "duration", None), p5, p25, p50, p75, p95];
        let cohorts = number(facts.value(&design.name, "cohorts", None));
        sheet.row([design.name.clone()].into_iter().chain(numbers.map(number)).chain([cohorts]));
        if p50.is_finite() {
            ends.push([at(i), p50, p5, p95]);
            middle.push([at(i), p50, p25, p75]);
        }
    }
    let marks = [
        Mark::Points { points: ends, colour: colour(0), name: "90 % of trials".into(), size: 3.0 },
        Mark::Points { points: middle, colour: colour(1), name: "median, half of them".into(), size: 4.0 },
    ];
    let says = format!(
        "How long a trial takes from its opening until all is known of its last patient: the median, the half of the trials \
         about it and 90 % of them, of {} trials of each design; in the table the mean of all.",
        facts.said.replicates.min(TRIALS)
    );
    let svg = plot::marks(&by_design(facts, "days"), &marks);
    Ok(Some(Figure { title: "Duration".into(), says, svg, sheet }))
}
