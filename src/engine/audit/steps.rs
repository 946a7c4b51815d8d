//! The steps of the closer integration: short, and at other times in every patient-arm.
//!
//! What happens in the equations between the stages of all steps is seen by no error estimate, however
//! tight the tolerance, where a solution is otherwise at rest. So the reference looks elsewhere, and the
//! patient-arms of a sample look at different times: none steps further than its own bound, and together
//! they look in so many places that hardly anything can happen in between. One that sees something rejects
//! its step and resolves it, and then differs from the run.

use crate::engine::scatter::scattered;
use crate::plan::Plan;

/// Steps that all patient-arms of a sample have to take together.
const TOGETHER: f64 = 4096.0;
/// Steps that each of them has to take at least.
const EACH: f64 = 16.0;
/// The longest of the bounds, as a share of a largest step that the plan has.
const CLOSER: f64 = 0.5;
/// The shortest of the bounds, as a share of the longest.
const SHORTEST: f64 = 0.5;

/// The longest steps of the patient-arms of a sample, in model time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    longest: f64,
    arms: usize,
}

impl Steps {
    /// For a sample of so many patients.
    pub(super) fn new(plan: &Plan, patients: u64) -> Self {
        let arms = plan.arms.len().max(1);
        let each = (TOGETHER / (patients.max(1) as f64 * arms as f64)).max(EACH);
        // How long patients of a data set are followed differs, and every reading ends a step.
        let end = if plan.is_recorded { f64::INFINITY } else { f64::from(plan.end()) };
        let longest = end * plan.time_per_tick / each;
        let of_plan = plan.max_step.map_or(f64::INFINITY, |step| CLOSER * step);
        Self { longest: longest.min(of_plan), arms }
    }

    /// Those of one patient, by its index in the cohort.
    pub(super) fn of(self, patient: u64) -> impl Iterator<Item = f64> {
        let Self { longest, arms } = self;
        (0..arms as u64).map(move |arm| {
            let scattered = scattered(patient.wrapping_mul(arms as u64).wrapping_add(arm));
            longest * (SHORTEST + (1.0 - SHORTEST) * scattered)
        })
    }
}
