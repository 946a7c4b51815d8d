//! What became of the planned doses: held, reduced, stopped.

use super::super::facts::Facts;
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, colour};
use super::super::rows::{labels, numbers};
use super::{by_arm, percent};
use crate::cohort::columns::{ARM, PATIENT, RELATIVE_DOSE_INTENSITY};
use crate::diagnostic::Problems;
use crate::readable::number;
use crate::store::{self, Set};

/// What may become of a patient's doses, the worst first: a patient counts once.
const FATES: [&str; 4] = ["stopped before the last", "reduced", "held or delayed", "all as planned"];

/// The worst of one patient.
#[derive(Clone, Copy, PartialEq)]
struct Present {
    patient: f64,
    arm: usize,
    fate: usize,
}

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    if store::part_files(&facts.path, Set::Doses)?.is_empty() {
        return Ok(None);
    }
    let counts = fates(facts)?;
    let mut sheet = Sheet::new(["arm", "n"]);
    sheet.columns.extend(FATES.iter().map(|fate| format!("{fate}, %")));
    sheet.columns.extend(["relative dose intensity, median", "5 to 95 % of patients"].map(String::from));
    let intensity = facts.endpoint(RELATIVE_DOSE_INTENSITY).map(|(position, _)| position);
    let mut bars = Vec::new();
    for (arm, label) in facts.arms().iter().enumerate() {
        let all: u64 = counts[arm].iter().sum();
        let shares = counts[arm].map(|count| count as f64 / all.max(1) as f64);
        let statistic = |name| {
            let fact = intensity.and_then(|position| facts.of_all(arm, position, name));
            fact.map_or("-".into(), |fact| number(fact.value))
        };
        let cells = [statistic("p50"), format!("{} to {}", statistic("p5"), statistic("p95"))];
        sheet.row([label.clone(), all.to_string()].into_iter().chain(shares.map(percent)).chain(cells));
        bars.push(shares.iter().map(|share| 100.0 * share).collect::<Vec<f64>>());
    }
    let parts: Vec<_> = FATES.iter().map(|fate| (*fate).to_owned()).zip([1, 5, 4, 0].map(colour)).collect();
    let axes = Axes { range: Some([0.0, 100.0]), ..by_arm(facts, "patients, %") };
    let says = "What became of the planned doses, by arm: each patient counts once, by the worst that happened. Relative \
                dose intensity is the amount given per time on treatment over that planned."
        .to_owned();
    let svg = plot::stacked(&axes, &parts, &bars, &[]);
    Ok(Some(Figure { title: "Doses as planned, held, reduced and stopped".into(), says, svg, sheet }))
}

/// Patients of each arm by the worst that became of their doses. The ledger has the doses of a patient in an arm
/// together.
fn fates(facts: &Facts) -> Result<Vec<[u64; FATES.len()]>, Problems> {
    let mut counts = vec![[0; FATES.len()]; facts.arms().len()];
    let mut present: Option<Present> = None;
    let wanted = [PATIENT, ARM, "held_by", "changed_by", "stopped_by"];
    facts.scan(Set::Doses, &wanted, |rows| {
        let arms = facts.arm_of_rows(rows);
        let patients = numbers(rows, PATIENT);
        let reasons = ["stopped_by", "changed_by", "held_by"].map(|name| labels(rows, name));
        for row in 0..rows.rows() {
            let fate = reasons.iter().position(|reason| !reason[row].is_empty()).unwrap_or(FATES.len() - 1);
            let (patient, arm) = (patients[row], arms[row]);
            match &mut present {
                Some(now) if now.patient == patient && now.arm == arm => now.fate = now.fate.min(fate),
                other => {
                    if let Some(Present { arm, fate, .. }) = other.replace(Present { patient, arm, fate }) {
                        counts[arm][fate] += 1;
                    }
                }
            }
        }
    })?;
    if let Some(Present { arm, fate, .. }) = present {
        counts[arm][fate] += 1;
    }
    Ok(counts)
}
