//! The drugs of a plan on the device: where their doses lie, and which rules are about each.

use crate::engine::program::Lowered;
use crate::engine::treatment::DrugRules;
use crate::model::graph::{Symbol, TreatmentVariable};
use crate::plan::{DrugId, Plan};

/// Where planned doses lie: those of a drug one after the other, the first drug first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slots {
    /// By arm, of each of its planned doses.
    of_dose: Vec<Vec<usize>>,
    /// Of each drug the first, and how many it has in the arm that has most.
    pub(crate) drugs: Vec<[usize; 2]>,
    /// In all.
    pub(crate) count: usize,
    /// Planned doses of an arm at most, of all drugs together.
    pub(crate) most_doses: usize,
    /// How many of them are kept.
    pub(crate) kept_doses: usize,
}

impl Slots {
    pub(crate) fn new(plan: &Plan) -> Self {
        let sequences: Vec<_> = (0..plan.arms.len()).map(|arm| plan.sequences(arm)).collect();
        let mut count = 0;
        let of_drug = |drug: usize| {
            let most = sequences.iter().map(|of_arm| of_arm[drug].positions.len()).max().unwrap_or(0);
            count += most;
            [count - most, most]
        };
        let drugs: Vec<[usize; 2]> = (0..plan.drugs.len()).map(of_drug).collect();
        let of_dose = plan.arms.iter().zip(&sequences).map(|(arm, of_arm)| {
            let mut slots = vec![0; arm.doses.len()];
            for (sequence, [first, _]) in of_arm.iter().zip(&drugs) {
                (*first..).zip(&sequence.positions).for_each(|(slot, &position)| slots[position] = slot);
            }
            slots
        });
        let (most_doses, kept_doses) = (plan.most_doses(), plan.kept_doses());
        Self { of_dose: of_dose.collect(), count, most_doses, kept_doses, drugs }
    }

    /// The slot of a planned dose of an arm, if it has so many.
    pub(crate) fn of(&self, arm: usize, dose: usize) -> Option<usize> {
        self.of_dose[arm].get(dose).copied()
    }

    /// The slots of an arm's planned doses.
    pub(crate) fn of_arm(&self, arm: usize) -> &[usize] {
        &self.of_dose[arm]
    }

    /// The drug of a slot, and the number of the dose among those of the drug.
    pub(crate) fn drug(&self, slot: usize) -> [usize; 2] {
        let drug = self.drugs.partition_point(|[first, _]| *first <= slot).saturating_sub(1);
        // Drugs without any dose lie where the next begins.
        let drug = (0..=drug).rev().find(|&drug| self.drugs[drug][1] > 0).unwrap_or(0);
        [drug, slot - self.drugs[drug][0]]
    }
}

/// A drug as the shader has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeviceDrug {
    /// What names about it end in: none of the only drug.
    pub(crate) suffix: Option<usize>,
    pub(crate) rules: DrugRules,
    /// Whether some of its holds are delays.
    pub(crate) delays: bool,
    /// Whether something reads how often a dose was held or reduced.
    pub(crate) counts: bool,
}

impl DeviceDrug {
    /// All drugs of a plan.
    pub(crate) fn all(plan: &Plan, lowered: &Lowered) -> Vec<Self> {
        use TreatmentVariable::{Holds, Reductions};
        let is_count = |symbol| matches!(symbol, Some(Symbol::Treatment(Holds | Reductions, _)));
        let read = lowered.leaves(&lowered.seen());
        let counts = read.into_iter().any(|id| is_count(lowered.graph.as_symbol(id)));
        let is_only = plan.drugs.len() == 1;
        let drug = |drug: usize| {
            let rules = DrugRules::new(plan, DrugId::new(drug));
            let delays = rules.holds.iter().any(|&hold| plan.protocol.holds[hold].at_least > 0);
            Self { suffix: (!is_only).then_some(drug), delays, rules, counts }
        };
        (0..plan.drugs.len()).map(drug).collect()
    }
}
