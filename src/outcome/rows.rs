//! The rows of the `patients`, `outcomes` and `trajectories` sets, from what was sampled and solved.

use std::ops::Range;
use std::sync::Arc;

use super::distribution::{self, EndpointKind};
use super::doses::Amounts;
use super::items::{Items, Outcome, nobody, statuses};
use super::response::{self, Response};
use super::{intensity, treatment};
use crate::cohort::columns;
use crate::engine::{Individuals, Solution, Status};
use crate::plan::{self, Endpoint, Method, Plan};
use crate::population::{Patients, Sampler};
use crate::table::{Column, ColumnMeta, LazyColumn, LazyTable, Table, Values};
use crate::unit::Conversion;

/// Labels of [`Status`], in the order of their codes.
pub const STATUS_LABELS: [&str; 6] =
    ["ok", "max_steps", "step_too_small", "non_finite", "bad_dose", "no_steady_state"];

/// Labels of [`Processor`](crate::engine::Processor), in the order of their codes.
pub const PROCESSOR_LABELS: [&str; 3] = ["cpu", "gpu", "cpu f32"];

/// One row per patient: covariates, individual parameters, and how many draws it took.
pub(crate) fn patients<'a>(
    plan: &'a Plan,
    patients: &'a Patients,
    individuals: &'a Individuals,
) -> LazyTable<'a> {
    let mut columns = vec![patient_column(patients.first, 1)];
    columns.extend(patients.columns.iter().map(LazyColumn::of));
    columns.extend(plan.individual_parameters.iter().map(|(meta, slot)| match individuals.records {
        None => LazyColumn::numbers(meta.clone(), |patient| individuals.slots[*slot][patient]),
        Some(_) => {
            let values = Values::Number(individuals.at_first(*slot));
            Column { meta: meta.clone(), values }.into()
        }
    }));
    columns.push(attempts_column(patients));
    LazyTable { rows: patients.count, columns }
}

fn attempts_column(patients: &Patients) -> LazyColumn<'_> {
    let meta = ColumnMeta::new(columns::ATTEMPTS, "draws until this patient was eligible", "1");
    LazyColumn::integers(meta, |patient| Some(i64::from(patients.attempts[patient])))
}

/// One row per patient: in which subgroups, and how many draws it took.
pub(crate) fn in_groups<'a>(patients: &'a Patients, sampler: &Sampler) -> LazyTable<'a> {
    let groups: Vec<String> = sampler.subgroups().map(|(_, column, _)| column).collect();
    let mut columns = vec![patient_column(patients.first, 1)];
    let is_group = |column: &&Column| groups.contains(&column.meta.name);
    columns.extend(patients.columns.iter().filter(is_group).map(LazyColumn::of));
    columns.push(attempts_column(patients));
    LazyTable { rows: patients.count, columns }
}

/// One row per patient and arm: endpoints, what is derived from them, status, what solved it, steps.
/// Doses received, which need the solution's ledger, are there if their amounts are given.
pub fn outcomes(
    plan: &Plan,
    first: u64,
    patients: usize,
    solution: &Solution,
    amounts: Option<&Amounts<'_>>,
) -> Table {
    debug_assert_eq!(solution.status.len(), patients * plan.arms.len());
    let status = statuses(plan, solution);
    outcomes_of(Items::new(plan, solution, &status), first, amounts.copied()).table()
}

/// The same, made where it is wanted.
pub(crate) fn outcomes_of<'a>(items: Items<'a>, first: u64, amounts: Option<Amounts<'a>>) -> LazyTable<'a> {
    let Items { plan, solution, status } = items;
    let mut columns = vec![patient_column(first, plan.arms.len()), arm_column(plan, 1), dose_column(plan, 1)];
    columns.extend(all_outcomes(items, amounts).into_iter().map(|outcome| outcome.column));
    columns.push(label_column(columns::STATUS, "how the integration ended", &STATUS_LABELS, |item| {
        status[item] as u32
    }));
    columns.extend(not_finite(items));
    let meaning = "kind of processor that solved it";
    columns.push(label_column(columns::SOLVED_BY, meaning, &PROCESSOR_LABELS, |item| {
        solution.solved_by[item] as u32
    }));
    if plan.switch_after.is_some() {
        let meaning = "the method by which it was solved, or tried last";
        let names = Method::ALL.map(Method::name);
        columns.push(label_column(columns::METHOD, meaning, &names, |item| solution.methods[item] as u32));
    }
    for (name, meaning, counts) in [
        (columns::STEPS, "accepted steps of the solver", &solution.steps),
        (columns::REJECTED, "rejected steps of the solver", &solution.rejected),
    ] {
        let meta = ColumnMeta::new(name, meaning, "1");
        columns.push(LazyColumn::integers(meta, |item| Some(i64::from(counts[item]))));
    }
    LazyTable { rows: items.count(), columns }
}

/// What was not finite, and when.
fn not_finite(items: Items<'_>) -> [LazyColumn<'_>; 2] {
    let labels: Arc<[String]> = items.not_finite_labels().into();
    let known = Arc::clone(&labels);
    let code = move |item| {
        let (label, _) = items.not_finite(item)?;
        known.iter().position(|known| *known == label).map(|code| code as u32)
    };
    let meta = ColumnMeta::new(
        columns::NOT_FINITE,
        "what became infinite or not a number first, where the status is non_finite",
        "",
    );
    let time = move |item| items.not_finite(item).map_or(f64::NAN, |(_, time)| time);
    [
        LazyColumn::labels(meta, labels, code),
        LazyColumn::numbers(items.time_meta(columns::NOT_FINITE_DAY, "when it did"), time),
    ]
}

/// One row per patient, arm and time, for the first `patients` of a batch.
pub(crate) fn trajectories<'a>(
    plan: &'a Plan,
    first: u64,
    patients: usize,
    solution: &'a Solution,
) -> LazyTable<'a> {
    let times: Vec<f64> = plan
        .observation_times
        .iter()
        .filter(|point| point.trajectory)
        .map(|point| f64::from(point.tick) * plan.time_per_tick)
        .collect();
    let width = plan.trajectories.len();
    let of_arm = times.len();
    let meta = ColumnMeta::new(columns::TIME, "time since the first planned dose", &plan.time_unit);
    let mut columns = vec![
        patient_column(first, plan.arms.len() * of_arm),
        arm_column(plan, of_arm),
        dose_column(plan, of_arm),
        LazyColumn::numbers(meta, move |row| times[row % times.len()]),
    ];
    columns.extend(plan.trajectory_columns.iter().enumerate().map(|(i, meta)| {
        LazyColumn::numbers(meta.clone(), move |row| solution.trajectories[row * width + i])
    }));
    LazyTable { rows: patients * plan.arms.len() * of_arm, columns }
}

/// Patient-arms of which nothing is known.
pub fn failed(plan: &Plan, solution: &Solution) -> usize {
    statuses(plan, solution).into_iter().filter(|&status| status != Status::Ok).count()
}

/// The columns of [`outcomes`] whose distributions are wanted.
pub fn endpoints(plan: &Plan, with_doses: bool) -> Vec<distribution::Endpoint> {
    let of_nobody = Amounts { unit: "", from_model: Conversion::NONE, slots: &[] };
    let amounts = with_doses.then_some(of_nobody);
    let nobody = nobody(plan);
    let outcomes = all_outcomes(Items::new(plan, &nobody, &[]), amounts);
    outcomes.into_iter().map(Outcome::endpoint).collect()
}

/// Endpoints and what is derived from them.
fn all_outcomes<'a>(items: Items<'a>, amounts: Option<Amounts<'a>>) -> Vec<Outcome<'a>> {
    let mut outcomes: Vec<Outcome<'a>> = items.plan.endpoints.iter().map(|e| endpoint(items, e)).collect();
    outcomes.extend(treatment::outcomes(items));
    outcomes.extend(response::outcomes(items));
    if let Some(amounts) = amounts {
        outcomes.extend(intensity::outcomes(items, amounts));
    }
    outcomes
}

/// An endpoint by its kind.
fn endpoint<'a>(items: Items<'a>, endpoint: &'a Endpoint) -> Outcome<'a> {
    let meta = ColumnMeta::new(&endpoint.name, &endpoint.meaning, &endpoint.unit);
    match endpoint.kind {
        plan::EndpointKind::Number => items.endpoints(meta, EndpointKind::Number, endpoint.value),
        plan::EndpointKind::FirstTime => items.endpoints(meta, EndpointKind::FirstTime, endpoint.value),
        plan::EndpointKind::Grade => items.grades(meta, endpoint.value),
        plan::EndpointKind::Response => {
            let value = move |item| items.solution.endpoint(endpoint.value, item);
            let code = move |item| Some(Response::from_code(value(item)) as u32);
            items.labels(meta, &response::labels(), code)
        }
    }
}

/// A column of labels from their positions, none missing.
pub(super) fn label_column<'a>(
    name: &str,
    meaning: &str,
    labels: &[&str],
    of: impl Fn(usize) -> u32 + Send + Sync + 'a,
) -> LazyColumn<'a> {
    let labels = labels.iter().copied().map(String::from).collect();
    LazyColumn::labels(ColumnMeta::new(name, meaning, ""), labels, move |row| Some(of(row)))
}

/// The patient of each row, of whom there are so many.
fn patient_column(first: u64, repeat: usize) -> LazyColumn<'static> {
    LazyColumn::new(patient_meta(), move |rows| {
        Values::Integer(repeated(rows, repeat).map(|patient| Some(first as i64 + patient as i64)).collect())
    })
}

/// Which of what is repeated so often each row belongs to: without a division for each.
fn repeated(rows: Range<usize>, repeat: usize) -> impl Iterator<Item = usize> {
    // Of nothing there are no rows.
    let repeat = repeat.max(1);
    let (mut number, mut place) = (rows.start / repeat, rows.start % repeat);
    rows.map(move |_| {
        let this = number;
        place += 1;
        if place == repeat {
            (number, place) = (number + 1, 0);
        }
        this
    })
}

/// The arm of each row; each arm is repeated `repeat` times within a patient.
fn arms(rows: Range<usize>, arms: usize, repeat: usize) -> impl Iterator<Item = usize> {
    let mut patient = repeated(rows.clone(), arms * repeat);
    repeated(rows, repeat).map(move |number| number - arms * patient.next().unwrap_or_default())
}

pub(super) fn patient_meta() -> ColumnMeta {
    ColumnMeta::new(columns::PATIENT, "index of the virtual patient, from 0", "")
}

/// The column of arms; each is repeated `repeat` times within a patient.
fn arm_column(plan: &Plan, repeat: usize) -> LazyColumn<'static> {
    let (labels, count) = (arm_labels(plan), plan.arms.len());
    LazyColumn::new(arm_meta(), move |rows| Values::Label {
        codes: arms(rows, count, repeat).map(|arm| Some(arm as u32)).collect(),
        labels: Arc::clone(&labels),
    })
}

/// The arm of each row, by its position.
pub(super) fn arm_column_of<'a>(plan: &Plan, of: impl Fn(usize) -> u32 + Send + Sync + 'a) -> LazyColumn<'a> {
    LazyColumn::labels(arm_meta(), arm_labels(plan), move |row| Some(of(row)))
}

fn arm_meta() -> ColumnMeta {
    ColumnMeta::new(columns::ARM, "planned dose, as written in the cohort file", "")
}

fn arm_labels(plan: &Plan) -> Arc<[String]> {
    plan.arms.iter().map(|arm| arm.label.clone()).collect()
}

/// The arm's dose as a number.
fn dose_column(plan: &Plan, repeat: usize) -> LazyColumn<'_> {
    LazyColumn::new(dose_meta(plan), move |rows| {
        Values::Number(arms(rows, plan.arms.len(), repeat).map(|arm| plan.arms[arm].dose).collect())
    })
}

/// The column of the arms' doses.
pub(crate) fn dose_meta(plan: &Plan) -> ColumnMeta {
    ColumnMeta::new(columns::DOSE, "planned dose as a number", dose_unit(plan))
}

/// Unit of the arms' doses.
pub(super) fn dose_unit(plan: &Plan) -> &str {
    let unit = plan.arms.first().map_or("", |arm| arm.unit.as_str());
    if plan.arms.iter().all(|arm| arm.unit == unit) { unit } else { "unit of the arm" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_rows_are_is_counted_as_it_is_divided() {
        for (count, repeat) in [(1, 1), (5, 1), (3, 4)] {
            for rows in [0..0, 0..40, 7..8, 13..40] {
                let divided: Vec<usize> = rows.clone().map(|row| row / repeat % count).collect();
                assert_eq!(arms(rows, count, repeat).collect::<Vec<_>>(), divided);
            }
        }
        assert_eq!(arms(0..0, 2, 0).count(), 0);
    }
}
