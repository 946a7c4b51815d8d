//! How long a device may take to answer before it is taken for hung.

use std::time::Duration;

use super::adapter::Kind;

/// How long a device may take to answer.
///
/// A dispatch is made to take a fraction of a second: see `dispatch_budget.rs`. How long the driver takes to make
/// machine code of a shader, which many do when it is first dispatched, nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// To be opened, for which its driver may have to compile the shader.
    pub first: Duration,
    /// To answer, from then on.
    pub later: Duration,
}

impl Patience {
    /// That with an adapter of some kind: one in software shares the processor with everything else.
    pub(super) fn with(kind: Kind) -> Self {
        const FIRST: Duration = Duration::from_secs(600);
        let later = if kind == Kind::Software { FIRST } else { Duration::from_secs(60) };
        Self { first: FIRST, later }
    }
}
