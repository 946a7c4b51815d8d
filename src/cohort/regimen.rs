//! What is given, and when patients are seen.

use super::{Rule, Spanned, Ticks};
use crate::unit::{Conversion, Unit};

/// What is given, when.
#[derive(Debug, Clone, PartialEq)]
pub struct Regimen {
    /// One per arm.
    pub arms: Vec<Spanned<Dose>>,
    /// States that receive the dose.
    pub into: Vec<Spanned<String>>,
    /// How it enters.
    pub infusion: Spanned<Infusion>,
    /// What `f(state)` acts on where it enters by its rate, if the file says it.
    pub bioavailability: Option<Spanned<Bioavailability>>,
    /// When, relative to the first dose; sorted, starts at 0 unless times were given.
    pub times: Vec<Ticks>,
    /// Another dose for the first doses.
    pub loading: Option<Loading>,
    /// Mass of a mole of the drug, g, by which masses and amounts of substance convert.
    pub molecular_weight: Option<f64>,
    /// Dose levels, increasing, in the arms' unit.
    pub levels: Vec<Spanned<Dose>>,
    /// Rules that change the doses, in file order.
    pub modify: Vec<Rule>,
}

impl Regimen {
    /// How an amount of drug in one unit becomes one in another; `None` if they are of two kinds.
    pub(crate) fn conversion(&self, from: &Unit, into: &Unit) -> Option<Conversion> {
        from.to(into).or_else(|| from.to_by_molar_mass(into, self.molecular_weight?))
    }
}

/// A larger or smaller dose at the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Loading {
    /// How many doses, from the first.
    pub doses: u32,
    /// What they are.
    pub amount: LoadingAmount,
}

/// The amount of a loading dose.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadingAmount {
    /// This dose in every arm.
    Dose(Spanned<Dose>),
    /// The arm's dose times this.
    Factor(f64),
}

/// An amount of drug.
#[derive(Debug, Clone, PartialEq)]
pub struct Dose {
    /// As the user wrote it: the arm's label.
    pub text: String,
    /// Amount, in `unit`, per `per`; not negative.
    pub amount: f64,
    /// Unit of the amount: of mass, of amount of substance, or a counted one.
    pub unit: Unit,
    /// What it is multiplied by.
    pub per: Per,
}

/// What a dose is scaled by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// The patient.
    Patient,
    /// Body weight: covariate `WT`, kg.
    Kilogram,
    /// Body surface area: covariate `BSA`, m2.
    SquareMetre,
}

impl Per {
    /// The covariate that the amount is multiplied by.
    pub fn covariate(self) -> Option<&'static str> {
        match self {
            Self::Patient => None,
            Self::Kilogram => Some("WT"),
            Self::SquareMetre => Some("BSA"),
        }
    }
}

/// How a dose enters its states.
#[derive(Debug, Clone, PartialEq)]
pub enum Infusion {
    /// At once.
    Bolus,
    /// Over this long.
    Duration(Ticks),
    /// At this rate: amount per hour.
    Rate {
        /// Amount per hour, above 0.
        amount_per_hour: f64,
        /// Unit of the amount.
        unit: Unit,
    },
    /// By the model's `dur(state)` or `rate(state)`.
    Model,
}

/// What the factor `f(state)` of an infusion that is given by its rate acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bioavailability {
    /// The amount: the rate stays.
    Amount,
    /// The rate: the time stays.
    Rate,
}

impl Regimen {
    /// That of a file in which it cannot be read.
    pub(super) fn nothing() -> Self {
        Self {
            arms: Vec::new(),
            into: Vec::new(),
            infusion: Spanned { value: Infusion::Bolus, span: 0..0 },
            bioavailability: None,
            times: Vec::new(),
            loading: None,
            molecular_weight: None,
            levels: Vec::new(),
            modify: Vec::new(),
        }
    }
}

/// When patients are seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Visits {
    /// The visits' times, sorted, 0 first.
    pub times: Vec<Ticks>,
    /// The end of the simulation.
    pub until: Ticks,
}

impl Visits {
    /// None but the first: those of a data set are its records, and the end is known when it is read.
    pub(super) fn of_data() -> Self {
        Self { times: vec![0], until: 1 }
    }
}
