//! From the text of a unit to its words.

use super::words::{self, Size};
use super::{Dimension, Factor, Unit};

/// The longest text that is taken apart, bytes.
const LONGEST: usize = 100;
/// The largest power that anybody means.
const MOST: i32 = 30;

/// A unit by its text; a word of its own if the text cannot be taken apart.
pub(super) fn unit(text: &str) -> Unit {
    let text = text.trim();
    if text.is_empty() {
        return Unit::one();
    }
    if let Some((symbol, size)) = words::size(text) {
        return of_word(symbol, Some(size));
    }
    let tokens = if text.len() <= LONGEST { tokens(text) } else { None };
    let read = tokens.and_then(|tokens| {
        let mut reader = Reader { tokens: &tokens, at: 0 };
        let unit = reader.product()?;
        (reader.at == tokens.len() && unit.number.is_normal()).then_some(unit)
    });
    read.unwrap_or_else(|| of_word(text.into(), None))
}

fn of_word(symbol: String, size: Option<Size>) -> Unit {
    if size.as_ref().is_some_and(|size| size.bases.is_empty() && size.mantissa == 1.0 && size.power == 0) {
        return Unit::one();
    }
    Unit { number: 1.0, factors: vec![Factor { symbol, exponent: 1, size }] }
}

/// A word, which may have a number in it.
pub(super) fn word(text: &str) -> Unit {
    let unit = unit(text);
    let without_number = Unit { number: 1.0, ..unit.clone() };
    if unit.number == 1.0 { unit } else { much(unit.number, &without_number).unwrap_or(unit) }
}

/// So much of a unit as one word: `1.73 m2`, `24 h`.
fn much(number: f64, unit: &Unit) -> Option<Unit> {
    let Dimension { power, mantissa, bases } = Some(unit).filter(|unit| unit.is_known())?.dimension();
    let size = Size { mantissa: number * mantissa, power, bases };
    Some(of_word(format!("{number} {unit}"), Some(size)))
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Word(String),
    /// The power of what stands before it.
    Power(i32),
    Times,
    Per,
    Open,
    Close,
}

/// `None` where something stands that is in no unit.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let letters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let rest = &letters[at..];
        let (token, length) = match letter {
            ' ' | '\t' | '\u{a0}' => (None, 1),
            '/' => (Some(Token::Per), 1),
            '(' => (Some(Token::Open), 1),
            ')' => (Some(Token::Close), 1),
            '*' if rest.get(1) == Some(&'*') => power(&rest[2..], 2)?,
            '*' if tokens.last() == Some(&Token::Number(10.0)) && starts_a_number(&rest[1..]) => {
                power(&rest[1..], 1)?
            }
            '*' | '\u{b7}' | '\u{d7}' | '\u{22c5}' | '\u{2219}' | '.' => (Some(Token::Times), 1),
            '^' => power(&rest[1..], 1)?,
            _ if superscript(letter).is_some() => power(rest, 0)?,
            'x' | 'X' if tokens.is_empty() && starts_a_number(&rest[1..]) => (Some(Token::Times), 1),
            _ if letter.is_ascii_digit()
                && matches!(tokens.last(), Some(Token::Word(_)))
                && touches(&letters, at) =>
            {
                power(rest, 0)?
            }
            '-' | '\u{2212}' if matches!(tokens.last(), Some(Token::Word(_))) => match rest.get(1) {
                Some(next) if next.is_ascii_digit() => power(rest, 0)?,
                Some(next) if next.is_alphabetic() => (Some(Token::Times), 1),
                _ => return None,
            },
            _ if letter.is_ascii_digit() => number(rest)?,
            _ if in_word(letter) => {
                let word: String = rest.iter().take_while(|&&c| in_word(c)).collect();
                let length = word.chars().count();
                (Some(if word == "per" { Token::Per } else { Token::Word(word) }), length)
            }
            _ => return None,
        };
        tokens.extend(token);
        at += length;
    }
    Some(tokens)
}

fn in_word(letter: char) -> bool {
    letter.is_alphabetic() || matches!(letter, '%' | '_' | '\u{b0}' | '\'' | '#')
}

/// Whether nothing stands between a letter and the one before it.
fn touches(letters: &[char], at: usize) -> bool {
    at > 0 && in_word(letters[at - 1])
}

fn starts_a_number(letters: &[char]) -> bool {
    letters.iter().find(|letter| **letter != ' ').is_some_and(char::is_ascii_digit)
}

fn superscript(letter: char) -> Option<char> {
    "\u{2070}\u{b9}\u{b2}\u{b3}\u{2074}\u{2075}\u{2076}\u{2077}\u{2078}\u{2079}"
        .chars()
        .position(|known| known == letter)
        .and_then(|digit| char::from_digit(digit as u32, 10))
        .or((letter == '\u{207b}').then_some('-'))
}

/// A power, `before` letters after its sign.
fn power(letters: &[char], before: usize) -> Option<(Option<Token>, usize)> {
    let plain = |letter: &char| match letter {
        '\u{2212}' => '-',
        letter => superscript(*letter).unwrap_or(*letter),
    };
    let parenthesis = usize::from(letters.first() == Some(&'('));
    let digits: String = letters[parenthesis..]
        .iter()
        .enumerate()
        .map(|(position, letter)| (position, plain(letter)))
        .take_while(|(position, letter)| letter.is_ascii_digit() || (*position == 0 && *letter == '-'))
        .map(|(_, letter)| letter)
        .collect();
    let length = digits.chars().count() + parenthesis;
    if parenthesis == 1 && letters.get(length) != Some(&')') {
        return None;
    }
    let exponent: i32 = digits.parse().ok().filter(|exponent: &i32| exponent.abs() <= MOST)?;
    Some((Some(Token::Power(exponent)), before + length + parenthesis))
}

fn number(letters: &[char]) -> Option<(Option<Token>, usize)> {
    let text: String = letters.iter().take_while(|letter| letter.is_ascii()).collect();
    let (digits, _) = super::split_number(&text);
    let number: f64 = digits.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0)?;
    Some((Some(Token::Number(number)), digits.len()))
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    fn next_is(&self, token: &Token) -> bool {
        self.tokens.get(self.at) == Some(token)
    }

    /// Words and numbers, each multiplied with or divided into what comes before it.
    fn product(&mut self) -> Option<Unit> {
        let mut unit = Unit::one();
        let mut below = false;
        if self.next_is(&Token::Times) {
            self.at += 1; // x10^9/L
        }
        for first in [true].into_iter().chain(std::iter::repeat(false)) {
            let is_divided = match self.tokens.get(self.at) {
                None | Some(Token::Close) if !first => return Some(unit),
                Some(Token::Per) => true,
                Some(Token::Times) if !first => false,
                // `mg/L day` may be read in two ways.
                Some(Token::Word(_) | Token::Open | Token::Number(_)) if first || !below => false,
                _ => return None,
            };
            if matches!(self.tokens.get(self.at), Some(Token::Per | Token::Times)) {
                self.at += 1;
            }
            let mut one = self.one()?;
            // `1.73 m2` and `24 h` belong together.
            if is_divided
                && one.factors.is_empty()
                && matches!(self.tokens.get(self.at), Some(Token::Word(_)))
            {
                let unit = self.one()?;
                one = much(one.number, &unit).unwrap_or_else(|| one.times(&unit));
            }
            below = is_divided;
            unit = if is_divided { unit.per(&one) } else { unit.times(&one) };
        }
        None
    }

    /// A word, a number or what stands in parentheses, with its power.
    fn one(&mut self) -> Option<Unit> {
        let unit = match self.tokens.get(self.at)? {
            Token::Number(number) => Unit { number: *number, factors: Vec::new() },
            Token::Word(word) => match words::size(word) {
                Some((symbol, size)) => of_word(symbol, Some(size)),
                None => of_word(word.clone(), None),
            },
            Token::Open => {
                self.at += 1;
                let inside = self.product()?;
                if !self.next_is(&Token::Close) {
                    return None;
                }
                inside
            }
            _ => return None,
        };
        self.at += 1;
        let Some(Token::Power(exponent)) = self.tokens.get(self.at) else { return Some(unit) };
        self.at += 1;
        let is_small = unit.factors.iter().all(|factor| factor.exponent.abs() <= MOST);
        is_small.then(|| unit.to_the(*exponent))
    }
}
