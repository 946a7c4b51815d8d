//! What is given, and when patients are seen.

use std::collections::BTreeSet;

use super::{Amount, AmountOf, Rule, Spanned, Ticks};
use crate::unit::{Conversion, Unit};

impl Period {
    /// Times of the doses within a multiple of it, as if that began with time 0.
    pub(crate) fn within(&self, multiple: Ticks) -> impl Iterator<Item = Ticks> {
        let first = (0..multiple / self.length.max(1)).map(|period| period * self.length);
        first.flat_map(|first| self.times.iter().map(move |time| first + time))
    }
}

/// What is given, when: a list of doses for each arm, whether the file gives them by `[regimen]` or by `[[arms]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Regimen {
    /// What is given, at least one: the one of a file without `[drugs]` has no name.
    pub drugs: Vec<Drug>,
    /// The arms, in file order.
    pub arms: Vec<Arm>,
    /// What rules give on demand, in every arm; each is a drug of its own.
    pub on_demand: Vec<OnDemand>,
    /// Dose levels of each drug, increasing, in the unit of its first dose; none of a drug that does not change by a level.
    pub levels: Vec<Vec<Spanned<Dose>>>,
    /// Rules that change the doses, in file order.
    pub modify: Vec<Rule>,
}

/// A drug.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drug {
    /// Its name, if the file gives it one.
    pub name: Option<Spanned<String>>,
    /// Mass of a mole of it, g, by which masses and amounts of substance convert.
    pub molecular_weight: Option<f64>,
    /// What `f(state)` acts on where it enters by its rate, if the file says it.
    pub bioavailability: Option<Spanned<Bioavailability>>,
    /// The doses that patients miss, if they do.
    pub missed: Option<Missed>,
}

/// Doses that patients miss by chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// The probability that a dose is missed, an expression over covariates.
    pub probability: Spanned<String>,
    /// How many are missed in a row, on average, at least 1; each by itself if none is given.
    pub run: Option<f64>,
}

impl Drug {
    /// How an amount of it in one unit becomes one in another; `None` if they are of two kinds.
    pub(crate) fn conversion(&self, from: &Unit, into: &Unit) -> Option<Conversion> {
        from.to(into).or_else(|| from.to_by_molar_mass(into, self.molecular_weight?))
    }
}

/// An arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// What it is called.
    pub label: Spanned<String>,
    /// What is given in it; of several at one time, the first first.
    pub courses: Vec<Course>,
}

/// Doses of one drug that differ only in their times.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Position of the drug in [`Regimen::drugs`].
    pub drug: usize,
    /// What was understood, as a dosing sentence.
    pub said: String,
    /// How much.
    pub amount: Amount,
    /// What that is multiplied by.
    pub factor: f64,
    /// Whether it is another dose than the arm's own, at the start.
    pub loading: bool,
    /// States that receive the dose.
    pub into: Vec<Spanned<String>>,
    /// How it enters.
    pub infusion: Spanned<Infusion>,
    /// When, relative to the first planned dose; increasing.
    pub times: Vec<Ticks>,
    /// The doses before time 0, if the patient begins at their steady state.
    pub steady: Option<Period>,
}

/// Doses that come again and again: for so long before time 0 that nothing changes any more from one period to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// How long it is, s.
    pub length: Ticks,
    /// Times of its doses, increasing: those before time 0 are given one, two, ... periods before these.
    pub times: Vec<Ticks>,
}

/// Doses that a rule gives on demand.
#[derive(Debug, Clone, PartialEq)]
pub struct OnDemand {
    /// Position of the rule in the file.
    pub(crate) rule: usize,
    /// The doses, without times.
    pub course: Course,
    /// How many there may be.
    pub most: u32,
}

impl Regimen {
    /// That of a file in which it cannot be read.
    pub(super) fn nothing() -> Self {
        Self {
            drugs: vec![Drug::default()],
            arms: Vec::new(),
            on_demand: Vec::new(),
            levels: Vec::new(),
            modify: Vec::new(),
        }
    }

    /// Everything that is given, arm by arm, then on demand.
    pub fn courses(&self) -> impl Iterator<Item = &Course> {
        let on_demand = self.on_demand.iter().map(|given| &given.course);
        self.arms.iter().flat_map(|arm| &arm.courses).chain(on_demand)
    }

    /// The one dose of each arm that has one.
    pub fn doses(&self) -> Vec<Spanned<Dose>> {
        self.arms.iter().filter_map(Arm::dose).cloned().collect()
    }

    /// An arm of several drugs or amounts, or of none that is a number.
    pub(crate) fn without_one_dose(&self) -> Option<&Spanned<String>> {
        self.arms.iter().find(|arm| arm.dose().is_none()).map(|arm| &arm.label)
    }

    /// The times at which any arm has a dose, of one drug or of any, increasing.
    pub fn times(&self, drug: Option<usize>) -> Vec<Ticks> {
        let courses = self.courses().filter(|course| drug.is_none_or(|drug| course.drug == drug));
        let times: BTreeSet<Ticks> = courses.flat_map(|course| &course.times).copied().collect();
        times.into_iter().collect()
    }

    /// The most doses that an arm has of one drug, or of any.
    pub(crate) fn most_doses(&self, drug: Option<usize>) -> usize {
        let of = |arm: &Arm, drug: usize| -> usize {
            arm.courses.iter().filter(|course| course.drug == drug).map(|course| course.times.len()).sum()
        };
        let drugs = drug.map_or(0..self.drugs.len(), |drug| drug..drug + 1);
        let given = |given: &OnDemand| drugs.contains(&given.course.drug).then_some(given.most as usize);
        let on_demand = self.on_demand.iter().filter_map(given).max().unwrap_or(0);
        let planned = self.arms.iter().flat_map(|arm| drugs.clone().map(move |drug| of(arm, drug))).max();
        planned.unwrap_or(0).max(on_demand)
    }
}

impl Arm {
    /// The shortest time after which the doses before time 0 come again as they did, s; none if there are none.
    pub fn period(&self) -> Option<u64> {
        let lengths = self.courses.iter().filter_map(|course| course.steady.as_ref());
        lengths.map(|period| u64::from(period.length)).reduce(least_common_multiple)
    }

    /// The one dose of a drug in it, whatever it begins with: none if it has several, or is not a number.
    pub fn dose_of(&self, drug: usize) -> Option<&Spanned<Dose>> {
        let mut doses = self.courses.iter().filter(|course| course.drug == drug && !course.loading);
        let first = doses.next()?.dose()?;
        let is_same = |course: &Course| course.dose().is_some_and(|dose| dose.value.is(&first.value));
        doses.all(is_same).then_some(first)
    }

    /// The one dose of its one drug.
    pub fn dose(&self) -> Option<&Spanned<Dose>> {
        let drug = self.courses.first()?.drug;
        let is_alone = self.courses.iter().all(|course| course.drug == drug);
        self.dose_of(drug).filter(|_| is_alone)
    }
}

impl Course {
    /// Whether two courses are the same doses at the same times.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let into = |course: &Self| course.into.iter().map(|state| state.value.clone()).collect::<Vec<_>>();
        self.drug == other.drug
            && self.times == other.times
            && self.steady == other.steady
            && self.factor == other.factor
            && self.infusion.value == other.infusion.value
            && into(self) == into(other)
            && self.amount.is(&other.amount)
    }

    /// The dose, if it is a number.
    pub fn dose(&self) -> Option<&Spanned<Dose>> {
        match &self.amount.of {
            AmountOf::Dose(dose) => Some(dose),
            AmountOf::Expression { .. } | AmountOf::Tiers { .. } => None,
        }
    }

    /// Whether nothing is given.
    pub fn is_nothing(&self) -> bool {
        self.factor == 0.0 || self.dose().is_some_and(|dose| dose.value.amount == 0.0)
    }
}

/// Of two lengths; the largest number there is if it is larger.
fn least_common_multiple(a: u64, b: u64) -> u64 {
    let (mut divisor, mut rest) = (a, b);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (a / divisor.max(1)).saturating_mul(b)
}

/// An amount of drug.
#[derive(Debug, Clone, PartialEq)]
pub struct Dose {
    /// As the user wrote it.
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
