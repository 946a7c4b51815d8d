//! Dose-limiting toxicity.

use thiserror::Error;

use super::super::raw::DltTable;
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::Spanned;
use super::super::{Dlt, Visits};
use super::{columns, endpoints};
use crate::diagnostic::Cause;

/// What can be wrong with dose-limiting toxicity.
#[derive(Debug, Error)]
pub enum DltError {
    /// A cause that nothing makes.
    #[error("the cause `{cause}` has no condition")]
    NoCondition {
        /// The cause.
        cause: String,
    },
}

impl Cause for DltError {
    fn help(&self) -> Option<String> {
        Some("write at least one, as [\"grade(thrombocytopenia) >= 4\"]".into())
    }
}

pub(super) fn check(table: &Spanned<DltTable>, visits: Option<&Visits>, report: &mut Report) -> Option<Dlt> {
    let section = Section::new("dlt", &table.span);
    let DltTable { window, stops_treatment, causes } = &table.value;
    let window = report.required("window", window, &section).and_then(|text| {
        let window = report.duration("window", text)?;
        endpoints::before_end(&text.value, window, &text.span, visits, report);
        Some(window)
    });
    let entries = report.required("causes", causes, &section)?;
    if entries.value.0.is_empty() {
        report.add(&entries.span, KeyError::Empty { key: "causes" });
    }
    let mut causes = Vec::new();
    for (name, conditions) in &entries.value.0 {
        columns::name(name, report);
        if conditions.value.is_empty() {
            report.add(&conditions.span, DltError::NoCondition { cause: name.value.clone() });
        }
        causes.push((name.clone(), conditions.value.iter().map(|text| report.unquoted(text)).collect()));
    }
    Some(Dlt { window: window?, stops_treatment: stops_treatment.unwrap_or(true), causes })
}
