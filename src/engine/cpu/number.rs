//! What elementary functions are computed with: numbers, or the instructions of machine code that compute them.

use crate::isa::MulAdd;

/// An f64, or what an instruction will compute.
pub(crate) trait Number: MulAdd {
    /// Whether something holds.
    type Mask: Copy;

    /// A constant beside it.
    fn of(self, value: f64) -> Self;
    fn floor(self) -> Self;
    fn abs(self) -> Self;
    /// With the sign of another.
    fn copy_sign(self, of: Self) -> Self;
    fn less(self, other: Self) -> Self::Mask;
    fn greater(self, other: Self) -> Self::Mask;
    fn at_least(self, other: Self) -> Self::Mask;
    fn equal(self, other: Self) -> Self::Mask;
    fn both(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    fn either(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    fn choose(mask: Self::Mask, then: Self, otherwise: Self) -> Self;
    /// Of the 64 bits.
    fn shift_left(self, count: u8) -> Self;
    fn shift_right(self, count: u8) -> Self;
    fn add_bits(self, bits: u64) -> Self;
    fn and_bits(self, bits: u64) -> Self;
    fn or_bits(self, bits: u64) -> Self;
}

impl Number for f64 {
    type Mask = bool;

    #[inline(always)]
    fn of(self, value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn floor(self) -> Self {
        Self::floor(self)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self::abs(self)
    }

    #[inline(always)]
    fn copy_sign(self, of: Self) -> Self {
        self.copysign(of)
    }

    #[inline(always)]
    fn less(self, other: Self) -> bool {
        self < other
    }

    #[inline(always)]
    fn greater(self, other: Self) -> bool {
        self > other
    }

    #[inline(always)]
    fn at_least(self, other: Self) -> bool {
        self >= other
    }

    #[inline(always)]
    fn equal(self, other: Self) -> bool {
        self == other
    }

    #[inline(always)]
    fn both(a: bool, b: bool) -> bool {
        a & b
    }

    #[inline(always)]
    fn either(a: bool, b: bool) -> bool {
        a | b
    }

    #[inline(always)]
    fn choose(mask: bool, then: Self, otherwise: Self) -> Self {
        if mask { then } else { otherwise }
    }

    #[inline(always)]
    fn shift_left(self, count: u8) -> Self {
        Self::from_bits(self.to_bits() << count)
    }

    #[inline(always)]
    fn shift_right(self, count: u8) -> Self {
        Self::from_bits(self.to_bits() >> count)
    }

    #[inline(always)]
    fn add_bits(self, bits: u64) -> Self {
        Self::from_bits(self.to_bits().wrapping_add(bits))
    }

    #[inline(always)]
    fn and_bits(self, bits: u64) -> Self {
        Self::from_bits(self.to_bits() & bits)
    }

    #[inline(always)]
    fn or_bits(self, bits: u64) -> Self {
        Self::from_bits(self.to_bits() | bits)
    }
}

macro_rules! mul_add {
    ($($number:ident)+) => {
        $(impl MulAdd for $number {
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                Self::mul_add(self, b, c)
            }
        })+
    };
}
mul_add!(f32 f64);
