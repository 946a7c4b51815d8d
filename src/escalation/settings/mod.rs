//! Design files: read, checked, and laid on the doses of a trial.

mod boin_like;
mod error;
mod model_based;
mod raw;
mod rule_based;
mod table;

use std::path::Path;
use std::sync::Arc;

use super::conduct::Limits;
use super::design::decision_table::DecisionTable;
use super::design::{Cohorts, Design};
use super::doses::Doses;
use super::evaluability::Evaluability;
use crate::cohort::report::{Report, Section};
use crate::cohort::{self, Spanned, read};
use crate::diagnostic::{Problems, Source};
pub use error::DesignError;
use raw::{DesignFile, Number, PatientsTable, Text, Whole};

/// The designs that every trial is conducted by if none is named.
const STANDARD: [(&str, &str); 8] = [
    ("designs/three_plus_three.toml", include_str!("../../../designs/three_plus_three.toml")),
    ("designs/three_plus_three_six.toml", include_str!("../../../designs/three_plus_three_six.toml")),
    ("designs/accelerated_titration.toml", include_str!("../../../designs/accelerated_titration.toml")),
    ("designs/boin.toml", include_str!("../../../designs/boin.toml")),
    ("designs/mtpi2.toml", include_str!("../../../designs/mtpi2.toml")),
    ("designs/crm.toml", include_str!("../../../designs/crm.toml")),
    ("designs/blrm.toml", include_str!("../../../designs/blrm.toml")),
    ("designs/fixed.toml", include_str!("../../../designs/fixed.toml")),
];

/// The one of them that needs the doses themselves, not levels.
pub const NEEDS_DOSES: &str = "designs/blrm.toml";

/// The most patients of a trial: it is a phase I trial.
const MOST_PATIENTS: u32 = 1_000;

/// A design, ready for the doses of a trial.
#[derive(Debug)]
pub struct Planned {
    /// What it is called.
    pub name: String,
    /// Who is treated next.
    pub design: Box<dyn Design>,
    /// How long it goes on.
    pub limits: Limits,
    /// Its decisions by counts, if these decide.
    pub table: Option<DecisionTable>,
    /// What a moderate toxicity is, if it asks.
    pub moderate: Option<Moderate>,
    /// The rule for the declared dose, of a fixed design.
    pub evaluability: Option<Evaluability>,
    /// The file.
    pub source: Arc<Source>,
}

/// What a moderate toxicity is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moderate {
    /// A term of at least this grade, worse than before the first dose.
    pub grade: u32,
    /// In this window of the run's grades.
    pub window: String,
    /// Whether the file names the window, which the run must then have.
    pub is_named: bool,
}

/// What a table of the file makes of it.
struct Kind {
    design: Box<dyn Design>,
    table: Option<DecisionTable>,
    moderate: Option<Moderate>,
    evaluability: Option<Evaluability>,
}

impl Kind {
    fn of(design: impl Design + 'static) -> Self {
        Self { design: Box::new(design), table: None, moderate: None, evaluability: None }
    }
}

/// Reads and checks a design file.
///
/// # Errors
/// All that is wrong with it, for these doses.
pub fn load(path: &Path, doses: &Doses) -> Result<Planned, Problems> {
    parse(&cohort::text(path)?, doses)
}

/// The designs of files; if there is none, the standard ones that need no more than the doses say. Each has a name
/// of its own.
///
/// # Errors
/// All that is wrong with a file, or two of one name.
pub fn load_all(files: &[impl AsRef<Path>], doses: &Doses) -> Result<Vec<Planned>, Problems> {
    if files.is_empty() {
        let possible = STANDARD.iter().filter(|(name, _)| doses.are_known() || *name != NEEDS_DOSES);
        return possible.map(|(name, text)| parse(&Source::new(*name, *text), doses)).collect();
    }
    let designs: Vec<Planned> =
        files.iter().map(|file| load(file.as_ref(), doses)).collect::<Result<_, _>>()?;
    for (i, design) in designs.iter().enumerate() {
        if designs[..i].iter().any(|other| other.name == design.name) {
            return Err(DesignError::SameName { name: design.name.clone() }.into());
        }
    }
    Ok(designs)
}

/// The JSON schema of design files, for editors.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(DesignFile).to_value()
}

/// Checks the text of a design file; paths in it are relative to where its source says it is.
///
/// # Errors
/// All that is wrong with it, for these doses.
pub fn parse(source: &Arc<Source>, doses: &Doses) -> Result<Planned, Problems> {
    let mut report = Report::new(source);
    let file = read::tables(&mut report).and_then(|tables| read::read(tables, &mut report));
    let planned = file.and_then(|file: DesignFile| planned(&file, doses, &mut report));
    let mut problems = report.problems;
    problems.sort_by_key(|problem| problem.place.as_ref().map_or(0, |place| place.span.start));
    match planned {
        Some(planned) => Problems::none_or(problems, planned),
        None => Err(Problems(problems)),
    }
}

fn planned(file: &DesignFile, doses: &Doses, report: &mut Report) -> Option<Planned> {
    let root = Section::new("", &(0..0));
    let name = report.required("name", &file.name, &root).map(|name| name.value.clone());
    let start = file.start.as_ref().map_or(Some(0), |start| level(start, doses, report));
    let patients = Patients::new(file, report);
    let scope =
        Scope { doses, cohorts: Cohorts { start: start?, size: patients.cohort }, limits: patients.limits };
    let kind = kind(file, &scope, report)?;
    let Kind { design, table, moderate, evaluability } = kind;
    Some(Planned {
        name: name?,
        design,
        limits: scope.limits,
        table,
        moderate,
        evaluability,
        source: Arc::clone(report.source),
    })
}

/// What the file says of all designs.
struct Scope<'a> {
    doses: &'a Doses,
    cohorts: Cohorts,
    limits: Limits,
}

/// The one table that says what kind of design it is.
fn kind(file: &DesignFile, scope: &Scope<'_>, report: &mut Report) -> Option<Kind> {
    let spans = [
        ("three_plus_three", file.three_plus_three.as_ref().map(|table| &table.span)),
        ("accelerated_titration", file.accelerated_titration.as_ref().map(|table| &table.span)),
        ("boin", file.boin.as_ref().map(|table| &table.span)),
        ("mtpi2", file.mtpi2.as_ref().map(|table| &table.span)),
        ("crm", file.crm.as_ref().map(|table| &table.span)),
        ("blrm", file.blrm.as_ref().map(|table| &table.span)),
        ("fixed", file.fixed.as_ref().map(|table| &table.span)),
        ("table", file.table.as_ref().map(|table| &table.span)),
    ];
    let mut given = spans.into_iter().filter_map(|(name, span)| Some((name, span?)));
    let Some((first, _)) = given.next() else {
        report.add_if_complete(&(0..0), DesignError::NoKind);
        return None;
    };
    if let Some((second, span)) = given.next() {
        report.conflict(span, first, second);
        return None;
    }
    if let Some(table) = &file.three_plus_three {
        Some(rule_based::three_plus_three(&table.value, scope))
    } else if let Some(table) = &file.accelerated_titration {
        rule_based::accelerated_titration(&table.value, scope, report)
    } else if let Some(table) = &file.fixed {
        rule_based::fixed(&table.value, scope, report)
    } else if let Some(table) = &file.boin {
        boin_like::boin(&table.value, scope, report)
    } else if let Some(table) = &file.mtpi2 {
        boin_like::mtpi2(&table.value, scope, report)
    } else if let Some(table) = &file.crm {
        model_based::crm(table, scope, report)
    } else if let Some(table) = &file.blrm {
        model_based::blrm(table, scope, report)
    } else {
        file.table.as_ref().and_then(|table| table::check(table, scope, report))
    }
}

/// How many patients a design has.
struct Patients {
    cohort: u32,
    limits: Limits,
}

impl Patients {
    fn new(file: &DesignFile, report: &mut Report) -> Self {
        let is_fixed = file.fixed.is_some();
        let nothing = PatientsTable::default();
        let table = file.patients.as_ref().map_or(&nothing, |table| &table.value);
        let by_rule = if file.three_plus_three.is_some() {
            Some("three_plus_three")
        } else {
            file.accelerated_titration.as_ref().map(|_| "accelerated_titration")
        };
        if let Some(design) = by_rule {
            let settings =
                [("cohort", &table.cohort), ("at_dose", &table.at_dose), ("replaced", &table.replaced)];
            for (key, value) in settings {
                if let Some(value) = value {
                    report.add(&value.span, DesignError::NotOfKind { key, design });
                }
            }
        }
        let mut count = |key: &str, number: &Option<Whole>, low: u32| {
            number.as_ref().and_then(|number| report.count(key, number, [low, MOST_PATIENTS]))
        };
        let cohort = count("cohort", &table.cohort, 1).unwrap_or(if is_fixed { 4 } else { 3 });
        let limits = Limits {
            patients: count("maximum", &table.maximum, 1).unwrap_or(if is_fixed { 20 } else { 30 }),
            at_dose: count("at_dose", &table.at_dose, 1),
            replacements: count("replaced", &table.replaced, 0).or(is_fixed.then_some(1)),
        };
        Self { cohort, limits }
    }
}

/// A dose by its label.
fn level(label: &Text, doses: &Doses, report: &mut Report) -> Option<usize> {
    let found = doses.labels.iter().position(|known| *known == label.value);
    if found.is_none() {
        let cause = DesignError::NoDose { label: label.value.clone(), known: doses.labels.clone() };
        report.add(&label.span, cause);
    }
    found
}

/// A number between 0 and 1, neither of them; or what stands in its place.
fn probability(key: &str, number: &Option<Number>, default: f64, report: &mut Report) -> Option<f64> {
    let Some(number) = number else { return Some(default) };
    if number.value > 0.0 && number.value < 1.0 {
        return Some(number.value);
    }
    report.add(&number.span, DesignError::NotAProbability { key: key.into(), value: number.value });
    None
}

/// A whole number up to the most patients, or what stands in its place.
fn count(key: &str, number: &Option<Whole>, default: u32, report: &mut Report) -> Option<u32> {
    number.as_ref().map_or(Some(default), |number| report.count(key, number, [0, MOST_PATIENTS]))
}

/// Two probabilities, the lower first, or what stands in their place.
fn interval(
    key: &'static str,
    pair: Option<&Spanned<cohort::value::Pair<f64>>>,
    default: [f64; 2],
    report: &mut Report,
) -> Option<[f64; 2]> {
    let Some(pair) = pair else { return Some(default) };
    let bounds = report.bounds(key, pair)?;
    for value in bounds {
        let number = Some(Spanned { value, span: pair.span.clone() });
        probability(key, &number, value, report)?;
    }
    Some(bounds)
}
