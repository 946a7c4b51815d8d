//! The doses of one patient in one arm, as times at which the integration must land.

use crate::cohort::Ticks;

use super::value::Value;

/// Where and how doses enter, with individual values resolved.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The state that receives the dose.
    pub(crate) state: usize,
    /// Its position among the infused states, if it is one.
    pub(crate) infused: usize,
    pub(crate) factor: Value,
    pub(crate) lag: Value,
    pub(crate) input: Entering,
}

/// How a dose enters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Entering {
    Bolus,
    Over(Value),
    AtRate(Value),
}

/// A dose that enters at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bolus {
    pub(crate) tick: Ticks,
    pub(crate) state: usize,
    pub(crate) amount: f64,
}

/// A dose that enters at a constant rate from `start` to `end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Infusion {
    pub(crate) start: Ticks,
    pub(crate) end: Ticks,
    pub(crate) infused: usize,
    /// Amount per model time.
    pub(crate) rate: f64,
}

/// What is given to one patient in one arm.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedule {
    pub(crate) boluses: Vec<Bolus>,
    pub(crate) infusions: Vec<Infusion>,
    /// Times after 0 at which steps land: sorted, the last is the end.
    pub(crate) landings: Vec<Ticks>,
}

/// The doses of every arm and how they enter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doses {
    /// Times and amounts, `[arm][dose]`.
    pub(crate) arms: Vec<Vec<(Ticks, Value)>>,
    /// Where each of them goes.
    pub(crate) entries: Vec<Entry>,
    /// Model time per tick.
    pub(crate) time_per_tick: f64,
    /// The end of the simulation.
    pub(crate) end: Ticks,
}

/// A lag, duration or rate that is negative or not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadDose;

impl Schedule {
    /// Plans the doses of one patient in one arm; `columns` hold `[column][patient]`.
    ///
    /// Lags and durations are rounded to ticks; a duration that rounds to 0 is a bolus. Doses that
    /// start at or after `end` are left out.
    pub(crate) fn fill(
        &mut self,
        doses: &Doses,
        arm: usize,
        columns: &[Vec<f64>],
        patient: usize,
    ) -> Result<(), BadDose> {
        let &Doses { time_per_tick, end, .. } = doses;
        self.boluses.clear();
        self.infusions.clear();
        self.landings.clear();
        let ticks = |time: f64| {
            let ticks = (time / time_per_tick).round();
            // Beyond the range of ticks the cast saturates: later than any end.
            if ticks >= 0.0 { Ok(ticks as Ticks) } else { Err(BadDose) }
        };
        for &(tick, amount) in &doses.arms[arm] {
            let amount = amount.of(columns, patient);
            for entry in &doses.entries {
                let start = tick.saturating_add(ticks(entry.lag.of(columns, patient))?);
                let duration = match entry.input {
                    Entering::Bolus => 0,
                    Entering::Over(duration) => ticks(duration.of(columns, patient))?,
                    Entering::AtRate(_) if amount == 0.0 => 0,
                    Entering::AtRate(rate) => ticks(amount / rate.of(columns, patient))?,
                };
                let amount = amount * entry.factor.of(columns, patient);
                // A dose of nothing, as in an arm for comparison, is none.
                if start < end && amount != 0.0 {
                    self.add(entry, start, duration, amount, time_per_tick);
                }
            }
        }
        let boluses = self.boluses.iter().map(|bolus| bolus.tick);
        let infusions = self.infusions.iter().flat_map(|infusion| [infusion.start, infusion.end]);
        self.landings.extend(boluses.chain(infusions).filter(|&tick| 0 < tick && tick < end));
        self.landings.push(end);
        self.landings.sort_unstable();
        self.landings.dedup();
        Ok(())
    }

    fn add(&mut self, entry: &Entry, start: Ticks, duration: Ticks, amount: f64, time_per_tick: f64) {
        if duration == 0 {
            self.boluses.push(Bolus { tick: start, state: entry.state, amount });
        } else {
            let end = start.saturating_add(duration);
            let rate = amount / (f64::from(duration) * time_per_tick);
            self.infusions.push(Infusion { start, end, infused: entry.infused, rate });
        }
    }

    /// The total rate into an infused state just after a tick.
    pub(crate) fn rate(&self, infused: usize, tick: Ticks) -> f64 {
        self.infusions
            .iter()
            .filter(|i| i.infused == infused && i.start <= tick && tick < i.end)
            .map(|i| i.rate)
            .sum()
    }

    /// The amount that enters a state at a tick.
    #[cfg(feature = "gpu")]
    pub(crate) fn bolus(&self, state: usize, tick: Ticks) -> f64 {
        self.boluses.iter().filter(|b| b.state == state && b.tick == tick).map(|b| b.amount).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(input: Entering, lag: f64) -> Entry {
        Entry { state: 3, infused: 0, factor: Value::Constant(2.0), lag: Value::Constant(lag), input }
    }

    fn filled(doses: &[(Ticks, Value)], entries: &[Entry]) -> Result<Schedule, BadDose> {
        let mut schedule = Schedule::default();
        // One tick is half a model time.
        let doses =
            Doses { arms: vec![doses.to_vec()], entries: entries.to_vec(), time_per_tick: 0.5, end: 100 };
        schedule.fill(&doses, 0, &[], 0)?;
        Ok(schedule)
    }

    const TEN: Value = Value::Constant(10.0);

    #[test]
    fn lag_and_duration_are_in_model_time() {
        let over = entry(Entering::Over(Value::Constant(4.0)), 1.6);
        let schedule = filled(&[(0, TEN), (20, TEN)], &[over]).unwrap_or_default();
        assert_eq!(schedule.infusions[0], Infusion { start: 3, end: 11, infused: 0, rate: 5.0 });
        assert_eq!(schedule.landings, [3, 11, 23, 31, 100]);
    }

    #[test]
    fn rate_of_the_amount_before_the_factor_gives_the_duration() {
        let at = entry(Entering::AtRate(Value::Constant(2.5)), 0.0);
        let schedule = filled(&[(0, TEN)], &[at]).unwrap_or_default();
        assert_eq!(schedule.infusions[0], Infusion { start: 0, end: 8, infused: 0, rate: 5.0 });
        assert_eq!((schedule.rate(0, 0), schedule.rate(0, 7), schedule.rate(0, 8)), (5.0, 5.0, 0.0));
    }

    #[test]
    fn what_starts_at_the_end_or_lasts_no_tick() {
        let schedule = filled(&[(0, TEN), (100, TEN)], &[entry(Entering::Over(Value::Constant(0.1)), 0.0)])
            .unwrap_or_default();
        assert_eq!(schedule.boluses, [Bolus { tick: 0, state: 3, amount: 20.0 }]);
        assert_eq!(schedule.landings, [100]);
    }

    #[test]
    fn what_is_negative_or_not_a_number_is_refused() {
        for bad in [-1.0, f64::NAN] {
            assert!(filled(&[(0, TEN)], &[entry(Entering::Bolus, bad)]).is_err());
            assert!(filled(&[(0, TEN)], &[entry(Entering::Over(Value::Constant(bad)), 0.0)]).is_err());
            assert!(filled(&[(0, TEN)], &[entry(Entering::AtRate(Value::Constant(bad)), 0.0)]).is_err());
        }
    }
}
