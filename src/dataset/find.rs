//! Which columns of a file hold what.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::error::DatasetError;
use super::items::Item;
use crate::cohort::{Cohort, Data, Interpolation, Spanned};
use crate::diagnostic::{Problem, did_you_mean};
use crate::model::Model;
use crate::population::PopulationError;
use crate::population::units;
use crate::unit::Conversion;

/// Columns of a file that are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken {
    /// Their positions in the file.
    pub(super) wanted: Vec<usize>,
    /// Their names in the file.
    pub(super) names: Vec<String>,
}

impl Taken {
    /// The position of a column among those that are read.
    fn want(&mut self, position: usize, header: &[String]) -> usize {
        if let Some(column) = self.wanted.iter().position(|&wanted| wanted == position) {
            return column;
        }
        self.wanted.push(position);
        self.names.push(header[position].clone());
        self.wanted.len() - 1
    }

    fn unread(&self, header: &[String]) -> Vec<String> {
        let is_read = |position: usize| self.wanted.contains(&position);
        (0..header.len()).filter(|&i| !is_read(i)).map(|i| header[i].clone()).collect()
    }
}

/// The columns that are read, by their positions among them.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub(super) taken: Taken,
    items: HashMap<Item, usize>,
    pub(super) covariates: Vec<CovariateColumn>,
    /// Random effects that the file gives: position among the model's, and column.
    pub(super) effects: Vec<(usize, usize)>,
    /// Random effects of occasions that the file gives: position among the model's, and among the values of records.
    pub(super) of_occasions: Vec<(usize, usize)>,
    /// Whether the model needs the occasion of each record.
    pub(super) needs_occasions: bool,
    /// Columns of the file that nothing reads.
    pub(super) unread: Vec<String>,
    /// Those of a second table, if there is one.
    pub(super) second: Option<SecondColumns>,
}

/// The columns of a second table that are read; covariates among them are in [`Columns::covariates`].
#[derive(Debug, Clone, Default)]
pub(super) struct SecondColumns {
    pub(super) taken: Taken,
    /// ID and TIME.
    pub(super) id: Option<usize>,
    pub(super) time: Option<usize>,
    pub(super) unread: Vec<String>,
}

/// A column with a covariate.
#[derive(Debug, Clone)]
pub(super) struct CovariateColumn {
    /// As the model and the cohort file call it.
    pub(super) name: String,
    pub(super) column: usize,
    pub(super) to_model: Conversion,
    pub(super) of: Values,
    /// Whether it is one of the second table.
    pub(super) is_second: bool,
    /// Whether it is one of the model's: others hold until the next record, if covariates are on lines.
    pub(super) is_of_model: bool,
}

impl CovariateColumn {
    /// One that takes the place of what the model draws or computes.
    fn given(name: &str, column: usize, of: Values) -> Self {
        let (name, to_model) = (name.to_owned(), Conversion::NONE);
        Self { name, column, to_model, of, is_second: false, is_of_model: of == Values::Parameter }
    }

    /// What it is between two records.
    pub(super) fn between(&self, interpolation: Interpolation) -> Interpolation {
        match interpolation {
            Interpolation::Linear if !self.is_of_model => Interpolation::Forward,
            _ => interpolation,
        }
    }
}

/// What the values of a column are that may change from record to record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    Covariate,
    /// An individual parameter, in the place of what the model computes.
    Parameter,
    /// A random effect of occasions, in the place of what would be drawn.
    Effect,
}

impl Columns {
    /// The column of an item.
    pub(super) fn item(&self, item: Item) -> Option<usize> {
        self.items.get(&item).copied()
    }

    /// Finds the columns of a header, and of that of a second table, if there is one.
    pub(super) fn find(
        header: &[String],
        second: Option<&[String]>,
        cohort: &Cohort,
        data: &Data,
        model: &Model,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let header = Header { names: header, file: &data.file.value };
        let second = second.zip(data.covariate_file.as_ref());
        let second = second.map(|(names, file)| Header { names, file: &file.value });
        let before = problems.len();
        let mut finder = Finder { header, second, columns: Self::default() };
        let place = |span| cohort.place(span);
        problems.extend(header.twins().map(|cause| Problem::at(cause, place(&data.file.span))));
        for (item, position) in header.named(&data.columns, &Item::ALL, cohort, problems) {
            let column = finder.want(position);
            finder.columns.items.insert(item, column);
        }
        finder.items();
        finder.occasions(cohort, data, model, problems);
        for item in [Item::Id, Item::Time] {
            if finder.columns.item(item).is_none() && problems.len() == before {
                problems.push(Problem::at(header.no_item(item, "columns"), place(&data.file.span)));
            }
        }
        finder.second_items(cohort, data, problems);
        finder.given(cohort, data, model, problems);
        finder.covariates(cohort, data, model, problems);
        for column in &data.keep {
            match finder.found(&column.value, |header, name| header.exactly(name)) {
                Found::Nowhere => problems.push(Problem::at(header.no_column(column), place(&column.span))),
                found => finder.keep(&column.value, found, cohort, model, problems),
            }
        }
        finder.nothing_of_second(cohort, data, problems);
        let Finder { mut columns, .. } = finder;
        columns.unread = columns.taken.unread(header.names);
        if let (Some(of_second), Some(second)) = (&mut columns.second, second) {
            of_second.unread = of_second.taken.unread(second.names);
        }
        columns
    }
}

/// The columns of a file.
#[derive(Clone, Copy)]
struct Header<'a> {
    names: &'a [String],
    file: &'a Path,
}

impl Header<'_> {
    /// Columns that are one name, in whatever case.
    fn twins(&self) -> Option<DatasetError> {
        let mut seen: HashMap<String, &String> = HashMap::new();
        for second in self.names.iter().filter(|name| !name.is_empty()) {
            if let Some(first) = seen.insert(second.to_lowercase(), second) {
                let (first, second) = (first.clone(), second.clone());
                return Some(DatasetError::Twice { file: self.file.to_owned(), first, second });
            }
        }
        None
    }

    fn exactly(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|column| column == name)
    }

    /// A column by its name, if need be in other case.
    fn by_name(&self, name: &str) -> Option<usize> {
        let in_any_case = || self.names.iter().position(|column| column.eq_ignore_ascii_case(name));
        self.exactly(name).or_else(in_any_case)
    }

    /// The columns of items that are called otherwise; `known` are the items that there are.
    fn named(
        &self,
        columns: &[(Spanned<String>, Spanned<String>)],
        known: &[Item],
        cohort: &Cohort,
        problems: &mut Vec<Problem>,
    ) -> Vec<(Item, usize)> {
        let mut named = Vec::new();
        for (item, column) in columns {
            let is_meant = |known: &&Item| known.key() == item.value;
            match (known.iter().find(is_meant), self.exactly(&column.value)) {
                (None, _) => {
                    let known = known.iter().map(|item| item.key()).collect();
                    let cause = DatasetError::UnknownItem { item: item.value.clone(), known };
                    problems.push(Problem::at(cause, cohort.place(&item.span)));
                }
                (_, None) => problems.push(Problem::at(self.no_column(column), cohort.place(&column.span))),
                (Some(&item), Some(position)) => named.push((item, position)),
            }
        }
        named
    }

    fn no_column(&self, column: &Spanned<String>) -> DatasetError {
        let similar = did_you_mean(&column.value, self.names.iter().map(String::as_str));
        DatasetError::NoColumn { file: self.file.to_owned(), column: column.value.clone(), similar }
    }

    /// `key` is that of the cohort file by which an item is called otherwise.
    fn no_item(&self, item: Item, key: &'static str) -> DatasetError {
        let similar = did_you_mean(item.name(), self.names.iter().map(String::as_str));
        DatasetError::NoItem { file: self.file.to_owned(), item, key, similar }
    }
}

/// Where a column is.
#[derive(Clone, Copy)]
enum Found {
    InData(usize),
    InSecond(usize),
    InBoth,
    Nowhere,
}

struct Finder<'a> {
    header: Header<'a>,
    second: Option<Header<'a>>,
    columns: Columns,
}

impl Finder<'_> {
    /// A column of the data set that is no item, as one with durations that the model has a name for, too.
    fn free(&self, name: &str) -> Option<usize> {
        let columns = &self.columns;
        let is_item =
            |position: usize| columns.items.values().any(|&column| columns.taken.wanted[column] == position);
        self.header.exactly(name).filter(|&position| !is_item(position))
    }

    /// Where a column is, by how it is looked for in a header.
    fn found(&self, name: &str, by: impl Fn(&Header<'_>, &str) -> Option<usize>) -> Found {
        let of_second = self.second.as_ref().and_then(|second| by(second, name));
        match (by(&self.header, name), of_second) {
            (Some(_), Some(_)) => Found::InBoth,
            (Some(position), None) => Found::InData(position),
            (None, Some(position)) => Found::InSecond(position),
            (None, None) => Found::Nowhere,
        }
    }

    /// The position of a column of the data set among those that are read.
    fn want(&mut self, position: usize) -> usize {
        self.columns.taken.want(position, self.header.names)
    }

    /// The items that are called as NONMEM calls them.
    fn items(&mut self) {
        for position in 0..self.header.names.len() {
            let Some(item) = Item::of(&self.header.names[position]) else { continue };
            if self.columns.item(item).is_none() {
                let column = self.want(position);
                self.columns.items.insert(item, column);
            }
        }
    }

    /// ID and TIME of the second table.
    fn second_items(&mut self, cohort: &Cohort, data: &Data, problems: &mut Vec<Problem>) {
        let (Some(header), Some(file)) = (self.second, &data.covariate_file) else { return };
        let place = || cohort.place(&file.span);
        problems.extend(header.twins().map(|cause| Problem::at(cause, place())));
        let before = problems.len();
        let named = header.named(&data.covariate_columns, &[Item::Id, Item::Time], cohort, problems);
        let mut second = SecondColumns::default();
        for item in [Item::Id, Item::Time] {
            let called = || header.names.iter().position(|name| Item::of(name) == Some(item));
            let position = named.iter().find(|(known, _)| *known == item).map(|(_, position)| *position);
            match position.or_else(called) {
                None if problems.len() > before => {}
                None => problems.push(Problem::at(header.no_item(item, "covariate_columns"), place())),
                Some(position) => {
                    let column = Some(second.taken.want(position, header.names));
                    *(if item == Item::Id { &mut second.id } else { &mut second.time }) = column;
                }
            }
        }
        self.columns.second = Some(second);
    }

    /// Says that nothing is taken from the second table, if nothing is.
    fn nothing_of_second(&self, cohort: &Cohort, data: &Data, problems: &mut Vec<Problem>) {
        let Some(file) = &data.covariate_file else { return };
        if problems.is_empty() && !self.columns.covariates.iter().any(|covariate| covariate.is_second) {
            let cause = DatasetError::NothingTaken { file: file.value.clone() };
            problems.push(Problem::at(cause, cohort.place(&file.span)));
        }
    }

    /// The column of occasions that the model's random effects ask for.
    fn occasions(&mut self, cohort: &Cohort, data: &Data, model: &Model, problems: &mut Vec<Problem>) {
        let Some(asked) = model.omega.iter().find_map(|block| block.occasion.as_deref()) else { return };
        self.columns.needs_occasions = true;
        if self.columns.item(Item::Occ).is_some() {
            return;
        }
        match self.header.by_name(asked) {
            Some(position) => {
                let column = self.want(position);
                self.columns.items.insert(Item::Occ, column);
            }
            None => {
                let similar = did_you_mean(asked, self.header.names.iter().map(String::as_str));
                let (file, key) = (self.header.file.to_owned(), "columns");
                let cause = DatasetError::NoItem { file, item: Item::Occ, key, similar };
                problems.push(Problem::at(cause, cohort.place(&data.file.span)));
            }
        }
    }

    /// Random effects and individual parameters that the file gives.
    fn given(&mut self, cohort: &Cohort, data: &Data, model: &Model, problems: &mut Vec<Problem>) {
        let effects: Vec<&str> = model.effect_names().collect();
        let parameters = individual_parameters(model);
        let is_given = |name: &str| {
            data.given.as_ref().is_none_or(|given| given.iter().any(|column| column.value == name))
        };
        for name in data.given.iter().flatten() {
            let known = effects.iter().copied().chain(parameters.iter().map(String::as_str));
            let cause = if !known.clone().any(|known| known == name.value) {
                let similar = did_you_mean(&name.value, known);
                DatasetError::NotIndividual { name: name.value.clone(), similar }
            } else if self.header.exactly(&name.value).is_none() {
                self.header.no_column(name)
            } else {
                continue;
            };
            problems.push(Problem::at(cause, cohort.place(&name.span)));
        }
        for (effect, name) in effects.iter().enumerate().filter(|(_, name)| is_given(name)) {
            let Some(position) = self.free(name) else { continue };
            let column = self.want(position);
            if is_of_occasions(model, name) {
                self.columns.of_occasions.push((effect, self.columns.covariates.len()));
                self.columns.covariates.push(CovariateColumn::given(name, column, Values::Effect));
            } else {
                self.columns.effects.push((effect, column));
            }
        }
        for name in parameters.into_iter().filter(|name| is_given(name)) {
            let Some(position) = self.free(&name) else { continue };
            let column = self.want(position);
            self.columns.covariates.push(CovariateColumn::given(&name, column, Values::Parameter));
        }
        if let Some(cause) = self.part_of_block(model) {
            problems.push(Problem::at(cause, cohort.place(&data.file.span)));
        }
    }

    /// Correlated random effects of which some are given and others would be drawn.
    fn part_of_block(&self, model: &Model) -> Option<DatasetError> {
        let of_patients =
            self.columns.effects.iter().map(|&(_, column)| self.columns.taken.names[column].as_str());
        let of_occasions =
            self.columns.of_occasions.iter().map(|&(_, value)| self.columns.covariates[value].name.as_str());
        let given: Vec<&str> = of_patients.chain(of_occasions).collect();
        let mut blocks = model.omega.iter();
        blocks.find_map(|block| {
            let names = || block.names.iter().cloned();
            let (own, missing): (Vec<String>, Vec<String>) =
                names().partition(|name| given.contains(&name.as_str()));
            let file = self.header.file.to_owned();
            let is_part = !own.is_empty() && !missing.is_empty();
            is_part.then_some(DatasetError::PartOfBlock { file, given: own, missing })
        })
    }

    /// The model's covariates, but for those that the cohort file draws or computes.
    fn covariates(&mut self, cohort: &Cohort, data: &Data, model: &Model, problems: &mut Vec<Problem>) {
        let population = &cohort.population;
        let drawn = population.covariates.iter().map(|covariate| &covariate.name.value);
        let computed = population.derived.iter().map(|covariate| &covariate.name.value);
        let elsewhere: Vec<&String> = drawn.chain(computed).collect();
        for covariate in &model.covariates {
            let name = &covariate.name;
            if elsewhere.contains(&name) || self.columns.covariates.iter().any(|known| known.name == *name) {
                continue;
            }
            match self.found(name, |header, name| header.by_name(name)) {
                Found::Nowhere => {
                    let files = [Some(self.header), self.second].into_iter().flatten();
                    let (names, files): (Vec<&[String]>, Vec<PathBuf>) =
                        files.map(|header| (header.names, header.file.to_owned())).unzip();
                    let similar = did_you_mean(name, names.into_iter().flatten().map(String::as_str));
                    let (name, model) = (name.clone(), model.name.clone());
                    let cause = DatasetError::NoCovariate { name, model, files, similar };
                    problems.push(Problem::at(cause, cohort.place(&data.file.span)));
                }
                found => self.keep(name, found, cohort, model, problems),
            }
        }
    }

    /// Takes a column as a covariate.
    fn keep(
        &mut self,
        name: &str,
        found: Found,
        cohort: &Cohort,
        model: &Model,
        problems: &mut Vec<Problem>,
    ) {
        if self.columns.covariates.iter().any(|known| known.name == name) {
            return;
        }
        let span =
            |data: &Data| data.covariate_file.as_ref().map_or(data.span.clone(), |file| file.span.clone());
        let (column, is_second) = match found {
            Found::Nowhere => return,
            Found::InData(position) => (self.want(position), false),
            Found::InSecond(position) => {
                let Some((second, header)) = self.columns.second.as_mut().zip(self.second) else { return };
                (second.taken.want(position, header.names), true)
            }
            Found::InBoth => {
                let file =
                    |header: Option<&Header<'_>>| header.map_or_else(PathBuf::new, |h| h.file.to_owned());
                let (file, second) = (file(Some(&self.header)), file(self.second.as_ref()));
                let cause = DatasetError::InBoth { name: name.to_owned(), file, second };
                let place = cohort.data.as_ref().map(|data| cohort.place(&span(data)));
                problems.push(Problem { place, cause: Box::new(cause) });
                return;
            }
        };
        let to_model = units::to_model(cohort, model, name).unwrap_or_else(|cause: PopulationError| {
            let unit = cohort.data.iter().flat_map(|data| &data.units);
            let span = unit.into_iter().find(|(of, _)| of.value == name).map(|(_, unit)| &unit.span);
            problems.push(Problem { place: span.map(|span| cohort.place(span)), cause: Box::new(cause) });
            Conversion::NONE
        });
        let is_of_model = model.covariates.iter().any(|covariate| covariate.name == name);
        let (name, of) = (name.to_owned(), Values::Covariate);
        self.columns.covariates.push(CovariateColumn { name, column, to_model, of, is_second, is_of_model });
    }
}

fn is_of_occasions(model: &Model, effect: &str) -> bool {
    let block = model.omega.iter().find(|block| block.names.iter().any(|name| name == effect));
    block.is_some_and(|block| block.occasion.is_some())
}

/// Names of what the model computes once per patient.
pub(super) fn individual_parameters(model: &Model) -> Vec<String> {
    use crate::model::graph::{Node, Stage};

    let is_individual = |node| {
        model.graph.stage(node) == Stage::Patient && !matches!(model.graph.node(node), Node::Symbol(_))
    };
    model.variables.iter().filter(|v| is_individual(v.node)).map(|v| v.name.clone()).collect()
}
