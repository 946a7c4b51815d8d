//! Text to tokens with their byte ranges.
//!
//! The lexer and the Pratt parser above it are written by hand: R's grammar is small where models
//! use it, but its newlines end statements only outside parentheses, and its errors must be told
//! in the words of a modeller. A parser library would carry neither the newline rule nor the
//! messages, and recovery at statement ends is a dozen lines here.

use std::ops::Range;

use super::ast::Infix;
use super::errors::SyntaxError;

/// A token with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lexeme {
    /// What it is.
    pub(super) token: Token,
    /// Its bytes in the text.
    pub(super) span: Range<usize>,
}

/// The kinds of token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Operator(Infix),
    Not,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    Comma,
    Semicolon,
    Newline,
    If,
    Else,
    Function,
    End,
    /// Something that is an error wherever it stands.
    Invalid(SyntaxError),
}

/// Operators and marks, longest first.
const MARKS: &[(&str, Token)] = &[
    ("%/%", Token::Operator(Infix::Quotient)),
    ("%%", Token::Operator(Infix::Remainder)),
    ("<-", Token::Operator(Infix::Assign)),
    ("<=", Token::Operator(Infix::LessEqual)),
    (">=", Token::Operator(Infix::GreaterEqual)),
    ("==", Token::Operator(Infix::Equal)),
    ("!=", Token::Operator(Infix::NotEqual)),
    ("&&", Token::Operator(Infix::And)),
    ("||", Token::Operator(Infix::Or)),
    ("**", Token::Operator(Infix::Pow)),
    ("=", Token::Operator(Infix::Equals)),
    ("~", Token::Operator(Infix::Tilde)),
    ("|", Token::Operator(Infix::Or)),
    ("&", Token::Operator(Infix::And)),
    ("<", Token::Operator(Infix::Less)),
    (">", Token::Operator(Infix::Greater)),
    ("+", Token::Operator(Infix::Add)),
    ("-", Token::Operator(Infix::Sub)),
    ("*", Token::Operator(Infix::Mul)),
    ("/", Token::Operator(Infix::Div)),
    ("^", Token::Operator(Infix::Pow)),
    ("!", Token::Not),
    ("(", Token::LeftParen),
    (")", Token::RightParen),
    ("{", Token::LeftBrace),
    ("}", Token::RightBrace),
    (",", Token::Comma),
    (";", Token::Semicolon),
    ("\n", Token::Newline),
];

/// Operators of R that the language leaves out, with what to write instead.
const UNSUPPORTED_MARKS: &[(&str, &str)] = &[
    ("<<-", "write `name <- value`"),
    ("->>", "write `name <- value`"),
    ("->", "write the name first: `name <- value`"),
    (":=", "write `name <- value`"),
    ("|>", "write the call around its argument: `exp(x)`"),
    ("::", "write the function's name alone; only the language's own functions can be called"),
    (":", "write the values one by one: `c(1, 2, 3)`"),
    ("[", "indexing is left out; give each element a name of its own"),
    ("]", "indexing is left out; give each element a name of its own"),
    ("$", "list elements cannot be read; give the value a name of its own"),
    ("@", "slots cannot be read; give the value a name of its own"),
    ("%", "write `a %% b` for the remainder of a division, `a %/% b` for the whole part of its result"),
    ("?", "remove it"),
    ("\\", "functions cannot be written inside a model; write their expression out"),
];

/// Words of R that the language leaves out, with what to write instead.
const UNSUPPORTED_WORDS: &[(&str, &str)] = &[
    ("for", "loops are left out; write each line of the loop"),
    ("while", "loops are left out; write each line of the loop"),
    ("repeat", "loops are left out; write each line of the loop"),
    ("break", "loops are left out; write each line of the loop"),
    ("next", "loops are left out; write each line of the loop"),
    ("in", "it is a word of R: choose another name"),
];

/// Whether R has a meaning of its own for a name.
pub(super) fn is_word(name: &str) -> bool {
    matches!(name, "if" | "else" | "function") || UNSUPPORTED_WORDS.iter().any(|(word, _)| *word == name)
}

/// All tokens of a text, the last one [`Token::End`]. What is wrong is a [`Token::Invalid`].
pub(super) fn tokens(text: &str) -> Vec<Lexeme> {
    let mut lexer = Lexer { text, at: 0 };
    let mut found = Vec::new();
    loop {
        lexer.skip_blank();
        let start = lexer.at;
        let token = lexer.token();
        let last = token == Token::End;
        found.push(Lexeme { token, span: start..lexer.at });
        if last {
            return found;
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Takes the characters for which `wanted` holds.
    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !wanted(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn skip_blank(&mut self) {
        loop {
            self.take_while(|c| matches!(c, ' ' | '\t' | '\r' | '\u{c}' | '\u{feff}'));
            if !self.rest().starts_with('#') {
                return;
            }
            self.take_while(|c| c != '\n');
        }
    }

    fn token(&mut self) -> Token {
        let rest = self.rest();
        let mut characters = rest.chars();
        let Some(first) = characters.next() else { return Token::End };
        let second = characters.next();
        match first {
            '0'..='9' => self.number(),
            '.' if second.is_some_and(|c| c.is_ascii_digit()) => self.number(),
            'a'..='z' | 'A'..='Z' | '.' => self.word(),
            '"' | '\'' => self.string(first),
            '`' => self.quoted_name(),
            _ => self.mark(first),
        }
    }

    /// Digits, fraction, exponent, and R's `L` for integers.
    fn number(&mut self) -> Token {
        let start = self.at;
        let digits = |c: char| c.is_ascii_digit();
        self.take_while(digits);
        if self.rest().starts_with('.') {
            self.at += 1;
            self.take_while(digits);
        }
        let mut tail = self.rest().chars();
        if tail.next().is_some_and(|c| c == 'e' || c == 'E') {
            let sign = tail.next().is_some_and(|c| c == '+' || c == '-');
            self.at += if sign { 2 } else { 1 };
            self.take_while(digits);
        }
        let value = self.text[start..self.at].parse::<f64>().ok().filter(|x| x.is_finite());
        if self.rest().starts_with('L') {
            self.at += 1;
        }
        let trailing = self.take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '_'));
        match value {
            Some(value) if trailing.is_empty() => Token::Number(value),
            _ => Token::Invalid(SyntaxError::Number { text: self.text[start..self.at].into() }),
        }
    }

    fn word(&mut self) -> Token {
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
        match word {
            "if" => Token::If,
            "else" => Token::Else,
            "function" => Token::Function,
            _ => match UNSUPPORTED_WORDS.iter().find(|(text, _)| *text == word) {
                Some((_, instead)) => Token::Invalid(SyntaxError::Unsupported { text: word.into(), instead }),
                None => Token::Name(word.into()),
            },
        }
    }

    /// A name in backquotes, which may have any letters.
    fn quoted_name(&mut self) -> Token {
        self.at += 1;
        let name = self.take_while(|c| c != '`' && c != '\n').to_owned();
        if !self.rest().starts_with('`') {
            return Token::Invalid(SyntaxError::UnclosedText { quote: '`' });
        }
        self.at += 1;
        if name.is_empty() {
            Token::Invalid(SyntaxError::Character { character: '`' })
        } else {
            Token::Name(name)
        }
    }

    fn mark(&mut self, first: char) -> Token {
        let rest = self.rest();
        let known = MARKS.iter().find(|(text, _)| rest.starts_with(text));
        let unsupported = UNSUPPORTED_MARKS.iter().find(|(text, _)| rest.starts_with(text));
        if let Some((text, instead)) = unsupported
            && known.is_none_or(|(known, _)| known.len() < text.len())
        {
            self.at += text.len();
            return Token::Invalid(SyntaxError::Unsupported { text: (*text).into(), instead });
        }
        if let Some((text, token)) = known {
            self.at += text.len();
            return token.clone();
        }
        self.at += first.len_utf8();
        Token::Invalid(SyntaxError::Character { character: first })
    }

    /// A quoted string. One that is not closed ends with its first line, so that what follows is
    /// still read; so does one over several lines that ends within a word, which is where the next
    /// string would begin.
    fn string(&mut self, quote: char) -> Token {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        let mut wrong = None;
        loop {
            value.push_str(self.take_while(|c| c != quote && c != '\\'));
            let mut following = self.rest().chars();
            let next = following.next();
            let within_word = following.next().is_some_and(char::is_alphanumeric);
            if next.is_none() || next == Some(quote) && within_word && value.contains('\n') {
                self.at = start;
                self.take_while(|c| c != '\n');
                return Token::Invalid(SyntaxError::UnclosedText { quote });
            }
            self.at += 1;
            if next == Some(quote) {
                if let Some(character) =
                    value.chars().find(|&c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
                {
                    wrong.get_or_insert(SyntaxError::Control { character });
                }
                return wrong.map_or(Token::Text(value), Token::Invalid);
            }
            let before = self.at - 1;
            match self.escape() {
                Some(c) => value.push(c),
                None => {
                    let escape = self.text[before..self.at].into();
                    wrong.get_or_insert(SyntaxError::Escape { escape });
                }
            }
        }
    }

    /// The character of an escape sequence, from after its backslash.
    fn escape(&mut self) -> Option<char> {
        let kind = self.rest().chars().next()?;
        self.at += kind.len_utf8();
        match kind {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            '0' => Some('\0'),
            '\\' | '"' | '\'' | '`' => Some(kind),
            'x' => self.hexadecimal(2),
            'u' => self.hexadecimal(4),
            'U' => self.hexadecimal(8),
            _ => None,
        }
    }

    /// Up to `most` hexadecimal digits, in braces or not, as the character with that number.
    fn hexadecimal(&mut self, most: usize) -> Option<char> {
        let braces = self.rest().starts_with('{');
        self.at += usize::from(braces);
        let rest = self.rest();
        let length = rest.bytes().take(most).take_while(u8::is_ascii_hexdigit).count();
        self.at += length;
        if braces {
            self.rest().starts_with('}').then(|| self.at += 1)?;
        }
        u32::from_str_radix(&rest[..length], 16).ok().and_then(char::from_u32)
    }
}
