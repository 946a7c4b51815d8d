//! Numbers with a derivative.

use std::ops::{Add, Div, Mul, Sub};

/// What the equations are written in.
pub(crate) trait Number:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// A number that does not vary.
    fn of(value: f64) -> Self;
    fn sqrt(self) -> Self;
    fn powf(self, exponent: f64) -> Self;
    fn max(self, least: f64) -> Self;
    fn min(self, most: f64) -> Self;
}

impl Number for f64 {
    fn of(value: f64) -> Self {
        value
    }

    fn sqrt(self) -> Self {
        self.sqrt()
    }

    fn powf(self, exponent: f64) -> Self {
        self.powf(exponent)
    }

    fn max(self, least: f64) -> Self {
        self.max(least)
    }

    fn min(self, most: f64) -> Self {
        self.min(most)
    }
}

/// A value and its derivative in one direction.
#[derive(Clone, Copy)]
pub(crate) struct Dual(pub(crate) f64, pub(crate) f64);

impl Add for Dual {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
}

impl Sub for Dual {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1)
    }
}

impl Mul for Dual {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0, self.1 * other.0 + self.0 * other.1)
    }
}

impl Div for Dual {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let quotient = self.0 / other.0;
        Self(quotient, (self.1 - quotient * other.1) / other.0)
    }
}

impl Number for Dual {
    fn of(value: f64) -> Self {
        Self(value, 0.0)
    }

    fn sqrt(self) -> Self {
        let root = self.0.sqrt();
        Self(root, if root == 0.0 { 0.0 } else { 0.5 * self.1 / root })
    }

    fn powf(self, exponent: f64) -> Self {
        let power = self.0.powf(exponent);
        Self(power, if self.0 == 0.0 { 0.0 } else { exponent * power / self.0 * self.1 })
    }

    fn max(self, least: f64) -> Self {
        if self.0 > least { self } else { Self::of(least) }
    }

    fn min(self, most: f64) -> Self {
        if self.0 < most { self } else { Self::of(most) }
    }
}
