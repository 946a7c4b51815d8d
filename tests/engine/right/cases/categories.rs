//! Categories by their labels.

use vpop::engine::Status;

use super::Case;

/// A model that stays at 1.
const CONSTANT: &str = r#"
constant <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0 })
  model({ d/dt(a) <- -k * a * FGFR2_HIGH; one <- 1 + FGFR2_HIGH })
}
"#;

pub(super) fn cases() -> Vec<Case> {
    vec![Case {
        name: "labels in computed covariates, eligibility, endpoints and conditions",
        source: "the first patient with FGFR2 high, of ECOG 2 and SEX female",
        model: CONSTANT.into(),
        cohort: r#"
name = "labels"
model = "case.R"
patients = 1
seed = 1
[population.FGFR2]
distribution = "categorical"
probabilities = { low = "50 %", high = 0.5 }
[population.ECOG]
distribution = "categorical"
probabilities = { "1" = 0.2, "2" = 0.8 }
[population.SEX]
distribution = "categorical"
probabilities = { male = 0.5, female = 0.5 }
[population.derived]
FGFR2_HIGH = "FGFR2 == \"high\""
[eligibility]
require = ["FGFR2 != 'low'", "ECOG == '2'", '"female" == SEX']
[regimen]
arms = ["1 mg"]
into = ["a"]
infusion = "0 h"
every = "7 day"
cycles = 2
[[regimen.modify]]
when = "SEX == 'female' & day > 0"
then = "stop"
[visits]
every = "1 day"
[endpoints.one]
of = "one"
statistic = "value"
at = "1 day"
[endpoints.female]
of = "ifelse(SEX == 'male', 5, 7) + ifelse(ECOG != '1', 10, 0)"
statistic = "value"
at = "1 day"
[endpoints.amount]
of = "a"
statistic = "value"
at = "14 day"
[endpoints.days]
of = "ifelse(FGFR2 == 'high', a, 0)"
statistic = "time_above"
threshold = 0.5
on = "visits"
"#
        .into(),
        status: Status::Ok,
        values: vec![(0, "one", 2.0), (0, "female", 17.0), (0, "amount", 1.0), (0, "days", 13.0)],
        tolerance: 1e-9,
    }]
}
