//! Covariates that change while a patient is followed, as far as a model file says so.

/// How a model file says that a covariate changes over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverTime {
    /// Its entry in `covariateData` has this sentence.
    Said(String),
    /// By its name it numbers the occasions of a patient.
    Occasion,
}

/// Words for what changes over time, with blanks for hyphens.
const WORDS: [&str; 10] = [
    "time varying",
    "timevarying",
    "time dependent",
    "varies over time",
    "varying over time",
    "varies with time",
    "changes over time",
    "changing over time",
    "per record",
    "each record",
];
/// Words before them that say the opposite.
const NEGATIONS: [&str; 5] = ["not", "non", "no", "never", "without"];
/// What such a sentence says of what the model left out.
const LEFT_OUT: [&str; 10] = [
    "not retained",
    "not kept",
    "tested",
    "not included",
    "not used",
    "not significant",
    "not evaluated",
    "not considered",
    "sensitivity analysis only",
    "screened",
];
/// How names of covariates begin that number occasions.
const OCCASIONS: [&str; 5] = ["OCC", "OCCASION", "VISIT", "PERIOD", "CYCLE"];

impl OverTime {
    /// What the name of a covariate says by itself.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let name = name.to_uppercase();
        let word = name.split(['_', '.']).next().unwrap_or_default();
        OCCASIONS.contains(&word).then_some(Self::Occasion)
    }

    /// What a text of `covariateData` says.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let sentences = text.split(['.', ';', '\n']).map(str::trim);
        sentences.into_iter().find(|sentence| says(sentence)).map(|sentence| Self::Said(sentence.into()))
    }
}

/// Whether a sentence says that something changes over time.
fn says(sentence: &str) -> bool {
    let plain = sentence.to_lowercase().replace(['-', '_', '\u{2010}', '\u{2011}', '\u{2013}'], " ");
    let is_left_out = LEFT_OUT.iter().any(|words| plain.contains(words));
    !is_left_out
        && WORDS.iter().any(|words| {
            plain.match_indices(words).any(|(at, _)| {
                let before = plain[..at].split_whitespace().next_back().unwrap_or_default();
                !NEGATIONS.contains(&before)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_that_say_so() {
        for text in [
            "Time-varying body weight",
            "Baseline is used elsewhere. Recorded at each visit; time\u{2011}varying within a patient",
            "albumin, which changes over time",
            "TIME_VARYING",
            "Previous count, supplied per-record as a covariate",
        ] {
            assert!(OverTime::of_text(text).is_some(), "{text}");
        }
        for text in [
            "Baseline weight",
            "not time-varying",
            "A non-time-varying covariate",
            "time of day",
            "Body weight (baseline; time-varying weight was tested and not retained)",
            "Time-varying albumin was screened",
            "screened baseline and time-varying clearance, and kept the first",
        ] {
            assert_eq!(OverTime::of_text(text), None, "{text}");
        }
        let said = OverTime::of_text("Body weight. Time-varying in the source. 70 kg is typical");
        assert_eq!(said, Some(OverTime::Said("Time-varying in the source".into())));
    }

    #[test]
    fn names_of_occasions() {
        for name in ["OCC", "occ", "OCCASION", "VISIT", "PERIOD", "OCC_1", "Cycle"] {
            assert_eq!(OverTime::of_name(name), Some(OverTime::Occasion), "{name}");
        }
        for name in ["OCCUPATION", "VISITOR", "PERIODS", "WT", "OCC1"] {
            assert_eq!(OverTime::of_name(name), None, "{name}");
        }
    }
}
