//! A value for a covariate that nothing is known of but its name and its use.

use crate::model::graph::{Binary, Node, NodeId, Symbol};
use crate::model::{Covariate, Model};
use crate::unit::Unit;

/// Usual values of adults: names that covariates begin with, value, its unit.
const USUAL: [(&str, f64, &str); 16] = [
    ("WT", 70.0, "kg"),
    ("BW", 70.0, "kg"),
    ("LBM", 52.0, "kg"),
    ("FFM", 52.0, "kg"),
    ("AGE", 45.0, "year"),
    ("BSA", 1.8, "m2"),
    ("HT", 170.0, "cm"),
    ("BMI", 25.0, "kg/m2"),
    ("CRCL", 100.0, "mL/min"),
    ("EGFR", 90.0, "mL/min/1.73 m2"),
    ("GFR", 90.0, "mL/min/1.73 m2"),
    ("ALB", 42.0, "g/L"),
    ("CREAT", 0.9, "mg/dL"),
    ("ALT", 20.0, "U/L"),
    ("AST", 20.0, "U/L"),
    ("HCT", 42.0, "%"),
];
/// What stands in the unit of a covariate that is coded by 0 and 1, or counted.
const CODED: [&str; 4] = ["binary", "indicator", "categor", "0/1"];

/// A value, and how it was come by.
pub(super) fn guessed(model: &Model, covariate: &Covariate) -> (f64, String) {
    let unit = covariate.unit.as_deref().unwrap_or_default();
    if CODED.iter().any(|word| unit.to_lowercase().contains(word)) {
        return (0.0, "it is coded by numbers; 0 is usually what the model refers to".into());
    }
    if let Some(value) = reference(model, &covariate.name) {
        return (value, "the value that the model refers to".into());
    }
    let upper = covariate.name.to_uppercase();
    let usual = USUAL.iter().find(|(name, ..)| upper.starts_with(name));
    if let Some((_, value, of)) = usual {
        let conversion = Unit::known(unit).and_then(|unit| Unit::parse(of).to(&unit));
        let value = conversion.map_or(*value, |conversion| conversion.apply(*value));
        return (value, "usual of adults".into());
    }
    match upper.as_str() {
        "OCC" | "OCCASION" | "VISIT" | "PERIOD" => (1.0, "the first".into()),
        _ if upper.starts_with("SEX") || upper.starts_with("RACE") || upper.starts_with("STUDY") => {
            (0.0, "it seems to be coded by numbers".into())
        }
        _ => (1.0, "nothing is known of it".into()),
    }
}

/// The number that a covariate is divided by, or that is taken from it: `WT / 70`, `AGE - 45`.
fn reference(model: &Model, name: &str) -> Option<f64> {
    let position = model.covariates.iter().position(|covariate| covariate.name == name)?;
    let values: Vec<f64> = model.parameters.iter().map(|parameter| parameter.value).collect();
    let model = model.with_parameters(&values);
    let is_it = |id: NodeId| model.graph.as_symbol(id) == Some(Symbol::Covariate(position as u32));
    let found = model.graph.nodes().find_map(|node| match node {
        Node::Binary(Binary::Div | Binary::Sub, a, b) if is_it(a) => model.graph.as_constant(b),
        _ => None,
    });
    // A power of ten converts units.
    found.filter(|value| *value > 0.0 && (value.log10() - value.log10().round()).abs() > 1e-9)
}
