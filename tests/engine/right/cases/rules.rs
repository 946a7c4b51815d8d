//! Rules at the first visit, runs without drug, of one visit, of one arm or of very many.

use std::f64::consts::LN_2;

use vpop::engine::Status;

use super::Case;

/// One compartment whose amount halves every day.
const HALVED: &str = r#"
halved <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg")
  ini({ k <- 0.693147180559945309 })
  model({ d/dt(a) <- -k * a; amount <- a; one <- 1 + 0 * a })
}
"#;

/// A cohort of one patient: its regimen, and all that follows.
fn cohort(regimen: &str, rest: &str) -> String {
    format!(
        r#"
name = "rules"
model = "case.R"
patients = 1
seed = 1
[regimen]
into = ["a"]
infusion = "0 h"
{regimen}
{rest}
"#
    )
}

fn case(name: &'static str, cohort: String, values: Vec<(usize, &'static str, f64)>) -> Case {
    Case {
        name,
        source: "a dose of D mg leaves D / 2^t after t days",
        model: HALVED.into(),
        cohort,
        status: Status::Ok,
        values,
        tolerance: 1e-5,
    }
}

/// What is left, the largest, and its area over the whole run.
const ENDPOINTS: &str = r#"
[endpoints.left]
of = "amount"
statistic = "value"
at = "2 day"
[endpoints.largest]
of = "amount"
statistic = "max"
on = "continuous"
[endpoints.area]
of = "amount"
statistic = "auc"
on = "continuous"
"#;

pub(super) fn cases() -> Vec<Case> {
    let daily = "arms = [\"8 mg\"]\nevery = \"1 day\"\ncycles = 4";
    let visits = "[visits]\nevery = \"1 day\"\nuntil = \"4 day\"\n";
    let rule = |rule: &str| format!("[[regimen.modify]]\n{rule}\n{visits}{ENDPOINTS}");
    let after = |dose: f64, days: f64| dose * 0.5_f64.powf(days);
    let area = |dose: f64, days: f64| dose * (1.0 - 0.5_f64.powf(days)) / LN_2;
    let arms: Vec<String> = (1..=300).map(|i| format!("\"{i} mg\"")).collect();
    let of_arms =
        |values: fn(f64) -> f64, endpoint| (0..300).map(move |i| (i, endpoint, values((i + 1) as f64)));
    vec![
        case(
            "a rule that stops treatment before its first dose",
            cohort(daily, &rule("when = \"one > 0\"\nthen = \"stop\"")),
            vec![(0, "left", 0.0), (0, "largest", 0.0), (0, "area", 0.0)],
        ),
        case(
            "a rule that halves the first dose, and every later one",
            cohort(daily, &rule("when = \"one > 0\"\nthen = \"reduce 50 %\"\nfloor = \"0.1 mg\"")),
            vec![(0, "left", after(4.0, 2.0) + after(2.0, 1.0))],
        ),
        case(
            "a rule that delays the first dose by a day",
            cohort(daily, &rule("when = \"day < 1\"\nthen = \"delay 1 day\"\nat_most = \"3 day\"")),
            vec![(0, "left", after(8.0, 1.0))],
        ),
        case(
            "a rule that holds at time 0 until day 2",
            cohort(daily, &rule("when = \"day < 2\"\nthen = \"hold\"\nat_most = \"3 day\"")),
            vec![(0, "left", 0.0), (0, "area", area(8.0, 2.0) + area(8.0, 1.0))],
        ),
        case(
            "an arm without drug",
            cohort("arms = [\"0 mg\"]\ntimes = [\"0 day\"]", &format!("{visits}{ENDPOINTS}")),
            vec![(0, "left", 0.0), (0, "largest", 0.0), (0, "area", 0.0)],
        ),
        case(
            "an arm without drug beside one with it",
            cohort("arms = [\"0 mg\", \"8 mg\"]\ntimes = [\"0 day\"]", &format!("{visits}{ENDPOINTS}")),
            vec![
                (0, "left", 0.0),
                (0, "largest", 0.0),
                (1, "left", 2.0),
                (1, "largest", 8.0),
                (1, "area", area(8.0, 4.0)),
            ],
        ),
        case(
            "one visit",
            cohort(
                "arms = [\"8 mg\"]\ntimes = [\"0 day\"]",
                &format!("[visits]\ntimes = [\"2 day\"]\nuntil = \"2 day\"\n{ENDPOINTS}"),
            ),
            vec![(0, "left", 2.0), (0, "largest", 8.0), (0, "area", area(8.0, 2.0))],
        ),
        case(
            "one visit, at the first dose",
            cohort(
                "arms = [\"8 mg\"]\ntimes = [\"0 day\"]",
                &format!("[visits]\ntimes = [\"0 day\"]\nuntil = \"2 day\"\n{ENDPOINTS}"),
            ),
            vec![(0, "left", 2.0), (0, "largest", 8.0), (0, "area", area(8.0, 2.0))],
        ),
        case(
            "three hundred arms",
            cohort(
                &format!("arms = [{}]\ntimes = [\"0 day\"]", arms.join(", ")),
                &format!("{visits}{ENDPOINTS}"),
            ),
            of_arms(|dose| dose / 4.0, "left").chain(of_arms(|dose| dose, "largest")).collect(),
        ),
    ]
}
