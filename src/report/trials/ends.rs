//! What ends the trials of each design.

use super::super::figure::{Figure, Sheet};
use super::super::figures::percent;
use super::super::plot::{self, colour};
use super::{Facts, by_design};
use crate::diagnostic::Problems;
use crate::escalation::conduct::End;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let names = End::ALL.map(called);
    let mut sheet = Sheet::new(["design", "trials"]);
    sheet.columns.extend(names.iter().map(|name| format!("{name}, %")));
    let mut bars = Vec::new();
    for design in &facts.said.designs {
        let measure = |end: End| format!("ended_by_{}", end.name());
        let shares = End::ALL.map(|end| facts.value(&design.name, &measure(end), None));
        let own = [design.name.clone(), facts.said.replicates.to_string()];
        sheet.row(own.into_iter().chain(shares.map(percent)));
        bars.push(shares.iter().map(|share| 100.0 * share).collect::<Vec<f64>>());
    }
    let parts: Vec<_> = names.iter().map(|name| (*name).to_owned()).zip((0..).map(colour)).collect();
    let axes = plot::Axes { range: Some([0.0, 100.0]), ..by_design(facts, "trials, %") };
    let says = "What ends a trial, in per cent of the trials of each design: its own rules, a dose with as many patients as were \
                asked for, or that all patients are treated."
        .to_owned();
    let svg = plot::stacked(&axes, &parts, &bars, &[]);
    Ok(Some(Figure { title: "What ends a trial".into(), says, svg, sheet }))
}

/// What ended a trial, as a reader says it.
fn called(end: End) -> &'static str {
    match end {
        End::Design => "its own rules",
        End::EnoughAtDose => "enough patients at a dose",
        End::AllPatients => "all patients treated",
    }
}
