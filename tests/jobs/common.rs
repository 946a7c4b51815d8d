//! Cohort texts to solutions, for tests that solve shipped models.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::{Command, Output};

use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, Solution, Status};
use vpop::job::{Changes, Job};

/// The repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files of a folder of the repository, by name.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == ending)).collect();
    files.sort();
    files
}

/// Runs the program.
pub(crate) fn vpop(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vpop")).args(arguments).env("NO_COLOR", "1").output().unwrap()
}

/// A job from the text of a cohort file, in which `MODELS` stands for the models' folder.
pub(crate) fn job(cohort: &str) -> Job {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cohort.toml");
    let models = root().join("models").display().to_string();
    let tables = root().join("cohorts/tables/").display().to_string();
    std::fs::write(&file, cohort.replace("MODELS", &models).replace("tables/", &tables)).unwrap();
    Job::load(&file, &Changes::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The phase I trial with every planned dose, which nobody leaves.
pub(crate) fn full_dose() -> Job {
    let changes = Changes { scenario: Some("full_dose".into()), ..Changes::default() };
    Job::load(&root().join("cohorts/phase1.toml"), &changes).unwrap()
}

/// The solution for one patient without random effects. Every arm must end well.
pub(crate) fn solve_typical(job: &Job) -> Solution {
    let individuals = job.typical(Isa::detect()).unwrap();
    let solution = Cpu::new(&job.plan, Isa::detect()).solve(&individuals).unwrap();
    assert!(solution.status.iter().all(|&status| status == Status::Ok), "{:?}", solution.status);
    solution
}

/// `[arm][observable][time]` of the first patient's time courses.
pub(crate) fn courses(job: &Job, solution: &Solution) -> Vec<Vec<Vec<f64>>> {
    let points = job.plan.observation_times.iter().filter(|p| p.trajectory).count();
    let width = job.plan.trajectories.len();
    let value = |arm: usize, i: usize, t: usize| solution.trajectories[(arm * points + t) * width + i];
    (0..job.plan.arms.len())
        .map(|arm| (0..width).map(|i| (0..points).map(|t| value(arm, i, t)).collect()).collect())
        .collect()
}

/// The endpoint's value in the first arm of the first patient.
pub(crate) fn endpoint(job: &Job, solution: &Solution, name: &str) -> f64 {
    let endpoint = job.plan.endpoints.iter().find(|e| e.name == name).unwrap();
    endpoint.value.value(|i| solution.accumulators[i.index()][0])
}

/// `[population.X]` sections that fix covariates.
pub(crate) fn fixed<'a>(values: impl IntoIterator<Item = (&'a str, f64)>) -> String {
    values.into_iter().fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "[population.{name}]\ndistribution = \"fixed\"\nvalue = {value:?}");
        text
    })
}

/// `|got - expected| <= tolerance * |expected|`
pub(crate) fn assert_close(got: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (got - expected).abs() / expected.abs();
    assert!(
        error <= tolerance,
        "{what}: got {got}, expected {expected}, relative error {error:e} > {tolerance:e}"
    );
}
