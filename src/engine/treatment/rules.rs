//! What a plan says of treatment, with what the state machine needs to know of the plan.

use crate::cohort::{TICKS_PER_DAY, Ticks};
use crate::engine::schedule::NEVER;
use crate::plan::{DrugId, ObservedId, Plan, Protocol, Sequence, Stop};

use super::Place;

/// Days until what never comes.
pub(crate) const NEVER_DAYS: f64 = 1e30;
/// Two doses that differ by less, as a fraction of either, are the same.
pub(crate) const SAME_DOSE: f64 = 1e-6;

/// Days of so many ticks, exact for whole days.
pub(crate) fn days(ticks: f64) -> f64 {
    ticks / TICKS_PER_DAY
}

/// The protocol of a plan, with what it needs to know of the plan.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(super) protocol: Protocol,
    /// The doses of each drug, `[arm][drug]`.
    sequences: Vec<Vec<Sequence>>,
    /// By drug.
    drugs: Vec<DrugRules>,
    /// The visits, in order.
    visits: Vec<Ticks>,
    /// The end of the run: no dose is given any more.
    pub(crate) end: Ticks,
    /// Whether it is kept what becomes of doses.
    pub(super) follows: bool,
    /// How many doses of a patient are planned in an arm at most, and kept.
    most_doses: usize,
    kept_doses: usize,
    /// Whether a dose may be given other than as planned.
    pub(crate) is_adaptive: bool,
}

/// The rules of a drug, by their positions in the protocol's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DrugRules {
    pub(crate) is_on_demand: bool,
    /// What may end treatment with it.
    pub(crate) stops: Vec<usize>,
    pub(crate) skips: Vec<usize>,
    pub(crate) holds: Vec<usize>,
    pub(crate) changes: Vec<usize>,
    pub(crate) infusions: Vec<usize>,
}

impl DrugRules {
    pub(crate) fn new(plan: &Plan, drug: DrugId) -> Self {
        fn of<R>(rules: &[R], is_its: impl Fn(&R) -> bool) -> Vec<usize> {
            (0..rules.len()).filter(|&rule| is_its(&rules[rule])).collect()
        }
        let Protocol { stops, skips, holds, changes, infusions, .. } = &plan.protocol;
        let is_on_demand = plan.drugs[drug.index()].on_demand;
        // What is given on demand outlasts treatment.
        let is_stopped = |stop: &Stop| stop.drug.map_or(!is_on_demand, |its| its == drug);
        Self {
            is_on_demand,
            stops: of(stops, |stop| stop.treatment && is_stopped(stop)),
            skips: of(skips, |skip| skip.drug == drug),
            holds: of(holds, |hold| hold.drug == drug),
            changes: of(changes, |change| change.drug == drug),
            infusions: of(infusions, |infuse| infuse.drug == drug),
        }
    }
}

impl Rules {
    pub(crate) fn new(plan: &Plan) -> Self {
        let visits = plan.observation_times.iter().filter(|point| point.visit).map(|point| point.tick);
        let drugs = (0..plan.drugs.len()).map(|drug| DrugRules::new(plan, DrugId::new(drug)));
        Self {
            protocol: plan.protocol.clone(),
            sequences: (0..plan.arms.len()).map(|arm| plan.sequences(arm)).collect(),
            drugs: drugs.collect(),
            visits: visits.collect(),
            end: plan.end(),
            follows: plan.follows_doses(),
            most_doses: plan.most_doses(),
            kept_doses: plan.kept_doses(),
            is_adaptive: plan.protocol.is_adaptive(),
        }
    }

    /// The most doses that an arm has.
    pub(crate) fn most_doses(&self) -> usize {
        self.most_doses
    }

    /// How many of them are kept.
    pub(crate) fn kept_doses(&self) -> usize {
        self.kept_doses
    }

    pub(crate) fn drugs(&self) -> usize {
        self.drugs.len()
    }

    /// The conditions to stop, or to ask for a dose.
    pub(crate) fn watched(&self) -> impl Iterator<Item = ObservedId> {
        let Protocol { stops, demands, .. } = &self.protocol;
        stops.iter().map(|stop| stop.when).chain(demands.iter().map(|demand| demand.when))
    }

    /// Whether a dose may be asked for at a visit.
    pub(super) fn asks(&self) -> bool {
        !self.protocol.demands.is_empty()
    }

    fn sequence(&self, Place { arm, drug }: Place) -> &Sequence {
        &self.sequences[arm][drug]
    }

    /// How many doses of a drug an arm has.
    pub(super) fn doses_of(&self, place: Place) -> usize {
        self.sequence(place).positions.len()
    }

    /// The position of a drug's dose among all doses of the arm.
    pub(super) fn position(&self, place: Place, number: usize) -> Option<usize> {
        self.sequence(place).positions.get(number).copied()
    }

    /// When a dose is planned, so many times of the calendar later.
    pub(super) fn planned(&self, place: Place, number: usize, shift: usize) -> Ticks {
        let Sequence { positions, calendar } = self.sequence(place);
        let tick = calendar.get(number + shift).filter(|_| number < positions.len());
        tick.copied().unwrap_or(NEVER)
    }

    /// The first visit at or after a tick.
    pub(super) fn visit_from(&self, tick: Ticks) -> Ticks {
        self.visits.get(self.visits.partition_point(|&visit| visit < tick)).copied().unwrap_or(NEVER)
    }

    /// Whether doses of a drug may wait, so that they are given at visits.
    pub(super) fn waits(&self, drug: usize) -> bool {
        !self.drugs[drug].holds.is_empty()
    }

    pub(super) fn is_on_demand(&self, drug: usize) -> bool {
        self.drugs[drug].is_on_demand
    }

    /// What may end treatment with a drug.
    pub(super) fn stops(&self, drug: usize) -> impl Iterator<Item = (usize, &Stop)> {
        self.drugs[drug].stops.iter().map(|&stop| (stop, &self.protocol.stops[stop]))
    }

    pub(super) fn skips(&self, drug: usize) -> impl Iterator<Item = usize> {
        self.drugs[drug].skips.iter().copied()
    }

    pub(super) fn holds(&self, drug: usize) -> impl Iterator<Item = usize> {
        self.drugs[drug].holds.iter().copied()
    }

    pub(super) fn changes(&self, drug: usize) -> impl Iterator<Item = usize> {
        self.drugs[drug].changes.iter().copied()
    }

    pub(super) fn infusions(&self, drug: usize) -> impl Iterator<Item = usize> {
        self.drugs[drug].infusions.iter().copied()
    }

    /// The bit of a delay; 0 of another hold.
    pub(super) fn delay(&self, hold: usize) -> u32 {
        self.protocol.delay(hold).map_or(0, |position| 1 << position)
    }
}
