//! A patient who gets the doses of its ledger as fixed doses has the same course again.

use vpop::engine::cpu::Isa;
use vpop::engine::{Engine, FixedDose, Individuals, Solution};
use vpop::job::Job;

/// Endpoints and time courses of the first patients of a job, with the doses decided on the way and with
/// the same doses fixed: the largest relative difference of the time courses, and how many patient-arms
/// had other doses than planned.
pub(crate) fn replay(job: &Job, engine: &dyn Engine, patients: u64) -> (f64, usize) {
    let (_, individuals) = job.individuals(0..patients, Isa::detect()).unwrap();
    let individuals = Individuals { trajectories: patients as usize, ..individuals };
    let decided = engine.solve(&individuals).unwrap();
    let doses =
        decided.doses.iter().map(|dose| FixedDose { tick: dose.given, factor: dose.factor, over: dose.over });
    let fixed = Individuals { fixed_doses: Some(doses.collect()), ..individuals };
    let replayed = engine.solve(&fixed).unwrap();
    assert_eq!(given(&replayed), given(&decided));
    assert_eq!(replayed.status, decided.status);

    // By the largest size that each observable has in any patient: values near 0 are noise.
    let width = job.plan.trajectories.len();
    let of = |i: usize| decided.trajectories.iter().skip(i).step_by(width);
    let sizes: Vec<f64> =
        (0..width).map(|i| 0.01 * of(i).fold(0.0, |size: f64, x| size.max(x.abs()))).collect();
    let pairs = decided.trajectories.iter().zip(&replayed.trajectories).enumerate();
    let differences = pairs.map(|(i, (a, b))| (a - b).abs() / a.abs().max(sizes[i % width]));
    let arms = job.plan.arms.len();
    let planned = |item: usize| job.plan.arms[item % arms].doses.iter().map(|dose| Some(dose.tick));
    let other = (0..decided.status.len()).filter(|&item| {
        let doses = decided.doses_of(item);
        !doses.iter().map(|dose| dose.given).eq(planned(item)) || doses.iter().any(|dose| dose.factor != 1.0)
    });
    (differences.fold(0.0, f64::max), other.count())
}

fn given(solution: &Solution) -> Vec<(Option<u32>, f64)> {
    let given = solution.doses.iter().filter(|dose| dose.given.is_some());
    given.map(|dose| (dose.given, dose.factor)).collect()
}
