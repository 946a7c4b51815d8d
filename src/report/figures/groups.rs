//! Exposures in subgroups.

use super::super::facts::{Facts, Group};
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, Mark, colour};
use super::exposure::measures;
use crate::diagnostic::Problems;
use crate::readable::number;

/// As many pictures are shown: of the first measures in every subgroup.
const MOST: usize = 8;
/// How much of the space of a level its arms take.
const WIDTH: f64 = 0.6;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let mut sheet = Sheet::new(["measure", "unit", "subgroup", "level", "arm", "n", "5 %", "median", "95 %"]);
    sheet.columns.push("median / that of the first level".into());
    let mut panels = Vec::new();
    let measures = measures(facts);
    for name in measures.into_iter().take((MOST / facts.job.sampler.subgroups().count().max(1)).max(1)) {
        let Some((endpoint, about)) = facts.endpoint(name) else { continue };
        for (subgroup, _, levels) in facts.job.sampler.subgroups() {
            let mut marks = Vec::new();
            for (arm, label) in facts.arms().iter().enumerate() {
                let mut points = Vec::new();
                let mut first = f64::NAN;
                for (level, x) in levels.iter().zip(1..) {
                    let group: Group = (subgroup.to_owned(), level.clone());
                    let of_group = |statistic| facts.in_group(arm, endpoint, &group, statistic);
                    let [Some(low), Some(middle), Some(high)] = ["p5", "p50", "p95"].map(of_group) else {
                        continue;
                    };
                    first = if first.is_nan() { middle.value } else { first };
                    points.push([
                        f64::from(x) + beside(arm, facts.arms().len()),
                        middle.value,
                        low.value,
                        high.value,
                    ]);
                    let own = [name, &about.meta.unit, subgroup, level, label].map(String::from);
                    let values = [low.value, middle.value, high.value, middle.value / first].map(number);
                    sheet.row(own.into_iter().chain([middle.n.to_string()]).chain(values));
                }
                marks.push(Mark::Points { points, colour: colour(arm), name: label.clone(), size: 3.5 });
            }
            let axes = Axes {
                x: subgroup.to_owned(),
                y: format!("{name}, {}", about.meta.unit),
                categories: levels.to_vec(),
                ..Axes::default()
            };
            if marks.iter().any(|mark| matches!(mark, Mark::Points { points, .. } if !points.is_empty())) {
                panels.push((about.meta.meaning.clone(), plot::marks(&axes, &marks)));
            }
        }
    }
    let says = "Exposures, or the first of the other measures, in the levels of each subgroup by arm: the median, and 90 % of \
                the patients; in the table how many times that of the first level the median is."
        .to_owned();
    let svg = plot::panels(&panels);
    let title = "Exposure in subgroups".into();
    Ok((!panels.is_empty()).then_some(Figure { title, says, svg, sheet }))
}

/// Where an arm stands about the middle of a level.
fn beside(arm: usize, arms: usize) -> f64 {
    WIDTH * ((arm as f64 + 0.5) / arms as f64 - 0.5)
}
