//! The way to a steady state: from one dose to the next until nothing changes any more.
//!
//! A cycle is repeated, from the time of its record on, until what still lies ahead is less than the error that steps
//! may make. What lies ahead is foreseen from how much less a cycle moves the states than the one before, both measured
//! by the present states: what grows for ever does not settle for being large. Where that
//! is always the same, as in the end it is in a linear system, the states are taken to where it leads (Aitken's
//! process), and cycles go on from there. WGSL twin: `shaders/settling.wgsl`.

use crate::engine::Status;
use crate::engine::instant::Instant;
use crate::engine::method::settling::{CERTAIN, CLEAR, MOST_CYCLES, SAME_RATIO, SLOW, ahead};

use super::super::real::Real;
use super::Lanes;

/// How far a patient has come to a steady state.
#[derive(Debug)]
pub(super) struct Settling {
    /// Position of the cycle.
    pub(super) cycle: usize,
    /// The next stop in it.
    pub(super) stop: usize,
    /// How long the cycle is now.
    pub(super) length: Instant,
    /// When the itinerary goes on.
    at: Instant,
    cycles: u32,
    /// The states at the beginning of the cycle.
    before: Vec<f64>,
    /// How far the last cycle moved them, and by which share of the one before; unknown at first.
    moves: Option<Vec<f64>>,
    ratio: f64,
    /// The states before it, to which what it comes to may be added, and whether it is; areas go on from there.
    kept: Vec<f64>,
    adds: bool,
}

impl<T: Real> Lanes<'_, T> {
    /// Begins the way to a steady state.
    pub(super) fn begin_settling(&mut self, l: usize, cycle: usize, now: Instant) {
        let kept = self.states_of(l, self.control.side);
        self.take_initial_states_of_row(l);
        let before = self.states_of(l, self.control.side);
        let time_per_tick = self.system.time_per_tick;
        for infused in 0..self.system.infused.len() {
            self.set_rate(l, infused, 0.0);
        }
        let lane = &mut self.lanes[l];
        let Some(walk) = &mut lane.walk else { return };
        let of = &walk.itinerary.cycles[cycle];
        walk.settling = Some(Settling {
            cycle,
            stop: 0,
            length: of.length,
            at: now,
            cycles: 0,
            before,
            moves: None,
            ratio: f64::NAN,
            kept,
            adds: of.adds,
        });
        lane.base = walk.itinerary.origin + now.ticks() * time_per_tick;
        self.await_landings(l, Instant::START);
    }

    /// Ends a cycle: from when the next one, or the itinerary, goes on; none if the patient is given up.
    pub(super) fn end_cycle(&mut self, l: usize) -> Option<Instant> {
        let states = self.states_of(l, self.control.side);
        let scales = self.scales(&states);
        let walk = self.lanes[l].walk.as_mut()?;
        let doubles = walk.settling.as_ref().is_some_and(|s| walk.itinerary.cycles[s.cycle].doubles);
        let settling = walk.settling.as_mut()?;
        let moves: Vec<f64> = states.iter().zip(&settling.before).map(|(now, before)| now - before).collect();
        let length = |moves: &Vec<f64>| {
            let counted = moves.iter().zip(&scales).zip(&self.system.quadratures);
            let counted = counted.filter(|(_, is_quadrature)| !**is_quadrature);
            counted.map(|((moved, scale), _)| moved.abs() / scale).fold(0.0, f64::max)
        };
        let moved = length(&moves);
        let ratio = settling.moves.as_ref().map_or(f64::NAN, |before| moved / length(before));
        settling.cycles += 1;
        let far = if ratio < 1.0 { moved * ratio / (1.0 - ratio) } else { moved };
        if moved == 0.0 || settling.cycles > 1 && far.max(0.1 * moved) <= ahead(T::EPSILON) {
            return self.arrive(l, states);
        }
        if settling.cycles >= MOST_CYCLES {
            self.close(l, Status::NoSteadyState);
            return None;
        }
        let uncertain = CERTAIN * T::EPSILON / (self.system.method.rtol * moved);
        let least = uncertain.max(1.0 / f64::from(MOST_CYCLES));
        let leads_somewhere = ratio <= CLEAR || 1.0 - ratio > least;
        let is_same = (ratio - settling.ratio).abs() < SAME_RATIO;
        let is_steady = is_same && ratio >= SLOW && leads_somewhere && !doubles;
        let next = if is_steady { led_to(&states, &settling.before, ratio) } else { states };
        (settling.moves, settling.ratio) = if is_steady { (None, f64::NAN) } else { (Some(moves), ratio) };
        settling.stop = 0;
        if doubles {
            settling.length = settling.length.later(settling.length);
        }
        settling.before.clone_from(&next);
        self.put_states(l, next);
        self.await_landings(l, Instant::START);
        Some(Instant::START)
    }

    /// Comes to the steady state, and goes on with the itinerary.
    fn arrive(&mut self, l: usize, mut states: Vec<f64>) -> Option<Instant> {
        let lane = &mut self.lanes[l];
        let walk = lane.walk.as_mut()?;
        let Settling { at, kept, adds, .. } = walk.settling.take()?;
        for ((state, kept), is_quadrature) in states.iter_mut().zip(kept).zip(&self.system.quadratures) {
            match (*is_quadrature, adds) {
                (true, _) => *state = kept,
                (false, true) => *state += kept,
                (false, false) => {}
            }
        }
        lane.base = walk.itinerary.origin;
        self.put_states(l, states);
        self.await_landings(l, at);
        Some(at)
    }

    /// Areas begin with time 0.
    pub(super) fn take_quadratures(&mut self, l: usize) {
        let present = self.present_state();
        let states = self.system.quadratures.iter().zip(&mut self.registers[present..]);
        for (_, register) in states.filter(|(is_quadrature, _)| **is_quadrature) {
            register.0[l] = T::of(0.0);
        }
    }

    fn put_states(&mut self, l: usize, states: Vec<f64>) {
        let present = self.present_state();
        for (register, state) in self.registers[present..].iter_mut().zip(states) {
            register.0[l] = T::of(state);
        }
    }

    /// The error that a step may make in each state; infinite outside the error norm.
    fn scales(&self, states: &[f64]) -> Vec<f64> {
        let method = &self.system.method;
        method.atol.iter().zip(states).map(|(atol, state)| atol + method.rtol * state.abs()).collect()
    }
}

/// Where moves that shrink by a ratio from one cycle to the next lead.
fn led_to(states: &[f64], before: &[f64], ratio: f64) -> Vec<f64> {
    let ahead = ratio / (1.0 - ratio);
    states.iter().zip(before).map(|(now, before)| now + ahead * (now - before)).collect()
}
