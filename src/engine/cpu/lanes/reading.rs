//! Reads the lanes: at the observation times within their steps, and at landings. WGSL twin: `shaders/reading.wgsl`.

use crate::cohort::Ticks;
use crate::engine::instant::Instant;

use super::super::control::Control;
use super::super::method::Method;
use super::super::program::{Block, LANES, TILE};
use super::super::queue::Observation;
use super::super::real::Real;
use super::super::within::{Places, Sample};
use super::Lanes;
use crate::isa::{Arithmetic, Task};

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
            std::array::from_fn(|l| accepted[l] & self.follow.broken[l].is_none());
        while self.look_within(&mut is_read) {
            for l in (0..LANES).filter(|&l| is_read[l]) {
                let lane = &mut self.lanes[l];
                let point = self.system.observation_times[lane.point];
                let (item, tick) = (lane.item, point.tick);
                let time = f64::from(tick) * self.system.time_per_tick;
                let read = Observation { item, tick, time, point: Some((lane.point, point)), row: None };
                self.observations.add(l, read, self.within.states.iter().map(|block| block.0[l]));
                lane.point += 1;
                self.await_read(l);
            }
        }
    }

    /// Looks at those of some lanes whose steps have passed their next observation times, at these; whether there are any.
    fn look_within(&mut self, is_read: &mut [bool; LANES]) -> bool {
        let Self { system, registers, control, within, columns, .. } = self;
        let (method, next_read) = (&system.method, &columns.next_read);
        let states = &system.observation.states[..];
        self.isa.run(Look { method, registers, control, next_read, states, within, is_read })
    }

    /// Finds when a lane passes its next observation time, if that is before the end of its segment.
    pub(super) fn await_read(&mut self, l: usize) {
        let lane = &self.lanes[l];
        let point = self.system.observation_times.get(lane.point);
        let at = point.map(|point| Instant::of_tick(point.tick)).filter(|&at| at < lane.end);
        let since = at.map(|at| at.ticks_since(lane.start) * self.system.time_per_tick);
        self.columns.next_read.0[l] = T::of(since.unwrap_or(f64::INFINITY));
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

/// Looks at the lanes that have passed their next observation time, at that time: whether there are any.
struct Look<'a, T> {
    method: &'a Method,
    registers: &'a mut [Block<T>],
    control: &'a Control<T>,
    next_read: &'a Block<T>,
    states: &'a [usize],
    within: &'a mut Within<T>,
    /// Lanes that may have passed it; in the end, those that have.
    is_read: &'a mut [bool; LANES],
}

impl<T: Real> Task for Look<'_, T> {
    type Out = bool;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Self::Out {
        let Self { method, registers, control, next_read, states, within, is_read } = self;
        let Within { places, states: to } = within;
        places.clear();
        for (tile, is_read) in is_read.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
            let (next, t_new) = (next_read.tile(tile), control.t_new.tile(tile));
            for l in 0..TILE {
                is_read[l] &= next[l] <= t_new[l];
            }
            if is_read.contains(&true) {
                let (time, dt) = (control.time.tile(tile), control.dt.tile(tile));
                let mut fractions = [0.0; TILE];
                for l in 0..TILE {
                    fractions[l] = ((next[l] - time[l]) / dt[l]).wide();
                }
                places.look_in(method, tile, fractions);
            }
        }
        let is_any = is_read.contains(&true);
        if is_any {
            let places = std::slice::from_ref(places);
            Sample { method, registers, control, places, states, to }.take::<A>();
        }
        is_any
    }
}
