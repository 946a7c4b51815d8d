//! Grading tables: files of their own, read where a cohort file names them.

use std::path::PathBuf;

use super::super::raw::{GradingFile, GradingTerm, Text};
use super::super::read;
use super::super::report::{Report, Section};
use super::super::spanned::Spanned;
use super::super::{GradingTable, Term};
use super::columns;
use super::errors::GradesError;
use super::general::{self, FileError};

/// Reads and checks a grading table. What is wrong in it is reported there.
pub(super) fn table(file: Spanned<PathBuf>, report: &mut Report) -> Option<GradingTable> {
    let source = match general::text(&file.value) {
        Ok(source) => source,
        Err(_) if !file.value.is_file() => {
            let path = file.value.display().to_string();
            report.add(&file.span, FileError::Missing { key: "tables", path });
            return None;
        }
        Err(error) => {
            report.add(&file.span, error);
            return None;
        }
    };
    let mut inside = Report::new(&source);
    let found = read::tables(&mut inside).and_then(|tables| read::read(tables, &mut inside));
    let checked = found.and_then(|found: GradingFile| contents(&found, &mut inside));
    let faultless = inside.problems.is_empty();
    report.problems.append(&mut inside.problems);
    let (name, terms) = checked.filter(|_| faultless)?;
    Some(GradingTable { file, source, name, terms })
}

/// The table's name and terms.
fn contents(file: &GradingFile, report: &mut Report) -> Option<(String, Vec<Term>)> {
    let root = Section::new("", &(0..0));
    let name = report.required("name", &file.name, &root).map(|name| name.value.clone());
    let terms = report.required("terms", &file.terms, &root)?;
    let terms = terms.0.iter().filter_map(|(name, table)| term(name, table, report)).collect();
    Some((name?, terms))
}

fn term(name: &Text, table: &Spanned<GradingTerm>, report: &mut Report) -> Option<Term> {
    columns::name(name, report);
    let section = Section::new(format!("terms.{}", name.value), &table.span);
    let GradingTerm { title, unit, uln, lln, grade_1, grade_2, grade_3, grade_4 } = &table.value;
    let title = report.required("title", title, &section).map(|text| text.value.clone());
    let unit = report.required("unit", unit, &section).map(|text| text.value.clone());
    let uln = uln.as_ref().and_then(|number| report.finite("uln", number));
    let lln = lln.as_ref().and_then(|number| report.finite("lln", number));
    let conditions: Vec<_> = [grade_1, grade_2, grade_3, grade_4]
        .map(|condition| condition.as_ref().map(|text| report.unquoted(text)))
        .into();
    if conditions.iter().all(Option::is_none) {
        report.add_if_complete(&section.span, GradesError::NoGrades { term: name.value.clone() });
    }
    Some(Term { name: name.value.clone(), title: title?, unit: unit?, uln, lln, conditions })
}
