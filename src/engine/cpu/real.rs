//! The numbers that the lanes integrate in.

use std::fmt;
use std::ops::AddAssign;

use crate::engine::F32_RTOL;
use crate::engine::curve::{CLOSE, CLOSE_F32, WIDTHS, WIDTHS_F32};

use super::program::Block;
use crate::isa::MulAdd;

/// What the CPU engine integrates in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Double precision: the reference.
    F64,
    /// Single precision, as on a GPU: tells rounding from faults where the two disagree.
    F32,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
        })
    }
}

/// `f64`, or `f32` for which what has no operator goes through `f64` and is rounded.
pub(crate) trait Real: MulAdd + PartialOrd + AddAssign {
    /// The distance from 1 to the next number.
    const EPSILON: f64;
    /// The smallest relative tolerance that steps are chosen by.
    const LEAST_RTOL: f64;
    /// Half the widths of the parabolas that locate an extreme.
    const WIDTHS: [f64; 2];
    /// How close to 0 a crossing is located: [`crate::engine::curve::CLOSE`] in this precision.
    const CLOSE: f64;

    /// The nearest number.
    fn of(value: f64) -> Self;

    /// The same number.
    fn wide(self) -> f64;

    /// Blocks of f64 as what they are.
    fn doubles(_: &mut [Block<Self>]) -> Option<&mut [Block<f64>]> {
        None
    }

    /// Its size.
    #[inline(always)]
    fn abs(self) -> Self {
        Self::of(self.wide().abs())
    }
}

impl Real for f64 {
    const EPSILON: f64 = Self::EPSILON;
    const LEAST_RTOL: f64 = 0.0;
    const WIDTHS: [f64; 2] = WIDTHS;
    const CLOSE: f64 = CLOSE;

    #[inline(always)]
    fn doubles(blocks: &mut [Block<Self>]) -> Option<&mut [Block<f64>]> {
        Some(blocks)
    }

    #[inline(always)]
    fn of(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }
}

impl Real for f32 {
    const EPSILON: f64 = Self::EPSILON as f64;
    const LEAST_RTOL: f64 = F32_RTOL;
    const WIDTHS: [f64; 2] = WIDTHS_F32;
    const CLOSE: f64 = CLOSE_F32;

    #[inline(always)]
    fn of(value: f64) -> Self {
        value as Self
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        self.into()
    }
}
