//! The kinds of accumulator: what is kept of an expression over time, in one table for everything that needs to know.
//!
//! A kind is a row of [`TABLE`], a function in `engine/cpu/accumulators/update.rs` and one of the same name in
//! `shaders/accumulators.wgsl`. What plans say of it, how both engines lay it out, what they hand over and how the
//! audit judges it follow from the row.

mod missed;
mod row;
mod trend;

#[cfg(feature = "gpu")]
pub(crate) use row::Number;
pub(crate) use row::Row;
pub(crate) use trend::Trend;

use missed::{differs, is_never_seen, is_not_seen};
use row::Row::{Carry, Last, Length, Run, RunTicks, Since, Sum, Tick, Ticks, Value};

/// The kinds of accumulator. Times are in model time since the first planned dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccumulatorKind {
    /// Smallest value. NaN if nothing was read, as of every kind.
    Min,
    /// Largest value.
    Max,
    /// First time of the smallest value.
    TimeOfMin,
    /// First time of the largest value.
    TimeOfMax,
    /// The value at the observation time with tick `window[0]`, whether it is a visit or not.
    At,
    /// Trapezoid sum over visits.
    Auc,
    /// The same over the time from the first visit to the last: the average over time. NaN if there is no such time.
    Mean,
    /// Time during which the expression was not 0, each visit held until the next.
    TimeTrue,
    /// The longest unbroken such time.
    LongestTrue,
    /// First visit at which it was not 0. NaN if never.
    FirstTrue,
    /// How often it became true: it was not 0, and was 0 at the visit before.
    Crossings,
}

/// What is known of a kind.
#[derive(Debug)]
pub(crate) struct Description {
    #[cfg_attr(
        not(any(feature = "gpu", test)),
        expect(dead_code, reason = "it is written in shaders alone")
    )]
    pub(crate) kind: AccumulatorKind,
    /// Its functions are `update_NAME` at visits and `follow_NAME` along the curve.
    #[cfg_attr(
        not(any(feature = "gpu", test)),
        expect(dead_code, reason = "it is written in shaders alone")
    )]
    pub(crate) name: &'static str,
    /// What it comes to.
    pub(crate) quantity: Quantity,
    /// What it takes at a visit.
    pub(crate) takes: &'static [Argument],
    /// What it keeps between visits.
    pub(crate) at_visits: Rows,
    /// How it follows the curve.
    pub(crate) on_curve: OnCurve,
    /// How the audit judges it.
    pub(crate) bound: Bound,
    /// What becomes of it while the patient waits, one visit after the other.
    pub(crate) trend: Trend,
    /// Whether visits miss what the curve has, from its value at visits and that of the curve; nothing of a kind of
    /// which that cannot be said.
    pub(crate) is_missed: Option<fn(f64, f64) -> bool>,
}

/// What an accumulator comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// A value of the expression.
    Value,
    /// Its integral over time.
    Integral,
    /// Its average over time.
    Average,
    /// When something was.
    Time,
    /// How long something was.
    Duration,
    /// How often something was.
    Count,
}

/// What an accumulator takes at a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    /// The value of the expression.
    Value,
    /// Whether it is not 0.
    Truth,
    /// When it is, in ticks.
    Tick,
    /// The ticks since the visit before; 0 at the first.
    Since,
}

/// What an accumulator keeps, in the same order on every engine.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) all: &'static [Row],
    /// Those that add up to what it comes to.
    pub(crate) value: &'static [Row],
}

/// How a kind follows a curve between visits.
#[derive(Debug)]
pub(crate) enum OnCurve {
    /// It does not.
    Nothing,
    /// As a state of the system: the integral of the expression over the window.
    Integral {
        /// Whether it is divided by the length of the window.
        per_time: bool,
    },
    /// It keeps the largest value.
    Largest(Rows),
    /// It keeps the smallest value.
    Smallest(Rows),
    /// It takes the parts of steps in which the curve is above 0, and those in which it is not. One that keeps what was
    /// seen last also takes where the curve is as its window begins, before doses.
    Parts(Rows),
}

/// How an accumulator is held against the reference's.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    /// By its relative difference.
    Difference,
    /// By the least and the most that it may be, of what comes of its condition tightened, as it is, and loosened.
    OfCondition(Bounds),
    /// Not at all: where two peaks are alike, either may be the largest.
    NotCompared,
}

/// The least and the most of what comes of a condition tightened, as it is, and loosened.
pub(crate) type Bounds = fn([f64; 3]) -> [f64; 2];

/// Every kind, in the order of [`AccumulatorKind`].
pub(crate) static TABLE: [Description; 11] = [
    Description {
        kind: AccumulatorKind::Min,
        name: "min",
        quantity: Quantity::Value,
        takes: &[Argument::Value],
        at_visits: Rows { all: &[Value], value: &[Value] },
        on_curve: OnCurve::Smallest(Rows { all: &[Value], value: &[Value] }),
        bound: Bound::Difference,
        trend: Trend::FALLS,
        is_missed: Some(differs),
    },
    Description {
        kind: AccumulatorKind::Max,
        name: "max",
        quantity: Quantity::Value,
        takes: &[Argument::Value],
        at_visits: Rows { all: &[Value], value: &[Value] },
        on_curve: OnCurve::Largest(Rows { all: &[Value], value: &[Value] }),
        bound: Bound::Difference,
        trend: Trend::RISES,
        is_missed: Some(differs),
    },
    Description {
        kind: AccumulatorKind::TimeOfMin,
        name: "time_of_min",
        quantity: Quantity::Time,
        takes: &[Argument::Value, Argument::Tick],
        at_visits: Rows { all: &[Tick, Value], value: &[Tick] },
        on_curve: OnCurve::Smallest(Rows { all: &[Value, Tick, Since], value: &[Tick, Since] }),
        bound: Bound::NotCompared,
        trend: Trend::ANY,
        is_missed: None,
    },
    Description {
        kind: AccumulatorKind::TimeOfMax,
        name: "time_of_max",
        quantity: Quantity::Time,
        takes: &[Argument::Value, Argument::Tick],
        at_visits: Rows { all: &[Tick, Value], value: &[Tick] },
        on_curve: OnCurve::Largest(Rows { all: &[Value, Tick, Since], value: &[Tick, Since] }),
        bound: Bound::NotCompared,
        trend: Trend::ANY,
        is_missed: None,
    },
    Description {
        kind: AccumulatorKind::At,
        name: "at",
        quantity: Quantity::Value,
        takes: &[Argument::Value],
        at_visits: Rows { all: &[Value], value: &[Value] },
        on_curve: OnCurve::Nothing,
        bound: Bound::Difference,
        trend: Trend::ANY,
        is_missed: None,
    },
    Description {
        kind: AccumulatorKind::Auc,
        name: "auc",
        quantity: Quantity::Integral,
        takes: &[Argument::Value, Argument::Since],
        at_visits: Rows { all: &[Sum, Carry, Last], value: &[Sum, Carry] },
        on_curve: OnCurve::Integral { per_time: false },
        bound: Bound::Difference,
        trend: Trend::ANY,
        is_missed: None,
    },
    Description {
        kind: AccumulatorKind::Mean,
        name: "mean",
        quantity: Quantity::Average,
        takes: &[Argument::Value, Argument::Since],
        at_visits: Rows { all: &[Value, Ticks, Last], value: &[Value] },
        on_curve: OnCurve::Integral { per_time: true },
        bound: Bound::Difference,
        trend: Trend::ANY,
        is_missed: None,
    },
    Description {
        kind: AccumulatorKind::TimeTrue,
        name: "time_true",
        quantity: Quantity::Duration,
        takes: &[Argument::Truth, Argument::Since],
        at_visits: Rows { all: &[Ticks, Last], value: &[Ticks] },
        on_curve: OnCurve::Parts(Rows { all: &[Sum, Carry], value: &[Sum, Carry] }),
        bound: Bound::OfCondition(|[tightened, _, loosened]| [tightened, loosened]),
        trend: Trend::RISES,
        is_missed: Some(is_not_seen),
    },
    Description {
        kind: AccumulatorKind::LongestTrue,
        name: "longest_true",
        quantity: Quantity::Duration,
        takes: &[Argument::Truth, Argument::Since],
        at_visits: Rows { all: &[Ticks, RunTicks, Last], value: &[Ticks] },
        on_curve: OnCurve::Parts(Rows { all: &[Length, Run], value: &[Length] }),
        bound: Bound::OfCondition(|[tightened, _, loosened]| [tightened, loosened]),
        trend: Trend::RISES,
        is_missed: Some(is_not_seen),
    },
    Description {
        kind: AccumulatorKind::FirstTrue,
        name: "first_true",
        quantity: Quantity::Time,
        takes: &[Argument::Truth, Argument::Tick],
        at_visits: Rows { all: &[Tick], value: &[Tick] },
        on_curve: OnCurve::Parts(Rows { all: &[Tick, Since], value: &[Tick, Since] }),
        // It comes earlier as the condition loosens.
        bound: Bound::OfCondition(|[tightened, _, loosened]| [loosened, tightened]),
        // What never came is far away.
        trend: Trend::FALLS,
        is_missed: Some(is_never_seen),
    },
    Description {
        kind: AccumulatorKind::Crossings,
        name: "crossings",
        quantity: Quantity::Count,
        takes: &[Argument::Truth],
        at_visits: Rows { all: &[Sum, Last], value: &[Sum] },
        on_curve: OnCurve::Parts(Rows { all: &[Sum, Last], value: &[Sum] }),
        // A peak or a dip that only just reaches the threshold counts or does not, each by itself.
        bound: Bound::OfCondition(|[tightened, plain, loosened]| {
            let least = tightened.min(plain).min(loosened);
            [least, tightened + loosened - least]
        }),
        trend: Trend::RISES,
        is_missed: Some(is_not_seen),
    },
];

impl AccumulatorKind {
    /// What is known of it.
    pub(crate) fn description(self) -> &'static Description {
        &TABLE[self as usize]
    }

    /// What it comes to.
    pub(crate) fn quantity(self) -> Quantity {
        self.description().quantity
    }

    /// Whether it comes of whether a condition holds.
    pub(crate) fn is_of_condition(self) -> bool {
        self.description().takes.contains(&Argument::Truth)
    }
}

impl Quantity {
    /// Whether it is a time or a length of time.
    pub(crate) fn is_time(self) -> bool {
        matches!(self, Self::Time | Self::Duration)
    }
}

impl OnCurve {
    /// What is kept, of a kind that follows curves step by step.
    pub(crate) fn rows(&self) -> Option<&Rows> {
        match self {
            Self::Nothing | Self::Integral { .. } => None,
            Self::Largest(rows) | Self::Smallest(rows) | Self::Parts(rows) => Some(rows),
        }
    }

    /// What makes the wanted extreme the largest value; `None` if a kind keeps none.
    pub(crate) fn sign(&self) -> Option<f64> {
        match self {
            Self::Largest(_) => Some(1.0),
            Self::Smallest(_) => Some(-1.0),
            _ => None,
        }
    }
}

impl Rows {
    /// Where a row is.
    pub(crate) fn position(&self, row: Row) -> Option<usize> {
        self.all.iter().position(|own| *own == row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_kinds() {
        for (position, description) in TABLE.iter().enumerate() {
            assert_eq!(description.kind as usize, position, "{}", description.name);
        }
    }

    #[test]
    fn crossings_are_bounded_by_peaks_that_may_count_or_not() {
        let Bound::OfCondition(bounds) = AccumulatorKind::Crossings.description().bound else { return };
        // Five peaks, of which two only just reach the threshold.
        assert_eq!(bounds([3.0, 4.0, 5.0]), [3.0, 5.0]);
        // Five times below it, twice only just.
        assert_eq!(bounds([5.0, 5.0, 3.0]), [3.0, 5.0]);
        assert_eq!(bounds([2.0, 2.0, 2.0]), [2.0, 2.0]);
    }

    #[test]
    fn what_a_kind_comes_to_is_among_what_it_keeps() {
        for Description { name, at_visits, on_curve, .. } in &TABLE {
            for Rows { all, value } in [at_visits].into_iter().chain(on_curve.rows()) {
                assert!(!value.is_empty() && value.iter().all(|row| all.contains(row)), "{name}");
            }
        }
    }
}
