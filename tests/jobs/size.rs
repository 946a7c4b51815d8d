//! Models that are too large for an engine are refused, and not solved wrong.

use std::fmt::Write;

use vpop::diagnostic::Source;
use vpop::job::Job;
use vpop::plan::Method;

/// A network in which each state changes with the product of itself and each of the others.
fn network(states: usize, asked: &str) -> Result<Job, String> {
    let mut equations = String::new();
    for i in 0..states {
        let products = (0..states).map(|j| format!("{} * x{j}", (i * states + j) % 997)).collect::<Vec<_>>();
        let _ = writeln!(equations, "    d/dt(x{i}) <- -1e-9 * k * x{i} * ({})", products.join(" + "));
    }
    let model = format!(
        "network <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\")\n  ini({{\n    k <- 1\n  }})\n  model({{\n{equations}  }})\n}}\n"
    );
    let cohort = format!(
        r#"
name = "network"
model = "network.R"
patients = 1
[regimen]
arms = ["1 mg"]
into = ["x0"]
[visits]
until = "1 day"
[endpoints.last]
of = "x0"
statistic = "min"
on = "visits"
[solver]
{asked}
"#
    );
    Job::from_texts(&Source::new("cohort.toml", cohort), &Source::new("network.R", model))
        .map_err(|problems| problems.to_string())
}

#[test]
fn what_is_too_large_is_said() {
    let job = network(50, "").unwrap();
    assert_eq!(job.plan.method, Method::Tsit5);
    let dense = network(60, "").unwrap();
    assert_eq!(dense.reason.to_string(), "the implicit method would be too large");
    let asked = network(60, "method = \"rosenbrock\"").unwrap_err();
    assert!(asked.contains("the CPU engine can hold 65535"), "{asked}");
    let large = network(240, "method = \"tsit5\"").unwrap_err();
    assert!(large.contains("the CPU engine can hold 65535"), "{large}");
}
