//! Graded laboratory values: terms that the tables have, with grades that they have.

use std::path::Path;

use super::super::raw::{GradesTable, TermTable, Text};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::Spanned;
use super::super::value::TextOr;
use super::super::{GradedTerm, Grades, GradingTable, ReadOn, Term, Visits};
use super::errors::GradesError;
use super::{columns, endpoints, general, grading};

pub(super) fn check(
    table: Option<&Spanned<GradesTable>>,
    folder: &Path,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Grades {
    let mut grades = Grades::default();
    let Some(table) = table else { return grades };
    let section = Section::new("grades", &table.span);
    let table = &table.value;
    for (name, window) in table.windows.iter().flat_map(|windows| &windows.0) {
        columns::name(name, report);
        if name.value == "baseline" {
            report.add(&name.span, GradesError::Baseline);
            continue;
        }
        let window = endpoints::window(window, ReadOn::Visits, visits, report);
        grades.windows.extend(window.map(|window| (name.value.clone(), window)));
    }
    let Some(files) = report.required("tables", &table.tables, &section) else { return grades };
    if files.value.is_empty() {
        report.add(&files.span, KeyError::Empty { key: "tables" });
    }
    for file in &files.value {
        let file = general::path("tables", file, folder, report);
        grades.tables.extend(file.and_then(|file| grading::table(file, report)));
    }
    if grades.tables.len() < files.value.len() {
        return grades; // What a table that cannot be read has is not known.
    }
    for (name, entry) in table.terms.iter().flat_map(|terms| &terms.0) {
        grades.terms.extend(graded(name, entry, &grades.tables, report));
    }
    grades
}

fn graded(
    name: &Text,
    entry: &Spanned<TextOr<TermTable>>,
    tables: &[GradingTable],
    report: &mut Report,
) -> Option<GradedTerm> {
    let position = position(name, tables, report);
    let TermTable { of, unit, uln, lln, days, onset } = match &entry.value {
        TextOr::Text(text) => {
            let of = report.unquoted(&Spanned { value: text.clone(), span: entry.span.clone() });
            return position.map(|term| GradedTerm {
                name: name.clone(),
                term,
                of,
                unit: None,
                uln: None,
                lln: None,
                days: Vec::new(),
                onset: Vec::new(),
            });
        }
        TextOr::Table(table) => table,
    };
    let section = Section::new(format!("grades.terms.{}", name.value), &entry.span);
    let of = report.required("of", of, &section).map(|of| report.unquoted(of));
    let uln = uln.as_ref().and_then(|number| report.finite("uln", number));
    let lln = lln.as_ref().and_then(|number| report.finite("lln", number));
    let (table, index) = position?;
    let term = &tables[table].terms[index];
    let days = grades_of("days", days.as_deref(), term, report);
    let onset = grades_of("onset", onset.as_deref(), term, report);
    Some(GradedTerm {
        name: name.clone(),
        term: (table, index),
        of: of?,
        unit: unit.clone(),
        uln,
        lln,
        days,
        onset,
    })
}

/// Position of the table that has the term, and of the term in it.
fn position(name: &Text, tables: &[GradingTable], report: &mut Report) -> Option<(usize, usize)> {
    let found: Vec<(usize, usize)> = tables
        .iter()
        .enumerate()
        .filter_map(|(i, table)| Some((i, table.terms.iter().position(|term| term.name == name.value)?)))
        .collect();
    let term = name.value.clone();
    match found[..] {
        [one] => Some(one),
        [] => {
            let terms = tables.iter().flat_map(|table| &table.terms).map(|term| term.name.clone()).collect();
            report.add(&name.span, GradesError::UnknownTerm { term, terms });
            None
        }
        [(first, _), (second, _), ..] => {
            let (first, second) = (tables[first].name.clone(), tables[second].name.clone());
            report.add(&name.span, GradesError::TermOfTwo { term, first, second });
            None
        }
    }
}

/// Grades that are asked for, each once, which the term must have.
fn grades_of(key: &'static str, asked: Option<&[Spanned<i64>]>, term: &Term, report: &mut Report) -> Vec<u8> {
    let has =
        |grade: &u8| term.conditions.get(usize::from(*grade).wrapping_sub(1)).is_some_and(Option::is_some);
    let mut grades = Vec::new();
    for Spanned { value: grade, span } in asked.into_iter().flatten() {
        match u8::try_from(*grade).ok().filter(has) {
            Some(grade) if grades.contains(&grade) => {
                report.add(span, KeyError::Twice { key, name: grade.to_string() });
            }
            Some(grade) => grades.push(grade),
            None => {
                let grades = (1..=4).filter(has).collect();
                report.add(span, GradesError::NoSuchGrade { term: term.name.clone(), grade: *grade, grades });
            }
        }
    }
    grades
}
