//! Patients who are summarised together, and what is said about them.

use crate::cohort::ALL;

/// A way to divide patients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// Name of the subgroup.
    pub name: String,
    /// Column of the patients that tells their level.
    pub column: String,
    /// What its levels are called.
    pub levels: Vec<String>,
}

/// One level of a grouping, or all patients.
pub(super) struct Group<'a> {
    pub(super) subgroup: &'a str,
    pub(super) level: &'a str,
}

/// One statistic of one endpoint in one group: which one is told by its position among the [titles](super::titles) of the
/// endpoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistic {
    /// Its value; NaN if there is none.
    pub value: f64,
    /// Patients that it was computed from.
    pub n: u64,
    /// Patients who reached the end and are not among them.
    pub missing: u64,
    /// Patients who did not reach the end.
    pub failed: u64,
}

/// All patients, then every level of every grouping.
pub(super) fn groups(groupings: &[Grouping]) -> Vec<Group<'_>> {
    let levels = groupings
        .iter()
        .flat_map(|grouping| grouping.levels.iter().map(|level| Group { subgroup: &grouping.name, level }));
    std::iter::once(Group { subgroup: ALL, level: ALL }).chain(levels).collect()
}
