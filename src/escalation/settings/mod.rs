//! Design files: read, checked, and laid on the doses of a trial.

mod file;

use std::path::Path;
use std::sync::Arc;

use super::conduct::Limits;
use super::design::decision_table::DecisionTable;
use super::design::kind::{Checked, DesignFileText, MOST_PATIENTS, PatientRules, Scope};
use super::design::{Cohorts, Design, DesignTable, KINDS};
use super::doses::Doses;
use super::evaluability::Evaluability;
use crate::cohort::report::{Report, Section};
use crate::cohort::{self, read};
use crate::diagnostic::{Problems, Source};
use file::{DesignFile, PatientsTable, Text, Whole};

pub use super::design::DesignError;
pub use super::design::kind::Moderate;

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
        let standard = standard(|needs_doses| doses.are_known() || !needs_doses);
        return standard.map(|file| parse(&Source::new(file.path, file.text), doses)).collect();
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

/// The designs that every trial is conducted by if none is named: those of kinds that this holds for, of whether a kind
/// needs the doses themselves.
fn standard(is_of: impl Fn(bool) -> bool) -> impl Iterator<Item = &'static DesignFileText> {
    KINDS.iter().filter(move |kind| is_of(kind.needs_doses)).flat_map(|kind| kind.standard)
}

/// Files of the standard designs that need the doses themselves, not levels.
pub fn needing_doses() -> Vec<&'static str> {
    standard(|needs_doses| needs_doses).map(|file| file.path).collect()
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
    let table = file.tables.first();
    let patients = Patients::new(file.patients.as_ref().map(|table| &table.value), table, report);
    let scope =
        Scope { doses, cohorts: Cohorts { start: start?, size: patients.cohort }, limits: patients.limits };
    let Checked { design, table, moderate, evaluability } =
        the_one(&file.tables, report)?.check(&scope, report)?;
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

/// The one table that says what kind of design it is.
fn the_one<'t>(tables: &'t [DesignTable], report: &mut Report) -> Option<&'t DesignTable> {
    match tables {
        [] => {
            report.add_if_complete(&(0..0), DesignError::NoKind);
            None
        }
        [one] => Some(one),
        [first, second, ..] => {
            report.conflict(second.span(), first.info().name, second.info().name);
            None
        }
    }
}

/// How many patients a design has.
struct Patients {
    cohort: u32,
    limits: Limits,
}

impl Patients {
    fn new(table: Option<&PatientsTable>, design: Option<&DesignTable>, report: &mut Report) -> Self {
        let nothing = PatientsTable::default();
        let table = table.unwrap_or(&nothing);
        let rules = design.map_or(PatientRules::USUAL, |design| design.info().patients);
        if let Some(design) = design.filter(|_| rules.are_its_own) {
            let settings =
                [("cohort", &table.cohort), ("at_dose", &table.at_dose), ("replaced", &table.replaced)];
            for (key, value) in settings {
                if let Some(value) = value {
                    report.add(&value.span, DesignError::NotOfKind { key, design: design.info().name });
                }
            }
        }
        let mut count = |key: &str, number: &Option<Whole>, low: u32| {
            number.as_ref().and_then(|number| report.count(key, number, [low, MOST_PATIENTS]))
        };
        let cohort = count("cohort", &table.cohort, 1).unwrap_or(rules.cohort);
        let limits = Limits {
            patients: count("maximum", &table.maximum, 1).unwrap_or(rules.maximum),
            at_dose: count("at_dose", &table.at_dose, 1),
            replacements: count("replaced", &table.replaced, 0).or(rules.replaced),
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
