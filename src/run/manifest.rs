//! What a run was made from, by what, and how it went.

use std::time::SystemTime;

use super::explained;
use crate::cohort::TICKS_PER_DAY;
use crate::job::Job;
use crate::store::{self, EngineSummary, Manifest, ModelSummary, RunFolder, SolverSummary, TrialSummary};
use crate::table::Table;

use super::always_zero;
use super::concluding::Counted;

/// Causes of failure of which one patient is solved once more, to say more of it.
const MOST_EXPLAINED: usize = 5;

/// The manifest of a run whose sets are written, without timings.
pub(super) fn manifest(
    job: &Job,
    folder: &RunFolder,
    engine: EngineSummary,
    rtol: f64,
    counted: Counted,
    distributions: &Table,
) -> Manifest {
    let Job { cohort, model, plan, .. } = job;
    let Counted { audit, mut outcomes, switched, screening } = counted;
    let identity = folder.identity();
    for total in outcomes.not_finite.iter_mut().take(MOST_EXPLAINED) {
        total.operation = explained::operation(job, total.patient, &total.arm);
    }
    Manifest {
        vpop: identity.vpop.clone(),
        created: store::rfc3339_utc(SystemTime::now()),
        name: identity.name.clone(),
        scenario: identity.scenario.clone(),
        seed: identity.seed,
        patients: store::patients(&identity.parts()),
        shard: identity.shard,
        inputs: identity.inputs.clone(),
        model: ModelSummary {
            name: model.name.clone(),
            description: model.metadata.description.clone(),
            reference: model.metadata.reference.clone(),
        },
        engine,
        solver: SolverSummary {
            method: plan.method.name().into(),
            reason: job.reason.to_string(),
            switch_after: plan.switch_after,
            switched,
            rtol,
            atol: cohort.solver.atol,
            max_steps: plan.max_steps,
            max_step: plan.max_step,
        },
        outcomes,
        screening,
        trial: trial(job),
        notices: job.notices.iter().map(Into::into).collect(),
        always_zero: always_zero::endpoints(job, distributions),
        audit,
        timings: Vec::new(),
        files: folder.files(),
        arms: plan.arms.iter().map(|arm| arm.label.clone()).collect(),
    }
}

fn trial(job: &Job) -> Option<TrialSummary> {
    let Job { cohort, plan, .. } = job;
    let dlt = plan.treatment.dlt.as_ref()?;
    Some(TrialSummary {
        dlt_window_days: f64::from(dlt.window) / TICKS_PER_DAY,
        dlt_causes: dlt.causes.iter().map(|(cause, _)| cause.clone()).collect(),
        time_unit_days: 1.0 / (plan.time_per_tick * TICKS_PER_DAY),
        planned_doses: plan.most_doses(),
        active_dose: cohort.escalation.active_dose.as_ref().map(|dose| dose.value.text.clone()),
        accrual: cohort.escalation.accrual,
    })
}
