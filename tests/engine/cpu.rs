//! The CPU engine against closed forms and hand calculation, and what it promises.

use crate::strict::zip_equal;
use crate::support::one_compartment::{self, DOSES, superposed};
use crate::support::{DAY, Sketch, individuals, p1};
use vpop::cohort::ReadOn;
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, Individuals, Solution, Status};
use vpop::model::graph::Symbol;
use vpop::plan::{AccumulatorKind, DoseInput, Method, ObservedId, Plan};
use vpop::population::Patients;
use vpop::verify::closed_form::Exponentials;

fn solve(plan: &Plan, covariates: &[Vec<f64>]) -> Solution {
    Cpu::new(plan, Isa::detect()).solve(&individuals(plan, covariates)).unwrap()
}

/// The time courses of the only patient in the only arm, `[time][observable]`.
fn course(plan: &Plan) -> Vec<f64> {
    let individuals = Individuals { trajectories: 1, ..individuals(plan, &[]) };
    let solution = Cpu::new(plan, Isa::detect()).solve(&individuals).unwrap();
    assert_eq!(solution.status, [Status::Ok]);
    let followed = plan.observation_times.iter().filter(|time| time.trajectory).count();
    assert_eq!(solution.trajectories.len(), followed * plan.trajectories.len());
    solution.trajectories
}

fn close(got: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((got - expected).abs() <= tolerance * expected.abs().max(1.0), "{what}: {got}, {expected}");
}

#[test]
fn one_compartment_infusions_superpose() {
    let got = course(&one_compartment::plan(Some("0.5")));
    assert!(one_compartment::largest_error(&got, one_compartment::infusion) <= 1e-8);
}

#[test]
fn one_compartment_boluses_superpose_and_are_read_before_they_are_given() {
    let got = course(&one_compartment::plan(None));
    assert!(one_compartment::largest_error(&got, one_compartment::bolus) <= 1e-8);
}

#[test]
fn two_compartment_infusions_superpose() {
    let mut s = Sketch::new(&["C", "P"]);
    s.define("out", "C*0.4/3.6");
    s.define("exchange", "0.95*(C/3.6 - P/2.7)");
    s.equation(0, "-out - exchange");
    s.equation(1, "exchange");
    s.route(0, "1", "0", Some("1/24"));
    s.arm(&DOSES);
    s.visits((0..=84).map(|i| i * DAY / 4));
    s.plan.trajectories = vec![s.observe("C")];
    s.tight();
    let unit = Exponentials::two_compartments(0.4, 3.6, 0.95, 2.7);
    let single = |t: f64| 3.6 * unit.after(t, 1.0 / 24.0);
    for (i, got) in course(&s.plan()).into_iter().enumerate() {
        let time = i as f64 / 4.0;
        close(got, superposed(time, single), 1e-8, &format!("day {time}"));
    }
}

#[test]
fn the_error_falls_with_the_fifth_power_of_the_step() {
    let run = |rtol: f64| {
        let mut s = Sketch::new(&["x", "y"]);
        // A circle: x = cos t, y = sin t.
        s.equation(0, "-y");
        s.equation(1, "x");
        s.initial(0, "1");
        s.arm(&[]);
        s.visits([0, 20 * DAY]);
        s.accumulate(AccumulatorKind::At, "x", [20 * DAY; 2], ReadOn::Visits);
        s.plan.rtol = rtol;
        s.plan.states.iter_mut().for_each(|state| state.atol = rtol);
        let solution = solve(&s.plan(), &[]);
        ((solution.accumulators[0][0] - 20.0_f64.cos()).abs(), f64::from(solution.steps[0]))
    };
    let (coarse, fine) = (run(1e-6), run(1e-11));
    let order = (coarse.0 / fine.0).ln() / (fine.1 / coarse.1).ln();
    assert!((4.5..6.5).contains(&order), "order {order}");
}

#[test]
fn overlapping_infusions_sum_and_routes_have_lag_and_factor() {
    let mut s = Sketch::new(&["A", "B"]);
    // 10 over 2 days from days 0 and 1 into A; a fifth of it into B, half a day later.
    s.route(0, "1", "0", Some("2"));
    s.route(1, "0.2", "0.5", Some("2"));
    s.arm(&[(0, "10"), (DAY, "10")]);
    s.visits((0..=8).map(|i| i * DAY / 2));
    s.plan.trajectories = vec![s.observe("A"), s.observe("B")];
    let got = course(&s.plan());
    let ramp = |t: f64| 5.0 * t.clamp(0.0, 2.0) + 5.0 * (t - 1.0).clamp(0.0, 2.0);
    for i in 0..=8 {
        let time = i as f64 / 2.0;
        close(got[2 * i], ramp(time), 1e-12, &format!("A on day {time}"));
        close(got[2 * i + 1], 0.2 * ramp(time - 0.5), 1e-12, &format!("B on day {time}"));
    }
}

#[test]
fn a_rate_gives_the_duration() {
    let mut s = Sketch::new(&["A"]);
    s.route(0, "3", "0", None);
    let rate = s.plan.graph.constant(8.0);
    s.plan.administrations[0].routes[0].input = DoseInput::AtRate(rate);
    s.arm(&[(0, "10")]);
    s.visits([0, DAY, 2 * DAY]);
    s.plan.trajectories = vec![s.observe("A")];
    // 3 times 10 at 8 a day takes 3.75 days.
    for (got, expected) in zip_equal(course(&s.plan()), [0.0, 8.0, 16.0]) {
        close(got, expected, 1e-12, "A");
    }
}

#[test]
fn time_runs_on_over_landings() {
    let mut s = Sketch::new(&["x", "A"]);
    s.equation(0, "t");
    s.route(1, "1", "0", Some("0.3"));
    s.arm(&[(0, "1"), (2 * DAY, "1")]);
    s.visits((0..=10).map(|i| i * DAY / 2));
    s.plan.trajectories = vec![s.observe("x + 0*A")];
    for (i, got) in course(&s.plan()).into_iter().enumerate() {
        let time = i as f64 / 2.0;
        close(got, 0.5 * time * time, 1e-12, &format!("day {time}"));
    }
}

/// Accumulators of (t - 3)^2 over visits on days 0, 1, 2, 4, 5, 7.
#[test]
fn accumulators_by_hand() {
    let mut s = Sketch::new(&["x"]);
    s.equation(0, "1");
    s.arm(&[]);
    s.visits([0, 1, 2, 4, 5, 7].map(|day| day * DAY));
    // A reading that is no visit.
    s.plan.observation_times.insert(
        3,
        vpop::plan::ObservationTime { tick: 3 * DAY, visit: false, trajectory: false, scan: false },
    );
    let all = [0, 7 * DAY];
    let cases = [
        // 9, 4, 1, 1, 4, 16
        (AccumulatorKind::Min, "(x-3)^2", all, 1.0),
        (AccumulatorKind::Max, "(x-3)^2", all, 16.0),
        // The first of two that are equal to the last bit, as only those of the time itself are.
        (AccumulatorKind::TimeOfMin, "(t-3)^2", all, 2.0),
        (AccumulatorKind::TimeOfMax, "(x-3)^2", all, 7.0),
        (AccumulatorKind::At, "(x-3)^2", [5 * DAY; 2], 4.0),
        (AccumulatorKind::At, "(x-3)^2", [3 * DAY; 2], 0.0),
        // 6.5 + 2.5 + 2 + 2.5 + 20
        (AccumulatorKind::Auc, "(x-3)^2", all, 33.5),
        (AccumulatorKind::Auc, "(x-3)^2", [DAY, 4 * DAY], 4.5),
        // 1 to 2, 2 to 4, 4 to 5, 5 to 7
        (AccumulatorKind::TimeTrue, "(x-3)^2 < 5", all, 6.0),
        (AccumulatorKind::LongestTrue, "(x-3)^2 < 5", all, 6.0),
        (AccumulatorKind::TimeTrue, "(x-3)^2 < 5", [2 * DAY, 5 * DAY], 3.0),
        // 0 to 1, then 4 to 5, 5 to 7
        (AccumulatorKind::TimeTrue, "2 < (x-3)^2", all, 4.0),
        (AccumulatorKind::LongestTrue, "2 < (x-3)^2", all, 2.0),
        (AccumulatorKind::FirstTrue, "(x-3)^2 < 2", all, 2.0),
        (AccumulatorKind::FirstTrue, "(x-3)^2 < 2", [3 * DAY, 7 * DAY], 4.0),
        (AccumulatorKind::FirstTrue, "(x-3)^2 < 0", all, f64::NAN),
        (AccumulatorKind::Min, "x", [6 * DAY, 6 * DAY + 1], f64::NAN),
    ];
    for (kind, text, window, _) in cases {
        s.accumulate(kind, text, window, ReadOn::Visits);
    }
    let solution = solve(&s.plan(), &[]);
    for (got, (kind, text, window, expected)) in zip_equal(solution.accumulators.iter(), cases) {
        let same = (got[0] - expected).abs() < 1e-12 || (got[0].is_nan() && expected.is_nan());
        assert!(same, "{kind:?} of {text} in {window:?}: {}, {expected}", got[0]);
    }
}

#[test]
fn continuous_extremes_are_read_at_infusion_ends_and_after_boluses() {
    let mut s = Sketch::new(&["A"]);
    s.equation(0, "-0.3*A");
    s.route(0, "1", "0", Some("0.25"));
    s.arm(&[(0, "10")]);
    s.visits((0..=3).map(|day| day * DAY));
    let all = [0, 3 * DAY];
    for on in [ReadOn::Visits, ReadOn::Continuous] {
        s.accumulate(AccumulatorKind::Max, "A", all, on);
        s.accumulate(AccumulatorKind::TimeOfMax, "A", all, on);
    }
    s.tight();
    let mut plan = s.plan();
    let end = 10.0 * (1.0 - (-0.3_f64 * 0.25).exp()) / (0.3 * 0.25);
    let solution = solve(&plan, &[]);
    for (got, expected) in
        zip_equal(solution.accumulators.iter(), [end * (-0.3_f64 * 0.75).exp(), 1.0, end, 0.25])
    {
        close(got[0], expected, 1e-8, "infusion");
    }
    plan.administrations[0].routes[0].input = DoseInput::Bolus;
    let solution = solve(&plan, &[]);
    for (got, expected) in zip_equal(solution.accumulators.iter(), [10.0 * (-0.3_f64).exp(), 1.0, 10.0, 0.0])
    {
        close(got[0], expected, 1e-8, "bolus");
    }
}

#[test]
fn a_quadrature_is_exact_and_changes_no_step() {
    let mut plan = one_compartment::plan(Some("0.5"));
    let without = solve(&plan, &[]);
    let amount = plan.graph.symbol(Symbol::State(0));
    let area = plan.graph.symbol(Symbol::State(1));
    let zero = plan.graph.constant(0.0);
    plan.states.push(vpop::plan::PlannedState {
        name: "area".into(),
        derivative: amount,
        initial: zero,
        atol: f64::INFINITY,
        is_quadrature: true,
    });
    plan.observed.push(area);
    plan.accumulators = vec![vpop::plan::Accumulator {
        kind: AccumulatorKind::At,
        of: ObservedId::new(1),
        window: [21 * DAY; 2],
        on: ReadOn::Visits,
        since_dose: None,
        ends: false,
        on_study: false,
    }];
    let with = solve(&plan, &[]);
    assert_eq!((without.steps, without.rejected), (with.steps, with.rejected));
    // What was given and is no longer there, over the rate constant.
    let single = |t: f64| (1.0 - one_compartment::infusion(t)) / one_compartment::RATE;
    close(with.accumulators[0][0], superposed(21.0, single), 1e-8, "area");
}

/// dx/dt = a x with x(0) = b, over 10 days.
fn growth(atol: f64) -> Plan {
    let mut s = Sketch::new(&["x"]);
    s.covariate("a");
    s.covariate("b");
    s.equation(0, "a*x");
    s.initial(0, "b");
    s.arm(&[]);
    s.visits((0..=10).map(|day| day * DAY));
    s.accumulate(AccumulatorKind::At, "x", [10 * DAY; 2], ReadOn::Visits);
    s.plan.states[0].atol = atol;
    s.plan()
}

#[test]
fn a_patient_that_fails_disturbs_no_other() {
    let plan = growth(1e-9);
    let mut a: Vec<f64> = (0..200).map(|i| -1.0 + f64::from(i) * 0.01).collect();
    let b = vec![1.0; 200];
    let before = solve(&plan, &[a.clone(), b.clone()]);
    for bad in [17, 100] {
        a[bad] = f64::NAN;
    }
    a[18] = f64::INFINITY;
    // Fast decay, far beyond what an explicit method can do in the steps it has; then the other way.
    a[19] = -1e9;
    let after = solve(&plan, &[a, b]);
    assert_eq!(after.status[17..20], [Status::NonFinite, Status::NonFinite, Status::MaxSteps]);
    assert_eq!(after.steps[19] + after.rejected[19], plan.max_steps);
    for i in (0..200).filter(|i| ![17, 18, 19, 100].contains(i)) {
        assert_eq!(after.status[i], Status::Ok);
        assert_eq!(before.accumulators[0][i].to_bits(), after.accumulators[0][i].to_bits(), "{i}");
        assert_eq!(before.steps[i], after.steps[i]);
    }
    assert!([17, 18, 19, 100].iter().all(|&i| after.accumulators[0][i].is_nan()));
}

#[test]
fn a_solution_that_ends_early_has_its_status() {
    let run = |derivative: &str| {
        let mut s = Sketch::new(&["x"]);
        s.equation(0, derivative);
        s.initial(0, "1");
        s.arm(&[]);
        s.visits([0, 2 * DAY]);
        s.plan.max_steps = 1_000_000;
        solve(&s.plan(), &[]).status[0]
    };
    // Faster than the resolution of time; not a number beyond day 1; not finite at the start.
    assert_eq!(run("-1e17*x"), Status::StepTooSmall);
    assert_eq!(run("sqrt(1 - t)"), Status::NonFinite);
    assert_eq!(run("log(x - 1)"), Status::NonFinite);
}

#[test]
fn results_do_not_depend_on_threads_batches_or_neighbours() {
    for method in [Method::Tsit5, Method::Rosenbrock] {
        let plan = Plan { method, ..p1::plan(1e-6) };
        let covariates = p1::columns(include_str!("../data/p1_params.csv"))[1..].to_vec();
        let bits = |solution: &Solution, item: usize| -> Vec<u64> {
            solution.accumulators.iter().map(|a| a[item].to_bits()).collect()
        };
        let of = |patients: usize| -> Vec<Vec<f64>> {
            covariates.iter().map(|c| c.iter().cycle().take(patients).copied().collect()).collect()
        };
        let engine = Cpu::new(&plan, Isa::detect());
        let on = |threads: usize, covariates: &[Vec<f64>]| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| engine.solve(&individuals(&plan, covariates)).unwrap())
        };
        let one = on(1, &of(900));
        assert_eq!(one, on(3, &of(900)));
        for i in 0..900 {
            assert_eq!(bits(&one, i), bits(&one, i % 200), "{method:?} {i}");
        }
        let backwards: Vec<Vec<f64>> = covariates.iter().map(|c| c.iter().rev().copied().collect()).collect();
        let reversed = on(2, &backwards);
        for i in 0..200 {
            assert_eq!(bits(&one, i), bits(&reversed, 199 - i), "{method:?} {i}");
        }
        let alone: Vec<Vec<f64>> = covariates.iter().map(|c| vec![c[47]]).collect();
        assert_eq!(bits(&one, 47), bits(&on(1, &alone), 0), "{method:?}");
    }
}

/// As many as one tile holds, or the tiles that machine code takes together, and one more.
#[test]
fn few_patients_are_solved_as_they_are_among_many() {
    let mut s = Sketch::new(&["x", "y"]);
    s.covariate("k");
    s.equation(0, "1/(1 + t) - k*x");
    s.equation(1, "k*x - 20*y + t*x/(1 + t)");
    s.initial(0, "1");
    s.arm(&[]);
    s.visits((0..=10).map(|day| day * DAY));
    let window = [0, 10 * DAY];
    for on in [ReadOn::Visits, ReadOn::Continuous] {
        s.accumulate(AccumulatorKind::Max, "y", window, on);
        s.accumulate(AccumulatorKind::TimeOfMax, "x + y", window, on);
        s.accumulate(AccumulatorKind::TimeTrue, "0.02 < y", window, on);
    }
    (s.plan.rtol, s.plan.max_steps) = (1e-5, 10_000);
    let plan = s.plan();
    let rates: Vec<f64> = (0..150).map(|i| 0.2 + 0.037 * f64::from(i)).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let isas = Isa::available();
    let precisions = [Precision::F64, Precision::F32];
    let engines = isas.iter().flat_map(|&isa| precisions.map(|precision| (isa, precision)));
    for ((isa, precision), method) in
        engines.flat_map(|engine| [Method::Tsit5, Method::Rosenbrock].map(|method| (engine, method)))
    {
        let plan = Plan { method, ..plan.clone() };
        let engine = Cpu::with_precision(&plan, isa, precision);
        let of = |patients: usize| {
            pool.install(|| engine.solve(&individuals(&plan, &[rates[..patients].to_vec()])).unwrap())
        };
        let all = of(150);
        assert!(all.status.iter().all(|status| *status == Status::Ok));
        for patients in [1, 8, 9, 16, 17] {
            let few = of(patients);
            for (few, all) in zip_equal(&few.accumulators, &all.accumulators) {
                let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(few), bits(&all[..patients]), "{isa} {precision:?} {method:?} {patients}");
            }
        }
    }
}

#[test]
fn results_do_not_depend_on_the_order_of_arms() {
    let mut plan = one_compartment::plan(Some("0.5"));
    plan.accumulators = vec![vpop::plan::Accumulator {
        kind: AccumulatorKind::Max,
        of: ObservedId::new(0),
        window: [0, 21 * DAY],
        on: ReadOn::Continuous,
        since_dose: None,
        ends: false,
        on_study: false,
    }];
    let mut other = plan.arms[0].clone();
    other.doses.truncate(1);
    plan.arms.push(other);
    let forward = solve(&plan, &[]);
    plan.arms.reverse();
    let backward = solve(&plan, &[]);
    assert_eq!(forward.accumulators[0][0].to_bits(), backward.accumulators[0][1].to_bits());
    assert_eq!(forward.accumulators[0][1].to_bits(), backward.accumulators[0][0].to_bits());
    assert_eq!(forward.steps[0], backward.steps[1]);
}

#[test]
fn levels_agree() {
    let plan = p1::plan(1e-8);
    let covariates = p1::columns(include_str!("../data/p1_params.csv"))[1..].to_vec();
    let solutions: Vec<(Isa, Solution)> = Isa::available()
        .into_iter()
        .map(|isa| (isa, Cpu::new(&plan, isa).solve(&individuals(&plan, &covariates)).unwrap()))
        .collect();
    for (isa, solution) in &solutions[1..] {
        // The same operations: the same bits.
        assert_eq!(solution, &solutions[1].1, "{isa}");
        for (a, b) in solution.accumulators.iter().flatten().zip(solutions[0].1.accumulators.iter().flatten())
        {
            close(*a, *b, 1e-9, "against the baseline");
        }
    }
}

#[test]
fn residual_scores_are_those_of_the_patient_and_grid_point() {
    let mut s = Sketch::new(&["x"]);
    s.covariate("b");
    s.residual("e0", 0);
    s.residual("e1", 1);
    s.initial(0, "b");
    s.arm(&[]);
    s.arm(&[]);
    s.visits([0, DAY, 2 * DAY]);
    s.plan.trajectories = vec![s.observe("x + 10*e0 + 100*e1")];
    let plan = s.plan();
    let mut individuals = individuals(&plan, &[vec![1000.0, 2000.0]]);
    individuals.residuals = (0..12).map(f64::from).collect();
    individuals.trajectories = 1;
    let solution = Cpu::new(&plan, Isa::detect()).solve(&individuals).unwrap();
    // Both arms of the first patient: scores 0 and 1, 2 and 3, 4 and 5.
    assert_eq!(solution.trajectories, [1100.0, 1320.0, 1540.0, 1100.0, 1320.0, 1540.0]);
}

#[test]
fn individual_values_come_from_covariates_effects_and_parameters() {
    let mut s = Sketch::new(&["A"]);
    s.covariate("WT");
    s.parameter("lcl", 0.4_f64.ln());
    s.define("CL", "exp(lcl)*(WT/70)^0.75");
    s.equation(0, "-CL*A/(3*WT)");
    s.arm(&[]);
    s.visits([0, DAY]);
    let plan = s.plan();
    let weights: Vec<f64> = (0..100).map(|i| 40.0 + f64::from(i)).collect();
    let patients = Patients {
        first: 0,
        count: 100,
        covariates: vec![weights.clone()],
        effects: Vec::new(),
        columns: Vec::new(),
        attempts: vec![1; 100],
    };
    let expected = individuals(&plan, &[weights]);
    for isa in Isa::available() {
        let got = vpop::engine::individuals(&plan, &patients, isa);
        for (got, expected) in zip_equal(got.slots.iter().flatten(), expected.slots.iter().flatten()) {
            close(*got, *expected, 1e-14, "slot");
        }
    }
}
