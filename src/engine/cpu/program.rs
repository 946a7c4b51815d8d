//! Straight-line programs over registers that hold one value for each lane.

use super::dispatch::Arithmetic;
use super::math;

/// Patients worked on together. More of them spread the cost of reading an instruction thinner;
/// fewer keep more registers in the first-level cache. Measured with 16, 32, 64 and 128: 64 and 128
/// are equally fast, fewer are slower by a third to a half.
pub(crate) const LANES: usize = 64;

/// One value for each lane.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Block(pub(crate) [f64; LANES]);

impl Block {
    /// The same value in every lane.
    pub(crate) fn splat(value: f64) -> Self {
        Self([value; LANES])
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
    Expm1,
    Log1p,
    Tanh,
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
}

/// One instruction. `to` is none of the operands' registers; operands that `op` does not have
/// repeat the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) op: Op,
    pub(crate) to: Register,
    pub(crate) from: [Register; 3],
}

/// Every block but one, for reading.
pub(crate) struct Others<'a> {
    below: &'a [Block],
    above: &'a [Block],
}

impl<'a> Others<'a> {
    /// A block that is not the one that was split off.
    #[inline(always)]
    pub(crate) fn get(&self, register: Register) -> &'a Block {
        let i = usize::from(register);
        if i < self.below.len() { &self.below[i] } else { &self.above[i - self.below.len() - 1] }
    }
}

/// One block for writing and the others for reading.
#[inline(always)]
pub(crate) fn split(registers: &mut [Block], to: Register) -> (&mut Block, Others<'_>) {
    let (below, rest) = registers.split_at_mut(usize::from(to));
    let (to, above) = rest.split_at_mut(1);
    (&mut to[0], Others { below, above })
}

/// 1 or 0.
#[inline(always)]
fn truth(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

/// Runs `code` in every lane.
#[inline(always)]
pub(crate) fn run<A: Arithmetic>(code: &[Instruction], registers: &mut [Block]) {
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
            Op::Sqrt => each!(|a| a.sqrt()),
            Op::Exp => each!(|a| math::exp::<A>(a)),
            Op::Log => each!(|a| math::log::<A>(a)),
            Op::Expm1 => each!(|a| math::expm1::<A>(a)),
            Op::Log1p => each!(|a| math::log1p::<A>(a)),
            Op::Tanh => each!(|a| math::tanh::<A>(a)),
            Op::Floor => each!(|a| a.floor()),
            Op::Ceil => each!(|a| a.ceil()),
            Op::Not => each!(|a| truth(a == 0.0)),
            Op::Square => each!(|a| a * a),
            Op::Add => each!(|a, b| a + b),
            Op::Sub => each!(|a, b| a - b),
            Op::Mul => each!(|a, b| a * b),
            Op::Div => each!(|a, b| a / b),
            Op::Pow => each!(|a, b| math::pow::<A>(a, b)),
            Op::Power => each!(|a, b| math::power::<A>(a, b)),
            Op::Min => each!(|a, b| a.min(b)),
            Op::Max => each!(|a, b| a.max(b)),
            Op::Less => each!(|a, b| truth(a < b)),
            Op::LessEqual => each!(|a, b| truth(a <= b)),
            Op::Equal => each!(|a, b| truth(a == b)),
            Op::And => each!(|a, b| truth(a != 0.0 && b != 0.0)),
            Op::Or => each!(|a, b| truth(a != 0.0 || b != 0.0)),
            Op::MulAdd => each!(|a, b, c| A::mul_add(a, b, c)),
            Op::MulSub => each!(|a, b, c| A::mul_add(a, b, -c)),
            Op::NegMulAdd => each!(|a, b, c| A::mul_add(-a, b, c)),
            Op::AddMul => each!(|a, b, c| (a + b) * c),
            Op::SubMul => each!(|a, b, c| (a - b) * c),
            Op::Select => each!(|a, b, c| if a != 0.0 { b } else { c }),
        }
    }
}
