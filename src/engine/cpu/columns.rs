//! A program run over columns of patients: individual values before integration.

use std::ops::Range;

use crate::engine::program::Lowered;
use crate::hash::HashMap;
use crate::model::graph::{Graph, NodeId};

use super::compile::{Places, Program, compile};
use super::program::{Block, LANES, Register, run};
use super::real::Real;
use crate::isa::{Arithmetic, Isa, Task};

/// The constants among `leaves`, each with a register from `first` on.
pub(crate) fn constants(graph: &Graph, leaves: &[NodeId], first: Register) -> Vec<(NodeId, Register, f64)> {
    let values = leaves.iter().filter_map(|&id| Some((id, graph.as_constant(id)?)));
    (first..).zip(values).map(|(register, (id, value))| (id, register, value)).collect()
}

/// Expressions of columns, compiled. Registers: inputs, outputs, constants, scratch.
#[derive(Debug)]
pub(crate) struct Columns {
    inputs: usize,
    outputs: usize,
    constants: Vec<(NodeId, Register, f64)>,
    program: Program,
}

impl Columns {
    /// From a plan's slots to the columns that everything else reads: what is known once per patient.
    pub(crate) fn prelude(lowered: &Lowered) -> Self {
        Self::new(&lowered.graph, &lowered.slots, &lowered.individual)
    }

    /// Compiles `roots`; `inputs` are the nodes of the columns that will be given.
    pub(crate) fn new(graph: &Graph, inputs: &[NodeId], roots: &[NodeId]) -> Self {
        let first_output = inputs.len() as Register;
        let first_constant = first_output + roots.len() as Register;
        let leaves = graph.leaves(roots, |id| inputs.contains(&id));
        let constants = constants(graph, &leaves, first_constant);
        let mut known: HashMap<NodeId, Register> =
            constants.iter().map(|&(id, register, _)| (id, register)).collect();
        known.extend(inputs.iter().copied().zip(0..));
        let outputs: Vec<Register> = (first_output..first_constant).collect();
        let scratch = first_constant + constants.len() as Register;
        let program = compile(graph, roots, &Places { known: &known, outputs: &outputs, scratch });
        Self { inputs: inputs.len(), outputs: roots.len(), constants, program }
    }

    /// `[root][patient]` for a range of the patients of `columns`, `[input][patient]`.
    pub(crate) fn run(&self, isa: Isa, columns: &[&[f64]], patients: Range<usize>) -> Vec<Vec<f64>> {
        let mut registers = vec![Block::splat(0.0); usize::from(self.program.end)];
        for &(_, register, value) in &self.constants {
            registers[usize::from(register)] = Block::splat(value);
        }
        let mut results = vec![Vec::with_capacity(patients.len()); self.outputs];
        for first in patients.clone().step_by(LANES) {
            let count = LANES.min(patients.end - first);
            for (block, column) in registers.iter_mut().zip(columns) {
                block.0[..count].copy_from_slice(&column[first..first + count]);
            }
            isa.run(Evaluate { program: &self.program, registers: &mut registers });
            for (result, block) in results.iter_mut().zip(&registers[self.inputs..]) {
                result.extend_from_slice(&block.0[..count]);
            }
        }
        results
    }
}

/// One run of a program.
pub(crate) struct Evaluate<'a, T> {
    pub(crate) program: &'a Program,
    pub(crate) registers: &'a mut [Block<T>],
}

impl<T: Real> Task for Evaluate<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        run::<T, A>(&self.program.code, self.registers);
    }
}
