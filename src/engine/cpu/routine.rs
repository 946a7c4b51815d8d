//! A program that is evaluated apart from the attempted steps, in all tiles or in some.

use super::compile::Program;
use super::dispatch::{Arithmetic, Isa, Task};
use super::machine::Code;
use super::program::{Block, LANES, Register, TILE, run};
use super::real::Real;

/// A program whose results are in registers in a row, also as machine code if it can be.
#[derive(Debug)]
pub(crate) struct Routine {
    pub(crate) program: Program,
    code: Option<Code>,
    /// The first of the results.
    first: Register,
}

impl Routine {
    /// A program with so many results from a register on. Of what else it computes nothing is kept. There is machine code
    /// of f64 alone: `machine` is what it may be for, if there may be any.
    pub(crate) fn new(program: Program, machine: Option<Isa>, first: Register, results: usize) -> Self {
        let code = machine
            .and_then(|isa| Code::new(isa, &program.code, 0..0, first..first + results as Register));
        Self { program, code, first }
    }
}

/// Tiles of which something is evaluated.
pub(crate) type Tiles = [bool; LANES / TILE];

/// All of them.
pub(crate) const EVERYWHERE: Tiles = [true; LANES / TILE];

/// A call of a routine, for some tiles at least.
pub(crate) struct Call<'a, T> {
    pub(crate) routine: &'a Routine,
    pub(crate) tiles: &'a Tiles,
    pub(crate) registers: &'a mut [Block<T>],
}

impl<T: Real> Task for Call<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { routine: Routine { program, code, first }, tiles, registers } = self;
        match (code, T::doubles(registers)) {
            (Some(code), Some(registers)) => {
                for tile in (0..LANES / TILE).filter(|&tile| tiles[tile]) {
                    code.run(registers, tile, [0, *first]);
                }
            }
            _ => run::<T, A>(&program.code, registers),
        }
    }
}
