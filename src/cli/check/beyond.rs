//! What goes beyond one run of a cohort file: comparing its scenarios, and virtual dose escalations over the run.

use serde_json::{Value, json};

use crate::cli::trial::REPLICATES;
use crate::compare::spec::ComparisonSpec;
use crate::diagnostic::Problems;
use crate::escalation::foresee::foresee;
use crate::job::Job;
use crate::readable::{bytes, count, duration};
use crate::run::estimate::Estimate;

/// What both would take on this machine's CPU; none of what the file does not ask for, or cannot have.
pub(super) struct Beyond {
    comparison: Option<Comparison>,
    trials: Option<Trials>,
}

/// A comparison, if each of its scenarios takes as long for a patient in an arm as the file itself does.
struct Comparison {
    scenarios: usize,
    /// Patients in an arm, of the scenarios and of all replicates.
    patient_arms: [u64; 2],
    /// Replicates, and patients of each.
    replicates: Option<[u64; 2]>,
    seconds: f64,
    disk: f64,
}

/// Trials by the standard designs.
struct Trials {
    designs: usize,
    seconds: f64,
}

impl Beyond {
    /// Foresees both from what the run of the file itself would take.
    pub(super) fn foresee(
        job: &Job,
        spec: Option<&ComparisonSpec>,
        estimate: &Estimate,
    ) -> Result<Self, Problems> {
        Ok(Self { comparison: spec.map(|spec| comparison(job, spec, estimate)), trials: trials(job)? })
    }

    /// A line for each.
    pub(super) fn lines(&self) -> Vec<String> {
        let comparison = self.comparison.as_ref().map(|of| {
            let replicates = of.replicates.map_or(String::new(), |[replicates, patients]| {
                format!(", {} replicates of up to {} patients each", count(replicates), count(patients))
            });
            format!(
                "  comparison  {} scenarios{replicates}: about {}, {} on disk (`vpop compare`)",
                of.scenarios,
                duration(of.seconds),
                bytes(of.disk as u64)
            )
        });
        let trials = self.trials.as_ref().map(|of| {
            format!(
                "  trials      {} by each of {} standard designs: about {} (`vpop trial`)",
                count(REPLICATES),
                of.designs,
                duration(of.seconds)
            )
        });
        comparison.into_iter().chain(trials).collect()
    }

    pub(super) fn comparison_json(&self) -> Value {
        self.comparison.as_ref().map_or(Value::Null, |of| {
            json!({
                "scenarios": of.scenarios,
                "patient_arms": of.patient_arms[0],
                "replicate_patient_arms": of.patient_arms[1],
                "seconds": of.seconds,
                "bytes": of.disk.round(),
            })
        })
    }

    pub(super) fn trials_json(&self) -> Value {
        self.trials.as_ref().map_or(
            Value::Null,
            |of| json!({ "designs": of.designs, "trials_of_each": REPLICATES, "seconds": of.seconds }),
        )
    }
}

fn comparison(job: &Job, spec: &ComparisonSpec, estimate: &Estimate) -> Comparison {
    let of_file = (job.cohort.patients * job.plan.arms.len() as u64).max(1) as f64;
    let stages = spec.stages();
    let scenarios = spec.scenarios.len();
    let sum = |stages: &[(String, u64)]| stages.iter().map(|(_, size)| size).sum::<u64>();
    let patient_arms = [sum(&stages[..scenarios]), sum(&stages[scenarios..])];
    let [runs, replicates] = patient_arms.map(|size| size as f64 / of_file);
    let most = spec.scenarios.iter().map(|scenario| scenario.job.cohort.patients).max().unwrap_or(0);
    Comparison {
        scenarios,
        patient_arms,
        replicates: spec.uncertainty.as_ref().map(|of| [of.replicates, of.patients.min(most)]),
        seconds: estimate.seconds * (runs + replicates),
        disk: estimate.disk * runs,
    }
}

/// Trials over the run; none where no toxicity is dose-limiting, or where the arms are no doses of one kind.
fn trials(job: &Job) -> Result<Option<Trials>, Problems> {
    if job.cohort.dlt.is_none() {
        return Ok(None);
    }
    let mut arms: Vec<_> = job.plan.arms.iter().filter(|arm| arm.dose > 0.0).collect();
    arms.sort_by(|a, b| a.dose.total_cmp(&b.dose));
    let doses: Vec<String> = arms.iter().map(|arm| arm.label.clone()).collect();
    match foresee(&doses, REPLICATES) {
        Ok((designs, seconds)) => Ok(Some(Trials { designs, seconds })),
        // `vpop trial` says what is wrong with them.
        Err(problems) if problems.is_of_input() => Ok(None),
        Err(problems) => Err(problems),
    }
}
