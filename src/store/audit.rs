//! The `audit` set, read back.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;

use super::error::StoreError;
use super::read::{self, labels, numbers, scan};
use crate::engine::audit::{Check, Comparison, Verdict};
use crate::outcome::audit::VERDICT_LABELS;

const COLUMNS: [&str; 10] =
    ["check", "patient", "arm", "endpoint", "engine", "reference", "difference", "low", "high", "verdict"];

/// Gives the comparisons in the parts of the `audit` set to `each`, in order.
///
/// # Errors
/// [`StoreError`] if a file cannot be read, lacks a column, or has other arms or endpoints.
pub fn comparisons(
    files: &[PathBuf],
    arms: &[&str],
    endpoints: &[&str],
    mut each: impl FnMut(Comparison),
) -> Result<(), StoreError> {
    for file in files {
        scan(file, &COLUMNS, |batch| {
            let [patient, engine, reference, difference, low, high] =
                ["patient", "engine", "reference", "difference", "low", "high"]
                    .map(|name| numbers(file, batch, name));
            let (patient, engine, reference) = (patient?, engine?, reference?);
            let (difference, low, high) = (difference?, low?, high?);
            let check = positions(file, batch, "check", &Check::ALL.map(Check::name))?;
            let arm = positions(file, batch, "arm", arms)?;
            let endpoint = positions(file, batch, "endpoint", endpoints)?;
            let verdict = positions(file, batch, "verdict", &VERDICT_LABELS)?;
            for row in 0..batch.num_rows() {
                each(Comparison {
                    check: Check::ALL[check[row]],
                    item: patient[row] as usize * arms.len() + arm[row],
                    endpoint: endpoint[row],
                    engine: engine[row],
                    reference: reference[row],
                    difference: difference[row],
                    bounds: [low[row], high[row]],
                    verdict: Verdict::ALL[verdict[row]],
                });
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The label of each row by its position in a list; none may be missing.
fn positions(file: &Path, batch: &RecordBatch, name: &str, list: &[&str]) -> Result<Vec<usize>, StoreError> {
    labels(file, batch, name)?;
    Ok(read::positions(file, batch, name, list)?.into_iter().flatten().collect())
}
