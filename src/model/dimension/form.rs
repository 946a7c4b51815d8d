//! Units with unknowns in them, and what can be said of two that must be the same.
//!
//! A unit is a product of powers, as in Kennedy, "Types for units-of-measure" (2010): of words, and of unknowns
//! that stand for units which nothing says. Two units that must be the same make an equation, which an unknown
//! of it solves. Only an equation without unknowns can be a contradiction.

use std::collections::BTreeMap;

use crate::unit::{Base, Unit};

/// Powers that are as good as 0.
const NONE: f64 = 1e-9;
/// The largest power of a word that is shown.
const MOST: f64 = 30.0;
/// A factor whose logarithm is below this is 1: numbers in units have few digits.
const SAME: f64 = 1e-6;

/// What a unit is a product of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(String),
    /// A number, by its bits.
    Number(u64),
    Unknown(usize),
}

/// A product of powers. A power is a number, times something whose value is not known here, if its text is not
/// empty: the `h` of `x^h`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Form(BTreeMap<(Part, String), f64>);

impl Form {
    /// A ratio.
    pub(super) fn one() -> Self {
        Self::default()
    }

    /// A unit whose words are all known. Things that are counted are numbers.
    pub(super) fn of(unit: &Unit) -> Self {
        let mut form = Self::one();
        form.add(
            (Part::Number(unit.number().to_bits()), String::new()),
            f64::from(u8::from(unit.number() != 1.0)),
        );
        for (word, exponent) in unit.words().filter(|(word, _)| !is_counted(word)) {
            form.add((Part::Word(word.into()), String::new()), f64::from(exponent));
        }
        form
    }

    fn add(&mut self, part: (Part, String), power: f64) {
        let sum = self.0.entry(part).or_insert(0.0);
        *sum += power;
        self.0.retain(|_, power| power.abs() > NONE);
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let mut product = self.clone();
        other.0.iter().for_each(|(part, &power)| product.add(part.clone(), power));
        product
    }

    pub(super) fn per(&self, other: &Self) -> Self {
        self.times(&other.to_the(-1.0))
    }

    pub(super) fn to_the(&self, power: f64) -> Self {
        let powers = self.0.iter().map(|(part, own)| (part.clone(), own * power));
        Self(powers.filter(|(_, power)| power.abs() > NONE).collect())
    }

    /// To a power that is not known, by its text.
    pub(super) fn to_the_unknown(&self, power: &str) -> Self {
        let tagged = |tag: &str| if tag.is_empty() { power.to_owned() } else { format!("{tag} * {power}") };
        Self(self.0.iter().map(|((part, tag), &own)| ((part.clone(), tagged(tag)), own)).collect())
    }

    fn unknowns(&self) -> impl Iterator<Item = (usize, &str, f64)> {
        self.0.iter().filter_map(|((part, tag), &power)| match part {
            Part::Unknown(unknown) => Some((*unknown, tag.as_str(), power)),
            _ => None,
        })
    }

    /// Whether nothing in it is unknown.
    pub(super) fn is_known(&self) -> bool {
        self.unknowns().next().is_none()
    }

    /// As a unit, if nothing in it is unknown and its powers are whole.
    pub(super) fn unit(&self) -> Option<Unit> {
        let mut unit = Unit::one();
        for ((part, tag), power) in &self.0 {
            let whole = power.round();
            if !tag.is_empty() || (power - whole).abs() > NONE || whole.abs() > MOST {
                return None;
            }
            let one = match part {
                Part::Word(word) => Unit::of_word(word),
                Part::Number(bits) => Unit::of_number(f64::from_bits(*bits)),
                Part::Unknown(_) => return None,
            };
            unit = unit.times(&one.to_the(whole as i32));
        }
        Some(unit)
    }

    /// As the reader sees it.
    pub(super) fn text(&self) -> String {
        let part = |((part, tag), power): (&(Part, String), &f64)| {
            let word = match part {
                Part::Word(word) => word.clone(),
                Part::Number(bits) => f64::from_bits(*bits).to_string(),
                Part::Unknown(_) => "?".into(),
            };
            match (tag.as_str(), *power) {
                ("", power) => format!("{word}^{power}"),
                (tag, 1.0) => format!("{word}^{tag}"),
                (tag, power) => format!("{word}^({power} {tag})"),
            }
        };
        self.unit()
            .map_or_else(|| self.0.iter().map(part).collect::<Vec<_>>().join(" "), |unit| unit.to_string())
    }

    /// Its bases with their powers, and the logarithm of the number of them that it is, by the text of the power.
    fn dimension(&self) -> (BTreeMap<(Base, String), f64>, BTreeMap<String, f64>) {
        let (mut bases, mut numbers) = (BTreeMap::new(), BTreeMap::new());
        for ((part, tag), power) in &self.0 {
            let number = match part {
                Part::Word(word) => {
                    let dimension = Unit::parse(word).dimension();
                    for (base, exponent) in &dimension.bases {
                        *bases.entry((base.clone(), tag.clone())).or_insert(0.0) +=
                            power * f64::from(*exponent);
                    }
                    dimension.number()
                }
                Part::Number(bits) => f64::from_bits(*bits),
                Part::Unknown(_) => 1.0,
            };
            *numbers.entry(tag.clone()).or_insert(0.0) += power * number.ln();
        }
        bases.retain(|_, power: &mut f64| power.abs() > NONE);
        numbers.retain(|_, logarithm: &mut f64| logarithm.abs() > SAME);
        (bases, numbers)
    }

    /// Whether it is a ratio, whatever the number, with nothing unknown.
    pub(super) fn is_ratio(&self) -> bool {
        self.is_known() && self.dimension().0.is_empty()
    }

    /// Whether percent are in it.
    pub(super) fn has_percent(&self) -> bool {
        self.0.keys().any(|(part, _)| *part == Part::Word("%".into()))
    }
}

/// Whether a base has several powers of which some are not known, as in `day day^(a - 1) day^-a`: their sum may be 0.
fn powers_may_cancel(bases: &BTreeMap<(Base, String), f64>) -> bool {
    let several = |base: &Base| bases.keys().filter(|(other, _)| other == base).count() > 1;
    !bases.is_empty() && bases.keys().all(|(base, _)| several(base))
}

/// Whether a word stands for things that are counted, which many do not write.
fn is_counted(word: &str) -> bool {
    matches!(word, "cells" | "receptors" | "copies" | "molecules" | "count" | "vg" | "CFU")
}

/// What can be said of two units that must be the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verdict {
    /// They are, or may be.
    Same,
    /// They are of one kind, and one is so many of the other.
    Factor(f64),
    /// They are of two kinds.
    Different,
}

/// Unknowns, and what they have turned out to be.
#[derive(Debug, Default)]
pub(super) struct Solver {
    unknowns: Vec<Unknown>,
}

#[derive(Debug, Default)]
struct Unknown {
    is: Option<Form>,
    /// A number as it is written, which may carry any unit.
    literal: bool,
}

impl Solver {
    /// A unit that nothing says.
    pub(super) fn unknown(&mut self, literal: bool) -> Form {
        self.unknowns.push(Unknown { is: None, literal });
        Form(BTreeMap::from([((Part::Unknown(self.unknowns.len() - 1), String::new()), 1.0)]))
    }

    /// A unit with everything in it that has turned out.
    pub(super) fn resolved(&self, form: &Form) -> Form {
        let mut resolved = Form::one();
        for ((part, tag), &power) in &form.0 {
            match part {
                Part::Unknown(unknown) if let Some(is) = &self.unknowns[*unknown].is => {
                    let is = self.resolved(is).to_the(power);
                    resolved = resolved.times(&if tag.is_empty() { is } else { is.to_the_unknown(tag) });
                }
                _ => resolved.add((part.clone(), tag.clone()), power),
            }
        }
        resolved
    }

    /// Whether every unknown of a unit is a number as it is written.
    pub(super) fn is_literal(&self, form: &Form) -> bool {
        form.unknowns().all(|(unknown, ..)| self.unknowns[unknown].literal)
    }

    /// Makes two units the same, if an unknown allows it.
    pub(super) fn same(&mut self, a: &Form, b: &Form) -> Verdict {
        let quotient = self.resolved(a).per(&self.resolved(b));
        if !quotient.is_known() {
            self.solve(&quotient);
            return Verdict::Same;
        }
        match quotient.dimension() {
            (bases, _) if powers_may_cancel(&bases) => Verdict::Same,
            (bases, _) if !bases.is_empty() => Verdict::Different,
            (_, numbers) if numbers.is_empty() => Verdict::Same,
            (_, numbers) => Verdict::Factor(numbers.values().sum::<f64>().exp()),
        }
    }

    /// Finds an unknown by which a quotient becomes 1: one that is written as a number rather than another.
    fn solve(&mut self, quotient: &Form) {
        let mut unknowns: Vec<(usize, &str, f64)> = quotient.unknowns().collect();
        unknowns.sort_by_key(|(unknown, ..)| !self.unknowns[*unknown].literal);
        for (unknown, tag, power) in unknowns {
            let is_it = |part: &(Part, String)| part.0 == Part::Unknown(unknown);
            let mut rest = quotient.clone();
            rest.0.remove(&(Part::Unknown(unknown), tag.to_owned()));
            let can = rest.0.keys().all(|part| !is_it(part) && (tag.is_empty() || part.1 == tag));
            if can {
                let rest = Form(
                    rest.0
                        .into_iter()
                        .map(|((part, own), p)| ((part, if tag.is_empty() { own } else { String::new() }), p))
                        .collect(),
                );
                self.unknowns[unknown].is = Some(rest.to_the(-1.0 / power));
                return;
            }
        }
    }
}
