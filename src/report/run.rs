//! What the page of a run says besides its figures.

use super::assumptions::assumptions;
use super::facts::Facts;
use super::page::{Content, Verdict};
use crate::diagnostic::Problems;
use crate::engine::audit::Check;
use crate::readable::{bytes, count, duration};
use crate::store::{Keeps, Timing};

pub(super) fn content(facts: &Facts) -> Result<Content, Problems> {
    let manifest = &facts.manifest;
    let all = &manifest.outcomes.all;
    let scenario = manifest.scenario.as_ref().map_or(String::new(), |scenario| format!(": {scenario}"));
    let description = facts.job.cohort.description.as_ref();
    let description = description.map_or(String::new(), |text| format!("{text}. "));
    let took = duration(Timing::total(&manifest.timings));
    let size = bytes(manifest.files.iter().map(|file| file.bytes).sum());
    let own = [
        ("Patients", count(manifest.patients)),
        ("Arms", manifest.arms.join(", ")),
        ("Patient-arms, failed", format!("{}, {}", count(all.patients), count(all.failed()))),
        ("Model", manifest.model.name.clone()),
        ("Seed", manifest.seed.to_string()),
        ("Solved by", format!("{}, {took}", manifest.engine.name)),
    ];
    Ok(Content {
        vpop: manifest.vpop.clone(),
        name: manifest.name.clone(),
        title: format!("{}{scenario}", manifest.name),
        lead: format!("{description}A virtual trial: simulated patients, for research only."),
        verdict: verdict(facts),
        facts: own.map(|(name, value)| [name.to_owned(), value]).into(),
        notices: manifest.notices.clone(),
        assumptions: Some(assumptions(facts)?),
        reference: manifest.model.reference.clone(),
        made: format!(
            "Made by vpop {} on {}; {size} of results. Solved by {} with {} at a relative tolerance of {}.",
            manifest.vpop,
            manifest.created,
            manifest.engine.name,
            manifest.solver.method,
            manifest.solver.rtol
        ),
        inputs: manifest.inputs.clone(),
        files: manifest.files.clone(),
    })
}

fn verdict(facts: &Facts) -> Verdict {
    let manifest = &facts.manifest;
    let mut sentences = Vec::new();
    let failed = manifest.outcomes.all.failed();
    sentences.push(if failed == 0 {
        "Every patient could be solved in every arm.".to_owned()
    } else {
        format!("{} patients in an arm could not be solved: they are in no figure.", count(failed))
    });
    for audit in &manifest.audit {
        let outcome = if audit.holds {
            "agrees with the run within what is promised"
        } else {
            "is further from the run than is promised"
        };
        let again = match audit.check {
            Check::Engine => "by the CPU in f64",
            Check::Integration => "more closely by another method",
        };
        let sample = count(audit.patient_arms);
        sentences.push(format!("A sample of {sample} patient-arms, solved again {again}, {outcome}."));
    }
    if manifest.audit.is_empty() {
        sentences.push("Nothing was solved again to check it: the audit was not asked for.".into());
    }
    sentences.extend(match facts.job.kept() {
        Keeps::Rows => None,
        Keeps::Columns => {
            Some("Some columns of the outcomes are not kept: figures that need them are left out.".to_owned())
        }
        Keeps::Statistics => {
            Some("Rows of patients are not kept: figures that need them are left out.".to_owned())
        }
    });
    let warnings = manifest.notices.iter().filter(|notice| notice.weight == "warning").count();
    if warnings > 0 {
        sentences.push(format!("{warnings} warnings were given before it was run: see below."));
    }
    let heading = match manifest.failed() {
        false => "The run is complete and holds.",
        true => "The run has failures: read it with them in mind.",
    };
    Verdict { is_well: !manifest.failed(), heading: heading.into(), sentences }
}
