//! The rows of the `patients`, `outcomes` and `trajectories` sets, from what was sampled and solved.

use super::distribution::{self, EndpointKind};
use super::doses::Amounts;
use super::items::{Items, Outcome, nobody, statuses};
use super::response::{self, Response};
use super::{intensity, treatment};
use crate::cohort::columns;
use crate::engine::{Individuals, Solution, Status};
use crate::plan::{self, Endpoint, Method, Plan};
use crate::population::{Patients, Sampler};
use crate::table::{Column, ColumnMeta, Table, Values};
use crate::unit::Conversion;

/// Labels of [`Status`], in the order of their codes.
pub const STATUS_LABELS: [&str; 6] =
    ["ok", "max_steps", "step_too_small", "non_finite", "bad_dose", "no_steady_state"];

/// Labels of [`Processor`](crate::engine::Processor), in the order of their codes.
pub const PROCESSOR_LABELS: [&str; 3] = ["cpu", "gpu", "cpu f32"];

/// One row per patient: covariates, individual parameters, and how many draws it took.
pub fn patients(plan: &Plan, patients: &Patients, individuals: &Individuals) -> Table {
    let mut columns = vec![patient_column(patients.first, patients.count, 1)];
    columns.extend(patients.columns.iter().cloned());
    for (meta, slot) in &plan.individual_parameters {
        let values = Values::Number(individuals.at_first(*slot));
        columns.push(Column { meta: meta.clone(), values });
    }
    columns.push(attempts_column(patients));
    Table { columns }
}

fn attempts_column(patients: &Patients) -> Column {
    let attempts = patients.attempts.iter().map(|&n| Some(i64::from(n))).collect();
    let meta = ColumnMeta::new(columns::ATTEMPTS, "draws until this patient was eligible", "1");
    Column { meta, values: Values::Integer(attempts) }
}

/// One row per patient: in which subgroups, and how many draws it took.
pub fn in_groups(patients: &Patients, sampler: &Sampler) -> Table {
    let groups: Vec<String> = sampler.subgroups().map(|(_, column, _)| column).collect();
    let mut columns = vec![patient_column(patients.first, patients.count, 1)];
    columns.extend(patients.columns.iter().filter(|column| groups.contains(&column.meta.name)).cloned());
    columns.push(attempts_column(patients));
    Table { columns }
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
    let arms = plan.arms.len();
    let mut columns = vec![patient_column(first, patients, arms), arm_column(plan, patients, 1)];
    columns.push(dose_column(plan, patients, 1));
    let status = statuses(plan, solution);
    let items = Items { plan, solution, status: &status };
    columns.extend(all_outcomes(items, amounts).into_iter().map(|outcome| outcome.column));
    let status = status.iter().map(|&status| status as u32).collect();
    columns.push(label_column(columns::STATUS, "how the integration ended", status, &STATUS_LABELS));
    columns.extend(not_finite(items));
    let solved_by = solution.solved_by.iter().map(|&processor| processor as u32).collect();
    columns.push(label_column(
        columns::SOLVED_BY,
        "kind of processor that solved it",
        solved_by,
        &PROCESSOR_LABELS,
    ));
    if plan.switch_after.is_some() {
        let methods = solution.methods.iter().map(|&method| method as u32).collect();
        let meaning = "the method by which it was solved, or tried last";
        columns.push(label_column(columns::METHOD, meaning, methods, &Method::ALL.map(Method::name)));
    }
    for (name, meaning, counts) in [
        (columns::STEPS, "accepted steps of the solver", &solution.steps),
        (columns::REJECTED, "rejected steps of the solver", &solution.rejected),
    ] {
        let values = Values::Integer(counts.iter().map(|&n| Some(i64::from(n))).collect());
        columns.push(Column { meta: ColumnMeta::new(name, meaning, "1"), values });
    }
    Table { columns }
}

/// What was not finite, and when.
fn not_finite(items: Items<'_>) -> [Column; 2] {
    let causes: Vec<Option<(String, f64)>> = (0..items.count()).map(|item| items.not_finite(item)).collect();
    let labels = items.not_finite_labels();
    let code = |label: &String| labels.iter().position(|known| known == label).map(|code| code as u32);
    let codes = causes.iter().map(|cause| cause.as_ref().and_then(|(label, _)| code(label))).collect();
    let meta = ColumnMeta::new(
        columns::NOT_FINITE,
        "what became infinite or not a number first, where the status is non_finite",
        "",
    );
    let times = causes.iter().map(|cause| cause.as_ref().map_or(f64::NAN, |(_, time)| *time)).collect();
    [
        Column { meta, values: Values::Label { codes, labels: labels.into() } },
        Column {
            meta: items.time_meta(columns::NOT_FINITE_DAY, "when it did"),
            values: Values::Number(times),
        },
    ]
}

/// One row per patient, arm and time, for the first `patients` of a batch.
pub fn trajectories(plan: &Plan, first: u64, patients: usize, solution: &Solution) -> Table {
    let times: Vec<f64> = plan
        .observation_times
        .iter()
        .filter(|point| point.trajectory)
        .map(|point| f64::from(point.tick) * plan.time_per_tick)
        .collect();
    let width = plan.trajectories.len();
    let rows = patients * plan.arms.len() * times.len();
    let time = Values::Number((0..rows).map(|row| times[row % times.len()]).collect());
    let mut columns = vec![
        patient_column(first, patients, plan.arms.len() * times.len()),
        arm_column(plan, patients, times.len()),
        dose_column(plan, patients, times.len()),
        Column {
            meta: ColumnMeta::new(columns::TIME, "time since the first planned dose", &plan.time_unit),
            values: time,
        },
    ];
    for (i, meta) in plan.trajectory_columns.iter().enumerate() {
        let values = (0..rows).map(|row| solution.trajectories[row * width + i]).collect();
        columns.push(Column { meta: meta.clone(), values: Values::Number(values) });
    }
    Table { columns }
}

/// Patient-arms of which nothing is known.
pub fn failed(plan: &Plan, solution: &Solution) -> usize {
    statuses(plan, solution).into_iter().filter(|&status| status != Status::Ok).count()
}

/// The columns of [`outcomes`] whose distributions are wanted.
pub fn endpoints(plan: &Plan, with_doses: bool) -> Vec<distribution::Endpoint> {
    let of_nobody = Amounts { unit: "", from_model: Conversion::NONE, slots: &[] };
    let amounts = with_doses.then_some(&of_nobody);
    let items = Items { plan, solution: &nobody(plan), status: &[] };
    all_outcomes(items, amounts).into_iter().map(Outcome::endpoint).collect()
}

/// Endpoints and what is derived from them.
fn all_outcomes(items: Items<'_>, amounts: Option<&Amounts<'_>>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = items.plan.endpoints.iter().map(|e| endpoint(items, e)).collect();
    outcomes.extend(treatment::outcomes(items));
    outcomes.extend(response::outcomes(items));
    if let Some(amounts) = amounts {
        outcomes.extend(intensity::outcomes(items, amounts));
    }
    outcomes
}

/// An endpoint by its kind.
fn endpoint(items: Items<'_>, endpoint: &Endpoint) -> Outcome {
    let meta = ColumnMeta::new(&endpoint.name, &endpoint.meaning, &endpoint.unit);
    let value = |item| items.solution.endpoint(endpoint.value, item);
    match endpoint.kind {
        plan::EndpointKind::Number => items.numbers(meta, EndpointKind::Number, value),
        plan::EndpointKind::FirstTime => items.numbers(meta, EndpointKind::FirstTime, value),
        plan::EndpointKind::Grade => {
            let grade = |item| Some(value(item)).filter(|grade| !grade.is_nan()).map(|grade| grade as i64);
            items.integers(meta, EndpointKind::Grade, grade)
        }
        plan::EndpointKind::Response => {
            let code = |item| Some(Response::from_code(value(item)) as u32);
            items.labels(meta, &response::labels(), code)
        }
    }
}

/// A column of labels from their codes, none missing.
pub(super) fn label_column(name: &str, meaning: &str, codes: Vec<u32>, labels: &[&str]) -> Column {
    let codes = codes.into_iter().map(Some).collect();
    let labels = labels.iter().copied().map(String::from).collect();
    Column { meta: ColumnMeta::new(name, meaning, ""), values: Values::Label { codes, labels } }
}

fn patient_column(first: u64, patients: usize, repeat: usize) -> Column {
    let values = (0..patients * repeat).map(|row| Some(first as i64 + (row / repeat) as i64)).collect();
    Column { meta: patient_meta(), values: Values::Integer(values) }
}

pub(super) fn patient_meta() -> ColumnMeta {
    ColumnMeta::new(columns::PATIENT, "index of the virtual patient, from 0", "")
}

/// The arm of each row; each arm is repeated `repeat` times within a patient.
fn arm_column(plan: &Plan, patients: usize, repeat: usize) -> Column {
    let arms = plan.arms.len();
    let codes = (0..patients * arms * repeat).map(|row| (row / repeat % arms) as u32).collect();
    arm_column_of(plan, codes)
}

/// The arm of each row, by its position.
pub(super) fn arm_column_of(plan: &Plan, codes: Vec<u32>) -> Column {
    let labels: Vec<&str> = plan.arms.iter().map(|arm| arm.label.as_str()).collect();
    label_column(columns::ARM, "planned dose, as written in the cohort file", codes, &labels)
}

/// The arm's dose as a number.
fn dose_column(plan: &Plan, patients: usize, repeat: usize) -> Column {
    let arms = plan.arms.len();
    let values = (0..patients * arms * repeat).map(|row| plan.arms[row / repeat % arms].dose).collect();
    Column { meta: dose_meta(plan), values: Values::Number(values) }
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
