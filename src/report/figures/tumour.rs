//! The best change of tumour size of single patients: a waterfall for each arm.

use super::super::facts::{Facts, solved};
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, colour};
use super::super::rows::{labels, numbers};
use super::levels::{LOOKED_AT, Levels, levels};
use crate::cohort::columns::{ARM, BEST_RESPONSE, PATIENT, STATUS};
use crate::diagnostic::Problems;
use crate::outcome::distribution::EndpointKind;
use crate::readable::number;
use crate::store::Set;

/// As many patients of each arm are drawn: the first, who are as random as any.
const PATIENTS: usize = 100;
/// Response by RECIST 1.1: at least 30 % smaller; progression: at least 20 % larger.
pub(super) const LIMITS: [(f64, &str); 2] = [(-30.0, "partial response"), (20.0, "progression")];

struct Patient {
    patient: f64,
    change: f64,
    response: String,
}

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let Some(name) = best_change(facts) else { return Ok(None) };
    let has_response = facts.endpoint(BEST_RESPONSE).is_some();
    let mut wanted = vec![PATIENT, ARM, STATUS, name];
    wanted.extend(has_response.then_some(BEST_RESPONSE));
    let mut arms: Vec<Vec<Patient>> = facts.arms().iter().map(|_| Vec::new()).collect();
    facts.scan_while(Set::Outcomes, &wanted, |rows| {
        let of_rows = facts.arm_of_rows(rows);
        let (patient, solved) = (numbers(rows, PATIENT), solved(rows));
        let (change, response) = (numbers(rows, name), labels(rows, BEST_RESPONSE));
        for row in (0..rows.rows()).filter(|&row| solved[row] && change[row].is_finite()) {
            let of_arm = &mut arms[of_rows[row]];
            if of_arm.len() < PATIENTS {
                let response = response.get(row).copied().unwrap_or_default().to_owned();
                of_arm.push(Patient { patient: patient[row], change: change[row], response });
            }
        }
        arms.iter().any(|of_arm| of_arm.len() < PATIENTS) && patient.last() < Some(&LOOKED_AT)
    })?;
    let Levels { grouping, names: levels, of_patients } = levels(facts)?;
    let mut sheet = Sheet::new(["arm", "patient", "best change, %", "best response"]);
    sheet.columns.extend(grouping.clone());
    let mut panels = Vec::new();
    for (label, mut patients) in facts.arms().iter().zip(arms) {
        patients.sort_by(|a, b| b.change.total_cmp(&a.change));
        let mut bars = Vec::new();
        for Patient { patient, change, response } in &patients {
            let level = of_patients.get(&(*patient as u64)).copied();
            let of_level = level.and_then(|level| levels.get(level)).cloned();
            let own = [label.clone(), format!("{patient:.0}"), number(*change), response.clone()];
            sheet.row(own.into_iter().chain(grouping.as_ref().map(|_| of_level.unwrap_or_default())));
            bars.push((*change, colour(level.unwrap_or(0))));
        }
        let parts = levels.iter().cloned().zip((0..).map(colour)).collect::<Vec<_>>();
        let axes = Axes {
            x: format!("{} patients, from the largest change", patients.len()),
            y: "best change, %".into(),
            limits: LIMITS.map(|(limit, name)| (limit, name.to_owned())).into(),
            ..Axes::default()
        };
        panels.push((label.clone(), plot::waterfall(&axes, &bars, &parts)));
    }
    let by = grouping.map_or(String::new(), |name| format!(", coloured by {name}"));
    let says = format!(
        "The best change of tumour size from before treatment in single patients, the first {PATIENTS} of each arm who have \
         one{by}. \
         Lines: the limits of response and progression of RECIST 1.1."
    );
    let svg = plot::panels(&panels);
    Ok(Some(Figure { title: "Best change of tumour size".into(), says, svg, sheet }))
}

/// The endpoint with the best change in per cent.
pub(super) fn best_change(facts: &Facts) -> Option<&str> {
    let mut measured = facts.endpoints.iter().filter(|endpoint| {
        let is_percent = endpoint.meta.unit == "%" && endpoint.kind == EndpointKind::Number;
        is_percent && endpoint.meta.name.contains("best")
    });
    measured.next().map(|endpoint| endpoint.meta.name.as_str())
}
