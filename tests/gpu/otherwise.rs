//! Patient-arms that the explicit method leaves go to the device a second time, opened for the implicit one.

use vpop::cohort::ReadOn;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::gpu::Adapter;
use vpop::engine::{Engine, Individuals, Processor, Solution, Status};
use vpop::plan::{AccumulatorKind, Method, Plan};

use crate::adapter::{gpu, with_fallback};
use crate::support::{DAY, Sketch, individuals};

/// Attempts after which a patient-arm is left: others need less than a third of them, those that are left 20 times as many.
const SWITCH_AFTER: u32 = 600;
/// Values are some tenths and two devices integrate them at 1e-5; patients differ by a hundredth and more.
const BOUND: f64 = 1e-4;

/// A response that a drug holds back, and that follows it the faster the more of it there is. The first arm has none.
fn turnover() -> Plan {
    let mut s = Sketch::new(&["drug", "response"]);
    ["ke", "pull"].into_iter().for_each(|name| s.covariate(name));
    s.equation(0, "-ke*drug");
    s.equation(1, "(ke + pull*drug)*(1/(1 + drug) - response)");
    s.initial(1, "0.5");
    s.route(0, "1", "0", None);
    s.arm(&[]);
    s.arm(&[(0, "1"), (3 * DAY, "2")]);
    s.arm(&[(DAY, "0.5")]);
    s.visits((0..=10).map(|day| day * DAY));
    s.accumulate(AccumulatorKind::At, "response", [10 * DAY; 2], ReadOn::Visits);
    s.accumulate(AccumulatorKind::Min, "response", [0, 10 * DAY], ReadOn::Continuous);
    s.plan.trajectories = ["drug", "response"].map(|name| s.observe(name)).into();
    s.plan.rtol = 1e-5;
    s.plan.switch_after = Some(SWITCH_AFTER);
    s.plan()
}

/// `ke` per day, and `pull`: by which the second arm is stiff, or the last two are.
const PATIENTS: [(f64, f64); 9] = [
    (0.10, 1.0),
    (0.14, 3e4),
    (0.18, 2.0),
    (0.22, 0.5),
    (0.26, 4e4),
    (0.30, 2e4),
    (0.34, 0.0),
    (0.38, 1.0),
    (0.42, 3e4),
];
/// Patients with a time course: of those that are left some have one.
const FOLLOWED: usize = 5;

fn patients(plan: &Plan) -> Individuals {
    let columns = [PATIENTS.map(|p| p.0).to_vec(), PATIENTS.map(|p| p.1).to_vec()];
    Individuals { trajectories: FOLLOWED, ..individuals(plan, &columns) }
}

/// Everything that is known of an item, as bits.
fn bits(solution: &Solution, item: usize) -> Vec<u64> {
    let values = solution.accumulators.iter().map(|values| values[item]).chain(course(solution, item));
    let steps = [solution.steps[item], solution.rejected[item]].map(u64::from);
    values.map(f64::to_bits).chain(steps).collect()
}

/// The time course of an item: two values a day; nothing of one that is not followed.
fn course(solution: &Solution, item: usize) -> impl Iterator<Item = f64> {
    solution.trajectories.chunks(22).nth(item).into_iter().flatten().copied()
}

pub(crate) fn a_second_opening_solves_who_is_left(adapter: &Adapter) {
    let plan = turnover();
    let individuals = patients(&plan);
    let got = with_fallback(&plan, adapter).solve(&individuals).unwrap();
    let cpu = Cpu::new(&plan, Isa::detect()).solve(&individuals).unwrap();
    let alone = |method| Plan { method, switch_after: None, ..plan.clone() };
    let [tsit5, rosenbrock] = [Method::Tsit5, Method::Rosenbrock]
        .map(|method| gpu(&alone(method), adapter).solve(&individuals).unwrap());
    for item in 0..PATIENTS.len() * plan.arms.len() {
        let (patient, arm) = (item / plan.arms.len(), item % plan.arms.len());
        let is_left = PATIENTS[patient].1 > 1e3 && arm > 0;
        let (method, by_method) =
            if is_left { (Method::Rosenbrock, &rosenbrock) } else { (Method::Tsit5, &tsit5) };
        assert_eq!((got.status[item], got.methods[item]), (Status::Ok, method), "item {item}");
        assert_eq!(got.solved_by[item], Processor::Gpu, "item {item}");
        assert_eq!(cpu.methods[item], method, "item {item}");
        assert_eq!(bits(&got, item), bits(by_method, item), "item {item}");
        let [values, expected] = [&got, &cpu].map(|solution| {
            let kept = solution.accumulators.iter().map(|values| values[item]);
            kept.chain(course(solution, item)).collect::<Vec<f64>>()
        });
        assert_eq!(values.len(), if patient < FOLLOWED { 24 } else { 2 }, "item {item}");
        for (value, expected) in values.iter().zip(&expected) {
            assert!((value - expected).abs() < BOUND, "item {item}: {values:?}, {expected:?}");
        }
    }
}
