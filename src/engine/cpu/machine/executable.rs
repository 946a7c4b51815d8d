//! Machine code in memory, and its calls.
//!
//! Unsafe code, besides that of [`dispatch`](crate::isa) the only one of the project: calling bytes that
//! were written while the program runs. What makes it sound:
//!
//! - the bytes are those of [`compile`], which writes nothing but arithmetic, loads and stores, no jumps and no calls, and
//!   at the end a return. They therefore neither unwind nor touch the stack, and change no register but those of vectors and
//!   masks, which the System V calling convention leaves to the callee, and the flags of what was not exact;
//! - they lie in memory of their own that can be written until they are complete, and only executed after (W^X), and that
//!   lives as long as the [`Code`] through which alone they are called;
//! - the processor has the instructions: code is only made as an [`Isa`] says, and of these there are only such as this
//!   processor was seen to have;
//! - loads and stores take 32 or 64 bytes at constant distances from five pointers: from the three of [`BLOCKS`] within as
//!   many blocks as `counts` says, all of which [`Code::run`] has checked to be in the slice that it has for itself, and in
//!   all of them within the tiles that are run; from `Constants`, or 8 bytes, within `constants`, which are only read; from
//!   `Spills` within [`MOST_SPILLS`] rows, which are written before they are read. No load or store asks for an alignment.

#![expect(unsafe_code, reason = "calls machine code; see above")]

use std::mem::MaybeUninit;
use std::ops::Range;

use memmap2::{Mmap, MmapMut};

use super::allocate::{Compiled, compile};
use super::encode::Pointer;
use super::record::Recorder;
use super::schedule::schedule;
use super::{PARTS, at, record, spread};
use crate::engine::cpu::Isa;
use crate::engine::cpu::program::{Block, Instruction, LANES, Register, TILE};
use crate::hash::HashMap;
use crate::isa::Vectors;

/// Nodes of the largest program that is compiled: a millisecond for each thousand.
const MOST_NODES: usize = 16_384;
/// Rows of values that are in no register for a while, on the stack.
const MOST_SPILLS: usize = 256;

/// What one instruction works on, or two do.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Row([f64; 8]);

/// A program as machine code.
#[derive(Debug)]
#[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "never made there"))]
pub(crate) struct Code {
    bytes: Mmap,
    constants: Vec<Row>,
    /// How many blocks are read or written from each of [`BLOCKS`] on.
    counts: [usize; 3],
    /// Tiles in which it runs at a time.
    tiles: usize,
}

// Every call stays within the lanes: it takes whole tiles, of which times as many are a block.
const _: () = {
    let vectors = [Vectors::Four, Vectors::Eight];
    let mut i = 0;
    while i < vectors.len() {
        let lanes = PARTS * vectors[i].lanes();
        assert!(lanes.is_multiple_of(TILE) && LANES.is_multiple_of(lanes));
        i += 1;
    }
    // Of four values, derivatives are taken tile by tile.
    assert!(PARTS * Vectors::Four.lanes() == TILE);
};

/// Pointers to blocks.
const BLOCKS: [Pointer; 3] = [Pointer::Registers, Pointer::States, Pointer::Results];

impl Code {
    /// Compiles a program. It may find the registers of `states`, and leave those of `results`, elsewhere each time that it
    /// runs; what else it writes is not kept.
    ///
    /// None as from [`Self::of`], or if an operation has no machine code.
    pub(crate) fn new(
        isa: Isa,
        code: &[Instruction],
        states: Range<Register>,
        results: Range<Register>,
    ) -> Option<Self> {
        isa.machine_code()?;
        let recorder = Recorder::default();
        let place = |register: Register| {
            let elsewhere = [(&states, Pointer::States), (&results, Pointer::Results)];
            let found = elsewhere.into_iter().find(|(range, _)| range.contains(&register));
            found.map_or(at(Pointer::Registers, register), |(range, pointer)| {
                at(pointer, register - range.start)
            })
        };
        record(&recorder, code, &mut HashMap::default(), place, &results)?;
        Self::of(isa, recorder)
    }

    /// Compiles what was written down.
    ///
    /// None if the instruction set has no machine code, if the program is too large, or if this system allows no machine
    /// code.
    pub(super) fn of(isa: Isa, recorder: Recorder) -> Option<Self> {
        let (vectors, nodes) = (isa.machine_code()?, recorder.into_nodes());
        if nodes.len() > MOST_NODES {
            return None;
        }
        let nodes = schedule(&spread(&nodes, vectors));
        let Compiled { code: bytes, constants, spills } = compile(&nodes, vectors);
        if spills > MOST_SPILLS {
            return None;
        }
        let mut memory = MmapMut::map_anon(bytes.len()).ok()?;
        memory.copy_from_slice(&bytes);
        let row = |bits: &[u64]| {
            Row(std::array::from_fn(|i| f64::from_bits(bits.get(i).copied().unwrap_or_default())))
        };
        let count = |pointer| nodes.iter().filter_map(|node| node.end(pointer)).max().unwrap_or(0);
        Some(Self {
            bytes: memory.make_exec().ok()?,
            constants: constants.chunks(8).map(row).collect(),
            counts: BLOCKS.map(count),
            tiles: PARTS * vectors.lanes() / TILE,
        })
    }

    /// The tiles in which it runs at a time.
    pub(crate) fn tiles(&self) -> usize {
        self.tiles
    }

    /// Runs it in some tiles of the lanes, given in order, and in those that it takes together with one of them.
    ///
    /// # Panics
    /// There are no such tiles, or no such registers.
    #[inline]
    pub(crate) fn run(
        &self,
        registers: &mut [Block<f64>],
        tiles: impl Iterator<Item = usize>,
        [states, results]: [Register; 2],
    ) {
        let first = [0, states.into(), results.into()];
        let is_inside = first.iter().zip(self.counts).all(|(first, count)| first + count <= registers.len());
        assert!(is_inside, "machine code works on registers that are there");
        let mut spills = MaybeUninit::<[Row; MOST_SPILLS]>::uninit();
        let blocks = registers.as_mut_ptr();
        let mut done = 0;
        for tile in tiles {
            if tile < done {
                continue;
            }
            assert!(tile < LANES / TILE, "machine code works on lanes that are there");
            let begin = tile - tile % self.tiles;
            done = begin + self.tiles;
            let at = |block: usize| blocks.wrapping_add(block).cast::<f64>().wrapping_add(begin * TILE);
            self.call(first.map(at), spills.as_mut_ptr().cast());
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn call(&self, [registers, states, results]: [*mut f64; 3], spills: *mut Row) {
        type Entry = unsafe extern "sysv64" fn(*const f64, *const f64, *mut f64, *const Row, *mut Row);
        // SAFETY: see the head of this file.
        unsafe {
            let entry = std::mem::transmute::<*const u8, Entry>(self.bytes.as_ptr());
            entry(registers, states, results, self.constants.as_ptr(), spills);
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn call(&self, _: [*mut f64; 3], _: *mut Row) {
        unreachable!("no instruction set of this processor has machine code");
    }
}
