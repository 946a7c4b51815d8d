//! Mutations of files: bytes and words that change, come, go, and come from elsewhere.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// Words that mean something somewhere, or are too much for something.
const WORDS: [&str; 48] = [
    "0",
    "-0",
    "-1",
    "1e308",
    "-1e308",
    "5e-324",
    "1e999",
    "NaN",
    "nan",
    "inf",
    "-inf",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551616",
    "0.1",
    "\"",
    "'",
    "\"\"\"",
    "(",
    ")",
    "((((((((",
    "{",
    "}",
    "[",
    "]",
    "[[",
    "]]",
    "=",
    "<-",
    "==",
    ",",
    ";",
    "\n",
    "\r\n",
    "#",
    "%",
    "^",
    "/",
    "*",
    "\u{1b}[31m",
    "\0",
    "\u{feff}",
    "µ",
    "\u{202e}",
    "day",
    "mg/kg",
    "exp(",
];

/// An endless list of files, which the name decides.
pub(crate) struct Mutations<'a> {
    random: ChaCha8Rng,
    corpus: &'a [Vec<u8>],
}

impl<'a> Mutations<'a> {
    pub(crate) fn new(name: &str, corpus: &'a [Vec<u8>]) -> Self {
        assert!(!corpus.is_empty(), "{name} has no corpus");
        let seed = name.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        Self { random: ChaCha8Rng::seed_from_u64(seed), corpus }
    }

    /// One of the corpus, changed in one to eight places.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut file = self.corpus[self.below(self.corpus.len())].clone();
        for _ in 0..=self.below(8) {
            self.change(&mut file);
        }
        file
    }

    fn below(&mut self, end: usize) -> usize {
        self.random.random_range(0..end.max(1))
    }

    /// Some bytes in a row, mostly few.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let longest = if self.below(4) == 0 { length } else { 16 };
        start..length.min(start + self.below(longest + 1))
    }

    fn change(&mut self, file: &mut Vec<u8>) {
        let range = self.range(file.len());
        match self.below(7) {
            0 => {
                let bit = 1 << self.below(8);
                file[range].iter_mut().take(1).for_each(|byte| *byte ^= bit);
            }
            1 => drop(file.drain(range)),
            2 => {
                let twice = file[range.clone()].to_vec();
                file.splice(range.end..range.end, twice);
            }
            3 | 4 => {
                let word = WORDS[self.below(WORDS.len())].bytes();
                file.splice(range.start..range.start, word);
            }
            5 => {
                let word = WORDS[self.below(WORDS.len())].bytes();
                file.splice(range, word);
            }
            _ => {
                let other = &self.corpus[self.below(self.corpus.len())];
                let piece = self.range(other.len());
                file.splice(range, other[piece].iter().copied());
            }
        }
    }
}
