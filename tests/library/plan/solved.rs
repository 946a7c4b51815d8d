//! Trials that the CPU engine solves, against what comes out by hand.

use vpop::cohort::{Action, Chance, Consequence, Dlt, Response, Rule};
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, Individuals, Solution};
use vpop::model::graph::Symbol;
use vpop::plan::Plan;

use super::helper::{DAY, build, cohort, event, grade, graded, hazard, table, text};

/// One patient with `SLOPE` 1 and `X0` 10, so that `x` is 10 and the day, and these draws of events.
fn solve(plan: &Plan, draws: &[f64]) -> Solution {
    let covariates = [&[1.0, 10.0, 1.0], draws].concat();
    let value = |symbol| match symbol {
        Symbol::Covariate(i) => covariates[i as usize],
        other => panic!("{other:?} in a slot"),
    };
    let slots = plan.graph.evaluate(&plan.slots, value).into_iter().map(|value| vec![value]).collect();
    let individuals = Individuals {
        count: 1,
        slots,
        residuals: Vec::new(),
        trajectories: 0,
        fixed_doses: None,
        longest_steps: None,
        left_out: None,
        records: None,
    };
    Cpu::new(plan, Isa::detect()).solve(&individuals).unwrap()
}

fn value(plan: &Plan, solution: &Solution, name: &str) -> f64 {
    solution.endpoint(super::helper::endpoint(plan, name).value, 0)
}

#[test]
fn grades_toxicity_and_stop() {
    let mut cohort = graded();
    cohort.grades.terms[0].days = vec![1];
    cohort.grades.terms[0].onset = vec![1];
    cohort.grades.windows = vec![("c1".into(), [0, 7 * DAY])];
    cohort.dlt = Some(Dlt {
        window: 21 * DAY,
        stops_treatment: true,
        causes: vec![(text("high"), vec![text("days(grade(high) >= 1) >= 5")])],
    });
    let plan = build(&cohort);
    let solution = solve(&plan, &[]);
    let value = |name| value(&plan, &solution, name);
    // x > 20 from day 11 on (x = 21), x > 30 from day 21 on; the run ends on day 28.
    assert_eq!(value("high_grade"), 2.0);
    assert_eq!(value("high_grade_baseline"), 0.0);
    assert_eq!(value("high_grade_c1"), 0.0);
    assert!((value("high_onset_grade_1") - 11.0).abs() < 1e-9);
    assert!((value("high_days_grade_1") - 17.0).abs() < 1e-9);
    // Five days are over at the visit on day 16, which is before the fourth dose.
    assert!((value("dlt_high_day") - 16.0).abs() < 1e-9);
    let stopped = solution.endings[0].stopped.unwrap();
    assert_eq!((stopped.reason.index(), stopped.tick, stopped.value), (0, 16 * DAY, 16.0));
    let given: Vec<_> = solution.doses[..4].iter().map(|dose| dose.given).collect();
    assert_eq!(given, [Some(0), Some(7 * DAY), Some(14 * DAY), None]);
}

#[test]
fn leaving_ends_what_is_looked_at() {
    let mut cohort = graded();
    cohort.grades.terms[0].days = vec![1];
    cohort.events = vec![
        event("lesion", hazard("0.1 * day"), Consequence::Leave, true),
        event(
            "late",
            Chance::Once { probability: text("1"), onset: text("day >= 20") },
            Consequence::Nothing,
            false,
        ),
    ];
    let plan = build(&cohort);
    let solution = solve(&plan, &[0.25, 0.5]);
    // -log(0.25) / 0.1 = 13.9 days: the visit on day 14, which still counts.
    assert!((value(&plan, &solution, "lesion_day") - 14.0).abs() < 1e-9);
    assert_eq!(solution.endings[0].left.map(|left| (left.tick, left.value)), Some((14 * DAY, 14.0)));
    assert_eq!(value(&plan, &solution, "high_grade"), 1.0);
    // From day 11 to the visit on day 14, the last.
    assert!((value(&plan, &solution, "high_days_grade_1") - 3.0).abs() < 1e-9);
    assert!(value(&plan, &solution, "late_day").is_nan());
}

#[test]
fn responses_at_scans() {
    let mut cohort = cohort("");
    cohort.response = Some(Response {
        unit: None,
        of: text("abs(x - 20)"),
        scans: [4, 10, 16, 24].map(|day| day * DAY).to_vec(),
        complete_below: 1.0,
        partial: 0.3,
        progression: 0.2,
        progression_at_least: 5.0,
        confirmation: None,
        stable_from: 4 * DAY,
        control_at: 4 * DAY,
    });
    cohort.regimen.modify = vec![Rule {
        label: "progression".into(),
        when: text("progressed"),
        drug: None,
        cycles: None,
        shows: Some(text("abs(x - 20)")),
        then: Action::Stop { at_dose: false },
    }];
    let plan = build(&cohort);
    let solution = solve(&plan, &[]);
    // Sums 10 before, then 6 (partial: 60 %), 0 (complete), 6 (progression from 0, though 60 % of 10), 14.
    let codes = [4, 10, 16, 24].map(|day| value(&plan, &solution, &format!("response_{day}")));
    assert_eq!(codes, [3.0, 4.0, 1.0, 1.0]);
    let stopped = solution.endings[0].stopped.unwrap();
    assert_eq!(stopped.tick, 16 * DAY);
    assert!((stopped.value - 6.0).abs() < 1e-6);
}

#[test]
fn a_hold_and_its_opposite() {
    let mut cohort = cohort("");
    grade(&mut cohort, table("low", [None; 2], &["x < 19.5"]), "x");
    // Held on day 7 (x = 17) until x is above 19.5, on day 10; the doses after it move along.
    cohort.regimen.modify = vec![Rule {
        label: "low".into(),
        when: text("grade(low) >= 1"),
        drug: None,
        cycles: Some([2, 4]),
        shows: Some(text("x")),
        then: Action::Hold { until: None, at_least: 0, at_most: 21 * DAY },
    }];
    let plan = build(&cohort);
    let solution = solve(&plan, &[]);
    let given: Vec<_> = solution.doses[..4].iter().filter_map(|dose| dose.given).collect();
    assert_eq!(given, [0, 10 * DAY, 17 * DAY, 24 * DAY]);
    let held = solution.doses[1].held.unwrap();
    assert_eq!((held.tick, plan.protocol.label(held.reason)), (7 * DAY, "low"));
    assert!((held.value - 17.0).abs() < 1e-6);
}
