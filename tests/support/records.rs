//! Patients of a data set in code: event records whose values NONMEM printed, superposition gives, and rxode2 and scipy
//! computed, for any engine.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use vpop::cohort;
use vpop::dataset::{Dose, Event, Input, Interpolation, Record, SteadyState, Subject};
use vpop::diagnostic::Source;
use vpop::engine::cpu::Isa;
use vpop::engine::{Individuals, RecordedPatients, Solution, Status, recorded};
use vpop::model;
use vpop::plan::{self, Plan, RecordedData};
use vpop::population::Patients;

/// A plan of patients who are read as `of`, at a tolerance.
fn plan(model: &str, of: &[&str], data: &RecordedData, tolerance: f64) -> Plan {
    let model = model::parse(&Source::new("model.R", model)).unwrap_or_else(|problems| panic!("{problems}"));
    let of: Vec<String> = of.iter().map(|name| format!("\"{name}\"")).collect();
    let cohort = format!(
        r#"
name = "records"
model = "model.R"
patients = 1
[regimen]
arms = ["0 mg"]
into = []
[visits]
until = "1 day"
[output.trajectories]
patients = 1
of = [{}]
[solver]
rtol = {tolerance}
atol = {tolerance}
max_steps = 1000000
"#,
        of.join(", ")
    );
    let cohort = cohort::parse(&Source::new("cohort.toml", cohort), Path::new("."));
    let cohort = cohort.unwrap_or_else(|problems| panic!("{problems}"));
    plan::build(&cohort, &model, &[], Some(data)).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Solves patients of a plan.
pub(crate) type Solve<'a> = &'a dyn Fn(&Plan, &Individuals) -> Solution;

/// Patients whose records hold covariates of these names, and who have these random effects, `[effect][patient]`.
fn individuals(
    plan: &Plan,
    names: &[&str],
    interpolation: Interpolation,
    subjects: Vec<Subject>,
    effects: Vec<Vec<f64>>,
) -> Individuals {
    let count = subjects.len();
    let patients = Patients {
        first: 0,
        count,
        covariates: vec![vec![f64::NAN; count]; plan.covariates.len()],
        effects,
        attempts: vec![1; count],
        columns: Vec::new(),
    };
    let in_records =
        plan.covariates.iter().map(|name| names.iter().position(|known| known == name)).collect();
    let subjects = subjects.into_iter().map(Arc::new).collect();
    let effect_on = |_: usize, _: usize, _: i64| None;
    let patients =
        RecordedPatients { patients: &patients, subjects, in_records, interpolation, effect_on: &effect_on };
    recorded(plan, &patients, Isa::baseline())
}

fn record(time: f64, event: Event, values: &[f64]) -> Record {
    Record { row: 1, time, event, values: values.to_vec(), occasion: None, dv: None, mdv: false }
}

fn subject(records: Vec<Record>) -> Subject {
    Subject { id: "1".into(), records, first: Vec::new(), effects: Vec::new() }
}

/// One compartment with absorption; what acts on `central` comes from the records.
const MODEL: &str = "one <- function() {
  units <- list(time = \"hour\", dosing = \"mg\")
  covariateData <- list(BIO = list(units = \"1\"), LAG = list(units = \"hour\"), LASTS = list(units = \"hour\"))
  ini({ cl <- 1.1; v <- 20; ka <- 1.5 })
  model({
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - cl / v * central
    f(central) <- BIO
    alag(central) <- LAG
    dur(central) <- LASTS
    CP <- central / (v / 1000)
  })
}";
const TIMES: [f64; 9] = [1.0, 6.0, 12.0, 24.0, 36.0, 48.0, 72.0, 100.0, 130.0];
const DEPOT: usize = 0;
const CENTRAL: usize = 1;

/// What acts on `central`: bioavailability, lag, duration.
type Acts = [f64; 3];
/// A record: when, what, and what acts from then on.
type Given = (f64, Event, Acts);
const NOTHING: Acts = [1.0, 0.0, 1.0];

fn dose(state: usize) -> Dose {
    Dose {
        amount: 100.0,
        state,
        input: Input::AtOnce,
        interval: 0.0,
        additional: 0,
        steady_state: SteadyState::No,
    }
}

fn every(dose: Dose, interval: f64, additional: u32) -> Dose {
    Dose { interval, additional, ..dose }
}

fn at_rate(dose: Dose, rate: f64) -> Dose {
    Dose { input: Input::AtRate(rate), ..dose }
}

fn at_the_models_rate(dose: Dose) -> Dose {
    Dose { input: Input::ModelRate, ..dose }
}

fn steady(dose: Dose) -> Dose {
    Dose { steady_state: SteadyState::Reset, ..dose }
}

fn given(dose: Dose) -> Event {
    Event::Dose(dose)
}

/// Names, doses and values of the scenarios that NONMEM printed.
fn printed() -> Vec<(&'static str, Vec<Given>, [f64; 9])> {
    let infusions = given(every(at_rate(dose(CENTRAL), 10.0), 24.0, 3));
    let at_steady_state = steady(every(at_rate(dose(CENTRAL), 10.0), 24.0, 3));
    let as_modelled = Dose { input: Input::ModelDuration, ..steady(every(dose(CENTRAL), 24.0, 3)) };
    let late = every(at_rate(Dose { amount: 50.0, ..dose(DEPOT) }, 24.0), 24.0, 2);
    let series = Event::ResetAndDose(steady(every(dose(DEPOT), 12.0, 0)));
    let first = given(every(at_rate(dose(DEPOT), 50.0), 12.0, 2));
    let second = Event::ResetAndDose(every(Dose { amount: 120.0, ..dose(DEPOT) }, 12.0, 3));
    let without_end = steady(at_rate(Dose { amount: 0.0, ..dose(DEPOT) }, 100.0));
    vec![
        (
            "additional doses",
            vec![(0.0, given(every(dose(DEPOT), 24.0, 3)), NOTHING)],
            [3754.4, 3730.8, 2682.6, 1386.5, 3399.2, 1756.9, 1855.8, 1510.6, 290.1],
        ),
        (
            "additional infusions",
            vec![(0.0, infusions.clone(), NOTHING)],
            [486.5, 2555.2, 3445.3, 1780.7, 4365.7, 2256.4, 2383.5, 1940.0, 372.58],
        ),
        (
            "their lag",
            vec![(0.0, infusions, [1.0, 4.15, 1.0])],
            [0.0, 879.5, 3187.5, 2237.3, 4343.9, 2834.9, 2994.6, 2437.4, 468.11],
        ),
        (
            "steady state with lag and bioavailability",
            vec![(0.0, given(at_steady_state), [0.412, 3.16, 1.0])],
            [949.08, 2035.5, 1940.1, 1002.7, 1940.1, 1002.7, 1002.7, 804.72, 154.55],
        ),
        (
            "steady state by the model's duration",
            vec![(0.0, given(as_modelled), [0.61, 0.0, 9.0])],
            [1691.3, 2766.1, 2783.3, 1438.5, 2783.3, 1438.5, 1438.5, 1154.5, 221.71],
        ),
        (
            "doses into two compartments",
            vec![(0.0, given(dose(CENTRAL)), [1.0, 1.0, 1.0]), (13.0, given(late), [1.0, 1.0, 1.0])],
            [5000.0, 3797.9, 2730.4, 2912.7, 1505.4, 2279.6, 2110.5, 452.45, 86.893],
        ),
        (
            "a reset with a steady state",
            vec![(0.0, series, NOTHING)],
            [9009.7, 7722.5, 5552.4, 2869.7, 1483.2, 766.61, 204.79, 43.903, 8.4315],
        ),
        (
            "a reset in between",
            vec![(0.0, first, [0.61, 0.0, 1.0]), (50.0, second, [0.5, 0.0, 1.0])],
            [1181.0, 3940.3, 2835.7, 4301.4, 5058.9, 2614.7, 5450.7, 5542.9, 1064.5],
        ),
        (
            "an infusion without end",
            vec![(0.0, given(without_end), NOTHING)],
            [88547.0, 67844.0, 48775.0, 25209.0, 13029.0, 6734.3, 1799.0, 385.67, 74.067],
        ),
    ]
}

/// An event of the table of scenarios: time, event, bioavailability and lag.
fn event(time: f64, event: Event, [bio, lag]: [f64; 2]) -> Given {
    (time, event, [bio, lag, 1.0])
}

fn amount(amount: f64, dose: Dose) -> Dose {
    Dose { amount, ..dose }
}

fn added(dose: Dose) -> Dose {
    Dose { steady_state: SteadyState::Add, ..dose }
}

/// The events of the scenarios in `superposition.py`.
fn scenario(name: &str) -> Vec<Given> {
    const NOW: [f64; 2] = [1.0, 0.0];
    let (depot, central) = (dose(DEPOT), dose(CENTRAL));
    match name {
        "infusions_that_overlap" => {
            vec![event(0.0, given(steady(every(at_rate(central, 3.0), 24.0, 3))), NOW)]
        }
        "infusions_that_overlap_late" => {
            vec![event(0.0, given(steady(every(at_rate(central, 3.0), 24.0, 3))), [0.8, 5.0])]
        }
        "an_infusion_of_whole_intervals" => {
            vec![event(0.0, given(steady(every(at_rate(amount(120.0, central), 5.0), 12.0, 2))), NOW)]
        }
        "added_to_what_there_is" => vec![
            event(0.0, given(central), NOW),
            event(10.0, given(added(every(amount(50.0, depot), 24.0, 1))), NOW),
        ],
        "two_series" => vec![
            event(0.0, given(steady(every(depot, 24.0, 3))), NOW),
            event(0.0, given(added(every(amount(50.0, depot), 24.0, 3))), NOW),
        ],
        "added_infusions" => vec![
            event(0.0, given(steady(every(depot, 24.0, 3))), NOW),
            event(12.0, given(added(every(at_rate(amount(60.0, central), 10.0), 24.0, 2))), [1.0, 2.0]),
        ],
        "a_reset_before_a_late_dose" => vec![
            event(0.0, given(central), [1.0, 8.0]),
            event(5.0, Event::Reset, NOW),
            event(20.0, given(depot), NOW),
        ],
        "a_reset_in_an_infusion" => vec![
            event(0.0, given(at_rate(central, 5.0)), NOW),
            event(10.0, Event::Reset, NOW),
            event(11.0, given(at_rate(amount(30.0, central), 5.0)), NOW),
        ],
        "a_lag_longer_than_the_interval" => vec![event(0.0, given(every(central, 6.0, 5)), [1.0, 15.0])],
        "a_steady_state_in_between" => vec![
            event(0.0, given(every(at_rate(central, 5.0), 24.0, 4)), NOW),
            event(30.0, given(steady(every(amount(80.0, depot), 12.0, 3))), NOW),
        ],
        "late_boluses_at_steady_state" => {
            vec![event(0.0, given(steady(every(central, 24.0, 3))), [0.5, 9.0])]
        }
        "an_infusion_without_end_is_added" => vec![
            event(0.0, given(depot), NOW),
            event(8.0, given(added(at_rate(amount(0.0, central), 7.0))), NOW),
        ],
        "infusions_at_the_models_rate" => {
            vec![event(0.0, given(every(at_the_models_rate(central), 24.0, 2)), [0.6, 3.0])]
        }
        "infusions_at_the_models_rate_at_steady_state" => {
            vec![event(0.0, given(steady(every(at_the_models_rate(central), 6.0, 2))), [0.9, 3.0])]
        }
        "additional_doses_after_a_reset_and_dose" => vec![
            event(0.0, given(every(at_rate(central, 5.0), 24.0, 3)), NOW),
            event(10.0, Event::ResetAndDose(every(amount(50.0, central), 12.0, 4)), [0.7, 3.0]),
        ],
        "infusions_of_several_intervals_late" => {
            vec![event(0.0, given(steady(every(at_rate(amount(120.0, central), 4.0), 8.0, 3))), [0.9, 7.0])]
        }
        "late_infusions_of_a_short_interval" => {
            vec![event(0.0, given(every(at_rate(amount(60.0, central), 10.0), 8.0, 6)), [1.0, 20.0])]
        }
        "a_reset_before_several_late_doses" => vec![
            event(0.0, given(every(central, 6.0, 5)), [1.0, 15.0]),
            event(22.0, Event::Reset, NOW),
            event(30.0, given(depot), NOW),
        ],
        "overlapping_infusions_added_to_others" => vec![
            event(0.0, given(steady(every(at_rate(central, 3.0), 24.0, 3))), NOW),
            event(5.0, given(added(every(at_rate(amount(60.0, central), 4.0), 12.0, 2))), NOW),
        ],
        "a_series_added_to_a_late_dose" => vec![
            event(0.0, given(central), [1.0, 10.0]),
            event(4.0, given(added(every(amount(50.0, depot), 12.0, 2))), NOW),
        ],
        "a_slow_one" => vec![event(0.0, given(steady(every(amount(1.0, central), 1.0, 20))), NOW)],
        _ => panic!("no scenario `{name}`"),
    }
}

/// The concentrations at the grid's times after some doses, each with what acts from its record on.
fn concentrations(model: &str, doses: &[Given], tolerance: f64, solve: Solve<'_>) -> Vec<f64> {
    let acts_at =
        |time: f64| doses.iter().rev().find(|(at, ..)| *at <= time).map_or(NOTHING, |(.., acts)| *acts);
    let mut records: Vec<Record> =
        doses.iter().map(|(time, event, acts)| record(*time, event.clone(), acts)).collect();
    records.extend(TIMES.map(|time| record(time, Event::Observation, &acts_at(time))));
    records.sort_by(|a, b| a.time.total_cmp(&b.time));
    let data = RecordedData { dosed: vec![DEPOT, CENTRAL], rates: true, ..RecordedData::default() };
    let plan = plan(model, &["CP"], &data, tolerance);
    let subjects = vec![subject(records)];
    let names = ["BIO", "LAG", "LASTS"];
    let solution = solve(&plan, &individuals(&plan, &names, Interpolation::Forward, subjects, Vec::new()));
    assert_eq!(solution.status, [Status::Ok]);
    solution.trajectories
}

/// Checks every scenario that NONMEM 7.4 printed with five digits, of which `digits` must be right, within half a unit of
/// the last.
pub(crate) fn as_nonmem_printed(digits: i32, tolerance: f64, solve: Solve<'_>) {
    for (name, doses, expected) in printed() {
        let found = concentrations(MODEL, &doses, tolerance, solve);
        for ((found, expected), time) in found.iter().zip(expected).zip(TIMES) {
            let unit = 10f64.powf(expected.abs().max(1e-9).log10().floor() + 1.0 - f64::from(digits));
            assert!(
                (found - expected).abs() <= 0.501 * unit,
                "{name} at {time}: {found}, expected {expected}"
            );
        }
    }
}

/// Checks every scenario of `superposition.py`, values as a share of the largest.
pub(crate) fn as_superposition_gives(within: f64, tolerance: f64, solve: Solve<'_>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/records/superposition.csv");
    // A state has a rate of its own, or a duration.
    let model = MODEL.replace("dur(central) <- LASTS", "rate(central) <- 12.5");
    for line in fs::read_to_string(file).unwrap().lines().skip(1) {
        let (name, values) = line.split_once(',').unwrap();
        let expected: Vec<f64> = values.split(',').map(|value| value.parse().unwrap()).collect();
        let largest = expected.iter().copied().fold(0.0, f64::max);
        let found = concentrations(&model, &scenario(name), tolerance, solve);
        for ((found, expected), time) in found.iter().zip(expected).zip(TIMES) {
            let difference = (found - expected).abs() / largest;
            assert!(difference < within, "{name} at {time}: {found}, expected {expected}");
        }
    }
}

/// Lines of a file of `tests/data/records`, split at commas, without the header.
fn rows(name: &str) -> Vec<Vec<String>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/records").join(name);
    let text = fs::read_to_string(file).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}

/// The patients' records, whose values are WT and CRCL, and their random effects.
fn patients() -> (Vec<Subject>, Vec<Vec<f64>>) {
    let mut subjects: BTreeMap<u32, (Vec<Record>, Vec<f64>)> = BTreeMap::new();
    for row in rows("data.csv") {
        let effects: Vec<f64> = row[10..13].iter().map(|text| number(text)).collect();
        let rate = number(&row[3]);
        let event = match row[4].as_str() {
            "0" => Event::Observation,
            _ => Event::Dose(Dose {
                amount: number(&row[2]),
                state: usize::from(row[5] == "central"),
                input: if rate > 0.0 { Input::AtRate(rate) } else { Input::AtOnce },
                interval: 0.0,
                additional: 0,
                steady_state: SteadyState::No,
            }),
        };
        let record = record(number(&row[1]), event, &[number(&row[8]), number(&row[9])]);
        let subject = subjects.entry(row[0].parse().unwrap()).or_insert_with(|| (Vec::new(), effects));
        subject.0.push(record);
    }
    let (records, effects): (Vec<_>, Vec<_>) = subjects.into_values().unzip();
    let by_effect = (0..3).map(|i| effects.iter().map(|of: &Vec<f64>| of[i]).collect());
    (records.into_iter().map(subject).collect(), by_effect.collect())
}

/// The largest difference from the expected values of 30 patients, as a share of them.
pub(crate) fn difference(interpolation: Interpolation, tolerance: f64, solve: Solve<'_>) -> f64 {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/records/oral_renal.R");
    let data = RecordedData { dosed: vec![0, 1], changing: vec![0, 1], interpolation, rates: true };
    let plan = plan(&fs::read_to_string(file).unwrap(), &["Cc"], &data, tolerance);
    let (subjects, effects) = patients();
    let solution = solve(&plan, &individuals(&plan, &["WT", "CRCL"], interpolation, subjects, effects));
    let column = match interpolation {
        Interpolation::Forward => 2,
        Interpolation::Backward => 3,
        Interpolation::Linear => 4,
    };
    let expected: Vec<f64> = rows("expected.csv").iter().map(|row| number(&row[column])).collect();
    assert_eq!(solution.trajectories.len(), expected.len());
    let pairs = solution.trajectories.iter().zip(expected);
    pairs.map(|(found, expected)| (found / expected - 1.0).abs()).fold(0.0, f64::max)
}

/// Elimination at a constant rate that is higher for the first 6 h of each day, after a time of the patient's own, and after
/// 103 h.
const SWITCHING: &str = "one <- function() {
  units <- list(time = \"hour\", dosing = \"mg\")
  covariateData <- list(SW = list(units = \"hour\"))
  ini({ k0 <- 0.05 })
  model({
    k <- k0 + 0.2 * (t - 24 * floor(t / 24) < 6) + 0.1 * (t > SW) + 0.1 * (t > 103)
    d/dt(central) <- -k * central
    A <- central
  })
}";

/// Checks patients whose equations switch at times between their records, whose clocks do not begin at 0, one of them after
/// a steady state: values as a share of the dose, from the integral of the rate.
pub(crate) fn equations_that_switch(within: f64, tolerance: f64, solve: Solve<'_>) {
    let data = RecordedData { dosed: vec![0], rates: true, ..RecordedData::default() };
    let plan = plan(SWITCHING, &["A"], &data, tolerance);
    let read = |switch: f64, first: (f64, Event), times: [f64; 4]| {
        let given = record(first.0, first.1, &[switch]);
        let readings = times.map(|time| record(time, Event::Observation, &[switch]));
        subject([given].into_iter().chain(readings).collect())
    };
    let settled = given(steady(every(dose(0), 24.0, 0)));
    let subjects = vec![
        read(5.0, (-2.0, given(dose(0))), [4.0, 5.0, 7.0, 30.0]),
        read(1e6, (48.0, settled), [49.0, 60.0, 78.0, 80.0]),
        read(101.5, (100.0, given(dose(0))), [101.0, 102.0, 103.0, 104.0]),
    ];
    let at_48 = 1.0 / (1.0 - (-2.4_f64).exp());
    let expected = [
        [1.1, 1.35, 1.85, 6.5].map(|integral: f64| (-integral).exp()),
        [0.25, 1.8, 3.9, 4.0].map(|integral: f64| at_48 * (-integral).exp()),
        [0.25, 0.55, 0.7, 0.95].map(|integral: f64| (-integral).exp()),
    ];
    let solution = solve(&plan, &individuals(&plan, &["SW"], Interpolation::Forward, subjects, Vec::new()));
    assert_eq!(solution.status, [Status::Ok; 3]);
    for (number, (found, expected)) in solution.trajectories.iter().zip(expected.as_flattened()).enumerate() {
        let difference = (found / 100.0 - expected).abs();
        assert!(difference < within, "reading {number}: {found}, expected {} of 100", 100.0 * expected);
    }
}
