//! Straight-line programs as machine code, for processors with AVX2 and FMA.
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

use std::collections::HashMap;
use std::ops::Range;

use super::compile::Program;
use super::dispatch::Arithmetic;
use super::program::{Block, Instruction, Register, run};
use super::real::Real;
use encode::{Memory, Pointer};
use record::{Id, Node, Recorder, Value};

pub(crate) use executable::Code;

/// Bytes from one block to the next.
const BLOCK: usize = size_of::<Block<f64>>();
/// Bytes of the values that one instruction works on.
const HALF: i32 = 32;

/// Runs a program in all lanes: as machine code, if there is some, with the first registers of its states and results.
#[inline(always)]
pub(crate) fn execute<T: Real, A: Arithmetic>(
    program: &Program,
    code: Option<&Code>,
    first: [Register; 2],
    registers: &mut [Block<T>],
) {
    match (code, T::doubles(registers)) {
        (Some(code), Some(registers)) => code.run_all(registers, first),
        _ => run::<T, A>(&program.code, registers),
    }
}

/// The place of a register among some in a row.
fn place(among: &Range<Register>, register: Register, pointer: Pointer) -> Option<Memory> {
    among.contains(&register).then(|| at(pointer, register - among.start))
}

/// The first half of a tile of a block.
fn at(pointer: Pointer, block: Register) -> Memory {
    Memory { pointer, offset: (usize::from(block) * BLOCK) as i32 }
}

/// Writes down what a program computes of half a tile; none if an operation has no machine code. Of what it writes only
/// the results are kept.
fn recorded(code: &[Instruction], states: Range<Register>, results: Range<Register>) -> Option<Vec<Node>> {
    let recorder = Recorder::default();
    let mut values: HashMap<Register, Value<'_>> = HashMap::new();
    for instruction in code {
        let load = |register: Register| {
            let elsewhere = place(&states, register, Pointer::States);
            recorder.load(elsewhere.unwrap_or_else(|| at(Pointer::Registers, register)))
        };
        let of =
            instruction.from.map(|register| values.get(&register).copied().unwrap_or_else(|| load(register)));
        let value = operation::apply(instruction.op, of)?;
        values.insert(instruction.to, value);
        if let Some(to) = place(&results, instruction.to, Pointer::Results) {
            value.store(to);
        }
    }
    Some(recorder.into_nodes())
}

/// The same of a whole tile: each node of one half and then of the other, so that neither waits.
fn of_both_halves(nodes: &[Node]) -> Vec<Node> {
    let mut both = Vec::with_capacity(2 * nodes.len());
    let mut to: Vec<[Id; 2]> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let mut add = |node| {
            both.push(node);
            both.len() as Id - 1
        };
        to.push(match node {
            Node::Constant(_) => [add(*node); 2],
            _ => [0, 1].map(|half| {
                let mut node = node.with_operands(|id| to[id as usize][half]);
                if let Node::Load(memory) | Node::Store(_, memory) = &mut node {
                    memory.offset += half as i32 * HALF;
                }
                add(node)
            }),
        });
    }
    both
}

#[cfg(test)]
mod tests;
