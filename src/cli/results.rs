//! The results of a run as JSON: its manifest, and what its patients show.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::cohort::ALL;
use crate::diagnostic::Problems;
use crate::store::{Manifest, Summary, scan_tables};
use crate::table::{Table, Values};

/// The manifest, and as `results` the statistics of every endpoint over all patients of each arm. Those of subgroups are
/// in `distributions.parquet`.
pub(super) fn json(run: &Path, manifest: &Manifest) -> Result<Value, Problems> {
    let mut answer = serde_json::to_value(manifest).unwrap_or_default();
    answer["results"] = Value::Array(results(run)?);
    Ok(answer)
}

/// An object for each arm and endpoint, and for each unit and number of patients of its statistics, in the order of the
/// file.
fn results(run: &Path) -> Result<Vec<Value>, Problems> {
    let names = ["arm", "subgroup", "endpoint", "statistic", "unit", "value", "n", "n_missing", "n_failed"];
    let mut found: Vec<(Value, Map<String, Value>)> = Vec::new();
    scan_tables(&Summary::Distributions.path(run), &names, &mut |rows| {
        let of_all = (0..rows.rows()).filter(|&row| label(rows, "subgroup", row) == ALL);
        for row in of_all {
            let count = |name| number(rows, name, row).map(|n| n as u64);
            let of = json!({
                "arm": label(rows, "arm", row),
                "endpoint": label(rows, "endpoint", row),
                "unit": label(rows, "unit", row),
                "n": count("n"),
                "n_missing": count("n_missing"),
                "n_failed": count("n_failed"),
            });
            if found.last().is_none_or(|(known, _)| *known != of) {
                found.push((of, Map::new()));
            }
            if let Some((_, statistics)) = found.last_mut() {
                let statistic = label(rows, "statistic", row).to_owned();
                statistics.insert(statistic, json!(number(rows, "value", row)));
            }
        }
    })?;
    let whole = |(mut of, statistics): (Value, Map<String, Value>)| {
        of["statistics"] = Value::Object(statistics);
        of
    };
    Ok(found.into_iter().map(whole).collect())
}

fn label<'a>(rows: &'a Table, name: &str, row: usize) -> &'a str {
    match rows.column(name).map(|column| &column.values) {
        Some(Values::Label { codes, labels }) => codes[row].map_or("", |code| labels[code as usize].as_str()),
        _ => "",
    }
}

/// A number; `None` if it is missing.
fn number(rows: &Table, name: &str, row: usize) -> Option<f64> {
    match rows.column(name).map(|column| &column.values) {
        Some(Values::Number(values)) => Some(values[row]).filter(|value| value.is_finite()),
        _ => None,
    }
}
