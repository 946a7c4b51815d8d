//! Reads the lanes: at the observation times within their steps, and at landings. WGSL twin: `shaders/reading.wgsl`.

use crate::cohort::Ticks;
use crate::engine::instant::Instant;

use super::super::program::{Block, LANES};
use super::super::queue::Observation;
use super::super::real::Real;
use super::super::within::{Places, Sample};
use super::Lanes;

/// The states within the steps of the lanes.
pub(super) struct Within<T> {
    places: Places<T>,
    /// Those that are read.
    states: Vec<Block<T>>,
}

impl<T: Real> Within<T> {
    /// For so many states.
    pub(super) fn new(states: usize) -> Self {
        Self { places: Places::nowhere(), states: vec![Block::splat(T::of(0.0)); states] }
    }
}

impl<T: Real> Lanes<'_, T> {
    /// Reads the observation times that the accepted steps have passed, but for one at a segment's end: one of each lane at
    /// a time.
    pub(super) fn read_within(&mut self, accepted: &[bool; LANES]) {
        let mut is_read: [bool; LANES] =
            std::array::from_fn(|l| accepted[l] && self.follow.broken[l].is_none());
        loop {
            let passed: [Option<f64>; LANES] =
                std::array::from_fn(|l| if is_read[l] { self.passed(l) } else { None });
            is_read = passed.map(|fraction| fraction.is_some());
            if !is_read.contains(&true) {
                return;
            }
            let Self { system, registers, control, within, .. } = self;
            let method = &system.method;
            within.places.clear();
            for (l, fraction) in passed.iter().enumerate() {
                fraction.inspect(|&fraction| within.places.look(method, l, fraction));
            }
            let Within { places, states: to } = within;
            let states = &system.observation.states;
            self.isa.run(Sample { method, registers, control, places, states, to });
            for l in (0..LANES).filter(|&l| is_read[l]) {
                let lane = &mut self.lanes[l];
                let point = self.system.observation_times[lane.point];
                let (item, tick) = (lane.item, point.tick);
                let time = f64::from(tick) * self.system.time_per_tick;
                let read = Observation { item, tick, time, point: Some((lane.point, point)), row: None };
                self.observations.add(l, read, self.within.states.iter().map(|block| block.0[l]));
                lane.point += 1;
            }
        }
    }

    /// The fraction of a lane's step at which it has passed its next observation time.
    fn passed(&self, l: usize) -> Option<f64> {
        let lane = &self.lanes[l];
        let tick = self.system.observation_times.get(lane.point)?.tick;
        let (from, to) = (self.control.time.0[l], self.control.t_new.0[l]);
        let at = T::of(Instant::of_tick(tick).ticks_since(lane.start) * self.system.time_per_tick);
        let is_passed = Instant::of_tick(tick) < lane.end && at <= to;
        is_passed.then(|| ((at - from) / self.control.dt.0[l]).wide())
    }

    /// Reads the present state at a landing, if it is an observation time or if it is decided there about a dose.
    pub(super) fn read_present(&mut self, l: usize, now: Instant) {
        let is_planned = self.is_planned();
        let Self { system, registers, control, observations, lanes, .. } = self;
        let lane = &mut lanes[l];
        let is_now = |tick: Ticks| Instant::of_tick(tick) == now;
        let point = system.observation_times.get(lane.point).filter(|point| is_now(point.tick));
        let point = point.map(|&point| (lane.point, point));
        if point.is_some() || !is_planned && now >= Instant::of_tick(lane.next_decision) {
            let present = usize::from(system.method.layout.state[control.side]);
            let states = system.observation.states.iter().map(|&i| registers[present + i].0[l]);
            let (item, tick) = (lane.item, now.tick());
            let time = f64::from(tick) * system.time_per_tick;
            observations.add(l, Observation { item, tick, time, point, row: None }, states);
        }
        lane.point += usize::from(point.is_some());
    }
}
