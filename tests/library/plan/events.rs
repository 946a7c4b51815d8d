//! Dose-limiting toxicity and events.

use vpop::cohort::{Chance, Cohort, Consequence, Dlt, ReadOn, Response};
use vpop::engine::cpu::Isa;
use vpop::engine::program::Program;
use vpop::job::Job;
use vpop::model::graph::Stage;
use vpop::plan::{AccumulatorKind, EndpointKind, Stop};
use vpop::population::Sampler;
use vpop::population::stream::Stream;

use super::helper::{
    DAY, Visit, accumulator, build, cohort, complaints, endpoint, event, graded, hazard, kept, position,
    text, toy,
};

fn with_dlt(causes: &[(&str, &[&str])]) -> Cohort {
    let mut cohort = graded();
    let cause = |&(name, conditions): &(&str, &[&str])| {
        (text(name), conditions.iter().map(|condition| text(condition)).collect())
    };
    let causes = causes.iter().map(cause).collect();
    cohort.dlt = Some(Dlt { window: 21 * DAY, stops_treatment: true, causes });
    cohort
}

fn once(probability: &str, onset: &str) -> Chance {
    Chance::Once { probability: text(probability), onset: text(onset) }
}

#[test]
fn each_cause_has_its_first_day() {
    let plan = build(&with_dlt(&[
        ("high", &["grade(high) >= 3", "days(grade(high) >= 2) >= 5"]),
        ("speed", &["SLOPE > 2 & day > 3"]),
    ]));
    let dlt = plan.treatment.dlt.as_ref().unwrap();
    assert_eq!(dlt.window, 21 * DAY);
    let columns: Vec<(&str, &str)> =
        dlt.causes.iter().map(|(name, i)| (name.as_str(), plan.endpoints[*i].name.as_str())).collect();
    assert_eq!(columns, [("high", "dlt_high_day"), ("speed", "dlt_speed_day")]);
    let first = accumulator(&plan, "dlt_high_day");
    assert_eq!(
        (first.kind, first.window, first.on),
        (AccumulatorKind::FirstTrue, [0, 21 * DAY], ReadOn::Visits)
    );
    assert_eq!(endpoint(&plan, "dlt_high_day").kind, EndpointKind::FirstTime);

    let days = plan.accumulators.iter().position(|a| a.kind == AccumulatorKind::TimeTrue).unwrap();
    let high = |x, held| kept(&plan, "dlt_high_day", &Visit::with(x).accumulated(days, held));
    assert_eq!([high(35.0, 4.9), high(35.0, 5.0), high(40.0, 0.0), high(41.0, 0.0)], [0.0, 1.0, 0.0, 1.0]);
}

#[test]
fn a_dose_limiting_toxicity_ends_treatment_if_it_should() {
    let mut cohort = with_dlt(&[("a", &["grade(high) >= 3"]), ("b", &["x > 100"])]);
    let plan = build(&cohort);
    let [stop] = plan.protocol.stops.as_slice() else { panic!("{:?}", plan.protocol) };
    assert_eq!(stop.label, "dlt");
    assert!(stop.treatment && !stop.leaves && !stop.at_dose && plan.protocol.is_adaptive());
    let visit = |a, b| {
        let visit = Visit::with(15.0).accumulated(position(&plan, "dlt_a_day"), a);
        visit.accumulated(position(&plan, "dlt_b_day"), b)
    };
    for (a, b, holds) in [(1e30, 1e30, 0.0), (3.0, 1e30, 1.0), (1e30, 0.0, 1.0)] {
        assert_eq!(visit(a, b).observed(&plan, stop.when), holds);
    }
    assert_eq!(visit(3.0, 1e30).observed(&plan, stop.shows), 5.0);

    cohort.dlt.as_mut().unwrap().stops_treatment = false;
    assert_eq!(build(&cohort).protocol.stops, []);
}

#[test]
fn a_hazard_is_compared_with_a_draw() {
    let mut cohort = cohort("");
    cohort.events = vec![
        event("stroke", hazard("0.2 * day"), Consequence::Stop, false),
        event("new_lesion", hazard("0.1 * day"), Consequence::Leave, true),
    ];
    let plan = build(&cohort);
    assert_eq!(plan.draws, ["stroke", "new_lesion"]);
    assert_eq!(plan.covariates, ["SLOPE", "X0", "SEX", "draw of stroke", "draw of new_lesion"]);
    // By hand: -log(0.25) = 1.386, which 0.2 a day reaches on day 7, and 0.1 a day on day 14.
    let stroke = |day: f64| kept(&plan, "stroke_day", &Visit::with(10.0 + day));
    let lesion = |day: f64| kept(&plan, "new_lesion_day", &Visit::with(10.0 + day));
    assert_eq!([stroke(0.0), stroke(6.9), stroke(7.0)], [0.0, 0.0, 1.0]);
    assert_eq!([lesion(13.8), lesion(13.9)], [0.0, 1.0]);
    let mut late = Visit::with(10.0 + 13.9);
    late.covariates[4] = 0.2;
    assert_eq!(kept(&plan, "new_lesion_day", &late), 0.0);
    assert_eq!(kept(&plan, "stroke_day", &late), 1.0);
    // The logarithm of the draw is taken once per patient.
    let log = |slot: f64| (slot - 4.0_f64.ln()).abs() < 1e-12;
    let visit = Visit::with(10.0);
    let slots = plan.slots.iter().filter(|&&slot| plan.graph.stage(slot) == Stage::Patient);
    assert!(slots.into_iter().any(|&slot| log(visit.value(&plan, slot))));

    let labels: Vec<&str> = plan.protocol.stops.iter().map(|stop| stop.label.as_str()).collect();
    assert_eq!(labels, ["stroke", "new_lesion"]);
    let leaves: Vec<bool> = plan.protocol.stops.iter().map(|stop| stop.leaves).collect();
    assert_eq!(leaves, [false, true]);
    assert!(plan.protocol.stops.iter().all(|stop| stop.treatment));
    let progression: Vec<bool> = plan.treatment.events.iter().map(|event| event.progression).collect();
    assert_eq!(progression, [false, true]);
    assert_eq!(plan.endpoints[plan.treatment.events[1].day].name, "new_lesion_day");
    // Nothing more happens to those who have left.
    assert!(accumulator(&plan, "stroke_day").on_study);
}

#[test]
fn the_draw_belongs_to_patient_and_event() {
    let mut cohort = cohort("");
    cohort.events = vec![
        event("stroke", hazard("day"), Consequence::Stop, false),
        event("lesion", hazard("0.1 * day"), Consequence::Leave, true),
    ];
    let sampler = Sampler::new(&cohort, &toy()).unwrap();
    let plan = vpop::plan::build(&cohort, &toy(), &sampler.names(), None).unwrap();
    let job = Job {
        cohort,
        model: toy(),
        sampler,
        program: Program::new(&plan),
        plan,
        reason: vpop::engine::pilot::Reason::Asked,
        notices: Vec::new(),
    };
    let (_, individuals) = job.individuals(4..7, Isa::detect()).unwrap();
    for event in ["stroke", "lesion"] {
        let stream = Stream::new(job.cohort.seed, &format!("event:{event}"));
        let expected: Vec<f64> = (4..7).map(|patient| -stream.patient(patient).uniform().ln()).collect();
        let is_close = |slot: &Vec<f64>| slot.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12);
        assert_eq!(individuals.slots.iter().filter(|slot| is_close(slot)).count(), 1, "{event}");
    }
}

#[test]
fn what_is_decided_once_happens_at_the_first_onset() {
    let mut cohort = graded();
    cohort.events =
        vec![event("withdrawal", once("0.2 + 0.1 * SEX", "grade(high) >= 2"), Consequence::Nothing, false)];
    let plan = build(&cohort);
    assert_eq!(plan.protocol.stops, []);
    let happens = |x, draw, sex| {
        let mut visit = Visit::with(x);
        (visit.covariates[3], visit.covariates[2]) = (draw, sex);
        kept(&plan, "withdrawal_day", &visit)
    };
    assert_eq!(happens(31.0, 0.25, 1.0), 1.0);
    assert_eq!(happens(30.0, 0.25, 1.0), 0.0);
    assert_eq!(happens(31.0, 0.25, 0.0), 0.0);
    assert_eq!(happens(31.0, 0.31, 1.0), 0.0);
}

/// What is no probability, or no cumulative hazard, is -1.
#[test]
fn chances_that_are_none_are_seen() {
    let mut cohort = cohort("");
    cohort.events = vec![
        event("early", once("0.2 * SLOPE", "TRUE"), Consequence::Nothing, false),
        event("late", hazard("0.1 * (day - 5)"), Consequence::Nothing, false),
        event("fixed", once("0.3", "TRUE"), Consequence::Nothing, false),
    ];
    let plan = build(&cohort);
    let [early, late, fixed] = plan.treatment.events.as_slice() else { panic!("{:?}", plan.treatment) };
    assert_eq!(fixed.chance, None);
    let [early, late] = [early, late].map(|event| &plan.accumulators[event.chance.unwrap().index()]);
    assert_eq!((early.kind, early.window), (AccumulatorKind::At, [0, 0]));
    assert_eq!((late.kind, late.on), (AccumulatorKind::Min, ReadOn::Visits));
    let with_slope = |slope| {
        let mut visit = Visit::with(10.0);
        visit.covariates[0] = slope;
        visit.observed(&plan, early.of)
    };
    assert_eq!([5.0, 0.0, 5.1, -1.0, f64::NAN].map(with_slope), [1.0, 0.0, -1.0, -1.0, -1.0]);
    let on_day = |day: f64| Visit::with(10.0 + day).observed(&plan, late.of);
    assert_eq!([7.0, 5.0, 4.0].map(on_day), [0.2, 0.0, -1.0]);
}

#[test]
fn chances_that_are_numbers_are_checked() {
    let told = |chance| {
        let mut cohort = graded();
        cohort.events = vec![event("gone", chance, Consequence::Stop, false)];
        complaints(&cohort).join("\n")
    };
    let probability = "; a probability lies between 0 and 1";
    assert_eq!(told(once("3 / 2", "x > 1")), format!("`3 / 2` is 1.5: no probability{probability}"));
    assert_eq!(told(once("-0.1", "x > 1")), format!("`-0.1` is -0.1: no probability{probability}"));
    let hazards = "; a cumulative hazard is a number, and 0 or more";
    assert_eq!(told(hazard("-1")), format!("`-1` is -1: no cumulative hazard{hazards}"));
    assert_eq!(
        told(hazard("log(-1) * day")),
        format!("`log(-1) * day` is NaN: no cumulative hazard{hazards}")
    );
}

/// In conditions the name would mean the model's.
#[test]
fn events_have_names_of_their_own() {
    for name in ["x", "Cc", "SEX"] {
        let mut cohort = graded();
        cohort.events = vec![event(name, hazard("day"), Consequence::Stop, false)];
        let expected =
            format!("`{name}` is a name of the model or a covariate, which it would mean in conditions");
        assert_eq!(complaints(&cohort), [format!("{expected}; choose another name")]);
    }
}

#[test]
fn the_order_of_stops() {
    let mut cohort = with_dlt(&[("a", &["grade(high) >= 3"])]);
    cohort.events = vec![
        event("first", hazard("0"), Consequence::Stop, false),
        event("second", hazard("0"), Consequence::Leave, true),
        event("third", hazard("0"), Consequence::Nothing, true),
        event("fourth", hazard("0"), Consequence::Stop, false),
    ];
    let labels = |stops: &[Stop]| stops.iter().map(|stop| stop.label.clone()).collect::<Vec<_>>();
    let plan = build(&cohort);
    assert_eq!(labels(&plan.protocol.stops), ["dlt", "first", "second", "fourth"]);
    assert_eq!(plan.draws, ["first", "second", "third", "fourth"]);
    let columns: Vec<&str> = plan.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
    let expected = ["dlt_a_day", "first_day", "second_day", "third_day", "fourth_day"];
    assert_eq!(columns[2..], expected);
}

#[test]
fn progression_by_scan_or_by_an_event() {
    let mut cohort = cohort("");
    cohort.response = Some(Response {
        unit: None,
        of: text("x"),
        scans: vec![14 * DAY],
        complete_below: 1.0,
        partial: 0.3,
        progression: 0.2,
        progression_at_least: 5.0,
        confirmation: None,
        stable_from: 14 * DAY,
        control_at: 14 * DAY,
    });
    cohort.events = vec![
        // It may depend on progression, though it stands before the event that is one.
        event("gives_up", once("1", "progressed"), Consequence::Leave, false),
        event("lesion", hazard("0.1 * day"), Consequence::Nothing, true),
    ];
    let plan = build(&cohort);
    let scan =
        plan.accumulators.iter().position(|a| a.kind == AccumulatorKind::FirstTrue && a.on == ReadOn::Scans);
    let lesion = position(&plan, "lesion_day");
    for (by_scan, by_event, progressed) in [(1e30, 1e30, 0.0), (14.0, 1e30, 1.0), (1e30, 3.0, 1.0)] {
        let visit = Visit::with(20.0).accumulated(scan.unwrap(), by_scan).accumulated(lesion, by_event);
        assert_eq!(kept(&plan, "gives_up_day", &visit), progressed);
    }
}

#[test]
fn what_can_be_wrong() {
    let dlt_on_dlt = complaints(&with_dlt(&[("a", &["dlt"])]));
    assert!(
        dlt_on_dlt[0].starts_with("`dlt`: grades and dose-limiting toxicities come first"),
        "{dlt_on_dlt:?}"
    );

    let with_event = |chance, progression| {
        let mut cohort = graded();
        cohort.events = vec![event("gone", chance, Consequence::Stop, progression)];
        complaints(&cohort).join("\n")
    };
    assert!(with_event(hazard("progressed"), true).contains("`progressed`: what decides about progression"));
    assert!(with_event(hazard("gone"), false).contains("`gone`: events come after"));
    let changing = with_event(once("x / 100", "x > 3"), false);
    assert!(
        changing.contains("the probability of `gone` changes while the patient is treated"),
        "{changing}"
    );
    let both = with_event(once("p", "q"), false);
    assert!(both.contains("`p` is not defined") && both.contains("`q` is not defined"));
}
