//! Rules of dosing in the protocol.

use vpop::cohort::{Action, AmountOf, By, Cohort, Dose, Per, Rule};
use vpop::model::graph::TreatmentVariable;
use vpop::plan::{Amount, Arm, BeyondLimit, Plan, ReasonId};
use vpop::unit::Unit;

use super::helper::{DAY, Visit, at, build, cohort, complaints, graded, text, try_build};

fn rule(when: &str, then: Action) -> Rule {
    Rule { label: when.into(), when: text(when), drug: None, cycles: None, shows: None, then }
}

fn hold(until: Option<&str>) -> Action {
    Action::Hold { until: until.map(text), at_least: 0, at_most: 21 * DAY }
}

const STOP: Action = Action::Stop { at_dose: false };

fn change(by: By, limit: Option<Dose>, beyond_stops: bool) -> Action {
    Action::Change { by, limit: limit.map(at), beyond_stops }
}

fn dose(amount: f64) -> Dose {
    Dose { text: format!("{amount} mg"), amount, unit: Unit::parse("mg"), per: Per::Patient }
}

fn with(rules: impl IntoIterator<Item = Rule>) -> Cohort {
    let mut cohort = graded();
    cohort.regimen.modify = rules.into_iter().collect();
    cohort
}

/// The value that a stop with this condition shows at `x = 23`, day 13.
fn shown(when: &str) -> f64 {
    let plan = build(&with([rule(when, STOP)]));
    let visit = Visit::with(23.0).accumulated(2, 4.0);
    visit.observed(&plan, plan.protocol.stops[0].shows)
}

#[test]
fn what_is_shown_is_what_is_compared_first() {
    for (when, value) in [
        ("twice > 50", 46.0),
        ("50 < twice", 46.0),
        // In the order of the text, whatever became of the operands.
        ("twice > 50 & x > 3", 46.0),
        ("x > 3 & twice > 50", 23.0),
        ("!(twice < 50) | x > 3", 46.0),
        ("x > 2 * baseline(x)", 23.0),
        ("2 * baseline(x) < x", 23.0),
        ("grade(high) >= 1 & x > 3", 1.0),
        ("days(grade(high) >= 3) >= 5", 4.0),
        ("SEX == 1 & x > 3", 1.0),
        // Compares nothing.
        ("day", 13.0),
    ] {
        assert_eq!(shown(when), value, "{when}");
    }
    let mut other = rule("twice > 50", STOP);
    other.shows = Some(text("x / 2"));
    let plan = build(&with([other]));
    assert_eq!(Visit::with(23.0).observed(&plan, plan.protocol.stops[0].shows), 11.5);
}

#[test]
fn rules_keep_their_order_within_their_kind() {
    let reduce = |when| rule(when, change(By::Times(0.75), None, true));
    let plan = build(&with([
        reduce("x > 1"),
        rule("x > 2", hold(None)),
        rule("x > 3", Action::Stop { at_dose: true }),
        reduce("x > 4"),
        rule("x > 5", hold(None)),
        rule("x > 6", STOP),
    ]));
    let labels: Vec<&str> = (0..6).map(|reason| plan.protocol.label(ReasonId::new(reason))).collect();
    assert_eq!(labels, ["x > 3", "x > 6", "x > 2", "x > 5", "x > 1", "x > 4"]);
    let at_dose: Vec<bool> = plan.protocol.stops.iter().map(|stop| stop.at_dose).collect();
    assert_eq!(at_dose, [true, false]);
    assert!(plan.protocol.stops.iter().all(|stop| stop.treatment && !stop.leaves));
}

#[test]
fn a_hold_lasts_until_its_condition_no_longer_holds() {
    let mut in_cycles = rule("x > 20", hold(None));
    in_cycles.cycles = Some([2, 3]);
    let plan = build(&with([in_cycles, rule("x > 20", hold(Some("x <= 15 & grade(high) <= 1")))]));
    let [first, second] = plan.protocol.holds.as_slice() else { panic!("{:?}", plan.protocol) };
    assert_eq!((first.at_least, first.at_most), (0, 21 * DAY));
    let [first_until, second_until] = [first, second].map(|hold| hold.until.unwrap());
    let value = |x, cycle, of| Visit::with(x).course(TreatmentVariable::Cycle, cycle).observed(&plan, of);
    // The cycles say when it may begin, not when it ends.
    for (cycle, begins) in [(1.0, 0.0), (2.0, 1.0), (3.0, 1.0), (4.0, 0.0)] {
        assert_eq!(value(21.0, cycle, first.when), begins, "{cycle}");
        assert_eq!(value(21.0, cycle, first_until), 0.0);
        assert_eq!(value(20.0, cycle, first_until), 1.0);
        assert_eq!(value(21.0, cycle, second.when), 1.0);
    }
    assert_eq!(value(21.0, 2.0, first.shows), 21.0);
    assert_eq!([value(16.0, 1.0, second_until), value(15.0, 1.0, second_until)], [0.0, 1.0]);

    let always = build(&with([rule("x > 20", hold(Some("TRUE")))]));
    assert_eq!(Visit::with(50.0).observed(&always, always.protocol.holds[0].until.unwrap()), 1.0);
}

#[test]
fn a_hold_whose_condition_cannot_cease_needs_an_end() {
    for condition in [
        "lowest_since_dose(x) < 5",
        "x > 20 | highest(x) >= 30",
        "days(x > 20) >= 3 & cycle >= 2",
        "!(highest_since_dose(x) < 30)",
        "ever(x > 20)",
        "day >= 12",
    ] {
        let found = complaints(&with([rule(condition, hold(None))]));
        assert!(found[0].contains("it would never be given; say with `until`"), "{condition}: {found:?}");
        assert!(try_build(&with([rule(condition, hold(Some("x < 10")))])).is_ok());
    }
    for condition in ["x > 20", "x < lowest(x) + 1", "x > 20 & ever(x > 20)", "cycle >= 2", "TRUE"] {
        assert!(try_build(&with([rule(condition, hold(None))])).is_ok(), "{condition}");
    }
}

#[test]
fn a_delay_that_is_over_has_answered_what_it_remembers() {
    let delay = Action::Hold { until: None, at_least: DAY, at_most: 21 * DAY };
    let again = |condition: &str, x: f64| {
        let plan = build(&with([rule(condition, delay.clone())]));
        let hold = &plan.protocol.holds[0];
        assert_eq!(hold.until, None);
        Visit::with(x).observed(&plan, hold.again)
    };
    assert_eq!(again("x > 20", 21.0), 1.0);
    assert_eq!(again("lowest_since_dose(x) < 100", 21.0), 0.0);
    assert_eq!(again("!(lowest_since_dose(x) >= 100)", 21.0), 0.0);
    assert_eq!([19.0, 21.0].map(|x| again("x > 20 | ever(x > 15)", x)), [0.0, 1.0]);
    assert_eq!([19.0, 21.0].map(|x| again("!(x <= 20 & !ever(x > 15))", x)), [0.0, 1.0]);
    assert_eq!(again("x > 20 & ever(x > 15)", 21.0), 0.0);
}

#[test]
fn delays_are_bits_of_a_word() {
    let delay = || rule("x > 20", Action::Hold { until: None, at_least: DAY, at_most: 21 * DAY });
    let rules = |count| with((0..count).map(|_| delay()).collect::<Vec<_>>());
    assert!(try_build(&rules(32)).is_ok());
    assert!(complaints(&rules(33))[0].contains("there are 33 rules that delay a dose"));
}

fn step(plan: &Plan) -> &vpop::plan::DoseStep {
    &plan.protocol.changes[0].by
}

#[test]
fn doses_are_multiples_of_the_arm_s() {
    let changing = |by, limit, beyond_stops| build(&with([rule("x > 1", change(by, limit, beyond_stops))]));
    let reduce = changing(By::Times(0.75), Some(dose(1.0)), true);
    assert_eq!(step(&reduce).amount, Amount::Times(0.75));
    // The arms have 2 and 4 mg.
    assert_eq!((&step(&reduce).limit, step(&reduce).beyond), (&vec![0.5, 0.25], BeyondLimit::Stop));
    let without = changing(By::Times(0.75), None, false);
    assert_eq!((&step(&without).limit, step(&without).beyond), (&vec![0.0, 0.0], BeyondLimit::Stay));

    let unlimited = changing(By::Up, None, false);
    assert!(step(&unlimited).limit.iter().all(|&limit| limit >= 1e30));
    let micrograms = Dose { unit: Unit::parse("ug"), ..dose(8000.0) };
    let limited = changing(By::Up, Some(micrograms), false);
    assert_eq!(step(&limited).limit, [4.0, 2.0]);
}

#[test]
fn levels_of_the_regimen_and_arms_without_drug() {
    let mut cohort = with([rule("x > 1", change(By::Up, Some(dose(8.0)), false))]);
    cohort.regimen.levels = vec![[1.0, 2.0, 8.0].map(dose).map(at::<Dose>).to_vec()];
    let mut without = cohort.regimen.arms[0].clone();
    without.courses[0].amount.of = AmountOf::Dose(at(dose(0.0)));
    cohort.regimen.arms.push(without);
    let plan = build(&cohort);
    let levels = vec![vec![0.5, 1.0, 4.0], vec![0.25, 0.5, 2.0], vec![]];
    assert_eq!(step(&plan).amount, Amount::Up(levels));
    assert_eq!(step(&plan).limit[..2], [4.0, 2.0]);
    assert!(step(&plan).limit[2] >= 1e30);
}

#[test]
fn what_can_be_wrong() {
    let mut shows = rule("y > 3", STOP);
    shows.shows = Some(text("z"));
    let found = complaints(&with([shows, rule("v > 1", hold(Some("u")))])).join("\n");
    for name in ["y", "z", "v", "u"] {
        assert!(found.contains(&format!("`{name}` is not defined")), "{found}");
    }
}

/// In the unit of the first arm: 2 mg, and 4000 ug.
#[test]
fn planned_doses_are_those_of_loading_too() {
    let doses = |loading: &str| -> Vec<Vec<f64>> {
        let mut cohort = cohort(&format!("loading = {loading}\n"));
        for course in &mut cohort.regimen.arms[1].courses {
            if let AmountOf::Dose(dose) = &mut course.amount.of
                && dose.value.amount == 4.0
            {
                (dose.value.amount, dose.value.unit) = (4000.0, Unit::parse("ug"));
            }
        }
        let of_arm = |arm: &Arm| arm.doses.iter().map(|dose| dose.dose.round()).collect();
        build(&cohort).arms.iter().map(of_arm).collect()
    };
    assert_eq!(doses("{ factor = 2 }"), [[4.0, 2.0, 2.0, 2.0], [8.0, 4.0, 4.0, 4.0]]);
    assert_eq!(doses("{ doses = 2, dose = \"3 mg\" }"), [[3.0, 3.0, 2.0, 2.0], [3.0, 3.0, 4.0, 4.0]]);
}
