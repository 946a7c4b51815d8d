//! A program that is evaluated apart from the attempted steps.

use std::ops::Range;

use super::compile::Program;
use super::machine::{Code, execute};
use super::program::{Block, LANES, Register, TILE};
use super::real::Real;
use crate::isa::{Arithmetic, Isa, Task};

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
        let results = first..first + results as Register;
        let code = machine.and_then(|isa| Code::new(isa, &program.code, 0..0, results));
        Self { program, code, first }
    }

    /// The tiles in which it is evaluated at a time: all where there is no machine code, so that instructions are read
    /// once.
    pub(crate) fn tiles(&self) -> usize {
        self.code.as_ref().map_or(LANES / TILE, Code::tiles)
    }

    /// Evaluates it in some tiles, and in those that are evaluated together with one of them.
    #[inline(always)]
    pub(crate) fn evaluate<T: Real, A: Arithmetic>(&self, tiles: Range<usize>, registers: &mut [Block<T>]) {
        execute::<T, A>(&self.program, self.code.as_ref(), tiles, [0, self.first], registers);
    }
}

/// The evaluation of a routine in some tiles.
pub(crate) struct Evaluation<'a, T> {
    pub(crate) routine: &'a Routine,
    pub(crate) tiles: Range<usize>,
    pub(crate) registers: &'a mut [Block<T>],
}

impl<T: Real> Task for Evaluation<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        self.routine.evaluate::<T, A>(self.tiles, self.registers);
    }
}

#[cfg(test)]
mod tests {
    use crate::hash::HashMap;

    use super::*;
    use crate::engine::cpu::compile::{Places, compile};
    use crate::model::graph::{Binary, Graph, Symbol, Unary};

    #[test]
    fn in_some_tiles_as_in_all() {
        let mut graph = Graph::default();
        let [a, b] = [0, 1].map(|i| graph.symbol(Symbol::State(i)));
        let sum = graph.binary(Binary::Add, a, b);
        let root = graph.unary(Unary::Exp, sum);
        let known = HashMap::from_iter([(a, 0), (b, 1)]);
        for isa in Isa::available() {
            let program = compile(&graph, &[root], &Places { known: &known, outputs: &[2], scratch: 3 });
            let routine = Routine::new(program, Some(isa), 2, 1);
            let together = routine.tiles();
            assert_eq!(together < LANES / TILE, isa.machine_code().is_some(), "{isa}");
            let mut registers = vec![Block::splat(f64::NAN); routine.program.end.into()];
            for l in 0..LANES {
                (registers[0].0[l], registers[1].0[l]) = (l as f64 / 64.0, 0.5);
            }
            isa.run(Evaluation { routine: &routine, tiles: 0..1, registers: &mut registers });
            for (l, value) in registers[2].0.iter().enumerate() {
                if l < together * TILE {
                    let expected = (l as f64 / 64.0 + 0.5).exp();
                    assert!((value / expected - 1.0).abs() < 1e-15, "{isa}, lane {l}: {value}");
                } else {
                    assert!(value.is_nan(), "{isa}, lane {l}: {value}");
                }
            }
        }
    }
}
