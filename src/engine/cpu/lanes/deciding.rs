//! What happens at landings, where segments end. WGSL twin: `shaders/deciding.wgsl`.

use crate::engine::Status;
use crate::engine::instant::Instant;

use super::super::method::Scheme;
use super::super::program::LANES;
use super::super::real::Real;
use super::dosing::Entered;
use super::{Lanes, Phase};

/// Attempts for which a lane waits to be decided with others: so many that most of what is read is
/// taken from many lanes at once, so few that hardly a lane waits.
const MAX_WAIT_ATTEMPTS: u32 = 2;

impl<T: Real> Lanes<'_, T> {
    /// At the end of a segment: it is read, and it is decided about doses.
    pub(super) fn at_tstop(&mut self, l: usize) {
        if self.lanes[l].walk.is_some() {
            return self.at_stop(l);
        }
        let now = self.lanes[l].end;
        self.read_present(l, now);
        let (present, registers) = (self.present_state(), &self.registers);
        self.follow.begin_windows(l, now, |i| registers[present + i].0[l]);
        if now == Instant::of_tick(self.system.end) {
            self.close(l, Status::Ok);
        } else if now >= Instant::of_tick(self.lanes[l].next_decision) && !self.is_planned() {
            self.pause(l);
        } else {
            self.leave_tstop(l);
        }
    }

    /// A lane waits to be decided.
    pub(super) fn pause(&mut self, l: usize) {
        self.deciding += 1;
        let lane = &mut self.lanes[l];
        lane.paused = [self.control.step.0[l].wide(), self.control.log_err_prev.0[l].wide()];
        self.columns.phase[l] = Phase::Deciding;
    }

    /// Decides the lanes that wait, once one has waited long enough or there is nothing else to do.
    pub(super) fn decide(&mut self) {
        self.waited += u32::from(self.deciding > 0);
        if self.deciding == 0 || self.waited < MAX_WAIT_ATTEMPTS && self.deciding < self.busy {
            return;
        }
        self.waited = 0;
        for l in 0..LANES {
            if self.columns.phase[l] == Phase::Deciding {
                self.deciding -= 1;
                self.observations.drain(l);
                let [step, previous] = self.lanes[l].paused;
                (self.control.step.0[l], self.control.log_err_prev.0[l]) = (T::of(step), T::of(previous));
                self.columns.phase[l] = Phase::Running;
                self.leave_tstop(l);
            }
        }
    }

    /// Leaves a landing: doses start or end, equations change, and the next segment begins.
    pub(super) fn leave_tstop(&mut self, l: usize) {
        let now = self.lanes[l].end;
        if self.dose_due(l, now).is_err() {
            return self.close(l, Status::BadDose);
        }
        let entered = self.dose(l, now);
        let jumps = self.jumps(l, now);
        let end = self.lanes[l].schedule.next_boundary(&self.system.doses, now);
        let end = end.min(Instant::of_tick(self.lanes[l].next_decision));
        self.begin_segment(l, [now, end]);
        self.go_on(l, Entered { bolus: entered.bolus || now == Instant::START, ..entered }, jumps);
    }

    /// Goes on at the beginning of a segment, by what has just entered and whether the equations have jumped.
    pub(super) fn go_on(&mut self, l: usize, entered: Entered, jumps: bool) {
        if let Scheme::ClosedForm(solution) = &self.system.method.scheme {
            self.control.step.0[l] = solution.first_step(&self.registers, l);
            self.columns.phase[l] = Phase::Running;
            self.check_steps(l);
            return;
        }
        let dt_next = self.control.step.0[l].wide();
        if entered.bolus {
            self.restart(l, self.onset(l));
        } else if jumps {
            // The right-hand side has just changed: the error of the last step says nothing about the next.
            self.restart(l, Some(self.onset(l).map_or(dt_next, |onset| onset.min(dt_next))));
        } else if entered.rises && self.system.method.layout.keeps_derivative() {
            // So it has here; its derivative is known.
            self.start_steps(l, 1.0, dt_next);
        } else if entered.rises {
            self.restart(l, Some(dt_next));
        } else {
            self.check_steps(l);
        }
    }

    /// Whether the equations jump at a landing.
    pub(super) fn jumps(&self, l: usize, now: Instant) -> bool {
        let mut landings = self.lanes[l].landings.iter().zip(&self.system.landings);
        landings.any(|(coming, landing)| landing.jumps && coming.next == now)
    }

    /// Sets the bounds of the segment that begins at a landing and ends at a time, or at what comes before.
    pub(super) fn begin_segment(&mut self, l: usize, [now, end]: [Instant; 2]) {
        let lane = &mut self.lanes[l];
        (lane.start, lane.end) = (now, end);
        for landing in &mut lane.landings {
            landing.pass(now);
            lane.end = lane.end.min(landing.next);
        }
        // On the way to a steady state time is another.
        let is_apart = lane.walk.as_ref().is_some_and(|walk| walk.settling.is_some());
        let next_end = self.follow.next_end(l, now).filter(|_| !is_apart);
        lane.end = next_end.map_or(lane.end, |end| end.min(lane.end));
        self.follow.begin_segment(l, [now, lane.end], is_apart);
        let (base, start, length) = (lane.base, now.ticks(), lane.end.ticks_since(now));
        let time = |ticks: f64| ticks * self.system.time_per_tick;
        self.control.start.0[l] = T::of(base + time(start));
        self.control.length.0[l] = T::of(time(length));
        self.control.time.0[l] = T::of(0.0);
        self.registers[usize::from(self.system.method.layout.middle)].0[l] =
            T::of(base + time(start + 0.5 * length));
        self.columns.is_apart[l] = is_apart;
        self.await_read(l);
    }
}
