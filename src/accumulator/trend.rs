//! How a value may change from one visit to the next.

/// Whether a value may become larger or smaller from one visit to the next, while a dose waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trend {
    rises: bool,
    falls: bool,
}

impl Trend {
    pub(crate) const NONE: Self = Self { rises: false, falls: false };
    pub(crate) const RISES: Self = Self { rises: true, falls: false };
    pub(crate) const FALLS: Self = Self { rises: false, falls: true };
    pub(crate) const ANY: Self = Self { rises: true, falls: true };

    /// Of what rises and falls with either of two values.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { rises: self.rises | other.rises, falls: self.falls | other.falls }
    }

    /// Of what falls where it rises.
    pub(crate) fn opposite(self) -> Self {
        Self { rises: self.falls, falls: self.rises }
    }

    /// Of what is made of it in a way that is not known.
    pub(crate) fn any(self) -> Self {
        if self == Self::NONE { Self::NONE } else { Self::ANY }
    }
}
