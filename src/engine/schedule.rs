//! The doses of one patient in one arm: as planned, and as given on the way.
//!
//! A dose enters some states, each after a lag, at once or over a time. When it is given is decided while
//! the patient is integrated, so times of entering count from there. Doses are given at whole ticks; lags and
//! durations keep their fractions. WGSL twin: `shaders/schedule.wgsl`.

use crate::cohort::Ticks;

use super::instant::Instant;
use super::value::Value;

/// A tick that never comes.
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

/// An amount, bioavailability, lag or duration that is negative or no finite number, or a rate that is not above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadDose;

/// What enters one state of one planned dose.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Portion {
    /// From the dose to where it begins to enter.
    pub(crate) lag: Instant,
    /// How long it enters; no time is at once.
    pub(crate) duration: Instant,
    /// The amount, or the amount per model time if it takes a time.
    pub(crate) amount: f64,
}

impl Portion {
    fn is_at_once(&self) -> bool {
        self.duration == Instant::START
    }
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

    /// The next time after a time at which a given dose begins or ends to enter, the end at the latest.
    pub(crate) fn next_boundary(&mut self, doses: &Doses, now: Instant) -> Instant {
        let mut next = Instant::of_tick(doses.end);
        let mut active = self.given.len();
        for dose in (self.oldest..self.given.len()).rev() {
            for entry in 0..doses.entries.len() {
                let [start, end] = self.span(doses, dose, entry);
                for at in [start, end] {
                    if at > now {
                        next = next.min(at);
                        active = dose;
                    }
                }
            }
        }
        self.oldest = active;
        next
    }

    /// The total rate into an infused state just after a time.
    pub(crate) fn rate_after(&self, doses: &Doses, infused: usize, now: Instant) -> f64 {
        let of_dose = |dose: usize| {
            let entries = doses.entries.iter().enumerate().filter(|(_, entry)| entry.infused == infused);
            let running = entries.filter(|&(i, _)| {
                let [start, end] = self.span(doses, dose, i);
                start <= now && now < end
            });
            running.map(|(i, entry)| self.scaled(doses, dose, i, entry)).sum::<f64>()
        };
        (self.oldest..self.given.len()).map(of_dose).sum()
    }

    /// The states that something enters at once at a time, with the amounts.
    pub(crate) fn boluses_at(&self, doses: &Doses, now: Instant) -> impl Iterator<Item = (usize, f64)> {
        (self.oldest..self.given.len()).flat_map(move |dose| {
            doses.entries.iter().enumerate().filter_map(move |(i, entry)| {
                let portion = self.portion(doses, dose, i);
                let enters = portion.is_at_once() && portion.amount != 0.0;
                let is_now = Instant::of_tick(self.given[dose].tick).later(portion.lag) == now;
                (enters && is_now).then(|| (entry.state, self.scaled(doses, dose, i, entry)))
            })
        })
    }

    fn portion(&self, doses: &Doses, dose: usize, entry: usize) -> Portion {
        self.portions[dose * doses.entries.len() + entry]
    }

    /// When a given dose begins and ends to enter: in an arm without drug, long ago.
    fn span(&self, doses: &Doses, dose: usize, entry: usize) -> [Instant; 2] {
        let Given { tick, factor } = self.given[dose];
        let portion = self.portion(doses, dose, entry);
        if portion.amount == 0.0 {
            return [Instant::START; 2];
        }
        let start = Instant::of_tick(tick).later(portion.lag);
        let duration = match doses.entries[entry].input {
            // The rate is kept: a smaller dose takes less time.
            Entering::AtRate(_) if factor != 1.0 => {
                Instant::of_ticks(portion.duration.ticks() * factor).unwrap_or_default()
            }
            _ => portion.duration,
        };
        [start, start.later(duration)]
    }

    /// Amount or rate of a given dose.
    fn scaled(&self, doses: &Doses, dose: usize, i: usize, entry: &Entry) -> f64 {
        let portion = self.portion(doses, dose, i);
        match entry.input {
            Entering::AtRate(_) if !portion.is_at_once() => portion.amount,
            _ => portion.amount * self.given[dose].factor,
        }
    }
}

/// A portion of an amount. Bioavailability shrinks the amount; the rate of an infusion that is given by its
/// rate stays.
fn portion(
    entry: &Entry,
    amount: f64,
    time_per_tick: f64,
    columns: &[Vec<f64>],
    patient: usize,
) -> Result<Portion, BadDose> {
    let positive = |value: f64| if value >= 0.0 && value.is_finite() { Ok(value) } else { Err(BadDose) };
    let of = |value: Value| positive(value.of(columns, patient));
    let span = |time: f64| Instant::of_ticks(time / time_per_tick).ok_or(BadDose);
    let lag = span(of(entry.lag)?)?;
    let amount = positive(amount)? * of(entry.factor)?;
    let (duration, amount) = match entry.input {
        Entering::Bolus => (Instant::START, amount),
        Entering::Over(time) => {
            let time = of(time)?;
            let duration = span(time)?;
            // What it takes as it is counted here, so that the amount is right.
            let taken = if duration == Instant::NEVER { time } else { duration.ticks() * time_per_tick };
            (duration, if duration == Instant::START { amount } else { amount / taken })
        }
        Entering::AtRate(_) if amount == 0.0 => (Instant::START, amount),
        Entering::AtRate(rate) => {
            let rate = Some(of(rate)?).filter(|&rate| rate > 0.0).ok_or(BadDose)?;
            let duration = span(amount / rate)?;
            (duration, if duration == Instant::START { amount } else { rate })
        }
    };
    Ok(Portion { lag, duration, amount })
}
