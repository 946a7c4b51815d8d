//! How the tumour of single patients changes over time.

use std::collections::BTreeMap;

use super::super::facts::Facts;
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, Mark, colour};
use super::super::rows::numbers;
use super::levels::{Levels, levels};
use super::tumour::{LIMITS, best_change};
use crate::cohort::columns::{ARM, PATIENT, TIME};
use crate::diagnostic::Problems;
use crate::readable::number;
use crate::store::Set;

/// As many patients of each arm are drawn: the first, who are as random as any.
const PATIENTS: f64 = 30.0;
/// As many times of each patient are in the table.
const ROWS: usize = 8;

/// What is drawn of time courses.
struct Course<'a> {
    /// The column.
    name: &'a str,
    /// Whether it is a size, whose change is drawn; else it is the change already, in per cent.
    is_size: bool,
}

/// Time and change of each patient of an arm.
type Lines = BTreeMap<u64, Vec<[f64; 2]>>;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let Some(course) = course(facts) else { return Ok(None) };
    let mut arms = vec![Lines::new(); facts.arms().len()];
    facts.scan_while(Set::Trajectories, &[PATIENT, ARM, TIME, course.name], |rows| {
        let of_rows = facts.arm_of_rows(rows);
        let [patients, times, values] = [PATIENT, TIME, course.name].map(|name| numbers(rows, name));
        for row in (0..rows.rows()).filter(|&row| patients[row] < PATIENTS && values[row].is_finite()) {
            arms[of_rows[row]].entry(patients[row] as u64).or_default().push([times[row], values[row]]);
        }
        patients.last() < Some(&PATIENTS)
    })?;
    if course.is_size {
        arms.iter_mut().flat_map(BTreeMap::values_mut).for_each(|line| as_change(line));
    }
    let Levels { grouping, names, of_patients } = levels(facts)?;
    let time = &facts.job.plan.time_unit;
    let mut sheet = Sheet::new(["arm", "patient"]);
    sheet.columns.extend(grouping.clone());
    sheet.columns.extend([format!("time, {time}"), "change, %".into()]);
    let mut panels = Vec::new();
    for (label, lines) in facts.arms().iter().zip(&arms) {
        let mut named = vec![false; names.len()];
        let mut marks = Vec::new();
        for (patient, line) in lines {
            let level = of_patients.get(patient).copied();
            let of_level = level.and_then(|level| names.get(level)).cloned().unwrap_or_default();
            for [at, change] in line.iter().step_by(line.len().div_ceil(ROWS).max(1)) {
                let own = [label.clone(), patient.to_string()].into_iter();
                let own = own.chain(grouping.as_ref().map(|_| of_level.clone()));
                sheet.row(own.chain([number(*at), number(*change)]));
            }
            // Each level is named once.
            let is_named = level.is_none_or(|level| std::mem::replace(&mut named[level], true));
            let name = if is_named { String::new() } else { of_level };
            marks.push(Mark::Thread { points: line.clone(), colour: colour(level.unwrap_or(0)), name });
        }
        let axes = Axes {
            x: format!("time, {time}"),
            y: "change of tumour size, %".into(),
            limits: LIMITS.map(|(limit, name)| (limit, name.to_owned())).into(),
            ..Axes::default()
        };
        panels.push((label.clone(), plot::marks(&axes, &marks)));
    }
    if sheet.rows.is_empty() {
        return Ok(None);
    }
    let by = grouping.map_or(String::new(), |name| format!(", coloured by {name}"));
    let says = format!(
        "The change of tumour size from before treatment over time in single patients, the first {} of each arm{by}. \
         Lines: the limits of response, and of progression from before treatment, of RECIST 1.1.",
        facts.job.followed().min(PATIENTS as u64)
    );
    let svg = plot::panels(&panels);
    Ok(Some(Figure { title: "Tumour size over time".into(), says, svg, sheet }))
}

/// The time course of the tumour: what the response is of, or what its best change is of.
fn course(facts: &Facts) -> Option<Course<'_>> {
    let columns = &facts.job.plan.trajectory_columns;
    let found = |of: &str| columns.iter().find(|meta| meta.name == of).map(|meta| meta.name.as_str());
    let best = best_change(facts)
        .and_then(|name| facts.job.cohort.endpoints.iter().find(|endpoint| endpoint.name.value == name));
    let change = best.and_then(|endpoint| found(&endpoint.of.value));
    let size = || found(&facts.job.cohort.response.as_ref()?.of.value);
    change
        .map(|name| Course { name, is_size: false })
        .or_else(|| size().map(|name| Course { name, is_size: true }))
}

/// Sizes as changes from the first, in per cent.
fn as_change(line: &mut [[f64; 2]]) {
    let Some(&[_, first]) = line.first() else { return };
    line.iter_mut().for_each(|point| point[1] = 100.0 * (point[1] / first - 1.0));
}
