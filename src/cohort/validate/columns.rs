//! The columns of the outcomes: their names, each once.

use std::collections::HashMap;
use std::ops::Range;

use thiserror::Error;

use super::super::columns::{OF_DRUGS, OWN, day_of_cause, of_cause, of_drug};
use super::super::raw::Text;
use super::super::report::{LONGEST_NAME, Report};
use super::super::{Dlt, Drug, Endpoint, Event, Grades, Population, Response, TICKS_PER_DAY};
use crate::diagnostic::Cause;

/// What can be wrong with the name of a column, or with a name that columns are made of.
#[derive(Debug, Error)]
pub enum ColumnError {
    /// The name is not that of a column.
    #[error("`{name}` is not a lower_snake_case name")]
    Name {
        /// The name.
        name: String,
    },
    /// The name of a column that is not the user's.
    #[error("`{name}` is a column that vpop writes itself")]
    Reserved {
        /// The name.
        name: String,
    },
    /// A name that makes a column that is there already.
    #[error("[{table}] makes the column `{column}`, which {other} makes too")]
    Taken {
        /// The table that makes it.
        table: String,
        /// The column.
        column: String,
        /// What else makes it.
        other: String,
    },
}

impl Cause for ColumnError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Name { .. } => {
                format!(
                    "begin with a small letter and go on with small letters, digits and `_`, {LONGEST_NAME} at most"
                )
            }
            Self::Reserved { .. } => "choose another name".into(),
            Self::Taken { .. } => "choose another name for one of them".into(),
        })
    }
}

/// Checks that a name can be that of a column.
pub(super) fn name(name: &Text, report: &mut Report) {
    let text = name.value.as_str();
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || !text.chars().all(allowed) || text.len() > LONGEST_NAME {
        report.add(&name.span, ColumnError::Name { name: text.into() });
    }
}

/// What makes columns.
pub(super) struct Makers<'a> {
    pub(super) endpoints: &'a [Endpoint],
    pub(super) grades: &'a Grades,
    pub(super) dlt: Option<&'a Dlt>,
    pub(super) events: &'a [Event],
    pub(super) response: Option<&'a Response>,
    pub(super) drugs: &'a [Drug],
    pub(super) population: &'a Population,
}

/// Checks that no two things make the same column.
pub(super) fn check(makers: &Makers, report: &mut Report) {
    let mut columns = Columns(HashMap::new());
    for endpoint in makers.endpoints {
        let (name, span) = (&endpoint.name.value, &endpoint.name.span);
        if OWN.contains(&name.as_str()) {
            report.add(span, ColumnError::Reserved { name: name.clone() });
        }
        columns.add(name.clone(), &format!("endpoints.{name}"), span, report);
    }
    for column in OWN {
        columns.0.insert(column.into(), "vpop itself".into());
    }
    columns.of_grades(makers.grades, report);
    for (cause, _) in makers.dlt.iter().flat_map(|dlt| &dlt.causes) {
        let table = format!("dlt.causes.{}", cause.value);
        for column in [of_cause(&cause.value), day_of_cause(&cause.value)] {
            columns.add(column, &table, &cause.span, report);
        }
    }
    for event in makers.events {
        let name = &event.name.value;
        columns.add(format!("{name}_day"), &format!("events.{name}"), &event.name.span, report);
    }
    columns.of_drugs(makers, report);
    if let Some(response) = makers.response {
        for &scan in &response.scans {
            let day = f64::from(scan) / TICKS_PER_DAY;
            columns.add(format!("response_{day}"), "response", &response.of.span, report);
        }
    }
}

/// Each column, and what makes it.
struct Columns(HashMap<String, String>);

impl Columns {
    fn add(&mut self, column: String, table: &str, span: &Range<usize>, report: &mut Report) {
        if let Some(other) = self.0.get(&column) {
            let other = other.clone();
            report.add(span, ColumnError::Taken { table: table.into(), column, other });
        } else {
            self.0.insert(column, format!("[{table}]"));
        }
    }

    /// Columns of each of several drugs. Covariates are no columns of the outcomes, but stand beside them.
    fn of_drugs(&mut self, makers: &Makers, report: &mut Report) {
        let [_, _, ..] = makers.drugs else { return };
        let population = makers.population;
        let drawn = population.covariates.iter().map(|covariate| (&covariate.name.value, "population"));
        let derived =
            population.derived.iter().map(|covariate| (&covariate.name.value, "population.derived"));
        for (name, table) in drawn.chain(derived) {
            self.0.entry(name.clone()).or_insert_with(|| format!("`{name}` of [{table}]"));
        }
        for name in makers.drugs.iter().filter_map(|drug| drug.name.as_ref()) {
            for column in OF_DRUGS {
                self.add(of_drug(column, &name.value), &format!("drugs.{}", name.value), &name.span, report);
            }
        }
    }

    fn of_grades(&mut self, grades: &Grades, report: &mut Report) {
        for term in &grades.terms {
            let name = &term.name.value;
            let fixed = ["grade", "grade_baseline", "emergent_grade"].map(String::from);
            let windows = grades
                .windows
                .iter()
                .flat_map(|(window, _)| [format!("grade_{window}"), format!("emergent_grade_{window}")]);
            let days = term.days.iter().map(|grade| format!("days_grade_{grade}"));
            let onset = term.onset.iter().map(|grade| format!("onset_grade_{grade}"));
            for suffix in fixed.into_iter().chain(windows).chain(days).chain(onset) {
                let (column, table) = (format!("{name}_{suffix}"), format!("grades.terms.{name}"));
                self.add(column, &table, &term.name.span, report);
            }
        }
    }
}
