//! The first patients by the levels of the first subgroup: how single patients are coloured.

use std::collections::HashMap;

use super::super::facts::Facts;
use super::super::rows::{numbers, positions};
use crate::cohort::columns::PATIENT;
use crate::diagnostic::Problems;
use crate::store::Set;

/// Of so many patients, from the first, levels are known.
pub(super) const LOOKED_AT: f64 = 10_000.0;

/// How patients are coloured.
#[derive(Default)]
pub(super) struct Levels {
    /// What the subgroup is called, if there is one.
    pub(super) grouping: Option<String>,
    pub(super) names: Vec<String>,
    /// Position of the level, by patient.
    pub(super) of_patients: HashMap<u64, usize>,
}

/// The first subgroup, and the levels of the first patients.
pub(super) fn levels(facts: &Facts) -> Result<Levels, Problems> {
    let Some((name, column, levels)) = facts.job.sampler.subgroups().next() else {
        return Ok(Levels::default());
    };
    let mut of_patients = HashMap::new();
    facts.scan_while(Set::Patients, &[PATIENT, &column], |rows| {
        let patients = numbers(rows, PATIENT);
        let position = |label: &str| levels.iter().position(|known| known == label);
        for (patient, level) in patients.iter().zip(positions(rows, &column, position)) {
            of_patients.extend(level.map(|level| (*patient as u64, level)));
        }
        patients.last() < Some(&LOOKED_AT)
    })?;
    Ok(Levels { grouping: Some(name.to_owned()), names: levels.to_vec(), of_patients })
}
