//! The first outcome that matters, by subgroup.

use super::{Arms, by_arm};
use crate::cli::table::Table;
use crate::cohort::columns::{DLT, RESPONSE};
use crate::job::Job;
use crate::outcome::distribution::Lookup;
use crate::readable::{count, number};

/// The table, and what it is of; none of a cohort without subgroups.
pub(super) fn table(job: &Job, lookup: &Lookup<'_>, arms: &Arms<'_>) -> Option<(String, Table)> {
    let endpoint = [DLT, RESPONSE].into_iter().find(|name| lookup.holds(name));
    let flag = |name: &str| match name {
        DLT => "% with a dose-limiting toxicity".to_owned(),
        _ => "% with a response of the tumour".into(),
    };
    let (name, statistic, what) = match endpoint {
        Some(name) => (name.to_owned(), "proportion", flag(name)),
        None => {
            let first = job.cohort.endpoints.first()?.name.value.as_str();
            let endpoint = job.plan.endpoints.iter().find(|endpoint| endpoint.name == first)?;
            (first.to_owned(), "p50", format!("median {first}, {}", endpoint.unit))
        }
    };
    let cell = |arm: &str, group: [&str; 2]| {
        let (value, n) = lookup.of_group(arm, group, &name, statistic);
        let shown = if statistic == "proportion" { 100.0 * value } else { value };
        match (n, statistic) {
            (0, _) => "-".to_owned(),
            (n, "proportion") => format!("{shown:.1} of {}", count(n)),
            (n, _) => format!("{} of {}", number(shown), count(n)),
        }
    };
    let mut rows = Vec::new();
    for (subgroup, _, levels) in job.sampler.subgroups() {
        for level in levels {
            let cells = arms.labels.iter().map(|arm| cell(arm, [subgroup, level]));
            rows.push([subgroup.to_owned(), level.clone()].into_iter().chain(cells).collect());
        }
    }
    (!rows.is_empty()).then(|| (what, by_arm(&["subgroup", "level"], &arms.labels, rows)))
}
