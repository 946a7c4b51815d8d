//! What can be wrong with drugs, arms, and how much is given.

use thiserror::Error;

use crate::diagnostic::{Cause, did_you_mean};

/// What can be wrong with drugs, arms, and how much is given.
#[derive(Debug, Error)]
pub enum DosingError {
    /// A drug that is given on demand, and by something else.
    #[error("`{drug}` is given on demand, and {too}")]
    GivenOtherwise {
        /// The drug.
        drug: String,
        /// What else gives it.
        too: &'static str,
    },
    /// A rule that gives more than one dose, or says when.
    #[error("`{text}` is more than one dose")]
    NotOneGiven {
        /// What was written.
        text: String,
    },
    /// A drug that is not there.
    #[error("there is no drug `{name}`")]
    UnknownDrug {
        /// The name.
        name: String,
        /// The drugs there are.
        known: Vec<String>,
    },
    /// A dose of one of several drugs.
    #[error("it is not said which drug this is")]
    WhichDrug {
        /// The drugs there are.
        known: Vec<String>,
    },
    /// A dose without an amount.
    #[error("it is not said how much is given")]
    NoAmount,
    /// A dose that goes nowhere.
    #[error("nothing says into which state this goes")]
    NoState {
        /// The table that could say it.
        table: String,
    },
    /// A key of `[regimen]` that is one of drugs.
    #[error("`{key}` stands in [regimen], and drugs have their own")]
    OfDrug {
        /// The key.
        key: &'static str,
    },
    /// A key of `[regimen]` that is one of doses.
    #[error("`{key}` stands in [regimen], and the doses of [[arms]] have their own")]
    OfDoses {
        /// The key.
        key: &'static str,
    },
    /// Two places that say when doses are given.
    #[error("this says when doses are given, and so does `{key}`")]
    TwoSchedules {
        /// The key of `[regimen]`.
        key: &'static str,
    },
    /// Loading doses of what is no single dose.
    #[error("`loading` is for one dose per arm, and this is more")]
    NoLoading,
    /// A dose that is compared with those of arms, of which one has none.
    #[error("`{dose}` is compared with the dose of each arm, and arm `{arm}` has no one dose")]
    NotOneDose {
        /// The dose as written.
        dose: String,
        /// The arm.
        arm: String,
    },
    /// Curves over the dose, and an arm that has none.
    #[error("comparisons are drawn over the dose, and arm `{arm}` has no one dose")]
    NoDoseToCompare {
        /// The arm.
        arm: String,
    },
    /// An arm that is called by another dose than its own.
    #[error("arm `{name}` is called by a dose, and has others")]
    NameOfDose {
        /// The name.
        name: String,
    },
    /// Two arms of one name.
    #[error("there are two arms `{name}`")]
    ArmName {
        /// The name.
        name: String,
    },
    /// An amount that may be an expression.
    #[error("`{text}` is no amount with a unit")]
    NotAnAmount {
        /// As written.
        text: String,
    },
    /// A limit per body size.
    #[error("`{key}` is {text}, and must be an amount above 0 for the patient")]
    NotFlat {
        /// The key.
        key: &'static str,
        /// As written.
        text: String,
    },
    /// A limit of body size that is none.
    #[error("`{text}` is no body size")]
    NotASize {
        /// As written.
        text: String,
    },
    /// A limit of body size on a dose that does not grow with it.
    #[error("`size_at_most` is {size}, and `{dose}` does not grow with it")]
    OtherSize {
        /// The limit.
        size: String,
        /// The dose.
        dose: String,
    },
    /// A tier that no patient is in, or a class of patients without one.
    #[error("{}", if *is_last { "the last tier has a limit, and nothing is said of patients above it" }
        else { "this tier has no limit, and others come after it" })]
    TierLimit {
        /// Whether it is the last.
        is_last: bool,
    },
    /// A limit that no number is.
    #[error("`{text}` is no number, with or without a unit")]
    NotALimit {
        /// As written.
        text: String,
    },
    /// Runs of missed doses that leave no room for those that are taken.
    #[error(
        "a share of {probability} cannot be missed in runs of {run}: a run ends with a dose that is taken"
    )]
    MissedTooOften {
        /// The share.
        probability: f64,
        /// Doses in a run.
        run: f64,
    },
    /// Doses before time 0 that hardly ever come again together.
    #[error(
        "the doses before time 0 come again every {}: together too seldom to be followed",
        periods.join(", ")
    )]
    NoCommonPeriod {
        /// How often each of them does.
        periods: Vec<String>,
    },
    /// Limits that do not increase.
    #[error("`{text}` is not above the limit of the tier before it")]
    TiersNotIncreasing {
        /// As written.
        text: String,
    },
}

impl Cause for DosingError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::UnknownDrug { name, known } if known.is_empty() => format!("add [drugs.{name}]"),
            Self::UnknownDrug { name, known } => {
                let near = did_you_mean(name, known.iter().map(String::as_str));
                near.unwrap_or_else(|| format!("the drugs are {}", known.join(", ")))
            }
            Self::WhichDrug { known } => {
                let first = known.first().map_or("NAME", String::as_str);
                format!("add `of {first}` to a sentence, `drug = \"{first}\"` to a table; the drugs are {}", known.join(", "))
            }
            Self::GivenOtherwise { drug, .. } => {
                format!("add a drug with the same `into` to [drugs], as [drugs.{drug}_rescue]")
            }
            Self::NotOneGiven { .. } => {
                "write one dose, as \"give 5 mg of NAME over 1 h\"; `when` says when, `doses` how many".into()
            }
            Self::NoAmount => "begin a sentence with it, as in \"100 mg daily x 7\"; give a table `amount` or `tiers`".into(),
            Self::NoState { table } => format!("add `into = [\"STATE\"]` to [{table}]"),
            Self::OfDrug { .. } => "move it to [drugs.NAME]".into(),
            Self::OfDoses { .. } => "say it in each of the doses".into(),
            Self::TwoSchedules { key } => format!("leave out `{key}`, and say of every arm when its doses are given"),
            Self::NoLoading => "write the loading dose before `then`, as in \"8 mg/kg q3w x 1 then 6 mg/kg q3w x 5\"".into(),
            Self::NotOneDose { .. } | Self::NoDoseToCompare { .. } => {
                "give every arm one drug in one amount, or leave this out".into()
            }
            Self::NameOfDose { .. } => "call it by what is done in it".into(),
            Self::ArmName { .. } => "choose another name for one of them".into(),
            Self::NotAnAmount { .. } => "write it as in \"0.2 mg/kg\"; if it is an expression over covariates, give its unit, as `unit = \"mg\"`".into(),
            Self::NotFlat { .. } => "write it as in \"200 mg\"".into(),
            Self::NotASize { .. } => "write it as in \"100 kg\" or \"2 m2\"".into(),
            Self::OtherSize { .. } => "limit what the dose is multiplied by: kg of doses per kg, m2 of doses per m2".into(),
            Self::TierLimit { is_last: true } => "leave out `below` in the last tier".into(),
            Self::TierLimit { is_last: false } => "give it `below`, or make it the last".into(),
            Self::NoCommonPeriod { .. } => {
                "write intervals that have a common multiple of at most 366 days, and at most 1000 doses in it".into()
            }
            Self::NotALimit { .. } => "write it as in \"50 kg\"".into(),
            Self::MissedTooOften { run, .. } => {
                format!("write longer runs, or a share of at most {:.3}", run / (run + 1.0))
            }
            Self::TiersNotIncreasing { .. } => "write tiers from the lowest to the highest".into(),
        })
    }
}
