//! The doses of one patient in one arm: as planned, and as given on the way.
//!
//! A dose enters some states, each after a lag, at once or over a time. When it is given is decided while
//! the patient is integrated, so times of entering count from there. WGSL twin: `shaders/schedule.wgsl`.

use crate::cohort::Ticks;

use super::value::Value;

/// A time that never comes.
pub(crate) const NEVER: Ticks = Ticks::MAX;

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

/// What enters one state of one planned dose.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Portion {
    /// From the dose to where it begins to enter.
    pub(crate) lag: Ticks,
    /// How long it enters; 0 is at once.
    pub(crate) duration: Ticks,
    /// The amount, or the amount per model time if it takes a time.
    pub(crate) amount: f64,
}

/// A dose that was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Given {
    pub(crate) tick: Ticks,
    /// As a multiple of the planned amount.
    pub(crate) factor: f64,
}

/// What is planned for one patient in one arm, and what was given of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedule {
    /// `[dose][entry]`
    portions: Vec<Portion>,
    given: Vec<Given>,
    /// The first of the given doses that may still enter.
    oldest: usize,
}

impl Schedule {
    /// Plans the doses of one patient in one arm; `columns` hold `[column][patient]`. None is given yet.
    ///
    /// Lags and durations are rounded to ticks; a duration that rounds to 0 is a bolus.
    pub(crate) fn fill(
        &mut self,
        doses: &Doses,
        arm: usize,
        columns: &[Vec<f64>],
        patient: usize,
    ) -> Result<(), BadDose> {
        self.portions.clear();
        self.given.clear();
        self.oldest = 0;
        for &(_, amount) in &doses.arms[arm] {
            let amount = amount.of(columns, patient);
            for entry in &doses.entries {
                self.portions.push(portion(entry, amount, doses.time_per_tick, columns, patient)?);
            }
        }
        Ok(())
    }

    /// What enters of every planned dose, `[dose][entry]`.
    #[cfg(feature = "gpu")]
    pub(crate) fn portions(&self) -> &[Portion] {
        &self.portions
    }

    /// Gives the next dose.
    pub(crate) fn give(&mut self, given: Given) {
        self.given.push(given);
    }

    /// The next time after a tick at which a given dose begins or ends to enter, the end at the latest.
    pub(crate) fn next(&mut self, doses: &Doses, tick: Ticks) -> Ticks {
        let mut next = doses.end;
        let mut active = self.given.len();
        for dose in (self.oldest..self.given.len()).rev() {
            for entry in 0..doses.entries.len() {
                let [start, end] = self.span(doses, dose, entry);
                for at in [start, end] {
                    if at > tick {
                        next = next.min(at);
                        active = dose;
                    }
                }
            }
        }
        self.oldest = active;
        next
    }

    /// The total rate into an infused state just after a tick.
    pub(crate) fn rate(&self, doses: &Doses, infused: usize, tick: Ticks) -> f64 {
        let of_dose = |dose: usize| {
            let entries = doses.entries.iter().enumerate().filter(|(_, entry)| entry.infused == infused);
            let running = entries.filter(|&(i, _)| {
                let [start, end] = self.span(doses, dose, i);
                start <= tick && tick < end
            });
            running.map(|(i, entry)| self.scaled(doses, dose, i, entry)).sum::<f64>()
        };
        (self.oldest..self.given.len()).map(of_dose).sum()
    }

    /// The states that something enters at once at a tick, with the amounts.
    pub(crate) fn boluses(&self, doses: &Doses, tick: Ticks) -> impl Iterator<Item = (usize, f64)> {
        (self.oldest..self.given.len()).flat_map(move |dose| {
            doses.entries.iter().enumerate().filter_map(move |(i, entry)| {
                let portion = self.portion(doses, dose, i);
                let enters = portion.duration == 0 && portion.amount != 0.0;
                let now = self.given[dose].tick.saturating_add(portion.lag) == tick;
                (enters && now).then(|| (entry.state, self.scaled(doses, dose, i, entry)))
            })
        })
    }

    fn portion(&self, doses: &Doses, dose: usize, entry: usize) -> Portion {
        self.portions[dose * doses.entries.len() + entry]
    }

    /// When a given dose begins and ends to enter: in an arm without drug, long ago.
    fn span(&self, doses: &Doses, dose: usize, entry: usize) -> [Ticks; 2] {
        let Given { tick, factor } = self.given[dose];
        let portion = self.portion(doses, dose, entry);
        if portion.amount == 0.0 {
            return [0; 2];
        }
        let start = tick.saturating_add(portion.lag);
        let duration = match doses.entries[entry].input {
            // The rate is kept: a smaller dose takes less time.
            Entering::AtRate(_) if portion.duration > 0 => {
                ((f64::from(portion.duration) * factor).round() as Ticks).max(1)
            }
            _ => portion.duration,
        };
        [start, start.saturating_add(duration)]
    }

    /// Amount or rate of a given dose.
    fn scaled(&self, doses: &Doses, dose: usize, i: usize, entry: &Entry) -> f64 {
        let portion = self.portion(doses, dose, i);
        match entry.input {
            Entering::AtRate(_) if portion.duration > 0 => portion.amount,
            _ => portion.amount * self.given[dose].factor,
        }
    }
}

fn portion(
    entry: &Entry,
    amount: f64,
    time_per_tick: f64,
    columns: &[Vec<f64>],
    patient: usize,
) -> Result<Portion, BadDose> {
    let ticks = |time: f64| {
        let ticks = (time / time_per_tick).round();
        // Beyond the range of ticks the cast saturates: later than any end.
        if ticks >= 0.0 { Ok(ticks as Ticks) } else { Err(BadDose) }
    };
    let lag = ticks(entry.lag.of(columns, patient))?;
    let duration = match entry.input {
        Entering::Bolus => 0,
        Entering::Over(duration) => ticks(duration.of(columns, patient))?,
        Entering::AtRate(_) if amount == 0.0 => 0,
        Entering::AtRate(rate) => ticks(amount / rate.of(columns, patient))?,
    };
    let amount = amount * entry.factor.of(columns, patient);
    let amount = if duration == 0 { amount } else { amount / (f64::from(duration) * time_per_tick) };
    Ok(Portion { lag, duration, amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Value = Value::Constant(10.0);

    fn entry(input: Entering, lag: f64) -> Entry {
        Entry { state: 3, infused: 0, factor: Value::Constant(2.0), lag: Value::Constant(lag), input }
    }

    fn over(duration: f64) -> Entering {
        Entering::Over(Value::Constant(duration))
    }

    /// Doses of 10 at ticks 0 and 20, all given in full; one tick is half a model time.
    fn doses(entry: Entry) -> Doses {
        Doses { arms: vec![vec![(0, TEN), (20, TEN)]], entries: vec![entry], time_per_tick: 0.5, end: 100 }
    }

    fn given(doses: &Doses, given: &[(Ticks, f64)]) -> Result<Schedule, BadDose> {
        let mut schedule = Schedule::default();
        schedule.fill(doses, 0, &[], 0)?;
        given.iter().for_each(|&(tick, factor)| schedule.give(Given { tick, factor }));
        Ok(schedule)
    }

    fn landings(schedule: &mut Schedule, doses: &Doses) -> Vec<Ticks> {
        let next = |&tick: &Ticks| (tick < doses.end).then(|| schedule.next(doses, tick));
        std::iter::successors(Some(0), next).skip(1).collect()
    }

    #[test]
    fn lag_and_duration_are_in_model_time() {
        let doses = doses(entry(over(4.0), 1.6));
        let mut schedule = given(&doses, &[(0, 1.0), (20, 1.0)]).unwrap_or_default();
        assert_eq!([2, 3, 10, 11, 23].map(|tick| schedule.rate(&doses, 0, tick)), [0.0, 5.0, 5.0, 0.0, 5.0]);
        assert_eq!(landings(&mut schedule, &doses), [3, 11, 23, 31, 100]);
    }

    #[test]
    fn a_delayed_and_reduced_dose() {
        let doses = doses(entry(over(4.0), 0.0));
        let mut schedule = given(&doses, &[(0, 1.0), (34, 0.5)]).unwrap_or_default();
        assert_eq!([0, 34].map(|tick| schedule.rate(&doses, 0, tick)), [5.0, 2.5]);
        assert_eq!(landings(&mut schedule, &doses), [8, 34, 42, 100]);
    }

    #[test]
    fn rate_of_the_amount_before_the_factor_gives_the_duration() {
        let doses = doses(entry(Entering::AtRate(Value::Constant(2.5)), 0.0));
        let mut schedule = given(&doses, &[(0, 1.0), (20, 0.75)]).unwrap_or_default();
        assert_eq!(
            [0, 7, 8, 20, 25, 26].map(|t| schedule.rate(&doses, 0, t)),
            [5.0, 5.0, 0.0, 5.0, 5.0, 0.0]
        );
        assert_eq!(landings(&mut schedule, &doses), [8, 20, 26, 100]);
    }

    #[test]
    fn what_lasts_no_tick_enters_at_once() {
        let doses = doses(entry(over(0.1), 0.0));
        let mut schedule = given(&doses, &[(0, 0.5), (100, 1.0)]).unwrap_or_default();
        assert_eq!(schedule.boluses(&doses, 0).collect::<Vec<_>>(), [(3, 10.0)]);
        assert_eq!(landings(&mut schedule, &doses), [100]);
    }

    #[test]
    fn a_dose_of_nothing_is_no_landing() {
        let mut doses = doses(entry(over(4.0), 0.0));
        doses.arms = vec![vec![(0, Value::Constant(0.0))]];
        let mut schedule = given(&doses, &[(0, 1.0)]).unwrap_or_default();
        assert_eq!(landings(&mut schedule, &doses), [100]);
        assert_eq!(schedule.boluses(&doses, 0).count(), 0);
    }

    #[test]
    fn doses_that_overlap_add_up() {
        let doses = doses(entry(over(15.0), 0.0));
        let mut schedule = given(&doses, &[(0, 1.0), (20, 1.0)]).unwrap_or_default();
        let rate = 20.0 / 15.0;
        assert_eq!([0, 20, 30, 50].map(|t| schedule.rate(&doses, 0, t)), [rate, 2.0 * rate, rate, 0.0]);
        assert_eq!(landings(&mut schedule, &doses), [20, 30, 50, 100]);
    }

    #[test]
    fn what_is_negative_or_not_a_number_is_refused() {
        for bad in [-1.0, f64::NAN] {
            assert!(given(&doses(entry(Entering::Bolus, bad)), &[]).is_err());
            assert!(given(&doses(entry(over(bad), 0.0)), &[]).is_err());
            assert!(given(&doses(entry(Entering::AtRate(Value::Constant(bad)), 0.0)), &[]).is_err());
        }
    }
}
