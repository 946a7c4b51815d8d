//! Uncertainty of typical values, and what is compared between the scenarios of a cohort file.
//!
//! Where a scenario may be named, none is the file itself, without any scenario.

use super::{Dose, Spanned};

/// Typical values drawn anew for each replicate; its patients are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertainty {
    /// Number of replicates, at least 1.
    pub replicates: u32,
    /// Patients of each replicate, from the first; all if there are fewer, or if none is given.
    pub patients: Option<u64>,
    /// Fixed effects of the model that are uncertain, in file order, at least one.
    pub parameters: Vec<UncertainParameter>,
}

/// A fixed effect that is uncertain.
#[derive(Debug, Clone, PartialEq)]
pub struct UncertainParameter {
    /// Its name in the model's `ini` block.
    pub name: Spanned<String>,
    /// On which scale it is lognormal.
    pub scale: UncertainScale,
    /// Standard deviation of the logarithm, above 0: `sqrt(log(1 + cv^2))`.
    pub log_sd: f64,
}

/// On which scale a fixed effect is lognormal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UncertainScale {
    /// It is a logarithm, and its exponential is lognormal: a normal number is added to it.
    Exponential,
    /// It is lognormal itself: it is multiplied by the exponential of a normal number.
    Natural,
}

/// What is compared between scenarios.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// The scenario that the others are paired with.
    pub base: Option<Spanned<String>>,
    /// The scenarios that are run, in this order, at least one.
    pub scenarios: Vec<Spanned<String>>,
    /// Probabilities of a dose-limiting toxicity at which the maximum tolerated dose is read, at least
    /// one, each of another [`whole_percent`].
    pub mtd: Vec<f64>,
    /// The dose at which a reference tumour stands still.
    pub static_dose: Option<StaticDose>,
    /// The dose with so much disease control.
    pub control: Option<ControlDose>,
    /// Steps of the waterfall, in file order.
    pub waterfall: Vec<Step>,
}

/// A proportion in whole percent: measures are named by it.
pub fn whole_percent(proportion: f64) -> f64 {
    (100.0 * proportion).round()
}

/// The lowest dose at which an endpoint is at most 0.
#[derive(Debug, Clone, PartialEq)]
pub struct StaticDose {
    /// The scenario with the reference tumour.
    pub scenario: Option<Spanned<String>>,
    /// An endpoint of that scenario.
    pub endpoint: Spanned<String>,
}

/// The lowest dose at which so large a proportion of the patients has disease control.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlDose {
    /// The scenario, which is run for it.
    pub scenario: Option<Spanned<String>>,
    /// The proportion, above 0 and at most 1.
    pub proportion: Spanned<f64>,
}

/// A step of the waterfall.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it shows.
    pub of: StepOf,
    /// What it is called.
    pub label: String,
}

/// What a step of the waterfall shows.
#[derive(Debug, Clone, PartialEq)]
pub enum StepOf {
    /// The maximum tolerated dose of a scenario that is compared.
    Scenario(Spanned<String>),
    /// A declared dose, in the unit of the first arm.
    Dose(Spanned<Dose>),
}
