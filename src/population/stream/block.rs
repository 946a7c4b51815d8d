//! The first block of the generator for several patients side by side: ChaCha with 8 rounds, as of [`Stream`](super::Stream).

use crate::isa::{Arithmetic, Isa, Task};

/// Patients side by side: as many as the widest vectors hold words of 32 bits.
pub(in crate::population) const LANES: usize = 16;
/// Draws of a block.
pub(super) const DRAWS: usize = 8;

/// "expand 32-byte k".
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
const DOUBLE_ROUNDS: usize = 4;
/// The words that each quarter of a double round mixes: columns, then diagonals.
const QUARTERS: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];

/// A word of each patient.
type Words = [u32; LANES];

/// The draws of consecutive patients in order, `[patient][draw]`.
pub(super) fn blocks(isa: Isa, key: [u8; 32], first: u64) -> [[u64; DRAWS]; LANES] {
    let words = isa.run(Mixing(start(key, first)));
    let mut blocks = [[0; DRAWS]; LANES];
    for (lane, draws) in blocks.iter_mut().enumerate() {
        let word = |at: usize| u64::from(words[at][lane]);
        for (i, draw) in draws.iter_mut().enumerate() {
            *draw = word(2 * i) | word(2 * i + 1) << 32;
        }
    }
    blocks
}

/// What the patients start from.
struct Mixing([Words; 16]);

impl Task for Mixing {
    type Out = [Words; 16];

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> [Words; 16] {
        let Self(start) = self;
        let mut words = start;
        for _ in 0..DOUBLE_ROUNDS {
            for quarter in QUARTERS {
                mix(&mut words, quarter);
            }
        }
        for (word, start) in words.iter_mut().zip(&start) {
            word.iter_mut().zip(start).for_each(|(word, start)| *word = word.wrapping_add(*start));
        }
        words
    }
}

/// Constants, key, position 0, and the patients' numbers.
fn start(key: [u8; 32], first: u64) -> [Words; 16] {
    let mut words = [[0; LANES]; 16];
    for (word, constant) in words.iter_mut().zip(CONSTANTS) {
        *word = [constant; LANES];
    }
    for (word, bytes) in words[4..12].iter_mut().zip(key.chunks_exact(4)) {
        *word = [bytes.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte)); LANES];
    }
    let patients: [u64; LANES] = std::array::from_fn(|lane| first.wrapping_add(lane as u64));
    (words[14], words[15]) =
        (patients.map(|patient| patient as u32), patients.map(|patient| (patient >> 32) as u32));
    words
}

#[inline(always)]
fn mix(words: &mut [Words; 16], [a, b, c, d]: [usize; 4]) {
    for [to, of, turned, by] in [[a, b, d, 16], [c, d, b, 12], [a, b, d, 8], [c, d, b, 7]] {
        let added = words[of];
        words[to].iter_mut().zip(added).for_each(|(to, of)| *to = to.wrapping_add(of));
        let sum = words[to];
        words[turned]
            .iter_mut()
            .zip(sum)
            .for_each(|(turned, sum)| *turned = (*turned ^ sum).rotate_left(by as u32));
    }
}
