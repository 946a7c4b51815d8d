//! What is derived of solved patients, on cases worked out by hand.

mod doses;
mod exposure;
mod groups;
mod response;
mod treatment;

use vpop::cohort::{Method, Ticks};
use vpop::engine::{Decision, DoseRecord, Endings, Processor, Solution, Status};
use vpop::model::graph::Graph;
use vpop::outcome::doses::Amounts;
use vpop::outcome::rows;
use vpop::plan::{
    AccumulatorId, Administration, AdministrationId, Amount, Arm, BeyondLimit, Change, DoseStep, Drug,
    DrugId, Endpoint, EndpointFormula, EndpointKind, Hold, ObservationTime, ObservedId, Plan, PlannedDose,
    Protocol, ReasonId, Stop,
};
use vpop::table::{Table, Values};
use vpop::unit::Conversion;

const DAY: Ticks = 86_400;
/// Doses that are the same for everyone.
const AMOUNTS: Amounts<'_> = Amounts { unit: "mg", from_model: Conversion::NONE, slots: &[] };
/// Something that has no value.
const NONE: f64 = f64::NAN;

/// A plan with daily visits to day 84 in days, and a solution of it; as many patients as are asked for.
struct Case {
    plan: Plan,
    solution: Solution,
}

impl Case {
    /// An arm for each dose in mg/kg, given every 21 days, three times.
    fn new(arms: &[f64], patients: usize) -> Self {
        let mut graph = Graph::default();
        let amount = graph.constant(1.0);
        let doses = |dose| {
            [0, 21, 42].map(|day| PlannedDose {
                tick: day * DAY,
                amount,
                dose,
                administration: AdministrationId::new(0),
                cap: None,
                round: None,
                missed: None,
            })
        };
        let arm = |&dose: &f64| Arm {
            label: format!("{dose} mg/kg"),
            dose,
            unit: "mg/kg".into(),
            doses: doses(dose).to_vec(),
            steady: None,
        };
        let point = |day| ObservationTime { tick: day * DAY, visit: true, trajectory: false, scan: false };
        let plan = Plan {
            graph,
            drugs: vec![Drug::default()],
            administrations: vec![Administration { drug: DrugId::new(0), routes: Vec::new() }],
            time_per_tick: 1.0 / f64::from(DAY),
            time_unit: "day".into(),
            arms: arms.iter().map(arm).collect(),
            observation_times: (0..=84).map(point).collect(),
            rtol: 1e-6,
            max_steps: 1_000,
            ..Plan::default()
        };
        let items = patients * arms.len();
        let solution = Solution {
            accumulators: Vec::new(),
            status: vec![Status::Ok; items],
            steps: vec![10; items],
            rejected: vec![0; items],
            trajectories: Vec::new(),
            solved_by: vec![Processor::Cpu; items],
            methods: vec![Method::Tsit5; items],
            doses: (0..items).flat_map(|_| [0, 21, 42].map(|day| given(day, 1.0))).collect(),
            endings: vec![Endings::default(); items],
            drug_endings: Vec::new(),
            not_finite: vec![None; items],
        };
        Self { plan, solution }
    }

    /// Adds an endpoint with a value for each item; its position.
    fn endpoint(&mut self, name: &str, kind: EndpointKind, values: &[f64]) -> usize {
        assert_eq!(values.len(), self.solution.status.len());
        self.plan.endpoints.push(Endpoint {
            name: name.into(),
            meaning: format!("Meaning of {name}"),
            unit: "1".into(),
            scale: Some(1.0),
            value: EndpointFormula::Of(AccumulatorId::new(self.solution.accumulators.len())),
            kind,
        });
        self.solution.accumulators.push(values.to_vec());
        self.plan.endpoints.len() - 1
    }

    /// The planned doses of an item.
    fn doses(&mut self, item: usize) -> &mut [DoseRecord] {
        &mut self.solution.doses[3 * item..3 * (item + 1)]
    }

    /// The integration of an item failed: an engine then leaves nothing but its status.
    fn fail(&mut self, item: usize) {
        self.solution.status[item] = Status::NonFinite;
        self.solution.accumulators.iter_mut().for_each(|values| values[item] = NONE);
        self.solution.endings[item] = Endings::default();
        self.doses(item).fill(DoseRecord::default());
    }

    fn outcomes(&self) -> Table {
        let patients = self.solution.status.len() / self.plan.arms.len();
        rows::outcomes(&self.plan, 0, patients, &self.solution, Some(&AMOUNTS))
    }
}

/// A dose given on a day, as a multiple of the planned one.
fn given(day: Ticks, factor: f64) -> DoseRecord {
    DoseRecord { given: Some(day * DAY), factor, ..DoseRecord::default() }
}

fn decision(reason: usize, day: Ticks, value: f64) -> Decision {
    Decision { reason: ReasonId::new(reason), tick: day * DAY, value }
}

/// Stops 0 `dlt`, 1 `new_lesion` (leaves); holds 2 `platelets low`; changes 3 `reduce`, 4 `escalate`.
fn protocol() -> Protocol {
    let day = ObservedId::new(0);
    let stop = |label: &str, leaves| Stop {
        label: label.into(),
        when: day,
        shows: day,
        at_dose: false,
        treatment: true,
        drug: None,
        leaves,
    };
    let change = |label: &str, times, beyond| Change {
        label: label.into(),
        when: day,
        shows: day,
        by: DoseStep { amount: Amount::Times(times), limit: vec![1.0], beyond },
        drug: DrugId::new(0),
    };
    Protocol {
        stops: vec![stop("dlt", false), stop("new_lesion", true)],
        holds: vec![Hold {
            label: "platelets low".into(),
            when: day,
            shows: day,
            until: Some(day),
            again: day,
            at_least: 0,
            at_most: 21 * DAY,
            drug: DrugId::new(0),
        }],
        changes: vec![change("reduce", 0.75, BeyondLimit::Stop), change("escalate", 1.25, BeyondLimit::Stay)],
        ..Protocol::default()
    }
}

fn numbers(table: &Table, name: &str) -> Vec<f64> {
    table.column(name).unwrap_or_else(|| panic!("no column {name}")).values.numbers()
}

fn labels<'a>(table: &'a Table, name: &str) -> Vec<Option<&'a str>> {
    match &table.column(name).unwrap_or_else(|| panic!("no column {name}")).values {
        Values::Label { codes, labels } => {
            codes.iter().map(|code| code.map(|code| labels[code as usize].as_str())).collect()
        }
        other => panic!("{name}: {other:?}"),
    }
}

/// Equal, with missing values where there should be.
fn assert_numbers(found: &[f64], expected: &[f64], what: &str) {
    let same = |(a, b): (&f64, &f64)| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-12 * b.abs();
    assert!(
        found.len() == expected.len() && found.iter().zip(expected).all(same),
        "{what}: {found:?} instead of {expected:?}"
    );
}
