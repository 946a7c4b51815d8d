//! Equations that jump, bend or peak in time.

use std::f64::consts::PI;

use vpop::engine::Status;

use super::Case;

/// One state `x` of which the value at the end is read; `TS` and `WIDTH` are covariates.
fn case(name: &'static str, source: &'static str, equations: &str, days: u32, right: f64) -> Case {
    let model = format!(
        r#"
forced <- function() {{
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  compartmentData <- list(x = list(description = "State", units = "mg", scale = 1))
  covariateData <- list(TS = list(units = "day"), WIDTH = list(units = "day"))
  ini({{ k <- 0.1; start <- 100; etastart ~ 0.1 }})
  model({{
    ts <- TS * exp(etastart)
    begins <- start * exp(0 * k)
    width <- WIDTH
    {equations}
  }})
}}
"#
    );
    let cohort = format!(
        r#"
name = "forced"
model = "case.R"
patients = 1
seed = 1
[population.TS]
distribution = "fixed"
value = 33.37
[population.WIDTH]
distribution = "fixed"
value = 0.01
[regimen]
arms = ["0 mg"]
into = ["x"]
[visits]
every = "{days} day"
until = "{days} day"
[endpoints.at_end]
of = "x"
statistic = "value"
at = "{days} day"
[solver]
rtol = 1e-8
atol = 1e-6
"#
    );
    Case {
        name,
        source,
        model,
        cohort,
        status: Status::Ok,
        values: vec![(0, "at_end", right)],
        tolerance: 2e-5,
    }
}

/// What is left at `end` of an input of `rate` from `from` to `to`, eliminated at `k`.
fn pulse(rate: f64, k: f64, from: f64, to: f64, end: f64) -> f64 {
    rate / k * ((-k * (end - to)).exp() - (-k * (end - from)).exp())
}

pub(super) fn cases() -> Vec<Case> {
    let root_pi = PI.sqrt();
    let mut cases = vec![
        case(
            "a pulse of a day after a hundred",
            "exponential decay of a constant input",
            "d/dt(x) <- ifelse(time >= 100 & time < 101, 50, 0) - k * x",
            150,
            pulse(50.0, 0.1, 100.0, 101.0, 150.0),
        ),
        case(
            "a pulse that begins by a parameter",
            "exponential decay of a constant input",
            "inp <- 0
             if (t > begins && t - begins <= 0.02) inp <- 50
             d/dt(x) <- inp - k * x",
            150,
            pulse(50.0, 0.1, 100.0, 100.02, 150.0),
        ),
        case(
            "a pulse that begins by a covariate and a random effect",
            "exponential decay of a constant input",
            "d/dt(x) <- 50 * (2 * t >= 2 * ts) * (t < ts + width) - k * x",
            50,
            pulse(50.0, 0.1, 33.37, 33.38, 50.0),
        ),
        case(
            "a pulse between the roots of a parabola",
            "exponential decay of a constant input",
            "d/dt(x) <- ifelse((t - 20)^2 < 0.0025, 50, 0) - k * x",
            50,
            pulse(50.0, 0.1, 19.95, 20.05, 50.0),
        ),
        case(
            "a staircase",
            "whole weeks passed, integrated: 7 + 14 + 21 + 2 x 4",
            "d/dt(x) <- floor(t / 7)",
            30,
            50.0,
        ),
        case(
            "steps seven times a day",
            "numbers 0 to 69, a seventh of a day each",
            "d/dt(x) <- ceiling(7 * t) - 1",
            10,
            (0..70).sum::<i32>() as f64 / 7.0,
        ),
        case(
            "an hour of every day",
            "geometric sum of pulses",
            "d/dt(x) <- ifelse((24 * t) %% 24 < 1, 50, 0) - k * x",
            30,
            (0..30).map(f64::from).map(|day| pulse(50.0, 0.1, day, day + 1.0 / 24.0, 30.0)).sum(),
        ),
        case(
            "an hour on working days from the third hour on",
            "geometric sum of pulses",
            "inweek <- t - 7 * floor(t / 7)
             inday <- inweek %% 1
             d/dt(x) <- 50 * (inweek < 5 & inday >= 3/24 & inday < 4/24) - k * x",
            28,
            (0..28)
                .filter(|day| day % 7 < 5)
                .map(f64::from)
                .map(|day| pulse(50.0, 0.1, day + 3.0 / 24.0, day + 4.0 / 24.0, 28.0))
                .sum(),
        ),
        case("a ramp that begins", "half of 4.5 squared", "d/dt(x) <- max(0, t - 5.5)", 10, 10.125),
        case("a ramp that ends", "3.3 squared / 2 + 3.3 x 6.7", "d/dt(x) <- min(t, 3.3)", 10, 27.555),
        case("an absolute value", "(5.5 squared + 4.5 squared) / 2", "d/dt(x) <- abs(t - 5.5)", 10, 25.25),
        case(
            "a tent of an hour",
            "area of a triangle",
            "d/dt(x) <- 1200 * max(0, 1 - abs(t - 50.3) / (1/24))",
            100,
            50.0,
        ),
        case(
            "a smooth bump",
            "integral of a normal density",
            "d/dt(x) <- exp(-((t - 100) / 0.5)^2)",
            200,
            0.5 * root_pi,
        ),
        case(
            "a narrow bump at a covariate's time",
            "integral of a normal density",
            "d/dt(x) <- 10 * exp(-0.5 * ((ts - t) / 0.05)^2)",
            60,
            0.5 * (2.0 * PI).sqrt(),
        ),
        case(
            "what begins without a slope and is soon over",
            "integral of t exp(-t / w), w squared, beside a slow state",
            "slow(0) <- 1
             d/dt(slow) <- -0.01 * slow
             since <- t - 100
             d/dt(x) <- ifelse(since > 0, 1000 * since * exp(-since / 0.1), 0) + 0 * slow",
            200,
            10.0,
        ),
        case(
            "a bend and what is soon over after it",
            "integral of t exp(-t / w), w squared, beside a slow state",
            "slow(0) <- 1
             d/dt(slow) <- -0.01 * slow
             since <- max(0, t - 100)
             d/dt(x) <- 1000 * since * exp(-since / 0.1) + 0 * slow",
            200,
            10.0,
        ),
        case(
            "what is soon over after the start",
            "integral of t exp(-t / w), w squared, beside a slow state",
            "slow(0) <- 1
             d/dt(slow) <- -0.01 * slow
             d/dt(x) <- 100000 * t * exp(-t / 0.01) + 0 * slow",
            200,
            10.0,
        ),
        case(
            "a flat bump",
            "integral of a Lorentzian",
            "d/dt(x) <- 1 / (1 + ((t - 50) / 0.1)^2)",
            100,
            0.2 * (500.0_f64).atan(),
        ),
        case(
            "a bump every week",
            "sum of integrals of normal densities",
            "inweek <- t - 7 * floor(t / 7)
             d/dt(x) <- exp(-((inweek - 3) / 0.1)^2)",
            28,
            4.0 * 0.1 * root_pi,
        ),
        case(
            "a day of every period that is a covariate",
            "geometric sum of pulses",
            "d/dt(x) <- ifelse(t %% TS < 1, 4, 0) - k * x",
            150,
            (0..5).map(|i| 33.37 * f64::from(i)).map(|from| pulse(4.0, 0.1, from, from + 1.0, 150.0)).sum(),
        ),
        case(
            "half of every period that is a covariate",
            "geometric sum of pulses",
            "d/dt(x) <- ifelse(t - TS * floor(t / TS) < TS / 2, 4, 0) - k * x",
            150,
            (0..5)
                .map(|i| 33.37 * f64::from(i))
                .map(|from| pulse(4.0, 0.1, from, (from + 16.685).min(150.0), 150.0))
                .sum(),
        ),
        case(
            "time as a share of a covariate",
            "exponential decay of a constant input",
            "d/dt(x) <- ifelse(t / TS >= 1 & (t - TS) / WIDTH < 2, 50, 0) - k * x",
            50,
            pulse(50.0, 0.1, 33.37, 33.39, 50.0),
        ),
        case(
            "near a covariate",
            "exponential decay of a constant input",
            "d/dt(x) <- ifelse(abs(t - TS) < WIDTH, 50, 0) - k * x",
            50,
            pulse(50.0, 0.1, 33.36, 33.38, 50.0),
        ),
        case(
            "a tent in every period that is a covariate",
            "integral of (1 - |u|) e^(k u)",
            "d/dt(x) <- max(0, 1 - abs(t %% TS - 3)) - k * x",
            130,
            (0..4)
                .map(|i| 3.0 + 33.37 * f64::from(i))
                .map(|top| 200.0 * (0.1_f64.cosh() - 1.0) * (-0.1 * (130.0 - top)).exp())
                .sum(),
        ),
        case(
            "a pulse between values of a root",
            "exponential decay of a constant input",
            "d/dt(x) <- 40 * (sqrt(t) > 7 & 7.001 > sqrt(t)) - k * x",
            90,
            pulse(40.0, 0.1, 49.0, 49.014001, 90.0),
        ),
        case(
            "a pulse between values of an exponential and of a reciprocal",
            "exponential decay of a constant input",
            "d/dt(x) <- ifelse(2 * exp(-0.05 * t) - 0.1 < 0.1 & 1 / (t + 1) > 0.0211, 40, 0) - k * x",
            90,
            pulse(40.0, 0.1, 20.0 * 10.0_f64.ln(), 1.0 / 0.0211 - 1.0, 90.0),
        ),
        case(
            "a pulse between values of a cube and of a logarithm",
            "exponential decay of a constant input",
            "d/dt(x) <- ifelse(t^3 > 64000 & log(1 + t) < log(41.02), 40, 0) - k * x",
            90,
            pulse(40.0, 0.1, 40.0, 40.02, 90.0),
        ),
        case(
            "a pulse with smooth edges",
            "the width times the height",
            "d/dt(x) <- 25 * (tanh((t - 60) / 0.02) - tanh((t - 61) / 0.02))",
            100,
            50.0,
        ),
    ];
    cases.push(Case {
        name: "the area of a turnover with a pulse",
        source: "0.5 / 10 x 200 + 50 / 10",
        model: r#"
turnover <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({ kin <- 0.5; kout <- 10 })
  model({
    stress <- ifelse(time >= 100 & time < 101, 50, 0)
    r(0) <- kin / kout
    d/dt(r) <- kin + stress - kout * r
  })
}
"#
        .into(),
        cohort: r#"
name = "turnover"
model = "case.R"
patients = 1
[regimen]
arms = ["0 mg"]
into = ["r"]
[visits]
every = "7 day"
until = "200 day"
[endpoints.area]
of = "r"
statistic = "auc"
on = "continuous"
[endpoints.stressed]
of = "stress"
statistic = "auc"
on = "continuous"
[endpoints.peaked]
of = "exp(-((t - 100) / 0.5)^2)"
statistic = "auc"
on = "continuous"
"#
        .into(),
        status: Status::Ok,
        values: vec![(0, "area", 15.0), (0, "stressed", 50.0), (0, "peaked", 0.5 * root_pi)],
        tolerance: 1e-5,
    });
    cases.push(Case {
        name: "what jumps with time, followed between visits",
        source: "100 e^(-k t), doubled after 3 days: 200 e^(-0.3); above 120 until log(200 / 120) / k",
        model: r#"
doubled <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.1 })
  model({
    d/dt(a) <- -k * a
    a(0) <- 100
    w <- a * ifelse(time > 3, 2, 1)
  })
}
"#
        .into(),
        cohort: r#"
name = "doubled"
model = "case.R"
patients = 1
[regimen]
arms = ["0 mg"]
into = ["a"]
[visits]
every = "1 day"
until = "10 day"
[endpoints.highest]
of = "w"
statistic = "max"
on = "continuous"
[endpoints.above]
of = "w"
statistic = "time_above"
threshold = 120.0
on = "continuous"
"#
        .into(),
        status: Status::Ok,
        values: vec![
            (0, "highest", 200.0 * (-0.3_f64).exp()),
            (0, "above", 10.0 * (200.0_f64 / 120.0).ln() - 3.0),
        ],
        tolerance: 1e-4,
    });
    cases
}
