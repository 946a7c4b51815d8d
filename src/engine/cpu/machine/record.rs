//! A computation written down while it is expressed: its values are those of as many lanes as one instruction works on.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::engine::cpu::number::Number;
use crate::hash::HashMap;
use crate::isa::MulAdd;

use super::BLOCK;
use super::encode::{Memory, Pointer};

/// Position of a node.
pub(super) type Id = u32;

/// How two values are compared, by the number of the predicate of `vcmppd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Compare {
    Equal = 0x00,
    NotNumber = 0x03,
    NotEqual = 0x04,
    Less = 0x11,
    LessEqual = 0x12,
    GreaterEqual = 0x1d,
    Greater = 0x1e,
}

/// Operations of two values. Of `Min` and `Max` the result is the second value if one is not a number or both are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
    And,
    Or,
    Xor,
    AddBits,
    Compare(Compare),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Unary {
    Sqrt,
    Floor,
    Ceil,
    ShiftLeft(u8),
    ShiftRight(u8),
}

/// What is computed, of nodes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// The bits of a constant.
    Constant(u64),
    Load(Memory),
    Unary(Unary, Id),
    Binary(Binary, [Id; 2]),
    /// `a b + c`, of which the product, `c` or both may be taken with the other sign.
    Fused {
        negate: [bool; 2],
        of: [Id; 3],
    },
    /// `[mask, then, otherwise]`
    Choose([Id; 3]),
    /// The value goes to memory, from which nothing is loaded.
    Store(Id, Memory),
}

impl Node {
    pub(super) fn operands(&self) -> &[Id] {
        match self {
            Self::Constant(_) | Self::Load(_) => &[],
            Self::Unary(_, a) | Self::Store(a, _) => std::slice::from_ref(a),
            Self::Binary(_, of) => of,
            Self::Fused { of, .. } | Self::Choose(of) => of,
        }
    }

    /// The block after one that is loaded or stored, counted from a pointer.
    pub(super) fn end(&self, pointer: Pointer) -> Option<usize> {
        match self {
            Self::Load(place) | Self::Store(_, place) if place.pointer == pointer => {
                Some(place.offset as usize / BLOCK + 1)
            }
            _ => None,
        }
    }

    /// The same of other nodes.
    pub(super) fn with_operands(self, to: impl Fn(Id) -> Id) -> Self {
        match self {
            Self::Constant(_) | Self::Load(_) => self,
            Self::Unary(op, a) => Self::Unary(op, to(a)),
            Self::Binary(op, of) => Self::Binary(op, of.map(to)),
            Self::Fused { negate, of } => Self::Fused { negate, of: of.map(to) },
            Self::Choose(of) => Self::Choose(of.map(to)),
            Self::Store(value, place) => Self::Store(to(value), place),
        }
    }
}

/// Writes a computation down. Equal values are one node.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    nodes: RefCell<Vec<Node>>,
    known: RefCell<HashMap<Node, Id>>,
}

const SIGN: u64 = 1 << 63;

impl Recorder {
    fn add(&self, node: Node) -> Value<'_> {
        let id = *self.known.borrow_mut().entry(node).or_insert_with(|| {
            let mut nodes = self.nodes.borrow_mut();
            nodes.push(node);
            nodes.len() as Id - 1
        });
        Value { recorder: self, id }
    }

    fn node(&self, id: Id) -> Node {
        self.nodes.borrow()[id as usize]
    }

    pub(super) fn bits(&self, bits: u64) -> Value<'_> {
        self.add(Node::Constant(bits))
    }

    pub(super) fn constant(&self, value: f64) -> Value<'_> {
        self.bits(value.to_bits())
    }

    pub(super) fn load(&self, from: Memory) -> Value<'_> {
        self.add(Node::Load(from))
    }

    pub(super) fn into_nodes(self) -> Vec<Node> {
        self.nodes.into_inner()
    }
}

/// A value of the computation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    recorder: &'a Recorder,
    id: Id,
}

impl<'a> Value<'a> {
    pub(super) fn binary(self, op: Binary, other: Self) -> Self {
        self.recorder.add(Node::Binary(op, [self.id, other.id]))
    }

    pub(super) fn unary(self, op: Unary) -> Self {
        self.recorder.add(Node::Unary(op, self.id))
    }

    /// What it is the negative of.
    fn negated(self) -> Option<Self> {
        let Node::Binary(Binary::Xor, [a, b]) = self.recorder.node(self.id) else { return None };
        (self.recorder.node(b) == Node::Constant(SIGN)).then_some(Self { id: a, ..self })
    }

    pub(super) fn store(self, to: Memory) {
        self.recorder.add(Node::Store(self.id, to));
    }

    /// 1 or 0 in place of a mask.
    pub(super) fn truth(self) -> Self {
        self.binary(Binary::And, self.of(1.0))
    }

    /// Where it is not 0.
    pub(super) fn is_true(self) -> Self {
        if let Node::Binary(Binary::And, [mask, one]) = self.recorder.node(self.id)
            && let Node::Binary(Binary::Compare(_), _) = self.recorder.node(mask)
            && self.recorder.node(one) == Node::Constant(1.0_f64.to_bits())
        {
            return Self { id: mask, ..self };
        }
        self.binary(Binary::Compare(Compare::NotEqual), self.of(0.0))
    }

    pub(super) fn compare(self, how: Compare, other: Self) -> Self {
        self.binary(Binary::Compare(how), other)
    }
}

macro_rules! operator {
    ($($operator:ident $method:ident),+) => {
        $(impl $operator for Value<'_> {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                self.binary(Binary::$operator, other)
            }
        })+
    };
}
operator!(Add add, Sub sub, Mul mul, Div div);

impl Neg for Value<'_> {
    type Output = Self;

    fn neg(self) -> Self {
        if let Some(positive) = self.negated() {
            return positive;
        }
        match self.recorder.node(self.id) {
            Node::Constant(bits) => self.recorder.bits(bits ^ SIGN),
            _ => self.binary(Binary::Xor, self.recorder.bits(SIGN)),
        }
    }
}

impl MulAdd for Value<'_> {
    fn mul_add(self, b: Self, c: Self) -> Self {
        let sign = |value: Self| value.negated().map_or((false, value), |positive| (true, positive));
        let ((a_negated, a), (b_negated, b), (c_negated, c)) = (sign(self), sign(b), sign(c));
        let negate = [a_negated != b_negated, c_negated];
        self.recorder.add(Node::Fused { negate, of: [a.id, b.id, c.id] })
    }
}

impl Number for Value<'_> {
    type Mask = Self;

    fn of(self, value: f64) -> Self {
        self.recorder.constant(value)
    }

    fn floor(self) -> Self {
        self.unary(Unary::Floor)
    }

    fn abs(self) -> Self {
        self.binary(Binary::And, self.recorder.bits(!SIGN))
    }

    fn copy_sign(self, of: Self) -> Self {
        let sign = of.binary(Binary::And, self.recorder.bits(SIGN));
        self.abs().binary(Binary::Or, sign)
    }

    fn less(self, other: Self) -> Self {
        self.compare(Compare::Less, other)
    }

    fn greater(self, other: Self) -> Self {
        self.compare(Compare::Greater, other)
    }

    fn at_least(self, other: Self) -> Self {
        self.compare(Compare::GreaterEqual, other)
    }

    fn equal(self, other: Self) -> Self {
        self.compare(Compare::Equal, other)
    }

    fn both(a: Self, b: Self) -> Self {
        a.binary(Binary::And, b)
    }

    fn either(a: Self, b: Self) -> Self {
        a.binary(Binary::Or, b)
    }

    fn choose(mask: Self, then: Self, otherwise: Self) -> Self {
        if then.id == otherwise.id {
            return then;
        }
        // One instruction, of the same meaning.
        match mask.recorder.node(mask.id) {
            Node::Binary(Binary::Compare(Compare::Less), of) if of == [then.id, otherwise.id] => {
                then.binary(Binary::Min, otherwise)
            }
            Node::Binary(Binary::Compare(Compare::Greater), of) if of == [then.id, otherwise.id] => {
                then.binary(Binary::Max, otherwise)
            }
            _ => mask.recorder.add(Node::Choose([mask.id, then.id, otherwise.id])),
        }
    }

    fn shift_left(self, count: u8) -> Self {
        self.unary(Unary::ShiftLeft(count))
    }

    fn shift_right(self, count: u8) -> Self {
        self.unary(Unary::ShiftRight(count))
    }

    fn add_bits(self, bits: u64) -> Self {
        self.binary(Binary::AddBits, self.recorder.bits(bits))
    }

    fn and_bits(self, bits: u64) -> Self {
        self.binary(Binary::And, self.recorder.bits(bits))
    }

    fn or_bits(self, bits: u64) -> Self {
        self.binary(Binary::Or, self.recorder.bits(bits))
    }
}
