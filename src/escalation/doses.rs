//! The doses that a trial goes through.

use crate::cohort::Dose;

/// What stands in place of a unit where no dose is known.
pub(super) const LEVEL: &str = "level";

/// Doses or increases that differ by no more, as a fraction, are the same: 700 ug is 0.7 mg.
pub(super) const ROUNDING: f64 = 1e-9;

/// Doses, from the lowest.
#[derive(Debug, Clone, PartialEq)]
pub struct Doses {
    /// What each is called.
    pub labels: Vec<String>,
    /// Each as a number, rising.
    pub amounts: Vec<f64>,
    /// A dose in their unit; none if they are nothing but levels.
    like: Option<Dose>,
}

impl Doses {
    /// Doses of one kind, in rising order; `None` if two of them are of different kinds, or equal.
    pub fn new(mut doses: Vec<Dose>) -> Option<Self> {
        let like = doses.first()?.clone();
        let amount = |dose: &Dose| dose.amount_in_unit_of(&like);
        if doses.iter().any(|dose| amount(dose).is_none()) {
            return None;
        }
        doses.sort_by(|a, b| amount(a).partial_cmp(&amount(b)).unwrap_or(std::cmp::Ordering::Equal));
        let amounts: Vec<f64> = doses.iter().filter_map(amount).collect();
        let is_rising = amounts.windows(2).all(|pair| pair[0] < pair[1]);
        let labels = doses.into_iter().map(|dose| dose.text).collect();
        is_rising.then_some(Self { labels, amounts, like: Some(like) })
    }

    /// Levels 1, 2, ... of which no dose is known.
    pub fn levels(count: usize) -> Self {
        let numbers = 1..=count;
        Self {
            labels: numbers.clone().map(|level| format!("level {level}")).collect(),
            amounts: numbers.map(|level| level as f64).collect(),
            like: None,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// Unit of the amounts.
    pub fn unit(&self) -> String {
        self.like.as_ref().map_or_else(|| LEVEL.into(), Dose::unit_text)
    }

    /// Whether amounts are known, and not levels alone.
    pub fn are_known(&self) -> bool {
        self.like.is_some()
    }

    /// A dose in their unit; `None` if it is of another kind.
    pub fn amount_of(&self, dose: &Dose) -> Option<f64> {
        dose.amount_in_unit_of(self.like.as_ref()?)
    }
}
