//! Units as people write them: `mg/L`, `10^9/L`, `mL/min/1.73 m2`, `µg`, `24 hours`.
//!
//! A [`Unit`] is a product of words, each with what it is made of. Words that are not known are units of their
//! own: two of them are of one kind only if they are the same word, and nothing is said about them otherwise.

mod analyte;
mod leading;
mod parse;
mod quantity;
mod words;

use std::fmt;

pub use analyte::molar_mass;
pub use quantity::{number_and_unit, split_number};
pub use words::{AMOUNT_WORDS, TIME_WORDS};

use words::Size;

/// Seconds in a day.
pub const SECONDS_PER_DAY: u32 = 86_400;

/// What units are made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    /// Mass; the gram is 1.
    Mass,
    /// Amount of substance; the mole is 1.
    Amount,
    /// Time; the second is 1.
    Time,
    /// Length; the metre is 1.
    Length,
    /// A unit that is made of nothing else, as `IU` or `cells`, or any word that is not known.
    Own(String),
}

/// A power of a word in a unit.
#[derive(Debug, Clone, PartialEq)]
struct Factor {
    /// As it is written here: `ug` for `mcg` and `µg`.
    symbol: String,
    exponent: i32,
    /// What one of it is; none if the word is not known.
    size: Option<Size>,
}

/// A product of powers of words, and a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    number: f64,
    factors: Vec<Factor>,
}

/// A unit in its bases: the number of them that it is, and the power of each.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// The number is `mantissa` times this power of ten.
    power: i32,
    mantissa: f64,
    /// Bases with their powers, none 0, in order.
    pub bases: Vec<(Base, i32)>,
}

/// How a number in one unit becomes one in another: times one number, over another. Both are whole where the
/// units differ by a power of ten, so that `300000 ug` are exactly `300 mg`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conversion {
    /// What it is multiplied by.
    pub times: f64,
    /// What it is then divided by.
    pub over: f64,
}

impl Conversion {
    /// No change.
    pub const NONE: Self = Self { times: 1.0, over: 1.0 };

    /// The number in the other unit.
    pub fn apply(self, number: f64) -> f64 {
        number * self.times / self.over
    }

    /// Whether it changes nothing.
    pub fn is_none(self) -> bool {
        self.times == self.over
    }

    /// The way back.
    pub fn inverse(self) -> Self {
        Self { times: self.over, over: self.times }
    }
}

impl Unit {
    /// Nothing: a ratio, a fraction.
    pub fn one() -> Self {
        Self { number: 1.0, factors: Vec::new() }
    }

    /// So many of nothing: the 1e9 of `1e9/L`.
    pub fn of_number(number: f64) -> Self {
        Self { number, factors: Vec::new() }
    }

    /// A word of a unit, as [`Unit::words`] has it: `1.73 m2` is one.
    pub(crate) fn of_word(word: &str) -> Self {
        parse::word(word)
    }

    /// A unit by its text. A text that nobody can take apart is a word that is not known.
    pub fn parse(text: &str) -> Self {
        parse::unit(text)
    }

    /// The unit of a text if each of its words is known.
    pub fn known(text: &str) -> Option<Self> {
        Some(Self::parse(text)).filter(Self::is_known)
    }

    /// Whether each of its words is known.
    pub fn is_known(&self) -> bool {
        self.factors.iter().all(|factor| factor.size.is_some())
    }

    /// Its number, and its words with their powers.
    pub fn words(&self) -> impl Iterator<Item = (&str, i32)> {
        self.factors.iter().map(|factor| (factor.symbol.as_str(), factor.exponent))
    }

    /// The number that it begins with: 1e9 of `1e9/L`.
    pub fn number(&self) -> f64 {
        self.number
    }

    /// The product of two units.
    pub fn times(&self, other: &Self) -> Self {
        let mut product = self.clone();
        product.number *= other.number;
        for factor in &other.factors {
            product.multiply(factor.clone());
        }
        product
    }

    /// One unit per another.
    pub fn per(&self, other: &Self) -> Self {
        self.times(&other.to_the(-1))
    }

    /// A power of it.
    pub fn to_the(&self, exponent: i32) -> Self {
        let power =
            |factor: &Factor| Factor { exponent: factor.exponent.saturating_mul(exponent), ..factor.clone() };
        let factors = if exponent == 0 { Vec::new() } else { self.factors.iter().map(power).collect() };
        Self { number: self.number.powi(exponent), factors }
    }

    fn multiply(&mut self, factor: Factor) {
        match self.factors.iter_mut().find(|known| known.symbol == factor.symbol) {
            Some(known) => known.exponent = known.exponent.saturating_add(factor.exponent),
            None => self.factors.push(factor),
        }
        self.factors.retain(|known| known.exponent != 0);
    }

    /// What it is made of.
    pub fn dimension(&self) -> Dimension {
        let mut dimension = Dimension { power: 0, mantissa: self.number, bases: Vec::new() };
        if let Some(power) = power_of_ten(self.number) {
            (dimension.power, dimension.mantissa) = (power, 1.0);
        }
        for factor in &self.factors {
            match &factor.size {
                Some(size) => {
                    dimension.mantissa *= size.mantissa.powi(factor.exponent);
                    dimension.power =
                        dimension.power.saturating_add(size.power.saturating_mul(factor.exponent));
                    for (base, exponent) in &size.bases {
                        dimension.multiply(base.clone(), exponent.saturating_mul(factor.exponent));
                    }
                }
                None => dimension.multiply(Base::Own(factor.symbol.clone()), factor.exponent),
            }
        }
        dimension
    }

    /// Whether it is made of one base to the first power.
    pub fn is_a(&self, base: &Base) -> bool {
        self.dimension().bases == [(base.clone(), 1)]
    }

    /// Whether drugs are measured in it: by mass, amount of substance, activity or number.
    pub fn is_of_drug(&self) -> bool {
        let counted = ["IU", "cells", "vg", "copies", "CFU", "Eq"].map(|word| Base::Own(word.into()));
        let is_for_scales = |word: &str| matches!(word, "kg" | "lb" | "oz" | "dg" | "cg");
        !self.words().any(|(word, _)| is_for_scales(word))
            && self.is_known()
            && [Base::Mass, Base::Amount].iter().chain(&counted).any(|base| self.is_a(base))
    }

    /// How a number in this unit becomes one in another; `None` if they are not of one kind.
    pub fn to(&self, other: &Self) -> Option<Conversion> {
        let (from, into) = (self.dimension(), other.dimension());
        (from.bases == into.bases).then(|| from.over(&into))
    }

    /// The same where one of the two may be in amounts of substance and the other in masses of something
    /// whose molar mass is known, g/mol.
    pub fn to_by_molar_mass(&self, other: &Self, grams_per_mole: f64) -> Option<Conversion> {
        let molar_mass = Self {
            number: grams_per_mole,
            factors: [("g", 1), ("mol", -1)]
                .into_iter()
                .filter_map(|(word, exponent)| {
                    Some(Factor { symbol: word.into(), exponent, size: Some(words::size(word)?.1) })
                })
                .collect(),
        };
        self.to(other)
            .or_else(|| self.times(&molar_mass).to(other))
            .or_else(|| self.per(&molar_mass).to(other))
    }
}

/// The power of ten that a number is.
fn power_of_ten(number: f64) -> Option<i32> {
    let power = number.log10().round();
    (power.abs() <= 22.0 && number == 10f64.powi(power as i32)).then_some(power as i32)
}

impl Dimension {
    fn multiply(&mut self, base: Base, exponent: i32) {
        match self.bases.binary_search_by(|(known, _)| known.cmp(&base)) {
            Ok(position) => self.bases[position].1 = self.bases[position].1.saturating_add(exponent),
            Err(position) => self.bases.insert(position, (base, exponent)),
        }
        self.bases.retain(|(_, exponent)| *exponent != 0);
    }

    /// The number of bases that it is.
    pub fn number(&self) -> f64 {
        self.mantissa * 10f64.powi(self.power)
    }

    fn over(&self, other: &Self) -> Conversion {
        let power = self.power.saturating_sub(other.power);
        let ten = |exponent: i32| 10f64.powi(exponent.max(0));
        let (times, over) = (self.mantissa * ten(power), other.mantissa * ten(power.saturating_neg()));
        if times == over { Conversion::NONE } else { Conversion { times, over } }
    }
}

impl fmt::Display for Unit {
    /// As `mg/L`, `1/(nM day)`, `1e9/L`; `1` for a ratio.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = |factor: &Factor| match factor.exponent.abs() {
            1 => factor.symbol.clone(),
            exponent if factor.symbol.ends_with(|c: char| c.is_ascii_digit()) => {
                format!("{}^{exponent}", factor.symbol)
            }
            exponent => format!("{}{exponent}", factor.symbol),
        };
        let above = self.factors.iter().filter(|factor| factor.exponent > 0).map(written);
        let number = (self.number != 1.0).then(|| number_text(self.number));
        let above: Vec<String> = number.into_iter().chain(above).collect();
        let below: Vec<String> =
            self.factors.iter().filter(|factor| factor.exponent < 0).map(written).collect();
        f.write_str(&if above.is_empty() { "1".into() } else { above.join(" ") })?;
        match below.as_slice() {
            [] => Ok(()),
            [one] => write!(f, "/{one}"),
            [first, rest @ ..] if above.len() == 1 && self.number == 1.0 && !self.is_inverse() => {
                write!(f, "/{first}")?;
                rest.iter().try_for_each(|word| write!(f, "/{word}"))
            }
            several => write!(f, "/({})", several.join(" ")),
        }
    }
}

impl Unit {
    fn is_inverse(&self) -> bool {
        self.factors.iter().all(|factor| factor.exponent < 0)
    }
}

fn number_text(number: f64) -> String {
    match power_of_ten(number) {
        Some(power) if !(-3..3).contains(&power) => format!("1e{power}"),
        _ => format!("{number}"),
    }
}

#[cfg(test)]
mod tests;
