//! Dose-limiting toxicity by arm and cause.

use super::super::facts::{Facts, solved};
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Mark, colour};
use super::super::rows::numbers;
use super::{at, by_arm, percent};
use crate::cohort::columns::{self, of_cause};
use crate::diagnostic::Problems;
use crate::store::Set;

/// Patients of an arm.
#[derive(Clone, Default)]
struct Counts {
    finished: u64,
    /// With one cause alone, in order of the causes; with several.
    causes: Vec<u64>,
}

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let Some(trial) = &facts.manifest.trial else { return Ok(None) };
    let Some((dlt, _)) = facts.endpoint(columns::DLT) else { return Ok(None) };
    let counts = counts(facts, &trial.dlt_causes)?;
    let share = |arm: usize, name: &str| facts.of_all(arm, dlt, name).map_or(f64::NAN, |fact| fact.value);
    let mut names = trial.dlt_causes.clone();
    if names.len() > 1 {
        names.push("several".into());
    }
    let mut sheet = Sheet::new(["arm", "n", "any DLT, %", "95 % interval", "of evaluable, %"]);
    sheet.columns.extend(names.iter().map(|name| format!("{name}, %")));
    let mut bars = Vec::new();
    let mut points = Vec::new();
    for (arm, counts) in counts.iter().enumerate() {
        let of = |count: u64| 100.0 * count as f64 / counts.finished.max(1) as f64;
        bars.push(counts.causes[..names.len()].iter().map(|&count| of(count)).collect::<Vec<f64>>());
        let [any, low, high] = ["proportion", "wilson_low", "wilson_high"].map(|name| share(arm, name));
        points.push([at(arm), 100.0 * any, 100.0 * low, 100.0 * high]);
        let own = [
            facts.arms()[arm].clone(),
            counts.finished.to_string(),
            percent(any),
            format!("{} to {}", percent(low), percent(high)),
            percent(share(arm, "proportion_of_evaluable")),
        ];
        sheet.row(own.into_iter().chain(bars[arm].iter().map(|share| format!("{share:.1}"))));
    }
    let parts: Vec<_> = names.iter().cloned().zip((0..).map(colour)).collect();
    let any = Mark::Points { points, colour: "currentColor", name: "any, 95 % interval".into(), size: 3.5 };
    let axes = plot::Axes { range: Some([0.0, 100.0]), ..by_arm(facts, "patients with a DLT, %") };
    let says = format!(
        "Patients with a dose-limiting toxicity by day {} of treatment, by arm and by what caused it, of all who \
         could be solved; whiskers are 95 % intervals (Wilson) for so many patients.",
        trial.dlt_window_days
    );
    let svg = plot::stacked(&axes, &parts, &bars, &[any]);
    Ok(Some(Figure { title: "Dose-limiting toxicity".into(), says, svg, sheet }))
}

fn counts(facts: &Facts, causes: &[String]) -> Result<Vec<Counts>, Problems> {
    let of_causes: Vec<String> = causes.iter().map(|cause| of_cause(cause)).collect();
    let mut wanted = vec![columns::ARM, columns::STATUS];
    wanted.extend(of_causes.iter().map(String::as_str));
    let blank = Counts { finished: 0, causes: vec![0; causes.len() + 1] };
    let mut counts = vec![blank; facts.arms().len()];
    facts.scan(Set::Outcomes, &wanted, |rows| {
        let arms = facts.arm_of_rows(rows);
        let solved = solved(rows);
        let flags: Vec<Vec<f64>> = of_causes.iter().map(|cause| numbers(rows, cause)).collect();
        for (row, &arm) in arms.iter().enumerate().filter(|(row, _)| solved[*row]) {
            let mut present = (0..causes.len()).filter(|&cause| flags[cause][row] == 1.0);
            let of_arm = &mut counts[arm];
            of_arm.finished += 1;
            match (present.next(), present.next()) {
                (Some(cause), None) => of_arm.causes[cause] += 1,
                (Some(_), Some(_)) => of_arm.causes[causes.len()] += 1,
                (None, _) => {}
            }
        }
    })?;
    Ok(counts)
}
