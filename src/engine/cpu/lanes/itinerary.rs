//! The way of a patient through its itinerary: of a data set, or to the steady state in which one of a cohort begins. Every stop is a landing, so that what is read there is the
//! state itself. WGSL twin: `shaders/itinerary.wgsl`.

use crate::engine::Status;
use crate::engine::instant::Instant;
use crate::engine::itinerary::{Action, Itinerary, Stop};
use crate::engine::landing::Landing;
use crate::plan::ObservationTime;

use super::super::queue::Observation;
use super::super::real::Real;
use super::Lanes;
use super::dosing::Entered;
use super::settling::Settling;

/// How readings of a data set look to the visit program.
const READING: ObservationTime = ObservationTime { tick: 0, visit: false, trajectory: true, scan: false };

/// How far a patient has come.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) itinerary: Itinerary,
    /// The next stop.
    stop: usize,
    /// Readings so far.
    readings: usize,
    /// Where its present individual values are, in the columns.
    pub(super) row: usize,
    /// The steady state that it is coming to.
    pub(super) settling: Option<Settling>,
}

impl Walk {
    /// Before the first stop.
    pub(super) fn new(itinerary: Itinerary) -> Self {
        Self { itinerary, stop: 0, readings: 0, row: 0, settling: None }
    }

    /// The next stop: of the cycle, if it is coming to a steady state.
    fn next(&self) -> Option<Stop> {
        let Self { itinerary, settling, stop, .. } = self;
        match settling {
            Some(Settling { cycle, stop, .. }) => itinerary.cycles[*cycle].stops.get(*stop).copied(),
            None => itinerary.stops.get(*stop).copied(),
        }
    }

    /// Whether it is coming to a steady state, or begins to by a time.
    fn settles_by(&self, now: Instant) -> bool {
        let mut due = self.itinerary.stops[self.stop..].iter().take_while(|stop| stop.at <= now);
        self.settling.is_some() || due.any(|stop| matches!(stop.action, Action::Settle(_)))
    }

    fn pass(&mut self) {
        match &mut self.settling {
            Some(settling) => settling.stop += 1,
            None => self.stop += 1,
        }
    }

    /// Model time of its last stop.
    pub(super) fn last_time(&self, time_per_tick: f64) -> f64 {
        let ticks = self.itinerary.stops.last().map_or(0.0, |stop| stop.at.ticks());
        self.itinerary.origin.abs() + ticks * time_per_tick
    }
}

/// What changes at a landing.
#[derive(Default)]
struct Changes {
    bolus: bool,
    rises: bool,
    jumps: bool,
}

impl<T: Real> Lanes<'_, T> {
    /// Sets a rate of infusion, by which the derivative changes; whether it rises.
    pub(super) fn set_rate(&mut self, l: usize, infused: usize, rate: f64) -> bool {
        let layout = &self.system.method.layout;
        let register = usize::from(layout.rates) + infused;
        let change = T::of(rate) - self.registers[register].0[l];
        self.registers[register].0[l] = T::of(rate);
        let derivative = usize::from(layout.k1[self.control.side]) + self.system.infused[infused];
        self.registers[derivative].0[l] += change;
        change.wide() > 0.0
    }

    /// Begins a patient's way, whose first row this is.
    pub(super) fn set_out(&mut self, l: usize, row: usize) {
        let Some(walk) = &mut self.lanes[l].walk else { return };
        walk.row = row;
        let origin = walk.itinerary.origin;
        self.lanes[l].base = origin;
        // No observation time of the plan comes.
        self.lanes[l].point = self.system.observation_times.len();
        for infused in 0..self.system.infused.len() {
            self.set_rate(l, infused, 0.0);
        }
        self.await_landings(l, Instant::START);
        self.at_stop(l);
    }

    /// At the end of a segment of a patient with an itinerary: everything that happens there, in order.
    pub(super) fn at_stop(&mut self, l: usize) {
        let mut now = self.lanes[l].end;
        let mut changes = Changes { bolus: now == Instant::START, jumps: self.jumps(l, now), rises: false };
        self.begin_windows(l, now);
        loop {
            let Some(walk) = &mut self.lanes[l].walk else { return };
            match walk.next() {
                Some(Stop { at, action }) if at <= now => {
                    walk.pass();
                    if let Action::Settle(cycle) = action {
                        self.begin_settling(l, cycle, now);
                        now = Instant::START;
                        changes.bolus = true;
                    } else {
                        self.act(l, now, action, &mut changes);
                    }
                }
                next => {
                    let cycle_end = walk.settling.as_ref().map(|settling| settling.length);
                    if cycle_end.is_some_and(|end| now >= end) {
                        let Some(at) = self.end_cycle(l) else { return };
                        now = at;
                        changes.bolus = true;
                        self.begin_windows(l, now);
                        continue;
                    }
                    let Some(end) = next.map(|stop| stop.at).into_iter().chain(cycle_end).min() else {
                        return self.end_walk(l);
                    };
                    self.begin_segment(l, [now, end]);
                    break;
                }
            }
        }
        let Changes { bolus, rises, jumps } = changes;
        self.go_on(l, Entered { bolus, rises }, jumps);
    }

    /// At the end of the itinerary: of a data set it is the patient's, of a cohort its beginning.
    fn end_walk(&mut self, l: usize) {
        if self.subjects.records().is_some() {
            return self.close(l, Status::Ok);
        }
        self.lanes[l].walk = None;
        self.take_quadratures(l);
        self.begin(l);
    }

    fn act(&mut self, l: usize, now: Instant, action: Action, changes: &mut Changes) {
        match action {
            Action::Read => self.read_record(l, now),
            Action::Keep(point) => self.keep_values(l, now, point),
            Action::Values(row) => {
                self.change_values(l, row, now);
                changes.jumps = true;
            }
            Action::Enter { state, amount } => {
                let state = self.present_state() + state;
                self.registers[state].0[l] += T::of(amount);
                changes.bolus = true;
            }
            Action::Rate { infused, rate } => changes.rises |= self.set_rate(l, infused, rate),
            Action::Asked { position, value } => {
                let register = usize::from(self.system.method.layout.asked) + position;
                self.registers[register].0[l] = T::of(value);
                changes.bolus = true;
            }
            Action::Reset => {
                self.take_initial_states_of_row(l);
                changes.bolus = true;
            }
            Action::Settle(_) => {}
            #[cfg(feature = "gpu")]
            Action::Land { .. } => {}
        }
    }

    /// Gives the states the values that patients begin with, by the present individual values; areas go on.
    pub(super) fn take_initial_states_of_row(&mut self, l: usize) {
        if let Some(walk) = &self.lanes[l].walk {
            let quadratures = self.system.quadratures.iter().filter(|is_one| **is_one).count();
            self.take_initial_states(l, walk.row, self.system.initial.len() - quadratures);
        }
    }

    /// Takes the individual values of another row of the patient.
    fn change_values(&mut self, l: usize, row: usize, now: Instant) {
        let first = self.subjects.first_row(self.lanes[l].item);
        let Some(walk) = &mut self.lanes[l].walk else { return };
        walk.row = first + row;
        self.take_values(l, first + row);
        self.follow.take_values(l, self.subjects, first + row);
        self.await_landings(l, now);
    }

    /// Finds the landings that come after a time, by the present individual values.
    pub(super) fn await_landings(&mut self, l: usize, now: Instant) {
        let Self { system, subjects, lanes, .. } = self;
        let lane = &mut lanes[l];
        let Some(walk) = &lane.walk else { return };
        let time = lane.base + now.ticks() * system.time_per_tick;
        let coming = |landing: &Landing| {
            landing.coming_from(time, &subjects.columns, walk.row, system.time_per_tick).later(now)
        };
        lane.landings.clear();
        lane.landings.extend(system.landings.iter().map(coming));
    }

    /// Begins the windows that begin at a time, unless the patient has yet to come to a steady state there.
    fn begin_windows(&mut self, l: usize, now: Instant) {
        let settles = self.lanes[l].walk.as_ref().is_some_and(|walk| walk.settles_by(now));
        // The time of a cohort begins when its steady state is reached.
        if settles || self.subjects.records().is_none() {
            return;
        }
        let (present, registers) = (self.present_state(), &self.registers);
        self.follow.begin_windows(l, now, |i| registers[present + i].0[l]);
    }

    /// Reads the patient at a record.
    fn read_record(&mut self, l: usize, now: Instant) {
        let Some(walk) = &mut self.lanes[l].walk else { return };
        let point = (walk.readings, READING);
        walk.readings += 1;
        self.look(l, now, point);
    }

    /// Keeps values of the patient, as at an observation time of the plan.
    fn keep_values(&mut self, l: usize, now: Instant, point: usize) {
        self.look(l, now, (point, self.system.observation_times[point]));
    }

    fn look(&mut self, l: usize, now: Instant, point: (usize, ObservationTime)) {
        let Self { system, registers, control, observations, lanes, .. } = self;
        let lane = &mut lanes[l];
        let Some(walk) = &lane.walk else { return };
        let time = lane.base + now.ticks() * system.time_per_tick;
        let (point, row) = (Some(point), Some(walk.row));
        let read = Observation { item: lane.item, tick: now.tick(), time, point, row };
        let present = usize::from(system.method.layout.state[control.side]);
        let states = system.observation.states.iter().map(|&i| registers[present + i].0[l]);
        observations.add(l, read, states);
    }
}
