//! Treatments that can be worked out by hand, on the CPU engine in either precision.

use crate::by_hand::{cases, check, job};
use crate::support::individuals;
use crate::{at_dose, drugs, infused};
use vpop::diagnostic::Source;
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, Status};
use vpop::job::Job;
use vpop::outcome::doses::doses;
use vpop::outcome::rows::outcomes;

#[test]
fn treatments_worked_out_by_hand() {
    let mut faults = Vec::new();
    for case in cases() {
        let job = job(&case);
        for precision in [Precision::F64, Precision::F32] {
            let engine = Cpu::with_precision(&job.plan, Isa::detect(), precision);
            faults.extend(check(&case, &job, &engine, 1e-4));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn several_drugs() {
    let mut faults = Vec::new();
    for case in drugs::cases() {
        let plan = drugs::plan(&case);
        for precision in [Precision::F64, Precision::F32] {
            let engine = Cpu::with_precision(&plan, Isa::detect(), precision);
            faults.extend(drugs::check(&case, &plan, &engine, 1e-4));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_found_when_a_dose_is_given() {
    let mut faults = Vec::new();
    for case in at_dose::cases() {
        let plan = at_dose::plan(&case);
        for (precision, tolerance) in [(Precision::F64, 1e-8), (Precision::F32, 1e-4)] {
            let engine = Cpu::with_precision(&plan, Isa::detect(), precision);
            faults.extend(at_dose::check(&case, &plan, &engine, tolerance));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let plan = at_dose::impossible();
    let solution = Cpu::new(&plan, Isa::detect()).solve(&individuals(&plan, &[])).unwrap();
    assert_eq!(solution.status, [Status::BadDose]);
}

const TWO_DRUGS: &str = r#"
name = "two_drugs"
model = "case.R"
patients = 1
seed = 1
[drugs.alpha]
into = ["a"]
round = { to = "20 mg", how = "up" }
[drugs.beta]
into = ["b"]
infusion = "12 h"
cap = "45 mg"
[drugs.rescue]
into = ["c"]
[[arms]]
name = "both"
doses = [
    { drug = "alpha", amount = "100 mg", every = "7 day", doses = 4 },
    { drug = "beta", amount = "50 mg", every = "10 day", doses = 3 },
]
[[regimen.modify]]
name = "alpha down"
drug = "alpha"
when = "day > 6.5 & doses_given < 2.5"
then = "reduce 25 %"
[[regimen.modify]]
name = "ill"
drug = "beta"
when = "low > 0.5"
then = "skip"
[[regimen.modify]]
name = "needed"
when = "low > 0.5 & days_since_dose > 1.5"
then = "give 5 mg of rescue"
doses = 2
[visits]
every = "1 day"
until = "30 day"
[output]
doses = true
"#;

const THREE_STATES: &str = r#"
case <- function() {
  units <- list(time = "day", dosing = "mg")
  ini({ none <- 0 })
  model({
    d/dt(a) <- none * a
    d/dt(b) <- 0
    d/dt(c) <- 0
    low <- ifelse(t > 9.5 & t < 14.5, 1, 0)
  })
}
"#;

/// Alpha 100, then 75 (80 in tablets) and 56.25 (60), which no rule changes any more; beta 45 of 50, its second dose
/// skipped on day 10; rescue on days 10 and 12.
#[test]
fn the_ledger_of_two_drugs_and_a_rescue() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cohorts/case.toml");
    let job = Job::from_texts(&Source::new(folder, TWO_DRUGS), &Source::new("case.R", THREE_STATES)).unwrap();
    let isa = Isa::detect();
    let (_, individuals) = job.individuals(0..1, isa).unwrap();
    let solution = Cpu::new(&job.plan, isa).solve(&individuals).unwrap();
    let amounts = job.amounts(&individuals);
    let ledger = doses(&job.plan, 0, &solution, &amounts);
    let column = |name: &str| ledger.column(name).unwrap().values.numbers();
    let nothing = f64::NAN;
    let days = column("time");
    for (found, expected) in days.iter().zip([0.0, 7.0, 14.0, 21.0, 0.0, nothing, 20.0, 10.0, 12.0]) {
        assert!(*found == expected || found.is_nan() && expected.is_nan(), "{days:?}");
    }
    let given = column("amount");
    for (found, expected) in given.iter().zip([100.0, 80.0, 60.0, 60.0, 45.0, 0.0, 45.0, 5.0, 5.0]) {
        assert!((found - expected).abs() < 1e-9, "{given:?}");
    }
    assert_eq!(given.len(), 9);
    let outcomes = outcomes(&job.plan, 0, 1, &solution, Some(&amounts));
    for (name, expected) in [
        ("doses_given_alpha", 4.0),
        ("relative_dose_alpha", 300.0 / 400.0),
        ("relative_dose_intensity_alpha", 300.0 / 400.0),
        ("doses_given_beta", 2.0),
        ("relative_dose_beta", 2.0 / 3.0),
        ("relative_dose_intensity_beta", 2.0 / 3.0),
        ("doses_given_rescue", 2.0),
    ] {
        let found = outcomes.column(name).unwrap_or_else(|| panic!("no column {name}")).values.numbers()[0];
        assert!((found - expected).abs() < 1e-12, "{name}: {found} instead of {expected}");
    }
    assert!(outcomes.column("relative_dose_rescue").is_none());
}

/// Of more and of fewer patients, and of a plan that keeps more.
#[test]
fn nothing_is_left_of_what_was_solved_in_the_same_memory() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cohorts/case.toml");
    let job = Job::from_texts(&Source::new(folder, TWO_DRUGS), &Source::new("case.R", THREE_STATES)).unwrap();
    let isa = Isa::detect();
    let engine = Cpu::new(&job.plan, isa);
    let of = |patients| job.individuals(patients, isa).unwrap().1;
    let [few, many] = [0..2, 0..9].map(|patients| engine.solve(&of(patients)).unwrap());
    let mut more = many.clone();
    more.accumulators.resize(many.accumulators.len() + 3, vec![1.0; 50]);
    more.trajectories.resize(100, 1.0);
    more.drug_endings.extend_from_within(..);
    more.doses.extend_from_within(..);
    more.not_finite.extend_from_within(..);
    for (spent, expected, patients) in [(&many, &few, 0..2), (&few, &many, 0..9), (&more, &few, 0..2)] {
        let solution = engine.solve_in(&of(patients), spent.clone()).unwrap();
        // Of what is not a number, that it is none.
        assert_eq!(format!("{solution:?}"), format!("{expected:?}"));
    }
}

#[test]
fn doses_are_infused_more_slowly() {
    infused::more_slowly(1e-6, &|plan, patients| Cpu::new(plan, Isa::detect()).solve(patients).unwrap());
}
