//! Values of the table of distributions, by what they are of.

use std::collections::{HashMap, HashSet};

use crate::cohort::ALL;
use crate::table::{Table, Values};

/// Statistics that are wanted of subgroups.
const OF_GROUPS: [&str; 2] = ["proportion", "p50"];

/// Values of the long table: for all patients, by arm, endpoint and statistic; some of subgroups too.
pub(crate) struct Lookup<'a> {
    values: HashMap<[&'a str; 3], f64>,
    /// By arm, subgroup, level, endpoint and statistic: the value, and of how many patients it is.
    groups: HashMap<[&'a str; 5], (f64, u64)>,
    /// How many have a value, where some lack it.
    incomplete: HashMap<[&'a str; 3], u64>,
    endpoints: HashSet<&'a str>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(table: &'a Table) -> Self {
        let [arm, subgroup, level, endpoint, statistic] =
            ["arm", "subgroup", "level", "endpoint", "statistic"].map(|name| labels(table, name));
        let value = match table.column("value").map(|c| &c.values) {
            Some(Values::Number(values)) => values.as_slice(),
            _ => &[],
        };
        let [n, missing] = ["n", "n_missing"].map(|name| match table.column(name).map(|c| &c.values) {
            Some(Values::Integer(counts)) => counts.as_slice(),
            _ => &[],
        });
        let count = |row: usize| n.get(row).copied().flatten().map_or(0, |n| n as u64);
        let of_all = (0..value.len()).filter(|&row| subgroup[row] == ALL);
        let of_groups =
            (0..value.len()).filter(|&row| subgroup[row] != ALL && OF_GROUPS.contains(&statistic[row]));
        let group = |row: usize| [arm[row], subgroup[row], level[row], endpoint[row], statistic[row]];
        let key = |row: usize| [arm[row], endpoint[row], statistic[row]];
        let lacking = of_all.clone().filter(|&row| missing.get(row).copied().flatten() > Some(0));
        Self {
            values: of_all.map(|row| (key(row), value[row])).collect(),
            groups: of_groups.map(|row| (group(row), (value[row], count(row)))).collect(),
            incomplete: lacking.map(|row| (key(row), count(row))).collect(),
            endpoints: endpoint.iter().copied().collect(),
        }
    }

    /// Whether an endpoint is in the table.
    pub(crate) fn holds(&self, endpoint: &str) -> bool {
        self.endpoints.contains(endpoint)
    }

    /// How many have a value, if some of those who reached the end lack it.
    pub(crate) fn incomplete(&self, arm: &str, endpoint: &str, statistic: &str) -> Option<u64> {
        self.incomplete.get(&[arm, endpoint, statistic]).copied()
    }

    pub(crate) fn value(&self, arm: &str, endpoint: &str, statistic: &str) -> f64 {
        self.values.get(&[arm, endpoint, statistic]).copied().unwrap_or(f64::NAN)
    }

    /// A statistic of the patients of a subgroup's level, and how many they are.
    pub(crate) fn of_group(
        &self,
        arm: &str,
        group: [&str; 2],
        endpoint: &str,
        statistic: &str,
    ) -> (f64, u64) {
        let key = [arm, group[0], group[1], endpoint, statistic];
        self.groups.get(&key).copied().unwrap_or((f64::NAN, 0))
    }
}

fn labels<'a>(table: &'a Table, name: &str) -> Vec<&'a str> {
    match table.column(name).map(|c| &c.values) {
        Some(Values::Label { codes, labels }) => {
            codes.iter().map(|code| code.map_or("", |code| labels[code as usize].as_str())).collect()
        }
        _ => Vec::new(),
    }
}
