//! How doses enter, and what equations ask of them, as the shader has it.

use serde::Serialize;

use crate::engine::Status;
use crate::engine::instant::Instant;
use crate::engine::program::Lowered;
use crate::engine::schedule::{self, Doses, RouteInput};
use crate::engine::value::Value;
use crate::model::graph::{DoseValue, Dosed};
use crate::plan::{Plan, SAME_AMOUNT};

use super::super::tables::is_limited;
use super::names::{Names, asked_name};
use super::wgsl::{literal, statements};

/// How doses enter.
#[derive(Serialize)]
pub(super) struct Dosing {
    /// States that are infused.
    rates: Vec<String>,
    routes: Vec<Route>,
    /// Whether a dose may enter at once.
    boluses: bool,
    /// Whether there are several administrations.
    several: bool,
    /// Whether a dose may be capped or rounded, and what counts as whole, as a fraction.
    limited: bool,
    same_amount: String,
    /// The statements of what is known only when a dose is given, and how many values they make.
    at_dose: Vec<String>,
    at_dose_values: usize,
    bad_dose: u32,
    /// What equations ask of the doses that have begun, and whether that is an amount.
    asked: Vec<Asked>,
    asks_amounts: bool,
}

/// A state that doses enter.
#[derive(Serialize)]
struct Route {
    /// Among all routes.
    number: usize,
    place: Place,
    state: String,
    /// `true` if a smaller dose takes less time, else `false`.
    keeps_rate: String,
    infuses: bool,
    /// Whether it may enter at once.
    may_be_bolus: bool,
    /// What it comes to when a dose is given, if that is not known before.
    found: Option<Found>,
}

/// The values of a route as the shader writes them.
#[derive(Serialize)]
struct Found {
    bioavailability: String,
    lag: String,
    /// The time or the rate; 0 for what enters at once.
    input: String,
    /// `true` or `false`.
    by_rate: String,
}

/// Of which drug and administration a route is, and the position of its part in a dose.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Place {
    pub(super) drug: usize,
    administration: usize,
    part: usize,
}

/// What equations ask of the doses that have begun.
#[derive(Serialize)]
struct Asked {
    name: String,
    /// The routes that it is about.
    places: Vec<Place>,
    /// Its value before the first of them.
    nothing: &'static str,
    /// Its value once a dose has begun, of `dose`, when it `begins`, and its value before.
    value: &'static str,
    /// Whether it is of the first or of the last dose that has begun; else it counts them.
    is_first: bool,
    is_last: bool,
    /// Whether it is when that began.
    is_time: bool,
}

impl Dosing {
    pub(super) fn new(plan: &Plan, lowered: &Lowered, names: &Names) -> Self {
        let routes = routes(plan, &lowered.doses, names);
        Self {
            rates: names.of_states(&lowered.infused),
            boluses: routes.iter().any(|route| route.may_be_bolus),
            routes,
            several: plan.administrations.len() > 1,
            limited: is_limited(plan),
            same_amount: literal(SAME_AMOUNT),
            at_dose: at_dose(lowered, names),
            at_dose_values: lowered.at_dose().len(),
            bad_dose: Status::BadDose as u32,
            asked: asked(plan, &lowered.doses),
            asks_amounts: lowered.doses.asked.iter().any(|(of, _)| *of == DoseValue::Amount),
        }
    }
}

/// Every route with its place, one administration after the other.
pub(super) fn placed<'a>(
    plan: &'a Plan,
    doses: &'a Doses,
) -> impl Iterator<Item = (Place, &'a schedule::Route)> + Clone {
    let administrations = plan.administrations.iter().enumerate();
    let places = administrations.flat_map(|(administration, own)| {
        (0..own.routes.len()).map(move |part| Place { drug: own.drug.index(), administration, part })
    });
    places.zip(&doses.routes)
}

/// Whether a route may be entered at once: no time is a bolus.
pub(super) fn may_be_bolus(doses: &Doses, route: &schedule::Route) -> bool {
    match route.input {
        RouteInput::Over(Value::Constant(duration)) => {
            Instant::of_ticks(duration / doses.time_per_tick) == Some(Instant::START)
        }
        RouteInput::Bolus | RouteInput::Over(_) | RouteInput::AtRate(_) => true,
    }
}

fn routes(plan: &Plan, doses: &Doses, names: &Names) -> Vec<Route> {
    let routes = placed(plan, doses).enumerate().map(|(number, (place, route))| Route {
        number,
        place,
        state: names.states[route.state].clone(),
        keeps_rate: matches!(route.input, RouteInput::AtRate(_)).to_string(),
        infuses: route.input != RouteInput::Bolus,
        may_be_bolus: may_be_bolus(doses, route),
        found: route.is_at_dose().then(|| found(route, names)),
    });
    routes.collect()
}

fn found(route: &schedule::Route, names: &Names) -> Found {
    let text = |value: Value| match value {
        Value::Constant(number) => literal(number),
        Value::Column(column) => format!("p.{}", names.of_column[&column]),
        Value::AtDose(position) => format!("result.v{position}"),
    };
    let input = match route.input {
        RouteInput::Bolus => literal(0.0),
        RouteInput::Over(value) | RouteInput::AtRate(value) => text(value),
    };
    Found {
        bioavailability: text(route.bioavailability),
        lag: text(route.lag),
        input,
        by_rate: matches!(route.input, RouteInput::AtRate(_)).to_string(),
    }
}

fn at_dose(lowered: &Lowered, names: &Names) -> Vec<String> {
    let targets = (0..).zip(lowered.at_dose()).map(|(i, &node)| (format!("result.v{i}"), node));
    statements(&lowered.graph, &names.vocabulary, &targets.collect::<Vec<_>>())
}

fn asked(plan: &Plan, doses: &Doses) -> Vec<Asked> {
    let asked = doses.asked.iter().enumerate().map(|(i, &(of, dosed))| {
        let name = asked_name(i);
        let is_meant = |route: &schedule::Route| match dosed {
            Dosed::Any => true,
            Dosed::State(state) => route.state == state as usize,
        };
        let (nothing, value) = match of {
            DoseValue::Last | DoseValue::First => ("not_a_number()", "time_since(of_tick(0u), begins)"),
            DoseValue::Amount => ("0.0", "amount_of(dose)"),
            DoseValue::Count => ("0.0", "before + 1.0"),
        };
        let is_first = of == DoseValue::First;
        let is_last = matches!(of, DoseValue::Last | DoseValue::Amount);
        let is_time = matches!(of, DoseValue::Last | DoseValue::First);
        let places = placed(plan, doses).filter(|(_, route)| is_meant(route)).map(|(place, _)| place);
        Asked { places: places.collect(), name, nothing, value, is_first, is_last, is_time }
    });
    asked.collect()
}
