//! A decision table as it is given.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use super::DesignError;
use super::by_table::ByTable;
use super::decision_table::{DecisionTable, Move};
use super::kind::{Checked, DesignKind, MOST_PATIENTS, Number, Scope, TARGET, Text, probability};
use crate::cohort::Spanned;
use crate::cohort::report::{KeyError, Report};
use crate::cohort::value::{Fraction, fraction};
use crate::table::{self, Values};

/// The columns of a table in a file.
const COLUMNS: [&str; 3] = ["patients", "dlts", "decision"];

/// Decisions after 0, 1, ... toxicities, by the number of evaluable patients.
type Rows = BTreeMap<u32, Vec<Move>>;

/// A design by a table of the user.
pub(in crate::escalation) struct GivenTable;

/// A decision table.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct TableTable {
    /// CSV file with the columns `patients`, `dlts` and `decision` (E, S, D, DU), relative to this file.
    file: Option<Text>,
    /// In place of `file`: for each number of evaluable patients the decisions after 0, 1, ... toxicities, as
    /// `3 = ["E", "S", "D", "DU"]`. After a number that is not there, the dose stays.
    decisions: Option<Spanned<BTreeMap<String, Spanned<Vec<Text>>>>>,
    /// Probability of toxicity that the declared dose is nearest to. Default: 0.3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    target: Option<Number>,
}

impl DesignKind for GivenTable {
    type Table = TableTable;
    const NAME: &'static str = "table";
    const DOC: &'static str = "A decision table.";

    fn check(table: &Spanned<TableTable>, scope: &Scope<'_>, report: &mut Report) -> Option<Checked> {
        let TableTable { file, decisions, target } = &table.value;
        let target = probability("target", target, TARGET, report)?;
        let rows = match (file, decisions) {
            (Some(_), Some(decisions)) => {
                report.conflict(&decisions.span, "file", "decisions");
                return None;
            }
            (Some(file), None) => from_file(file, report)?,
            (None, Some(decisions)) => from_lists(&decisions.value, report)?,
            (None, None) => {
                report.add_if_complete(&table.span, KeyError::Missing { key: "file", table: "table".into() });
                return None;
            }
        };
        let Some(&largest) = rows.keys().next_back() else {
            report.add(&table.span, KeyError::Empty { key: "decisions" });
            return None;
        };
        let decide = |dlts: u32, patients: u32| {
            rows.get(&patients).and_then(|row| row.get(dlts as usize)).copied().unwrap_or(Move::Stay)
        };
        let table = DecisionTable::new(largest, decide);
        Some(Checked::by_table(ByTable {
            cohorts: scope.cohorts,
            table,
            is_given: true,
            target,
            extra_safe: None,
        }))
    }
}

fn from_lists(lists: &BTreeMap<String, Spanned<Vec<Text>>>, report: &mut Report) -> Option<Rows> {
    let mut rows = Rows::new();
    for (key, list) in lists {
        let mut moves = Vec::new();
        for text in &list.value {
            let Some(found) = decision(&text.value) else {
                report.add(&text.span, DesignError::Decision { found: text.value.clone() });
                return None;
            };
            moves.push(found);
        }
        match key.parse().ok().filter(|n| (1..=MOST_PATIENTS).contains(n)) {
            Some(patients) if moves.len() == patients as usize + 1 => {
                rows.insert(patients, moves);
            }
            _ => {
                let reason = format!("{} decisions after `{key}` patients", moves.len());
                report.add(&list.span, DesignError::Row { row: "decisions".into(), reason });
                return None;
            }
        }
    }
    Some(rows)
}

fn from_file(file: &Text, report: &mut Report) -> Option<Rows> {
    let folder = Path::new(&report.source.name).parent().unwrap_or(Path::new("")).to_owned();
    let path = folder.join(&file.value);
    match table::read(&path, |name| COLUMNS.contains(&name)) {
        Ok(table) => match rows(&table) {
            Ok(rows) => Some(rows),
            Err(cause) => {
                report.add(&file.span, cause);
                None
            }
        },
        Err(problem) => {
            report.problems.push(problem);
            None
        }
    }
}

fn rows(table: &table::Table) -> Result<Rows, DesignError> {
    let column = |name: &str| {
        let found = table.columns.iter().find(|column| column.meta.name == name);
        let missing = || DesignError::Row { row: "the header".into(), reason: format!("no column `{name}`") };
        found.map(|column| &column.values).ok_or_else(missing)
    };
    let whole = |name: &str| match column(name)? {
        Values::Number(numbers) => Ok(numbers.clone()),
        _ => Err(DesignError::Row { row: format!("column `{name}`"), reason: "not all are numbers".into() }),
    };
    let (patients, dlts) = (whole("patients")?, whole("dlts")?);
    let Values::Label { codes, labels } = column("decision")? else {
        return Err(DesignError::Decision { found: "a number".into() });
    };
    let mut found: BTreeMap<u32, BTreeMap<u32, Move>> = BTreeMap::new();
    for (row, (&n, &y)) in patients.iter().zip(&dlts).enumerate() {
        let wrong =
            |reason: &str| DesignError::Row { row: format!("row {}", row + 1), reason: reason.into() };
        let is_count = |x: f64| x.fract() == 0.0 && (0.0..=f64::from(MOST_PATIENTS)).contains(&x);
        if !is_count(n) || !is_count(y) || n < 1.0 || y > n {
            return Err(wrong(&format!("{y} toxicities in {n} patients")));
        }
        let label = codes[row].map_or("", |code| labels[code as usize].as_str());
        let decision = decision(label).ok_or_else(|| DesignError::Decision { found: label.into() })?;
        if found.entry(n as u32).or_default().insert(y as u32, decision).is_some() {
            return Err(wrong("it stands there twice"));
        }
    }
    let complete = |(n, row): (u32, BTreeMap<u32, Move>)| {
        if row.len() == n as usize + 1 {
            return Ok((n, row.into_values().collect()));
        }
        let reason = format!("{} decisions after {n} patients", row.len());
        Err(DesignError::Row { row: "the table".into(), reason })
    };
    found.into_iter().map(complete).collect()
}

fn decision(text: &str) -> Option<Move> {
    Move::ALL.into_iter().find(|decision| decision.code() == text)
}
