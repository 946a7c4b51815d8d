//! Every kind of accumulator and dose, in one plan, against the CPU in f64.

use crate::strict::zip_equal;
use vpop::cohort::{ReadOn, Ticks};
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::gpu::Adapter;
use vpop::engine::{Engine, Individuals, Status};
use vpop::plan::{Accumulator, AccumulatorKind, ObservationTime, Plan};

use crate::adapter::gpu;
use crate::support::{DAY, Sketch, individuals};

const PATIENTS: usize = 70;
const END: Ticks = 10 * DAY;

/// Of the larger of the value and 1: steps at a tolerance of 1e-5, rounding of some 100 steps.
const BOUND: f64 = 2e-5;

/// How far a time may be off that is located between visits: the value within [`BOUND`], over the slope of the curve or
/// the root of its bend.
const BETWEEN: f64 = 5e-3;

/// What is kept of conditions.
const OF_CONDITIONS: [AccumulatorKind; 4] = [
    AccumulatorKind::TimeTrue,
    AccumulatorKind::LongestTrue,
    AccumulatorKind::FirstTrue,
    AccumulatorKind::Crossings,
];

/// How far an accumulator may be off. Times of visits come from ticks on both sides; the CPU adds up intervals, each
/// a rounding of f64.
fn bound(accumulator: &Accumulator) -> f64 {
    let is_between = accumulator.on == ReadOn::Continuous;
    match accumulator.kind {
        AccumulatorKind::Min
        | AccumulatorKind::Max
        | AccumulatorKind::At
        | AccumulatorKind::Auc
        | AccumulatorKind::Mean => BOUND,
        _ if is_between => BETWEEN,
        AccumulatorKind::TimeOfMin | AccumulatorKind::TimeOfMax | AccumulatorKind::FirstTrue => 0.0,
        AccumulatorKind::Crossings => 0.0,
        AccumulatorKind::TimeTrue | AccumulatorKind::LongestTrue => 1e-12,
    }
}

/// Boluses into `A` after a lag and infusions into `B` over a duration, both the patient's own and
/// overlapping; the last dose is given at the end. `A` feeds `C`. A second arm has one dose.
pub(crate) fn plan() -> Plan {
    let mut s = Sketch::new(&["A", "B", "C"]);
    ["rate", "lag", "duration", "amount"].into_iter().for_each(|name| s.covariate(name));
    s.residual("noise", 0);
    s.equation(0, "-rate*A");
    s.equation(1, "-0.5*B");
    s.equation(2, "rate*A - C*B/(10 + B)");
    s.initial(2, "amount/50");
    s.route(0, "0.7", "lag", None);
    s.route(1, "1", "0", Some("duration"));
    s.arm(&[(0, "amount"), (DAY, "2*amount"), (4 * DAY, "amount"), (END, "amount")]);
    s.arm(&[(2 * DAY, "amount")]);
    s.visits((0..=40).map(|quarter| quarter * DAY / 4));
    // A reading that is no visit.
    s.plan
        .observation_times
        .insert(1, ObservationTime { tick: DAY / 24, visit: false, trajectory: true, scan: false });
    accumulators(&mut s);
    s.plan.trajectories = vec![s.observe("C"), s.observe("A + B")];
    s.tight();
    s.plan()
}

fn accumulators(s: &mut Sketch) {
    let all = [0, END];
    for on in [ReadOn::Visits, ReadOn::Continuous] {
        for of in ["A", "B", "C"] {
            for kind in [
                AccumulatorKind::Min,
                AccumulatorKind::Max,
                AccumulatorKind::TimeOfMin,
                AccumulatorKind::TimeOfMax,
            ] {
                s.accumulate(kind, of, all, on);
                s.accumulate(kind, of, [3 * DAY, 8 * DAY], on);
            }
        }
    }
    for window in [all, [3 * DAY, 8 * DAY]] {
        s.accumulate(AccumulatorKind::Auc, "C + B", window, ReadOn::Visits);
        s.accumulate(AccumulatorKind::Mean, "C + B", window, ReadOn::Visits);
        for kind in OF_CONDITIONS {
            s.accumulate(kind, "C < 37.21", window, ReadOn::Visits);
            s.accumulate(kind, "20.63 < B", window, ReadOn::Visits);
            // Of the time, which both sides know alike.
            s.accumulate(kind, "7.1 < t", window, ReadOn::Visits);
        }
    }
    for window in [all, [3 * DAY, 8 * DAY]] {
        for kind in OF_CONDITIONS {
            s.accumulate(kind, "C < 37.21", window, ReadOn::Continuous);
            s.accumulate(kind, "20.63 < B", window, ReadOn::Continuous);
        }
    }
    for tick in [0, DAY / 24, 5 * DAY, END] {
        s.accumulate(AccumulatorKind::At, "C*(1 + 0.1*noise) + noise", [tick; 2], ReadOn::Visits);
    }
    s.accumulate(AccumulatorKind::Max, "B + 5*noise", all, ReadOn::Visits);
    // Nothing is read within it.
    s.accumulate(AccumulatorKind::Min, "C", [DAY / 5, DAY / 5 + 1], ReadOn::Visits);
    s.accumulate(AccumulatorKind::FirstTrue, "C < 0 - 1", all, ReadOn::Visits);
}

/// Patients whose values are spread evenly, each in its own order.
pub(crate) fn patients(plan: &Plan) -> Individuals {
    let spread = |low: f64, high: f64, stride: usize| -> Vec<f64> {
        let share = |i: usize| (i * stride % PATIENTS) as f64 / PATIENTS as f64;
        (0..PATIENTS).map(|i| low + (high - low) * share(i)).collect()
    };
    let columns = [spread(0.2, 3.0, 1), spread(0.0, 0.8, 3), spread(0.0, 2.5, 11), spread(20.0, 200.0, 27)];
    let scores = PATIENTS * plan.observation_times.len();
    Individuals {
        residuals: (0..scores).map(|i| (i * 37 % 101) as f64 / 25.0 - 2.0).collect(),
        trajectories: PATIENTS / 2,
        ..individuals(plan, &columns)
    }
}

/// The plan with tolerances of 1e-10.
fn tight(plan: &Plan) -> Plan {
    let mut tight = Plan { rtol: 1e-10, ..plan.clone() };
    for state in tight.states.iter_mut().filter(|state| state.atol.is_finite()) {
        state.atol = 1e-10;
    }
    tight
}

pub(crate) fn every_accumulator(adapter: &Adapter) {
    let plan = plan();
    let individuals = patients(&plan);
    let got = gpu(&plan, adapter).solve(&individuals).unwrap();
    let expected = Cpu::new(&tight(&plan), Isa::detect()).solve(&individuals).unwrap();
    assert!(got.status.iter().chain(&expected.status).all(|&status| status == Status::Ok));
    let is_close = |got: f64, expected: f64, bound: f64| {
        (got - expected).abs() <= bound * expected.abs().max(1.0) || (got.is_nan() && expected.is_nan())
    };
    for (accumulator, (got, expected)) in
        plan.accumulators.iter().zip(got.accumulators.iter().zip(&expected.accumulators))
    {
        let bound = bound(accumulator);
        for (item, (&got, &expected)) in zip_equal(got.iter(), expected).enumerate() {
            assert!(is_close(got, expected, bound), "{accumulator:?}, item {item}: {got}, not {expected}");
        }
    }
    assert_eq!(got.trajectories.len(), expected.trajectories.len());
    for (i, (&got, &expected)) in zip_equal(got.trajectories.iter(), &expected.trajectories).enumerate() {
        assert!(is_close(got, expected, BOUND), "time courses, {i}: {got}, not {expected}");
    }
}
