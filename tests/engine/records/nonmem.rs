//! Event records by NONMEM's rules: a grid of scenarios whose values NONMEM 7.4 printed with five digits.

use super::*;

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

fn steady(dose: Dose) -> Dose {
    Dose { steady_state: SteadyState::Reset, ..dose }
}

/// The concentrations at the grid's times after some doses, each with what acts from its record on.
fn concentrations(doses: &[(f64, Event, Acts)]) -> Vec<f64> {
    let acts_at =
        |time: f64| doses.iter().rev().find(|(at, ..)| *at <= time).map_or(NOTHING, |(.., acts)| *acts);
    let mut records: Vec<Record> =
        doses.iter().map(|(time, event, acts)| record(*time, event.clone(), acts)).collect();
    records.extend(TIMES.map(|time| record(time, Event::Observation, &acts_at(time))));
    records.sort_by(|a, b| a.time.total_cmp(&b.time));
    let data = RecordedData { dosed: vec![DEPOT, CENTRAL], rates: true, ..RecordedData::default() };
    let plan = plan(MODEL, &["CP"], &data);
    let solution = solve(&plan, &["BIO", "LAG", "LASTS"], Interpolation::Forward, vec![subject(records)]);
    assert_eq!(solution.status, [Status::Ok]);
    solution.trajectories
}

#[track_caller]
fn agree(doses: &[(f64, Event, Acts)], expected: [f64; 9]) {
    let found = concentrations(doses);
    for ((found, expected), time) in found.iter().zip(expected).zip(TIMES) {
        // Half a unit of the last of the five digits that are printed.
        let unit = 10f64.powf(expected.abs().max(1e-9).log10().floor() - 4.0);
        assert!((found - expected).abs() <= 0.501 * unit, "at {time}: {found}, expected {expected}");
    }
}

fn given(dose: Dose) -> Event {
    Event::Dose(dose)
}

#[test]
fn additional_doses() {
    let expected = [3754.4, 3730.8, 2682.6, 1386.5, 3399.2, 1756.9, 1855.8, 1510.6, 290.1];
    agree(&[(0.0, given(every(dose(DEPOT), 24.0, 3)), NOTHING)], expected);
}

#[test]
fn additional_infusions_and_their_lag() {
    let infusions = given(every(at_rate(dose(CENTRAL), 10.0), 24.0, 3));
    let expected = [486.5, 2555.2, 3445.3, 1780.7, 4365.7, 2256.4, 2383.5, 1940.0, 372.58];
    agree(&[(0.0, infusions.clone(), NOTHING)], expected);
    let late = [0.0, 879.5, 3187.5, 2237.3, 4343.9, 2834.9, 2994.6, 2437.4, 468.11];
    agree(&[(0.0, infusions, [1.0, 4.15, 1.0])], late);
}

#[test]
fn steady_state_with_lag_and_bioavailability() {
    let infusions = steady(every(at_rate(dose(CENTRAL), 10.0), 24.0, 3));
    let expected = [949.08, 2035.5, 1940.1, 1002.7, 1940.1, 1002.7, 1002.7, 804.72, 154.55];
    agree(&[(0.0, given(infusions), [0.412, 3.16, 1.0])], expected);
}

#[test]
fn steady_state_by_the_models_duration() {
    let infusions = Dose { input: Input::ModelDuration, ..steady(every(dose(CENTRAL), 24.0, 3)) };
    let expected = [1691.3, 2766.1, 2783.3, 1438.5, 2783.3, 1438.5, 1438.5, 1154.5, 221.71];
    agree(&[(0.0, given(infusions), [0.61, 0.0, 9.0])], expected);
}

#[test]
fn doses_into_two_compartments() {
    let late = every(at_rate(Dose { amount: 50.0, ..dose(DEPOT) }, 24.0), 24.0, 2);
    let expected = [5000.0, 3797.9, 2730.4, 2912.7, 1505.4, 2279.6, 2110.5, 452.45, 86.893];
    agree(&[(0.0, given(dose(CENTRAL)), [1.0, 1.0, 1.0]), (13.0, given(late), [1.0, 1.0, 1.0])], expected);
}

#[test]
fn a_reset_with_a_steady_state() {
    let series = Event::ResetAndDose(steady(every(dose(DEPOT), 12.0, 0)));
    let expected = [9009.7, 7722.5, 5552.4, 2869.7, 1483.2, 766.61, 204.79, 43.903, 8.4315];
    agree(&[(0.0, series, NOTHING)], expected);
}

#[test]
fn a_reset_in_between() {
    let first = given(every(at_rate(dose(DEPOT), 50.0), 12.0, 2));
    let second = Event::ResetAndDose(every(Dose { amount: 120.0, ..dose(DEPOT) }, 12.0, 3));
    let expected = [1181.0, 3940.3, 2835.7, 4301.4, 5058.9, 2614.7, 5450.7, 5542.9, 1064.5];
    agree(&[(0.0, first, [0.61, 0.0, 1.0]), (50.0, second, [0.5, 0.0, 1.0])], expected);
}

#[test]
fn an_infusion_without_end() {
    let infusion = steady(at_rate(Dose { amount: 0.0, ..dose(DEPOT) }, 100.0));
    let expected = [88547.0, 67844.0, 48775.0, 25209.0, 13029.0, 6734.3, 1799.0, 385.67, 74.067];
    agree(&[(0.0, given(infusion), NOTHING)], expected);
}

/// An event of the table of scenarios: time, event, bioavailability and lag.
fn event(time: f64, event: Event, [bio, lag]: [f64; 2]) -> (f64, Event, Acts) {
    (time, event, [bio, lag, 1.0])
}

fn amount(amount: f64, dose: Dose) -> Dose {
    Dose { amount, ..dose }
}

fn added(dose: Dose) -> Dose {
    Dose { steady_state: SteadyState::Add, ..dose }
}

/// The events of the scenarios in `superposition.py`.
fn scenario(name: &str) -> Vec<(f64, Event, Acts)> {
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
        "a_slow_one" => vec![event(0.0, given(steady(every(amount(1.0, central), 1.0, 20))), NOW)],
        _ => panic!("no scenario `{name}`"),
    }
}

#[test]
fn scenarios_by_superposition() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/records/superposition.csv");
    for line in std::fs::read_to_string(file).unwrap().lines().skip(1) {
        let (name, values) = line.split_once(',').unwrap();
        let found = concentrations(&scenario(name));
        for ((found, expected), time) in found.iter().zip(values.split(',')).zip(TIMES) {
            let expected: f64 = expected.parse().unwrap();
            // What rounds is printed with twelve digits, and integrated with a tolerance of 1e-11.
            let tolerance = 1e-8 * expected.abs() + 1e-7;
            assert!((found - expected).abs() < tolerance, "{name} at {time}: {found}, expected {expected}");
        }
    }
}
