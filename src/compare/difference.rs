//! Every outcome of the same patients under two scenarios.

use serde::Serialize;

use super::paired::Paired;
use crate::outcome::distribution::{Endpoint, EndpointKind};
use crate::store::{self, StoreError};

/// An outcome in one arm under two scenarios.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The scenario.
    pub scenario: String,
    /// What it is compared with.
    pub base: String,
    /// Label of the arm.
    pub arm: String,
    /// Column of the outcomes.
    pub outcome: String,
    /// Its unit.
    pub unit: String,
    /// What the differences within patients are.
    #[serde(flatten)]
    pub paired: Paired,
}

/// The outcomes of a scenario on disk.
#[derive(Debug)]
pub(super) struct Outcomes<'a> {
    /// Name of the scenario.
    pub(super) scenario: &'a str,
    /// Labels of its arms, in the order of the rows of a patient.
    pub(super) arms: Vec<&'a str>,
    /// Columns that are summarised.
    pub(super) endpoints: &'a [Endpoint],
    /// Their rows.
    pub(super) rows: store::Outcomes,
}

impl Outcomes<'_> {
    /// A column, `[patient][arm]`; NaN is missing.
    pub(super) fn column(&self, name: &str) -> Result<Vec<f64>, StoreError> {
        self.rows.column(name)
    }

    fn of_arm(&self, column: &[f64], arm: usize) -> Vec<f64> {
        column.iter().skip(arm).step_by(self.arms.len()).copied().collect()
    }
}

/// Every outcome that both scenarios have, in every arm that both have. Labels have no differences; of the
/// time of an event, those count in whom it happened under both.
pub(super) fn differences(
    scenario: &Outcomes<'_>,
    base: &Outcomes<'_>,
) -> Result<Vec<Difference>, StoreError> {
    let arms: Vec<(usize, usize)> = scenario
        .arms
        .iter()
        .enumerate()
        .filter_map(|(i, arm)| Some((i, base.arms.iter().position(|other| other == arm)?)))
        .collect();
    let mut found = Vec::new();
    for endpoint in scenario.endpoints.iter().filter(|endpoint| base.endpoints.contains(endpoint)) {
        let Some(pair) = pairing(&endpoint.kind) else { continue };
        let name = &endpoint.meta.name;
        let (own, others) = (scenario.column(name)?, base.column(name)?);
        found.extend(arms.iter().map(|&(i, j)| Difference {
            scenario: scenario.scenario.to_owned(),
            base: base.scenario.to_owned(),
            arm: scenario.arms[i].to_owned(),
            outcome: name.clone(),
            unit: endpoint.meta.unit.clone(),
            paired: pair(&scenario.of_arm(&own, i), &base.of_arm(&others, j)),
        }));
    }
    Ok(found)
}

/// Two columns, `[patient]`, to their differences.
type Pairing = fn(&[f64], &[f64]) -> Paired;

/// How two columns are paired.
fn pairing(kind: &EndpointKind) -> Option<Pairing> {
    match kind {
        EndpointKind::Number | EndpointKind::FirstTime | EndpointKind::Grade => Some(Paired::numbers),
        EndpointKind::Flag | EndpointKind::FlagAmong(_) => Some(Paired::flags),
        EndpointKind::Label(_) => None,
    }
}
