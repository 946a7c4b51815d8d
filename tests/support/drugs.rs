//! Treatments with several drugs that can be worked out by hand: conditions are of the day, and the drugs stay where they
//! are, so that what was given is what is there in the end.
//!
//! Drug 0 enters state `x` at once: 100 on days 0, 7, 14 and 21. Drug 1 enters `y` over half a day: 50 on days 0, 10 and
//! 20. Drug 2 enters `z` at once, 5 at a time, three times at most, when a rule asks for it. The patient is seen every day up
//! to day 30. Times in the conditions lie between visits.

use vpop::engine::{Decision, DoseRecord, Engine, Status};
use vpop::model::graph::{OfDrugs, Symbol, TreatmentVariable};
use vpop::plan::{
    Administration, AdministrationId, Amount, Arm, BeyondLimit, Change, Demand, DoseInput, DoseStep, Drug,
    DrugId, Hold, ObservedId, Plan, PlannedDose, Protocol, ReasonId, RoundTo, Rounding, Route, Skip, Stop,
};

use crate::support::{DAY, Sketch, individuals};

/// What a rule decided: of which drug, at which of its doses (from 1), on which day, by which rule.
type Noted = (usize, usize, u32, &'static str);

/// A patient and what must come of it.
pub(crate) struct DrugCase {
    pub(crate) name: &'static str,
    /// The rules, and what else is special.
    rules: fn(&mut Making),
    /// Day and factor of every dose that is given, by drug.
    given: [&'static [(u32, f64)]; 3],
    /// What there is of each in the end.
    amounts: [f64; 3],
    held: &'static [Noted],
    changed: &'static [Noted],
    skipped: &'static [Noted],
    asked: &'static [Noted],
    /// Drug, day and rule of the end of treatment with it.
    stopped: &'static [(usize, u32, &'static str)],
    /// Day and rule of the end of treatment.
    ended: Option<(u32, &'static str)>,
}

const WEEKLY: &[(u32, f64)] = &[(0, 1.0), (7, 1.0), (14, 1.0), (21, 1.0)];
const TEN_DAYS: &[(u32, f64)] = &[(0, 1.0), (10, 1.0), (20, 1.0)];

const AS_PLANNED: DrugCase = DrugCase {
    name: "as planned",
    rules: |_| {},
    given: [WEEKLY, TEN_DAYS, &[]],
    amounts: [400.0, 150.0, 0.0],
    held: &[],
    changed: &[],
    skipped: &[],
    asked: &[],
    stopped: &[],
    ended: None,
};

/// A plan in the making.
pub(crate) struct Making {
    sketch: Sketch,
    protocol: Protocol,
}

impl Making {
    fn new() -> Self {
        let mut sketch = Sketch::new(&["x", "y", "z", "w"]);
        sketch.visits((0..=30).map(|day| day * DAY));
        for (name, variable) in [
            ("skips", TreatmentVariable::Skips),
            ("holds", TreatmentVariable::Holds),
            ("reductions", TreatmentVariable::Reductions),
            ("doses", TreatmentVariable::DosesGiven),
            ("since", TreatmentVariable::DaysSinceDose),
            ("relative", TreatmentVariable::RelativeDose),
            ("on", TreatmentVariable::OnTreatment),
        ] {
            let scopes =
                [("", OfDrugs::All), ("0", OfDrugs::One(0)), ("1", OfDrugs::One(1)), ("2", OfDrugs::One(2))];
            for (suffix, of) in scopes {
                let node = sketch.plan.graph.symbol(Symbol::Treatment(variable, of));
                sketch.name(&format!("{name}{suffix}"), node);
            }
        }
        let drug = |name: &str, on_demand| Drug { name: name.into(), unit: "mg".into(), on_demand };
        sketch.plan.drugs = vec![drug("weekly", false), drug("slow", false), drug("rescue", true)];
        let (zero, one) = (sketch.plan.graph.constant(0.0), sketch.plan.graph.constant(1.0));
        let half = sketch.plan.graph.constant(0.5);
        let way = |drug: usize, state: usize, lag, input| Administration {
            drug: DrugId::new(drug),
            routes: vec![Route { state, bioavailability: one, lag, input }],
        };
        sketch.plan.administrations = vec![
            way(0, 0, zero, DoseInput::Bolus),
            way(1, 1, zero, DoseInput::Over(half)),
            way(2, 2, zero, DoseInput::Bolus),
            // Another way for the first drug.
            way(0, 3, half, DoseInput::Over(one)),
        ];
        let mut doses = Vec::new();
        for (drug, days, amount) in
            [(0, &[0, 7, 14, 21][..], 100.0), (1, &[0, 10, 20], 50.0), (2, &[u32::MAX; 3], 5.0)]
        {
            let amount = sketch.plan.graph.constant(amount);
            doses.extend(days.iter().map(|&day| PlannedDose {
                tick: day.saturating_mul(DAY),
                amount,
                dose: 1.0,
                administration: AdministrationId::new(drug),
                cap: None,
                round: None,
                missed: None,
            }));
        }
        doses.sort_by_key(|dose| dose.tick);
        sketch.plan.arms =
            vec![Arm { label: "arm".into(), dose: 1.0, unit: "mg".into(), doses, steady: None }];
        Self { sketch, protocol: Protocol::default() }
    }

    fn condition(&mut self, text: &str) -> ObservedId {
        self.sketch.observe(text)
    }

    fn stop(&mut self, label: &str, when: &str, drug: Option<usize>, at_dose: bool) {
        let (when, shows) = (self.condition(when), self.condition("t"));
        let (label, drug) = (label.into(), drug.map(DrugId::new));
        self.protocol.stops.push(Stop { label, when, shows, at_dose, treatment: true, drug, leaves: false });
    }

    fn hold(&mut self, label: &str, when: &str, drug: usize, at_most: u32) {
        let until = Some(self.condition(&format!("({when}) < 0.5")));
        let (when, shows) = (self.condition(when), self.condition("t"));
        self.protocol.holds.push(Hold {
            label: label.into(),
            when,
            shows,
            until,
            again: when,
            at_least: 0,
            at_most: at_most * DAY,
            drug: DrugId::new(drug),
        });
    }

    fn times(&mut self, label: &str, when: &str, drug: usize, times: f64) {
        let (when, shows) = (self.condition(when), self.condition("t"));
        let by = DoseStep { amount: Amount::Times(times), limit: vec![0.0], beyond: BeyondLimit::Stay };
        self.protocol.changes.push(Change { label: label.into(), when, shows, by, drug: DrugId::new(drug) });
    }

    fn skip(&mut self, label: &str, when: &str, drug: usize, made_up: bool) {
        let (when, shows) = (self.condition(when), self.condition("t"));
        self.protocol.skips.push(Skip { label: label.into(), when, shows, drug: DrugId::new(drug), made_up });
    }

    fn demand(&mut self, label: &str, when: &str) {
        let (when, shows) = (self.condition(when), self.condition("t"));
        self.protocol.demands.push(Demand { label: label.into(), when, shows, drug: DrugId::new(2) });
    }

    /// The doses of a drug.
    fn doses(&mut self, drug: usize) -> impl Iterator<Item = &mut PlannedDose> {
        let doses = self.sketch.plan.arms[0].doses.iter_mut();
        doses.filter(move |dose| dose.administration == AdministrationId::new(drug))
    }

    fn plan(self) -> Plan {
        let mut plan = self.sketch.plan();
        plan.protocol = self.protocol;
        plan.ledger = true;
        plan.observation_times.iter_mut().for_each(|point| point.trajectory = point.tick == 30 * DAY);
        plan.trajectories = (0..4).map(|state| observed(&mut plan, Symbol::State(state))).collect::<Vec<_>>();
        plan
    }
}

fn observed(plan: &mut Plan, symbol: Symbol) -> ObservedId {
    plan.observed.push(plan.graph.symbol(symbol));
    ObservedId::new(plan.observed.len() - 1)
}

/// Every case.
pub(crate) fn cases() -> Vec<DrugCase> {
    [own_rules(), amounts(), skips(), demands()].into_iter().flatten().collect()
}

fn own_rules() -> Vec<DrugCase> {
    vec![
        AS_PLANNED,
        DrugCase {
            name: "one drug is held, the other goes on",
            rules: |s| s.hold("low", "(6.5 < t) * (t < 8.5)", 0, 14),
            given: [&[(0, 1.0), (9, 1.0), (16, 1.0), (23, 1.0)], TEN_DAYS, &[]],
            held: &[(0, 2, 7, "low")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "one drug is held for too long, and ends",
            rules: |s| s.hold("low", "9.5 < t", 1, 3),
            given: [WEEKLY, &[(0, 1.0)], &[]],
            amounts: [400.0, 50.0, 0.0],
            held: &[(1, 2, 10, "low")],
            stopped: &[(1, 13, "low")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "one drug stops, then the other: treatment ends with the last",
            rules: |s| {
                s.stop("slow off", "4.5 < t", Some(1), false);
                s.stop("weekly off", "(12.5 < t) * (0.5 < on)", Some(0), false);
            },
            given: [&[(0, 1.0), (7, 1.0)], &[(0, 1.0)], &[]],
            amounts: [200.0, 50.0, 0.0],
            stopped: &[(0, 13, "weekly off"), (1, 5, "slow off")],
            ended: Some((13, "weekly off")),
            ..AS_PLANNED
        },
        DrugCase {
            name: "treatment stops as a whole, when a dose of any drug is due",
            rules: |s| s.stop("off", "8.5 < t", None, true),
            given: [&[(0, 1.0), (7, 1.0)], &[(0, 1.0)], &[]],
            amounts: [200.0, 50.0, 0.0],
            stopped: &[(0, 10, "off"), (1, 10, "off")],
            ended: Some((10, "off")),
            ..AS_PLANNED
        },
        DrugCase {
            name: "a stop of one drug is looked at with its own doses",
            rules: |s| s.stop("off", "(6.5 < t) * (t < 9.5)", Some(1), true),
            ..AS_PLANNED
        },
        DrugCase {
            name: "one drug is reduced for what was done to the other",
            rules: |s| {
                s.times("half", "(6.5 < t) * (t < 7.5)", 0, 0.5);
                s.times("too", "(0.5 < reductions0) * (0.75 < relative1)", 1, 0.6);
            },
            given: [&[(0, 1.0), (7, 0.5), (14, 0.5), (21, 0.5)], &[(0, 1.0), (10, 0.6), (20, 0.6)], &[]],
            amounts: [250.0, 110.0, 0.0],
            changed: &[(0, 2, 7, "half"), (1, 2, 10, "too")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "held twice is enough",
            rules: |s| {
                s.stop("twice", "1.5 < holds0", Some(0), false);
                s.hold("low", "(6.5 < t) * (t < 7.5) + (14.5 < t) * (t < 15.5)", 0, 14);
            },
            given: [&[(0, 1.0), (8, 1.0)], TEN_DAYS, &[]],
            amounts: [200.0, 150.0, 0.0],
            held: &[(0, 2, 7, "low"), (0, 3, 15, "low")],
            stopped: &[(0, 16, "twice")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "days and doses of one drug, and of all",
            rules: |s| {
                // Drug 0 was last given on day 7, any drug on day 10: on day 13 it is 6 and 3 days ago.
                s.stop(
                    "days",
                    "(5.5 < since0) * (2.5 < since) * (since < 3.5) * (3.5 < doses) * (doses1 < 2.5)",
                    None,
                    false,
                );
            },
            given: [&[(0, 1.0), (7, 1.0)], &[(0, 1.0), (10, 1.0)], &[]],
            amounts: [200.0, 100.0, 0.0],
            stopped: &[(0, 13, "days"), (1, 13, "days")],
            ended: Some((13, "days")),
            ..AS_PLANNED
        },
    ]
}

fn amounts() -> Vec<DrugCase> {
    vec![
        DrugCase {
            name: "rounded up to vials of 20 after each reduction: 100, 80 of 75, 60 of 56.25, 60 of 42.2",
            rules: |s| {
                s.doses(0).for_each(|dose| dose.round = Some(Rounding { unit: 20.0, to: RoundTo::Up }));
                s.times("down", "6.5 < t", 0, 0.75);
            },
            given: [&[(0, 1.0), (7, 0.75), (14, 0.5625), (21, 0.421_875)], TEN_DAYS, &[]],
            amounts: [300.0, 150.0, 0.0],
            changed: &[(0, 2, 7, "down"), (0, 3, 14, "down"), (0, 4, 21, "down")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "capped at 60, which a dose reduced by a half is below",
            rules: |s| {
                let cap = s.sketch.plan.graph.constant(60.0);
                s.doses(0).for_each(|dose| dose.cap = Some(cap));
                s.times("half", "(13.5 < t) * (t < 14.5)", 0, 0.5);
            },
            given: [&[(0, 1.0), (7, 1.0), (14, 0.5), (21, 0.5)], TEN_DAYS, &[]],
            amounts: [220.0, 150.0, 0.0],
            changed: &[(0, 3, 14, "half")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "an infusion is capped, then rounded to the nearest tablet of 4: 40 each",
            rules: |s| {
                let cap = s.sketch.plan.graph.constant(41.9);
                s.doses(1).for_each(|dose| {
                    dose.cap = Some(cap);
                    dose.round = Some(Rounding { unit: 4.0, to: RoundTo::Nearest });
                });
            },
            amounts: [400.0, 120.0, 0.0],
            ..AS_PLANNED
        },
        DrugCase {
            name: "the first dose enters by another way",
            rules: |s| {
                s.doses(0).take(1).for_each(|dose| dose.administration = AdministrationId::new(3));
            },
            amounts: [300.0, 150.0, 0.0],
            ..AS_PLANNED
        },
    ]
}

fn skips() -> Vec<DrugCase> {
    vec![
        DrugCase {
            name: "a dose is omitted, the calendar stays",
            rules: |s| s.skip("ill", "(6.5 < t) * (t < 7.5)", 0, false),
            given: [&[(0, 1.0), (14, 1.0), (21, 1.0)], TEN_DAYS, &[]],
            amounts: [300.0, 150.0, 0.0],
            skipped: &[(0, 2, 7, "ill")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "a dose is made up for a week later, and so are those after it",
            rules: |s| s.skip("ill", "(6.5 < t) * (t < 7.5)", 0, true),
            given: [&[(0, 1.0), (14, 1.0), (21, 1.0), (28, 1.0)], TEN_DAYS, &[]],
            skipped: &[(0, 2, 7, "ill")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "a dose that waits is omitted, and the next comes when it was planned",
            rules: |s| {
                s.hold("low", "(6.5 < t) * (t < 12.5)", 0, 14);
                s.skip("ill", "(8.5 < t) * (t < 9.5)", 0, false);
            },
            given: [&[(0, 1.0), (14, 1.0), (21, 1.0)], TEN_DAYS, &[]],
            amounts: [300.0, 150.0, 0.0],
            held: &[(0, 2, 7, "low")],
            skipped: &[(0, 2, 9, "ill")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "doses after a late one are late, whatever was omitted in between",
            rules: |s| {
                s.hold("low", "(6.5 < t) * (t < 8.5)", 0, 14);
                s.skip("ill", "(15.5 < t) * (t < 16.5)", 0, false);
            },
            given: [&[(0, 1.0), (9, 1.0), (23, 1.0)], TEN_DAYS, &[]],
            amounts: [300.0, 150.0, 0.0],
            held: &[(0, 2, 7, "low")],
            skipped: &[(0, 3, 16, "ill")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "skipped twice is enough",
            rules: |s| {
                s.stop("twice", "1.5 < skips0", Some(0), false);
                s.skip("ill", "(6.5 < t) * (t < 14.5)", 0, false);
            },
            given: [&[(0, 1.0)], TEN_DAYS, &[]],
            amounts: [100.0, 150.0, 0.0],
            skipped: &[(0, 2, 7, "ill"), (0, 3, 14, "ill")],
            stopped: &[(0, 15, "twice")],
            ..AS_PLANNED
        },
    ]
}

fn demands() -> Vec<DrugCase> {
    vec![
        DrugCase {
            name: "a rescue drug is given on each day on which it is asked for",
            rules: |s| s.demand("needed", "(4.5 < t) * (t < 6.5)"),
            given: [WEEKLY, TEN_DAYS, &[(5, 1.0), (6, 1.0)]],
            amounts: [400.0, 150.0, 10.0],
            asked: &[(2, 1, 5, "needed"), (2, 2, 6, "needed")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "no more of it than there is",
            rules: |s| s.demand("needed", "4.5 < t"),
            given: [WEEKLY, TEN_DAYS, &[(5, 1.0), (6, 1.0), (7, 1.0)]],
            amounts: [400.0, 150.0, 15.0],
            asked: &[(2, 1, 5, "needed"), (2, 2, 6, "needed"), (2, 3, 7, "needed")],
            ..AS_PLANNED
        },
        DrugCase {
            name: "a rescue drug is given after treatment has ended, three days apart, and held once",
            rules: |s| {
                s.stop("off", "2.5 < t", None, false);
                s.demand("needed", "(4.5 < t) * (2.5 < since2)");
                s.hold("not today", "(7.5 < t) * (t < 9.5)", 2, 7);
            },
            given: [&[(0, 1.0)], &[(0, 1.0)], &[(5, 1.0), (10, 1.0), (13, 1.0)]],
            amounts: [100.0, 50.0, 15.0],
            held: &[(2, 2, 8, "not today")],
            asked: &[(2, 1, 5, "needed"), (2, 2, 8, "needed"), (2, 3, 13, "needed")],
            stopped: &[(0, 3, "off"), (1, 3, "off")],
            ended: Some((3, "off")),
            ..AS_PLANNED
        },
        DrugCase {
            name: "a switch: one drug stops and the other is given",
            rules: |s| {
                s.stop("switch", "8.5 < t", Some(0), false);
                s.demand("switch", "(8.5 < t) * (6.5 < since2)");
            },
            given: [&[(0, 1.0), (7, 1.0)], TEN_DAYS, &[(9, 1.0), (16, 1.0), (23, 1.0)]],
            amounts: [200.0, 150.0, 15.0],
            asked: &[(2, 1, 9, "switch"), (2, 2, 16, "switch"), (2, 3, 23, "switch")],
            stopped: &[(0, 9, "switch")],
            ..AS_PLANNED
        },
    ]
}

/// The plan of a case.
pub(crate) fn plan(case: &DrugCase) -> Plan {
    let mut making = Making::new();
    (case.rules)(&mut making);
    making.plan()
}

/// What an engine makes of a case against what was worked out, within a relative tolerance: how they differ.
pub(crate) fn check(case: &DrugCase, plan: &Plan, engine: &dyn Engine, tolerance: f64) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |what: &str, found: String, expected: String| {
        if found != expected {
            faults.push(format!("{}: {what} {found} instead of {expected}", case.name));
        }
    };
    let mut patients = individuals(plan, &[]);
    patients.trajectories = 1;
    let solution = engine.solve(&patients).unwrap();
    expect("status", format!("{:?}", solution.status), format!("{:?}", [Status::Ok]));
    let round = |value: f64| (value / tolerance).round() * tolerance;
    let label = |reason: ReasonId| plan.protocol.label(reason).to_owned();
    let records: Vec<(usize, usize, DoseRecord)> = plan
        .sequences(0)
        .iter()
        .enumerate()
        .flat_map(|(drug, sequence)| (1..).zip(&sequence.positions).map(move |(k, &dose)| (drug, k, dose)))
        .map(|(drug, number, dose)| (drug, number, solution.doses_of(0)[dose]))
        .collect();
    for drug in 0..3 {
        let own = records.iter().filter(|(of, ..)| *of == drug);
        let given = own.filter_map(|(.., record)| Some((record.given? / DAY, round(record.factor))));
        let expected = case.given[drug].iter().map(|&(day, factor)| (day, round(factor)));
        let what = format!("doses of drug {drug}");
        expect(
            &what,
            format!("{:?}", given.collect::<Vec<_>>()),
            format!("{:?}", expected.collect::<Vec<_>>()),
        );
    }
    let noted = |of: fn(&DoseRecord) -> Option<Decision>| {
        let noted = records.iter().filter_map(|(drug, number, record)| {
            of(record).map(|decision| (*drug, *number, decision.tick / DAY, label(decision.reason)))
        });
        format!("{:?}", noted.collect::<Vec<_>>())
    };
    expect("held", noted(|record| record.held), format!("{:?}", case.held));
    expect("changed", noted(|record| record.changed), format!("{:?}", case.changed));
    expect("skipped", noted(|record| record.skipped), format!("{:?}", case.skipped));
    expect("asked", noted(|record| record.asked), format!("{:?}", case.asked));
    let stopped = (0..3).filter_map(|drug| {
        let ending = solution.drug_ending(0, drug)?;
        Some((drug, ending.tick / DAY, label(ending.reason)))
    });
    expect("end of drugs", format!("{:?}", stopped.collect::<Vec<_>>()), format!("{:?}", case.stopped));
    let ended = solution.endings[0].stopped.map(|ending| (ending.tick / DAY, label(ending.reason)));
    expect("end of treatment", format!("{ended:?}"), format!("{:?}", case.ended));
    for (state, expected) in case.amounts.into_iter().enumerate() {
        let found = solution.trajectories[state];
        if (found - expected).abs() > tolerance.max(1e-6) * expected.max(1.0) {
            faults.push(format!("{}: amount {state} {found} instead of {expected}", case.name));
        }
    }
    faults
}
