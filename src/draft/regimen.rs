//! Doses and visits to begin with.

use crate::model::Model;
use crate::unit::Unit;

use super::dosed::dosed;
use super::quoted;

/// How long models are followed in their unit of time: what is between two doses, between two visits, and the end.
const SPANS: [(&str, [&str; 3]); 7] = [
    ("second", ["1 h", "1 min", "2 h"]),
    ("minute", ["24 h", "30 min", "48 h"]),
    ("hour", ["24 h", "1 h", "48 h"]),
    ("day", ["28 day", "1 day", "56 day"]),
    ("week", ["12 week", "1 week", "24 week"]),
    ("month", ["6 month", "1 month", "12 month"]),
    ("year", ["1 year", "1 month", "2 year"]),
];
/// The span of a model whose unit of time is none of them: never, as long as units of time are known.
const USUAL: [&str; 3] = SPANS[2].1;

/// The tables `[regimen]` and `[visits]`; `covariates` are the values that patients have.
pub(super) fn text(model: &Model, covariates: &[f64]) -> String {
    let into = dosed(model, covariates);
    let names: Vec<String> = into.states.iter().map(|state| quoted(&state.name)).collect();
    let (arm, why) = match into.states.is_empty() {
        false => (dose(&model.metadata.dosing_unit), "guessed"),
        true => ("0 mg".into(), "nothing is given: no state seems to take doses"),
    };
    let own = into.states.iter().any(|state| state.rate.is_some() || state.duration.is_some());
    let infusion = if own { "infusion = \"model\"\n" } else { "" };
    let [every, visits, end] =
        SPANS.iter().find(|(unit, _)| *unit == model.metadata.time_unit).map_or(USUAL, |(_, spans)| *spans);
    format!(
        "\n[regimen]\narms = [{}]  # {why}\ninto = [{}]  # guessed: {}\n{infusion}\
         every = \"{every}\"  # guessed\ncycles = 2  # guessed\n\
         \n[visits]\nevery = \"{visits}\"  # guessed\nuntil = \"{end}\"  # guessed\n",
        quoted(&arm),
        names.join(", "),
        into.why,
    )
}

/// A dose in the model's unit, which goes without saying where it is no amount.
fn dose(unit: &str) -> String {
    let is_of_drug = Unit::known(unit).is_some_and(|unit| unit.is_of_drug());
    let is_per_size = crate::cohort::quantity::dose(&format!("1 {unit}")).is_ok();
    if is_of_drug || is_per_size { format!("100 {unit}") } else { "100".into() }
}
