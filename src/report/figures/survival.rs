//! How long patients stay on treatment, and free of toxicity and progression: Kaplan-Meier curves.

use std::collections::BTreeMap;

use super::super::facts::{Facts, solved};
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, Mark, colour};
use super::super::rows::numbers;
use crate::cohort::columns::{ARM, DLT_DAY, LEFT_DAY, OFF_TREATMENT_DAY, PROGRESSION_DAY, STATUS};
use crate::diagnostic::Problems;
use crate::readable::number;
use crate::store::Set;

/// Columns with the time of an event, and what is told of it.
const CURVES: [(&str, &str, &str); 3] = [
    (OFF_TREATMENT_DAY, "On treatment", "until treatment ends for whatever reason"),
    (DLT_DAY, "Without dose-limiting toxicity", "until the first dose-limiting toxicity"),
    (PROGRESSION_DAY, "Without progression", "until progression"),
];
/// As many times are in the table of each curve.
const ROWS: u32 = 6;

/// Patients by time, whose order its bits have: events, and those who are seen no longer.
type Times = BTreeMap<u64, [u64; 2]>;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let curves: Vec<_> = CURVES.into_iter().filter(|(column, ..)| facts.endpoint(column).is_some()).collect();
    if curves.is_empty() {
        return Ok(None);
    }
    let (time, end) = end(facts);
    let mut sheet = Sheet::new(["curve", "arm"]);
    sheet.columns.push(format!("time, {time}"));
    sheet.columns.extend(["at risk", "events so far", "share, %"].map(String::from));
    let mut panels = Vec::new();
    for (column, title, _) in &curves {
        let mut marks = Vec::new();
        for (arm, times) in times(facts, column, end)?.into_iter().enumerate() {
            let steps = kaplan_meier(&times);
            rows(&mut sheet, [title, &facts.arms()[arm]], &steps, &times, end);
            let points =
                steps.iter().map(|&(at, share)| [at, 100.0 * share]).chain(last(&steps, end)).collect();
            marks.push(Mark::Steps { points, colour: colour(arm), name: facts.arms()[arm].clone() });
        }
        let axes = Axes {
            x: format!("time, {time}"),
            y: "patients, %".into(),
            range: Some([0.0, 100.0]),
            ..Axes::default()
        };
        panels.push(((*title).to_owned(), plot::marks(&axes, &marks)));
    }
    let meant: Vec<String> =
        curves.iter().map(|(_, title, until)| format!("{}: {until}", title.to_lowercase())).collect();
    let says = format!(
        "Kaplan-Meier curves by arm ({}). A patient who leaves the trial before is counted until then; the run ends at \
         {} {time}.",
        meant.join("; "),
        number(end)
    );
    let svg = plot::panels(&panels);
    Ok(Some(Figure { title: "Time on treatment and to events".into(), says, svg, sheet }))
}

/// The unit of times and the end of the run.
pub(super) fn end(facts: &Facts) -> (String, f64) {
    let plan = &facts.job.plan;
    (plan.time_unit.clone(), f64::from(facts.job.cohort.visits.until) * plan.time_per_tick)
}

/// When the event came, or the patient was seen last, in each arm.
fn times(facts: &Facts, column: &str, end: f64) -> Result<Vec<Times>, Problems> {
    let leaves = facts.endpoint(LEFT_DAY).is_some();
    let mut wanted = vec![ARM, STATUS, column];
    wanted.extend(leaves.then_some(LEFT_DAY));
    let mut of_arms = vec![Times::new(); facts.arms().len()];
    facts.scan(Set::Outcomes, &wanted, |rows| {
        let arms = facts.arm_of_rows(rows);
        let (solved, event, left) = (solved(rows), numbers(rows, column), numbers(rows, LEFT_DAY));
        for row in (0..rows.rows()).filter(|&row| solved[row]) {
            let seen_until = left.get(row).copied().filter(|left| left.is_finite()).unwrap_or(end);
            let (at, kind) = if event[row].is_finite() { (event[row], 0) } else { (seen_until, 1) };
            of_arms[arms[row]].entry(at.max(0.0).to_bits()).or_default()[kind] += 1;
        }
    })?;
    Ok(of_arms)
}

/// The share without the event from each time on (Kaplan and Meier, JASA 53 (1958) 457-481), from 1 at time 0.
fn kaplan_meier(times: &Times) -> Vec<(f64, f64)> {
    let mut at_risk: u64 = times.values().flatten().sum();
    let mut share = 1.0;
    let mut steps = vec![(0.0, 1.0)];
    for (bits, [events, censored]) in times {
        if *events > 0 {
            share *= 1.0 - *events as f64 / at_risk as f64;
            steps.push((f64::from_bits(*bits), share));
        }
        at_risk -= events + censored;
    }
    steps
}

/// The last share, held to the end.
fn last(steps: &[(f64, f64)], end: f64) -> Option<[f64; 2]> {
    steps.last().filter(|(at, _)| *at < end).map(|(_, share)| [end, 100.0 * share])
}

/// Rows of the table: numbers at risk.
fn rows(sheet: &mut Sheet, names: [&str; 2], steps: &[(f64, f64)], times: &Times, end: f64) {
    for i in 0..=ROWS {
        let at = end * f64::from(i) / f64::from(ROWS);
        let from = |bits: &u64| f64::from_bits(*bits) >= at;
        let at_risk: u64 = times.iter().filter(|(bits, _)| from(bits)).flat_map(|(_, counts)| counts).sum();
        let until = times.iter().filter(|(bits, _)| f64::from_bits(**bits) <= at);
        let events: u64 = until.map(|(_, counts)| counts[0]).sum();
        let share = steps.iter().rev().find(|step| step.0 <= at).map_or(1.0, |step| step.1);
        let cells = [number(at), at_risk.to_string(), events.to_string(), format!("{:.1}", 100.0 * share)];
        sheet.row(names.map(String::from).into_iter().chain(cells));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leukaemia patients of Freireich et al. (1963) on 6-mercaptopurine, as in Kleinbaum and Klein, Survival
    /// Analysis, table 1.4: remission in weeks, `+` is censored.
    #[test]
    fn remission_of_leukaemia() {
        let events = [6, 6, 6, 7, 10, 13, 16, 22, 23];
        let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
        let mut times = Times::new();
        events.iter().for_each(|&week| times.entry(f64::from(week).to_bits()).or_default()[0] += 1);
        censored.iter().for_each(|&week| times.entry(f64::from(week).to_bits()).or_default()[1] += 1);
        let expected = [
            (0, 1.0),
            (6, 0.8571),
            (7, 0.8067),
            (10, 0.7529),
            (13, 0.6902),
            (16, 0.6275),
            (22, 0.5378),
            (23, 0.4482),
        ];
        let found = kaplan_meier(&times);
        assert_eq!(found.len(), expected.len());
        for ((at, share), (week, survival)) in found.iter().zip(expected) {
            assert_eq!(*at, f64::from(week));
            assert!((share - survival).abs() < 5e-5, "{week}: {share}");
        }
    }
}
