//! Scenarios: partial cohort files within a cohort file, each laid over the file itself.
//!
//! They are laid over it as tables, before anything is read, so that every place still lies in the text
//! that the user wrote.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use super::raw::ScenarioTable;
use super::report::Report;
use super::spanned::{Entries, Spanned};
use super::{Cohort, read, validate};
use crate::diagnostic::{Cause, Problem, Problems, Source, did_you_mean};

/// Keys of the file that belong to it as a whole.
const OF_THE_FILE: [&str; 4] = ["name", "scenarios", "compare", "uncertainty"];
/// Keys of a scenario that are not of the file it is laid over.
const OF_THE_SCENARIO: [&str; 2] = ["description", "without"];
/// Keys of which each decides what other keys a table has: a table with one is replaced as a whole.
const KINDS: [&str; 2] = ["distribution", "statistic"];

/// A scenario of a cohort file.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its name.
    pub name: Spanned<String>,
    /// What it is.
    pub description: Option<String>,
}

/// What can be wrong with a scenario.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// A scenario that is not there.
    #[error("there is no scenario `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// The scenarios there are.
        known: Vec<String>,
    },
    /// A key that a scenario cannot have.
    #[error("`{key}` belongs to the file as a whole, not to a scenario")]
    NotOfScenario {
        /// The key.
        key: String,
    },
    /// Something that is left out and was not there.
    #[error("there is no `{path}` to leave out")]
    NoSuchPath {
        /// As in the file, `regimen.modify`.
        path: String,
        /// What can be left out.
        known: Vec<String>,
    },
    /// Something that is wrong only where a scenario is laid over the file.
    #[error("in scenario `{scenario}`: {problem}")]
    Within {
        /// The scenario.
        scenario: String,
        /// What is wrong.
        problem: Box<dyn Cause>,
    },
}

impl Cause for ScenarioError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { known, .. } if known.is_empty() => {
                Some("add [scenarios.NAME] to the file".into())
            }
            Self::Unknown { name, known } => {
                let near = did_you_mean(name, known.iter().map(String::as_str));
                Some(near.unwrap_or_else(|| format!("scenarios of the file: {}", known.join(", "))))
            }
            Self::NotOfScenario { .. } => Some("move it to the file itself".into()),
            Self::NoSuchPath { path, known } => did_you_mean(path, known.iter().map(String::as_str))
                .or_else(|| Some("write the name of a table or key of the file, as `regimen.modify`".into())),
            Self::Within { problem, .. } => problem.help(),
        }
    }

    fn is_of_input(&self) -> bool {
        match self {
            Self::Within { problem, .. } => problem.is_of_input(),
            _ => true,
        }
    }
}

/// The scenarios of a cohort file, in file order.
///
/// # Errors
/// The text is not TOML, or its scenarios cannot be read.
pub fn scenarios(source: &Arc<Source>) -> Result<Vec<Scenario>, Problems> {
    let mut report = Report::new(source);
    let scenarios = listed(&mut report);
    Problems::none_or(report.problems, scenarios)
}

/// The scenarios that can be read.
fn listed(report: &mut Report) -> Vec<Scenario> {
    #[derive(Deserialize)]
    struct Names {
        scenarios: Option<Entries<Spanned<ScenarioTable>>>,
    }
    let names = read::tables(report).and_then(|tables| read::read::<Names>(tables, report));
    let entries = names.and_then(|names| names.scenarios).unwrap_or_default().0.into_iter();
    entries.map(|(name, table)| Scenario { name, description: table.value.description }).collect()
}

/// Reads and checks a cohort file with one of its scenarios laid over it; without a name, the file itself
/// and that each of its scenarios is right. The files it names must be there.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn load_scenario(path: &Path, name: Option<&str>) -> Result<Cohort, Problems> {
    examine(&validate::text(path)?, path.parent().unwrap_or(Path::new("")), name).finish()
}

/// The same of a text whose paths are relative to `folder`, with what can still be checked against a model where
/// something is wrong.
pub(crate) fn examine(source: &Arc<Source>, folder: &Path, name: Option<&str>) -> Examined {
    File { source, folder, more: validate::missing_files }.check(name)
}

/// Checks the text of a cohort file with one of its scenarios laid over it; without a name, the file itself
/// and that each of its scenarios is right. Paths in it are relative to `folder`.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn parse_scenario(source: &Arc<Source>, folder: &Path, name: Option<&str>) -> Result<Cohort, Problems> {
    File { source, folder, more: |_| Vec::new() }.check(name).finish()
}

/// What a cohort file says, as far as it is right.
#[derive(Debug)]
pub(crate) struct Examined {
    /// The cohort. Where something is wrong with it, it is there to be checked further alone, and everything that
    /// expressions may name is in it; none where that is not known.
    pub(crate) cohort: Option<Cohort>,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
}

impl Examined {
    /// The cohort if nothing is wrong with it.
    pub(crate) fn finish(self) -> Result<Cohort, Problems> {
        match self.cohort {
            Some(cohort) => Problems::none_or(self.problems, cohort),
            None => Err(Problems(self.problems)),
        }
    }
}

/// A cohort file that is checked.
struct File<'a> {
    source: &'a Arc<Source>,
    folder: &'a Path,
    /// What else can be wrong with a cohort that is right in itself.
    more: fn(&Cohort) -> Vec<Problem>,
}

impl File<'_> {
    fn check(&self, name: Option<&str>) -> Examined {
        let mut examined = self.examine(name);
        if name.is_some() {
            return examined;
        }
        let mut of_scenarios = Vec::new();
        for scenario in listed(&mut Report::new(self.source)) {
            let scenario = scenario.name.value;
            match self.examine(Some(&scenario)).finish() {
                Ok(cohort) => of_scenarios.push(cohort),
                Err(within) => add_new(&mut examined.problems, within, &scenario),
            }
        }
        if let Some(cohort) = &examined.cohort {
            examined.problems.extend(validate::across_scenarios(cohort, &of_scenarios));
        }
        examined
    }

    /// The file with this scenario, or as it is.
    fn examine(&self, name: Option<&str>) -> Examined {
        let mut report = Report::new(self.source);
        let cohort = self.read(name, &mut report);
        let mut problems = report.problems;
        problems.sort_by(|a, b| self.position(a).cmp(&self.position(b)));
        if problems.is_empty()
            && let Some(cohort) = &cohort
        {
            problems = (self.more)(cohort);
        }
        Examined { cohort, problems }
    }

    fn read(&self, name: Option<&str>, report: &mut Report) -> Option<Cohort> {
        let mut tables = read::tables(report)?;
        if let Some(name) = name {
            lay_over(tables.get_mut(), name, report)?;
        }
        let file = read::read(tables, report)?;
        let cohort = validate::validate(&file, self.folder, report)?;
        Some(Cohort { scenario: name.map(String::from), ..cohort })
    }

    /// Where a problem stands in the order of a report: the cohort file comes first, then the files that it
    /// names.
    fn position<'p>(&self, problem: &'p Problem) -> (bool, &'p str, usize) {
        problem.place.as_ref().map_or((false, "", 0), |place| {
            (place.source != *self.source, place.source.name.as_str(), place.span.start)
        })
    }
}

/// Adds what is wrong in a scenario and not in the file itself.
pub(crate) fn add_new(problems: &mut Vec<Problem>, found: Problems, scenario: &str) {
    let told: Vec<String> = problems.iter().map(Problem::to_string).collect();
    let is_new = |problem: &Problem| !told.contains(&problem.to_string());
    let new = found.0.into_iter().filter(is_new).collect();
    problems.extend(within(Problems(new), Some(scenario)).0.into_iter().filter(is_new));
}

/// What is wrong, with the scenario in which it is; none is the file itself.
pub fn within(problems: Problems, scenario: Option<&str>) -> Problems {
    let Some(scenario) = scenario else { return problems };
    let said = |Problem { cause, place }| Problem {
        cause: Box::new(ScenarioError::Within { scenario: scenario.into(), problem: cause }),
        place,
    };
    Problems(problems.0.into_iter().map(said).collect())
}

/// Lays a scenario over its file; `None` if it has no such scenario.
fn lay_over<'a>(file: &mut DeTable<'a>, name: &str, report: &mut Report) -> Option<()> {
    let scenarios = file.get_mut("scenarios").and_then(|value| table_of(value));
    let Some(scenario) = scenarios.and_then(|table| table.get_mut(name)) else {
        let known = listed(&mut Report::new(report.source)).into_iter().map(|known| known.name.value);
        let unknown = ScenarioError::Unknown { name: name.into(), known: known.collect() };
        report.problems.push(Problem::new(unknown));
        return None;
    };
    // A scenario of another type is told where the file itself is read.
    let Some(scenario) = table_of(scenario) else { return Some(()) };
    // What is laid over the file no longer stands in the scenario: it is read once.
    let mut over = std::mem::take(scenario);
    scenario.extend(OF_THE_SCENARIO.into_iter().filter_map(|key| over.remove_entry(key)));
    let without = scenario.get("without").and_then(|value| value.get_ref().as_array()).cloned();
    for path in without.iter().flatten() {
        if let Some(text) = path.get_ref().as_str() {
            leave_out(file, text, &path.span(), report);
        }
    }
    for key in OF_THE_FILE {
        if let Some((written, _)) = over.remove_entry(key) {
            report.add(&written.span(), ScenarioError::NotOfScenario { key: key.into() });
        }
    }
    merge(file, over);
    Some(())
}

/// A value as a table, if it is one.
fn table_of<'v, 'a>(value: &'v mut toml::Spanned<DeValue<'a>>) -> Option<&'v mut DeTable<'a>> {
    match value.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// Takes a table or a key out of the file.
fn leave_out(file: &mut DeTable<'_>, path: &str, span: &Range<usize>, report: &mut Report) {
    let mut names = path.split('.').collect::<Vec<_>>();
    let key = names.pop().unwrap_or_default();
    let mut table = Some(&mut *file);
    for name in names {
        table = table.and_then(|table| table_of(table.get_mut(name)?));
    }
    if table.and_then(|table| table.remove(key)).is_none() {
        let mut known = Vec::new();
        paths(file, "", &mut known);
        report.add(span, ScenarioError::NoSuchPath { path: path.into(), known });
    }
}

/// The dotted path of everything in a table but the scenarios.
fn paths(table: &DeTable<'_>, before: &str, found: &mut Vec<String>) {
    for (key, value) in table {
        let path = format!("{before}{}", key.get_ref());
        if path == "scenarios" {
            continue;
        }
        if let DeValue::Table(inner) = value.get_ref() {
            paths(inner, &format!("{path}."), found);
        }
        found.push(path);
    }
}

/// Lays a table over another: tables are merged key by key, all else is replaced.
///
/// Keys that were there stay where they stand in the file: they keep their order.
fn merge<'a>(file: &mut DeTable<'a>, over: DeTable<'a>) {
    for (key, value) in over {
        let Some(old) = file.get_mut(key.get_ref().as_ref()) else {
            file.insert(key, value);
            continue;
        };
        let span = value.span();
        match (old.get_mut(), value.into_inner()) {
            (DeValue::Table(old), DeValue::Table(new))
                if !KINDS.iter().any(|kind| new.contains_key(*kind)) =>
            {
                merge(old, new);
            }
            (_, new) => *old = toml::Spanned::new(span, new),
        }
    }
}
