//! The words of a dosing sentence, with their places.

use std::ops::Range;

/// Words that begin something new in a sentence: an amount or a time ends before them.
const KEYWORDS: [&str; 28] = [
    "of", "into", "in", "over", "at", "as", "bolus", "every", "q", "qd", "qod", "qw", "bid", "tid", "qid",
    "daily", "weekly", "once", "twice", "x", "×", "for", "until", "on", "off", "after", "from", "ss",
];

/// What divides the parts of a sentence.
pub(super) const THEN: &str = "then";

/// Words of a sentence, read one after the other.
pub(super) struct Words<'a> {
    text: &'a str,
    words: Vec<Range<usize>>,
    at: usize,
}

impl<'a> Words<'a> {
    /// Words are divided by spaces; a comma is one of its own, as is all between parentheses at the beginning of one.
    pub(super) fn new(text: &'a str) -> Self {
        let mut words = Vec::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let start = text.len() - rest.len();
            let length = match first {
                ',' => 1,
                '(' => closing(rest),
                _ => rest.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(rest.len()),
            };
            words.push(start..start + length);
            rest = rest[length..].trim_start();
        }
        Self { text, words, at: 0 }
    }

    /// The next word, which stays.
    pub(super) fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).map(|word| &self.text[word.clone()])
    }

    /// The word after the next, if the next is this one.
    pub(super) fn peek_after(&self, word: &str) -> Option<&'a str> {
        self.peek().filter(|next| next.eq_ignore_ascii_case(word))?;
        self.words.get(self.at + 1).map(|word| &self.text[word.clone()])
    }

    /// The place of the next word; the end of the sentence after the last.
    pub(super) fn place(&self) -> Range<usize> {
        let end = self.text.trim_end().len();
        self.words.get(self.at).cloned().unwrap_or(end..end)
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Option<(&'a str, Range<usize>)> {
        let word = self.peek()?;
        let place = self.place();
        self.at += 1;
        Some((word, place))
    }

    /// Passes over the next word if it is this one.
    pub(super) fn skip(&mut self, word: &str) -> bool {
        let is_next = self.peek().is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.at += usize::from(is_next);
        is_next
    }

    /// Whether any word has a meaning of its own.
    pub(super) fn say_more_than_an_amount(&self) -> bool {
        let mut words = self.words.iter().map(|word| &self.text[word.clone()]);
        words.any(|word| is_keyword(word) || word.starts_with('('))
    }

    /// Passes over the next word if it is one of these.
    pub(super) fn skip_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.skip(word))
    }

    /// A name: the next word, if there is one.
    pub(super) fn name(&mut self) -> Option<(&'a str, Range<usize>)> {
        self.peek().filter(|word| *word != ",")?;
        self.next()
    }

    /// A quantity: a number and the word after it, if the number is a word of its own, then what follows `per`. Empty
    /// if there is none.
    pub(super) fn quantity(&mut self) -> (&'a str, Range<usize>) {
        let start = self.place().start;
        self.number_and_word();
        while self.peek() == Some("per") {
            self.at += 1;
            self.number_and_word();
        }
        let place = self.since(start);
        (&self.text[place.clone()], place)
    }

    fn number_and_word(&mut self) {
        let mut go_on = true;
        while let Some(word) = self.peek()
            && go_on
            && word != ","
            && !is_keyword(word)
        {
            go_on = word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'));
            self.at += 1;
        }
    }

    /// All words up to one of these, which stays; `None` if there is none of them.
    pub(super) fn up_to(&mut self, ends: &[&str]) -> Option<(&'a str, Range<usize>)> {
        let rest = &self.words[self.at..];
        let length = rest.iter().position(|word| ends.contains(&&self.text[word.clone()]))?;
        let start = self.place().start;
        let end = if length == 0 { start } else { rest[length - 1].end };
        self.at += length;
        Some((&self.text[start..end], start..end))
    }

    /// The place from a word on to the last that was read.
    pub(super) fn since(&self, start: usize) -> Range<usize> {
        let end = self.at.checked_sub(1).map_or(start, |last| self.words[last].end);
        start..end.max(start)
    }
}

/// Bytes up to the parenthesis that closes the first one; all of them if there is none.
fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 1 => return at + 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether a word of a sentence has a meaning of its own.
pub(super) fn is_keyword(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    KEYWORDS.contains(&word.as_str()) || word == THEN || is_interval(&word) || is_count(&word)
}

/// Whether a word is an interval, as `q12h` or `q24`.
pub(super) fn is_interval(word: &str) -> bool {
    let Some(rest) = word.strip_prefix('q') else { return false };
    let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    unit.len() < rest.len() && unit.chars().all(|c| c.is_ascii_alphabetic())
}

/// Whether a word is a count, as `x6`.
pub(super) fn is_count(word: &str) -> bool {
    let digits = word.strip_prefix('x').or_else(|| word.strip_prefix('×'));
    digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
}

/// Words with a meaning, for hints.
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    KEYWORDS.into_iter().filter(|word| word.len() > 1 && *word != "×").chain([THEN])
}
