//! Linear equations solved in closed form: against forms written out by hand, and against integration.

use crate::support::linear::{self, Linear};
use crate::support::{DAY, Sketch, individuals};
use vpop::cohort::{ReadOn, Ticks};
use vpop::diagnostic::Source;
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, Individuals, Solution, Status};
use vpop::job::Job;
use vpop::plan::{AccumulatorKind, Method, Plan};

/// Rounding of f64 in rates, exponents and sums.
const OF_F64: f64 = 1e-10;
/// Rounding of f32, as a share of the largest value: of some ten operations with times that are rounded too.
const OF_F32: f64 = 2e-6;

fn solve(plan: &Plan, precision: Precision) -> Solution {
    let individuals = Individuals { trajectories: 1, ..individuals(plan, &[]) };
    let solution = Cpu::with_precision(plan, Isa::detect(), precision).solve(&individuals).unwrap();
    assert_eq!(solution.status, [Status::Ok]);
    solution
}

#[test]
fn courses_are_those_written_out_by_hand() {
    for Linear { name, plan, expected } in linear::cases() {
        let got = solve(&plan, Precision::F64);
        for (i, (got, expected)) in got.trajectories.iter().zip(&expected).enumerate() {
            let error = (got - expected).abs();
            assert!(
                error <= OF_F64 * expected.abs(),
                "{name}, day {}: {got:e}, {expected:e}",
                i as f64 / 4.0
            );
        }
        // One step for each segment: nothing is integrated.
        assert!(got.steps[0] <= 6 && got.rejected == [0], "{name}: {} steps", got.steps[0]);
    }
}

#[test]
fn courses_in_f32_are_those_to_its_rounding() {
    for Linear { name, plan, expected } in linear::cases() {
        let got = solve(&plan, Precision::F32);
        let largest = expected.iter().fold(0.0_f64, |largest, x| largest.max(*x));
        for (i, (got, expected)) in got.trajectories.iter().zip(&expected).enumerate() {
            let error = (got - expected).abs();
            assert!(error <= OF_F32 * largest, "{name}, day {}: {got:e}, {expected:e}", i as f64 / 4.0);
        }
    }
}

/// Numbers between 0 and 1 that are the same in every run (G. Marsaglia, Xorshift RNGs, J. Stat. Soft. 8, 2003).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A rate of 0.01 to 100 per day.
    fn rate(&mut self) -> f64 {
        10.0_f64.powf(4.0 * self.next() - 2.0)
    }
}

/// Compartments at random rates, with or without a depot, an effect compartment, an area and a source.
fn random(number: u64) -> Plan {
    let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(number + 1));
    let mut s = Sketch::new(&["depot", "central", "first", "second", "area"]);
    let peripheral = (3.0 * random.next()) as usize;
    let has_depot = random.next() < 0.5;
    for name in ["ka", "k10", "k12", "k21", "k13", "k31"] {
        s.parameter(name, random.rate());
    }
    let mut central = String::from("-k10*central");
    if has_depot {
        s.equation(0, "-ka*depot");
        central += " + ka*depot";
    }
    for (state, name) in (2..).zip(["first", "second"]).take(peripheral) {
        let [out, back] = [["k12", "k21"], ["k13", "k31"]][state - 2];
        s.equation(state, &format!("{out}*central - {back}*{name}"));
        central += &format!(" - {out}*central + {back}*{name}");
    }
    if random.next() < 0.3 {
        central += " + 2.5";
        s.initial(1, "1");
    }
    s.equation(1, &central);
    s.equation(4, "2*central + 1");
    s.plan.states[4].atol = f64::INFINITY;
    if has_depot {
        s.route(0, "0.7", "0.1", None);
    }
    s.route(1, "0.3", "0", (random.next() < 0.7).then_some("0.2"));
    s.arm(&[(0, "100"), (3 * DAY, "50"), (4 * DAY, "80")]);
    s.visits((0..=40).map(|i: Ticks| i * DAY / 5));
    s.plan.trajectories = ["depot", "central", "first", "second", "area"].map(|name| s.observe(name)).into();
    s.tight();
    s.plan.rtol = 1e-12;
    s.plan.method = Method::ClosedForm;
    s.plan()
}

#[test]
fn courses_are_those_of_integration() {
    // What is integrated is right to its absolute tolerance, of states that come to less.
    const SMALL: f64 = 0.1;
    for number in 0..200 {
        let plan = random(number);
        let got = solve(&plan, Precision::F64);
        let integrated = solve(&Plan { method: Method::Rosenbrock, ..plan.clone() }, Precision::F64);
        let states = plan.trajectories.len();
        for state in 0..states {
            let of = |solution: &Solution| -> Vec<f64> {
                solution.trajectories.iter().skip(state).step_by(states).copied().collect()
            };
            let (got, expected) = (of(&got), of(&integrated));
            let largest = expected.iter().fold(SMALL, |largest, x| largest.max(x.abs()));
            for (got, expected) in got.iter().zip(&expected) {
                assert!((got - expected).abs() <= 1e-9 * largest, "{number}, {state}: {got:e}, {expected:e}");
            }
        }
    }
}

#[test]
fn extremes_and_crossings_of_the_curve() {
    let (ka, k) = (6.0_f64, 0.3);
    let mut s = Sketch::new(&["depot", "central"]);
    s.covariate("ka");
    s.covariate("k");
    s.equation(0, "-ka*depot");
    s.equation(1, "ka*depot - k*central");
    s.route(0, "1", "0", None);
    s.arm(&[(0, "1")]);
    s.visits([0, 21 * DAY]);
    let window = [0, 21 * DAY];
    s.accumulate(AccumulatorKind::Max, "central", window, ReadOn::Continuous);
    s.accumulate(AccumulatorKind::TimeOfMax, "central", window, ReadOn::Continuous);
    s.accumulate(AccumulatorKind::TimeTrue, "0.1 < central", window, ReadOn::Continuous);
    s.plan.method = Method::ClosedForm;
    let plan = s.plan();
    let solution = Cpu::new(&plan, Isa::detect()).solve(&individuals(&plan, &[vec![ka], vec![k]])).unwrap();
    let central = |t: f64| ka / (ka - k) * ((-k * t).exp() - (-ka * t).exp());
    let peak = (ka / k).ln() / (ka - k);
    // Crossings by bisection.
    let crossing = |mut low: f64, mut high: f64| {
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            let rises = central(low) < 0.1;
            if (central(middle) < 0.1) == rises { low = middle } else { high = middle }
        }
        low
    };
    let above = crossing(peak, 21.0) - crossing(0.0, peak);
    let [largest, time, duration] = [0, 1, 2].map(|i: usize| solution.accumulators[i][0]);
    assert!((largest / central(peak) - 1.0).abs() < 1e-8, "{largest}, {}", central(peak));
    assert!((time - peak).abs() < 1e-4, "{time}, {peak}");
    assert!((duration - above).abs() < 1e-6, "{duration}, {above}");
}

#[test]
fn oscillations_are_integrated() {
    let mut s = Sketch::new(&["x", "y"]);
    s.equation(0, "y");
    s.equation(1, "-x");
    s.initial(0, "1");
    s.arm(&[]);
    s.visits([0, 5 * DAY]);
    s.plan.trajectories = vec![s.observe("x")];
    s.plan.method = Method::ClosedForm;
    s.tight();
    let solution = solve(&s.plan(), Precision::F64);
    assert!((solution.trajectories[1] - 5.0_f64.cos()).abs() < 1e-8, "{}", solution.trajectories[1]);
}

const COHORT: &str = r#"
name = "linear"
model = "linear.R"
patients = 4

[regimen]
arms = ["100 mg"]
into = ["depot"]
infusion = "bolus"
every = "1 day"
cycles = 5

[visits]
every = "1 day"

[endpoints.peak]
of = "Cc"
statistic = "max"
on = "continuous"
"#;

fn job(equations: &str, method: &str) -> Result<Job, vpop::diagnostic::Problems> {
    let model = format!(
        "linear <- function() {{\n  units <- list(time = \"h\", dosing = \"mg\")\n  ini({{\n    lka <- log(1)\n    lcl <- log(3)\n    lv <- log(30)\n    etacl ~ 0.1\n  }})\n  \
         model({{\n    ka <- exp(lka)\n    cl <- exp(lcl + etacl)\n    v <- exp(lv)\n    {equations}\n  }})\n}}\n"
    );
    let cohort = format!("{COHORT}\n[solver]\nmethod = \"{method}\"\n");
    Job::from_texts(&Source::new("linear.toml", cohort), &Source::new("linear.R", model))
}

#[test]
fn it_is_recognised_from_the_equations() {
    let written_out =
        "Cc <- central / v\n    d/dt(depot) <- -ka * depot\n    d/dt(central) <- ka * depot - cl * Cc";
    for equations in ["Cc <- linCmt()", written_out] {
        let job = job(equations, "auto").unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(job.plan.method, Method::ClosedForm, "{equations}: {}", job.reason);
    }
    for equations in [
        "d/dt(depot) <- -ka * depot\n    d/dt(central) <- ka * depot - cl * central / (v + central)\n    Cc <- central / v",
        "d/dt(depot) <- -ka * depot * (t > 5)\n    d/dt(central) <- ka * depot - cl * central\n    Cc <- central / v",
    ] {
        let job = job(equations, "auto").unwrap_or_else(|problems| panic!("{problems}"));
        assert_ne!(job.plan.method, Method::ClosedForm, "{equations}: {}", job.reason);
    }
}

#[test]
fn other_equations_are_refused() {
    let refused = |equations: &str| job(equations, "closed_form").unwrap_err().to_string();
    let saturable = refused(
        "d/dt(depot) <- -ka * depot\n    d/dt(central) <- ka * depot - cl * central / (v + central)\n    Cc <- central / v",
    );
    assert!(
        saturable.contains("the rate of change of `central` is not a sum of states times constants"),
        "{saturable}"
    );
    let chain: Vec<String> = (1..=5).map(|i| format!("d/dt(a{i}) <- ka * (a{} - a{i})", i - 1)).collect();
    let chain = refused(&format!(
        "a0 <- 0\n    d/dt(depot) <- -ka * depot\n    {}\n    Cc <- a5 + depot / v * cl",
        chain.join("\n    ")
    ));
    assert!(chain.contains("6 states act on others or on themselves"), "{chain}");
    assert!(job("Cc <- linCmt()", "closed_form").is_ok());
}
