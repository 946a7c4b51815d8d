//! Response over the run.

use super::*;
use vpop::plan::{EventEndpoint, ResponseEndpoints};

/// Codes at scans.
const NE: f64 = 0.0;
const PD: f64 = 1.0;
const SD: f64 = 2.0;
const PR: f64 = 3.0;
const CR: f64 = 4.0;

/// A patient: response at days 21, 42, 63 and 84; day of a new lesion; day on which the patient left.
type Patient = ([f64; 4], f64, Option<Ticks>);
/// Best response, its day, disease control, day and cause of progression.
type Expected = (&'static str, f64, bool, f64, Option<&'static str>);

fn outcomes(confirmation: Option<Ticks>, patients: &[Patient]) -> Table {
    let mut case = Case::new(&[0.8], patients.len());
    case.plan.protocol = protocol();
    let scans = [21, 42, 63, 84].iter().enumerate().map(|(i, &day)| {
        let codes: Vec<f64> = patients.iter().map(|patient| patient.0[i]).collect();
        (day * DAY, case.endpoint(&format!("response_{day}"), EndpointKind::Response, &codes))
    });
    let scans: Vec<_> = scans.collect();
    let lesions: Vec<f64> = patients.iter().map(|patient| patient.1).collect();
    let day = case.endpoint("new_lesion_day", EndpointKind::FirstTime, &lesions);
    let withdrawn = case.endpoint("withdrawal_day", EndpointKind::FirstTime, &vec![1.0; patients.len()]);
    let event =
        |name: &str, day, progression| EventEndpoint { name: name.into(), day, progression, chance: None };
    case.plan.treatment.events = vec![event("withdrawal", withdrawn, false), event("new_lesion", day, true)];
    case.plan.treatment.response = Some(ResponseEndpoints {
        scans,
        confirmation: confirmation.map(|days| days * DAY),
        stable_from: 42 * DAY,
        control_at: 42 * DAY,
    });
    for (item, patient) in patients.iter().enumerate() {
        case.solution.endings[item].left = patient.2.map(|day| decision(1, day, 1.0));
    }
    case.outcomes()
}

fn check(confirmation: Option<Ticks>, cases: &[(Patient, Expected)]) {
    let patients: Vec<Patient> = cases.iter().map(|case| case.0).collect();
    let table = outcomes(confirmation, &patients);
    let best = labels(&table, "best_response");
    let best_day = numbers(&table, "best_response_day");
    let [response, control] = ["response", "disease_control"].map(|name| numbers(&table, name));
    let progression = numbers(&table, "progression_day");
    let cause = labels(&table, "progression_cause");
    for (item, (patient, expected)) in cases.iter().enumerate() {
        let what = format!("{patient:?}");
        assert_eq!(best[item], Some(expected.0), "best response of {what}");
        assert_numbers(&best_day[item..=item], &[expected.1], &format!("day of the best response of {what}"));
        assert_eq!(response[item] == 1.0, matches!(expected.0, "CR" | "PR"), "response of {what}");
        assert_eq!(control[item] == 1.0, expected.2, "disease control of {what}");
        assert_numbers(&progression[item..=item], &[expected.3], &format!("progression of {what}"));
        assert_eq!(cause[item], expected.4, "cause of {what}");
    }
}

#[test]
fn without_confirmation_the_best_scan_counts() {
    check(
        None,
        &[
            (([SD, PR, CR, SD], NONE, None), ("CR", 63.0, true, NONE, None)),
            (([PR, SD, PR, PD], NONE, None), ("PR", 21.0, true, 84.0, Some("size"))),
            (([SD, SD, SD, SD], NONE, None), ("SD", 42.0, true, NONE, None)),
            // Responses after progression do not count.
            (([SD, PD, CR, CR], NONE, None), ("PD", 42.0, false, 42.0, Some("size"))),
            // Stable disease before day 42 alone is none.
            (([SD, NE, PD, SD], NONE, None), ("PD", 63.0, false, 63.0, Some("size"))),
            (([SD, NE, NE, NE], NONE, None), ("NE", NONE, false, NONE, None)),
            (([SD, NE, SD, NE], NONE, None), ("SD", 63.0, false, NONE, None)),
        ],
    );
}

#[test]
fn a_new_lesion_is_progression_whenever_it_comes() {
    check(
        None,
        &[
            // Before the first scan, at which nothing is seen any more.
            (([PR, PR, PR, PR], 14.0, Some(14)), ("PD", 14.0, false, 14.0, Some("new_lesion"))),
            // At the visit of a scan it outweighs the scan.
            (([SD, PR, SD, SD], 42.0, Some(42)), ("PD", 42.0, false, 42.0, Some("new_lesion"))),
            (([PR, SD, SD, SD], 42.0, Some(42)), ("PR", 21.0, false, 42.0, Some("new_lesion"))),
            (([SD, SD, SD, SD], 50.0, Some(50)), ("SD", 42.0, true, 50.0, Some("new_lesion"))),
            // What is seen on a scan of the same day comes first.
            (([SD, SD, PD, SD], 63.0, Some(63)), ("SD", 42.0, true, 63.0, Some("size"))),
            // As an engine in f32 writes day 14 less a rounding error, or more.
            (([SD; 4], 13.999_999, Some(14)), ("PD", 14.0, false, 14.0, Some("new_lesion"))),
            (([SD; 4], 14.000_001, Some(14)), ("PD", 14.0, false, 14.0, Some("new_lesion"))),
        ],
    );
}

#[test]
fn who_left_is_not_scanned_any_more() {
    check(
        None,
        &[
            (([PR, PR, PR, PR], NONE, Some(20)), ("NE", NONE, false, NONE, None)),
            (([SD, PR, PR, PR], NONE, Some(41)), ("NE", NONE, false, NONE, None)),
            // The scan of the last visit counts.
            (([SD, PR, PD, PD], NONE, Some(42)), ("PR", 42.0, true, NONE, None)),
            // Lesions that come afterwards are not known.
            (([SD, SD, NE, NE], 60.0, Some(50)), ("SD", 42.0, true, NONE, None)),
        ],
    );
}

#[test]
fn responses_that_must_be_confirmed() {
    check(
        Some(28),
        &[
            // 21 days later is too early, 42 is enough.
            (([SD, PR, PR, SD], NONE, None), ("SD", 42.0, true, NONE, None)),
            (([SD, PR, SD, PR], NONE, None), ("PR", 42.0, true, NONE, None)),
            (([SD, CR, SD, CR], NONE, None), ("CR", 42.0, true, NONE, None)),
            // Complete, later partial: a partial response that was confirmed.
            (([SD, CR, CR, PR], NONE, None), ("PR", 42.0, true, NONE, None)),
            // Partial, later complete: confirmed as partial.
            (([PR, PR, CR, CR], NONE, None), ("PR", 21.0, true, NONE, None)),
            // Not confirmed, and too early to be stable disease.
            (([PR, PD, SD, SD], NONE, None), ("PD", 42.0, false, 42.0, Some("size"))),
            (([PR, NE, NE, NE], NONE, None), ("NE", NONE, false, NONE, None)),
            // What would confirm comes after progression, or after the patient left.
            (([SD, PR, PD, PR], NONE, None), ("SD", 42.0, true, 63.0, Some("size"))),
            (([SD, PR, SD, PR], NONE, Some(83)), ("SD", 42.0, true, NONE, None)),
        ],
    );
    check(Some(21), &[(([SD, PR, PR, SD], NONE, None), ("PR", 42.0, true, NONE, None))]);
}

#[test]
fn responses_at_scans_are_labels() {
    let table = outcomes(None, &[([NE, PD, SD, PR], NONE, None), ([CR; 4], NONE, None)]);
    let found: Vec<_> =
        [21, 42, 63, 84].iter().map(|day| labels(&table, &format!("response_{day}"))[0].unwrap()).collect();
    assert_eq!(found, ["NE", "PD", "SD", "PR"]);
    assert_eq!(labels(&table, "response_84")[1], Some("CR"));
}
