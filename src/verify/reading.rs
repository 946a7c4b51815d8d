//! What is read of a solution, with its name and unit.

use serde::Serialize;

use crate::cohort::TICKS_PER_DAY;
use crate::engine::Solution;
use crate::plan::{Arm, Plan};

/// The size below which an error of a time course counts less, as a share of its largest value.
const SCALE_OF_TRAJECTORY: f64 = 1e-2;

/// The size below which an error of an endpoint counts less, unless its cohort file says it.
const SCALE: f64 = 1.0;

/// What a value is.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// Endpoint, or observable and day.
    pub what: String,
    /// Dose of the arm, as the cohort file writes it.
    pub arm: String,
    /// Which patient, from 0.
    pub patient: usize,
    /// Unit of the value.
    pub unit: String,
    /// Size, in that unit, below which an error counts less.
    pub scale: f64,
}

/// The endpoints of the first patients, in the order of [`endpoints`].
pub(super) fn of_endpoints(plan: &Plan, patients: usize) -> Vec<Reading> {
    let items = (0..patients).flat_map(|patient| plan.arms.iter().map(move |arm| (patient, arm)));
    let of_item = |(patient, arm): (usize, &Arm)| {
        let label = arm.label.clone();
        plan.endpoints.iter().map(move |endpoint| Reading {
            what: endpoint.name.clone(),
            arm: label.clone(),
            patient,
            unit: endpoint.unit.clone(),
            scale: endpoint.scale.unwrap_or(SCALE),
        })
    };
    items.flat_map(of_item).collect()
}

/// `[patient][arm][endpoint]`
pub(super) fn endpoints(plan: &Plan, solution: &Solution) -> Vec<f64> {
    let items = 0..solution.status.len();
    let of_item = |item| plan.endpoints.iter().map(move |endpoint| solution.endpoint(endpoint.value, item));
    items.flat_map(of_item).collect()
}

/// The time courses of the first patient, `[arm][time][observable]`, as they are expected to be.
pub(super) fn of_trajectories(plan: &Plan, expected: &[f64]) -> Vec<Reading> {
    let days: Vec<f64> = plan
        .observation_times
        .iter()
        .filter(|point| point.trajectory)
        .map(|point| f64::from(point.tick) / TICKS_PER_DAY)
        .collect();
    let columns = &plan.trajectory_columns;
    let mut readings = Vec::with_capacity(expected.len());
    for (arm, trajectories) in plan.arms.iter().zip(expected.chunks(days.len() * columns.len())) {
        for day in &days {
            for (i, column) in columns.iter().enumerate() {
                let trajectory = trajectories.iter().skip(i).step_by(columns.len());
                readings.push(Reading {
                    what: format!("{}, day {}", column.name, (day * 1e4).round() / 1e4),
                    arm: arm.label.clone(),
                    patient: 0,
                    unit: column.unit.clone(),
                    scale: SCALE_OF_TRAJECTORY
                        * trajectory.fold(0.0, |largest: f64, value| largest.max(value.abs())),
                });
            }
        }
    }
    readings
}
