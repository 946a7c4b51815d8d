//! A patient is the same patient, to the last bit, however a run is cut.

use crate::common::root;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, Solution};
use vpop::job::{Changes, Job};
use vpop::population::Patients;

const PATIENT: u64 = 4711;

fn phase1(patients: u64) -> Job {
    let changes = Changes { patients: Some(patients), ..Changes::default() };
    Job::load(&root().join("cohorts/phase1.toml"), &changes).unwrap()
}

/// A patient's values and the results of all arms, from a run of the patients in `range`.
fn results(job: &Job, range: std::ops::Range<u64>) -> (Vec<u64>, Vec<u64>) {
    let at = (PATIENT - range.start) as usize;
    let (patients, individuals) = job.individuals(range, Isa::detect()).unwrap();
    let solution = Cpu::new(&job.plan, Isa::detect()).solve(&individuals).unwrap();
    (draws(&patients, at), outcomes(job, &solution, at))
}

fn draws(patients: &Patients, at: usize) -> Vec<u64> {
    patients.covariates.iter().chain(&patients.effects).map(|values| values[at].to_bits()).collect()
}

fn outcomes(job: &Job, solution: &Solution, at: usize) -> Vec<u64> {
    let arms = job.plan.arms.len();
    (at * arms..(at + 1) * arms)
        .flat_map(|item| {
            let values = solution.accumulators.iter().map(move |values| values[item].to_bits());
            values.chain([u64::from(solution.steps[item]), u64::from(solution.rejected[item])])
        })
        .collect()
}

#[test]
fn alone_in_a_crowd_and_in_another_batch() {
    let job = phase1(10_000);
    let alone = results(&job, PATIENT..PATIENT + 1);
    assert!(alone.1.iter().any(|&bits| f64::from_bits(bits).is_normal()));
    assert_eq!(alone, results(&job, 4_600..4_850));
    assert_eq!(alone, results(&job, PATIENT - 3..PATIENT + 61));
    assert_eq!(alone, results(&phase1(5_000), 4_700..4_720), "the number of patients moves no draw");
}

#[test]
fn whatever_the_threads() {
    let job = phase1(10_000);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| results(&job, 4_650..4_800))
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn whatever_the_order_of_the_arms() {
    let job = phase1(10_000);
    let mut turned = phase1(10_000);
    turned.plan.arms.reverse();
    let range = PATIENT..PATIENT + 2;
    let (draws, forward) = results(&job, range.clone());
    let (same_draws, backward) = results(&turned, range);
    assert_eq!(draws, same_draws);
    let per_arm = forward.len() / job.plan.arms.len();
    let turned_back: Vec<u64> = backward.chunks(per_arm).rev().flatten().copied().collect();
    assert_eq!(forward, turned_back);
}

/// A stiff model whose infusions wait for a rule, so that lanes wait for each other: one part after the other, and
/// in parts that two threads share.
#[test]
fn whatever_the_neighbours_of_stiff_patients() {
    let job = crate::common::job(
        r#"
name = "held"
model = "MODELS/tmdd_two_compartment.R"
patients = 10000
seed = 5
[population.WT]
distribution = "lognormal"
median = 70
cv = 0.2
[regimen]
arms = ["0.1 mg/kg", "0.3 mg/kg", "1 mg/kg", "3 mg/kg", "10 mg/kg"]
into = ["central"]
infusion = "4 h"
every = "7 day"
cycles = 4
[[regimen.modify]]
when = "target_pct < 2"
then = "hold"
at_most = "14 day"
[visits]
every = "1 day"
[endpoints.auc]
of = "Cc"
statistic = "auc"
on = "continuous"
[solver]
method = "rosenbrock"
"#,
    );
    let all = |range: std::ops::Range<u64>, threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let count = range.clone().count();
        let (_, individuals) = job.individuals(range, Isa::detect()).unwrap();
        let solution = pool.install(|| Cpu::new(&job.plan, Isa::detect()).solve(&individuals)).unwrap();
        (0..count).map(|at| outcomes(&job, &solution, at)).collect::<Vec<_>>()
    };
    let together = all(0..300, 1);
    assert!(together == all(0..300, 2), "the threads");
    let apart: Vec<_> = (0..30).flat_map(|i| all(10 * i..10 * (i + 1), 1)).collect();
    assert!(together == apart, "the neighbours");
}

/// Explicit and implicit methods: every operation of the equations, in whole treatments.
#[test]
fn instruction_sets_but_the_baseline_give_equal_bits() {
    for cohort in ["phase1", "tmdd", "tusamitamab", "quickstart", "step_up"] {
        let job = Job::load(&root().join(format!("cohorts/{cohort}.toml")), &Changes::default()).unwrap();
        let (_, individuals) = job.individuals(0..4, Isa::detect()).unwrap();
        // As text: what is not a number is equal there.
        let solved = |isa| format!("{:?}", Cpu::new(&job.plan, isa).solve(&individuals).unwrap());
        let solutions: Vec<String> = Isa::available().into_iter().skip(1).map(solved).collect();
        assert!(solutions.windows(2).all(|two| two[0] == two[1]), "{cohort}");
    }
}
