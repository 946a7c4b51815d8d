//! How much a device is given at a time, by what it is. Nothing of it changes a result.

use super::adapter::Kind;

/// What suits a kind of device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tuning {
    /// Items of a batch: several times what the largest devices hold at once, or what a software one integrates in a short
    /// while.
    pub(super) items: u64,
    /// Batches that keep a device busy: while one is integrated, the next are sampled, packed and uploaded, and the rows of
    /// those before are made. One thread of the host does each of these things slower than a large device integrates.
    pub(super) in_flight: usize,
    /// Attempted steps after which lanes side by side meet to read. Two are best for warps of 32 and 64 as long as a visit
    /// costs less than about two and a half attempts; where a driver computes on the processor, in narrow vectors, it
    /// costs three or more, and lanes read when each of them has come to a visit (docs/measurements.md).
    pub(super) turns: u32,
}

impl Tuning {
    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Software => Self { items: 1 << 13, in_flight: 2, turns: u32::MAX },
            Kind::Discrete | Kind::Integrated | Kind::Virtual | Kind::Other => {
                Self { items: 1 << 18, in_flight: 4, turns: 2 }
            }
        }
    }
}
