//! Grades, their endpoints, and the grading tables' conditions at and around every cut-off.

use vpop::cohort::{Consequence, ReadOn};
use vpop::plan::{AccumulatorKind, EndpointKind, Protocol, TreatmentEndpoints};

use super::helper::{
    COVARIATES, DAY, Visit, accumulator, build, cohort, complaints, endpoint, event, grade, graded, hazard,
    kept, showing, table, try_build,
};

/// Grades of `x` by a term of a shipped table, where `x` begins at `x0`, against what is expected.
fn check(table: &str, term: &str, x0: f64, expected: &[(f64, f64)]) {
    let cohort = cohort(&format!("[grades]\ntables = [\"tables/{table}.toml\"]\nterms.{term} = \"x\"\n"));
    let plan = build(&cohort);
    for &(x, grade) in expected {
        let mut visit = Visit::with(x);
        visit.covariates[1] = x0;
        assert_eq!(kept(&plan, &format!("{term}_grade"), &visit), grade, "{table}, {term}: {x}, {x0} before");
    }
}

const CTCAE: [&str; 2] = ["ctcae_v4_03", "ctcae_v5_0"];

// Below, what is expected are the cut-offs of the CTCAE's text, with the limits of normal of the tables.

#[test]
fn below_a_limit() {
    for version in CTCAE {
        // < LLN (150), < 75, < 50, < 25
        let platelets = [
            (150.0, 0.0),
            (149.9, 1.0),
            (75.0, 1.0),
            (74.9, 2.0),
            (50.0, 2.0),
            (49.9, 3.0),
            (25.0, 3.0),
            (24.9, 4.0),
        ];
        check(version, "thrombocytopenia", 230.0, &platelets);
        // < LLN (2), < 1.5, < 1, < 0.5
        let neutrophils =
            [(2.0, 0.0), (1.9, 1.0), (1.5, 1.0), (1.4, 2.0), (1.0, 2.0), (0.9, 3.0), (0.5, 3.0), (0.4, 4.0)];
        check(version, "neutropenia", 4.0, &neutrophils);
        // < LLN (12), < 10, < 8, and no grade 4 by number
        let haemoglobin =
            [(12.0, 0.0), (11.9, 1.0), (10.0, 1.0), (9.9, 2.0), (8.0, 2.0), (7.9, 3.0), (1.0, 3.0)];
        check(version, "anaemia", 13.0, &haemoglobin);
    }
}

#[test]
fn above_a_limit() {
    // v4.03: > 1, > 3, > 5, > 20 x ULN (40), whatever the baseline.
    let multiples = [
        (40.0, 0.0),
        (40.1, 1.0),
        (120.0, 1.0),
        (120.1, 2.0),
        (200.0, 2.0),
        (200.1, 3.0),
        (800.0, 3.0),
        (800.1, 4.0),
    ];
    for term in ["alt_increased", "ast_increased"] {
        for before in [24.0, 40.0, 90.0] {
            check("ctcae_v4_03", term, before, &multiples);
        }
        // v5.0: the same if the baseline was normal; else 1.5 to 3, > 3, > 5, > 20 x baseline (60).
        for before in [24.0, 40.0] {
            check("ctcae_v5_0", term, before, &multiples);
        }
        let abnormal = [
            (60.0, 0.0),
            (89.9, 0.0),
            (90.0, 1.0),
            (180.0, 1.0),
            (180.1, 2.0),
            (300.0, 2.0),
            (300.1, 3.0),
            (1200.0, 3.0),
            (1200.1, 4.0),
        ];
        check("ctcae_v5_0", term, 60.0, &abnormal);
    }
    // Urinary protein, g/24 h: < 1 (1+ dipstick; 0.15 and the sign are the table's), 1.0 to 3.4, >= 3.5.
    let above = [(0.16, 1.0), (0.99, 1.0), (1.0, 2.0), (3.49, 2.0), (3.5, 3.0), (100.0, 3.0)];
    for version in CTCAE {
        check(version, "proteinuria", 0.1, &above);
        check(version, "proteinuria", 0.1, &[(0.14, 0.0)]);
    }
    check("ctcae_v4_03", "proteinuria", 0.1, &[(0.15, 0.0)]);
    check("ctcae_v5_0", "proteinuria", 0.1, &[(0.15, 1.0)]);
    let cornea = [(0.2, 0.0), (0.21, 1.0), (1.0, 1.0), (1.01, 2.0), (2.0, 2.0), (2.01, 3.0), (4.0, 3.0)];
    check("cornea", "cornea", 0.0, &cornea);
}

#[test]
fn the_higher_of_baseline_and_limit() {
    // > 1 (v5.0: the limit alone), > 1.5, > 3 x baseline or ULN (1.2), > 6 x ULN.
    let by_baseline = |first| [(0.6, 0.0), (0.61, first), (0.91, 2.0), (1.81, 3.0), (7.19, 3.0), (7.21, 4.0)];
    check("ctcae_v4_03", "creatinine_increased", 0.6, &by_baseline(1.0));
    check("ctcae_v5_0", "creatinine_increased", 0.6, &by_baseline(0.0));
    let by_limit = [
        (1.2, 0.0),
        (1.21, 1.0),
        (1.8, 1.0),
        (1.8001, 2.0),
        (3.6, 2.0),
        (3.6001, 3.0),
        (7.2, 3.0),
        (7.2001, 4.0),
    ];
    for version in CTCAE {
        check(version, "creatinine_increased", 2.0, &by_limit);
    }
}

/// Before the first dose: by the limits of normal, whatever version (ULN 40 and 1.2). By the conditions that hold
/// later, an abnormal baseline of v5.0 is none, so that any grade is worse.
#[test]
fn before_the_first_dose() {
    let check = |table: &str, term: &str, before: f64, [at_start, as_later]: [f64; 2]| {
        let cohort = cohort(&format!("[grades]\ntables = [\"tables/{table}.toml\"]\nterms.{term} = \"x\"\n"));
        let plan = build(&cohort);
        let mut visit = Visit::with(before);
        visit.covariates[1] = before;
        let found = kept(&plan, &format!("{term}_grade_baseline"), &visit);
        assert_eq!(found, at_start, "{table}, {term}: {before}");
        let accumulator = &plan.accumulators[plan.treatment.terms[0].before.index()];
        assert_eq!(visit.observed(&plan, accumulator.of), as_later, "{table}, {term}: {before}, later");
    };
    let aminotransferases = [
        (39.0, 0.0),
        (40.0, 0.0),
        (60.0, 1.0),
        (120.0, 1.0),
        (130.0, 2.0),
        (250.0, 3.0),
        (800.0, 3.0),
        (900.0, 4.0),
    ];
    for term in ["alt_increased", "ast_increased"] {
        for (before, grade) in aminotransferases {
            check("ctcae_v4_03", term, before, [grade; 2]);
            check("ctcae_v5_0", term, before, [grade, 0.0]);
        }
    }
    for version in CTCAE {
        for (before, grade) in
            [(1.0, 0.0), (1.2, 0.0), (1.3, 1.0), (1.8, 1.0), (2.0, 2.0), (3.7, 3.0), (7.3, 4.0)]
        {
            check(version, "creatinine_increased", before, [grade; 2]);
        }
        for (before, grade) in [(230.0, 0.0), (100.0, 1.0), (60.0, 2.0), (20.0, 4.0)] {
            check(version, "thrombocytopenia", before, [grade; 2]);
        }
    }
}

#[test]
fn a_grade_that_a_term_does_not_have() {
    let mut cohort = cohort("");
    grade(&mut cohort, table("term", [None; 2], &["x > 15", "", "x >= 35"]), "x");
    let plan = build(&cohort);
    let grades = [15.0, 16.0, 34.0, 35.0].map(|x| kept(&plan, "term_grade", &Visit::with(x)));
    assert_eq!(grades, [0.0, 1.0, 1.0, 3.0]);
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
        ("high_grade", AccumulatorKind::Max, [0, 28 * DAY], EndpointKind::Grade, "1"),
        ("high_grade_baseline", AccumulatorKind::At, [0, 0], EndpointKind::Grade, "1"),
        ("high_grade_c1", AccumulatorKind::Max, [0, 21 * DAY], EndpointKind::Grade, "1"),
        ("high_days_grade_2", AccumulatorKind::TimeTrue, [0, 28 * DAY], EndpointKind::Number, "day"),
        ("high_onset_grade_1", AccumulatorKind::FirstTrue, [0, 28 * DAY], EndpointKind::FirstTime, "day"),
        ("high_onset_grade_3", AccumulatorKind::FirstTrue, [0, 28 * DAY], EndpointKind::FirstTime, "day"),
    ];
    for (name, kind, window, column, unit) in expected {
        let accumulator = accumulator(&plan, name);
        assert_eq!((accumulator.kind, accumulator.window), (kind, window), "{name}");
        assert_eq!((accumulator.on, accumulator.since_dose), (ReadOn::Visits, None), "{name}");
        let endpoint = endpoint(&plan, name);
        assert_eq!((endpoint.kind, endpoint.unit.as_str()), (column, unit), "{name}");
    }
    assert_eq!(plan.endpoints.len(), expected.len());
    let term = &plan.treatment.terms[0];
    assert_eq!((term.name.as_str(), term.title.as_str()), ("high", "high in words"));
    assert_eq!(plan.endpoints[term.worst].name, "high_grade");
    let [(window, worst)] = &term.windows[..] else { panic!("{:?}", term.windows) };
    assert_eq!((window.as_str(), plan.endpoints[*worst].name.as_str()), ("c1", "high_grade_c1"));
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
    assert_eq!(plan.endpoints[plan.treatment.terms[0].worst].name, "high_grade");
}

#[test]
fn grades_are_looked_at_while_on_study_only_where_patients_can_leave() {
    let mut cohort = graded();
    cohort.grades.terms[0].days = vec![2];
    for (then, on_study) in [(Consequence::Stop, false), (Consequence::Leave, true)] {
        cohort.events = vec![event("gone", hazard("0.1 * day"), then, false)];
        let plan = build(&cohort);
        for column in ["high_grade", "high_days_grade_2"] {
            assert_eq!(accumulator(&plan, column).on_study, on_study);
        }
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
    assert_eq!(plan.treatment, TreatmentEndpoints::default());
}
