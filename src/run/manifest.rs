//! What a run was made from, by what, and how it went.

use std::time::SystemTime;

use super::{Settings, parts};
use crate::clock::Clock;
use crate::cohort::TICKS_PER_DAY;
use crate::engine::Engine;
use crate::job::Job;
use crate::outcome::audit::Summary;
use crate::store::{
    self, EngineSummary, Manifest, ModelSummary, RunFolder, Set, SolverSummary, StoreError, TrialSummary,
};

/// The manifest of a run whose sets are written.
pub(super) fn manifest(
    job: &Job,
    settings: &Settings,
    engine: &dyn Engine,
    folder: &RunFolder,
    audit: Vec<Summary>,
    clock: Clock,
) -> Result<Manifest, StoreError> {
    let Job { cohort, model, plan, .. } = job;
    let arms: Vec<String> = plan.arms.iter().map(|arm| arm.label.clone()).collect();
    let identity = folder.identity();
    Ok(Manifest {
        vpop: identity.vpop.clone(),
        created: store::rfc3339_utc(SystemTime::now()),
        name: identity.name.clone(),
        scenario: identity.scenario.clone(),
        seed: identity.seed,
        patients: parts::patients(&parts::parts(cohort.patients, settings.shard)),
        shard: settings.shard,
        inputs: identity.inputs.clone(),
        model: ModelSummary {
            name: model.name.clone(),
            description: model.metadata.description.clone(),
            reference: model.metadata.reference.clone(),
        },
        engine: EngineSummary {
            name: engine.name(),
            level: settings.level.to_string(),
            threads: rayon::current_num_threads(),
            events: engine.events(),
        },
        solver: SolverSummary {
            method: plan.method.name().into(),
            reason: job.reason.to_string(),
            rtol: engine.rtol(),
            atol: cohort.solver.atol,
            max_steps: plan.max_steps,
            max_step: plan.max_step,
        },
        outcomes: store::totals(&store::part_files(folder.path(), Set::Outcomes)?, &arms)?,
        screening: store::screening(&store::part_files(folder.path(), Set::Patients)?)?,
        trial: trial(job),
        notices: job.notices.iter().map(Into::into).collect(),
        audit,
        timings: clock.finish(engine.stages()),
        files: folder.files()?,
        arms,
    })
}

fn trial(job: &Job) -> Option<TrialSummary> {
    let Job { cohort, plan, .. } = job;
    let dlt = plan.trial.dlt.as_ref()?;
    Some(TrialSummary {
        dlt_window_days: f64::from(dlt.window) / TICKS_PER_DAY,
        dlt_causes: dlt.causes.iter().map(|(cause, _)| cause.clone()).collect(),
        time_unit_days: 1.0 / (plan.time_per_tick * TICKS_PER_DAY),
        planned_doses: plan.arms.iter().map(|arm| arm.doses.len()).max().unwrap_or(0),
        active_dose: cohort.escalation.active_dose.as_ref().map(|dose| dose.value.text.clone()),
        accrual: cohort.escalation.accrual,
    })
}
