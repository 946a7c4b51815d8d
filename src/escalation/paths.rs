//! Designs before any trial: what follows from every possible outcome of the first cohorts.

use super::design::{Design, DoseCohort, Tally, TrialData};

/// What follows from the outcomes of the first cohorts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The cohorts so far, and the toxicities in each.
    pub cohorts: Vec<(DoseCohort, u32)>,
    /// The next cohort; none where the trial ends.
    pub next: Option<DoseCohort>,
    /// The dose that would be declared now.
    pub declared: Option<usize>,
}

/// Every path of so many cohorts, shorter ones first along each; all patients are evaluable.
pub fn paths(design: &dyn Design, doses: usize, cohorts: usize) -> Vec<Path> {
    let mut found = Vec::new();
    if let Some(first) = design.next(&TrialData::nobody(doses)) {
        follow(design, &TrialData::nobody(doses), &[], first, cohorts, &mut found);
    }
    found
}

fn follow(
    design: &dyn Design,
    seen: &TrialData,
    before: &[(DoseCohort, u32)],
    cohort: DoseCohort,
    cohorts: usize,
    found: &mut Vec<Path>,
) {
    for dlts in 0..=cohort.patients {
        let mut seen = seen.clone();
        let patients = cohort.patients;
        seen.add(
            cohort.dose,
            Tally { treated: patients, evaluable: patients, dlts, moderate: dlts, second_dose: 0 },
        );
        let path = [before, &[(cohort, dlts)]].concat();
        let next = design.next(&seen);
        let declared = design.declare(&seen);
        found.push(Path { cohorts: path.clone(), next, declared });
        if let Some(next) = next
            && path.len() < cohorts
        {
            follow(design, &seen, &path, next, cohorts, found);
        }
    }
}
