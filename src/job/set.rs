//! Keys of a cohort file that are given other values, in its text: what is run is a file like any other.

use std::ops::Range;
use std::sync::Arc;

use thiserror::Error;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Cause, Place, Problem, Source};

/// What an assignment is called where it is shown as a text of its own.
const OPTION: &str = "--set";

/// Why a key cannot be set.
#[derive(Debug, Clone, Error)]
pub enum SetError {
    /// Standard input cannot be read.
    #[error("standard input cannot be read: {reason}")]
    StandardInput {
        /// What the system says.
        reason: String,
    },
    /// No `=` in it.
    #[error("`{text}` sets nothing")]
    NoValue {
        /// What was given.
        text: String,
    },
    /// A key that cannot be one.
    #[error("`{key}` is no key")]
    NoKey {
        /// What was given.
        key: String,
    },
    /// Something within a key that has a plain value.
    #[error("`{key}` has nothing within it: it is no table")]
    NoTable {
        /// The key that is no table.
        key: String,
    },
    /// A table that stands in the file by a header, which no value can replace.
    #[error("`{key}` is a table, and stands by a header of its own")]
    Table {
        /// The key.
        key: String,
    },
    /// A key that is not there, and for which there is no room.
    #[error("`{key}` cannot be added to the file as it is written")]
    NoRoom {
        /// The key.
        key: String,
    },
    /// An element of a list that is not there.
    #[error("`{key}` has {count} elements, and no element `{number}`")]
    NoElement {
        /// The list.
        key: String,
        /// What stands for the element.
        number: String,
        /// How many there are.
        count: usize,
    },
}

impl Cause for SetError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::StandardInput { .. } => "give the cohort file by its path".into(),
            Self::NoValue { .. } => "write KEY=VALUE, as `--set 'regimen.arms=[\"50 mg\"]'`".into(),
            Self::NoKey { .. } => {
                "write it as in the file: names with points between them, as `regimen.every`".into()
            }
            Self::Table { key } => format!("set keys within it, as `{key}.KEY=VALUE`"),
            Self::NoRoom { .. } => "write it in the file".into(),
            Self::NoTable { key } => format!("give `{key}` itself another value"),
            Self::NoElement { .. } => "elements are numbered from 1".into(),
        })
    }
}

/// A text of which some stretches were changed, and where they came from.
#[derive(Debug)]
pub(super) struct Patched {
    /// As it was read.
    original: Arc<Source>,
    source: Arc<Source>,
    /// In order of the text.
    changes: Vec<Change>,
    assignments: Vec<Assignment>,
}

/// A stretch of the changed text that stands for another of the original.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    span: Range<usize>,
    /// Bytes of the original that it stands for.
    was: usize,
}

/// What was set, and where it stands in the changed text.
#[derive(Debug)]
struct Assignment {
    /// As it was given, as a text to point into.
    source: Arc<Source>,
    /// Its key and its value, in the text as given.
    given: [Range<usize>; 2],
    /// Key and value in the changed text, as far as they are there.
    written: [Option<Range<usize>>; 2],
}

impl Patched {
    /// Sets keys of a text. One that is no TOML is left as it is: what is wrong with it is said where it is read.
    pub(super) fn new(original: &Arc<Source>, set: &[String]) -> Result<Self, Problem> {
        let mut text = original.text.clone();
        let mut changes = Vec::new();
        let mut assignments: Vec<Assignment> = Vec::new();
        for option in set {
            let source = Source::new(OPTION, option.clone());
            let (names, given) = read(&source)?;
            let edit = match DeTable::parse(&text) {
                Ok(table) => edit(&text, table.get_ref(), &names, &value(&option[given[1].clone()])),
                Err(_) => break,
            };
            let at_key = |error| Problem::at(error, Place::new(&source, given[0].clone()));
            let Edit { replaces, by, key, value } = edit.map_err(at_key)?;
            let start = replaces.start;
            let of_edit = |range: Range<usize>| start + range.start..start + range.end;
            let written = [key.map(of_edit), Some(of_edit(value))];
            text.replace_range(replaces.clone(), &by);
            if DeTable::parse(&text).is_err() {
                return Err(at_key(SetError::NoRoom { key: names.join(".") }));
            }
            let change = Change { span: start..start + by.len(), was: replaces.len() };
            assignments.iter_mut().for_each(|earlier| earlier.moved(&replaces, by.len()));
            add(&mut changes, change);
            assignments.push(Assignment { source, given, written });
        }
        let source = Source::new(original.name.clone(), text);
        Ok(Self { original: Arc::clone(original), source, changes, assignments })
    }

    pub(super) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Moves a place in the changed text to where it came from: to what was set, or to the text as it was read.
    pub(super) fn place(&self, place: &mut Place) {
        if self.changes.is_empty() || *place.source != *self.source {
            return;
        }
        let moved = self.assignments.iter().find_map(|assignment| assignment.place(&place.span));
        *place = moved.unwrap_or_else(|| {
            let ends = [place.span.start, place.span.end].map(|at| self.was(at));
            Place::new(&self.original, ends[0]..ends[1].max(ends[0]))
        });
    }

    /// Where a byte of the changed text stood.
    fn was(&self, at: usize) -> usize {
        let mut moved = at;
        for Change { span, was } in self.changes.iter().filter(|change| change.span.start <= at) {
            // Within a change, its start stands for it.
            let passed = span.end.min(at) - span.start;
            let stood = if at >= span.end { *was } else { 0 };
            moved = (moved + stood).saturating_sub(passed);
        }
        moved.min(self.original.text.len())
    }
}

impl Assignment {
    /// Moves with a stretch of the text that gets another length; what is replaced itself is there no longer.
    fn moved(&mut self, replaced: &Range<usize>, by: usize) {
        for written in &mut self.written {
            *written = written.take().and_then(|range| match () {
                () if range.end <= replaced.start => Some(range),
                () if range.start >= replaced.end => {
                    let moved = |at: usize| at + by - replaced.len();
                    Some(moved(range.start)..moved(range.end))
                }
                () => None,
            });
        }
    }

    /// A place in what was given, if it is in what became of it.
    fn place(&self, span: &Range<usize>) -> Option<Place> {
        let holds = |of: &&Range<usize>| of.start <= span.start && span.end <= of.end;
        let [key, value] = self.written.each_ref().map(|of| of.as_ref().filter(|of| holds(of)));
        let [of_key, of_value] = &self.given;
        let within = match (key, value) {
            (_, Some(written)) if written.len() == of_value.len() => {
                let start = of_value.start + span.start - written.start;
                start..start + span.len()
            }
            (_, Some(_)) => of_value.clone(),
            (Some(_), None) => of_key.clone(),
            (None, None) => return None,
        };
        Some(Place::new(&self.source, within))
    }
}

/// The names of an assignment's key, and where key and value stand in it.
fn read(source: &Arc<Source>) -> Result<(Vec<String>, [Range<usize>; 2]), Problem> {
    let text = &source.text;
    let whole = Place::new(source, 0..text.len());
    let Some(equal) = text.find('=') else {
        return Err(Problem::at(SetError::NoValue { text: text.clone() }, whole));
    };
    let trimmed = |range: Range<usize>| {
        let part = &text[range.clone()];
        let start = range.start + part.len() - part.trim_start().len();
        start..start + part.trim().len()
    };
    let given = [trimmed(0..equal), trimmed(equal + 1..text.len())];
    let key = &text[given[0].clone()];
    let names = names(key).ok_or_else(|| {
        Problem::at(SetError::NoKey { key: key.to_owned() }, Place::new(source, given[0].clone()))
    })?;
    Ok((names, given))
}

/// The names of a key with points between them; `None` if it is none.
fn names(key: &str) -> Option<Vec<String>> {
    if key.contains(['\n', '=']) {
        return None;
    }
    let text = format!("{key} = 0");
    let table = DeTable::parse(&text).ok()?;
    let mut names = Vec::new();
    let mut table = table.get_ref();
    loop {
        let (name, value) = table.iter().next()?;
        names.push(name.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(within) => table = within,
            _ => return Some(names),
        }
    }
}

/// A value as it is written in a file; what is none is a text.
fn value(text: &str) -> String {
    match DeTable::parse(&format!("x = {text}")) {
        Ok(table) if table.get_ref().len() == 1 => text.to_owned(),
        _ => toml::Value::from(text).to_string(),
    }
}

/// What becomes of a text: a stretch is replaced, in which a key and a value then stand.
#[derive(Debug)]
struct Edit {
    replaces: Range<usize>,
    by: String,
    /// Within `by`, if it holds the key.
    key: Option<Range<usize>>,
    value: Range<usize>,
}

/// A table of the text that keys can be added to: how many of the names lead to it, and where it stands.
struct Room {
    names: usize,
    span: Range<usize>,
}

/// What gives a key of a text another value.
fn edit(text: &str, root: &DeTable<'_>, names: &[String], value: &str) -> Result<Edit, SetError> {
    let called = |names: &[String]| names.join(".");
    let mut room = Room { names: 0, span: 0..0 };
    let mut at: Option<&toml::Spanned<DeValue<'_>>> = None;
    for (depth, name) in names.iter().enumerate() {
        let within = match at.map(|value| value.get_ref()) {
            None => root.get(name.as_str()),
            Some(DeValue::Table(table)) => table.get(name.as_str()),
            Some(DeValue::Array(list)) => Some(element(list, name, &called(&names[..depth]))?),
            Some(_) => return Err(SetError::NoTable { key: called(&names[..depth]) }),
        };
        let Some(found) = within else { return Ok(added(text, &room, root, names, value)) };
        if is_room(text, found, &names[..=depth]) {
            room = Room { names: depth + 1, span: found.span() };
        }
        at = Some(found);
    }
    let span = at.map_or(0..0, toml::Spanned::span);
    let has_header = at.is_some_and(|value| match value.get_ref() {
        DeValue::Table(_) => !text[value.span()].starts_with('{'),
        DeValue::Array(list) => list.first().is_some_and(|first| is_headed(text, first)),
        _ => false,
    });
    match has_header {
        true => Err(SetError::Table { key: called(names) }),
        false => Ok(Edit { replaces: span, by: value.to_owned(), key: None, value: 0..value.len() }),
    }
}

/// The element of a list that a number from 1 stands for.
fn element<'v, 'a>(
    list: &'v [toml::Spanned<DeValue<'a>>],
    number: &str,
    key: &str,
) -> Result<&'v toml::Spanned<DeValue<'a>>, SetError> {
    let position = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let none = || SetError::NoElement { key: key.into(), number: number.into(), count: list.len() };
    position.and_then(|position| list.get(position)).ok_or_else(none)
}

/// Whether keys can be added to a value: a table between braces, or one with its own header.
fn is_room(text: &str, value: &toml::Spanned<DeValue<'_>>, path: &[String]) -> bool {
    let written = &text[value.span()];
    let is_table = matches!(value.get_ref(), DeValue::Table(_));
    let header = || names(written.trim_matches(['[', ']']).trim());
    // An element of a list has the header of the list.
    let is_of = |header: Vec<String>| {
        let numbered = path.iter().filter(|name| name.parse::<usize>().is_err());
        header.iter().eq(numbered)
    };
    is_table && (written.starts_with('{') || written.starts_with('[') && header().is_some_and(is_of))
}

/// A key that is not there yet, in the innermost table that has room for it.
fn added(text: &str, room: &Room, root: &DeTable<'_>, names: &[String], value: &str) -> Edit {
    let key: Vec<String> = names[room.names..].iter().map(|name| quoted(name)).collect();
    let key = key.join(".");
    let assignment = format!("{key} = {value}");
    let written = &text[room.span.clone()];
    let (at, before, after) = if written.starts_with('{') {
        let is_empty = written.trim_matches(['{', '}']).trim().is_empty();
        (room.span.end - 1, if is_empty { " " } else { ", " }, " ")
    } else if room.names > 0 {
        // In the line after the header.
        match text[room.span.end..].find('\n') {
            Some(end) => (room.span.end + end + 1, "", "\n"),
            None => (text.len(), "\n", "\n"),
        }
    } else {
        match first_header(text, root) {
            Some(header) => (text[..header].rfind('\n').map_or(0, |end| end + 1), "", "\n"),
            None if text.is_empty() || text.ends_with('\n') => (text.len(), "", "\n"),
            None => (text.len(), "\n", "\n"),
        }
    };
    let start = before.len();
    Edit {
        replaces: at..at,
        by: format!("{before}{assignment}{after}"),
        key: Some(start..start + key.len()),
        value: start + assignment.len() - value.len()..start + assignment.len(),
    }
}

/// A name as it is written in a key.
fn quoted(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let is_plain = !name.is_empty() && name.chars().all(is_bare);
    if is_plain { name.to_owned() } else { toml::Value::from(name).to_string() }
}

/// Whether a value is a table with a header, as the elements of a list may be.
fn is_headed(text: &str, value: &toml::Spanned<DeValue<'_>>) -> bool {
    matches!(value.get_ref(), DeValue::Table(_)) && text[value.span()].starts_with('[')
}

/// Where the first header stands.
fn first_header(text: &str, table: &DeTable<'_>) -> Option<usize> {
    let of_value = |value: &toml::Spanned<DeValue<'_>>| match value.get_ref() {
        DeValue::Table(_) if is_headed(text, value) => Some(value.span().start),
        DeValue::Table(within) if !text[value.span()].starts_with('{') => first_header(text, within),
        DeValue::Array(list) => {
            list.first().filter(|first| is_headed(text, first)).map(|first| first.span().start)
        }
        _ => None,
    };
    table.iter().filter_map(|(_, value)| of_value(value)).min()
}

/// Adds a change to earlier ones, which move with it or become one with it.
fn add(changes: &mut Vec<Change>, new: Change) {
    if new.span.is_empty() && new.was == 0 {
        return;
    }
    let replaced = new.span.start..new.span.start + new.was;
    let grown = |at: usize| at + new.span.len() - new.was;
    let mut merged = new.clone();
    let mut kept = Vec::new();
    for old in changes.drain(..) {
        if old.span.end < replaced.start {
            kept.push(old);
        } else if old.span.start > replaced.end {
            kept.push(Change { span: grown(old.span.start)..grown(old.span.end), was: old.was });
        } else {
            // What either adds to the text, both add together.
            let start = old.span.start.min(merged.span.start);
            let end = grown(old.span.end.max(replaced.end)).max(merged.span.end);
            let added = (merged.span.len() + old.span.len()) as i64 - (merged.was + old.was) as i64;
            merged = Change { span: start..end, was: ((end - start) as i64 - added).max(0) as usize };
        }
    }
    kept.push(merged);
    kept.sort_by_key(|change| change.span.start);
    *changes = kept;
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const FILE: &str = "name = \"a\"   # the name\n\n[regimen]\narms = [\"1 mg\", \"2 mg\"]   # two\n\
                        loading = { dose = \"3 mg\" }\n[[regimen.modify]]\nwhen = \"x < 1\"\n[[regimen.modify]]\n\
                        when = \"x < 2\"\n[visits]\nevery = \"1 day\"\n";

    fn patched(set: &[&str]) -> Result<Patched, Problem> {
        let set: Vec<String> = set.iter().map(|text| (*text).to_owned()).collect();
        Patched::new(&Source::new("c.toml", FILE), &set)
    }

    #[test]
    fn values_are_replaced_where_they_stand() {
        let text = |set: &str| patched(&[set]).unwrap().source().text.clone();
        assert_eq!(text("name=b"), FILE.replace("\"a\"", "\"b\""));
        assert_eq!(text("regimen.arms=[\"5 mg\"]"), FILE.replace("[\"1 mg\", \"2 mg\"]", "[\"5 mg\"]"));
        assert_eq!(text("regimen.arms.2=9 mg"), FILE.replace("2 mg", "9 mg"));
        assert_eq!(text("regimen.modify.2.when = \"y > 3\""), FILE.replace("x < 2", "y > 3"));
        assert_eq!(text("regimen.loading.dose=4 mg"), FILE.replace("3 mg", "4 mg"));
    }

    #[test]
    fn keys_that_are_not_there_are_added() {
        let text = patched(&["solver.rtol=1e-8", "patients=7", "regimen.cycles=2"]).unwrap();
        let table: toml::Table = toml::from_str(&text.source().text).unwrap();
        assert_eq!(table["solver"]["rtol"].as_float(), Some(1e-8));
        assert_eq!(table["patients"].as_integer(), Some(7));
        assert_eq!(table["regimen"]["cycles"].as_integer(), Some(2));
        assert_eq!(table["visits"]["every"].as_str(), Some("1 day"));
    }

    #[test]
    fn what_cannot_be_set_is_told() {
        for (set, said) in [
            ("patients", "`patients` sets nothing"),
            ("a b=1", "`a b` is no key"),
            ("name.x=1", "`name` has nothing within it"),
            ("regimen.modify.3.when=\"y\"", "`regimen.modify` has 2 elements, and no element `3`"),
            ("visits=1", "`visits` is a table"),
            ("regimen.arms.x=1", "`regimen.arms` has 2 elements, and no element `x`"),
        ] {
            let problem = patched(&[set]).unwrap_err();
            assert!(problem.to_string().contains(said), "{problem}");
            assert_eq!(problem.place.unwrap().source.name, "--set");
        }
    }

    /// What is wrong in what was set is shown there, all else where it stands in the file.
    #[test]
    fn places_are_those_of_the_user() {
        let patched =
            patched(&["regimen.arms=[\"5 parsec\"]", "name=longer than before", "solver.rtol=1"]).unwrap();
        let at = |text: &str| {
            let start = patched.source().text.find(text).unwrap();
            let mut place = Place::new(patched.source(), start..start + text.len());
            patched.place(&mut place);
            let shown = place.source.text[place.span.clone()].to_owned();
            (place.source.name.clone(), shown)
        };
        let told = |source: &str, text: &str| (source.to_owned(), text.to_owned());
        assert_eq!(at("5 parsec"), told("--set", "5 parsec"));
        assert_eq!(at("[\"5 parsec\"]"), told("--set", "[\"5 parsec\"]"));
        assert_eq!(at("x < 2"), told("c.toml", "x < 2"));
        assert_eq!(at("1 day"), told("c.toml", "1 day"));
        assert_eq!(at("# the name"), told("c.toml", "# the name"));
        assert_eq!(at("rtol"), told("--set", "solver.rtol"));
        assert_eq!(at("loading"), told("c.toml", "loading"));
    }
}
