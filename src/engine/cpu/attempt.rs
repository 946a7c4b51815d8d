//! One attempted step of a block of lanes, each with its own step size: what every method finds there.
//!
//! Old and new states swap places after every attempt, so that nothing is copied when it is accepted.

use super::control::Control;
use super::program::{Block, Register};
use super::real::Real;

/// Where the values are that every method has, each one block for each state unless said otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    /// Number of states.
    pub(crate) states: Register,
    /// Individual values.
    pub(crate) columns: Register,
    /// Rates of infusion into the states that are infused.
    pub(crate) rates: Register,
    /// What equations ask of the doses that have begun.
    pub(crate) asked: Register,
    /// One block: model time of the stage.
    pub(crate) time: Register,
    /// One block: model time in the middle of the segment.
    pub(crate) middle: Register,
    /// State before and after the attempt, by side.
    pub(crate) state: [Register; 2],
    /// Derivative at the present state, by side: after an attempt of size 0, and after every other if the
    /// method goes on from there.
    pub(crate) k1: [Register; 2],
}

impl Layout {
    /// Whether the derivative after a step is kept for the next.
    pub(crate) fn keeps_derivative(&self) -> bool {
        self.k1[0] != self.k1[1]
    }
}

/// An attempt from `control.side` to the other, whose sizes have been chosen.
pub(crate) struct Attempt<'a, T> {
    pub(crate) layout: &'a Layout,
    /// Absolute tolerance for each state, infinite outside the error norm.
    pub(crate) atol: &'a [f64],
    pub(crate) rtol: f64,
    pub(crate) registers: &'a mut [Block<T>],
    pub(crate) control: &'a mut Control<T>,
}

/// Runs code for a number of stages that is known only now, as if it were a constant: loops over stages are then
/// unrolled.
macro_rules! for_stages {
    ($count:expr, $N:ident => $code:expr) => {
        for_stages!($count, $N => $code, 1 2 3 4 5 6 7 8)
    };
    ($count:expr, $N:ident => $code:expr, $($number:literal)+) => {
        match $count {
            $($number => {
                const $N: usize = $number;
                $code
            })+
            _ => unreachable!("a method has at most {} stages", crate::engine::method::MOST_STAGES),
        }
    };
}
pub(crate) use for_stages;

/// The first `N` weights as the lanes take them.
#[inline(always)]
pub(crate) fn constants<T: Real, const N: usize>(weights: &[f64]) -> [T; N] {
    let mut constants = [T::of(0.0); N];
    for (constant, &weight) in constants.iter_mut().zip(weights) {
        *constant = T::of(weight);
    }
    constants
}
