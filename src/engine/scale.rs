//! Whether the absolute tolerance of each state suits its values.
//!
//! An error below `atol x scale` counts as none. Where a state never comes near its scale, as micrograms in a model
//! in grams, that is all of its value. Scales that nobody gives are then taken from the typical patients, from whom
//! the method is chosen: nothing of it is drawn, so that every share of a run is solved alike. Scales that are given
//! stay, and it is said that they are too large.

use thiserror::Error;

use crate::diagnostic::{Cause, Notice, Weight};

/// The largest absolute tolerance that suits a state, as a fraction of the largest value that it takes.
const SUITS: f64 = 1e-4;

/// What should be known of the scale of a state.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ScaleNotice {
    /// Nobody gives it, and 1 would be too large.
    #[error("`{state}` stays below {largest:.1e}: its scale is taken as {scale:e}, and not as 1")]
    Guessed {
        /// The state.
        state: String,
        /// Its largest value in typical patients.
        largest: f64,
        /// The scale.
        scale: f64,
    },
    /// So it is with others.
    #[error("the scales of {more} more states are taken from their values in the same way")]
    More {
        /// How many they are.
        more: usize,
    },
    /// It is given, and too large.
    #[error(
        "`{state}` stays below {largest:.1e}, where errors of {atol:.1e} count as none: nothing is promised of it"
    )]
    TooLarge {
        /// The state.
        state: String,
        /// Its largest value in typical patients.
        largest: f64,
        /// Its absolute tolerance.
        atol: f64,
        /// Its scale.
        scale: f64,
    },
}

impl Cause for ScaleNotice {
    fn help(&self) -> Option<String> {
        let (Self::Guessed { state, largest, scale } | Self::TooLarge { state, largest, scale, .. }) = self
        else {
            return None;
        };
        if fitting(*largest) >= *scale {
            return Some("lower `atol` in [solver]; 1e-6 is the default".into());
        }
        Some(format!("write {state} = {:e} in [solver.scale], its typical size", fitting(*largest)))
    }
}

/// How many guessed scales are told one by one.
const MOST_TOLD: usize = 8;

/// The notices of a model with many states: the first notes, and how many more there would be.
pub fn told(notices: Vec<Notice>) -> Vec<Notice> {
    let (mut notes, mut told): (Vec<_>, Vec<_>) =
        notices.into_iter().partition(|notice| notice.weight == Weight::Note);
    let more = notes.len().saturating_sub(MOST_TOLD);
    notes.truncate(MOST_TOLD);
    told.append(&mut notes);
    told.extend((more > 0).then(|| Notice::note(&ScaleNotice::More { more }, None)));
    told
}

/// Whether an absolute tolerance suits a state that becomes so large; any suits one that stays at 0.
pub fn suits(atol: f64, size: f64) -> bool {
    size == 0.0 || atol <= SUITS * size
}

/// A scale for a state that becomes so large: the power of ten below.
pub fn fitting(size: f64) -> f64 {
    10_f64.powf(size.log10().floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_powers_of_ten() {
        assert_eq!([3.2e-7, 1e-6, 0.99, 150.0].map(fitting), [1e-7, 1e-6, 0.1, 100.0]);
    }

    /// The default tolerance suits states that reach a hundredth of their scale.
    #[test]
    fn tolerances_that_suit() {
        assert!(suits(1e-6, 0.02) && !suits(1e-6, 0.001) && suits(1.0, 0.0));
    }
}
