//! Time courses of a sample of the patients.

use std::collections::BTreeMap;

use super::super::facts::Facts;
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, Mark, colour};
use super::super::rows::numbers;
use super::thresholds::thresholds;
use crate::cohort::columns::{ARM, PATIENT, TIME};
use crate::diagnostic::Problems;
use crate::outcome::distribution::quantile;
use crate::readable::number;
use crate::store::Set;

/// As many patients are drawn from: the first, who are as random as any.
const PATIENTS: f64 = 1_000.0;
/// The quantiles that are drawn.
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// As many times are in the table of each arm.
const ROWS: usize = 15;

/// Values by time, whose order its bits have, for it is not negative.
type Course = BTreeMap<u64, Vec<f64>>;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let columns = &facts.job.plan.trajectory_columns;
    // Individuals of a data set are read at times of their own.
    if columns.is_empty() || facts.job.sampler.data().is_some() {
        return Ok(None);
    }
    let mut wanted = vec![PATIENT, ARM, TIME];
    wanted.extend(columns.iter().map(|meta| meta.name.as_str()));
    let mut courses = vec![vec![Course::new(); facts.arms().len()]; columns.len()];
    facts.scan_while(Set::Trajectories, &wanted, |rows| {
        let arms = facts.arm_of_rows(rows);
        let (patients, times) = (numbers(rows, PATIENT), numbers(rows, TIME));
        for (meta, of_column) in columns.iter().zip(&mut courses) {
            let values = numbers(rows, &meta.name);
            let shown = (0..rows.rows()).filter(|&row| patients[row] < PATIENTS && values[row].is_finite());
            for row in shown {
                of_column[arms[row]].entry(times[row].to_bits()).or_default().push(values[row]);
            }
        }
        patients.last() < Some(&PATIENTS)
    })?;
    let time = &facts.job.plan.time_unit;
    let mut sheet = Sheet::new(["measure", "unit", "arm"]);
    sheet.columns.push(format!("time, {time}"));
    sheet.columns.extend(["n", "5 %", "25 %", "median", "75 %", "95 %"].map(String::from));
    let mut panels = Vec::new();
    for (meta, of_column) in columns.iter().zip(courses) {
        let mut marks = Vec::new();
        let mut all_positive = true;
        for (arm, course) in of_column.into_iter().enumerate() {
            let every = course.len().div_ceil(ROWS).max(1);
            let mut bands: Vec<[f64; 6]> = Vec::new();
            for (i, (bits, mut values)) in course.into_iter().enumerate() {
                values.sort_unstable_by(f64::total_cmp);
                let at = f64::from_bits(bits);
                let [a, b, c, d, e] = QUANTILES.map(|share| quantile(&values, share));
                bands.push([at, a, b, c, d, e]);
                if i % every == 0 {
                    let own = [meta.name.clone(), meta.unit.clone(), facts.arms()[arm].clone()];
                    let counts = [number(at), values.len().to_string()];
                    sheet.row(own.into_iter().chain(counts).chain([a, b, c, d, e].map(number)));
                }
            }
            // What begins at nothing is shown from where there is something.
            all_positive &= bands.iter().skip(1).all(|band| band[1] > 0.0);
            marks.extend(of_arm(&bands, arm, &facts.arms()[arm]));
        }
        let axes = Axes {
            x: format!("time, {time}"),
            y: format!("{}, {}", meta.name, meta.unit),
            ..Axes::default()
        };
        // A share or a change has its place against nothing.
        let log_y = all_positive && !["%", "1"].contains(&meta.unit.as_str()) && is_wide(&marks);
        if log_y {
            marks.iter_mut().for_each(only_positive);
        }
        let limits = seen(thresholds(facts, meta), &marks);
        panels.push((meta.meaning.clone(), plot::marks(&Axes { log_y, limits, ..axes }, &marks)));
    }
    let says = format!(
        "Median of the patients over time, with the half and the 90 % of them about it, by arm; of {} patients in \
         each arm. Lines across: the cut-offs of severe grades, and of rules of dosing, that the courses come near.",
        facts.job.followed().min(PATIENTS as u64)
    );
    let svg = plot::panels(&panels);
    Ok(Some(Figure { title: "Time courses".into(), says, svg, sheet }))
}

/// Thresholds that the courses come near: within their range, or half of it away.
fn seen(thresholds: Vec<(f64, String)>, marks: &[Mark]) -> Vec<(f64, String)> {
    let mut range = [f64::INFINITY, f64::NEG_INFINITY];
    for mark in marks {
        if let Mark::Band { points, .. } = mark {
            range = points.iter().fold(range, |[low, high], p| [low.min(p[1]), high.max(p[2])]);
        }
    }
    let margin = 0.5 * (range[1] - range[0]);
    let is_near = |value: f64| (range[0] - margin..=range[1] + margin).contains(&value);
    thresholds.into_iter().filter(|(value, _)| is_near(*value)).collect()
}

/// Bands and median of an arm.
fn of_arm(bands: &[[f64; 6]], arm: usize, label: &str) -> [Mark; 3] {
    let band = |low: usize, high: usize, opacity| Mark::Band {
        points: bands.iter().map(|band| [band[0], band[low], band[high]]).collect(),
        colour: colour(arm),
        opacity,
    };
    let points = bands.iter().map(|band| [band[0], band[3]]).collect();
    [band(1, 5, 0.10), band(2, 4, 0.20), Mark::Line { points, colour: colour(arm), name: label.to_owned() }]
}

/// Whether medians span more than a factor of 50.
fn is_wide(marks: &[Mark]) -> bool {
    let lines = marks.iter().filter_map(|mark| match mark {
        Mark::Line { points, .. } => Some(points),
        _ => None,
    });
    let values = || lines.clone().flatten().map(|point| point[1]).filter(|value| *value > 0.0);
    values().fold(0.0, f64::max) > 50.0 * values().fold(f64::INFINITY, f64::min)
}

fn only_positive(mark: &mut Mark) {
    match mark {
        Mark::Band { points, .. } => points.retain(|point| point[1] > 0.0),
        Mark::Line { points, .. } => points.retain(|point| point[1] > 0.0),
        _ => {}
    }
}
