//! The choice of the method: by counted work, for the patients of the run, and for each of them.

use std::collections::HashSet;
use std::path::Path;

use crate::common::root;
use crate::integration::on_cpu;
use crate::methods;
use vpop::engine::cpu::{Attempts, Cpu, Isa};
use vpop::engine::{Engine, Individuals, Solution, Status};
use vpop::job::{Changes, Job};
use vpop::plan::{Method, Plan};

/// Work of the chosen way over that of the better method alone, at most.
const MOST: f64 = 1.3;
/// Attempts after which a method alone is given up.
const GIVEN_UP: u32 = 4_000;

fn alone(plan: &Plan, method: Method) -> Cpu {
    Cpu::new(&Plan { method, switch_after: None, max_steps: GIVEN_UP, ..plan.clone() }, Isa::baseline())
}

fn individuals(job: &Job) -> Individuals {
    job.individuals(0..job.cohort.patients, Isa::baseline()).unwrap().1
}

/// Counted work of the patient-arms of a job by the chosen way and by either method alone; infinite of one that does not
/// solve all of them.
fn work(job: &Job) -> [f64; 3] {
    let individuals = individuals(job);
    let counted = |method| {
        let cpu = alone(&job.plan, method);
        let of_item = |attempts: &Attempts| f64::from(attempts.steps + attempts.starts) * cpu.work();
        let attempts = cpu.attempts(&individuals);
        let work: Vec<f64> = attempts.iter().map(of_item).collect();
        let is_solved = attempts.iter().all(|attempts| attempts.status == Status::Ok);
        let steps: Vec<u32> = attempts.iter().map(|attempts| attempts.steps).collect();
        (work, steps, if is_solved { 1.0 } else { f64::INFINITY })
    };
    let (by_tsit5, steps, tsit5) = counted(Method::Tsit5);
    let (by_rosenbrock, _, rosenbrock) = counted(Method::Rosenbrock);
    let after = job.plan.switch_after.unwrap_or(GIVEN_UP);
    // What was done in vain is in proportion to its steps.
    let chosen = (0..steps.len()).map(|item| match job.plan.method {
        Method::Rosenbrock => by_rosenbrock[item],
        _ if steps[item] < after => by_tsit5[item],
        _ => by_tsit5[item] * f64::from(after) / f64::from(steps[item]) + by_rosenbrock[item],
    });
    let sum = |work: &[f64]| work.iter().sum::<f64>();
    [chosen.sum(), tsit5 * sum(&by_tsit5), rosenbrock * sum(&by_rosenbrock)]
}

fn assert_least(name: &str, job: &Job) {
    let [chosen, tsit5, rosenbrock] = work(job);
    let ratio = chosen / tsit5.min(rosenbrock);
    let switch = job.plan.switch_after;
    assert!(ratio <= MOST, "{name}: {ratio} by {:?}, {switch:?} ({})", job.plan.method, job.reason);
}

#[test]
fn the_chosen_way_is_little_more_work_than_the_better_method() {
    let folder = tempfile::tempdir().unwrap();
    // Those of one family each; `cargo bench --bench method` has more, with their times.
    for number in 0..6 {
        let (name, job) = methods::job(number, folder.path());
        assert_least(&name, &job);
    }
}

#[test]
fn linear_equations_are_solved_in_closed_form_unless_integrating_them_is_less_work() {
    let folder = tempfile::tempdir().unwrap();
    let mut chosen = HashSet::new();
    for number in 0..6 {
        let (name, job) = methods::linear(number, folder.path());
        let individuals = individuals(&job);
        let work = |method| {
            let cpu = alone(&job.plan, method);
            let attempts = cpu.attempts(&individuals);
            let is_solved = attempts.iter().all(|attempts| attempts.status == Status::Ok);
            let attempted: u32 = attempts.iter().map(|attempts| attempts.steps + attempts.starts).sum();
            if is_solved { f64::from(attempted) * cpu.work() } else { f64::INFINITY }
        };
        let least = Method::ALL.into_iter().map(work).fold(f64::INFINITY, f64::min);
        let ratio = work(job.plan.method) / least;
        assert!(ratio <= MOST, "{name}: {ratio} by {:?} ({})", job.plan.method, job.reason);
        chosen.insert(job.plan.method.name());
    }
    assert!(chosen.len() > 1, "{chosen:?}");
}

/// Patients whose weight is all that they differ in, by a model whose target is bound 1e4 times faster than it is made.
#[test]
fn rows_of_a_table_are_integrated_by_the_method_that_suits_them() {
    let folder = tempfile::tempdir().unwrap();
    let job = methods::binding_table(folder.path());
    assert_eq!(job.plan.method, Method::Rosenbrock, "{}", job.reason);
    assert_least("40 rows", &job);
}

/// A turnover whose rate is 0.2 per day in most rows of a table, and 2,000 in every tenth.
fn mixed(folder: &Path, model: &str, patients: u64) -> Job {
    let rows: String = (0..200).map(|i| if i % 10 == 9 { "10000\n" } else { "1\n" }).collect();
    std::fs::write(folder.join("factors.csv"), format!("K\n{rows}")).unwrap();
    std::fs::write(folder.join("turnover.R"), model).unwrap();
    let cohort = format!(
        "name = \"mixed\"\nmodel = \"turnover.R\"\npatients = {patients}\n[population.rows]\nfile = \
         \"factors.csv\"\nresample = false\nunused_rows = true\n[regimen]\narms = [\"10 mg\"]\ninto = [\"A\"]\nevery = \"7 \
         day\"\ncycles = 4\n[visits]\nevery = \"1 day\"\n[endpoints.least]\nof = \"R\"\nstatistic = \"min\"\n"
    );
    std::fs::write(folder.join("mixed.toml"), cohort).unwrap();
    Job::load(&folder.join("mixed.toml"), &Changes::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

const TURNOVER: &str = "turnover <- function() {\n  units <- list(time = \"day\", dosing = \"mg\")\n  covariateData <- \
                        list(K = list(description = \"Factor of the rate\"))\n  ini({\n    lke <- log(0.3)\n    etake ~ \
                        0.05\n  })\n  model({\n    ke <- exp(lke + etake)\n    R(0) <- 1\n    d/dt(A) <- -ke * A / (1 + A / \
                        20)\n    d/dt(R) <- 0.2 * K * (1 / (1 + A) - R)\n  })\n}\n";

/// Those in whom the rate is fast are solved by the other method, alone and in any company, as by that method from the
/// beginning.
#[test]
fn patients_who_differ_are_solved_by_the_methods_that_suit_them() {
    let folder = tempfile::tempdir().unwrap();
    let job = mixed(folder.path(), TURNOVER, 200);
    assert_eq!(job.plan.method, Method::Tsit5, "{}", job.reason);
    assert_least("mixed", &job);
    let individuals = individuals(&job);
    let cpu = Cpu::new(&job.program, Isa::baseline());
    let all = cpu.solve(&individuals).unwrap();
    let expected = |patient: usize| if patient % 10 == 9 { Method::Rosenbrock } else { Method::Tsit5 };
    assert!((0..200).all(|patient| all.methods[patient] == expected(patient)), "{:?}", all.methods);
    let [tsit5, rosenbrock] = [Method::Tsit5, Method::Rosenbrock]
        .map(|method| alone(&job.plan, method).solve(&individuals).unwrap());
    for patient in (0..200).step_by(13) {
        let of_method = if patient % 10 == 9 { &rosenbrock } else { &tsit5 };
        let some: Vec<usize> = (patient..(patient + 7).min(200)).rev().collect();
        let company = cpu.solve(&individuals.select(&some)).unwrap();
        let bits = |solution: &Solution, item: usize| {
            let values = solution.accumulators.iter().map(|values| values[item].to_bits());
            (
                values.collect::<Vec<_>>(),
                solution.steps[item],
                solution.rejected[item],
                solution.methods[item],
            )
        };
        assert_eq!(bits(&all, patient), bits(of_method, patient), "{patient}");
        assert_eq!(bits(&all, patient), bits(&company, some.len() - 1), "{patient}");
    }
}

/// The manifest counts them, and the outcomes say who they are.
#[test]
fn who_was_solved_by_the_other_method_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let job = mixed(folder.path(), TURNOVER, 200);
    let solver = on_cpu(&job).solver;
    assert_eq!(
        (solver.method.as_str(), solver.switch_after, solver.switched),
        ("tsit5", job.plan.switch_after, 20)
    );
}

/// The pilot is the same however many patients follow it.
#[test]
fn the_choice_does_not_depend_on_how_many_patients_there_are() {
    let load = |patients: u64| {
        let changes = Changes { patients: Some(patients), ..Changes::default() };
        let job = Job::load(&root().join("cohorts/tmdd.toml"), &changes).unwrap();
        (job.plan.method, job.plan.switch_after, job.reason)
    };
    assert_eq!(load(1), load(1_000_000));
}

/// A patient who is not solved in `max_steps` by either method has that status.
#[test]
fn a_patient_who_exceeds_the_steps_by_both_methods_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    let job = mixed(folder.path(), TURNOVER, 200);
    let after = job.plan.switch_after.unwrap();
    let steps = |most: u32| {
        let plan = Plan { max_steps: most, ..job.plan.clone() };
        let solution = Cpu::new(&plan, Isa::baseline()).solve(&individuals(&job)).unwrap();
        (solution.status[9], solution.methods[9], solution.steps[9] + solution.rejected[9])
    };
    // Of the plan's own method where the other is not asked.
    assert_eq!(steps(after), (Status::MaxSteps, Method::Tsit5, after));
    assert_eq!(steps(after + 1).1, Method::Rosenbrock);
}
