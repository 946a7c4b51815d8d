//! Worst grades that emerged during treatment, by arm.

use super::super::facts::Facts;
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, shade};
use super::{by_arm, percent};
use crate::diagnostic::Problems;
use crate::outcome::distribution::GRADES;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let terms = &facts.job.plan.treatment.terms;
    let mut sheet = Sheet::new(["term", "arm", "n"]);
    sheet.columns.extend(GRADES.iter().map(|grade| format!("grade {grade}, %")));
    let last = GRADES.len() - 1;
    let name = |i: usize| {
        if i == last { format!("grade {} or 5", GRADES[i]) } else { format!("grade {}", GRADES[i]) }
    };
    let parts: Vec<_> = (0..GRADES.len()).map(|i| (name(i), shade(i, GRADES.len()))).collect();
    let mut panels = Vec::new();
    for term in terms {
        let emergent = format!("{}_emergent_grade", term.name);
        let Some((endpoint, _)) = facts.endpoint(&emergent) else { continue };
        let mut bars = Vec::new();
        for (arm, label) in facts.arms().iter().enumerate() {
            let at_least = |grade: u8| facts.of_all(arm, endpoint, &format!("proportion_ge_{grade}"));
            let n = at_least(1).map_or(0, |fact| fact.n);
            let shares: Vec<f64> =
                GRADES.iter().map(|&g| at_least(g).map_or(0.0, |fact| fact.value)).collect();
            let next = shares.iter().skip(1).copied().chain([0.0]);
            let exactly: Vec<f64> = shares.iter().zip(next).map(|(here, above)| here - above).collect();
            let cells = exactly.iter().map(|&share| percent(share));
            sheet.row([term.title.clone(), label.clone(), n.to_string()].into_iter().chain(cells));
            bars.push(exactly.iter().map(|share| 100.0 * share).collect::<Vec<f64>>());
        }
        let axes = Axes { range: Some([0.0, 100.0]), ..by_arm(facts, "patients, %") };
        panels.push((term.title.clone(), plot::stacked(&axes, &parts, &bars, &[])));
    }
    let says =
        "The worst grade of each graded toxicity that was worse than before the first dose, by arm, in per \
                cent of the patients who could be solved."
            .to_owned();
    let svg = plot::panels(&panels);
    Ok((!panels.is_empty()).then(|| Figure { title: "Grades of toxicity".into(), says, svg, sheet }))
}
