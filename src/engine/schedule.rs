//! The doses of one patient in one arm: as planned, and as given on the way.
//!
//! A dose enters some states, each after a lag, at once or over a time. When it is given is decided while
//! the patient is integrated, so times of entering count from there. Doses are given at whole ticks; lags and
//! durations keep their fractions. WGSL twin: `shaders/schedule.wgsl`.

use crate::cohort::Ticks;
use crate::model::graph::{DoseValue, Dosed};

use super::instant::Instant;
use super::value::Value;

/// A tick that never comes.
pub(crate) const NEVER: Ticks = Ticks::MAX;

/// Where and how doses enter, with individual values resolved.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    /// The state that receives the dose.
    pub(crate) state: usize,
    /// Its position among the infused states, if it is one.
    pub(crate) infused: usize,
    pub(crate) bioavailability: Value,
    pub(crate) lag: Value,
    pub(crate) input: RouteInput,
}

/// How a dose enters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RouteInput {
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
    pub(crate) routes: Vec<Route>,
    /// What equations ask of the doses that have begun.
    pub(crate) asked: Vec<(DoseValue, Dosed)>,
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
pub(crate) struct DosePart {
    /// From the dose to where it begins to enter.
    pub(crate) lag: Instant,
    /// How long it enters; no time is at once.
    pub(crate) duration: Instant,
    /// The amount, or the amount per model time if it takes a time.
    pub(crate) amount: f64,
}

impl DosePart {
    pub(crate) fn is_at_once(&self) -> bool {
        self.duration == Instant::START
    }
}

/// A dose that was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GivenDose {
    pub(crate) tick: Ticks,
    /// As a multiple of the planned amount.
    pub(crate) factor: f64,
}

/// What is planned for one patient in one arm, and what was given of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedule {
    /// `[dose][route]`
    dose_parts: Vec<DosePart>,
    /// By dose, before bioavailability.
    amounts: Vec<f64>,
    given: Vec<GivenDose>,
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
        self.dose_parts.clear();
        self.amounts.clear();
        self.given.clear();
        self.oldest = 0;
        for &(_, amount) in &doses.arms[arm] {
            let amount = amount.of(columns, patient);
            self.amounts.push(amount);
            for route in &doses.routes {
                self.dose_parts.push(dose_part(route, amount, doses.time_per_tick, columns, patient)?);
            }
        }
        Ok(())
    }

    /// What enters of every planned dose, `[dose][route]`.
    #[cfg(feature = "gpu")]
    pub(crate) fn dose_parts(&self) -> &[DosePart] {
        &self.dose_parts
    }

    /// The amount of every planned dose, before bioavailability.
    #[cfg(feature = "gpu")]
    pub(crate) fn amounts(&self) -> &[f64] {
        &self.amounts
    }

    /// Gives the next dose.
    pub(crate) fn give(&mut self, given: GivenDose) {
        self.given.push(given);
    }

    fn dose_part(&self, doses: &Doses, dose: usize, route: usize) -> DosePart {
        self.dose_parts[dose * doses.routes.len() + route]
    }

    /// The next time after a time at which a given dose begins or ends to enter, the end at the latest.
    pub(crate) fn next_boundary(&mut self, doses: &Doses, now: Instant) -> Instant {
        let mut next = Instant::of_tick(doses.end);
        let mut active = self.given.len();
        for dose in (self.oldest..self.given.len()).rev() {
            for route in 0..doses.routes.len() {
                let [start, end] = self.span(doses, dose, route);
                // Where equations ask for it, also when a dose of which nothing enters begins.
                let begins = if doses.asked.is_empty() { start } else { self.begins(dose, route, doses) };
                for at in [start, end, begins] {
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
            let routes = doses.routes.iter().enumerate().filter(|(_, route)| route.infused == infused);
            let running = routes.filter(|&(i, _)| {
                let [start, end] = self.span(doses, dose, i);
                start <= now && now < end
            });
            running.map(|(i, route)| self.scaled(doses, dose, i, route)).sum::<f64>()
        };
        (self.oldest..self.given.len()).map(of_dose).sum()
    }

    /// The states that something enters at once at a time, with the amounts.
    pub(crate) fn boluses_at(&self, doses: &Doses, now: Instant) -> impl Iterator<Item = (usize, f64)> {
        (self.oldest..self.given.len()).flat_map(move |dose| {
            doses.routes.iter().enumerate().filter_map(move |(i, route)| {
                let part = self.dose_part(doses, dose, i);
                let enters = part.is_at_once() && part.amount != 0.0;
                let is_now = Instant::of_tick(self.given[dose].tick).later(part.lag) == now;
                (enters && is_now).then(|| (route.state, self.scaled(doses, dose, i, route)))
            })
        })
    }

    /// What equations ask of the doses that have begun by a time.
    pub(crate) fn asked_at(&self, doses: &Doses, now: Instant, (value, dosed): (DoseValue, Dosed)) -> f64 {
        let is_meant = |&route: &usize| match dosed {
            Dosed::Any => true,
            Dosed::State(state) => doses.routes[route].state == state as usize,
        };
        let mut begun = (0..self.given.len()).filter_map(|dose| {
            let routes = (0..doses.routes.len()).filter(is_meant);
            let begins = routes.map(|route| self.begins(dose, route, doses)).min()?;
            (begins <= now).then_some((dose, begins))
        });
        let time = |(_, begins): (usize, Instant)| begins.ticks() * doses.time_per_tick;
        match value {
            DoseValue::Last => begun.next_back().map_or(f64::NAN, time),
            DoseValue::First => begun.next().map_or(f64::NAN, time),
            DoseValue::Amount => {
                begun.next_back().map_or(0.0, |(dose, _)| self.amounts[dose] * self.given[dose].factor)
            }
            DoseValue::Count => begun.count() as f64,
        }
    }

    /// When a given dose begins to enter, whether anything of it enters or not.
    fn begins(&self, dose: usize, route: usize, doses: &Doses) -> Instant {
        Instant::of_tick(self.given[dose].tick).later(self.dose_part(doses, dose, route).lag)
    }

    /// When a given dose begins and ends to enter: in an arm without drug, long ago.
    fn span(&self, doses: &Doses, dose: usize, route: usize) -> [Instant; 2] {
        let GivenDose { tick, factor } = self.given[dose];
        let part = self.dose_part(doses, dose, route);
        if part.amount == 0.0 {
            return [Instant::START; 2];
        }
        let start = Instant::of_tick(tick).later(part.lag);
        let duration = match doses.routes[route].input {
            // The rate is kept: a smaller dose takes less time.
            RouteInput::AtRate(_) if factor != 1.0 => {
                Instant::of_ticks(part.duration.ticks() * factor).unwrap_or_default()
            }
            _ => part.duration,
        };
        [start, start.later(duration)]
    }

    /// Amount or rate of a given dose.
    fn scaled(&self, doses: &Doses, dose: usize, i: usize, route: &Route) -> f64 {
        let part = self.dose_part(doses, dose, i);
        match route.input {
            RouteInput::AtRate(_) if !part.is_at_once() => part.amount,
            _ => part.amount * self.given[dose].factor,
        }
    }
}

/// A part of an amount. Bioavailability shrinks the amount; the rate of an infusion that is given by its
/// rate stays.
pub(crate) fn dose_part(
    route: &Route,
    amount: f64,
    time_per_tick: f64,
    columns: &[Vec<f64>],
    patient: usize,
) -> Result<DosePart, BadDose> {
    let positive = |value: f64| if value >= 0.0 && value.is_finite() { Ok(value) } else { Err(BadDose) };
    let of = |value: Value| positive(value.of(columns, patient));
    let span = |time: f64| Instant::of_ticks(time / time_per_tick).ok_or(BadDose);
    let lag = span(of(route.lag)?)?;
    let amount = positive(amount)? * of(route.bioavailability)?;
    let (duration, amount) = match route.input {
        RouteInput::Bolus => (Instant::START, amount),
        RouteInput::Over(time) => {
            let time = of(time)?;
            let duration = span(time)?;
            // What it takes as it is counted here, so that the amount is right.
            let taken = if duration == Instant::NEVER { time } else { duration.ticks() * time_per_tick };
            (duration, if duration == Instant::START { amount } else { amount / taken })
        }
        RouteInput::AtRate(_) if amount == 0.0 => (Instant::START, amount),
        RouteInput::AtRate(rate) => {
            let rate = Some(of(rate)?).filter(|&rate| rate > 0.0).ok_or(BadDose)?;
            let duration = span(amount / rate)?;
            (duration, if duration == Instant::START { amount } else { rate })
        }
    };
    Ok(DosePart { lag, duration, amount })
}
