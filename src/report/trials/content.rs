//! What the page of virtual dose escalations says besides its figures.

use super::super::assumptions::assumptions;
use super::super::figures::percent;
use super::super::page::{Content, Verdict};
use super::Facts;
use super::facts::Design;
use crate::cohort::WhenFull;
use crate::diagnostic::Problems;
use crate::readable::{bytes, count, duration, number};
use crate::store::{InputHash, Timing};

pub(in crate::report) fn content(facts: &Facts) -> Result<Content, Problems> {
    let said = &facts.said;
    let with_unit = |dose: Option<f64>| dose.map(|dose| format!("{} {}", number(dose), said.dose_unit));
    let toxicity = said.doses.iter().zip(&said.toxicity);
    let toxicity = toxicity.map(|(dose, share)| format!("{dose} {} %", percent(*share)));
    let when_full = match said.accrual.when_full {
        WhenFull::Wait => "they wait while no place is open",
        WhenFull::TurnedAway => "they are turned away while no place is open",
    };
    let own = [
        ("Designs", Some(said.designs.len().to_string())),
        ("Trials of each", Some(count(said.replicates))),
        ("Patients with a dose-limiting toxicity", Some(toxicity.collect::<Vec<_>>().join(", "))),
        (
            "Patients who come",
            Some(format!("{} a month; {when_full}", number(said.accrual.patients_per_month))),
        ),
        ("Dose thought to be active", with_unit(said.active_dose)),
        ("Static dose of the reference tumour", with_unit(said.static_dose)),
        ("Seed", Some(said.seed.to_string())),
        ("Took", Some(duration(Timing::total(&said.timings)))),
    ];
    let size = bytes(said.files.iter().map(|file| file.bytes).sum());
    let inputs = said.designs.iter().map(|design| InputHash {
        role: format!("design {}", design.name),
        file: design.file.clone(),
        sha256: design.sha256.clone(),
        taken_from_sha256: None,
    });
    Ok(Content {
        vpop: said.vpop.clone(),
        name: format!("{}-trial", said.name),
        title: format!("{}: virtual dose escalations", said.name),
        lead: "Which dose would a phase I trial have declared? The same simulated patients, in the same order, under every \
               design; for research only."
            .into(),
        verdict: verdict(facts),
        facts: own.into_iter().filter_map(|(name, value)| Some([name.to_owned(), value?])).collect(),
        notices: Vec::new(),
        assumptions: facts.run.as_ref().map(assumptions).transpose()?,
        reference: facts.run.as_ref().and_then(|run| run.manifest.model.reference.clone()),
        made: format!("Made by vpop {} on {}; {size} of tables.", said.vpop, said.created),
        inputs: inputs.collect(),
        files: said.files.clone(),
    })
}

/// In a sentence for each design, what it declares most often.
fn verdict(facts: &Facts) -> Verdict {
    let said = &facts.said;
    let mut sentences: Vec<String> = said.designs.iter().map(|design| most_often(facts, design)).collect();
    sentences.extend(said.notes.iter().cloned());
    sentences.push(match (&said.run, &facts.run) {
        (None, _) => "Probabilities of toxicity were assumed: no patients stand behind these trials.".into(),
        (Some(run), None) => format!(
            "The run that patients come from, {}, is not there any more: what a dose brings is shown by toxicity alone.",
            run.display()
        ),
        (Some(_), Some(_)) => "Patients come from a run that is as it was written.".into(),
    });
    Verdict { is_well: true, heading: "The trials are complete.".into(), sentences }
}

fn most_often(facts: &Facts, Design { name: design, maximum, .. }: &Design) -> String {
    let none = facts.value(design, "none_declared", None);
    let doses = facts.said.doses.iter().map(|dose| (dose, facts.value(design, "declared", Some(dose))));
    let most = doses.max_by(|a, b| a.1.total_cmp(&b.1));
    let (dose, share) = most.map_or(("no dose", f64::NAN), |(dose, share)| (dose.as_str(), share));
    format!(
        "{design}: {dose} is declared most often, by {} % of the trials; {} % declare none; {} patients, of up to \
         {}, and {} days on average.",
        percent(share),
        percent(none),
        number(facts.value(design, "treated", None)),
        maximum,
        number(facts.value(design, "duration", None))
    )
}
