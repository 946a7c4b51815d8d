//! What is kept of the patients.

use super::super::Output;
use super::super::raw::OutputTable;
use super::super::report::{KeyError, Report};

/// Whether the outcomes have the columns is known once it is known what they are.
pub(super) fn check(table: &OutputTable, report: &mut Report) -> Output {
    let OutputTable { outcomes, columns, .. } = table;
    if let (Some(columns), Some(false)) = (columns, outcomes) {
        report.conflict(&columns.span, "columns", "outcomes = false");
    }
    let columns = columns.as_ref().map(|columns| {
        if columns.value.is_empty() {
            report.add(&columns.span, KeyError::Empty { key: "columns" });
        }
        for (i, column) in columns.value.iter().enumerate() {
            if columns.value[..i].iter().any(|other| other.value == column.value) {
                let name = column.value.clone();
                report.add(&column.span, KeyError::Twice { key: "columns", name });
            }
        }
        columns.value.iter().map(|column| report.unquoted(column)).collect()
    });
    Output { outcomes: outcomes.unwrap_or(true), columns }
}
