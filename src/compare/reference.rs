//! The reference tumour: one patient without variability, by whom the static dose is defined.

use super::crossing::Point;
use crate::outcome::distribution::mean;
use crate::plan::Arm;

/// Change of the tumour at each dose, by increasing dose: the mean over patients, who are one as a rule.
/// `changes` are in percent, `[patient][arm]`.
pub(super) fn changes(arms: &[Arm], changes: &[f64]) -> Vec<Point> {
    let of_arm = |i: usize| changes.iter().skip(i).step_by(arms.len()).copied().collect::<Vec<_>>();
    let point = |(i, arm): (usize, &Arm)| Point { dose: arm.dose, value: mean(&of_arm(i)) };
    let mut points: Vec<Point> = arms.iter().enumerate().map(point).collect();
    points.sort_by(|a, b| a.dose.total_cmp(&b.dose));
    points
}
