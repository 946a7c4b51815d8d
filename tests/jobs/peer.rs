//! Random patients of the phase I cohort against an independent solver: diffsol's Tsitouras 5(4).

use diffsol::{NalgebraMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason, VectorCommon};
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, Status};
use vpop::model::graph::{NodeId, Symbol};

use crate::common::full_dose;

const PATIENTS: usize = 4;
/// The arm with 0.8 mg/kg.
const ARM: usize = 3;
const CYCLE: f64 = 21.0;
const INFUSION: f64 = 1.0 / 24.0;

/// States at the end of a stretch with constant infusion rates.
fn advance(derive: &dyn Fn(&[f64], &mut [f64]), from: f64, to: f64, state: &[f64], atol: &[f64]) -> Vec<f64> {
    let problem = OdeBuilder::<NalgebraMat<f64>>::new()
        .t0(from)
        .rtol(1e-9)
        .atol(atol.to_vec())
        .rhs(|x: &[f64], _: &[f64], _: f64, d: &mut [f64]| derive(x, d))
        .init(|_: &[f64], _: f64, x: &mut [f64]| x.copy_from_slice(state), state.len())
        .build()
        .unwrap();
    let mut solver = problem.tsit45().unwrap();
    solver.set_stop_time(to).unwrap();
    while solver.step().unwrap() != OdeSolverStopReason::TstopReached {}
    solver.state().y.inner().as_slice().to_vec()
}

#[test]
fn random_patients_agree_with_diffsol() {
    let mut job = full_dose();
    job.plan.rtol = 1e-9;
    job.plan.states.iter_mut().for_each(|state| state.atol *= 1e-4);
    let (patients, individuals) = job.individuals(0..PATIENTS as u64, Isa::detect()).unwrap();
    let solution = Cpu::new(&job.plan, Isa::detect()).solve(&individuals).unwrap();
    assert!(solution.status.iter().all(|&status| status == Status::Ok));

    let plan = &job.plan;
    let size = job.model.states.len();
    let derivatives: Vec<NodeId> = plan.states[..size].iter().map(|s| s.derivative).collect();
    let initials: Vec<NodeId> = plan.states[..size].iter().map(|s| s.initial).collect();
    let shown: Vec<NodeId> = plan.trajectories.iter().map(|of| plan.observed[of.index()]).collect();
    let atol: Vec<f64> = plan.states[..size].iter().map(|s| s.atol).collect();
    let days = plan.observation_times.iter().filter(|p| p.trajectory).count();
    for patient in 0..PATIENTS {
        let value = |symbol: Symbol, x: &[f64]| match symbol {
            Symbol::Covariate(i) => patients.covariates[i as usize][patient],
            Symbol::Effect(i) => patients.effects[i as usize][patient],
            Symbol::State(i) => x[i as usize],
            other => panic!("{other:?}"),
        };
        let at = |nodes: &[NodeId], x: &[f64]| plan.graph.evaluate(nodes, |symbol| value(symbol, x));
        let amount = at(&[plan.arms[ARM].doses[0].amount], &[])[0];
        let mut x = at(&initials, &[]);
        for cycle in 0..3 {
            let start = CYCLE * f64::from(cycle);
            for (from, to, on) in [(start, start + INFUSION, 1.0), (start + INFUSION, start + CYCLE, 0.0)] {
                let derive = |x: &[f64], d: &mut [f64]| {
                    d.copy_from_slice(&at(&derivatives, x));
                    for route in plan.routes() {
                        d[route.state] += on * amount * at(&[route.bioavailability], &[])[0] / INFUSION;
                    }
                };
                x = advance(&derive, from, to, &x, &atol);
            }
            let row = (patient * plan.arms.len() + ARM) * days + 21 * (cycle as usize + 1);
            for (i, expected) in at(&shown, &x).into_iter().enumerate() {
                let got = solution.trajectories[row * shown.len() + i];
                let name = &plan.trajectory_columns[i].name;
                let error = (got - expected).abs() / expected.abs().max(1e-2);
                assert!(error < 1e-6, "{name}, patient {patient}, cycle {cycle}: {got} against {expected}");
            }
        }
    }
}
