//! What is decided about a patient at visits: leaving, the end of treatment, held and changed doses.
//! WGSL twin: `shaders/treatment.wgsl`.

use crate::cohort::{TICKS_PER_DAY, Ticks};
use crate::engine::schedule::{Given, NEVER};
use crate::engine::{Decision, DoseRecord, Endings, FixedDose};
use crate::model::graph::TreatmentVariable;
use crate::plan::{Amount, BeyondLimit, Change, DoseStep, During, Hold, Plan, Protocol};

/// Days until what never comes.
pub(crate) const NEVER_DAYS: f64 = 1e30;
/// Two doses that differ by less are the same.
pub(crate) const SAME_DOSE: f64 = 1e-6;

/// Days of so many ticks, exact for whole days.
pub(crate) fn days(ticks: f64) -> f64 {
    ticks / TICKS_PER_DAY
}

/// The protocol of a plan, with what it needs to know of the plan.
#[derive(Debug)]
pub(crate) struct Rules {
    protocol: Protocol,
    /// When doses are planned, `[arm][dose]`.
    planned: Vec<Vec<Ticks>>,
    /// The visits, in order.
    visits: Vec<Ticks>,
    /// The end of the run: no dose is given any more.
    end: Ticks,
    /// Whether a dose may be given other than as planned.
    pub(crate) is_adaptive: bool,
}

impl Rules {
    pub(crate) fn new(plan: &Plan) -> Self {
        let visits = plan.observation_times.iter().filter(|point| point.visit).map(|point| point.tick);
        let planned = plan.arms.iter().map(|arm| arm.doses.iter().map(|dose| dose.tick).collect());
        Self {
            protocol: plan.protocol.clone(),
            planned: planned.collect(),
            visits: visits.collect(),
            end: plan.end(),
            is_adaptive: plan.protocol.is_adaptive(),
        }
    }

    /// The most doses that an arm has.
    pub(crate) fn doses(&self) -> usize {
        self.planned.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Whether one of the conditions to stop holds.
    pub(crate) fn stops(&self, holds: impl Fn(usize) -> bool) -> bool {
        self.protocol.stops.iter().any(|stop| holds(stop.when))
    }

    /// The bit of a delay; 0 of a hold.
    fn delay(&self, hold: usize) -> u32 {
        self.protocol.delay(hold).map_or(0, |position| 1 << position)
    }

    /// The first visit at or after a tick.
    fn visit_from(&self, tick: Ticks) -> Ticks {
        self.visits.get(self.visits.partition_point(|&visit| visit < tick)).copied().unwrap_or(NEVER)
    }

    /// When an arm's dose is planned.
    fn planned(&self, arm: usize, dose: usize) -> Ticks {
        self.planned[arm].get(dose).copied().unwrap_or(NEVER)
    }
}

/// A dose that waits.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    /// Position of the hold.
    hold: usize,
    /// When this hold began.
    began: Ticks,
}

/// The treatment of one patient in one arm, as far as it has come.
#[derive(Debug, Clone)]
pub(crate) struct Treatment {
    arm: usize,
    given: usize,
    /// When the next dose is due.
    pub(crate) due: Ticks,
    waiting: Option<Waiting>,
    /// Delays that are over for the dose that is due, by their position among delays.
    over: u32,
    last: Option<Given>,
    /// The present dose as a multiple of the arm's.
    factor: f64,
    endings: Endings,
}

/// A visit, or another time at which a dose is due.
pub(crate) struct Moment<V> {
    pub(crate) tick: Ticks,
    pub(crate) visit: bool,
    /// Whether something that stops treatment or a stay may hold.
    pub(crate) stops: bool,
    /// The observed values.
    pub(crate) value: V,
}

impl<V: Fn(usize) -> f64> Moment<V> {
    fn holds(&self, condition: usize) -> bool {
        (self.value)(condition) != 0.0
    }

    fn decision(&self, reason: usize, shows: usize) -> Decision {
        Decision { reason, tick: self.tick, value: (self.value)(shows) }
    }
}

impl Treatment {
    /// Before anything was given.
    pub(crate) fn new(rules: &Rules, arm: usize, fixed: Option<&[FixedDose]>) -> Self {
        let mut treatment = Self {
            arm,
            given: 0,
            due: NEVER,
            waiting: None,
            over: 0,
            last: None,
            factor: 1.0,
            endings: Endings::default(),
        };
        treatment.due = treatment.next_due(rules, fixed);
        treatment
    }

    pub(crate) fn endings(&self) -> Endings {
        self.endings
    }

    /// How far it has come at a tick, before what is decided there.
    pub(crate) fn during(&self, tick: Ticks) -> During {
        match self.endings {
            Endings { left: Some(_), .. } => During::Run,
            Endings { stopped: Some(_), .. } => During::OnStudy,
            _ if tick >= self.due => During::Dosing,
            _ => During::Treatment,
        }
    }

    /// Whether the patient left at a visit before.
    pub(crate) fn has_left(&self) -> bool {
        self.endings.left.is_some()
    }

    /// When the patient must be looked at again for its doses, after a tick.
    pub(crate) fn next_look(&self, rules: &Rules, tick: Ticks) -> Ticks {
        match self.waiting {
            Some(_) => rules.visit_from(tick + 1),
            None => self.due,
        }
    }

    /// The dose that was given at a tick.
    pub(crate) fn given_at(&self, tick: Ticks) -> Option<Given> {
        self.last.filter(|last| last.tick == tick)
    }

    /// How far it has come at a tick.
    pub(crate) fn course(&self, course: TreatmentVariable, tick: Ticks) -> f64 {
        let is_due = tick >= self.due;
        match course {
            TreatmentVariable::Day => days(tick.into()),
            TreatmentVariable::DosesGiven => self.given as f64,
            TreatmentVariable::Cycle => (self.given + usize::from(is_due)) as f64,
            TreatmentVariable::DaysSinceDose => {
                self.last.map_or(NEVER_DAYS, |last| days((tick - last.tick).into()))
            }
            TreatmentVariable::DaysHeld if is_due => days((tick - self.due).into()),
            TreatmentVariable::DaysHeld => 0.0,
            TreatmentVariable::RelativeDose => self.factor,
            TreatmentVariable::OnTreatment => f64::from(self.endings.stopped.is_none()),
            TreatmentVariable::OnStudy => f64::from(!self.has_left()),
        }
    }

    /// Decides, once everything is read and kept: whether a dose is given. `records` are the patient's
    /// planned doses.
    pub(crate) fn decide(
        &mut self,
        rules: &Rules,
        moment: &Moment<impl Fn(usize) -> f64>,
        fixed: Option<&[FixedDose]>,
        records: &mut [DoseRecord],
    ) -> bool {
        // A dose that waits is looked at again at visits alone.
        let is_looked_at = moment.visit || moment.tick == self.due;
        let is_due = is_looked_at && moment.tick >= self.due && moment.tick < rules.end;
        if moment.visit && moment.stops {
            self.leave(rules, moment);
            self.stop(rules, moment, is_due);
        }
        if !is_due || self.given >= records.len() {
            return false;
        }
        let record = &mut records[self.given];
        record.factor = self.factor;
        match fixed {
            Some(fixed) => self.factor = fixed[self.given].factor,
            None if self.endings.stopped.is_some() => return self.end(),
            None if self.waits(rules, moment, record) => return false,
            None => self.change(rules, moment, record),
        }
        if fixed.is_none() && self.endings.stopped.is_some() {
            return self.end();
        }
        let given = Given { tick: moment.tick, factor: self.factor };
        (record.given, record.factor) = (Some(given.tick), given.factor);
        self.last = Some(given);
        self.given += 1;
        (self.waiting, self.over) = (None, 0);
        self.due = self.next_due(rules, fixed);
        true
    }

    /// No dose from now on.
    fn end(&mut self) -> bool {
        (self.due, self.waiting) = (NEVER, None);
        false
    }

    fn leave(&mut self, rules: &Rules, moment: &Moment<impl Fn(usize) -> f64>) {
        if self.endings.left.is_none() {
            let mut stops = rules.protocol.stops.iter().enumerate();
            let found = stops.find(|(_, stop)| stop.leaves && moment.holds(stop.when));
            self.endings.left = found.map(|(reason, stop)| moment.decision(reason, stop.shows));
        }
    }

    fn stop(&mut self, rules: &Rules, moment: &Moment<impl Fn(usize) -> f64>, is_due: bool) {
        if self.endings.stopped.is_none() {
            let mut stops = rules.protocol.stops.iter().enumerate();
            let found = stops
                .find(|(_, stop)| stop.treatment && (is_due || !stop.at_dose) && moment.holds(stop.when));
            self.endings.stopped = found.map(|(reason, stop)| moment.decision(reason, stop.shows));
        }
    }

    /// Whether the dose that is due waits, or must not be given any more.
    fn waits(
        &mut self,
        rules: &Rules,
        moment: &Moment<impl Fn(usize) -> f64>,
        record: &mut DoseRecord,
    ) -> bool {
        let holds = &rules.protocol.holds;
        let first = rules.protocol.stops.len();
        let late = moment.tick - self.due;
        if let Some(Waiting { hold, began }) = self.waiting {
            let Hold { until, at_least, at_most, .. } = holds[hold];
            let is_over = until.is_none_or(|until| moment.holds(until));
            if late <= at_most && moment.tick - began >= at_least && is_over {
                self.waiting = None;
                self.over |= rules.delay(hold);
            }
        }
        if self.waiting.is_none() {
            let hold = (0..holds.len()).find(|&hold| self.begins(rules, moment, hold));
            self.waiting = hold.map(|hold| Waiting { hold, began: moment.tick });
        }
        let Some(Waiting { hold, .. }) = self.waiting else { return false };
        let Hold { shows, at_most, .. } = holds[hold];
        let decision = moment.decision(first + hold, shows);
        if late == 0 {
            record.held = Some(decision);
        }
        if late >= at_most {
            self.endings.stopped = Some(decision);
            self.end();
        }
        true
    }

    /// Whether a hold begins.
    fn begins(&self, rules: &Rules, moment: &Moment<impl Fn(usize) -> f64>, hold: usize) -> bool {
        let Hold { when, until, again, .. } = rules.protocol.holds[hold];
        let delay = rules.delay(hold);
        let has_recovered = until.is_some_and(|until| moment.holds(until));
        match (delay != 0, self.over & delay != 0) {
            (true, false) => moment.holds(when),
            (true, true) => moment.holds(again) && !has_recovered,
            (false, _) => moment.holds(when) && !has_recovered,
        }
    }

    /// Changes the dose, or ends treatment where it cannot go as far.
    fn change(&mut self, rules: &Rules, moment: &Moment<impl Fn(usize) -> f64>, record: &mut DoseRecord) {
        let changes = &rules.protocol.changes;
        let first = rules.protocol.stops.len() + rules.protocol.holds.len();
        let Some(position) = changes.iter().position(|change| moment.holds(change.when)) else { return };
        let Change { shows, by, .. } = &changes[position];
        let decision = moment.decision(first + position, *shows);
        match changed(by, self.arm, self.factor) {
            Some(factor) if factor == self.factor => {}
            Some(factor) => (self.factor, record.changed) = (factor, Some(decision)),
            None => (self.endings.stopped, record.changed) = (Some(decision), Some(decision)),
        }
    }

    fn next_due(&self, rules: &Rules, fixed: Option<&[FixedDose]>) -> Ticks {
        if let Some(fixed) = fixed {
            return fixed.get(self.given).and_then(|dose| dose.tick).unwrap_or(NEVER);
        }
        let planned = rules.planned(self.arm, self.given);
        let late = self.last.map_or(0, |last| last.tick - rules.planned(self.arm, self.given - 1));
        match planned.saturating_add(late) {
            due if rules.protocol.holds.is_empty() => due,
            due => rules.visit_from(due),
        }
    }
}

/// The dose after a change; `None` if treatment ends instead.
fn changed(step: &DoseStep, arm: usize, factor: f64) -> Option<f64> {
    let limit = step.limit[arm];
    let (lower, higher) = (factor * (1.0 - SAME_DOSE), factor * (1.0 + SAME_DOSE));
    let next = match &step.amount {
        Amount::Times(times) => Some(factor * times),
        Amount::Down(levels) => levels[arm].iter().rev().copied().find(|&level| level < lower),
        Amount::Up(levels) => levels[arm].iter().copied().find(|&level| level > higher),
    };
    let is_down = match step.amount {
        Amount::Times(times) => times < 1.0,
        Amount::Down(_) => true,
        Amount::Up(_) => false,
    };
    let beyond = |next: f64| {
        if is_down { next < limit * (1.0 - SAME_DOSE) } else { next > limit * (1.0 + SAME_DOSE) }
    };
    match (next, step.beyond) {
        (Some(next), _) if !beyond(next) => Some(next),
        (_, BeyondLimit::Stop) => None,
        (None, BeyondLimit::Stay) => Some(factor),
        // From beyond the limit it does not come back to it.
        (Some(_), BeyondLimit::Stay) => Some(if beyond(factor) { factor } else { limit }),
    }
}
