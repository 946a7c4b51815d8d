//! What accumulators keep, one number each.

/// One number that an accumulator keeps. Those of a kind lie one after the other, in the order of its row in the table;
/// a device keeps words, the CPU a value for each lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// A value of the expression.
    Value,
    /// When something was, in ticks.
    Tick,
    /// The model time since a tick.
    Since,
    /// A sum, and what f32 has lost of it.
    Sum,
    Carry,
    /// A length of time in ticks, and that of the present run.
    Ticks,
    RunTicks,
    /// A length of time in model time, and that of the present run.
    Length,
    Run,
    /// What was read last. A dose does not change it.
    Last,
}

/// What a row holds.
#[cfg(feature = "gpu")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    /// A value, or a model time.
    Float,
    /// A time in ticks.
    Ticks,
}

impl Row {
    /// Its name in the shader, behind the kind's.
    #[cfg(feature = "gpu")]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Value => "VALUE",
            Self::Tick => "TICK",
            Self::Since => "SINCE",
            Self::Sum => "SUM",
            Self::Carry => "CARRY",
            Self::Ticks => "TICKS",
            Self::RunTicks => "RUN_TICKS",
            Self::Length => "LENGTH",
            Self::Run => "RUN",
            Self::Last => "LAST",
        }
    }

    /// Whether it holds no number before anything is read; else it begins at 0.
    pub(crate) fn begins_without(self) -> bool {
        matches!(self, Self::Value | Self::Tick | Self::Last)
    }

    /// Whether it begins anew with a dose, of what does: what held at the last visit holds until the next.
    pub(crate) fn is_reset_at_dose(self) -> bool {
        self != Self::Last
    }

    /// What it holds.
    #[cfg(feature = "gpu")]
    pub(crate) fn number(self) -> Number {
        match self {
            Self::Tick | Self::Ticks | Self::RunTicks => Number::Ticks,
            Self::Value | Self::Since | Self::Sum | Self::Carry | Self::Length | Self::Run | Self::Last => {
                Number::Float
            }
        }
    }
}
