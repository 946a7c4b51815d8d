//! Response of the tumour at scans.

use vpop::cohort::{Cohort, Consequence, ReadOn, Response};
use vpop::plan::{AccumulatorKind, EndpointKind, ObservationTime};

use super::helper::{
    DAY, Visit, accumulator, build, cohort, complaints, endpoint, event, hazard, kept, text,
};

const PROGRESSIVE: f64 = 1.0;
const STABLE: f64 = 2.0;
const PARTIAL: f64 = 3.0;
const COMPLETE: f64 = 4.0;

/// Visits every week, and scans of `x` on days 6, which is no visit, and 14.
fn scanned(of: &str) -> Cohort {
    let mut cohort = cohort("[visits]\nevery = \"7 day\"\n");
    cohort.response = Some(Response {
        unit: None,
        of: text(of),
        scans: vec![6 * DAY, 14 * DAY],
        complete_below: 1.0,
        partial: 0.3,
        progression: 0.2,
        progression_at_least: 5.0,
        confirmation: Some(28 * DAY),
        stable_from: 6 * DAY,
        control_at: 7 * DAY,
    });
    cohort
}

#[test]
fn codes_by_baseline_and_smallest_sum() {
    let plan = build(&scanned("x"));
    let smallest = plan.accumulators.iter().position(|a| a.kind == AccumulatorKind::Min).unwrap();
    // Baseline, smallest sum at scans so far (this one included), sum, code: RECIST 1.1 by hand.
    for (baseline, nadir, sum, code) in [
        (80.0, 80.0, 80.0, STABLE),
        (80.0, 56.0, 56.0, PARTIAL),
        (80.0, 56.1, 56.1, STABLE),
        (80.0, 1.0, 1.0, PARTIAL),
        (80.0, 0.9, 0.9, COMPLETE),
        // 20 % above the baseline, which is the smallest.
        (80.0, 96.0, 96.0, PROGRESSIVE),
        (80.0, 95.9, 95.9, STABLE),
        // 20 % above the smallest, but less than 5 mm.
        (20.0, 20.0, 24.0, STABLE),
        (20.0, 20.0, 25.0, PROGRESSIVE),
        // 20 % and 5 mm above the smallest comes before 30 % below the baseline.
        (80.0, 40.0, 48.0, PROGRESSIVE),
        (80.0, 40.0, 47.9, PARTIAL),
        // A sum that is as good as gone is a complete response.
        (80.0, 0.0, 0.5, COMPLETE),
    ] {
        let mut visit = Visit::with(sum).accumulated(smallest, nadir);
        visit.covariates[1] = baseline;
        assert_eq!(kept(&plan, "response_14", &visit), code, "{sum} after {baseline} and {nadir}");
    }
}

#[test]
fn each_scan_is_a_column_and_a_grid_point() {
    let plan = build(&scanned("x"));
    let response = plan.treatment.response.as_ref().unwrap();
    let columns: Vec<(u32, &str)> =
        response.scans.iter().map(|&(tick, i)| (tick, plan.endpoints[i].name.as_str())).collect();
    assert_eq!(columns, [(6 * DAY, "response_6"), (14 * DAY, "response_14")]);
    assert_eq!((response.confirmation, response.control_at), (Some(28 * DAY), 7 * DAY));
    let at = accumulator(&plan, "response_14");
    assert_eq!((at.kind, at.window, at.on), (AccumulatorKind::At, [14 * DAY; 2], ReadOn::Scans));
    let endpoint = endpoint(&plan, "response_14");
    assert_eq!((endpoint.kind, endpoint.unit.as_str()), (EndpointKind::Response, "1"));
    let point = |tick, visit| ObservationTime { tick, visit, trajectory: false, scan: true };
    let scans: Vec<ObservationTime> =
        plan.observation_times.iter().copied().filter(|point| point.scan).collect();
    assert_eq!(scans, [point(6 * DAY, false), point(14 * DAY, true)]);
    let smallest = plan.accumulators.iter().find(|a| a.kind == AccumulatorKind::Min).unwrap();
    assert_eq!(smallest.on, ReadOn::Scans);
}

#[test]
fn those_who_have_left_are_not_evaluable() {
    let mut cohort = scanned("x");
    cohort.events = vec![event("gone", hazard("0.1 * day"), Consequence::Leave, false)];
    let plan = build(&cohort);
    let smallest = plan.accumulators.iter().position(|a| a.kind == AccumulatorKind::Min).unwrap();
    assert!(plan.accumulators[smallest].on_study && accumulator(&plan, "response_14").on_study);
    assert_eq!(kept(&plan, "response_14", &Visit::with(10.0).accumulated(smallest, 10.0)), STABLE);
}

#[test]
fn a_sum_without_baseline_is_an_error() {
    let found = complaints(&scanned("x + doses_given"));
    assert!(found[0].starts_with("`x + doses_given` has no value before the first dose"), "{found:?}");
}
