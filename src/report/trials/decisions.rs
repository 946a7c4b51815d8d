//! What designs decide by counts at a dose.

use super::super::figure::{Figure, Sheet};
use super::super::plot;
use super::Facts;
use super::facts::Design;
use crate::diagnostic::Problems;
use crate::escalation::design::decision_table::Move;

/// Patients of a table that are drawn, at most; the numbers hold all.
const ROWS: u32 = 18;
const COLUMNS: u32 = 12;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let mut sheet = Sheet::new(["design", "evaluable patients", "with a toxicity", "decision"]);
    let mut panels = Vec::new();
    for design in facts.said.designs.iter().filter(|design| !design.decisions.is_empty()) {
        for decision in &design.decisions {
            let numbers = [decision.patients, decision.dlts].map(|n| n.to_string());
            sheet.row([design.name.clone()].into_iter().chain(numbers).chain([decision.decision.clone()]));
        }
        panels.push((design.name.clone(), picture(design)));
    }
    let says = format!(
        "What a design decides by the evaluable patients at a dose (rows) and those of them with a dose-limiting toxicity \
         (columns): E escalate, S stay, D de-escalate, DU de-escalate and close the dose; up to {ROWS} patients. Designs \
         that go by more than these counts have no such table."
    );
    let svg = plot::panels(&panels);
    Ok((!panels.is_empty()).then(|| Figure { title: "Decisions".into(), says, svg, sheet }))
}

fn picture(design: &Design) -> String {
    let largest = design.decisions.iter().map(|decision| decision.patients).max().unwrap_or(0).min(ROWS);
    let most = largest.min(COLUMNS);
    let columns: Vec<String> = (0..=most).map(|dlts| dlts.to_string()).collect();
    let row = |patients: u32| {
        let of_row = design.decisions.iter().filter(|of| of.patients == patients && of.dlts <= most);
        let cells = of_row.map(|of| (of.decision.as_str(), colour(&of.decision))).collect();
        (patients.to_string(), cells)
    };
    let rows: Vec<(String, Vec<(&str, &str)>)> = (1..=largest).map(row).collect();
    plot::grid(["with a toxicity", "patients"], &columns, &rows)
}

/// Light enough for black words on it.
fn colour(decision: &str) -> &'static str {
    match Move::ALL.into_iter().find(|known| known.code() == decision) {
        Some(Move::Escalate) => "#8fd3b6",
        Some(Move::Stay) => "#d9dee3",
        Some(Move::DeEscalate) => "#fdc98a",
        Some(Move::Eliminate) | None => "#f0a08c",
    }
}
