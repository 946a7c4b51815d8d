//! How much is given: amounts per patient or body size, by classes of patients or by an expression, and their limits.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Dose, Spanned};
use crate::unit::Unit;

/// How much is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// What it begins with.
    pub of: AmountOf,
    /// The body size up to which it grows.
    pub size_at_most: Option<Spanned<BodySize>>,
    /// The largest amount.
    pub cap: Option<Spanned<Dose>>,
    /// What it is rounded to.
    pub round: Option<Spanned<Rounding>>,
}

/// What an amount is.
#[derive(Debug, Clone, PartialEq)]
pub enum AmountOf {
    /// A number, for the patient or for its size.
    Dose(Spanned<Dose>),
    /// An expression over covariates.
    Expression {
        /// The expression.
        text: Spanned<String>,
        /// Its unit: of mass, of amount of substance, or a counted one.
        unit: Unit,
    },
    /// A dose for each class of patients.
    Tiers {
        /// The expression over covariates that tells them apart.
        by: Spanned<String>,
        /// The classes: a patient is of the first whose limit its value lies below.
        tiers: Vec<Tier>,
    },
}

/// The dose of a class of patients.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// The value, a number with or without a unit, below which patients belong to it; none of the last.
    pub below: Option<Spanned<String>>,
    /// Their dose.
    pub dose: Spanned<Dose>,
}

/// A body size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BodySize {
    /// Weight, kg.
    Kilograms(f64),
    /// Surface, m2.
    SquareMetres(f64),
}

/// Rounding to whole vials or tablets.
#[derive(Debug, Clone, PartialEq)]
pub struct Rounding {
    /// What a vial or a tablet holds, above 0.
    pub to: Dose,
    /// In which direction.
    pub how: RoundTo,
}

/// In which direction an amount is rounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundTo {
    /// To the next whole number of units at or above.
    Up,
    /// To the next whole number at or below.
    Down,
    /// To the nearest whole number, halves up.
    #[default]
    Nearest,
}

impl Amount {
    /// Whether two amounts are one, whatever the units they are written in.
    pub(crate) fn is(&self, other: &Self) -> bool {
        fn same<T>(a: &Option<Spanned<T>>, b: &Option<Spanned<T>>, is: impl Fn(&T, &T) -> bool) -> bool {
            match (a, b) {
                (Some(a), Some(b)) => is(&a.value, &b.value),
                (a, b) => a.is_none() && b.is_none(),
            }
        }
        let rounding = |a: &Rounding, b: &Rounding| a.how == b.how && a.to.is(&b.to);
        self.of.is(&other.of)
            && same(&self.size_at_most, &other.size_at_most, |a, b| a == b)
            && same(&self.cap, &other.cap, Dose::is)
            && same(&self.round, &other.round, rounding)
    }

    /// The doses that it may begin with, as far as these are numbers.
    pub fn doses(&self) -> impl Iterator<Item = &Spanned<Dose>> {
        let (dose, tiers) = match &self.of {
            AmountOf::Dose(dose) => (Some(dose), &[][..]),
            AmountOf::Expression { .. } => (None, &[][..]),
            AmountOf::Tiers { tiers, .. } => (None, tiers.as_slice()),
        };
        dose.into_iter().chain(tiers.iter().map(|tier| &tier.dose))
    }
}

impl AmountOf {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dose(a), Self::Dose(b)) => a.value.is(&b.value),
            (Self::Expression { text: a, unit: of }, Self::Expression { text: b, unit }) => {
                a.value == b.value && of == unit
            }
            (Self::Tiers { by: a, tiers: of }, Self::Tiers { by: b, tiers }) => {
                let below = |tier: &Tier| tier.below.as_ref().map(|below| below.value.clone());
                let same = |(a, b): (&Tier, &Tier)| below(a) == below(b) && a.dose.value.is(&b.dose.value);
                a.value == b.value && of.len() == tiers.len() && of.iter().zip(tiers).all(same)
            }
            _ => false,
        }
    }
}
