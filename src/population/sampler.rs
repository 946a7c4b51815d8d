//! The sampler: a cohort and a model, checked, ready to draw patients.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::correlation;
use super::covariate::{Covariate, CovariateKind, covariates};
use super::draw::{Draw, Marginal};
use super::error::PopulationError;
use super::expression::{Formula, Reader};
use super::rows::{RowColumn, Rows};
use super::stream::Stream;
use super::subgroup::Subgroup;
use super::units;
use crate::cholesky::cholesky;
use crate::cohort::{Cohort, Spanned, columns};
use crate::dataset::{Dataset, DatasetError};
use crate::diagnostic::{Problem, Problems, did_you_mean};
use crate::model::Model;
use crate::table::{ColumnMeta, Kept};
use crate::unit::Unit;

/// Draws the patients of one cohort for one model.
///
/// Patient `k` is the same in whatever range it is drawn.
#[derive(Debug, Clone)]
pub struct Sampler {
    /// All covariates: those of the rows, then drawn, then computed ones.
    pub(super) covariates: Vec<Covariate>,
    /// Position of each of the model's covariates.
    pub(super) of_model: Vec<usize>,
    pub(super) rows: Option<Rows>,
    /// In file order.
    pub(super) draws: Vec<Draw>,
    /// Positions in `draws`, classes before what depends on them.
    pub(super) draw_order: Vec<usize>,
    /// Computed covariates, each after what it needs: position and formula.
    pub(super) derived: Vec<(usize, Formula)>,
    pub(super) conditions: Vec<Condition>,
    pub(super) subgroups: Vec<Subgroup>,
    pub(super) effects: Vec<Effects>,
    /// Whether they are drawn; else each is 0.
    pub(super) random_effects: bool,
    /// One stream per residual line of the model.
    pub(super) residuals: Vec<Stream>,
    pub(super) max_attempts: u32,
    /// The data set whose individuals the patients are, if there is one.
    pub(super) data: Option<Arc<Dataset>>,
}

/// What a patient must meet.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    /// As the user reads it.
    pub(super) text: String,
    pub(super) test: Test,
}

/// How it is tested.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// The covariate at this position lies in the closed interval.
    Between(usize, [f64; 2]),
    /// The expression is neither 0 nor NaN.
    Require(Formula),
}

/// One block of random effects.
#[derive(Debug, Clone)]
pub(super) struct Effects {
    pub(super) streams: Vec<Stream>,
    /// Cholesky factor of the block's covariance, lower triangle by rows.
    pub(super) factor: Vec<f64>,
    /// Whether they are drawn anew for each occasion of a data set.
    pub(super) of_occasions: bool,
}

impl Sampler {
    /// Checks the population of a cohort against a model, and reads the cohort's table if it has
    /// one.
    ///
    /// # Errors
    /// Everything that is wrong with it: a covariate of the model that is missing, names given
    /// twice, impossible distributions, correlations that contradict each other, expressions that
    /// cannot be read or need each other, a table that lacks columns, values or rows.
    pub fn new(cohort: &Cohort, model: &Model) -> Result<Self, Problems> {
        Self::of_data(cohort, model, None)
    }

    /// The same with the individuals of a data set as patients, in its order, each as often as it is simulated.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn of_data(cohort: &Cohort, model: &Model, data: Option<Arc<Dataset>>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let of_data = data.as_ref().zip(cohort.data.as_ref());
        let rows = match of_data {
            Some((data, table)) => Some(Rows::of_data(data, &table.file.span)),
            None => Rows::open(cohort, model, &mut problems),
        };
        let covariates = covariates(cohort, model, rows.as_ref(), &mut problems);
        let positions = positions(cohort, &covariates, &mut problems);
        let columns = rows.as_ref().map_or(&[][..], |rows| &rows.columns);
        problems.extend(rows.iter().flat_map(|_| units_of_nothing(cohort, columns)));
        let text = |position: usize| text(cohort, columns.get(position)?);
        let labels = |position: usize| match &covariates[position].kind {
            CovariateKind::Label(labels) => Some(labels.to_vec()),
            CovariateKind::Number | CovariateKind::Whole => None,
        };
        let unit = |covariate: &Covariate| units::known(cohort, model, &covariate.meta.name);
        let units: Vec<Option<Unit>> = covariates.iter().map(unit).collect();
        let reader = Reader { cohort, positions: &positions, units: &units, text: &text, labels: &labels };

        let draws = draws(cohort, columns.len(), &positions, &mut problems);
        let (plain, by_class): (Vec<_>, Vec<_>) =
            (0..draws.len()).partition(|&i| draws[i].marginal.is_plain());
        let of_model = of_model(cohort, model, &reader, &mut problems);
        let derived = reader.derived(&mut problems);
        let conditions = conditions(cohort, &reader, &mut problems);
        let subgroups = subgroups(cohort, &covariates, &reader, &mut problems);
        let sampler = Self {
            of_model,
            draw_order: [plain, by_class].concat(),
            derived,
            conditions,
            subgroups,
            effects: effects(cohort, model, &mut problems),
            random_effects: cohort.random_effects,
            residuals: model.residuals.iter().map(|r| stream(cohort, "residual", &r.name)).collect(),
            max_attempts: cohort.eligibility.max_attempts.max(1),
            covariates,
            rows,
            draws,
            data,
        };
        problems.extend(sampler.computed_of_changing(cohort));
        Problems::none_or(problems, sampler)
    }

    /// Each covariate: its name, and where it is defined.
    pub(crate) fn covariates(&self) -> impl Iterator<Item = (&str, &Range<usize>)> + Clone {
        self.covariates.iter().map(|covariate| (covariate.meta.name.as_str(), &covariate.span))
    }

    /// The table that patients are rows of, if there is one: its path, and what is used of it.
    pub fn table(&self) -> Option<(&Path, &Kept)> {
        self.rows.as_ref().and_then(|rows| Some((rows.file.as_path(), &**rows.input.as_ref()?)))
    }

    /// The data set whose individuals the patients are, if there is one.
    pub fn data(&self) -> Option<&Arc<Dataset>> {
        self.data.as_ref()
    }

    /// Whether there is a patient of every index: they are not rows of a table, or individuals of a data set, one each.
    pub(crate) fn is_endless(&self) -> bool {
        self.rows.as_ref().is_none_or(Rows::is_endless)
    }

    /// Covariates that are computed once per patient of what changes from record to record.
    fn computed_of_changing(&self, cohort: &Cohort) -> Option<Problem> {
        let data = self.data.as_ref()?;
        self.derived.iter().find_map(|(position, formula)| {
            let (of, id) = formula.needs().iter().find_map(|&needed| {
                let name = &self.covariates[needed].meta.name;
                Some((name.clone(), data.changes_in(name)?.to_owned()))
            })?;
            let Covariate { meta, span, .. } = &self.covariates[*position];
            let cause = DatasetError::ComputedOfChanging { name: meta.name.clone(), of, id };
            Some(Problem::at(cause, cohort.place(span)))
        })
    }

    /// Names of the columns of the patients: covariates, then subgroups.
    pub(crate) fn column_names(&self) -> Vec<String> {
        let of_data = self.data.iter().flat_map(|_| [columns::ID, columns::REPLICATE]).map(str::to_owned);
        let covariates = self.covariates().map(|(name, _)| name.to_owned());
        of_data.chain(covariates).chain(self.subgroups().map(|(_, column, _)| column)).collect()
    }

    /// Each subgroup: its name, its column in the `patients` set, and what its levels are called.
    pub fn subgroups(&self) -> impl Iterator<Item = (&str, String, &[String])> {
        self.subgroups.iter().map(|s| (s.name.as_str(), s.column(), &s.levels[..]))
    }

    /// Names, meanings and units of all covariates.
    pub fn column_meta(&self) -> impl Iterator<Item = &ColumnMeta> {
        self.covariates.iter().map(|covariate| &covariate.meta)
    }

    /// The covariates in the model's units, from those of the cohort file: `[covariate][patient]`.
    pub(super) fn to_model(&self, covariates: &mut [Vec<f64>]) {
        for (covariate, values) in self.covariates.iter().zip(covariates) {
            if !covariate.to_model.is_none() {
                values.iter_mut().for_each(|value| *value = covariate.to_model.apply(*value));
            }
        }
    }

    /// Names of all covariates that expressions may use: all but columns of text.
    pub fn names(&self) -> Vec<String> {
        let columns = self.rows.as_ref().map_or(&[][..], |rows| &rows.columns);
        let is_text = |position: usize| columns.get(position).is_some_and(|column| column.labels.is_some());
        let numbers = self.covariates.iter().enumerate().filter(|&(position, _)| !is_text(position));
        numbers.map(|(_, covariate)| covariate.meta.name.clone()).collect()
    }
}

fn stream(cohort: &Cohort, purpose: &str, name: &str) -> Stream {
    Stream::new(cohort.seed, &format!("{purpose}:{name}"))
}

/// Units of columns that are not taken from the table.
fn units_of_nothing(cohort: &Cohort, columns: &[RowColumn]) -> Vec<Problem> {
    let Some(rows) = &cohort.population.rows else { return Vec::new() };
    let is_nothing = |name: &str| columns.iter().all(|column| column.name != name);
    let nothing = rows.units.iter().filter(|(name, _)| is_nothing(&name.value));
    let problem = |(name, _): &(Spanned<String>, Spanned<String>)| {
        let similar = did_you_mean(&name.value, columns.iter().map(|column| column.name.as_str()));
        let (column, file) = (name.value.clone(), rows.file.value.clone());
        Problem::at(PopulationError::NoColumn { column, file, similar }, cohort.place(&name.span))
    };
    nothing.map(problem).collect()
}

fn positions(
    cohort: &Cohort,
    covariates: &[Covariate],
    problems: &mut Vec<Problem>,
) -> HashMap<String, usize> {
    let mut positions = HashMap::new();
    for (position, covariate) in covariates.iter().enumerate() {
        let name = covariate.meta.name.clone();
        if positions.insert(name.clone(), position).is_some() {
            problems.push(Problem::at(PopulationError::Twice { name }, cohort.place(&covariate.span)));
        }
    }
    positions
}

/// Why a column of the table has no numbers, if it holds text.
fn text(cohort: &Cohort, column: &RowColumn) -> Option<PopulationError> {
    let (text, row) = column.text()?;
    let file = cohort.population.rows.as_ref()?.file.value.clone();
    Some(PopulationError::Text { column: column.name.clone(), file, text, row })
}

fn draws(
    cohort: &Cohort,
    first: usize,
    positions: &HashMap<String, usize>,
    problems: &mut Vec<Problem>,
) -> Vec<Draw> {
    let mixing = correlation::mixing(cohort, problems);
    let mut draws = Vec::new();
    for ((i, drawn), mixing) in cohort.population.covariates.iter().enumerate().zip(mixing) {
        let marginal = Marginal::new(drawn, positions);
        let stream = stream(cohort, "covariate", &drawn.name.value);
        draws.extend(marginal.map(|marginal| Draw { position: first + i, stream, mixing, marginal }));
    }
    draws
}

fn of_model(cohort: &Cohort, model: &Model, reader: &Reader<'_>, problems: &mut Vec<Problem>) -> Vec<usize> {
    let mut of_model = Vec::new();
    for covariate in &model.covariates {
        let name = &covariate.name;
        let position = reader.positions.get(name).copied();
        let cause = match position {
            Some(position) => (reader.text)(position),
            None => Some(PopulationError::MissingCovariate {
                name: name.clone(),
                model: model.name.clone(),
                similar: did_you_mean(name, reader.positions.keys().map(String::as_str)),
            }),
        };
        problems.extend(cause.map(|cause| Problem::at(cause, cohort.place(&cohort.model.span))));
        of_model.extend(position);
    }
    of_model
}

fn conditions(cohort: &Cohort, reader: &Reader<'_>, problems: &mut Vec<Problem>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for drawn in &cohort.population.covariates {
        let (Some(between), Some(&position)) = (&drawn.between, reader.positions.get(&drawn.name.value))
        else {
            continue;
        };
        let ([low, high], name) = (between.value, &drawn.name.value);
        let text = format!("{name} between {low} and {high}");
        conditions.push(Condition { text, test: Test::Between(position, between.value) });
    }
    for require in &cohort.eligibility.require {
        let text = require.value.clone();
        let formula = reader.read(require, problems);
        conditions.extend(formula.map(|formula| Condition { text, test: Test::Require(formula) }));
    }
    conditions
}

fn subgroups(
    cohort: &Cohort,
    covariates: &[Covariate],
    reader: &Reader<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Subgroup> {
    cohort.subgroups.iter().filter_map(|s| Subgroup::new(s, covariates, reader, problems)).collect()
}

fn effects(cohort: &Cohort, model: &Model, problems: &mut Vec<Problem>) -> Vec<Effects> {
    let mut effects = Vec::new();
    for block in &model.omega {
        match cholesky(block.names.len(), &block.covariance) {
            Ok(factor) => {
                let streams = block.names.iter().map(|name| stream(cohort, "effect", name)).collect();
                effects.push(Effects { streams, factor, of_occasions: block.occasion.is_some() });
            }
            Err(row) => {
                let effect = block.names[row].clone();
                let cause = PopulationError::Omega { block: block.names.clone(), effect };
                problems.push(Problem::at(cause, cohort.place(&cohort.model.span)));
            }
        }
    }
    effects
}
