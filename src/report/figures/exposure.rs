//! Exposures by arm.

use super::super::facts::Facts;
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, Mark, colour};
use super::{at, by_arm};
use crate::diagnostic::Problems;
use crate::outcome::distribution::EndpointKind;
use crate::readable::number;

/// As many are shown.
const MOST: usize = 8;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let mut sheet = Sheet::new([
        "measure",
        "unit",
        "arm",
        "n",
        "5 %",
        "25 %",
        "median",
        "75 %",
        "95 %",
        "median per dose",
    ]);
    let mut panels = Vec::new();
    for name in measures(facts) {
        let Some((endpoint, about)) = facts.endpoint(name) else { continue };
        let mut points = Vec::new();
        let mut middle = Vec::new();
        for (arm, label) in facts.arms().iter().enumerate() {
            let statistic = |name: &str| facts.of_all(arm, endpoint, name);
            let [p5, p25, p50, p75, p95] = ["p5", "p25", "p50", "p75", "p95"]
                .map(|name| statistic(name).map_or(f64::NAN, |fact| fact.value));
            if !p50.is_finite() {
                continue;
            }
            points.push([at(arm), p50, p5, p95]);
            middle.push([at(arm), p50, p25, p75]);
            let dose = facts.job.plan.arms[arm].dose;
            let per_dose = if dose > 0.0 { number(p50 / dose) } else { "-".into() };
            let n = statistic("p50").map_or(0, |fact| fact.n).to_string();
            let own = [name.to_owned(), about.meta.unit.clone(), label.clone(), n];
            sheet.row(own.into_iter().chain([p5, p25, p50, p75, p95].map(number)).chain([per_dose]));
        }
        let unit = &about.meta.unit;
        let log_y = points.iter().all(|point| point[2] > 0.0) && spread(&points) > 20.0;
        let axes = Axes { log_y, ..by_arm(facts, format!("{name}, {unit}")) };
        let marks = [
            Mark::Points { points, colour: colour(0), name: "90 % of patients".into(), size: 3.0 },
            Mark::Points {
                points: middle,
                colour: colour(1),
                name: "median, half of them".into(),
                size: 4.0,
            },
        ];
        panels.push((about.meta.meaning.clone(), plot::marks(&axes, &marks)));
    }
    let says = "Measures of each patient by arm: the median, the half of the patients about it and 90 % of them; in \
                the table the median per unit of dose, which is the same in every arm where exposure is proportional \
                to dose."
        .to_owned();
    let svg = plot::panels(&panels);
    Ok((!panels.is_empty()).then(|| Figure {
        title: "Exposure and measures by arm".into(),
        says,
        svg,
        sheet,
    }))
}

/// What is measured of exposure: what outcomes are held against, then the other numbers of the cohort file.
pub(in crate::report) fn measures(facts: &Facts) -> Vec<&str> {
    let asked: Vec<&str> =
        facts.job.cohort.exposure_response.iter().map(|entry| entry.exposure.value.as_str()).collect();
    let measured = facts.endpoints.iter().filter(|endpoint| endpoint.kind == EndpointKind::Number);
    let of_cohort =
        facts.job.plan.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect::<Vec<_>>();
    let measured =
        measured.map(|endpoint| endpoint.meta.name.as_str()).filter(|name| of_cohort.contains(name));
    let mut names: Vec<&str> = Vec::new();
    for name in asked.into_iter().chain(measured) {
        if !names.contains(&name) && names.len() < MOST {
            names.push(name);
        }
    }
    names
}

/// The largest over the smallest.
fn spread(points: &[[f64; 4]]) -> f64 {
    let low = points.iter().map(|point| point[2]).fold(f64::INFINITY, f64::min);
    points.iter().map(|point| point[3]).fold(0.0, f64::max) / low
}
