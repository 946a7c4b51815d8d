//! The ledger of doses and what is made of it.

use super::*;
use vpop::outcome::doses::doses;

/// The ledger of a case whose amounts are in mg.
fn ledger(case: &Case, first: u64) -> Table {
    doses(&case.plan, first, &case.solution, &AMOUNTS)
}

/// One patient in an arm of 0.8 mg/kg, under the rules of [`protocol`].
fn treated(records: [DoseRecord; 3], stopped: Option<Decision>) -> Case {
    let mut case = Case::new(&[0.8], 1);
    case.plan.protocol = protocol();
    case.doses(0).copy_from_slice(&records);
    case.solution.endings[0].stopped = stopped;
    case
}

fn intensity(case: &Case) -> [f64; 3] {
    let table = case.outcomes();
    ["doses_given", "relative_dose", "relative_dose_intensity"].map(|name| numbers(&table, name)[0])
}

/// The second dose 14 days late and at 75 %; the third follows 21 days later.
fn delayed_and_reduced() -> [DoseRecord; 3] {
    let second = DoseRecord {
        held: Some(decision(2, 21, 61.5)),
        changed: Some(decision(3, 35, 48.0)),
        ..given(35, 0.75)
    };
    [given(0, 1.0), second, given(56, 0.75)]
}

const NOT_GIVEN: DoseRecord = DoseRecord {
    given: None,
    factor: 1.0,
    held: None,
    changed: None,
    skipped: None,
    asked: None,
    over: None,
    infused: None,
};

#[test]
fn dose_intensity_by_hand() {
    let as_planned = [given(0, 1.0), given(21, 1.0), given(42, 1.0)];
    assert_eq!(intensity(&treated(as_planned, None)), [3.0, 1.0, 1.0]);

    // 2.5 of 3 doses; in 56 + 21 days instead of 42 + 21.
    let expected = [3.0, 2.5 / 3.0, 2.5 / 3.0 * 63.0 / 77.0];
    assert_numbers(&intensity(&treated(delayed_and_reduced(), None)), &expected, "delayed and reduced");

    // Two of three doses, the second 7 days late: 28 + 21 days instead of 21 + 21.
    let stopped = Some(decision(0, 30, 4.0));
    let case = treated([given(0, 1.0), given(28, 1.0), NOT_GIVEN], stopped);
    assert_numbers(&intensity(&case), &[2.0, 2.0 / 3.0, 42.0 / 49.0], "stopped after two");

    // A single dose at half: no time to lose.
    let case = treated([given(0, 0.5), NOT_GIVEN, NOT_GIVEN], stopped);
    assert_numbers(&intensity(&case), &[1.0, 0.5 / 3.0, 0.5], "one dose");

    let case = treated([NOT_GIVEN; 3], Some(decision(1, 0, 1.0)));
    assert_numbers(&intensity(&case), &[0.0, 0.0, NONE], "no dose");
}

/// A loading dose of twice the arm's 0.8 mg/kg.
fn loaded(records: [DoseRecord; 3], stopped: Option<Decision>) -> Case {
    let mut case = treated(records, stopped);
    case.plan.arms[0].doses[0].dose = 1.6;
    case
}

#[test]
fn a_loading_dose_counts_as_it_is() {
    let as_planned = [given(0, 1.0), given(21, 1.0), given(42, 1.0)];
    assert_eq!(intensity(&loaded(as_planned, None)), [3.0, 1.0, 1.0]);
    // The loading dose alone: 1.6 of 3.2.
    let stopped = Some(decision(0, 9, 4.0));
    let case = loaded([given(0, 1.0), NOT_GIVEN, NOT_GIVEN], stopped);
    assert_numbers(&intensity(&case), &[1.0, 0.5, 1.0], "the loading dose alone");
    // Half of the second: 1.6 + 0.4 of 3.2, and of 2.4 so far.
    let case = loaded([given(0, 1.0), given(21, 0.5), NOT_GIVEN], Some(decision(0, 30, 4.0)));
    assert_numbers(&intensity(&case), &[2.0, 2.0 / 3.2, 2.0 / 2.4], "a reduced dose after it");

    let table = ledger(&case, 0);
    assert_numbers(&numbers(&table, "planned_dose"), &[1.6, 0.8, 0.8], "planned_dose");
    assert_numbers(&numbers(&table, "dose"), &[1.6, 0.4, 0.0], "dose");
    assert_numbers(&numbers(&table, "amount"), &[1.0, 0.5, 0.0], "amount");
    assert_numbers(&numbers(&table, "relative_dose"), &[1.0, 0.5, 0.0], "relative_dose");
}

/// After one planned dose comes the end of the run, day 84.
#[test]
fn intensity_of_a_single_planned_dose() {
    let mut case = Case::new(&[0.8], 1);
    case.plan.arms[0].doses.truncate(1);
    case.solution.doses = vec![given(7, 0.5)];
    assert_numbers(&intensity(&case), &[1.0, 0.5, 0.5], "late, but for as long");
}

#[test]
fn an_arm_without_drug_has_no_relative_dose() {
    let mut case = Case::new(&[0.0], 1);
    case.plan.protocol = protocol();
    assert_numbers(&intensity(&case), &[3.0, NONE, NONE], "0 mg/kg");
}

#[test]
fn a_delayed_and_reduced_dose_in_the_ledger() {
    let table = ledger(&treated(delayed_and_reduced(), None), 7);
    assert_numbers(&numbers(&table, "patient"), &[7.0; 3], "patient");
    assert_eq!(labels(&table, "arm"), [Some("0.8 mg/kg"); 3]);
    assert_numbers(&numbers(&table, "dose_number"), &[1.0, 2.0, 3.0], "dose_number");
    assert_numbers(&numbers(&table, "planned_time"), &[0.0, 21.0, 42.0], "planned_time");
    assert_numbers(&numbers(&table, "time"), &[0.0, 35.0, 56.0], "time");
    assert_numbers(&numbers(&table, "planned_dose"), &[0.8; 3], "planned_dose");
    assert_numbers(&numbers(&table, "dose"), &[0.8, 0.6, 0.6], "dose");
    assert_numbers(&numbers(&table, "planned_amount"), &[1.0; 3], "planned_amount");
    assert_numbers(&numbers(&table, "amount"), &[1.0, 0.75, 0.75], "amount");
    assert_numbers(&numbers(&table, "relative_dose"), &[1.0, 0.75, 0.75], "relative_dose");
    // The third is given as the second left things.
    assert_eq!(labels(&table, "action"), [Some("given"), Some("delayed and reduced"), Some("given")]);
    assert_eq!(labels(&table, "held_by"), [None, Some("platelets low"), None]);
    assert_numbers(&numbers(&table, "held_value"), &[NONE, 61.5, NONE], "held_value");
    assert_eq!(labels(&table, "changed_by"), [None, Some("reduce"), None]);
    assert_numbers(&numbers(&table, "changed_value"), &[NONE, 48.0, NONE], "changed_value");
    assert_eq!(labels(&table, "stopped_by"), [None; 3]);
    assert_eq!(
        ["dose", "amount"].map(|name| table.column(name).unwrap().meta.unit.as_str()),
        ["mg/kg", "mg"]
    );
}

/// Actions of the doses that came up.
fn actions(records: [DoseRecord; 3], stopped: Option<Decision>) -> Vec<String> {
    let case = treated(records, stopped);
    let table = ledger(&case, 0);
    labels(&table, "action").into_iter().map(|action| action.unwrap().to_owned()).collect()
}

#[test]
fn what_becomes_of_doses() {
    let held = |record| DoseRecord { held: Some(decision(2, 21, 61.5)), ..record };
    let changed = |reason, record| DoseRecord { changed: Some(decision(reason, 21, 1.0)), ..record };
    let first = given(0, 1.0);
    let last = given(42, 1.0);
    assert_eq!(actions([first, held(given(28, 1.0)), given(49, 1.0)], None), ["given", "delayed", "given"]);
    assert_eq!(actions([first, changed(3, given(21, 0.75)), last], None)[1], "reduced");
    assert_eq!(
        actions([first, changed(4, given(21, 1.25)), given(42, 1.25)], None)[1..],
        ["escalated", "given"]
    );
    assert_eq!(actions([first, held(changed(4, given(28, 1.25))), last], None)[1], "delayed and escalated");
    // Treatment ended: the next dose is the last that came up, whatever it waited for.
    let stopped = Some(decision(2, 42, 61.0));
    assert_eq!(actions([first, held(NOT_GIVEN), NOT_GIVEN], stopped), ["given", "stopped"]);
    assert_eq!(actions([NOT_GIVEN; 3], Some(decision(1, 0, 1.0))), ["stopped"]);
    // Treatment ended after the last dose.
    assert_eq!(actions([first, given(21, 1.0), last], Some(decision(0, 60, 4.0))), ["given"; 3]);
    // It waits at the end of the run, or was put off beyond it.
    assert_eq!(actions([first, given(21, 1.0), held(NOT_GIVEN)], None), ["given", "given", "held"]);
    assert_eq!(actions([first, held(given(70, 1.0)), NOT_GIVEN], None), ["given", "delayed"]);
    // Nor does one that would have been due on day 91, though treatment ended before.
    assert_eq!(actions([first, held(given(70, 1.0)), NOT_GIVEN], stopped), ["given", "delayed"]);
    assert_eq!(actions([first, held(given(56, 1.0)), NOT_GIVEN], stopped), ["given", "delayed", "stopped"]);
}

#[test]
fn a_stopped_dose_says_why() {
    let case = treated([given(0, 1.0), NOT_GIVEN, NOT_GIVEN], Some(decision(0, 9, 4.0)));
    let table = ledger(&case, 0);
    assert_numbers(&numbers(&table, "time"), &[0.0, NONE], "time");
    assert_numbers(&numbers(&table, "dose"), &[0.8, 0.0], "dose");
    assert_numbers(&numbers(&table, "relative_dose"), &[1.0, 0.0], "relative_dose");
    assert_eq!(labels(&table, "stopped_by"), [None, Some("dlt")]);
    assert_numbers(&numbers(&table, "stopped_value"), &[NONE, 4.0], "stopped_value");
}

#[test]
fn of_a_failed_patient_no_dose_is_known() {
    let mut case = Case::new(&[0.1, 0.8], 2);
    case.fail(1);
    case.fail(2);
    let table = ledger(&case, 10);
    assert_numbers(&numbers(&table, "patient"), &[10.0, 10.0, 10.0, 11.0, 11.0, 11.0], "patient");
    let arms = [Some("0.1 mg/kg"); 3].into_iter().chain([Some("0.8 mg/kg"); 3]);
    assert_eq!(labels(&table, "arm"), arms.collect::<Vec<_>>());
    // Without rules there is nothing that could have decided.
    assert_eq!(labels(&table, "held_by"), [None; 6]);
}
