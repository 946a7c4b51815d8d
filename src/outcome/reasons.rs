//! The rules of a protocol as labels.

use std::sync::Arc;

use crate::engine::Decision;
use crate::plan::{BeyondLimit, Change, Protocol, Stop, position_or_push};

/// Some of the rules by their labels. Rules of one label are one.
pub(super) struct Reasons {
    pub(super) labels: Arc<[String]>,
    /// Position of the label of each rule; none of a rule that is not among them.
    of_rule: Vec<Option<u32>>,
}

/// A rule of a protocol.
enum Rule<'a> {
    Stop(&'a Stop),
    Hold,
    Change(&'a Change),
    Skip,
    Demand,
    Infuse,
}

impl Reasons {
    /// What may end treatment: a dose that waited too long, too.
    pub(super) fn of_stopping(protocol: &Protocol) -> Self {
        Self::new(protocol, |rule| match rule {
            Rule::Stop(stop) => stop.treatment,
            Rule::Hold => true,
            Rule::Change(change) => change.by.beyond == BeyondLimit::Stop,
            Rule::Skip | Rule::Demand | Rule::Infuse => false,
        })
    }

    /// What may make a patient leave.
    pub(super) fn of_leaving(protocol: &Protocol) -> Self {
        Self::new(protocol, |rule| matches!(rule, Rule::Stop(stop) if stop.leaves))
    }

    /// What may make a dose wait.
    pub(super) fn of_holding(protocol: &Protocol) -> Self {
        Self::new(protocol, |rule| matches!(rule, Rule::Hold))
    }

    /// What may change a dose.
    pub(super) fn of_changing(protocol: &Protocol) -> Self {
        Self::new(protocol, |rule| matches!(rule, Rule::Change(_)))
    }

    /// What may leave a dose out.
    pub(super) fn of_skipping(protocol: &Protocol) -> Self {
        Self::new(protocol, |rule| matches!(rule, Rule::Skip))
    }

    /// What may change how long a dose is infused.
    pub(super) fn of_infusing(protocol: &Protocol) -> Self {
        Self::new(protocol, |rule| matches!(rule, Rule::Infuse))
    }

    /// What may ask for a dose.
    pub(super) fn of_demanding(protocol: &Protocol) -> Self {
        Self::new(protocol, |rule| matches!(rule, Rule::Demand))
    }

    fn new(protocol: &Protocol, is_meant: impl Fn(&Rule<'_>) -> bool) -> Self {
        let stops = protocol.stops.iter().map(|stop| (Rule::Stop(stop), &stop.label));
        let holds = protocol.holds.iter().map(|hold| (Rule::Hold, &hold.label));
        let changes = protocol.changes.iter().map(|change| (Rule::Change(change), &change.label));
        let skips = protocol.skips.iter().map(|skip| (Rule::Skip, &skip.label));
        let demands = protocol.demands.iter().map(|demand| (Rule::Demand, &demand.label));
        let infusions = protocol.infusions.iter().map(|infuse| (Rule::Infuse, &infuse.label));
        let mut labels = Vec::new();
        let rules = stops.chain(holds).chain(changes).chain(skips).chain(demands).chain(infusions);
        let of_rule = rules.map(|(rule, label)| {
            is_meant(&rule).then(|| position_or_push(&mut labels, label.clone()) as u32)
        });
        let of_rule = of_rule.collect();
        Self { labels: labels.into(), of_rule }
    }

    /// Whether no rule is among them.
    pub(super) fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Position of a decision's label.
    pub(super) fn position(&self, decision: Option<Decision>) -> Option<u32> {
        self.of_rule.get(decision?.reason.index()).copied().flatten()
    }
}
