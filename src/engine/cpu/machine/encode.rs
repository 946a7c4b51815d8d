//! Instructions of AVX2 and FMA on four f64, or of AVX-512 on eight, as bytes.
//!
//! Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: VEX prefixes in section 2.3, EVEX prefixes in
//! section 2.7, the operations under their names. Every instruction here has the form `to, first, second`, of which only
//! `second` may be in memory.

use crate::isa::Vectors;

/// A vector register, from 0 on.
pub(super) type Vector = u8;

impl Vectors {
    /// Values that one instruction works on.
    pub(super) const fn lanes(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// Bytes of so many values.
    pub(super) const fn bytes(self) -> i32 {
        (self.lanes() * size_of::<f64>()) as i32
    }

    /// Vector registers.
    pub(super) const fn registers(self) -> usize {
        match self {
            Self::Four => 16,
            Self::Eight => 32,
        }
    }

    /// How often a constant is in memory: instructions of AVX-512 repeat it themselves.
    pub(super) const fn copies(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Eight => 1,
        }
    }
}

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
    /// Constants.
    Constants = 1,
    /// Rows of values that are in no register for a while.
    Spills = 8,
}

/// Values in memory: as many as an instruction works on, or a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Memory {
    pub(super) pointer: Pointer,
    /// Bytes from there.
    pub(super) offset: i32,
}

/// Where an operand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand {
    Register(Vector),
    Memory(Memory),
}

impl Operand {
    /// The number of its register: the vector register, or the general one from which memory is counted.
    fn base(self) -> u8 {
        match self {
            Self::Register(register) => register,
            Self::Memory(memory) => memory.pointer as u8,
        }
    }
}

/// The opcode of an instruction: its map, whether VEX.W is set, its byte. All have the prefix 66, and EVEX.W.
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
pub(super) const ROUND: Opcode = immediate(0x09);
const COMPARE: Opcode = plain(0xc2);
const SHIFT: Opcode = plain(0x73);
const LOAD: Opcode = plain(0x10);
const STORE: Opcode = plain(0x11);
/// Of four, by the signs of a register.
const BLEND: Opcode = immediate(0x4b);
/// Of eight, by a mask.
const BLEND_BY_MASK: Opcode = Opcode { map: 2, wide: true, byte: 0x65 };
const REPEAT: Opcode = Opcode { map: 2, wide: true, byte: 0x19 };
/// Between a mask and the bits of a register; these have the prefix F3.
const FROM_MASK: Opcode = Opcode { map: 2, wide: true, byte: 0x38 };
const TO_MASK: Opcode = Opcode { map: 2, wide: true, byte: 0x39 };

/// Of a multiply-add: the first of its opcodes. Add 0x10 for `to = first to + second` and 0x20 for
/// `to = first second + to` instead of `to = to second + first`.
pub(super) const fn fused(byte: u8) -> Opcode {
    Opcode { map: 2, wide: true, byte }
}

/// The only mask that is used, right after it is made.
const MASK: u8 = 1;

/// The code so far.
#[derive(Debug)]
pub(super) struct Assembler {
    vectors: Vectors,
    code: Vec<u8>,
}

impl Assembler {
    pub(super) fn new(vectors: Vectors) -> Self {
        Self { vectors, code: Vec::new() }
    }

    /// `to = first op second`; where an instruction has one operand, `first` is register 0.
    pub(super) fn emit(&mut self, op: Opcode, to: Vector, first: Vector, second: Operand) {
        match self.vectors {
            Vectors::Four => self.vex(op, to, first, second),
            Vectors::Eight => self.evex(op, Evex::PLAIN, [to, first], second),
        }
    }

    /// The same with a byte that says more about the operation.
    pub(super) fn emit_with(&mut self, op: Opcode, to: Vector, first: Vector, second: Operand, more: u8) {
        self.emit(op, to, first, second);
        self.code.push(more);
    }

    /// All bits where the comparison of this number holds, and none elsewhere.
    pub(super) fn compare(&mut self, how: u8, to: Vector, first: Vector, second: Operand) {
        match self.vectors {
            Vectors::Four => self.emit_with(COMPARE, to, first, second, how),
            Vectors::Eight => {
                self.emit_with(COMPARE, MASK, first, second, how);
                self.evex(FROM_MASK, Evex { prefix: F3, mask: 0 }, [to, 0], Operand::Register(MASK));
            }
        }
    }

    /// `then` where the bits of `mask` are set, `otherwise` elsewhere.
    pub(super) fn choose(&mut self, to: Vector, mask: Vector, then: Operand, otherwise: Vector) {
        match self.vectors {
            Vectors::Four => self.emit_with(BLEND, to, otherwise, then, mask << 4),
            Vectors::Eight => {
                self.evex(TO_MASK, Evex { prefix: F3, mask: 0 }, [MASK, 0], Operand::Register(mask));
                self.evex(BLEND_BY_MASK, Evex { mask: MASK, ..Evex::PLAIN }, [to, otherwise], then);
            }
        }
    }

    /// Shifts the bits of each value, to the left or to the right.
    pub(super) fn shift(&mut self, to: Vector, from: Vector, left: bool, count: u8) {
        self.emit_with(SHIFT, if left { 6 } else { 2 }, to, Operand::Register(from), count);
    }

    pub(super) fn load(&mut self, to: Vector, from: Operand) {
        let is_repeated = matches!(from, Operand::Memory(Memory { pointer: Pointer::Constants, .. }));
        let op = if is_repeated && self.vectors == Vectors::Eight { REPEAT } else { LOAD };
        self.emit(op, to, 0, from);
    }

    pub(super) fn store(&mut self, from: Vector, to: Memory) {
        self.emit(STORE, from, 0, Operand::Memory(to));
    }

    /// Returns to the caller, whose other code may be of SSE: `vzeroupper`, `ret`.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.code.extend([0xc5, 0xf8, 0x77, 0xc3]);
        self.code
    }

    fn vex(&mut self, op: Opcode, to: Vector, first: Vector, second: Operand) {
        let base = second.base();
        let low = 0x05 | (!first & 15) << 3;
        let above = if to < 8 { 0x80 } else { 0 };
        if op.map == 1 && base < 8 {
            self.code.extend([0xc5, above | low, op.byte]);
        } else {
            let base = if base < 8 { 0x20 } else { 0 };
            let wide = if op.wide { 0x80 } else { 0 };
            self.code.extend([0xc4, above | 0x40 | base | op.map, wide | low, op.byte]);
        }
        self.operands(to, second, 1);
    }

    fn evex(&mut self, op: Opcode, evex: Evex, [to, first]: [Vector; 2], second: Operand) {
        let base = second.base();
        // Bits of register numbers stand there the other way round.
        let bit = |register: u8, bit: u8, place: u8| (!register >> bit & 1) << place;
        let (beyond, is_constant) = match second {
            Operand::Register(register) => (register, false),
            Operand::Memory(memory) => (0, memory.pointer == Pointer::Constants),
        };
        let is_repeated = is_constant && op.byte != REPEAT.byte;
        self.code.extend([
            0x62,
            bit(to, 3, 7) | bit(beyond, 4, 6) | bit(base, 3, 5) | bit(to, 4, 4) | op.map,
            0x84 | (!first & 15) << 3 | evex.prefix,
            0x40 | u8::from(is_repeated) << 4 | bit(first, 4, 3) | evex.mask,
            op.byte,
        ]);
        let unit = if is_constant { size_of::<f64>() as i32 } else { Vectors::Eight.bytes() };
        self.operands(to, second, unit);
    }

    /// Where the operands are; a short distance counts units of so many bytes.
    fn operands(&mut self, to: Vector, second: Operand, unit: i32) {
        let (to, base) = ((to & 7) << 3, second.base() & 7);
        match second {
            Operand::Register(_) => self.code.push(0xc0 | to | base),
            Operand::Memory(Memory { offset, .. }) => match i8::try_from(offset / unit) {
                Ok(short) if offset % unit == 0 => self.code.extend([0x40 | to | base, short as u8]),
                _ => {
                    self.code.push(0x80 | to | base);
                    self.code.extend(offset.to_le_bytes());
                }
            },
        }
    }
}

/// What an EVEX prefix says besides registers: which of the old prefixes it stands for, and the mask, 0 for none.
#[derive(Clone, Copy)]
struct Evex {
    prefix: u8,
    mask: u8,
}

impl Evex {
    /// The prefix 66, no mask.
    const PLAIN: Self = Self { prefix: 1, mask: 0 };
}

/// The prefix F3.
const F3: u8 = 2;
