//! What a rule of dosing does, written as text: `"hold"`, `"delay 7 day"`, `"reduce 25 %"`.

use thiserror::Error;

use super::quantity::{self, QuantityError};
use super::{By, Ticks};
use crate::diagnostic::{Cause, did_you_mean};

/// The words that a rule's action begins with.
const WORDS: [&str; 8] = ["stop", "skip", "hold", "delay", "reduce", "escalate", "give", "infuse"];

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DosingAction {
    /// Treatment ends.
    Stop,
    /// The dose is left out.
    Skip,
    /// The dose waits.
    Hold,
    /// The dose waits at least so long, more than 0.
    Delay(Ticks),
    /// The dose becomes smaller.
    Reduce(By),
    /// The dose becomes larger.
    Escalate(By),
    /// Doses are infused over this time, more than 0.
    Infuse(Ticks),
    /// A dose is given: the one that the text says behind the word.
    Give,
}

/// What is wrong with the text.
#[derive(Debug, PartialEq, Error)]
pub enum DosingActionError {
    /// It begins with another word.
    #[error("`{text}` is nothing that a rule can do")]
    Unknown {
        /// What was written.
        text: String,
        /// The word that was perhaps meant.
        near: Option<String>,
    },
    /// It does not say how much or how long.
    #[error("`{word}` does not say {what}")]
    Incomplete {
        /// The word.
        word: &'static str,
        /// `by how much`, `how long` or `what`.
        what: &'static str,
    },
    /// Something follows where nothing can.
    #[error("`{word}` takes nothing after it, and `{rest}` follows")]
    TooMuch {
        /// The word.
        word: &'static str,
        /// What follows.
        rest: String,
    },
    /// Not a number with its unit.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A change to no dose, or to the same.
    #[error("a dose cannot be {word}d by {percent} %")]
    Percent {
        /// `reduce` or `escalate`.
        word: &'static str,
        /// What was written.
        percent: f64,
    },
    /// Several levels in one step.
    #[error("a dose changes by one level at a time, not by {levels}")]
    Levels {
        /// What was written.
        levels: f64,
    },
    /// A wait of no time.
    #[error("a delay of 0 is none")]
    NoDelay,
}

impl Cause for DosingActionError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { near, .. } => near.clone().or_else(|| {
                Some(
                    "a rule can \"stop\", \"skip\", \"hold\", \"delay 7 day\", \"reduce 25 %\", \"reduce 1 level\", \
                     \"escalate 25 %\", \"escalate 1 level\", \"infuse over 2 h\" or \"give 5 mg of NAME\""
                        .into(),
                )
            }),
            Self::Incomplete { word, .. } => Some(match *word {
                "delay" => "write \"delay 7 day\"".into(),
                "give" => "write \"give 5 mg of NAME\"".into(),
                "infuse" => "write \"infuse over 2 h\"".into(),
                word => format!("write \"{word} 25 %\" or \"{word} 1 level\""),
            }),
            Self::TooMuch { word, .. } => {
                (*word == "hold").then(|| "a wait of at least some time is \"delay 7 day\"".into())
            }
            Self::Quantity(error) => error.help(),
            Self::Percent { word, .. } => Some(match *word {
                "reduce" => "choose a number above 0 and below 100; no dose at all is \"stop\"".into(),
                _ => "choose a number above 0".into(),
            }),
            Self::Levels { .. } => Some("write \"1 level\"".into()),
            Self::NoDelay => Some("\"hold\" waits from one visit to the next".into()),
        }
    }
}

/// The dose that a rule gives, as a sentence.
pub(super) fn given(text: &str) -> Option<&str> {
    let (word, rest) = text.trim().split_once(char::is_whitespace)?;
    (word == "give").then(|| rest.trim_start())
}

/// Reads what a rule does.
pub(super) fn parse(text: &str) -> Result<DosingAction, DosingActionError> {
    let text = text.trim();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim_start();
    let Some(word) = WORDS.into_iter().find(|word| *word == first) else {
        return Err(DosingActionError::Unknown { text: text.into(), near: did_you_mean(first, WORDS) });
    };
    match word {
        "stop" | "skip" | "hold" if !rest.is_empty() => {
            Err(DosingActionError::TooMuch { word, rest: rest.into() })
        }
        "stop" => Ok(DosingAction::Stop),
        "skip" => Ok(DosingAction::Skip),
        "hold" => Ok(DosingAction::Hold),
        "give" if rest.is_empty() => Err(DosingActionError::Incomplete { word, what: "what" }),
        "give" => Ok(DosingAction::Give),
        "infuse" => match rest.strip_prefix("over").map(str::trim_start).filter(|time| !time.is_empty()) {
            Some(time) => match quantity::time(time)? {
                0 => Err(DosingActionError::Incomplete { word, what: "how long" }),
                over => Ok(DosingAction::Infuse(over)),
            },
            None => Err(DosingActionError::Incomplete { word, what: "how long" }),
        },
        "delay" if rest.is_empty() => Err(DosingActionError::Incomplete { word, what: "how long" }),
        "delay" => match quantity::time(rest)? {
            0 => Err(DosingActionError::NoDelay),
            wait => Ok(DosingAction::Delay(wait)),
        },
        _ if rest.is_empty() => Err(DosingActionError::Incomplete { word, what: "by how much" }),
        "reduce" => Ok(DosingAction::Reduce(change(word, rest, -1.0)?.unwrap_or(By::Down))),
        _ => Ok(DosingAction::Escalate(change(word, rest, 1.0)?.unwrap_or(By::Up))),
    }
}

/// A change in percent, up or down by its sign; `None` for one level.
fn change(word: &'static str, text: &str, sign: f64) -> Result<Option<By>, DosingActionError> {
    let (number, unit) = quantity::split(text, "25 %", || "%, level".into())?;
    match unit {
        "%" => {
            let factor = (100.0 + sign * number) / 100.0;
            let changes = factor > 0.0 && factor.is_finite() && factor != 1.0;
            changes
                .then_some(Some(By::Times(factor)))
                .ok_or(DosingActionError::Percent { word, percent: number })
        }
        "level" if number == 1.0 => Ok(None),
        "level" => Err(DosingActionError::Levels { levels: number }),
        _ => Err(QuantityError::WrongUnit {
            unit: unit.into(),
            kind: "change",
            near: did_you_mean(unit, ["level"]),
            accepted: "%, level".into(),
        }
        .into()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_action_is_read() {
        assert_eq!(parse("stop"), Ok(DosingAction::Stop));
        assert_eq!(parse("give 5 mg of rescue"), Ok(DosingAction::Give));
        assert_eq!(given(" give  5 mg of rescue"), Some("5 mg of rescue"));
        assert_eq!(given("stop"), None);
        assert_eq!(parse("infuse over 2 h"), Ok(DosingAction::Infuse(7_200)));
        assert_eq!(parse("skip"), Ok(DosingAction::Skip));
        assert_eq!(parse(" hold "), Ok(DosingAction::Hold));
        assert_eq!(parse("delay 7 day"), Ok(DosingAction::Delay(7 * 86_400)));
        assert_eq!(parse("reduce 25 %"), Ok(DosingAction::Reduce(By::Times(0.75))));
        assert_eq!(parse("reduce  50%"), Ok(DosingAction::Reduce(By::Times(0.5))));
        assert_eq!(parse("escalate 25 %"), Ok(DosingAction::Escalate(By::Times(1.25))));
        assert_eq!(parse("reduce 1 level"), Ok(DosingAction::Reduce(By::Down)));
        assert_eq!(parse("escalate 1 level"), Ok(DosingAction::Escalate(By::Up)));
    }

    #[test]
    fn what_is_wrong_says_what_would_be_right() {
        for (text, message, help) in [
            ("stopp", "`stopp` is nothing that a rule can do", "did you mean `stop`?"),
            ("", "`` is nothing that a rule can do", "a rule can \"stop\""),
            ("delay", "`delay` does not say how long", "write \"delay 7 day\""),
            ("delay 0 day", "a delay of 0 is none", "\"hold\" waits"),
            ("delay 7 dayz", "`dayz` is not a unit of time", ""),
            ("hold 7 day", "`hold` takes nothing after it, and `7 day` follows", "\"delay 7 day\""),
            ("infuse 2 h", "`infuse` does not say how long", "write \"infuse over 2 h\""),
            ("give", "`give` does not say what", "write \"give 5 mg of NAME\""),
            ("reduce", "`reduce` does not say by how much", "\"reduce 25 %\" or \"reduce 1 level\""),
            ("reduce 100 %", "a dose cannot be reduced by 100 %", "above 0 and below 100"),
            ("escalate 0 %", "a dose cannot be escalated by 0 %", "above 0"),
            ("reduce 25", "`25` has no unit", "accepted units: %, level"),
            ("reduce 25 mg", "`mg` is not a unit of change", "accepted units: %, level"),
            ("reduce 1 levels", "`levels` is not a unit of change", "did you mean `level`?"),
            ("reduce 2 level", "a dose changes by one level at a time, not by 2", "write \"1 level\""),
            ("reduce a lot", "`a lot` does not begin with a number", "as in \"25 %\""),
            ("reduce -5 %", "`-5 %` is negative", ""),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.to_string(), message, "{text}");
            let told = error.help().unwrap_or_default();
            assert!(told.contains(help), "{text}: {told}");
        }
    }

    proptest! {
        /// A percentage reads as the factor that it is, whatever the spaces.
        #[test]
        fn percentages_are_factors(percent in 0.001..99.9_f64, spaces in " {0,3}") {
            let below = (100.0 - percent) / 100.0;
            prop_assert_eq!(parse(&format!("reduce {percent}{spaces}%")), Ok(DosingAction::Reduce(By::Times(below))));
            let above = (100.0 + percent) / 100.0;
            prop_assert_eq!(parse(&format!("escalate {percent}{spaces}%")), Ok(DosingAction::Escalate(By::Times(above))));
        }

        #[test]
        fn delays_are_times(ticks in 1..Ticks::MAX) {
            prop_assert_eq!(parse(&format!("delay {}", quantity::time_text(ticks))), Ok(DosingAction::Delay(ticks)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "(stop|skip|hold|delay|reduce|escalate)?[ a-z0-9.%e-]{0,12}|.{0,20}") {
            if let Ok(DosingAction::Reduce(By::Times(factor))) = parse(&text) {
                prop_assert!(factor > 0.0 && factor < 1.0, "{text}: {factor}");
            }
        }
    }
}
