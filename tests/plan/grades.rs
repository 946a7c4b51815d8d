//! Grades, their endpoints, and the grading tables' conditions at and around every cut-off.

use vpop::cohort::{Consequence, ReadOn};
use vpop::model::graph::Course;
use vpop::plan::{Accumulate, EndpointKind, Protocol, Trial};

use crate::helper::{
    COVARIATES, DAY, Visit, accumulator, build, cohort, complaints, endpoint, event, grade, graded, hazard,
    kept, showing, table, try_build,
};

/// Grades of `x`, where it begins at `x0`, against what is expected.
fn check(limits: [Option<f64>; 2], conditions: &[&str], x0: f64, expected: &[(f64, f64)]) {
    let mut cohort = cohort("");
    grade(&mut cohort, table("term", limits, conditions), "x");
    let plan = build(&cohort);
    for &(x, grade) in expected {
        let mut visit = Visit::with(x);
        visit.covariates[1] = x0;
        assert_eq!(kept(&plan, "term_grade", &visit), grade, "x = {x}, {x0} before");
    }
}

#[test]
fn the_highest_grade_whose_condition_holds() {
    // CTCAE v4.03, platelet count decreased: < LLN, < 75, < 50, < 25.
    let platelets = ["x < lln", "x < 75", "x < 50", "x < 25"];
    let expected = [
        (150.0, 0.0),
        (149.9, 1.0),
        (75.0, 1.0),
        (74.9, 2.0),
        (50.0, 2.0),
        (49.9, 3.0),
        (25.0, 3.0),
        (24.9, 4.0),
    ];
    check([Some(150.0), None], &platelets, 230.0, &expected);
    // A grade between others that a term does not have, as proteinuria's fourth.
    check([None; 2], &["x > 0.15", "", "x >= 3.5"], 0.1, &[(0.15, 0.0), (0.2, 1.0), (3.4, 1.0), (3.5, 3.0)]);
}

#[test]
fn relative_to_baseline_where_that_was_abnormal() {
    // CTCAE v5.0, alanine aminotransferase increased: > ULN to 3 x ULN if the baseline was normal,
    // 1.5 to 3 x baseline if it was not; then > 3, > 5, > 20 times the same.
    let alt = [
        "ifelse(baseline > uln, x >= 1.5 * baseline, x > uln)",
        "x > 3 * max(baseline * (baseline > uln), uln * (baseline <= uln))",
        "x > 5 * ifelse(baseline > uln, baseline, uln)",
        "x > 20 * ifelse(baseline > uln, baseline, uln)",
    ];
    let normal = [
        (40.0, 0.0),
        (40.1, 1.0),
        (120.0, 1.0),
        (120.1, 2.0),
        (200.0, 2.0),
        (200.1, 3.0),
        (800.0, 3.0),
        (801.0, 4.0),
    ];
    check([None, Some(40.0)], &alt, 24.0, &normal);
    check([None, Some(40.0)], &alt, 40.0, &normal);
    let abnormal =
        [(60.0, 0.0), (89.9, 0.0), (90.0, 1.0), (180.0, 1.0), (180.1, 2.0), (300.1, 3.0), (1200.1, 4.0)];
    check([None, Some(40.0)], &alt, 60.0, &abnormal);
}

#[test]
fn the_higher_of_baseline_and_limit() {
    // CTCAE v4.03, creatinine increased: the higher grade of > 1, 1.5, 3 x baseline and
    // > 1, 1.5, 3, 6 x ULN.
    let creatinine = [
        "x > baseline | x > uln",
        "x > 1.5 * baseline | x > 1.5 * uln",
        "x > 3 * baseline | x > 3 * uln",
        "x > 6 * uln",
    ];
    let low = [(0.5, 0.0), (0.51, 1.0), (0.76, 2.0), (1.51, 3.0), (6.0, 3.0), (6.1, 4.0)];
    check([None, Some(1.0)], &creatinine, 0.5, &low);
    check([None, Some(1.0)], &creatinine, 2.0, &[(1.0, 0.0), (1.4, 1.0), (1.6, 2.0), (3.1, 3.0), (6.1, 4.0)]);
}

#[test]
fn limits_of_the_cohort_file_come_before_the_table_s() {
    let mut cohort = cohort("");
    grade(&mut cohort, table("term", [Some(150.0), None], &["x < lln"]), "x");
    cohort.grades.terms[0].lln = Some(100.0);
    let plan = build(&cohort);
    assert_eq!(kept(&plan, "term_grade", &Visit::with(120.0)), 0.0);
    assert_eq!(kept(&plan, "term_grade", &Visit::with(99.0)), 1.0);
}

#[test]
fn endpoints_of_a_term() {
    let mut cohort = graded();
    cohort.grades.windows = vec![("c1".into(), [0, 21 * DAY])];
    cohort.grades.terms[0].days = vec![2];
    cohort.grades.terms[0].onset = vec![1, 3];
    let plan = build(&cohort);
    let expected = [
        ("high_grade", Accumulate::Max, [0, 28 * DAY], EndpointKind::Grade, "1"),
        ("high_grade_baseline", Accumulate::At, [0, 0], EndpointKind::Grade, "1"),
        ("high_grade_c1", Accumulate::Max, [0, 21 * DAY], EndpointKind::Grade, "1"),
        ("high_days_grade_2", Accumulate::Held, [0, 28 * DAY], EndpointKind::Number, "day"),
        ("high_onset_grade_1", Accumulate::First, [0, 28 * DAY], EndpointKind::FirstTime, "day"),
        ("high_onset_grade_3", Accumulate::First, [0, 28 * DAY], EndpointKind::FirstTime, "day"),
    ];
    for (name, kind, window, column, unit) in expected {
        let accumulator = accumulator(&plan, name);
        assert_eq!((accumulator.kind, accumulator.window), (kind, window), "{name}");
        assert_eq!((accumulator.on, accumulator.since_dose), (ReadOn::Visits, false), "{name}");
        let endpoint = endpoint(&plan, name);
        assert_eq!((endpoint.kind, endpoint.unit.as_str()), (column, unit), "{name}");
    }
    assert_eq!(plan.endpoints.len(), expected.len());
    let term = &plan.trial.terms[0];
    assert_eq!((term.name.as_str(), term.title.as_str()), ("high", "high in words"));
    assert_eq!(plan.endpoints[term.baseline].name, "high_grade_baseline");
    assert_eq!(plan.endpoints[term.worst].name, "high_grade");
    for (x, at_2, at_3) in [(30.0, 0.0, 0.0), (30.5, 1.0, 0.0), (41.0, 1.0, 1.0)] {
        let visit = Visit::with(x);
        assert_eq!(kept(&plan, "high_days_grade_2", &visit), at_2, "{x}");
        assert_eq!(kept(&plan, "high_onset_grade_3", &visit), at_3, "{x}");
    }
}

#[test]
fn columns_come_behind_those_of_the_cohort_file() {
    let mut cohort = cohort("[endpoints.top]\nof = \"x\"\nstatistic = \"max\"\n");
    grade(&mut cohort, table("high", [None; 2], &["x > 20"]), "x");
    let plan = build(&cohort);
    assert_eq!(plan.endpoints[0].name, "top");
    assert_eq!(plan.endpoints[plan.trial.terms[0].worst].name, "high_grade");
}

#[test]
fn grades_are_looked_at_while_on_study_only_where_patients_can_leave() {
    let mut cohort = graded();
    cohort.grades.terms[0].days = vec![2];
    let away = Visit::with(35.0).course(Course::OnStudy, 0.0);
    for (then, grade, held) in [(Consequence::Stop, 2.0, 1.0), (Consequence::Leave, 0.0, 0.0)] {
        cohort.events = vec![event("gone", hazard("0.1 * day"), then, false)];
        let plan = build(&cohort);
        assert_eq!(kept(&plan, "high_grade", &away), grade);
        assert_eq!(kept(&plan, "high_days_grade_2", &away), held);
        let here = Visit::with(35.0);
        assert_eq!(kept(&plan, "high_grade", &here), 2.0);
        assert_eq!(kept(&plan, "high_days_grade_2", &here), 1.0);
    }
}

#[test]
fn grades_over_time() {
    let mut cohort = showing(cohort(""), &["grade(high)", "x", "x / 2", "day"]);
    grade(&mut cohort, table("high", [None; 2], &["x > 20"]), "x");
    let plan = build(&cohort);
    let names: Vec<&str> = plan.trajectory_columns.iter().map(|about| about.name.as_str()).collect();
    assert_eq!(names, ["grade_high", "x", "x_2", "day"]);
    assert_eq!(plan.trajectory_columns[0].unit, "1");
    let values = plan.trajectories.iter().map(|&i| Visit::with(24.0).observed(&plan, i));
    assert_eq!(values.collect::<Vec<_>>(), [1.0, 24.0, 12.0, 14.0]);
}

#[test]
fn what_is_wrong_with_a_term() {
    let mut missing = cohort("");
    grade(&mut missing, table("alt", [None; 2], &["x > uln"]), "x");
    let found = complaints(&missing);
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("`uln`: the term has none: give `uln` in the cohort file's"), "{}", found[0]);

    let mut unknown = cohort("");
    grade(&mut unknown, table("alt", [None; 2], &["X > 3"]), "y");
    assert!(complaints(&unknown)[0].contains("`y` is not defined"));

    let mut wrong = cohort("");
    grade(&mut wrong, table("alt", [None; 2], &["y > 3"]), "x");
    let problems = try_build(&wrong).unwrap_err();
    let place = problems.0[0].place.clone().unwrap();
    assert_eq!((place.source.name.as_str(), place.span), ("table.toml", 0..1));

    let mut kept_over_visits = cohort("");
    grade(&mut kept_over_visits, table("alt", [None; 2], &["x > baseline"]), "highest(x)");
    assert!(complaints(&kept_over_visits)[0].contains("before the first dose"));

    let mut twice = graded();
    twice.grades.windows = vec![("baseline".into(), [0, DAY])];
    assert!(complaints(&twice)[0].contains("two columns `high_grade_baseline`"));

    let mut own = cohort("[endpoints.high_grade]\nof = \"x\"\nstatistic = \"max\"\n");
    grade(&mut own, table("high", [None; 2], &["x > 20"]), "x");
    let problems = try_build(&own).unwrap_err();
    assert_eq!(problems.0[0].place.clone().unwrap().span, own.endpoints[0].name.span);

    let mut later = graded();
    grade(&mut later, table("low", [None; 2], &["x < 5"]), "grade(low) + grade(high)");
    let found = complaints(&later);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`low` is graded only further down"));
}

#[test]
fn without_grades_nothing_is_added() {
    let plan = build(&cohort(""));
    assert!(plan.observed.is_empty() && plan.accumulators.is_empty() && plan.endpoints.is_empty());
    assert_eq!(plan.covariates, COVARIATES);
    assert_eq!(plan.protocol, Protocol::default());
    assert_eq!(plan.trial, Trial::default());
}
