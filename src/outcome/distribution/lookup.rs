//! Values of the table of distributions, by what they are of.

use std::cell::OnceCell;

use crate::cohort::ALL;
use crate::hash::HashMap;
use crate::table::{Table, Values};

/// Statistics that are wanted of subgroups.
const OF_GROUPS: [&str; 2] = ["proportion", "p50"];

/// Values of the long table: for all patients, by arm, endpoint and statistic; some of subgroups too.
pub(crate) struct Lookup<'a> {
    arms: Labels<'a>,
    subgroups: Labels<'a>,
    levels: Labels<'a>,
    endpoints: Labels<'a>,
    statistics: Labels<'a>,
    values: &'a [f64],
    n: &'a [Option<i64>],
    missing: &'a [Option<i64>],
    /// The row of all patients by arm, endpoint and statistic.
    of_all: HashMap<[u32; 3], usize>,
    /// The same of subgroups, by arm, subgroup, level, endpoint and statistic: once somebody asks.
    of_groups: OnceCell<HashMap<[u32; 5], usize>>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(table: &'a Table) -> Self {
        let [arms, subgroups, levels, endpoints, statistics] =
            ["arm", "subgroup", "level", "endpoint", "statistic"].map(|name| Labels::of(table, name));
        let values = match table.column("value").map(|c| &c.values) {
            Some(Values::Number(values)) => values.as_slice(),
            _ => &[],
        };
        let [n, missing] = ["n", "n_missing"].map(|name| match table.column(name).map(|c| &c.values) {
            Some(Values::Integer(counts)) => counts.as_slice(),
            _ => &[],
        });
        let all = subgroups.code(ALL);
        let of_all = (0..values.len()).filter(|&row| subgroups.codes[row] == all).filter_map(|row| {
            let codes = [&arms, &endpoints, &statistics].map(|labels| labels.codes[row]);
            Some((key(codes)?, row))
        });
        let of_all = of_all.collect();
        let of_groups = OnceCell::new();
        Self { arms, subgroups, levels, endpoints, statistics, values, n, missing, of_all, of_groups }
    }

    fn rows_of_groups(&self) -> HashMap<[u32; 5], usize> {
        let Self { arms, subgroups, levels, endpoints, statistics, .. } = self;
        let (all, wanted) = (subgroups.code(ALL), OF_GROUPS.map(|name| statistics.code(name)));
        let rows = (0..self.values.len())
            .filter(|&row| subgroups.codes[row] != all && wanted.contains(&statistics.codes[row]));
        let of_row = |row: usize| {
            let codes = [arms, subgroups, levels, endpoints, statistics].map(|labels| labels.codes[row]);
            Some((key(codes)?, row))
        };
        rows.filter_map(of_row).collect()
    }

    /// Whether an endpoint is in the table.
    pub(crate) fn holds(&self, endpoint: &str) -> bool {
        self.endpoints.code(endpoint).is_some()
    }

    /// How many have a value, if some of those who reached the end lack it.
    pub(crate) fn incomplete(&self, arm: &str, endpoint: &str, statistic: &str) -> Option<u64> {
        let row = self.row(arm, endpoint, statistic)?;
        (self.missing.get(row).copied().flatten() > Some(0)).then(|| self.count(row))
    }

    pub(crate) fn value(&self, arm: &str, endpoint: &str, statistic: &str) -> f64 {
        self.row(arm, endpoint, statistic).map_or(f64::NAN, |row| self.values[row])
    }

    /// A statistic of the patients of a subgroup's level, and how many they are.
    pub(crate) fn of_group(
        &self,
        arm: &str,
        [subgroup, level]: [&str; 2],
        endpoint: &str,
        statistic: &str,
    ) -> (f64, u64) {
        let key = key([
            self.arms.code(arm),
            self.subgroups.code(subgroup),
            self.levels.code(level),
            self.endpoints.code(endpoint),
            self.statistics.code(statistic),
        ]);
        let row = key.and_then(|key| self.of_groups.get_or_init(|| self.rows_of_groups()).get(&key));
        row.map_or((f64::NAN, 0), |&row| (self.values[row], self.count(row)))
    }

    fn row(&self, arm: &str, endpoint: &str, statistic: &str) -> Option<usize> {
        let key = key([self.arms.code(arm), self.endpoints.code(endpoint), self.statistics.code(statistic)])?;
        self.of_all.get(&key).copied()
    }

    fn count(&self, row: usize) -> u64 {
        self.n.get(row).copied().flatten().map_or(0, |n| n as u64)
    }
}

/// A column of labels, which are compared once each.
struct Labels<'a> {
    codes: &'a [Option<u32>],
    code_of: HashMap<&'a str, u32>,
}

impl<'a> Labels<'a> {
    fn of(table: &'a Table, name: &str) -> Self {
        match table.column(name).map(|column| &column.values) {
            Some(Values::Label { codes, labels }) => {
                Self { codes, code_of: labels.iter().map(String::as_str).zip(0..).collect() }
            }
            _ => Self { codes: &[], code_of: HashMap::default() },
        }
    }

    fn code(&self, label: &str) -> Option<u32> {
        self.code_of.get(label).copied()
    }
}

/// Codes, if there are all of them.
fn key<const N: usize>(codes: [Option<u32>; N]) -> Option<[u32; N]> {
    codes.iter().all(Option::is_some).then(|| codes.map(Option::unwrap_or_default))
}
