//! Instructions of AVX2 and FMA on four f64, as bytes.
//!
//! Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: VEX prefixes in section 2.3, the operations
//! under their names. Every instruction here has the form `to, first, second`, of which only `second` may be in memory.

/// A vector register, 0 to 15.
pub(super) type Ymm = u8;

/// What the code is called with, each by the number of the general register in which the System V calling convention
/// passes it: rdi, rsi, rdx, rcx, r8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Pointer {
    /// The first block.
    Registers = 7,
    /// The first block that is read elsewhere each time.
    States = 6,
    /// The first block that is written.
    Results = 2,
    /// Rows of constants.
    Constants = 1,
    /// Rows of values that are in no register for a while.
    Spills = 8,
}

/// Four values in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Memory {
    pub(super) pointer: Pointer,
    /// Bytes from there.
    pub(super) offset: i32,
}

/// Where an operand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand {
    Register(Ymm),
    Memory(Memory),
}

/// The opcode of an instruction: its map, whether VEX.W is set, its byte. All have the prefix 66.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opcode {
    map: u8,
    wide: bool,
    byte: u8,
}

const fn plain(byte: u8) -> Opcode {
    Opcode { map: 1, wide: false, byte }
}

const fn immediate(byte: u8) -> Opcode {
    Opcode { map: 3, wide: false, byte }
}

pub(super) const ADD: Opcode = plain(0x58);
pub(super) const MUL: Opcode = plain(0x59);
pub(super) const SUB: Opcode = plain(0x5c);
pub(super) const MIN: Opcode = plain(0x5d);
pub(super) const DIV: Opcode = plain(0x5e);
pub(super) const MAX: Opcode = plain(0x5f);
pub(super) const SQRT: Opcode = plain(0x51);
pub(super) const AND: Opcode = plain(0x54);
pub(super) const OR: Opcode = plain(0x56);
pub(super) const XOR: Opcode = plain(0x57);
pub(super) const ADD_BITS: Opcode = plain(0xd4);
pub(super) const COMPARE: Opcode = plain(0xc2);
pub(super) const ROUND: Opcode = immediate(0x09);
pub(super) const BLEND: Opcode = immediate(0x4b);
const SHIFT: Opcode = plain(0x73);
const LOAD: Opcode = plain(0x10);
const STORE: Opcode = plain(0x11);

/// Of a multiply-add: the first of its opcodes. Add 0x10 for `to = first to + second` and 0x20 for
/// `to = first second + to` instead of `to = to second + first`.
pub(super) const fn fused(byte: u8) -> Opcode {
    Opcode { map: 2, wide: true, byte }
}

/// The code so far.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    pub(super) code: Vec<u8>,
}

impl Assembler {
    /// `to = first op second`; where an instruction has one operand, `first` is register 0.
    pub(super) fn emit(&mut self, op: Opcode, to: Ymm, first: Ymm, second: Operand) {
        let base = match second {
            Operand::Register(register) => register,
            Operand::Memory(memory) => memory.pointer as u8,
        };
        let low = 0x05 | (!first & 15) << 3;
        let above = if to < 8 { 0x80 } else { 0 };
        if op.map == 1 && base < 8 {
            self.code.extend([0xc5, above | low, op.byte]);
        } else {
            let base = if base < 8 { 0x20 } else { 0 };
            let wide = if op.wide { 0x80 } else { 0 };
            self.code.extend([0xc4, above | 0x40 | base | op.map, wide | low, op.byte]);
        }
        let to = (to & 7) << 3;
        match second {
            Operand::Register(register) => self.code.push(0xc0 | to | register & 7),
            Operand::Memory(Memory { offset, .. }) => match i8::try_from(offset) {
                Ok(offset) => self.code.extend([0x40 | to | base & 7, offset as u8]),
                Err(_) => {
                    self.code.push(0x80 | to | base & 7);
                    self.code.extend(offset.to_le_bytes());
                }
            },
        }
    }

    /// The same with a byte that says more about the operation.
    pub(super) fn emit_with(&mut self, op: Opcode, to: Ymm, first: Ymm, second: Operand, more: u8) {
        self.emit(op, to, first, second);
        self.code.push(more);
    }

    /// Shifts the bits of each value, to the left or to the right.
    pub(super) fn shift(&mut self, to: Ymm, from: Ymm, left: bool, count: u8) {
        self.emit_with(SHIFT, if left { 6 } else { 2 }, to, Operand::Register(from), count);
    }

    pub(super) fn load(&mut self, to: Ymm, from: Operand) {
        self.emit(LOAD, to, 0, from);
    }

    pub(super) fn store(&mut self, from: Ymm, to: Memory) {
        self.emit(STORE, from, 0, Operand::Memory(to));
    }

    /// Returns to the caller, whose other code may be of SSE: `vzeroupper`, `ret`.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.code.extend([0xc5, 0xf8, 0x77, 0xc3]);
        self.code
    }
}
