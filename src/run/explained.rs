//! In which operation a patient's numbers ceased to be finite: found by solving the patient once more.

use crate::engine::cpu::{Cpu, Isa};
use crate::engine::{Engine, NotFinite};
use crate::job::Job;

/// The operation, as a model would write it; `None` if it cannot be told, as where only a device's numbers were not finite.
pub(super) fn operation(job: &Job, patient: u64, arm: &str) -> Option<String> {
    let (isa, plan) = (Isa::detect(), &job.plan);
    let (_, individuals) = job.individuals(patient..patient + 1, isa).ok()?;
    let solution = Cpu::new(plan, isa).solve(&individuals).ok()?;
    let item = plan.arms.iter().position(|planned| planned.label == arm)?;
    let &NotFinite { operation, .. } = solution.not_finite.get(item)?.as_ref()?;
    operation.map(|operation| plan.text(operation))
}
