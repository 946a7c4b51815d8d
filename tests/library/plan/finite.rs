//! What was not finite, by the name that the user gave it.

use vpop::diagnostic::Source;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, NotFinite, Solution, Status, Valued};
use vpop::job::Job;
use vpop::outcome::rows;
use vpop::table::Values;

use super::helper::DAY;

const MODEL: &str = "broken <- function() {
  units <- list(time = \"day\", dosing = \"mg\")
  ini({ k <- 0 })
  model({
    d/dt(drug) <- -k * drug
    d/dt(x) <- -k * x
    x(0) <- 1
    platelets <- ifelse(time > 9.5, log(-x), 200)
  })
}";

fn job(model: &str, tables: &str) -> Job {
    let cohort = format!(
        "name = \"broken\"\nmodel = \"m.R\"\npatients = 2\n[regimen]\narms = [\"1 mg\"]\ninto = [\"drug\"]\n\
         every = \"7 day\"\ncycles = 2\n{tables}"
    );
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cohorts/case.toml");
    Job::from_texts(&Source::new(folder, cohort), &Source::new("m.R", model))
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn solve(job: &Job) -> Solution {
    let (_, individuals) = job.individuals(0..2, Isa::detect()).unwrap();
    Cpu::new(&job.plan, Isa::detect()).solve(&individuals).unwrap()
}

/// What the first patient's row calls it, and when.
fn shown(job: &Job, solution: &Solution) -> (String, f64) {
    let table = rows::outcomes(&job.plan, 0, 2, solution, None);
    let Values::Label { codes, labels } = &table.column("not_finite").unwrap().values else { panic!() };
    let when = table.column("not_finite_day").unwrap().values.numbers()[0];
    (codes[0].map_or("nothing", |code| &labels[code as usize]).to_owned(), when)
}

#[test]
fn expressions_are_called_by_the_names_of_the_user() {
    let rule =
        |when: &str| format!("[[regimen.modify]]\nname = \"low\"\nwhen = \"{when}\"\nthen = \"stop\"\n");
    let dlt =
        "[dlt]\nwindow = \"14 day\"\n[dlt.causes]\nlow = [\"sqrt(platelets - 200 - x) < 3\"]\n".to_owned();
    let chance = "[events.lesion]\ncumulative_hazard = \"x - 2 + 0 * day\"\n".to_owned();
    for (tables, name, day) in [
        (rule("platelets < 50"), "platelets", 10.0),
        (rule("2 * platelets - 3 < 50"), "platelets", 10.0),
        (rule("log(platelets) < 1"), "regimen.modify `low`", 10.0),
        ("[endpoints.e]\nof = \"platelets^1.3\"\nstatistic = \"max\"\n".into(), "endpoints.e", 10.0),
        (dlt, "dlt.causes.low", 0.0),
        (chance, "events.lesion", f64::NAN),
    ] {
        let job = job(MODEL, &tables);
        let solution = solve(&job);
        let (found, when) = shown(&job, &solution);
        assert_eq!(found, name, "{tables}");
        assert!(when == day || (when.is_nan() && day.is_nan()), "{tables}: {when}");
    }
}

#[test]
fn states_are_called_by_their_names() {
    let model = MODEL.replace("d/dt(x) <- -k * x", "d/dt(x) <- ifelse(time > 9.5, log(-x), 0)");
    let job = job(&model, "");
    let solution = solve(&job);
    assert_eq!(solution.status, [Status::NonFinite; 2]);
    let NotFinite { what, tick, operation } = solution.not_finite[0].unwrap();
    assert_eq!(what, Valued::State(1));
    // In the time before the visit on day 10.
    assert!((9 * DAY..=10 * DAY).contains(&tick), "{tick}");
    assert_eq!(shown(&job, &solution).0, "x");
    assert!(operation.is_some());
}

/// Of what is observed, of a rate of change that is not a number where it begins, and of one that ceases to be one.
#[test]
fn the_operation_is_found_in_which_a_value_ceased_to_be_finite() {
    let rate = |rate: &str| MODEL.replace("d/dt(x) <- -k * x", &format!("y <- x - 1\n    d/dt(x) <- {rate}"));
    let observed = "[endpoints.e]\nof = \"platelets + 1\"\nstatistic = \"max\"\n";
    for (model, tables, right) in [
        (MODEL.to_owned(), observed, "log(-x)"),
        (rate("-x / y"), "", "-x / y"),
        (rate("-1 - 0 * sqrt(x)  - sqrt(x)"), "", "sqrt(x)"),
        (rate("exp(1000 * (y + 1)) * 2"), "", "exp(1000 * (1 + y))"),
        (rate("ifelse(x > 2, log(-1 - x), log10(y - x)^2)"), "", "log10(y - x)"),
    ] {
        let job = job(&model, tables);
        let solution = solve(&job);
        assert_eq!(solution.status, [Status::NonFinite; 2], "{right}");
        let NotFinite { operation, .. } = solution.not_finite[0].unwrap();
        assert_eq!(operation.map(|operation| job.plan.text(operation)).as_deref(), Some(right));
    }
}

/// What one expression needs under no condition is looked at once, whoever else needs it.
#[test]
fn what_is_needed_often_is_looked_at_once() {
    let cohort = concat!(env!("CARGO_MANIFEST_DIR"), "/cohorts/phase1.toml");
    let job = Job::load(std::path::Path::new(cohort), &vpop::job::Changes::default()).unwrap();
    let plan = &job.plan;
    let labelled = |check: &vpop::plan::FinitenessCheck| {
        (check.when, check.of.iter().map(|&i| (i, plan.labels[i.index()].as_str())).collect::<Vec<_>>())
    };
    let all: Vec<_> = plan.checks.iter().map(labelled).collect();
    let platelets = all.iter().flat_map(|(_, of)| of).filter(|(_, label)| *label == "platelets");
    assert_eq!(platelets.count(), 1, "{all:#?}");
    assert!(all.iter().map(|(_, of)| of.len()).sum::<usize>() < 30, "{all:#?}");
}
