//! Straight-line programs as machine code, for processors with AVX2 and FMA, or AVX-512.
//!
//! The instructions of a program are written down once more as operations of values ([`operation`], [`record`]), put into an
//! order in which few wait for others ([`schedule`]), given vector registers ([`allocate`]) and written as bytes
//! ([`encode`]), which [`executable`] calls. Intermediate values then stay in registers, where the interpreter
//! ([`run`](super::program::run)) writes each to memory. Both compute the same operations in the same order: equal
//! results, to the last bit.

mod allocate;
mod encode;
mod executable;
mod operation;
mod record;
mod schedule;
mod stage;

use std::ops::Range;

use super::compile::Program;
use super::program::{Block, Instruction, Register, run};
use super::real::Real;
use crate::hash::HashMap;
use crate::isa::{Arithmetic, Vectors};
use encode::{Memory, Pointer};
use record::{Id, Node, Recorder, Value};

pub(crate) use executable::Code;
pub(crate) use stage::Pair;

/// Parts of the lanes that are computed together, each with an instruction of its own for every operation, so that they
/// need not wait: measured.
const PARTS: usize = 2;
/// Bytes from one block to the next.
const BLOCK: usize = size_of::<Block<f64>>();

/// Runs a program in some tiles of the lanes: as machine code, if there is some, with the first registers of its states and
/// results; else in all.
#[inline(always)]
pub(crate) fn execute<T: Real, A: Arithmetic>(
    program: &Program,
    code: Option<&Code>,
    tiles: impl Iterator<Item = usize>,
    first: [Register; 2],
    registers: &mut [Block<T>],
) {
    match (code, T::doubles(registers)) {
        (Some(code), Some(registers)) => code.run(registers, tiles, first),
        _ => run::<T, A>(&program.code, registers),
    }
}

/// The first part of a block, counted from a pointer.
fn at(pointer: Pointer, block: Register) -> Memory {
    Memory { pointer, offset: (usize::from(block) * BLOCK) as i32 }
}

/// Writes down what a program computes with one instruction for each operation, from values that are known and from what is
/// in memory; none if an operation has no machine code. Of what it writes only `kept` is stored.
fn record<'a>(
    recorder: &'a Recorder,
    code: &[Instruction],
    values: &mut HashMap<Register, Value<'a>>,
    place: impl Fn(Register) -> Memory,
    kept: &Range<Register>,
) -> Option<()> {
    for instruction in code {
        let of = instruction.from.map(|register| {
            let known = values.get(&register).copied();
            known.unwrap_or_else(|| recorder.load(place(register)))
        });
        let value = operation::apply(instruction.op, of)?;
        values.insert(instruction.to, value);
        if kept.contains(&instruction.to) {
            value.store(place(instruction.to));
        }
    }
    Some(())
}

/// The same of all parts: each node of one after the other.
fn spread(nodes: &[Node], vectors: Vectors) -> Vec<Node> {
    let mut all = Vec::with_capacity(PARTS * nodes.len());
    // Of each node that of the first part; a constant is one for all.
    let mut to: Vec<Id> = Vec::with_capacity(nodes.len());
    let is_shared = |id: Id| matches!(nodes[id as usize], Node::Constant(_));
    for node in nodes {
        let first = all.len() as Id;
        for part in 0..PARTS {
            let mut node =
                node.with_operands(|id| to[id as usize] + if is_shared(id) { 0 } else { part as Id });
            if let Node::Load(memory) | Node::Store(_, memory) = &mut node {
                memory.offset += part as i32 * vectors.bytes();
            }
            all.push(node);
            if matches!(node, Node::Constant(_)) {
                break;
            }
        }
        to.push(first);
    }
    all
}

#[cfg(test)]
mod tests;
