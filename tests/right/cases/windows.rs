//! Windows of endpoints.

use vpop::engine::Status;

use super::Case;

/// A model that stays at 1.
const CONSTANT: &str = r#"
constant <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0 })
  model({ d/dt(a) <- -k * a; one <- 1 + 0 * a })
}
"#;

pub(super) fn cases() -> Vec<Case> {
    vec![Case {
        name: "an area over a whole run",
        source: "1 over 14 days",
        model: CONSTANT.into(),
        cohort: r#"
name = "area"
model = "case.R"
patients = 1
seed = 1
[regimen]
arms = ["1 mg"]
into = ["a"]
infusion = "0 h"
times = ["0 day"]
[visits]
every = "7 day"
until = "14 day"
[endpoints.area]
of = "one"
statistic = "auc"
"#
        .into(),
        status: Status::Ok,
        values: vec![(0, "area", 14.0)],
        tolerance: 1e-9,
    }]
}
