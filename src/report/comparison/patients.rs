//! What differs between scenarios within the same patients, as numbers of 100 patients.

use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes};
use super::super::rows::Row;
use super::Facts;
use super::facts::drawn;
use crate::diagnostic::Problems;

/// Patients of 100 that are drawn in any case.
const LEAST: [f64; 2] = [-1.0, 1.0];

/// An outcome that is yes or no, in one arm under two scenarios; numbers are of 100 patients.
struct Pair {
    scenario: String,
    base: String,
    arm: String,
    outcome: String,
    pairs: f64,
    /// Patients more, with the 95 % interval.
    more: [f64; 3],
    /// Patients with it under the scenario alone, and under the base alone.
    alone: [f64; 2],
}

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let pairs = pairs(facts)?;
    let mut outcomes: Vec<String> = Vec::new();
    let mut sheet = Sheet::new([
        "outcome",
        "scenario",
        "compared with",
        "arm",
        "n",
        "of 100 patients",
        "more of 100",
        "95 % interval",
        "only under the scenario",
        "only under the other",
    ]);
    for pair in &pairs {
        if !outcomes.contains(&pair.outcome) {
            outcomes.push(pair.outcome.clone());
        }
        let [more, low, high] = pair.more;
        let names = [&pair.outcome, &pair.scenario, &pair.base, &pair.arm].map(String::clone);
        let cells = [
            format!("{:.0}", pair.pairs),
            in_words(pair),
            format!("{more:+.1}"),
            format!("{low:+.1} to {high:+.1}"),
            format!("{:.1}", pair.alone[0]),
            format!("{:.1}", pair.alone[1]),
        ];
        sheet.row(names.into_iter().chain(cells));
    }
    let mut panels = Vec::new();
    for outcome in drawn(&outcomes) {
        let of_outcome = pairs.iter().filter(|pair| pair.outcome == outcome);
        let name = |pair: &Pair| match pair.base == facts.said.base {
            true => format!("{}, {}", pair.scenario, pair.arm),
            false => format!("{} against {}, {}", pair.scenario, pair.base, pair.arm),
        };
        let rows: Vec<_> = of_outcome.map(|pair| (name(pair), pair.more)).collect();
        let ends = rows.iter().map(|(_, row)| [row[1], row[2]]);
        let holds = ends.fold(LEAST, |[low, high], end| [low.min(end[0]), high.max(end[1])]);
        let axes = Axes { x: "more or fewer of 100 patients".into(), holds: Some(holds), ..Axes::default() };
        panels.push((
            format!("Patients with {}", facts.called(outcome)),
            plot::forest(&axes, &rows, Some(0.0)),
        ));
    }
    let says = format!(
        "Of 100 patients, how many more (right) or fewer (left) have an outcome under a scenario than under {}: the same \
         patients under both, with 95 % intervals for so many patients. In the table, for how many of 100 it changes.",
        facts.said.base
    );
    let svg = plot::panels(&panels);
    Ok((!panels.is_empty()).then(|| Figure { title: "Patients of 100".into(), says, svg, sheet }))
}

/// What changes, as a clinician says it.
fn in_words(pair: &Pair) -> String {
    let [gain, lose] = pair.alone;
    let net = pair.more[0];
    match (gain, lose) {
        (0.0, 0.0) => "nobody changes".into(),
        _ => {
            let what = if net >= 0.0 { "more have it" } else { "fewer have it" };
            format!("{:.1} {what}: {gain:.1} gain it, {lose:.1} lose it", net.abs())
        }
    }
}

fn pairs(facts: &Facts) -> Result<Vec<Pair>, Problems> {
    let mut pairs = Vec::new();
    let names = ["scenario", "base", "arm", "outcome"];
    let numbers = ["pairs", "mean", "low", "high", "scenario_alone", "base_alone"];
    facts.rows("differences", names, numbers, |Row { labels, numbers }| {
        let [pairs_of, mean, low, high, scenario_alone, base_alone] = numbers;
        // Numbers are in another figure.
        if scenario_alone.is_nan() || pairs_of == 0.0 {
            return;
        }
        let [scenario, base, arm, outcome] = labels.map(String::from);
        pairs.push(Pair {
            scenario,
            base,
            arm,
            outcome,
            pairs: pairs_of,
            more: [mean, low, high].map(|share| 100.0 * share),
            alone: [scenario_alone, base_alone].map(|count| 100.0 * count / pairs_of),
        });
    })?;
    Ok(pairs)
}
