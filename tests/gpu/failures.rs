//! What fails on the device is solved again by the CPU, and nothing else is.

use vpop::cohort::ReadOn;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::gpu::Adapter;
use vpop::engine::{Engine, Individuals, Processor, Solution, Status};
use vpop::plan::{AccumulatorKind, ObservedId, Plan};

use crate::adapter::{gpu, with_fallback};
use crate::support::{DAY, Sketch, individuals};

/// `dx/dt = a x` over 10 days after a dose: 1 in the first arm, 1e30 in the second.
fn growth() -> Plan {
    let mut s = Sketch::new(&["x"]);
    ["a", "lag"].into_iter().for_each(|name| s.covariate(name));
    s.equation(0, "a*x");
    s.route(0, "1", "lag", None);
    s.arm(&[(0, "1")]);
    s.arm(&[(0, "1e30")]);
    s.visits((0..=10).map(|day| day * DAY));
    s.accumulate(AccumulatorKind::At, "x", [10 * DAY; 2], ReadOn::Visits);
    s.accumulate(AccumulatorKind::Max, "x", [0, 10 * DAY], ReadOn::Continuous);
    s.observe("x");
    s.plan.trajectories = vec![ObservedId::new(0)];
    s.plan.max_steps = 2_000;
    s.plan()
}

/// `a`, the lag, and how both arms end on the device.
const PATIENTS: [(f64, f64, [Status; 2]); 7] = [
    (-0.3, 0.0, [Status::Ok; 2]),
    // 1e30 e^30 is more than f32 can hold.
    (3.0, 0.0, [Status::Ok, Status::NonFinite]),
    (f64::NAN, 0.0, [Status::NonFinite; 2]),
    (0.2, 0.5, [Status::Ok; 2]),
    // A dose before the start.
    (0.1, -1.0, [Status::BadDose; 2]),
    // Far more steps than there are.
    (-1e5, 0.0, [Status::MaxSteps; 2]),
    (-1.0, 0.0, [Status::Ok; 2]),
];

fn patients(plan: &Plan) -> Individuals {
    let columns = [PATIENTS.map(|p| p.0).to_vec(), PATIENTS.map(|p| p.1).to_vec()];
    Individuals { trajectories: PATIENTS.len(), ..individuals(plan, &columns) }
}

/// The time course of an item, one value a day.
fn course(solution: &Solution, item: usize) -> &[f64] {
    &solution.trajectories[item * 11..(item + 1) * 11]
}

pub(crate) fn statuses_of_the_device(adapter: &Adapter) {
    let plan = growth();
    let solution = gpu(&plan, adapter).solve(&patients(&plan)).unwrap();
    assert_eq!(solution.status, PATIENTS.map(|p| p.2).concat());
    for (item, &status) in solution.status.iter().enumerate() {
        let values = solution.accumulators.iter().map(|values| values[item]);
        let mut values = values.chain(course(&solution, item).iter().copied());
        assert!(values.all(|value| value.is_nan() == (status != Status::Ok)), "item {item}");
    }
}

pub(crate) fn what_fails_is_the_cpus_and_nothing_else(adapter: &Adapter) {
    let plan = growth();
    let individuals = patients(&plan);
    let device = gpu(&plan, adapter).solve(&individuals).unwrap();
    let cpu = Cpu::new(&plan, Isa::detect()).solve(&individuals).unwrap();
    let got = with_fallback(&plan, adapter).solve(&individuals).unwrap();
    for item in 0..got.status.len() {
        let failed = device.status[item] != Status::Ok;
        let (expected, processor) = if failed { (&cpu, Processor::Cpu) } else { (&device, Processor::Gpu) };
        assert_eq!(got.solved_by[item], processor, "item {item}");
        assert_eq!(
            (got.status[item], got.steps[item], got.rejected[item]),
            (expected.status[item], expected.steps[item], expected.rejected[item])
        );
        let values = got.accumulators.iter().zip(&expected.accumulators);
        assert!(values.into_iter().all(|(got, expected)| got[item].to_bits() == expected[item].to_bits()));
        let [got, expected] = [&got, expected].map(|solution| course(solution, item));
        assert!(got.iter().zip(expected).all(|(got, expected)| got.to_bits() == expected.to_bits()));
    }
    assert_eq!(got.status[3], Status::Ok, "1e43 fits an f64");
}
