//! Positions in the lists of a plan, each a type of its own: none can be taken for another. They are kept plus one, which
//! is never 0, so that an `Option` takes no more room: of decisions there are many.

use std::num::NonZeroU32;

macro_rules! position {
    ($(#[$text:meta])* $name:ident) => {
        $(#[$text])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// That of a position, from 0.
            pub const fn new(position: usize) -> Self {
                debug_assert!(position < u32::MAX as usize);
                Self(NonZeroU32::MIN.saturating_add(position as u32))
            }

            /// The position, from 0.
            pub const fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }
    };
}

position! {
    /// A position in [`Plan::observed`](super::Plan::observed).
    ObservedId
}

position! {
    /// A position in [`Plan::accumulators`](super::Plan::accumulators).
    AccumulatorId
}

position! {
    /// A position in [`Plan::drugs`](super::Plan::drugs).
    DrugId
}

position! {
    /// A position in [`Plan::administrations`](super::Plan::administrations).
    AdministrationId
}

position! {
    /// The position of a rule in all of a [`Protocol`](super::Protocol): its stops, holds, changes, skips, demands and infusions, in
    /// this order.
    ReasonId
}
