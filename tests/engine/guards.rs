//! Divisions by 0 and the like: they fail the patient, or are guarded as in rxode2.

use vpop::diagnostic::Source;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, Status};
use vpop::job::Job;

const MODEL: &str = r#"m <- function() {
  units <- list(time = "day", dosing = "mg")
  ini({ k <- 0.5 })
  model({
    d/dt(a) <- -k * a
    share <- a / (a + a)
    level <- log(a)
    root <- a^(-k)
    fine <- 1 / (1 + a)
  })
}
"#;

/// Without a dose at day 0, with one of 2 mg from day 1 on.
fn job(guard_zero: bool) -> Job {
    let endpoints: String = ["share", "level", "root", "fine", "zero_guard"]
        .iter()
        .filter(|of| guard_zero || **of != "zero_guard")
        .flat_map(|of| {
            [0, 2].map(|day| {
                format!("[endpoints.{of}_{day}]\nof = \"{of}\"\nstatistic = \"value\"\nat = \"{day} day\"\n")
            })
        })
        .collect();
    let cohort = format!(
        "name = \"guards\"\nmodel = \"m.R\"\npatients = 1\n[regimen]\narms = [\"2 mg\"]\ninto = [\"a\"]\ninfusion = \"0 h\"\n\
         times = [\"1 day\"]\n[visits]\nevery = \"1 day\"\nuntil = \"2 day\"\n{endpoints}\
         [solver]\nguard_zero = {guard_zero}\n"
    );
    Job::from_texts(&Source::new("c.toml", cohort), &Source::new("m.R", MODEL))
        .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn zero_over_zero_fails_the_patient_unless_it_is_guarded() {
    let solve =
        |job: &Job| Cpu::new(&job.plan, Isa::detect()).solve(&job.typical(Isa::detect()).unwrap()).unwrap();
    assert_eq!(solve(&job(false)).status, [Status::NonFinite]);

    let job = job(true);
    let solution = solve(&job);
    assert_eq!(solution.status, [Status::Ok]);
    let value = |name: &str| {
        let endpoint = job.plan.endpoints.iter().find(|endpoint| endpoint.name == name).unwrap();
        solution.endpoint(endpoint.value, 0)
    };
    // Of the distance between numbers near 1; then of 2 e^-0.5.
    let (least, later) = (f64::EPSILON, 2.0 * (-0.5_f64).exp());
    for (name, right) in [
        ("share_0", 0.0),
        ("share_2", 0.5),
        ("level_0", least.ln()),
        ("level_2", later.ln()),
        ("root_0", least.powf(-0.5)),
        ("root_2", later.powf(-0.5)),
        ("fine_0", 1.0),
        ("fine_2", 1.0 / (1.0 + later)),
        ("zero_guard_0", 1.0),
        ("zero_guard_2", 0.0),
    ] {
        assert!(
            (value(name) - right).abs() <= 1e-5 * right.abs(),
            "{name}: {} instead of {right}",
            value(name)
        );
    }
    // The run counts whom it concerned without being asked to.
    assert_eq!(value("zero_guard"), 1.0);
    let told =
        job.notices.iter().any(|notice| notice.message.starts_with("4 divisions, logarithms and powers"));
    assert!(told, "{:?}", job.notices);
}
