//! Values of a time course at which something follows: cut-offs of severe grades, and of rules of dosing.

use super::super::facts::Facts;
use crate::cohort::{GradedTerm, Term};
use crate::table::ColumnMeta;

/// The first grade that is severe.
const SEVERE: usize = 3;

/// The thresholds of a time course, and what each is.
pub(super) fn thresholds(facts: &Facts, course: &ColumnMeta) -> Vec<(f64, String)> {
    let cohort = &facts.job.cohort;
    let mut found = Vec::new();
    for graded in cohort.grades.terms.iter().filter(|graded| graded.of.value == course.name) {
        let (table, term) = graded.term;
        let term = &cohort.grades.tables[table].terms[term];
        // A course in another unit than that of the grades is not compared with them.
        if term.unit == course.unit {
            found.extend(of_grades(graded, term));
        }
    }
    for rule in &cohort.regimen.modify {
        let parts = rule.when.value.split(['|', '&']);
        let cuts = parts.filter_map(|part| cut(part.trim(), &course.name, &|_| None));
        found.extend(cuts.map(|cut| (cut, format!("dosing: {}", rule.label))));
    }
    found.dedup_by(|a, b| a.0 == b.0);
    found
}

/// The cut-offs of severe grades.
fn of_grades<'a>(graded: &'a GradedTerm, term: &'a Term) -> impl Iterator<Item = (f64, String)> + 'a {
    let limit = |name: &str| match name {
        "uln" => graded.uln.or(term.uln),
        "lln" => graded.lln.or(term.lln),
        _ => None,
    };
    let conditions = term.conditions.iter().enumerate().skip(SEVERE - 1);
    conditions.filter_map(move |(i, condition)| {
        let cut = cut(&condition.as_ref()?.value, "x", &limit)?;
        Some((cut, format!("grade {}", i + 1)))
    })
}

/// What a name is compared with in a condition of the form `NAME < value`; a value is a number, a limit of normal, or
/// their product. None of any other condition: what a line cannot show is not drawn.
fn cut(condition: &str, name: &str, limit: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
    let rest = condition.strip_prefix(name)?.trim_start();
    let value = rest.strip_prefix(['<', '>'])?;
    let value = value.strip_prefix('=').unwrap_or(value);
    let factor = |text: &str| text.trim().parse::<f64>().ok().or_else(|| limit(text.trim()));
    value.split('*').try_fold(1.0, |product, text| Some(product * factor(text)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_can_show() {
        let limit = |name: &str| (name == "uln").then_some(40.0);
        let of = |condition: &str| cut(condition, "x", &limit);
        assert_eq!(of("x < 50"), Some(50.0));
        assert_eq!(of("x > 5 * uln"), Some(200.0));
        assert_eq!(of("x >= uln"), Some(40.0));
        for other in ["x < 50 & x > 3", "x > 3 * baseline", "xy < 5", "x"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
