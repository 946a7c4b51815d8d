//! Values far below 1, the size that a state has unless a file says another.

use vpop::engine::Status;

use super::Case;

/// Oral, in grams: what is left of the dose, and what is in plasma; a metabolite that is a millionth of it.
const GRAMS: &str = r#"
grams <- function() {
  units <- list(time = "hour", dosing = "g", concentration = "g/L")
  ini({ ka <- 1.2; k <- 0.15; km <- 0.000001; kel <- 0.4; v <- 20 })
  model({
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - k * central
    d/dt(metabolite) <- km * central - kel * metabolite
    Cc <- central / v
    Cm <- metabolite / v
  })
}
"#;

/// Amount in plasma after t hours of a dose of 1.
fn central(t: f64) -> f64 {
    let (ka, k): (f64, f64) = (1.2, 0.15);
    ka / (ka - k) * ((-k * t).exp() - (-ka * t).exp())
}

/// Amount of the metabolite.
fn metabolite(t: f64) -> f64 {
    let (ka, k, km, kel): (f64, f64, f64, f64) = (1.2, 0.15, 1e-6, 0.4);
    let term = |rate: f64| ((-rate * t).exp() - (-kel * t).exp()) / (kel - rate);
    km * ka / (ka - k) * (term(k) - term(ka))
}

pub(super) fn cases() -> Vec<Case> {
    let cohort = |arms: &str| {
        format!(
            r#"
name = "grams"
model = "case.R"
patients = 1
seed = 1
[regimen]
arms = [{arms}]
into = ["depot"]
infusion = "0 h"
times = ["0 day"]
[visits]
every = "1 h"
until = "12 h"
[endpoints.early]
of = "Cc"
statistic = "value"
at = "2 h"
[endpoints.late]
of = "Cc"
statistic = "value"
at = "12 h"
[endpoints.metabolite]
of = "Cm"
statistic = "value"
at = "12 h"
"#
        )
    };
    let [early, late, formed] = [central(2.0) / 20.0, central(12.0) / 20.0, metabolite(12.0) / 20.0];
    let case = |name, arms: &str, values| Case {
        name,
        source: "Bateman's function",
        model: GRAMS.into(),
        cohort: cohort(arms),
        status: Status::Ok,
        values,
        tolerance: 1e-4,
    };
    vec![
        case(
            "a microgram in a model in grams",
            "\"1 ug\"",
            vec![(0, "early", 1e-6 * early), (0, "late", 1e-6 * late)],
        ),
        case("its metabolite", "\"1 ug\"", vec![(0, "metabolite", 1e-6 * formed)]),
        case(
            "a nanogram beside ten grams",
            "\"0 g\", \"1 ng\", \"10 g\"",
            vec![(0, "early", 0.0), (1, "early", 1e-9 * early), (1, "late", 1e-9 * late)],
        ),
    ]
}
