//! Straight-line programs over registers that hold one value for each lane.

use super::math;
use super::real::Real;
use crate::isa::Arithmetic;
use crate::probability::Law;

/// Patients worked on together. More of them spread the cost of reading an instruction thinner;
/// fewer keep more registers in the first-level cache. Measured with 16, 32, 64 and 128: 64 and 128
/// are equally fast, fewer are slower by a third to a half.
pub(crate) const LANES: usize = 64;

/// Lanes that are computed together where a block is too long: as many as the widest instruction takes of f64, and one
/// line of the cache holds.
pub(crate) const TILE: usize = 8;

/// Tiles, from the first on, in which somebody is where lanes take so many items one after the other.
pub(crate) fn tiles_of(items: usize) -> usize {
    items.div_ceil(TILE).min(LANES / TILE)
}

/// One value for each lane.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Block<T>(pub(crate) [T; LANES], Apart);

/// Keeps the blocks an odd number of cache lines apart, so that the same lanes of many blocks are in all sets of the
/// cache and not in an eighth of them.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Apart([u8; 64]);

impl<T: Real> Block<T> {
    /// The same value in every lane.
    pub(crate) fn splat(value: T) -> Self {
        Self([value; LANES], Apart([0; 64]))
    }

    /// The lanes of a tile.
    #[inline(always)]
    pub(crate) fn tile(&self, tile: usize) -> &[T; TILE] {
        &self.0.as_chunks().0[tile]
    }

    /// The lanes of a tile.
    #[inline(always)]
    pub(crate) fn tile_mut(&mut self, tile: usize) -> &mut [T; TILE] {
        &mut self.0.as_chunks_mut().0[tile]
    }
}

/// Position in the list of blocks that a program works on.
pub(crate) type Register = u16;

/// What an instruction computes, from up to three operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Copy,
    Negate,
    Abs,
    Sqrt,
    Exp,
    Log,
    Log10,
    Log2,
    Expm1,
    Log1p,
    Tanh,
    Sin,
    Cos,
    Atan,
    Floor,
    Ceil,
    Not,
    Square,
    Add,
    Sub,
    Mul,
    Div,
    /// `a^b` for any sign of `a`.
    Pow,
    /// `a^b` where a negative `a` gives NaN.
    Power,
    Min,
    Max,
    Less,
    LessEqual,
    Equal,
    And,
    Or,
    /// `a b + c`
    MulAdd,
    /// `a b - c`
    MulSub,
    /// `c - a b`
    NegMulAdd,
    /// `(a + b) c`
    AddMul,
    /// `(a - b) c`
    SubMul,
    /// `a != 0 ? b : c`
    Select,
    /// The value of a distribution at the score `a`, with the parameters `b` and `c`.
    Quantile(Law),
}

/// One instruction. `to` is none of the operands' registers; operands that `op` does not have
/// repeat the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) op: Op,
    pub(crate) to: Register,
    pub(crate) from: [Register; 3],
}

/// Every block but some in a row, for reading.
pub(crate) struct Others<'a, T> {
    below: &'a [Block<T>],
    above: &'a [Block<T>],
    /// The position of the first that is above.
    first_above: usize,
}

impl<'a, T> Others<'a, T> {
    /// A block that was not split off.
    #[inline(always)]
    pub(crate) fn get(&self, register: Register) -> &'a Block<T> {
        let i = usize::from(register);
        if i < self.below.len() { &self.below[i] } else { &self.above[i - self.first_above] }
    }

    /// So many blocks in a row, on one side of what was split off.
    #[inline(always)]
    pub(crate) fn row(&self, first: Register, count: usize) -> &'a [Block<T>] {
        let i = usize::from(first);
        if i < self.below.len() {
            &self.below[i..][..count]
        } else {
            &self.above[i - self.first_above..][..count]
        }
    }
}

/// One block for writing and the others for reading.
#[inline(always)]
pub(crate) fn split<T>(registers: &mut [Block<T>], to: Register) -> (&mut Block<T>, Others<'_, T>) {
    let (to, others) = split_row(registers, to, 1);
    (&mut to[0], others)
}

/// So many blocks in a row for writing and the others for reading.
#[inline(always)]
pub(crate) fn split_row<T>(
    registers: &mut [Block<T>],
    first: Register,
    count: usize,
) -> (&mut [Block<T>], Others<'_, T>) {
    let (below, rest) = registers.split_at_mut(usize::from(first));
    let (to, above) = rest.split_at_mut(count);
    (to, Others { first_above: below.len() + count, below, above })
}

/// 1 or 0.
#[inline(always)]
fn truth<T: Real>(condition: bool) -> T {
    T::of(if condition { 1.0 } else { 0.0 })
}

#[inline(always)]
fn is_nan<T: Real>(x: T) -> bool {
    x.wide().is_nan()
}

/// Runs `code` in every lane.
#[inline(always)]
pub(crate) fn run<T: Real, A: Arithmetic>(code: &[Instruction], registers: &mut [Block<T>]) {
    let zero = T::of(0.0);
    for instruction in code {
        let (to, others) = split(registers, instruction.to);
        let [a, b, c] = instruction.from;
        // A macro and not a function with a closure: a closure that is not inlined would be
        // compiled for the baseline.
        macro_rules! each {
            (|$($x:ident),+| $value:expr) => {{
                $(let $x = &others.get($x).0;)+
                for i in 0..LANES {
                    $(let $x = $x[i];)+
                    to.0[i] = $value;
                }
            }};
        }
        match instruction.op {
            Op::Copy => each!(|a| a),
            Op::Negate => each!(|a| -a),
            Op::Abs => each!(|a| a.abs()),
            Op::Sqrt => each!(|a| T::of(a.wide().sqrt())),
            Op::Exp => each!(|a| T::of(math::exp::<A, _>(a.wide()))),
            Op::Log => each!(|a| T::of(math::log::<A, _>(a.wide()))),
            Op::Log10 => each!(|a| T::of(math::log10::<A, _>(a.wide()))),
            Op::Log2 => each!(|a| T::of(math::log2::<A, _>(a.wide()))),
            Op::Expm1 => each!(|a| T::of(math::expm1::<A, _>(a.wide()))),
            Op::Log1p => each!(|a| T::of(math::log1p::<A, _>(a.wide()))),
            Op::Tanh => each!(|a| T::of(math::tanh::<A, _>(a.wide()))),
            Op::Sin => each!(|a| T::of(math::sin::<A, _>(a.wide()))),
            Op::Cos => each!(|a| T::of(math::cos::<A, _>(a.wide()))),
            Op::Atan => each!(|a| T::of(math::atan::<A, _>(a.wide()))),
            Op::Floor => each!(|a| T::of(a.wide().floor())),
            Op::Ceil => each!(|a| T::of(a.wide().ceil())),
            Op::Not => each!(|a| truth(a == zero)),
            Op::Square => each!(|a| a * a),
            Op::Add => each!(|a, b| a + b),
            Op::Sub => each!(|a, b| a - b),
            Op::Mul => each!(|a, b| a * b),
            Op::Div => each!(|a, b| a / b),
            Op::Pow => each!(|a, b| T::of(math::pow::<A, _>(a.wide(), b.wide()))),
            Op::Power => each!(|a, b| T::of(math::power::<A, _>(a.wide(), b.wide()))),
            // What is not a number is not hidden, whichever side it is on.
            Op::Min => each!(|a, b| if (a < b) | is_nan(a) { a } else { b }),
            Op::Max => each!(|a, b| if (a > b) | is_nan(a) { a } else { b }),
            Op::Less => each!(|a, b| truth(a < b)),
            Op::LessEqual => each!(|a, b| truth(a <= b)),
            Op::Equal => each!(|a, b| truth(a == b)),
            Op::And => each!(|a, b| truth(a != zero && b != zero)),
            Op::Or => each!(|a, b| truth(a != zero || b != zero)),
            Op::MulAdd => each!(|a, b, c| A::mul_add(a, b, c)),
            Op::MulSub => each!(|a, b, c| A::mul_add(a, b, -c)),
            Op::NegMulAdd => each!(|a, b, c| A::mul_add(-a, b, c)),
            Op::AddMul => each!(|a, b, c| (a + b) * c),
            Op::SubMul => each!(|a, b, c| (a - b) * c),
            Op::Select => each!(|a, b, c| if a != zero { b } else { c }),
            Op::Quantile(law) => each!(|a, b, c| T::of(law.quantile(a.wide(), b.wide(), c.wide()))),
        }
    }
}
