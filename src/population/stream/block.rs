//! The draws of several patients side by side: ChaCha with 8 rounds, as of [`Stream`](super::Stream).
//!
//! The rounds of one patient are written without loops, so that the loop over patients becomes vector code.

use super::uniform;
use crate::isa::{Arithmetic, Task};

/// Patients side by side: as many as the widest vectors hold words of 32 bits.
const LANES: usize = 16;
/// Draws of a block.
const DRAWS: u64 = 8;
/// Words of a block.
const WORDS: usize = 16;

/// "expand 32-byte k".
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// Draws each patient's number between 0 and 1 of an attempt.
pub(super) struct SideBySide<'a> {
    pub(super) key: [u8; 32],
    pub(super) patients: &'a [u64],
    pub(super) attempt: u64,
    /// As many as patients.
    pub(super) uniforms: &'a mut [f64],
}

impl Task for SideBySide<'_> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { key, patients, attempt, uniforms } = self;
        let key = words(key);
        let (block, first) = (attempt / DRAWS, 2 * (attempt % DRAWS) as usize);
        for (patients, uniforms) in patients.chunks(LANES).zip(uniforms.chunks_mut(LANES)) {
            let mut lanes = [0; LANES];
            lanes[..patients.len()].copy_from_slice(patients);
            let words = blocks(&key, block, lanes);
            for ((drawn, &low), &high) in uniforms.iter_mut().zip(&words[first]).zip(&words[first + 1]) {
                *drawn = uniform(u64::from(low) | u64::from(high) << 32);
            }
        }
    }
}

#[inline(always)]
fn words(key: [u8; 32]) -> [u32; 8] {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(key.chunks_exact(4)) {
        *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    words
}

/// `[word][patient]`
#[inline(always)]
fn blocks(key: &[u32; 8], block: u64, patients: [u64; LANES]) -> [[u32; LANES]; WORDS] {
    let low = patients.map(|patient| patient as u32);
    let high = patients.map(|patient| (patient >> 32) as u32);
    let mut words = [[0; LANES]; WORDS];
    for (lane, (&low, &high)) in low.iter().zip(&high).enumerate() {
        let mixed = mixed(key, block, [low, high]);
        for (words, word) in words.iter_mut().zip(mixed) {
            words[lane] = word;
        }
    }
    words
}

/// The block of one patient, whose number is given in two words, the low one first.
#[inline(always)]
fn mixed(key: &[u32; 8], block: u64, [low, high]: [u32; 2]) -> [u32; WORDS] {
    let [c0, c1, c2, c3] = CONSTANTS;
    let [k0, k1, k2, k3, k4, k5, k6, k7] = *key;
    let (block_low, block_high) = (block as u32, (block >> 32) as u32);
    let start = [c0, c1, c2, c3, k0, k1, k2, k3, k4, k5, k6, k7, block_low, block_high, low, high];
    let mut words = start;
    double_round(&mut words);
    double_round(&mut words);
    double_round(&mut words);
    double_round(&mut words);
    for (word, start) in words.iter_mut().zip(start) {
        *word = word.wrapping_add(start);
    }
    words
}

/// Columns, then diagonals.
#[inline(always)]
fn double_round(words: &mut [u32; WORDS]) {
    quarter(words, [0, 4, 8, 12]);
    quarter(words, [1, 5, 9, 13]);
    quarter(words, [2, 6, 10, 14]);
    quarter(words, [3, 7, 11, 15]);
    quarter(words, [0, 5, 10, 15]);
    quarter(words, [1, 6, 11, 12]);
    quarter(words, [2, 7, 8, 13]);
    quarter(words, [3, 4, 9, 14]);
}

#[inline(always)]
fn quarter(words: &mut [u32; WORDS], [a, b, c, d]: [usize; 4]) {
    mix(words, [a, b, d], 16);
    mix(words, [c, d, b], 12);
    mix(words, [a, b, d], 8);
    mix(words, [c, d, b], 7);
}

#[inline(always)]
fn mix(words: &mut [u32; WORDS], [sum, with, turned]: [usize; 3], by: u32) {
    words[sum] = words[sum].wrapping_add(words[with]);
    words[turned] = (words[turned] ^ words[sum]).rotate_left(by);
}
