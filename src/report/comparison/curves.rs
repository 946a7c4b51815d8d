//! How often outcomes occur at each dose, under each scenario.

use super::super::figure::{Figure, Sheet};
use super::super::figures::percent;
use super::super::plot::{self, Axes, Mark, colour};
use super::super::rows::Row;
use super::Facts;
use super::facts::drawn;
use crate::cohort::columns::DLT;
use crate::diagnostic::Problems;
use crate::readable::number;

/// An outcome in one arm of a scenario.
struct Point {
    scenario: String,
    outcome: String,
    arm: String,
    dose: f64,
    n: f64,
    events: f64,
    /// Proportion with its interval.
    proportion: [f64; 3],
    /// Ends of the band over replicates; NaN where nothing is uncertain.
    band: [f64; 2],
}

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let points = points(facts)?;
    let mut outcomes: Vec<String> = Vec::new();
    for point in &points {
        if !outcomes.contains(&point.outcome) {
            outcomes.push(point.outcome.clone());
        }
    }
    let unit = &facts.said.dose_unit;
    let has_bands = points.iter().any(|point| point.band[0].is_finite());
    let panels: Vec<_> = drawn(&outcomes).iter().map(|outcome| panel(facts, outcome, &points)).collect();
    let mut sheet = Sheet::new(["outcome", "scenario", "arm"]);
    sheet.columns.push(format!("dose, {unit}"));
    sheet.columns.extend(["n", "with it", "%", "95 % interval"].map(String::from));
    if has_bands {
        sheet.columns.push("95 % of replicates".into());
    }
    let interval = |[low, high]: [f64; 2]| format!("{} to {}", percent(low), percent(high));
    for point in &points {
        let [share, low, high] = point.proportion;
        let names = [&point.outcome, &point.scenario, &point.arm].map(String::clone);
        let counts = [number(point.dose), format!("{:.0}", point.n), format!("{:.0}", point.events)];
        let shares = [percent(share), interval([low, high])];
        let band = has_bands.then(|| interval(point.band));
        sheet.row(names.into_iter().chain(counts).chain(shares).chain(band));
    }
    let of_bands = if has_bands {
        " Shaded: 95 % of the replicates, in which what is uncertain was drawn anew."
    } else {
        ""
    };
    let says = format!(
        "The share of patients with an outcome at each dose, under each scenario; whiskers are 95 % intervals (Wilson) for \
         so many patients.{of_bands}"
    );
    let svg = plot::panels(&panels);
    Ok((!panels.is_empty()).then(|| Figure { title: "Outcomes by dose".into(), says, svg, sheet }))
}

fn panel(facts: &Facts, outcome: &str, points: &[Point]) -> (String, String) {
    let mut marks = Vec::new();
    for (i, scenario) in facts.said.scenarios.iter().enumerate() {
        let of_pair = |point: &&Point| point.outcome == outcome && point.scenario == scenario.name;
        let mut found: Vec<&Point> = points.iter().filter(of_pair).collect();
        if found.is_empty() {
            continue;
        }
        found.sort_by(|a, b| a.dose.total_cmp(&b.dose));
        let band: Vec<[f64; 3]> =
            found.iter().map(|point| [point.dose, 100.0 * point.band[0], 100.0 * point.band[1]]).collect();
        if band.iter().all(|point| point[1].is_finite() && point[2].is_finite()) {
            marks.push(Mark::Band { points: band, colour: colour(i), opacity: 0.15 });
        }
        let line = found.iter().map(|point| [point.dose, 100.0 * point.proportion[0]]).collect();
        marks.push(Mark::Line { points: line, colour: colour(i), name: scenario.name.clone() });
        let whiskers = found.iter().map(|point| {
            let [share, low, high] = point.proportion.map(|share| 100.0 * share);
            [point.dose, share, low, high]
        });
        let points = whiskers.collect();
        marks.push(Mark::Points { points, colour: colour(i), name: String::new(), size: 3.0 });
    }
    let levels = facts.said.mtd.iter().filter(|_| outcome == DLT);
    let axes = Axes {
        x: format!("dose, {}", facts.said.dose_unit),
        y: "patients, %".into(),
        range: Some([0.0, 100.0]),
        limits: levels.map(|level| (100.0 * level, format!("{} %", percent(*level)))).collect(),
        ..Axes::default()
    };
    (format!("Patients with {}", facts.called(outcome)), plot::marks(&axes, &marks))
}

fn points(facts: &Facts) -> Result<Vec<Point>, Problems> {
    let mut points: Vec<Point> = Vec::new();
    let names = ["scenario", "outcome", "arm"];
    let numbers = ["dose", "n", "events", "proportion", "low", "high"];
    facts.rows("curves", names, numbers, |Row { labels, numbers }| {
        let [scenario, outcome, arm] = labels.map(String::from);
        let [dose, n, events, share, low, high] = numbers;
        let (proportion, band) = ([share, low, high], [f64::NAN; 2]);
        points.push(Point { scenario, outcome, arm, dose, n, events, proportion, band });
    })?;
    let names = ["scenario", "quantity", "arm", "statistic"];
    facts.rows("bands", names, ["p2_5", "p97_5"], |Row { labels, numbers }| {
        let [scenario, quantity, arm, statistic] = labels;
        let is_it =
            |point: &&mut Point| point.scenario == scenario && point.outcome == quantity && point.arm == arm;
        if statistic == "proportion"
            && let Some(point) = points.iter_mut().find(is_it)
        {
            point.band = numbers;
        }
    })?;
    Ok(points)
}
