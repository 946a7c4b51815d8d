//! The event of a record, by its items.

use super::error::Fault;
use super::items::Item;
use super::record::{Dose, Event, Input, SteadyState};
use crate::model::Model;
use crate::unit::Conversion;

/// The most doses that a record stands for.
const MOST_DOSES: f64 = 1_000_000.0;

/// The items of a record; 0 is what NONMEM reads where there is nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Items {
    /// Missing if the file has no such column.
    pub(super) evid: Option<f64>,
    pub(super) amount: f64,
    /// Whether AMT has a value.
    pub(super) has_amount: bool,
    pub(super) rate: f64,
    pub(super) duration: f64,
    pub(super) compartment: Compartment,
    pub(super) interval: f64,
    pub(super) additional: f64,
    pub(super) steady_state: f64,
    /// Whether MDV is 1.
    pub(super) is_marked_missing: bool,
}

/// A compartment as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Compartment {
    Number(f64),
    Name(String),
}

impl Default for Compartment {
    fn default() -> Self {
        Self::Number(0.0)
    }
}

/// What is wrong, and with which item.
type Wrong = (Item, Fault);

/// What is needed to read events.
pub(super) struct Events<'a> {
    pub(super) model: &'a Model,
    /// From the file's unit of time to the model's.
    pub(super) to_model_time: Conversion,
}

impl Events<'_> {
    /// The event of a record.
    pub(super) fn event(&self, items: &Items) -> Result<Event, Wrong> {
        match evid(items)? {
            0 => self.without_dose(0, items).map(|()| Event::Observation),
            2 => self.without_dose(2, items).map(|()| Event::Other),
            3 => self.without_dose(3, items).map(|()| Event::Reset),
            1 => Ok(Event::Dose(self.dose(items)?)),
            _ => Ok(Event::ResetAndDose(self.dose(items)?)),
        }
    }

    fn without_dose(&self, evid: i64, items: &Items) -> Result<(), Wrong> {
        for (item, value) in of_dose(items) {
            if value != 0.0 {
                return Err((item, Fault::NotADose { evid, item, value }));
            }
        }
        self.observed(&items.compartment).map_err(|fault| (Item::Cmt, fault))
    }

    fn dose(&self, items: &Items) -> Result<Dose, Wrong> {
        let Items { amount, rate, duration, interval, .. } = *items;
        let is_endless = amount == 0.0 && rate > 0.0 && items.steady_state != 0.0;
        if amount < 0.0 {
            return Err((Item::Amt, Fault::NegativeAmount(amount)));
        }
        if !items.has_amount && !is_endless {
            return Err((Item::Amt, Fault::NoAmount));
        }
        if !(rate >= 0.0 || rate == -1.0 || rate == -2.0) {
            return Err((Item::Rate, Fault::Rate(rate)));
        }
        if duration < 0.0 {
            return Err((Item::Dur, Fault::NegativeDuration(duration)));
        }
        if rate != 0.0 && duration != 0.0 {
            return Err((Item::Dur, Fault::RateAndDuration { rate, duration }));
        }
        if amount == 0.0 && duration > 0.0 {
            return Err((Item::Dur, Fault::DurationOfNothing(duration)));
        }
        if interval < 0.0 {
            return Err((Item::Ii, Fault::NegativeInterval(interval)));
        }
        let additional = additional(items.additional)?;
        let steady_state = steady_state(items.steady_state)?;
        if amount == 0.0 && rate <= 0.0 {
            return Err((Item::Amt, Fault::Nothing));
        }
        if amount == 0.0 {
            endless(items)?;
        } else if additional > 0 && interval == 0.0 {
            return Err((Item::Addl, Fault::NoInterval(additional)));
        } else if steady_state != SteadyState::No && interval == 0.0 {
            return Err((Item::Ss, Fault::SteadyStateWithoutInterval));
        }
        let state = self.dosed(&items.compartment).map_err(|fault| (Item::Cmt, fault))?;
        let input = self.input(rate, duration, state).map_err(|fault| (Item::Rate, fault))?;
        let interval = self.to_model_time.apply(interval);
        Ok(Dose { amount, state, input, interval, additional, steady_state })
    }

    fn input(&self, rate: f64, duration: f64, state: usize) -> Result<Input, Fault> {
        let of_model = &self.model.states[state];
        let missing = |rate, function| Fault::NoModelInput { rate, function, state: of_model.name.clone() };
        match rate {
            -1.0 if of_model.rate.is_none() => Err(missing(-1, "rate")),
            -2.0 if of_model.duration.is_none() => Err(missing(-2, "dur")),
            -1.0 => Ok(Input::ModelRate),
            -2.0 => Ok(Input::ModelDuration),
            _ if rate > 0.0 => Ok(Input::AtRate(self.to_model_time.inverse().apply(rate))),
            _ if duration > 0.0 => Ok(Input::Over(self.to_model_time.apply(duration))),
            _ => Ok(Input::AtOnce),
        }
    }

    /// The state that a dose goes into: the first if none is named.
    fn dosed(&self, compartment: &Compartment) -> Result<usize, Fault> {
        let states = &self.model.states;
        let found = match compartment {
            Compartment::Number(number) if *number < 0.0 => return Err(Fault::CompartmentOff(*number)),
            Compartment::Number(0.0) => Some(0),
            Compartment::Number(number) => whole(*number).map(|number| number - 1),
            Compartment::Name(name) => self.named(name),
        };
        let unknown = || Fault::Compartment { found: compartment.text(), known: self.known(false) };
        found.filter(|&state| state < states.len()).ok_or_else(unknown)
    }

    /// Checks the compartment of a record that gives no dose: a state, or what a residual line measures.
    fn observed(&self, compartment: &Compartment) -> Result<(), Fault> {
        let (states, lines) = (&self.model.states, &self.model.residuals);
        let is_known = match compartment {
            Compartment::Number(number) if *number < 0.0 => return Err(Fault::CompartmentOff(*number)),
            Compartment::Number(number) => {
                *number == 0.0 || whole(*number).is_some_and(|number| number <= states.len() + lines.len())
            }
            Compartment::Name(name) => {
                self.named(name).is_some() || lines.iter().any(|line| line.name.eq_ignore_ascii_case(name))
            }
        };
        let unknown = || Fault::Compartment { found: compartment.text(), known: self.known(true) };
        if is_known { Ok(()) } else { Err(unknown()) }
    }

    /// A state by its name, if need be in other case.
    fn named(&self, name: &str) -> Option<usize> {
        let states = &self.model.states;
        let in_any_case = || {
            let mut found = states.iter().enumerate().filter(|(_, s)| s.name.eq_ignore_ascii_case(name));
            found.next().filter(|_| found.next().is_none()).map(|(state, _)| state)
        };
        states.iter().position(|state| state.name == name).or_else(in_any_case)
    }

    fn known(&self, with_lines: bool) -> String {
        let states = self.model.states.iter().map(|state| &state.name);
        let lines = self.model.residuals.iter().filter(|_| with_lines).map(|line| &line.name);
        let numbered = states.chain(lines).zip(1..).map(|(name, number)| format!("{number} ({name})"));
        match numbered.collect::<Vec<_>>().as_slice() {
            [] => "it has none".into(),
            known => format!("its compartments are {}", known.join(", ")),
        }
    }
}

impl Compartment {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Name(name) => format!("`{name}`"),
        }
    }
}

/// The kind of event; without an EVID column, as NM-TRAN has it: a dose where any item of doses is not 0.
fn evid(items: &Items) -> Result<i64, Wrong> {
    match items.evid {
        Some(evid) if [0.0, 1.0, 2.0, 3.0, 4.0].contains(&evid) => Ok(evid as i64),
        Some(evid) => Err((Item::Evid, Fault::Evid(evid))),
        None if of_dose(items).iter().any(|(_, value)| *value != 0.0) => Ok(1),
        None if items.is_marked_missing => Ok(2),
        None => Ok(0),
    }
}

fn of_dose(items: &Items) -> [(Item, f64); 6] {
    [
        (Item::Amt, items.amount),
        (Item::Rate, items.rate),
        (Item::Dur, items.duration),
        (Item::Ii, items.interval),
        (Item::Addl, items.additional),
        (Item::Ss, items.steady_state),
    ]
}

/// Checks an infusion without an amount, which is at a rate.
fn endless(items: &Items) -> Result<(), Wrong> {
    if items.steady_state == 0.0 {
        return Err((Item::Amt, Fault::Endless));
    }
    for (item, value) in [(Item::Ii, items.interval), (Item::Addl, items.additional)] {
        if value != 0.0 {
            return Err((item, Fault::EndlessRepeated { item, value }));
        }
    }
    Ok(())
}

fn additional(value: f64) -> Result<u32, Wrong> {
    if value > MOST_DOSES {
        return Err((Item::Addl, Fault::TooLarge { value, most: MOST_DOSES }));
    }
    if value == 0.0 {
        return Ok(0);
    }
    whole(value).map(|number| number as u32).ok_or((Item::Addl, Fault::Additional(value)))
}

fn steady_state(value: f64) -> Result<SteadyState, Wrong> {
    match value {
        0.0 => Ok(SteadyState::No),
        1.0 => Ok(SteadyState::Reset),
        2.0 => Ok(SteadyState::Add),
        _ => Err((Item::Ss, Fault::SteadyState(value))),
    }
}

/// A whole number from 1 on.
fn whole(value: f64) -> Option<usize> {
    (value >= 1.0 && value.fract() == 0.0 && value <= MOST_DOSES).then_some(value as usize)
}
