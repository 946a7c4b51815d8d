//! Dose-limiting toxicity, endings and emergent grades.

use super::*;
use vpop::plan::{AccumulatorId, DltEndpoints, EventEndpoint, ReasonId, TermEndpoints};

/// One arm; the day of each cause, and the day on which the patient left.
fn dlt(cases: &[([f64; 2], Option<Ticks>)]) -> Case {
    let mut case = Case::new(&[0.8], cases.len());
    case.plan.protocol = protocol();
    let cause = |case: &mut Case, name: &str, i: usize| {
        let days: Vec<f64> = cases.iter().map(|(days, _)| days[i]).collect();
        case.endpoint(&format!("dlt_{name}_day"), EndpointKind::FirstTime, &days)
    };
    let causes = vec![
        ("platelets".into(), cause(&mut case, "platelets", 0)),
        ("cornea".into(), cause(&mut case, "cornea", 1)),
    ];
    case.plan.treatment.dlt = Some(DltEndpoints { window: 21 * DAY, causes });
    for (item, (_, left)) in cases.iter().enumerate() {
        let left = left.map(|tick| Decision { reason: ReasonId::new(1), tick, value: 1.0 });
        case.solution.endings[item] = Endings { stopped: left, left };
    }
    case
}

#[test]
fn the_first_cause_gives_the_day() {
    let case = dlt(&[([9.0, NONE], None), ([14.0, 12.0], None), ([NONE, NONE], None), ([NONE, 21.0], None)]);
    let table = case.outcomes();
    assert_numbers(&numbers(&table, "dlt"), &[1.0, 1.0, 0.0, 1.0], "dlt");
    assert_numbers(&numbers(&table, "dlt_day"), &[9.0, 12.0, NONE, 21.0], "dlt_day");
    assert_numbers(&numbers(&table, "dlt_platelets"), &[1.0, 1.0, 0.0, 0.0], "dlt_platelets");
    assert_numbers(&numbers(&table, "dlt_cornea"), &[0.0, 1.0, 0.0, 1.0], "dlt_cornea");
}

/// The window ends on day 21, inclusive.
#[test]
fn who_is_evaluable() {
    let none = [NONE, NONE];
    let table = dlt(&[
        (none, None),
        (none, Some(20 * DAY)),
        (none, Some(21 * DAY - 1)),
        (none, Some(21 * DAY)),
        (none, Some(22 * DAY)),
        // A toxicity counts, however early the patient leaves afterwards.
        ([9.0, NONE], Some(9 * DAY)),
        ([9.0, NONE], Some(15 * DAY)),
    ])
    .outcomes();
    let expected = [1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    assert_numbers(&numbers(&table, "evaluable"), &expected, "evaluable");
}

#[test]
fn how_treatment_and_stay_ended() {
    let mut case = dlt(&[([NONE; 2], None); 6]);
    let ending = |stopped, left| Endings { stopped, left };
    case.solution.endings = vec![
        ending(None, None),
        ending(Some(decision(0, 9, 3.0)), None),
        ending(Some(decision(1, 14, 1.0)), Some(decision(1, 14, 1.0))),
        ending(Some(decision(2, 42, 61.0)), Some(decision(1, 50, 1.0))),
        ending(Some(decision(3, 21, 2.0)), None),
        ending(Some(decision(0, 9, 3.0)), None),
    ];
    case.fail(5);
    let table = case.outcomes();
    let days = [NONE, 9.0, 14.0, 42.0, 21.0, NONE];
    assert_numbers(&numbers(&table, "off_treatment_day"), &days, "off_treatment_day");
    let causes = [None, Some("dlt"), Some("new_lesion"), Some("platelets low"), Some("reduce"), None];
    assert_eq!(labels(&table, "off_treatment_cause"), causes);
    assert_numbers(&numbers(&table, "left_day"), &[NONE, NONE, 14.0, 50.0, NONE, NONE], "left_day");
    let left = [None, None, Some("new_lesion"), Some("new_lesion"), None, None];
    assert_eq!(labels(&table, "left_cause"), left);
    // An escalation never stops anyone, and a toxicity makes nobody leave.
    let levels = |name: &str| match &table.column(name).unwrap().values {
        Values::Label { labels, .. } => labels.to_vec(),
        other => panic!("{other:?}"),
    };
    assert_eq!(levels("off_treatment_cause"), ["dlt", "new_lesion", "platelets low", "reduce"]);
    assert_eq!(levels("left_cause"), ["new_lesion"]);
}

#[test]
fn nothing_is_known_after_a_failure() {
    let mut case = dlt(&[([9.0, NONE], None), ([9.0, NONE], None)]);
    case.fail(1);
    let table = case.outcomes();
    for name in ["dlt", "dlt_day", "dlt_platelets", "dlt_cornea", "evaluable", "doses_given", "relative_dose"]
    {
        assert!(numbers(&table, name)[1].is_nan(), "{name}");
        assert!(!numbers(&table, name)[0].is_nan() || name == "dlt_cornea", "{name}");
    }
    assert_eq!(table.column("dlt").unwrap().values, Values::Flag(vec![Some(true), None]));
}

/// In the second patient an expression was no probability or hazard.
#[test]
fn nothing_is_known_where_an_event_has_no_chance() {
    let mut case = dlt(&[([9.0, NONE], None), ([9.0, NONE], None), ([NONE, NONE], None)]);
    let day = case.endpoint("lesion_day", EndpointKind::FirstTime, &[12.0; 3]);
    let chance = Some(AccumulatorId::new(case.solution.accumulators.len()));
    case.solution.accumulators.push(vec![0.5, -1.0, 0.0]);
    case.plan.treatment.events =
        vec![EventEndpoint { name: "lesion".into(), day, progression: false, chance }];
    let table = case.outcomes();
    assert_eq!(labels(&table, "status"), [Some("ok"), Some("non_finite"), Some("ok")]);
    assert_numbers(&numbers(&table, "dlt"), &[1.0, NONE, 0.0], "dlt");
    assert_numbers(&numbers(&table, "lesion_day"), &[12.0, NONE, 12.0], "lesion_day");
    assert_eq!(rows::failed(&case.plan, &case.solution), 1);
}

#[test]
fn grades_that_were_not_there_before() {
    let mut case = Case::new(&[0.8], 4);
    let before = AccumulatorId::new(case.solution.accumulators.len());
    case.solution.accumulators.push(vec![0.0, 2.0, 1.0, 0.0]);
    let worst = case.endpoint("anaemia_grade", EndpointKind::Grade, &[0.0, 2.0, 3.0, 4.0]);
    let first = case.endpoint("anaemia_grade_c1", EndpointKind::Grade, &[0.0, 0.0, 1.0, 4.0]);
    let (name, title) = ("anaemia".into(), "Anaemia".into());
    let windows = vec![("c1".into(), first)];
    case.plan.treatment.terms = vec![TermEndpoints { name, title, worst, windows, before }];
    case.fail(3);
    let table = case.outcomes();
    let integers = |name: &str| match &table.column(name).unwrap().values {
        Values::Integer(values) => values.clone(),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(integers("anaemia_grade"), [Some(0), Some(2), Some(3), None]);
    assert_eq!(integers("anaemia_emergent_grade"), [Some(0), Some(0), Some(3), None]);
    assert_eq!(integers("anaemia_emergent_grade_c1"), [Some(0), Some(0), Some(0), None]);
}

#[test]
fn without_a_trial_there_is_nothing_of_it() {
    let mut case = Case::new(&[0.1, 0.2], 1);
    case.endpoint("cmax", EndpointKind::Number, &[1.0, 2.0]);
    let table = rows::outcomes(&case.plan, 5, 1, &case.solution, None);
    let names: Vec<&str> = table.columns.iter().map(|column| column.meta.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "patient",
            "arm",
            "dose",
            "cmax",
            "status",
            "not_finite",
            "not_finite_day",
            "solved_by",
            "steps",
            "rejected"
        ]
    );
    let summarised = rows::endpoints(&case.plan, false);
    assert_eq!(summarised.iter().map(|e| e.meta.name.as_str()).collect::<Vec<_>>(), ["cmax"]);
}
