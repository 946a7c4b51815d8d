//! The doses of one patient in one arm: as planned, and as given on the way.
//!
//! A dose enters some states, each after a lag, at once or over a time. When it is given is decided while
//! the patient is integrated, so times of entering count from there. Doses are given at whole ticks; lags and
//! durations keep their fractions. WGSL twin: `shaders/schedule.wgsl`.

use std::ops::Range;

use crate::cohort::Ticks;
use crate::model::graph::{DoseValue, Dosed, NodeId};
use crate::plan::{Rounding, share};

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

/// A planned dose, with individual values resolved: see [`PlannedDose`](crate::plan::PlannedDose).
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) tick: Ticks,
    pub(crate) amount: Value,
    pub(crate) administration: usize,
    pub(crate) cap: Option<Value>,
    pub(crate) round: Option<Rounding>,
}

/// The doses before time 0: see [`SteadyStart`](crate::plan::SteadyStart).
#[derive(Debug, Clone)]
pub(crate) struct Steady {
    pub(crate) period: Ticks,
    /// By time since the beginning of the period.
    pub(crate) doses: Vec<Planned>,
}

/// A dose that has begun, as equations ask for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Beginning {
    /// From when on it is known.
    pub(crate) known: Instant,
    /// Model time at which it began to enter.
    pub(crate) time: f64,
    pub(crate) state: usize,
    /// Its amount, before bioavailability.
    pub(crate) amount: f64,
}

/// What enters from time 0 on of a dose that was given before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Carried {
    pub(crate) state: usize,
    /// Position of the state among those that are infused.
    pub(crate) infused: usize,
    pub(crate) begins: Instant,
    /// Where it begins, if it enters at once.
    pub(crate) ends: Instant,
    /// The amount, or the amount per model time if it takes a time.
    pub(crate) amount: f64,
}

/// What is left at time 0 of the doses before.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Before {
    pub(crate) carried: Vec<Carried>,
    /// The last to begin before time 0 into each state, by time; none unless equations ask for doses.
    pub(crate) begun: Vec<Beginning>,
}

impl Before {
    /// The last dose before time 0 that is meant.
    fn last(&self, dosed: Dosed) -> Option<&Beginning> {
        self.begun.iter().rfind(|begun| dosed.is_into(begun.state))
    }
}

/// The doses of every arm and how they enter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doses {
    /// The planned doses, `[arm][dose]`.
    pub(crate) arms: Vec<Vec<Planned>>,
    /// The doses before time 0 of each arm, if there are any.
    pub(crate) steady: Vec<Option<Steady>>,
    /// Where doses go: the routes of all administrations.
    pub(crate) routes: Vec<Route>,
    /// Those of each administration.
    pub(crate) administrations: Vec<Range<usize>>,
    /// The most routes that an administration has: so many parts are kept of each dose.
    pub(crate) parts: usize,
    /// What of routes is known only when a dose is given, as expressions of the program.
    pub(crate) at_dose: Vec<NodeId>,
    /// What equations ask of the doses that have begun.
    pub(crate) asked: Vec<(DoseValue, Dosed)>,
    /// Model time per tick.
    pub(crate) time_per_tick: f64,
    /// The end of the simulation.
    pub(crate) end: Ticks,
}

/// An amount, cap, bioavailability, lag or duration that is negative or no finite number, or a rate that is not above 0.
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

impl Planned {
    /// Whether the same enters as of another planned dose.
    fn is_alike(&self, other: &Self) -> bool {
        let of = |dose: &Self| (dose.amount, dose.administration, dose.cap, dose.round);
        of(self) == of(other)
    }

    /// What a patient is planned to get; `columns` hold `[column][patient]`.
    ///
    /// # Errors
    /// Amount or cap are none.
    pub(crate) fn own(&self, columns: &[Vec<f64>], patient: usize) -> Result<OwnDose, BadDose> {
        let amount = positive(self.amount.of(columns, patient))?;
        let cap = self.cap.map_or(Ok(f64::INFINITY), |cap| positive(cap.of(columns, patient)))?;
        let Self { administration, round, .. } = *self;
        Ok(OwnDose { amount, cap, round, administration })
    }
}

impl OwnDose {
    /// What is given of it as it is planned.
    pub(crate) fn whole(&self) -> f64 {
        self.amount * share(self.amount, 1.0, self.cap, self.round)
    }
}

impl DosePart {
    pub(crate) fn is_at_once(&self) -> bool {
        self.duration == Instant::START
    }

    /// When it begins to enter, whether anything of it enters or not.
    fn begins(&self, given: Given) -> Instant {
        Instant::of_tick(given.tick).later(self.lag)
    }

    /// When it begins and ends to enter: in an arm without drug, long ago.
    fn span(&self, route: &Route, given: Given) -> [Instant; 2] {
        if self.amount == 0.0 {
            return [Instant::START; 2];
        }
        let start = self.begins(given);
        let duration = match (route.input, given.over) {
            (RouteInput::Over(_), Some(over)) if !self.is_at_once() => over,
            // The rate is kept: a smaller dose takes less time.
            (RouteInput::AtRate(_), _) if given.share != 1.0 => {
                Instant::of_ticks(self.duration.ticks() * given.share).unwrap_or_default()
            }
            _ => self.duration,
        };
        [start, start.later(duration)]
    }

    /// The amount or the rate of what was given of it.
    fn scaled(&self, route: &Route, given: Given) -> f64 {
        match (route.input, given.over) {
            (RouteInput::AtRate(_), _) if !self.is_at_once() => self.amount,
            // The same amount over another time.
            (RouteInput::Over(_), Some(over)) if !self.is_at_once() => {
                self.amount * given.share * (self.duration.ticks() / over.ticks())
            }
            _ => self.amount * given.share,
        }
    }
}

/// A dose that was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GivenDose {
    /// Which of the arm's planned doses.
    pub(crate) dose: usize,
    pub(crate) tick: Ticks,
    /// As a multiple of the planned amount, before cap and rounding.
    pub(crate) factor: f64,
    /// Over how long it is infused, if not as planned.
    pub(crate) over: Option<Ticks>,
}

/// A planned dose of one patient.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnDose {
    /// Before bioavailability, cap and rounding.
    pub(crate) amount: f64,
    /// The largest amount; infinite if there is none.
    pub(crate) cap: f64,
    round: Option<Rounding>,
    administration: usize,
}

/// A dose that was given, after cap and rounding.
#[derive(Debug, Clone, Copy)]
struct Given {
    dose: usize,
    tick: Ticks,
    /// As a multiple of the planned amount.
    share: f64,
    /// Over how long it is infused, if not as planned.
    over: Option<Instant>,
}

/// What is planned for one patient in one arm, and what was given of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedule {
    /// `[dose][part]`: of each route of the dose's administration, at the whole planned amount.
    dose_parts: Vec<DosePart>,
    /// By dose.
    own: Vec<OwnDose>,
    /// In the order in which they were given.
    given: Vec<Given>,
    /// The first of the given doses that may still enter.
    oldest: usize,
    /// What is left of doses before time 0.
    pub(crate) before: Before,
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
        self.own.clear();
        self.given.clear();
        self.oldest = 0;
        self.before = Before::default();
        let all = &doses.arms[arm];
        for (number, planned) in all.iter().enumerate() {
            if let Some(before) = number.checked_sub(1).filter(|&before| all[before].is_alike(planned)) {
                self.repeat(before, doses.parts);
                continue;
            }
            let own = planned.own(columns, patient)?;
            let OwnDose { amount, administration, .. } = own;
            self.own.push(own);
            let routes = &doses.routes[doses.administrations[administration].clone()];
            for route in routes {
                let of = |value: Value| value.of(columns, patient);
                let known = !route.is_at_dose();
                let part = known.then(|| planned_part(route, amount, doses.time_per_tick, of)).transpose()?;
                self.dose_parts.push(part.unwrap_or_default());
            }
            let others = doses.parts - routes.len();
            self.dose_parts.extend(std::iter::repeat_n(DosePart::default(), others));
        }
        Ok(())
    }

    /// Plans what is planned for a dose before once more.
    fn repeat(&mut self, before: usize, parts: usize) {
        self.own.push(self.own[before]);
        self.dose_parts.extend_from_within(before * parts..(before + 1) * parts);
    }

    /// What enters of every planned dose, `[dose][part]`.
    #[cfg(feature = "gpu")]
    pub(crate) fn dose_parts(&self) -> &[DosePart] {
        &self.dose_parts
    }

    /// Amount and cap of every planned dose.
    #[cfg(feature = "gpu")]
    pub(crate) fn own(&self) -> &[OwnDose] {
        &self.own
    }

    /// Finds what enters of a dose that is about to be given, where that depends on `values`, in the order of
    /// [`Doses::at_dose`].
    pub(crate) fn find_parts(
        &mut self,
        doses: &Doses,
        dose: usize,
        columns: &[Vec<f64>],
        patient: usize,
        values: &[f64],
    ) -> Result<(), BadDose> {
        let OwnDose { amount, administration, .. } = self.own[dose];
        let of = |value: Value| match value {
            Value::AtDose(position) => values[position],
            value => value.of(columns, patient),
        };
        let routes = doses.routes[doses.administrations[administration].clone()].iter().enumerate();
        for (part, route) in routes.filter(|(_, route)| route.is_at_dose()) {
            self.dose_parts[dose * doses.parts + part] =
                planned_part(route, amount, doses.time_per_tick, of)?;
        }
        Ok(())
    }

    /// Gives a dose.
    pub(crate) fn give(&mut self, GivenDose { dose, tick, factor, over }: GivenDose) {
        let OwnDose { amount, cap, round, .. } = self.own[dose];
        let over = over.map(Instant::of_tick);
        self.given.push(Given { dose, tick, share: share(amount, factor, cap, round), over });
    }

    /// The parts of a given dose, each with its route.
    fn parts<'a>(&'a self, doses: &'a Doses, given: Given) -> impl Iterator<Item = (DosePart, &'a Route)> {
        let routes = &doses.routes[doses.administrations[self.own[given.dose].administration].clone()];
        self.dose_parts[given.dose * doses.parts..].iter().copied().zip(routes)
    }

    /// The next time after a time at which a given dose begins or ends to enter, the end at the latest.
    pub(crate) fn next_boundary(&mut self, doses: &Doses, now: Instant) -> Instant {
        let mut next = Instant::of_tick(doses.end);
        let carried = self.before.carried.iter().flat_map(|carried| [carried.begins, carried.ends]);
        next = carried.filter(|at| *at > now).fold(next, Instant::min);
        let mut active = self.given.len();
        for (position, &given) in self.given.iter().enumerate().skip(self.oldest).rev() {
            for (part, route) in self.parts(doses, given) {
                let [start, end] = part.span(route, given);
                // Where equations ask for it, also when a dose of which nothing enters begins.
                let begins = if doses.asked.is_empty() { start } else { part.begins(given) };
                for at in [start, end, begins] {
                    if at > now {
                        next = next.min(at);
                        active = position;
                    }
                }
            }
        }
        self.oldest = active;
        next
    }

    /// The total rate into an infused state just after a time.
    pub(crate) fn rate_after(&self, doses: &Doses, infused: usize, now: Instant) -> f64 {
        let of_dose = |&given: &Given| {
            let parts = self.parts(doses, given).filter(|(_, route)| route.infused == infused);
            let running = parts.filter(|&(part, route)| {
                let [start, end] = part.span(route, given);
                start <= now && now < end
            });
            running.map(|(part, route)| part.scaled(route, given)).sum::<f64>()
        };
        let carried = self.before.carried.iter().filter(|carried| carried.infused == infused);
        let running = carried.filter(|carried| carried.begins <= now && now < carried.ends);
        let carried: f64 = running.map(|carried| carried.amount).sum();
        carried + self.given[self.oldest..].iter().map(of_dose).sum::<f64>()
    }

    /// The states that something enters at once at a time, with the amounts.
    pub(crate) fn boluses_at<'a>(
        &'a self,
        doses: &'a Doses,
        now: Instant,
    ) -> impl Iterator<Item = (usize, f64)> {
        let carried =
            self.before.carried.iter().filter(move |carried| [carried.begins, carried.ends] == [now; 2]);
        let given = self.given[self.oldest..].iter().flat_map(move |&given| {
            self.parts(doses, given).filter_map(move |(part, route)| {
                let enters = part.is_at_once() && part.amount != 0.0;
                let is_now = part.begins(given) == now;
                (enters && is_now).then(|| (route.state, part.scaled(route, given)))
            })
        });
        carried.map(|carried| (carried.state, carried.amount)).chain(given)
    }

    /// What the values of a dose that is about to be given ask of doses: it has begun, whatever its lag.
    pub(crate) fn asked_with(
        &self,
        doses: &Doses,
        now: Instant,
        given: GivenDose,
        (value, dosed): (DoseValue, Dosed),
    ) -> f64 {
        let OwnDose { amount, cap, round, administration } = self.own[given.dose];
        let before = self.asked_at(doses, now, (value, dosed));
        let mut routes = doses.routes[doses.administrations[administration].clone()].iter();
        if !routes.any(|route| is_meant(route, dosed)) {
            return before;
        }
        let time = now.ticks() * doses.time_per_tick;
        match value {
            DoseValue::Last => time,
            DoseValue::First => before.min(time),
            DoseValue::Amount => amount * share(amount, given.factor, cap, round),
            DoseValue::Count => before + 1.0,
        }
    }

    /// What equations ask of the doses that have begun by a time.
    pub(crate) fn asked_at(&self, doses: &Doses, now: Instant, (value, dosed): (DoseValue, Dosed)) -> f64 {
        let begun = self.given.iter().filter_map(|&given| {
            let parts = self.parts(doses, given).filter(|(_, route)| is_meant(route, dosed));
            let begins = parts.map(|(part, _)| part.begins(given)).min()?;
            (begins <= now).then_some((begins, given))
        });
        let time = |(begins, _): (Instant, Given)| begins.ticks() * doses.time_per_tick;
        let before = self.before.last(dosed);
        let time_before = before.map_or(f64::NAN, |before| before.time);
        match value {
            DoseValue::Last => begun.max_by_key(|(begins, _)| *begins).map_or(time_before, time),
            DoseValue::First if before.is_some() => time_before,
            DoseValue::First => begun.min_by_key(|(begins, _)| *begins).map_or(f64::NAN, time),
            DoseValue::Amount => {
                let last = begun.max_by_key(|(begins, _)| *begins);
                let of_before = before.map_or(0.0, |before| before.amount);
                last.map_or(of_before, |(_, given)| self.own[given.dose].amount * given.share)
            }
            // Those before count as one.
            DoseValue::Count => begun.count() as f64 + f64::from(u8::from(before.is_some())),
        }
    }
}

impl Route {
    /// Its bioavailability, lag, and duration or rate.
    pub(crate) fn values(&self) -> impl Iterator<Item = Value> + use<> {
        let input = match self.input {
            RouteInput::Bolus => None,
            RouteInput::Over(value) | RouteInput::AtRate(value) => Some(value),
        };
        [self.bioavailability, self.lag].into_iter().chain(input)
    }

    /// Whether what enters by it is known only when a dose is given.
    pub(crate) fn is_at_dose(&self) -> bool {
        self.values().any(|value| matches!(value, Value::AtDose(_)))
    }
}

/// Whether a route is one that is asked about.
fn is_meant(route: &Route, dosed: Dosed) -> bool {
    dosed.is_into(route.state)
}

/// A value that is neither negative nor infinite.
fn positive(value: f64) -> Result<f64, BadDose> {
    if value >= 0.0 && value.is_finite() { Ok(value) } else { Err(BadDose) }
}

/// A part of an amount. Bioavailability shrinks the amount; the rate of an infusion that is given by its
/// rate stays.
pub(crate) fn planned_part(
    route: &Route,
    amount: f64,
    time_per_tick: f64,
    value: impl Fn(Value) -> f64,
) -> Result<DosePart, BadDose> {
    let of = |known: Value| positive(value(known));
    let span = |time: f64| Instant::of_ticks(time / time_per_tick).ok_or(BadDose);
    let lag = span(of(route.lag)?)?;
    let amount = amount * of(route.bioavailability)?;
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
