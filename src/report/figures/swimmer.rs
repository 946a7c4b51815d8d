//! What happens to single patients: a lane for each.

use std::collections::BTreeMap;

use super::super::facts::{Facts, solved};
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, Mark, Symbol, colour};
use super::super::rows::{labels, numbers};
use super::survival::end;
use crate::cohort::columns::{
    ARM, BEST_RESPONSE_DAY, DLT_DAY, LEFT_DAY, OFF_TREATMENT_DAY, PATIENT, PROGRESSION_DAY, RESPONSE, STATUS,
};
use crate::diagnostic::Problems;
use crate::readable::number;
use crate::store::{self, Set};

/// As many patients of each arm are drawn: the first, who are as random as any.
const PATIENTS: f64 = 16.0;

/// What may happen to a patient, and how it is drawn: column of its time, name, symbol, colour.
const EVENTS: [(&str, &str, Symbol, usize); 4] = [
    (DLT_DAY, "dose-limiting toxicity", Symbol::Triangle, 1),
    (BEST_RESPONSE_DAY, "best response, if it is one", Symbol::Diamond, 2),
    (PROGRESSION_DAY, "progression", Symbol::Square, 3),
    (LEFT_DAY, "left the trial", Symbol::Cross, 5),
];

/// What may become of a dose, and how it is drawn: what the ledger says of it, name, symbol, colour.
const DOSES: [(&str, &str, Symbol, &str); 3] = [
    ("", "dose", Symbol::Dot, "currentColor"),
    ("reduced", "reduced dose", Symbol::Circle, "#E69F00"),
    ("delayed", "delayed dose", Symbol::Circle, "#56B4E9"),
];

/// A patient in an arm.
#[derive(Clone, Default)]
struct Lane {
    /// When treatment ended, or the patient was seen last.
    ends: f64,
    /// Times of `EVENTS`.
    events: [f64; EVENTS.len()],
    /// Doses that were given: when, and which of `DOSES`.
    doses: Vec<(f64, usize)>,
}

/// Patients by their number.
type Lanes = BTreeMap<u64, Lane>;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    if facts.endpoint(OFF_TREATMENT_DAY).is_none() {
        return Ok(None);
    }
    let (time, end) = end(facts);
    let mut arms = lanes(facts, end)?;
    add_doses(facts, &mut arms)?;
    let mut sheet = Sheet::new(["arm", "patient"]);
    sheet.columns.push(format!("on treatment until, {time}"));
    sheet.columns.extend(EVENTS.iter().map(|(_, name, ..)| format!("{name}, {time}")));
    sheet.columns.extend(["doses", "reduced", "delayed"].map(String::from));
    let mut panels = Vec::new();
    for (label, lanes) in facts.arms().iter().zip(&arms) {
        // Those who stay longest are on top.
        let mut order: Vec<(&u64, &Lane)> = lanes.iter().collect();
        order.sort_by(|a, b| a.1.ends.total_cmp(&b.1.ends));
        for (patient, lane) in order.iter().rev() {
            let own = [label.clone(), patient.to_string(), number(lane.ends)];
            let count = |kind: usize| lane.doses.iter().filter(|dose| dose.1 == kind).count().to_string();
            let doses = [lane.doses.len().to_string(), count(1), count(2)];
            sheet.row(own.into_iter().chain(lane.events.map(number)).chain(doses));
        }
        let axes = Axes {
            x: format!("time, {time}"),
            y: "patient".into(),
            rows: order.iter().map(|(patient, _)| patient.to_string()).collect(),
            ..Axes::default()
        };
        panels.push((label.clone(), plot::marks(&axes, &marks(&order))));
    }
    let says = format!(
        "The first {PATIENTS} patients of each arm: how long each is on treatment, the doses that were given, and what \
         happened. The trial ends at {} {time}.",
        number(end)
    );
    let svg = plot::panels(&panels);
    Ok((!sheet.rows.is_empty()).then(|| Figure { title: "Single patients".into(), says, svg, sheet }))
}

/// The lanes of an arm from the bottom, with what happened in them.
fn marks(order: &[(&u64, &Lane)]) -> Vec<Mark> {
    let at = |row: usize| row as f64 + 1.0;
    let lane = |(row, (_, lane)): (usize, &(&u64, &Lane))| {
        let name = if row == 0 { "on treatment" } else { "" };
        Mark::Lane { y: at(row), ends: [0.0, lane.ends], colour: "#9ecae1", name: name.into() }
    };
    let mut marks: Vec<Mark> = order.iter().enumerate().map(lane).collect();
    for (kind, (_, name, symbol, colour)) in DOSES.into_iter().enumerate() {
        let of_row = |(row, (_, lane)): (usize, &(&u64, &Lane))| {
            let of_kind = lane.doses.iter().filter(move |dose| dose.1 == kind);
            of_kind.map(|dose| [dose.0, at(row)]).collect::<Vec<_>>()
        };
        let points: Vec<[f64; 2]> = order.iter().enumerate().flat_map(of_row).collect();
        if !points.is_empty() {
            marks.push(Mark::Symbols { points, colour, name: name.into(), symbol });
        }
    }
    for (i, (_, name, symbol, of)) in EVENTS.into_iter().enumerate() {
        let times = order.iter().enumerate().map(|(row, (_, lane))| [lane.events[i], at(row)]);
        let points: Vec<[f64; 2]> = times.filter(|point| point[0].is_finite()).collect();
        if !points.is_empty() {
            marks.push(Mark::Symbols { points, colour: colour(of), name: name.into(), symbol });
        }
    }
    marks
}

/// When treatment and what else happened was, by arm and patient.
fn lanes(facts: &Facts, end: f64) -> Result<Vec<Lanes>, Problems> {
    let known: Vec<&str> =
        EVENTS.iter().map(|event| event.0).filter(|name| facts.endpoint(name).is_some()).collect();
    let responds = facts.endpoint(RESPONSE).is_some();
    let mut wanted = vec![PATIENT, ARM, STATUS, OFF_TREATMENT_DAY];
    wanted.extend(&known);
    wanted.extend(responds.then_some(RESPONSE));
    let mut arms = vec![Lanes::new(); facts.arms().len()];
    facts.scan_while(Set::Outcomes, &wanted, |rows| {
        let (of_rows, solved) = (facts.arm_of_rows(rows), solved(rows));
        let (patients, off) = (numbers(rows, PATIENT), numbers(rows, OFF_TREATMENT_DAY));
        let times = EVENTS.map(|(name, ..)| numbers(rows, name));
        let response = numbers(rows, RESPONSE);
        for row in (0..rows.rows()).filter(|&row| solved[row] && patients[row] < PATIENTS) {
            let mut events = times.each_ref().map(|of| of.get(row).copied().unwrap_or(f64::NAN));
            // The day of the best response is also that of a stable disease.
            if response.get(row) != Some(&1.0) {
                events[1] = f64::NAN;
            }
            let left = events[EVENTS.len() - 1];
            let ends = [off[row], left].into_iter().filter(|time| time.is_finite()).fold(end, f64::min);
            let lane = Lane { ends, events, doses: Vec::new() };
            arms[of_rows[row]].insert(patients[row] as u64, lane);
        }
        patients.last() < Some(&PATIENTS)
    })?;
    Ok(arms)
}

/// The doses that were given, if there is a ledger.
fn add_doses(facts: &Facts, arms: &mut [Lanes]) -> Result<(), Problems> {
    if store::part_files(&facts.path, Set::Doses)?.is_empty() {
        return Ok(());
    }
    facts.scan_while(Set::Doses, &[PATIENT, ARM, "time", "action"], |rows| {
        let of_rows = facts.arm_of_rows(rows);
        let (patients, times, actions) =
            (numbers(rows, PATIENT), numbers(rows, "time"), labels(rows, "action"));
        for row in (0..rows.rows()).filter(|&row| times[row].is_finite()) {
            let kind = (1..DOSES.len()).find(|&kind| actions[row].contains(DOSES[kind].0)).unwrap_or(0);
            if let Some(lane) = arms[of_rows[row]].get_mut(&(patients[row] as u64)) {
                lane.doses.push((times[row], kind));
            }
        }
        patients.last() < Some(&PATIENTS)
    })?;
    Ok(())
}
