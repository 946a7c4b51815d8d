//! Patients who are summarised together, and their statistics.

use std::borrow::Cow;

use super::{Endpoint, EndpointKind, GRADES, QUANTILES, Sample};
use super::{mean, proportions, quantile, standard_deviation};
use crate::cohort::ALL;

/// Patients divided among levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// Name of the subgroup.
    pub name: String,
    /// What its levels are called.
    pub levels: Vec<String>,
    /// Position of each patient's level, in order of patients; past the last if it is in none.
    pub of_patient: Vec<u32>,
}

/// One level of a grouping, or all patients.
pub(super) struct Group<'a> {
    pub(super) subgroup: &'a str,
    pub(super) level: &'a str,
    /// Positions of the patients' levels, and the one that is meant.
    members: Option<(&'a [u32], u32)>,
}

/// One statistic of one endpoint in one group.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistic {
    /// As `mean`, `p50`, `proportion_ge_3`.
    pub name: Cow<'static, str>,
    /// Its value; NaN if there is none.
    pub value: f64,
    /// Whether it is a proportion: it has no unit.
    pub is_proportion: bool,
    /// Patients that it was computed from.
    pub n: u64,
    /// Patients who reached the end and are not among them.
    pub missing: u64,
    /// Patients who did not reach the end.
    pub failed: u64,
}

/// All patients, then every level of every grouping.
pub(super) fn groups(groupings: &[Grouping]) -> Vec<Group<'_>> {
    let levels = groupings.iter().flat_map(|grouping| {
        grouping.levels.iter().zip(0..).map(|(level, code)| Group {
            subgroup: &grouping.name,
            level,
            members: Some((grouping.of_patient.as_slice(), code)),
        })
    });
    std::iter::once(Group::of_all()).chain(levels).collect()
}

impl Group<'_> {
    /// All patients.
    pub(super) fn of_all() -> Self {
        Self { subgroup: ALL, level: ALL, members: None }
    }

    fn holds(&self, patient: usize) -> bool {
        self.members.is_none_or(|(of_patient, code)| of_patient.get(patient) == Some(&code))
    }

    /// The statistics of an endpoint over the group's patients.
    pub(super) fn statistics(&self, endpoint: &Endpoint, sample: &Sample) -> Vec<Statistic> {
        let members = || (0..sample.values.len()).filter(|&patient| self.holds(patient));
        let finished = || members().filter(|&patient| sample.finished[patient]);
        let present = finished().map(|patient| sample.values[patient]).filter(|value| !value.is_nan());
        let present: Vec<f64> = present.collect();
        let everyone = finished().count() as u64;
        let among = || finished().filter(|&patient| sample.among.get(patient) == Some(&true)).count() as u64;

        let mut statistics =
            Statistics { list: Vec::new(), everyone, failed: members().count() as u64 - everyone };
        let n = present.len() as u64;
        let count =
            |holds: &dyn Fn(f64) -> bool| present.iter().filter(|&&value| holds(value)).count() as u64;
        match &endpoint.kind {
            EndpointKind::Number => statistics.numbers(present),
            EndpointKind::FirstTime => {
                // Someone in whom it never happened has no time, but counts.
                statistics.proportion("", n, everyone);
                statistics.numbers(present);
            }
            EndpointKind::Flag => statistics.proportion("", count(&|value| value != 0.0), n),
            EndpointKind::FlagAmong(other) => {
                let events = count(&|value| value != 0.0);
                statistics.proportion("", events, n);
                statistics.proportion(&format!("_of_{other}"), events, among());
            }
            EndpointKind::Grade => {
                for grade in GRADES {
                    let events = count(&|value| value >= f64::from(grade));
                    statistics.proportion(&format!("_ge_{grade}"), events, n);
                }
            }
            EndpointKind::Label(levels) => {
                for (level, code) in levels.iter().zip(0..) {
                    // No label is an answer too: treatment that did not end has no cause.
                    let events = count(&|value| value == f64::from(code));
                    statistics.proportion(&format!("_{level}"), events, everyone);
                }
            }
        }
        statistics.list
    }
}

/// Statistics of one endpoint in one group while they are collected.
struct Statistics {
    list: Vec<Statistic>,
    /// Patients who reached the end.
    everyone: u64,
    failed: u64,
}

impl Statistics {
    fn push(&mut self, name: Cow<'static, str>, value: f64, is_proportion: bool, n: u64) {
        let (missing, failed) = (self.everyone - n, self.failed);
        self.list.push(Statistic { name, value, is_proportion, n, missing, failed });
    }

    /// The proportion `events / of` with its intervals.
    fn proportion(&mut self, ending: &str, events: u64, of: u64) {
        for (name, value) in proportions(events, of) {
            let name = if ending.is_empty() { Cow::from(name) } else { Cow::from(format!("{name}{ending}")) };
            self.push(name, value, true, of);
        }
    }

    /// Mean, standard deviation, extremes and quantiles. Sums run in the order given.
    fn numbers(&mut self, mut values: Vec<f64>) {
        let n = values.len() as u64;
        self.push("mean".into(), mean(&values), false, n);
        self.push("sd".into(), standard_deviation(&values), false, n);
        values.sort_unstable_by(f64::total_cmp);
        let end = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
        self.push("min".into(), end(values.first()), false, n);
        for (percent, name) in QUANTILES {
            self.push(name.into(), quantile(&values, percent / 100.0), false, n);
        }
        self.push("max".into(), end(values.last()), false, n);
    }
}
