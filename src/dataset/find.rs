//! Which columns of a file hold what.

use std::collections::HashMap;
use std::path::Path;

use super::error::DatasetError;
use super::items::Item;
use crate::cohort::{Cohort, Data, Spanned};
use crate::diagnostic::{Problem, did_you_mean};
use crate::model::Model;
use crate::population::PopulationError;
use crate::population::units;
use crate::unit::Conversion;

/// The columns that are read, by their positions among them.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    /// Their positions in the file.
    pub(super) wanted: Vec<usize>,
    /// Their names in the file.
    pub(super) names: Vec<String>,
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
}

/// A column with a covariate.
#[derive(Debug, Clone)]
pub(super) struct CovariateColumn {
    /// As the model and the cohort file call it.
    pub(super) name: String,
    pub(super) column: usize,
    pub(super) to_model: Conversion,
    pub(super) of: Values,
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

    /// Finds the columns of a header.
    pub(super) fn find(
        header: &[String],
        cohort: &Cohort,
        data: &Data,
        model: &Model,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let file = data.file.value.as_path();
        let before = problems.len();
        let mut finder = Finder { header, file, columns: Self::default() };
        let place = |span| cohort.place(span);
        problems.extend(finder.twins().map(|cause| Problem::at(cause, place(&data.file.span))));
        for (item, column) in &data.columns {
            let cause = match Item::ALL.into_iter().find(|known| known.key() == item.value) {
                None => DatasetError::UnknownItem { item: item.value.clone() },
                Some(known) => match finder.exactly(&column.value) {
                    Some(position) => {
                        let column = finder.want(position);
                        finder.columns.items.insert(known, column);
                        continue;
                    }
                    None => {
                        problems.push(Problem::at(finder.no_column(column), place(&column.span)));
                        continue;
                    }
                },
            };
            problems.push(Problem::at(cause, place(&item.span)));
        }
        finder.items();
        finder.occasions(cohort, data, model, problems);
        for item in [Item::Id, Item::Time] {
            if finder.columns.item(item).is_none() && problems.len() == before {
                let similar = did_you_mean(item.name(), header.iter().map(String::as_str));
                let cause = DatasetError::NoItem { file: file.to_owned(), item, similar };
                problems.push(Problem::at(cause, place(&data.file.span)));
            }
        }
        finder.given(cohort, data, model, problems);
        finder.covariates(cohort, data, model, problems);
        for column in &data.keep {
            match finder.exactly(&column.value) {
                Some(position) => finder.keep(&column.value, position, cohort, model, problems),
                None => problems.push(Problem::at(finder.no_column(column), place(&column.span))),
            }
        }
        let Finder { mut columns, .. } = finder;
        let is_read = |position: usize| columns.wanted.contains(&position);
        columns.unread = (0..header.len()).filter(|&i| !is_read(i)).map(|i| header[i].clone()).collect();
        columns
    }
}

struct Finder<'a> {
    header: &'a [String],
    file: &'a Path,
    columns: Columns,
}

impl Finder<'_> {
    /// Columns that are one name, in whatever case.
    fn twins(&self) -> Option<DatasetError> {
        let mut seen: HashMap<String, &String> = HashMap::new();
        for second in self.header.iter().filter(|name| !name.is_empty()) {
            if let Some(first) = seen.insert(second.to_lowercase(), second) {
                let (first, second) = (first.clone(), second.clone());
                return Some(DatasetError::Twice { file: self.file.to_owned(), first, second });
            }
        }
        None
    }

    fn exactly(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The same of a column that is no item, as one with durations that the model has a name for, too.
    fn free(&self, name: &str) -> Option<usize> {
        let is_item = |position: usize| {
            self.columns.items.values().any(|&column| self.columns.wanted[column] == position)
        };
        self.exactly(name).filter(|&position| !is_item(position))
    }

    /// A column by its name, if need be in other case.
    fn by_name(&self, name: &str) -> Option<usize> {
        let in_any_case = || self.header.iter().position(|column| column.eq_ignore_ascii_case(name));
        self.exactly(name).or_else(in_any_case)
    }

    /// The position of a column among those that are read.
    fn want(&mut self, position: usize) -> usize {
        let columns = &mut self.columns;
        if let Some(column) = columns.wanted.iter().position(|&wanted| wanted == position) {
            return column;
        }
        columns.wanted.push(position);
        columns.names.push(self.header[position].clone());
        columns.wanted.len() - 1
    }

    fn no_column(&self, column: &Spanned<String>) -> DatasetError {
        let similar = did_you_mean(&column.value, self.header.iter().map(String::as_str));
        DatasetError::NoColumn { file: self.file.to_owned(), column: column.value.clone(), similar }
    }

    /// The items that are called as NONMEM calls them.
    fn items(&mut self) {
        for position in 0..self.header.len() {
            let Some(item) = Item::of(&self.header[position]) else { continue };
            if self.columns.item(item).is_none() {
                let column = self.want(position);
                self.columns.items.insert(item, column);
            }
        }
    }

    /// The column of occasions that the model's random effects ask for.
    fn occasions(&mut self, cohort: &Cohort, data: &Data, model: &Model, problems: &mut Vec<Problem>) {
        let Some(asked) = model.omega.iter().find_map(|block| block.occasion.as_deref()) else { return };
        self.columns.needs_occasions = true;
        if self.columns.item(Item::Occ).is_some() {
            return;
        }
        match self.by_name(asked) {
            Some(position) => {
                let column = self.want(position);
                self.columns.items.insert(Item::Occ, column);
            }
            None => {
                let similar = did_you_mean(asked, self.header.iter().map(String::as_str));
                let cause = DatasetError::NoItem { file: self.file.to_owned(), item: Item::Occ, similar };
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
            } else if self.exactly(&name.value).is_none() {
                self.no_column(name)
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
                let (name, to_model) = ((*name).to_owned(), Conversion::NONE);
                let of = Values::Effect;
                self.columns.covariates.push(CovariateColumn { name, column, to_model, of });
            } else {
                self.columns.effects.push((effect, column));
            }
        }
        for name in parameters.into_iter().filter(|name| is_given(name)) {
            let Some(position) = self.free(&name) else { continue };
            let column = self.want(position);
            let to_model = Conversion::NONE;
            let of = Values::Parameter;
            self.columns.covariates.push(CovariateColumn { name, column, to_model, of });
        }
        if let Some(cause) = self.part_of_block(model) {
            problems.push(Problem::at(cause, cohort.place(&data.file.span)));
        }
    }

    /// Correlated random effects of which some are given and others would be drawn.
    fn part_of_block(&self, model: &Model) -> Option<DatasetError> {
        let of_patients = self.columns.effects.iter().map(|&(_, column)| self.columns.names[column].as_str());
        let of_occasions =
            self.columns.of_occasions.iter().map(|&(_, value)| self.columns.covariates[value].name.as_str());
        let given: Vec<&str> = of_patients.chain(of_occasions).collect();
        let mut blocks = model.omega.iter();
        blocks.find_map(|block| {
            let names = || block.names.iter().cloned();
            let (own, missing): (Vec<String>, Vec<String>) =
                names().partition(|name| given.contains(&name.as_str()));
            let file = self.file.to_owned();
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
            match self.by_name(name) {
                Some(position) => self.keep(name, position, cohort, model, problems),
                None => {
                    let similar = did_you_mean(name, self.header.iter().map(String::as_str));
                    let (name, model, file) = (name.clone(), model.name.clone(), self.file.to_owned());
                    let cause = DatasetError::NoCovariate { name, model, file, similar };
                    problems.push(Problem::at(cause, cohort.place(&data.file.span)));
                }
            }
        }
    }

    fn keep(
        &mut self,
        name: &str,
        position: usize,
        cohort: &Cohort,
        model: &Model,
        problems: &mut Vec<Problem>,
    ) {
        if self.columns.covariates.iter().any(|known| known.name == name) {
            return;
        }
        let to_model = units::to_model(cohort, model, name).unwrap_or_else(|cause: PopulationError| {
            let unit = cohort.data.iter().flat_map(|data| &data.units);
            let span = unit.into_iter().find(|(of, _)| of.value == name).map(|(_, unit)| &unit.span);
            problems.push(Problem { place: span.map(|span| cohort.place(span)), cause: Box::new(cause) });
            Conversion::NONE
        });
        let column = self.want(position);
        let name = name.to_owned();
        self.columns.covariates.push(CovariateColumn { name, column, to_model, of: Values::Covariate });
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
