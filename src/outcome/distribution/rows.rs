//! Statistics as a table.

use rayon::prelude::*;

use super::Endpoint;
use super::group::{Group, Statistic};
use super::sweep::Found;
use super::title::{Title, titles};
use crate::table::{Column, ColumnMeta, Table, Values};

/// What a row of an arm is of, by positions: of a title among those of all endpoints.
#[derive(Clone, Copy)]
struct Place {
    endpoint: usize,
    group: usize,
    title: usize,
}

/// The titles of all endpoints, one after the other.
struct Titles {
    all: Vec<Title>,
    /// Where those of each endpoint begin, and behind the last those of all end.
    starts: Vec<usize>,
}

impl Titles {
    fn of(endpoints: &[Endpoint]) -> Self {
        let (mut all, mut starts) = (Vec::new(), vec![0]);
        for Endpoint { kind, .. } in endpoints {
            all.extend(titles(kind));
            starts.push(all.len());
        }
        Self { all, starts }
    }

    /// What the rows of an arm are of, in order: the same in every arm.
    fn places(&self, groups: usize) -> Vec<Place> {
        let mut places = Vec::with_capacity(groups * self.all.len());
        for (endpoint, ends) in self.starts.windows(2).enumerate() {
            for group in 0..groups {
                let titles = ends[0]..ends[1];
                places.extend(titles.map(|title| Place { endpoint, group, title }));
            }
        }
        places
    }
}

/// The table of what was found.
pub(super) fn table(arms: &[String], endpoints: &[Endpoint], groups: &[Group<'_>], found: &Found) -> Table {
    let titles = Titles::of(endpoints);
    let places = &titles.places(groups.len());
    let found: &Vec<&Statistic> = &found.iter().flatten().flatten().flatten().collect();
    // But for the arm, the rows of each arm have the same labels.
    let labels = |name, meaning, labels: &mut dyn Iterator<Item = &str>, of: fn(&Place) -> usize| {
        column(name, meaning, labels, |codes| {
            let of_arm: Vec<_> = places.iter().map(|place| codes[of(place)]).collect();
            of_arm.repeat(arms.len())
        })
    };
    let arm = || {
        column("arm", "Arm of the trial", &mut arms.iter().map(String::as_str), |codes| {
            codes.iter().flat_map(|&code| std::iter::repeat_n(code, places.len())).collect()
        })
    };
    let subgroup = || {
        let subgroups = &mut groups.iter().map(|group| group.subgroup);
        labels("subgroup", "How patients are divided; all if they are not", subgroups, |place| place.group)
    };
    let level = || {
        let levels = &mut groups.iter().map(|group| group.level);
        labels("level", "Which of them are summarised", levels, |place| place.group)
    };
    let endpoint = || {
        let names = &mut endpoints.iter().map(|endpoint| endpoint.meta.name.as_str());
        labels("endpoint", "Column of the outcomes", names, |place| place.endpoint)
    };
    let statistic = || {
        let names = &mut titles.all.iter().map(|title| title.name.as_str());
        labels("statistic", "What is said about it", names, |place| place.title)
    };
    let value = || Column {
        meta: ColumnMeta::new("value", "Value of the statistic, in the unit of its row", ""),
        values: Values::Number(found.iter().map(|statistic| statistic.value).collect()),
    };
    let unit = || {
        let mut units = endpoints.iter().zip(titles.starts.windows(2)).flat_map(|(endpoint, ends)| {
            let titles = &titles.all[ends[0]..ends[1]];
            titles.iter().map(|title| if title.is_proportion { "1" } else { endpoint.meta.unit.as_str() })
        });
        labels("unit", "Unit of the value; 1 for a proportion", &mut units, |place| place.title)
    };
    let counts = |name, meaning, of: fn(&Statistic) -> u64| Column {
        meta: ColumnMeta::new(name, meaning, "1"),
        values: Values::Integer(found.iter().map(|statistic| Some(of(statistic) as i64)).collect()),
    };
    let n = || counts("n", "Patients that the value was computed from", |statistic| statistic.n);
    let missing = || {
        let meaning = "Patients who reached the end without a value of the endpoint, or not evaluable for it";
        counts("n_missing", meaning, |statistic| statistic.missing)
    };
    let failed =
        || counts("n_failed", "Patients whose integration failed: in no value", |statistic| statistic.failed);
    let columns: [&(dyn Fn() -> Column + Sync); 10] =
        [&arm, &subgroup, &level, &endpoint, &statistic, &value, &unit, &n, &missing, &failed];
    // Side by side, for most of their time is that of new memory.
    Table { columns: columns.par_iter().with_max_len(1).map(|column| column()).collect() }
}

/// A column of labels, each of which is looked up once: `of_rows` says, from the codes of all, which each row has.
fn column(
    name: &str,
    meaning: &str,
    labels: &mut dyn Iterator<Item = &str>,
    of_rows: impl Fn(&[Option<u32>]) -> Vec<Option<u32>>,
) -> Column {
    let values = match Values::labels(labels) {
        Values::Label { codes, labels } => Values::Label { codes: of_rows(&codes), labels },
        others => others,
    };
    Column { meta: ColumnMeta::new(name, meaning, ""), values }
}
