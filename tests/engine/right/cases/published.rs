//! Every construct of the model language: the models of `tests/published`, each with the values of an independent
//! solution, which `tests/published/reference.py` made.

use serde_json::Value;
use vpop::engine::Status;

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/published");
    let text = std::fs::read_to_string(format!("{folder}/reference.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    cases.iter().map(|case| one(folder, case)).collect()
}

/// For the life of the test.
fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn one(folder: &str, case: &Value) -> Case {
    let name = case["model"].as_str().unwrap();
    let values = case["values"].as_array().unwrap();
    let named = (0..).zip(values).map(|(i, value): (usize, &Value)| {
        let number = |i: usize| value[i].as_f64().unwrap();
        (kept(format!("v{i}")), value[0].as_str().unwrap(), number(1), number(2))
    });
    let named: Vec<_> = named.collect();
    Case {
        name: kept(name.to_owned()),
        source: "tests/published/reference.py",
        model: std::fs::read_to_string(format!("{folder}/{name}.R")).unwrap(),
        cohort: cohort(case, &named),
        status: Status::Ok,
        values: named.iter().map(|&(name, _, _, right)| (0, name, right)).collect(),
        tolerance: 1e-6,
    }
}

fn cohort(case: &Value, values: &[(&str, &str, f64, f64)]) -> String {
    let time = case["unit"].as_str().unwrap_or("h");
    let covariates: String = case["covariates"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("[population.{name}]\ndistribution = \"fixed\"\nvalue = {value}\n"))
        .collect();
    let doses = case["doses"].as_array().unwrap();
    let amount = doses.first().map_or(0.0, |dose| dose[1].as_f64().unwrap());
    let unit = case["dose_unit"].as_str().unwrap_or("mg");
    let into = case.get("into").map_or("[]".into(), Value::to_string);
    let infusion = case["infusion"].as_str().map_or(String::new(), |how| format!("infusion = \"{how}\"\n"));
    let end = values.iter().map(|(_, _, at, _)| *at).fold(0.0, f64::max);
    let endpoints: String = values
        .iter()
        .map(|(name, of, at, _)| {
            format!("[endpoints.{name}]\nof = \"{of}\"\nstatistic = \"value\"\nat = \"{at} {time}\"\n")
        })
        .collect();
    format!(
        "name = \"published\"\nmodel = \"case.R\"\npatients = 1\n{covariates}\
         [regimen]\narms = [\"{amount} {unit}\"]\ninto = {into}\n{infusion}every = \"12 {time}\"\ncycles = 2\n\
         [visits]\nevery = \"0.5 {time}\"\nuntil = \"{end} {time}\"\n{endpoints}\
         [solver]\nrtol = 1e-9\natol = 1e-9\n"
    )
}
