//! How often an outcome occurs in subgroups, against all other patients.

use super::super::facts::{Fact, Facts, Group};
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes};
use super::percent;
use crate::cohort::columns::{DISEASE_CONTROL, DLT, RESPONSE};
use crate::diagnostic::Problems;
use crate::outcome::distribution::wilson_interval;

/// Outcomes that are told, if there are such.
const OUTCOMES: [&str; 3] = [DLT, RESPONSE, DISEASE_CONTROL];

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let groups = facts.groups();
    let mut sheet = Sheet::new([
        "outcome",
        "arm",
        "subgroup",
        "level",
        "n",
        "with it, %",
        "others, %",
        "difference, points",
        "95 % interval",
    ]);
    let mut panels = Vec::new();
    for name in OUTCOMES {
        let Some((endpoint, _)) = facts.endpoint(name) else { continue };
        for (arm, label) in facts.arms().iter().enumerate() {
            let Some(all) = facts.of_all(arm, endpoint, "proportion") else { continue };
            let mut rows = Vec::new();
            for group in &groups {
                let Some(of_group) = facts.in_group(arm, endpoint, group, "proportion") else { continue };
                let Some(compared) = compare(of_group, all) else { continue };
                let [own, others] = [of_group.value, compared.others].map(percent);
                let [difference, low, high] = compared.difference.map(|x| 100.0 * x);
                let cells = [own, others, format!("{difference:+.1}"), format!("{low:+.1} to {high:+.1}")];
                let names = [name, label.as_str(), &group.0, &group.1].map(String::from);
                sheet.row(names.into_iter().chain([of_group.n.to_string()]).chain(cells));
                rows.push((called(group), [difference, low, high]));
            }
            // Nothing to see where hardly anyone, or everyone, has it.
            if (0.02..0.98).contains(&all.value) && !rows.is_empty() {
                let axes =
                    Axes { x: "difference from all others, percentage points".into(), ..Axes::default() };
                panels.push((format!("{name}, {label}"), plot::forest(&axes, &rows, Some(0.0))));
            }
        }
    }
    let says = "The share of patients with an outcome in each level of a subgroup, less that in all other patients of the \
                arm, with 95 % intervals (Newcombe): how far sampling so many patients leaves it open."
        .to_owned();
    let svg = plot::panels(&panels);
    Ok((!panels.is_empty()).then(|| Figure { title: "Subgroups".into(), says, svg, sheet }))
}

/// How a level is called: by its condition, or by subgroup and label.
fn called((subgroup, level): &Group) -> String {
    if level.contains(subgroup.as_str()) { level.clone() } else { format!("{subgroup} {level}") }
}

/// A group and all others.
struct Compared {
    others: f64,
    /// With its 95 % interval.
    difference: [f64; 3],
}

/// The difference of a group from all others, with the hybrid score interval (Newcombe, Statistics in Medicine 17
/// (1998) 873-890, method 10); `None` if there are no others.
fn compare(group: Fact, all: Fact) -> Option<Compared> {
    let events = |fact: Fact| (fact.value * fact.n as f64).round() as u64;
    let n = all.n.checked_sub(group.n).filter(|n| *n > 0)?;
    let of_others = events(all).saturating_sub(events(group));
    let others = of_others as f64 / n as f64;
    let (a, b) = (wilson_interval(events(group), group.n), wilson_interval(of_others, n));
    let difference = group.value - others;
    let low = difference - (group.value - a.low).hypot(b.high - others);
    let high = difference + (a.high - group.value).hypot(others - b.low);
    Some(Compared { others, difference: [difference, low, high] })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe 1998, table II, example (a), method 10: 56/70 - 48/80 = 0.2, 0.0524 to 0.3339.
    #[test]
    fn published_interval() {
        let group = Fact { value: 56.0 / 70.0, n: 70 };
        let all = Fact { value: 104.0 / 150.0, n: 150 };
        let found = compare(group, all).map(|compared| compared.difference).unwrap_or_default();
        for (found, expected) in found.iter().zip([0.2, 0.0524, 0.3339]) {
            assert!((found - expected).abs() < 5e-5, "{found} {expected}");
        }
    }
}
