//! Rows of the ledger.

use vpop::table::{Table, Values};

pub(crate) fn labels(table: &Table, column: &str) -> Vec<String> {
    match &table.column(column).unwrap().values {
        Values::Label { codes, labels } => codes
            .iter()
            .map(|code| code.map_or_else(String::new, |code| labels[code as usize].clone()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

/// The rows of a drug in an arm: day, planned amount, amount, what became of it.
pub(crate) fn of(table: &Table, arm: &str, drug: &str) -> Vec<(f64, f64, f64, String)> {
    let number = |column: &str| table.column(column).unwrap().values.numbers().to_vec();
    let [time, planned, given] = ["time", "planned_amount", "amount"].map(number);
    let [arms, drugs, action] = ["arm", "drug", "action"].map(|column| labels(table, column));
    let rows = (0..table.rows()).filter(|&row| arms[row] == arm && drugs[row] == drug);
    rows.map(|row| (time[row] + 1.0, planned[row], given[row], action[row].clone())).collect()
}
