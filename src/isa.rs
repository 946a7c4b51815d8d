//! Which instructions of the processor are used, decided while the program runs.
//!
//! Unsafe code, besides that of [`machine`](crate::engine::cpu) the only one of the project: calling a function that was
//! compiled for instructions which not every processor has. What makes it sound:
//!
//! - an [`Isa`] above the baseline exists only if this processor was seen to have every feature
//!   that the function behind it enables: its fields are private, and [`Isa::available`] is the
//!   only place that makes one;
//! - a processor does not lose features while a program runs;
//! - the functions take and return plain values and references of safe code, and have no other
//!   precondition.

#![expect(unsafe_code, reason = "calls functions compiled for instructions seen at run time; see above")]

use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::str::FromStr;

use crate::diagnostic::Cause;

/// Numbers with the four operations, and the product and sum with one rounding.
pub(crate) trait MulAdd:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// `self * b + c` with one rounding.
    fn mul_add(self, b: Self, c: Self) -> Self;
}

/// How `a * b + c` is computed.
pub(crate) trait Arithmetic {
    /// `a * b + c`
    fn mul_add<T: MulAdd>(a: T, b: T, c: T) -> T;
}

/// One rounding: the processor's fused multiply-add.
pub(crate) struct Fused;

impl Arithmetic for Fused {
    #[inline(always)]
    fn mul_add<T: MulAdd>(a: T, b: T, c: T) -> T {
        a.mul_add(b, c)
    }
}

/// Two roundings, for processors without a fused multiply-add.
#[cfg(not(target_arch = "aarch64"))]
pub(crate) struct Plain;

#[cfg(not(target_arch = "aarch64"))]
impl Arithmetic for Plain {
    #[inline(always)]
    fn mul_add<T: MulAdd>(a: T, b: T, c: T) -> T {
        a * b + c
    }
}

/// What every processor of the target has: on aarch64 that includes the fused multiply-add.
#[cfg(target_arch = "aarch64")]
type Base = Fused;
#[cfg(not(target_arch = "aarch64"))]
type Base = Plain;

/// Work compiled once for every instruction set. `run` and all that it calls must be `#[inline(always)]`,
/// else they are compiled for the baseline.
pub(crate) trait Task {
    /// What it returns.
    type Out;

    /// Does the work.
    fn run<A: Arithmetic>(self) -> Self::Out;
}

/// An instruction set that the lanes use.
///
/// All but `baseline` give the same bits: `avx512` works on more lanes with one instruction than `avx2`, and both run
/// the equations as machine code unless they are `interpreted`. `baseline`, which interprets them too,
/// rounds products and sums apart, so its last bits differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Isa {
    kind: Kind,
    has_machine_code: bool,
}

/// Values that one instruction of machine code works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "no machine code there"))]
pub(crate) enum Vectors {
    /// Of AVX2 and FMA.
    Four,
    /// Of AVX-512 F and DQ.
    Eight,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// Every instruction set that this processor has, the plainest first.
    pub fn available() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "one there"))]
        let mut isas = vec![Self::baseline()];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            let both = |kind| [false, true].map(|has_machine_code| Self { kind, has_machine_code });
            isas.extend(both(Kind::Avx2));
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                isas.extend(both(Kind::Avx512));
            }
        }
        isas
    }

    /// The one that every processor of the target has.
    pub fn baseline() -> Self {
        Self { kind: Kind::Baseline, has_machine_code: false }
    }

    /// The best that this processor has.
    pub fn detect() -> Self {
        Self::available().pop().unwrap_or(Self::baseline())
    }

    /// Its name: `baseline`, `avx2-interpreted`, `avx2`, `avx512-interpreted` or `avx512`.
    pub fn name(self) -> &'static str {
        match (self.kind, self.has_machine_code) {
            (Kind::Baseline, _) => "baseline",
            #[cfg(target_arch = "x86_64")]
            (Kind::Avx2, false) => "avx2-interpreted",
            #[cfg(target_arch = "x86_64")]
            (Kind::Avx2, true) => "avx2",
            #[cfg(target_arch = "x86_64")]
            (Kind::Avx512, false) => "avx512-interpreted",
            #[cfg(target_arch = "x86_64")]
            (Kind::Avx512, true) => "avx512",
        }
    }

    /// The machine code as which equations are run, if they are: this processor then has its instructions.
    pub(crate) fn machine_code(self) -> Option<Vectors> {
        let vectors = match self.kind {
            Kind::Baseline => return None,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => Vectors::Four,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => Vectors::Eight,
        };
        self.has_machine_code.then_some(vectors)
    }

    /// Runs a task, compiled for this instruction set.
    pub(crate) fn run<T: Task>(self, task: T) -> T::Out {
        match self.kind {
            Kind::Baseline => task.run::<Base>(),
            // SAFETY: this one exists, so `available` saw AVX2 and FMA.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { avx2(task) },
            // SAFETY: this one exists, so `available` saw AVX2, FMA and AVX-512 F, DQ and VL.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { avx512(task) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<T: Task>(task: T) -> T::Out {
    task.run::<Fused>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512dq,avx512vl")]
fn avx512<T: Task>(task: T) -> T::Out {
    task.run::<Fused>()
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Isa {
    type Err = IsaError;

    /// Reads what [`Self::name`] gives.
    ///
    /// # Errors
    /// No such instruction set, or this processor does not have it.
    fn from_str(text: &str) -> Result<Self, IsaError> {
        match Self::available().into_iter().find(|isa| isa.name() == text) {
            Some(isa) => Ok(isa),
            None if matches!(text, "avx2-interpreted" | "avx2" | "avx512-interpreted" | "avx512") => {
                Err(IsaError::Missing(text.into()))
            }
            None => Err(IsaError::Unknown(text.into())),
        }
    }
}

/// Why an instruction set cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IsaError {
    /// No instruction set has this name.
    #[error("unknown instruction set `{0}`")]
    Unknown(String),
    /// The processor lacks it.
    #[error("this processor does not have the instruction set `{0}`")]
    Missing(String),
}

impl Cause for IsaError {
    fn help(&self) -> Option<String> {
        let names: Vec<_> = Isa::available().into_iter().map(Isa::name).collect();
        Some(format!("here it can be: {}", names.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instruction_sets_are_read_back_from_their_names() {
        for isa in Isa::available() {
            assert_eq!(isa.to_string().parse(), Ok(isa));
        }
        assert_eq!("sse9".parse::<Isa>(), Err(IsaError::Unknown("sse9".into())));
    }

    #[test]
    fn detect_takes_the_last_available() {
        assert_eq!(Isa::available().last(), Some(&Isa::detect()));
        assert_eq!(Isa::available()[0].name(), "baseline");
    }
}
