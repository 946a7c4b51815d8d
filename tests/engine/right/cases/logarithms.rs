//! Logarithms of whole powers.

use vpop::engine::Status;

use super::Case;

/// 1000 and 8 as a state, a parameter and a covariate, and what a rounded-down logarithm makes of them.
const MODEL: &str = r#"
powers <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    thousand <- 1000
    eight <- 8
  })
  model({
    a(0) <- thousand
    b(0) <- eight
    d/dt(a) <- 0 * b
    d/dt(b) <- 0 * a
    of_state <- 10 * floor(log10(a)) + floor(log2(b))
    of_parameter <- 10 * floor(log10(thousand)) + floor(log2(eight)) + 0 * a
    of_covariate <- 10 * floor(log10(THOUSAND)) + floor(log2(EIGHT)) + 0 * a
    of_number <- 10 * floor(log10(1000)) + floor(log2(8)) + 0 * a
    decades <- log10(a / 1e6)
  })
}
"#;

pub(super) fn cases() -> Vec<Case> {
    vec![Case {
        name: "logarithms of whole powers",
        source: "log10(1000) = log2(8) = 3",
        model: MODEL.into(),
        cohort: r#"
name = "powers"
model = "case.R"
patients = 1
seed = 1
[population.THOUSAND]
distribution = "fixed"
value = 1000
[population.EIGHT]
distribution = "fixed"
value = 8
[regimen]
arms = ["0 mg"]
into = ["a"]
infusion = "0 h"
times = ["0 day"]
[visits]
every = "7 day"
until = "14 day"
[endpoints]
state = { of = "of_state", statistic = "max" }
parameter = { of = "of_parameter", statistic = "max" }
covariate = { of = "of_covariate", statistic = "max" }
number = { of = "of_number", statistic = "max" }
decades = { of = "decades", statistic = "max" }
"#
        .into(),
        status: Status::Ok,
        values: vec![
            (0, "state", 33.0),
            (0, "parameter", 33.0),
            (0, "covariate", 33.0),
            (0, "number", 33.0),
            (0, "decades", -3.0),
        ],
        tolerance: 1e-12,
    }]
}
