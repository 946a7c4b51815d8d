//! Functions that are flat far out, though what they are made of overflows.

use vpop::engine::Status;

use super::Case;

/// A state that is driven by a function of another that moves away at a constant speed. All of them become
/// nothing: `u` goes from -3 to -3000.
fn model(of: &str) -> String {
    format!(
        "sigmoid <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\", concentration = \"mg/L\")\n  \
         ini({{ v <- 3 }})\n  model({{\n    d/dt(far) <- v\n    far(0) <- 3\n    u <- -far\n    \
         d/dt(x) <- {of}\n    end <- x\n  }})\n}}\n"
    )
}

const COHORT: &str = r#"
name = "sigmoid"
model = "case.R"
patients = 1
seed = 1
[regimen]
arms = ["0 mg"]
into = ["x"]
infusion = "0 h"
times = ["0 day"]
[visits]
every = "333 day"
until = "999 day"
[endpoints.end]
of = "end"
statistic = "value"
at = "999 day"
"#;

pub(super) fn cases() -> Vec<Case> {
    // The integral of expit(-3 - 3 t) from 0: log(1 + e^-3) / 3.
    let sigmoid = (-3.0_f64).exp().ln_1p() / 3.0;
    [
        ("expit far below 0", "log(1 + e^-3) / 3", "expit(u)", sigmoid),
        ("the same written out", "log(1 + e^-3) / 3", "1 / (1 + exp(-u))", sigmoid),
        // expit rises from 2 to 5 and has its limits there: 3 times as much, and 2 a day.
        ("expit between limits", "2 x 999 + log(1 + e^-3)", "expit(u, 2, 5)", 1998.0 + 3.0 * sigmoid),
        // Gompertz' function of e^(3 + 3 t) is 1.9e-9 at first, and e^-20 / 60 in all.
        ("the exponential of an exponential", "almost nothing", "1e-3 + exp(-exp(-u))", 0.999),
    ]
    .into_iter()
    .map(|(name, source, of, right)| Case {
        name,
        source,
        model: model(of),
        cohort: COHORT.into(),
        status: Status::Ok,
        values: vec![(0, "end", right)],
        tolerance: 1e-4,
    })
    .collect()
}
