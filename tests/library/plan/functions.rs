//! Names and functions of a trial's expressions.

use vpop::cohort::ReadOn;
use vpop::model::graph::{OfDrugs, Stage, Symbol, TreatmentVariable};
use vpop::plan::{AccumulatorKind, Plan};

use super::helper::{COVARIATES, DAY, Visit, build, cohort, complaints, graded, model, showing};

fn shown(expressions: &[&str]) -> Plan {
    build(&showing(graded(), expressions))
}

/// Accumulators beyond those of the term `high`.
fn added(plan: &Plan) -> &[vpop::plan::Accumulator] {
    &plan.accumulators[2..]
}

#[test]
fn each_function_keeps_what_it_needs() {
    for (name, kind, since_dose, value) in [
        ("lowest", AccumulatorKind::Min, false, 5.0),
        ("highest", AccumulatorKind::Max, false, 5.0),
        ("days", AccumulatorKind::TimeTrue, false, 5.0),
        ("longest", AccumulatorKind::LongestTrue, false, 5.0),
        ("ever", AccumulatorKind::FirstTrue, false, 1.0),
        ("first_day", AccumulatorKind::FirstTrue, false, 5.0),
        ("lowest_since_dose", AccumulatorKind::Min, true, 5.0),
        ("highest_since_dose", AccumulatorKind::Max, true, 5.0),
        ("days_since_dose", AccumulatorKind::TimeTrue, true, 5.0),
        ("longest_since_dose", AccumulatorKind::LongestTrue, true, 5.0),
        ("ever_since_dose", AccumulatorKind::FirstTrue, true, 1.0),
    ] {
        let plan = shown(&[&format!("{name}(x > 12)")]);
        let [accumulator] = added(&plan) else { panic!("{name}: {:?}", plan.accumulators) };
        let anew = since_dose.then_some(OfDrugs::All);
        assert_eq!((accumulator.kind, accumulator.since_dose), (kind, anew), "{name}");
        assert_eq!((accumulator.on, accumulator.window), (ReadOn::Visits, [0, 28 * DAY]), "{name}");
        assert_eq!(Visit::with(13.0).observed(&plan, accumulator.of), 1.0);
        let visit = Visit::with(13.0).accumulated(2, 5.0);
        assert_eq!(visit.observed(&plan, plan.trajectories[0]), value, "{name}");
        if name.starts_with("ever") {
            let never = Visit::with(13.0).accumulated(2, 1e30);
            assert_eq!(never.observed(&plan, plan.trajectories[0]), 0.0);
        }
    }
}

#[test]
fn what_is_kept_is_shared_and_comes_after_what_it_reads() {
    let plan = shown(&[
        "days(grade(high) >= 3) >= 5",
        "days(grade(high) >= 3) + first_day(grade(high) >= 3)",
        "longest(days(grade(high) >= 3) >= 2)",
    ]);
    assert_eq!(added(&plan).len(), 3);
    for (position, accumulator) in plan.accumulators.iter().enumerate() {
        for id in plan.graph.reachable(&[plan.observed[accumulator.of.index()]]) {
            if let Some(Symbol::Accumulated(read)) = plan.graph.as_symbol(id) {
                assert!((read as usize) < position);
            }
        }
    }
}

#[test]
fn baseline_is_known_once_per_patient() {
    let plan =
        shown(&["baseline(twice + 3 * time)", "x - baseline(x)", "baseline(SEX)", "baseline(grade(high))"]);
    let values = plan.trajectories.iter().map(|&i| Visit::with(25.0).observed(&plan, i));
    assert_eq!(values.collect::<Vec<_>>(), [20.0, 15.0, 1.0, 0.0]);
    let first = plan.observed[plan.trajectories[0].index()];
    assert_eq!(plan.graph.stage(first), Stage::Patient);
    assert!(plan.slots.contains(&first));
}

#[test]
fn names_of_the_course_of_treatment() {
    for (name, course) in [
        ("day", TreatmentVariable::Day),
        ("days_since_dose", TreatmentVariable::DaysSinceDose),
        ("days_held", TreatmentVariable::DaysHeld),
        ("doses_given", TreatmentVariable::DosesGiven),
        ("holds", TreatmentVariable::Holds),
        ("reductions", TreatmentVariable::Reductions),
        ("skips", TreatmentVariable::Skips),
        ("cycle", TreatmentVariable::Cycle),
        ("relative_dose", TreatmentVariable::RelativeDose),
        ("on_treatment", TreatmentVariable::OnTreatment),
        ("on_study", TreatmentVariable::OnStudy),
    ] {
        let plan = shown(&[name]);
        let node = plan.observed[plan.trajectories[0].index()];
        assert_eq!(plan.graph.as_symbol(node), Some(Symbol::Treatment(course, OfDrugs::All)), "{name}");
        assert_eq!(plan.trajectory_columns[0].name, name);
    }
}

#[test]
fn names_of_the_model_come_first() {
    let cohort = showing(cohort(""), &["day", "dlt"]);
    let model = model(
        "toy <- function() {
           units <- list(time = \"day\", dosing = \"mg\")
           ini({ day <- 1 })
           model({
             d/dt(drug) <- -day * drug
             d/dt(x) <- SLOPE
             x(0) <- X0
             dlt <- 7 * day
             cycle <- dlt
           })
         }",
    );
    // A parameter's name is no name of an expression.
    let plan = vpop::plan::build(&cohort, &model, &COVARIATES.map(String::from), None).unwrap();
    assert_eq!(Visit::with(15.0).observed(&plan, plan.trajectories[0]), 5.0);
    assert_eq!(Visit::with(15.0).observed(&plan, plan.trajectories[1]), 7.0);
}

#[test]
fn endpoints_may_use_them() {
    let plan = build(&{
        let mut graded = graded();
        let other = cohort(
            "[endpoints.late]\nof = \"x * (day > 3)\"\nstatistic = \"max\"\n\
             [endpoints.above]\nof = \"x\"\nstatistic = \"time_above\"\nthreshold = \"2 * baseline(x)\"\n\
             [endpoints.grade_2]\nof = \"grade(high)\"\nstatistic = \"first_above\"\nthreshold = 1.5\n",
        );
        graded.endpoints = other.endpoints;
        graded
    });
    let kept = |name, x| super::helper::kept(&plan, name, &Visit::with(x));
    assert_eq!(kept("late", 15.0), 15.0);
    assert_eq!(kept("late", 12.0), 0.0);
    assert_eq!((kept("above", 20.0), kept("above", 21.0)), (0.0, 1.0));
    assert_eq!((kept("grade_2", 30.0), kept("grade_2", 31.0)), (0.0, 1.0));
}

#[test]
fn what_can_be_wrong() {
    let of = |expression: &str| complaints(&showing(graded(), &[expression])).join("\n");
    for (expression, message) in [
        ("grade(hihg)", "`grade`: no term `hihg` is graded; did you mean `high`?"),
        ("grade(anaemia)", "`grade`: no term `anaemia` is graded; the graded terms are high"),
        ("grade(high + 1)", "`grade`: it takes the name of a graded term; the graded terms are high"),
        ("grade()", "it takes the name of a graded term"),
        ("grade(high, 1)", "it takes the name of a graded term"),
        ("days(x > 1, 2)", "`days`: it takes one argument"),
        ("baseline()", "`baseline`: it takes one argument"),
        ("baseline(days(x > 1))", "`baseline`: before the first dose there are only the model's values"),
        ("baseline(doses_given)", "`baseline`: before the first dose"),
        ("longst(x > 1)", "there is no function `longst`; did you mean `longest`?"),
        ("first_day_since_dose(x > 1)", "there is no function `first_day_since_dose`"),
        ("dlt", "`dlt`: the cohort file has no [dlt]"),
        ("progressed", "`progressed`: the cohort file has neither [response] nor an event"),
        ("relativ_dose", "did you mean `relative_dose`?"),
    ] {
        assert!(of(expression).contains(message), "{expression}: {}", of(expression));
    }
    let ungraded = complaints(&showing(cohort(""), &["grade(high)"])).join("\n");
    assert!(ungraded.contains("[grades.terms] has none"), "{ungraded}");
    let area = cohort("[endpoints.a]\nof = \"x * day\"\nstatistic = \"auc\"\non = \"continuous\"\n");
    assert!(complaints(&area)[0].contains("`x * day` is known at visits only"));
}
