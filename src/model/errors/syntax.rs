//! Errors of the text itself, before any meaning.

use thiserror::Error;

use crate::diagnostic::Cause;

/// The text is not an expression or statement of the language.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SyntaxError {
    /// A character that begins nothing.
    #[error("`{character}` cannot stand here")]
    Character {
        /// The character.
        character: char,
    },
    /// A character that no text shows.
    #[error("the text holds the control character U+{:04X}", u32::from(*character))]
    Control {
        /// The character.
        character: char,
    },
    /// A number that cannot be read.
    #[error("`{text}` is not a number")]
    Number {
        /// What was written.
        text: String,
    },
    /// A string without its closing quote.
    #[error("this string has no closing {quote}")]
    UnclosedText {
        /// The quote that opened it.
        quote: char,
    },
    /// A backslash sequence that R does not know.
    #[error("`{escape}` is not an escape sequence")]
    Escape {
        /// The sequence.
        escape: String,
    },
    /// R syntax that the language leaves out.
    #[error("`{text}` is not supported in model files")]
    Unsupported {
        /// What was written.
        text: String,
        /// What to write in its place.
        instead: &'static str,
    },
    /// An expression had to begin here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What could stand here.
        expected: &'static str,
        /// What stands here.
        found: String,
        /// What would resolve it.
        hint: Option<String>,
    },
    /// A bracket that is never closed.
    #[error("this `{bracket}` is never closed")]
    Unclosed {
        /// The bracket.
        bracket: char,
    },
    /// A closing bracket without its opening one.
    #[error("this `{bracket}` closes nothing")]
    Unopened {
        /// The bracket.
        bracket: char,
    },
    /// `a < b < c`
    #[error("comparisons cannot be chained")]
    ChainedComparison,
    /// Nested or chained beyond what is sensible.
    #[error("this expression is nested or chained more than {limit} levels deep")]
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// `function(x)`
    #[error("the model function takes no arguments")]
    FunctionArguments,
}

impl SyntaxError {
    /// Whether it may be R all the same.
    pub(super) fn is_of_r(&self) -> bool {
        matches!(self, Self::Unsupported { .. } | Self::FunctionArguments | Self::TooDeep { .. })
    }
}

impl Cause for SyntaxError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Character { .. } => {
                "names are made of ASCII letters, digits, `.` and `_`; text belongs in quotes or after `#`"
                    .into()
            }
            Self::Control { .. } => "leave it out".into(),
            Self::Number { .. } => {
                "write numbers like `0.5`, `1e-3` or `671L`; a name cannot begin with a digit".into()
            }
            Self::UnclosedText { quote } => format!("end it with {quote}"),
            Self::Escape { .. } => {
                r#"use \n, \t, \r, \\, \", \', \xHH or \u{HHHH}; a backslash itself is written \\"#.into()
            }
            Self::Unsupported { instead, .. } => (*instead).into(),
            Self::Expected { hint, .. } => return hint.clone(),
            Self::Unclosed { bracket } => format!("add the matching `{}`", closing(*bracket)),
            Self::Unopened { .. } => "remove it, or look for the missing opening bracket above".into(),
            Self::ChainedComparison => "write `a < b && b < c`".into(),
            Self::TooDeep { .. } => "split it into several assignments".into(),
            Self::FunctionArguments => {
                "write `function()`: covariates are named in the `model` block, parameters in `ini`".into()
            }
        })
    }
}

fn closing(bracket: char) -> char {
    match bracket {
        '{' => '}',
        _ => ')',
    }
}
