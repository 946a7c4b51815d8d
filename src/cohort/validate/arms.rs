//! Arms with doses of their own: `[[arms]]`.

use super::super::raw::{ArmTable, RegimenTable};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::Spanned;
use super::super::value::TextOr;
use super::super::{Arm, Dose, Ticks, sentence};
use super::doses::{self, Maker};
use super::errors::DosingError;

/// The arms, and when the last interval or cycle of any ends.
pub(super) fn arms(
    tables: &Spanned<Vec<Spanned<ArmTable>>>,
    regimen: Option<&RegimenTable>,
    maker: &Maker<'_>,
    report: &mut Report,
) -> Option<(Vec<Arm>, Option<Ticks>)> {
    if let Some(regimen) = regimen {
        no_doses_of_regimen(regimen, report);
    }
    if tables.value.is_empty() {
        report.add(&tables.span, KeyError::Empty { key: "arms" });
        return None;
    }
    let mut arms: Vec<Arm> = Vec::new();
    let mut end = None;
    for table in &tables.value {
        let Some((arm, own)) = arm(table, maker, report) else { continue };
        if arms.iter().any(|other| other.label.value == arm.label.value) {
            report.add(&arm.label.span, DosingError::ArmName { name: arm.label.value.clone() });
        }
        end = end.max(own);
        arms.push(arm);
    }
    (arms.len() == tables.value.len()).then_some((arms, end))
}

/// Keys of `[regimen]` that `[[arms]]` take the place of.
fn no_doses_of_regimen(table: &RegimenTable, report: &mut Report) {
    if let Some(arms) = &table.arms {
        report.conflict(&arms.span, "[[arms]]", "regimen.arms");
    }
    for (key, span) in [
        ("every", table.every.as_ref().map(|text| &text.span)),
        ("cycles", table.cycles.as_ref().map(|number| &number.span)),
        ("times", table.times.as_ref().map(|list| &list.span)),
        ("loading", table.loading.as_ref().map(|table| &table.span)),
    ] {
        if let Some(span) = span {
            report.add(span, DosingError::OfDoses { key });
        }
    }
}

fn arm(table: &Spanned<ArmTable>, maker: &Maker<'_>, report: &mut Report) -> Option<(Arm, Option<Ticks>)> {
    let section = Section::new("arms", &table.span);
    let ArmTable { name, doses } = &table.value;
    let label = report.required("name", name, &section);
    let label = label.filter(|name| {
        let is_empty = name.value.trim().is_empty();
        if is_empty {
            report.add(&name.span, KeyError::Empty { key: "name" });
        }
        !is_empty
    });
    let list = report.required("doses", doses, &section)?;
    let mut courses = Vec::new();
    let mut end = None;
    let mut is_right = true;
    for Spanned { value, span } in &list.value {
        let sources = match value {
            TextOr::Text(text) => {
                doses::of_sentence(&Spanned { value: text.clone(), span: span.clone() }, report)
            }
            TextOr::Table(table) => doses::of_table(table, span, report).map(|source| vec![source]),
        };
        match sources.and_then(|sources| maker.courses(sources, report)) {
            Some((own, until)) => {
                courses.extend(own);
                end = end.max(until);
            }
            None => is_right = false,
        }
    }
    let arm = is_right.then_some(Arm { label: label?.clone(), courses })?;
    let is_other = |dose: Dose| arm.dose().is_none_or(|own| !own.value.is(&dose));
    if sentence::dose_of_label(&arm.label.value).is_some_and(is_other) {
        report.add(&arm.label.span, DosingError::NameOfDose { name: arm.label.value.clone() });
    }
    Some((arm, end))
}
