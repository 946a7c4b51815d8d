//! What the page of a comparison says besides its figures.

use super::super::assumptions::assumptions;
use super::super::page::{Content, Verdict};
use super::Facts;
use crate::diagnostic::Problems;
use crate::readable::{bytes, count, duration};
use crate::store::Timing;

pub(in crate::report) fn content(facts: &Facts) -> Result<Content, Problems> {
    let said = &facts.said;
    let base = facts.run(&said.base);
    let patients = base.map_or(0, |run| run.manifest.patients);
    let names: Vec<&str> = said.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let own = [
        ("Scenarios", names.join(", ")),
        ("Compared with", said.base.clone()),
        ("Patients of each", count(patients)),
        ("Seed", said.seed.to_string()),
        ("Took", duration(Timing::total(&said.timings))),
    ];
    let size = bytes(said.files.iter().map(|file| file.bytes).sum());
    let mut notices = Vec::new();
    for notice in facts.runs.iter().flat_map(|run| &run.manifest.notices) {
        if !notices.contains(notice) {
            notices.push(notice.clone());
        }
    }
    Ok(Content {
        vpop: said.vpop.clone(),
        name: format!("{}-compare", said.name),
        title: format!("{}: scenarios compared", said.name),
        lead: format!(
            "{}The same virtual patients under each scenario. Simulated patients, for research only.",
            descriptions(facts)
        ),
        verdict: verdict(facts),
        facts: own.map(|(name, value)| [name.to_owned(), value]).into(),
        notices,
        assumptions: base.map(assumptions).transpose()?,
        reference: base.and_then(|run| run.manifest.model.reference.clone()),
        made: format!(
            "Made by vpop {} on {}; {size} of tables, beside the runs of the scenarios in scenarios/. `vpop report` makes \
             a page of each of these.",
            said.vpop, said.created
        ),
        inputs: said.inputs.clone(),
        files: said.files.clone(),
    })
}

/// What each scenario is, where it says so.
fn descriptions(facts: &Facts) -> String {
    let described = facts.said.scenarios.iter().filter_map(|scenario| {
        Some(format!("{}: {}. ", scenario.name, scenario.description.as_ref()?.trim_end_matches('.')))
    });
    described.collect()
}

fn verdict(facts: &Facts) -> Verdict {
    let scenarios = &facts.said.scenarios;
    let mut sentences = Vec::new();
    for scenario in scenarios.iter().filter(|scenario| scenario.has_failed) {
        sentences.push(match scenario.failed {
            0 => format!("{}: the run is further from its check than is promised.", scenario.name),
            failed => format!(
                "{}: {} patients in an arm could not be solved: they are in no figure.",
                scenario.name,
                count(failed)
            ),
        });
    }
    let is_well = sentences.is_empty();
    if is_well {
        sentences.push("Every patient could be solved in every arm of every scenario.".into());
        let checked = facts.runs.iter().all(|run| !run.manifest.audit.is_empty());
        sentences.push(if checked {
            "A sample of each run, solved again, agrees with it within what is promised.".into()
        } else {
            "Not every run was checked by solving a sample of it again.".into()
        });
    }
    let sizes: Vec<u64> = scenarios.iter().map(|scenario| scenario.patients).collect();
    if sizes.windows(2).any(|pair| pair[0] != pair[1]) {
        let told = scenarios.iter().map(|of| format!("{} {}", of.name, count(of.patients)));
        sentences.push(format!("Numbers of patients: {}.", told.collect::<Vec<_>>().join(", ")));
    }
    let heading = if is_well {
        "The runs of all scenarios are complete and hold."
    } else {
        "Runs have failures: read the comparison with them in mind."
    };
    Verdict { is_well, heading: heading.into(), sentences }
}
