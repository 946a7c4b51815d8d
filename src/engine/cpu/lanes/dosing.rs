//! Doses: whether one is given at a landing, and what enters there. WGSL twin: `shaders/dosing.wgsl`.

use crate::engine::instant::Instant;
use crate::engine::schedule::{BadDose, GivenDose, NEVER};
use crate::model::graph::Symbol;

use super::super::real::Real;
use super::{Lane, Lanes};

/// What enters anew at a landing.
pub(super) struct Entered {
    /// Whether there was a bolus, or a dose that equations ask for has begun.
    pub(super) bolus: bool,
    /// Whether a rate of infusion rose.
    pub(super) rises: bool,
}

impl<T: Real> Lanes<'_, T> {
    /// Gives the doses that are due at a landing.
    ///
    /// # Errors
    /// One of them is none: of what is known only then.
    pub(super) fn dose_due(&mut self, l: usize, now: Instant) -> Result<(), BadDose> {
        let (item, due) = (self.lanes[l].item, self.lanes[l].next_decision);
        if now < Instant::of_tick(due) {
            return Ok(());
        }
        let tick = now.tick();
        if self.is_planned() {
            let mut next = self.planned(l);
            while let Some(given) = next.filter(|given| Instant::of_tick(given.tick) <= now) {
                self.give(l, given)?;
                next = self.planned(l);
            }
            self.lanes[l].next_decision = next.map_or(NEVER, |next| next.tick);
        } else {
            for drug in 0..self.system.rules.drugs() {
                if let Some(given) = self.observations.dose(item, drug, tick) {
                    self.give(l, given)?;
                }
            }
            self.lanes[l].next_decision = self.observations.next_decision(item, tick);
        }
        Ok(())
    }

    fn give(&mut self, l: usize, given: GivenDose) -> Result<(), BadDose> {
        let (system, subjects) = (self.system, self.subjects);
        if !system.doses.at_dose.is_empty() {
            let values = self.at_dose(l, given);
            let Lane { item, schedule, .. } = &mut self.lanes[l];
            let row = subjects.first_row(*item);
            schedule.find_parts(&system.doses, given.dose, &subjects.columns, row, &values)?;
        }
        let lane = &mut self.lanes[l];
        lane.schedule.give(given);
        lane.given += 1;
        Ok(())
    }

    /// What of a dose is known only when it is given.
    fn at_dose(&self, l: usize, given: GivenDose) -> Vec<f64> {
        let Self { system, subjects, registers, .. } = self;
        let (lane, doses, present) = (&self.lanes[l], &system.doses, self.present_state());
        let now = Instant::of_tick(given.tick);
        let patient = subjects.patients.start + subjects.patient(lane.item);
        let value = |symbol| match symbol {
            Symbol::Covariate(slot) => subjects.individuals.slots[slot as usize][patient],
            Symbol::State(state) => registers[present + state as usize].0[l].wide(),
            Symbol::Time | Symbol::SegmentTime => now.ticks() * system.time_per_tick,
            Symbol::Dose(value, dosed) => lane.schedule.asked_with(doses, now, given, (value, dosed)),
            _ => f64::NAN,
        };
        system.program.lowered().graph.evaluate(&doses.at_dose, value)
    }

    /// Whether nothing can change a lane's doses, so that they need not wait for what was read.
    pub(super) fn is_planned(&self) -> bool {
        !self.system.rules.is_adaptive || self.subjects.has_fixed_doses()
    }

    /// The next dose as it is planned or fixed.
    pub(super) fn planned(&self, l: usize) -> Option<GivenDose> {
        let Lane { arm, given, ref fixed, .. } = self.lanes[l];
        if self.subjects.has_fixed_doses() {
            return fixed.get(given).copied();
        }
        let planned = self.system.doses.arms[arm].get(given)?;
        Some(GivenDose { dose: given, tick: planned.tick, factor: 1.0, over: None })
    }

    /// Gives the boluses of a landing and sets the rates after it. Without a jump of the state the derivative changes
    /// by the rates alone; a method that does not keep it from step to step has to ask for it.
    pub(super) fn dose(&mut self, l: usize, now: Instant) -> Entered {
        let Self { system, lanes, registers, control, .. } = self;
        let (layout, doses, schedule) = (&system.method.layout, &system.doses, &lanes[l].schedule);
        let mut entered = Entered { bolus: false, rises: false };
        for (position, &state) in system.infused.iter().enumerate() {
            let rate = T::of(schedule.rate_after(doses, position, now));
            let present = &mut registers[usize::from(layout.rates) + position].0[l];
            let change = rate - *present;
            *present = rate;
            registers[usize::from(layout.k1[control.side]) + state].0[l] += change;
            entered.rises |= change.wide() > 0.0;
        }
        for (state, amount) in schedule.boluses_at(doses, now) {
            registers[usize::from(layout.state[control.side]) + state].0[l] += T::of(amount);
            entered.bolus = true;
        }
        for (i, &asked) in doses.asked.iter().enumerate() {
            let value = T::of(schedule.asked_at(doses, now, asked));
            let present = &mut registers[usize::from(layout.asked) + i].0[l];
            // Of what was not a number, too.
            entered.bolus |= *present != value;
            *present = value;
        }
        entered
    }
}
