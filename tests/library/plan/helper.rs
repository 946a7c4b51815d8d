//! Cohorts in code over a model in which everything is known, and expressions at one visit.

use std::collections::HashMap;
use std::path::Path;

use vpop::cohort::{
    self, Chance, Cohort, Consequence, Event, GradedTerm, GradingTable, Spanned, Term, Trajectories,
};
use vpop::diagnostic::{Problems, Source};
use vpop::model::graph::{NodeId, Symbol, TreatmentVariable};
use vpop::model::{self, Model};
use vpop::plan::{self, Accumulator, Endpoint, EndpointFormula, ObservedId, Plan};

/// `x` begins at `X0` and grows by `SLOPE` a day; `dlt` is a name of the model's that the trial has too.
const MODEL: &str = "toy <- function() {
  units <- list(time = \"day\", dosing = \"mg\")
  ini({ rate <- 0.5 })
  model({
    d/dt(drug) <- -rate * drug
    d/dt(x) <- SLOPE
    x(0) <- X0
    twice <- 2 * x
    Cc <- drug
    Cc ~ add(sd)
  })
}";

const COHORT: &str = r#"
name = "toy"
model = "toy.R"
patients = 1
[population.X0]
distribution = "fixed"
value = 10
[population.SLOPE]
distribution = "fixed"
value = 1
[population.SEX]
distribution = "bernoulli"
p = 0.5
[regimen]
arms = ["2 mg", "4 mg"]
into = ["drug"]
every = "7 day"
cycles = 4
"#;

pub(super) const DAY: u32 = 86_400;

/// A cohort with more tables behind those above; files are those of the shipped cohorts.
pub(super) fn cohort(tables: &str) -> Cohort {
    let source = Source::new("cohort.toml", format!("{COHORT}{tables}"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cohorts");
    cohort::parse(&source, &folder).unwrap_or_else(|problems| panic!("{problems}"))
}

pub(super) fn model(text: &str) -> Model {
    model::parse(&Source::new("toy.R", text)).unwrap_or_else(|problems| panic!("{problems}"))
}

pub(super) fn toy() -> Model {
    model(&MODEL.replace("add(sd)", "add(0.1)"))
}

/// Covariates in the order of the plan's: the model's, then the cohort's.
pub(super) const COVARIATES: [&str; 3] = ["SLOPE", "X0", "SEX"];

pub(super) fn try_build(cohort: &Cohort) -> Result<Plan, Problems> {
    plan::build(cohort, &toy(), &COVARIATES.map(String::from), None)
}

pub(super) fn build(cohort: &Cohort) -> Plan {
    try_build(cohort).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Every message with its help.
pub(super) fn complaints(cohort: &Cohort) -> Vec<String> {
    let Err(problems) = try_build(cohort) else { panic!("no problem") };
    let text = |problem: &vpop::diagnostic::Problem| {
        format!("{}; {}", problem.cause, problem.cause.help().unwrap_or_default())
    };
    problems.0.iter().map(text).collect()
}

/// A value that stands nowhere.
pub(super) fn at<T>(value: T) -> Spanned<T> {
    Spanned { value, span: 0..0 }
}

pub(super) fn text(text: &str) -> Spanned<String> {
    at(text.to_owned())
}

/// A grading table of one term, `conditions` by grade.
pub(super) fn table(name: &str, limits: [Option<f64>; 2], conditions: &[&str]) -> GradingTable {
    let source = Source::new("table.toml", conditions.join("\n"));
    let located = |condition: &&str| {
        let start = source.text.find(condition).unwrap();
        let located = Spanned { value: (*condition).to_owned(), span: start..start + condition.len() };
        Some(located).filter(|located| !located.value.is_empty())
    };
    let [lln, uln] = limits;
    let term = Term {
        name: name.into(),
        title: format!("{name} in words"),
        unit: "1".into(),
        uln,
        lln,
        conditions: conditions.iter().map(located).collect(),
    };
    let file = at("table.toml".into());
    GradingTable { file, name: "Table v1".into(), terms: vec![term], source: source.clone() }
}

/// Grades `of` by the only term of a table.
pub(super) fn grade(cohort: &mut Cohort, table: GradingTable, of: &str) {
    let name = text(&table.terms[0].name);
    let term = (cohort.grades.tables.len(), 0);
    let of = text(of);
    cohort.grades.tables.push(table);
    let graded =
        GradedTerm { name, term, of, unit: None, uln: None, lln: None, days: Vec::new(), onset: Vec::new() };
    cohort.grades.terms.push(graded);
}

/// A cohort with a term `high` that is graded by how far `x` is above 20, 30 and 40.
pub(super) fn graded() -> Cohort {
    let mut cohort = cohort("");
    grade(&mut cohort, table("high", [None; 2], &["x > 20", "x > 30", "x > 40"]), "x");
    cohort
}

/// A cohort with time courses of expressions.
pub(super) fn showing(mut cohort: Cohort, expressions: &[&str]) -> Cohort {
    cohort.trajectories = Some(Trajectories {
        patients: 1,
        times: vec![0],
        of: expressions.iter().map(|expression| text(expression)).collect(),
        follows: false,
        with_error: false,
    });
    cohort
}

pub(super) fn event(name: &str, chance: Chance, then: Consequence, progression: bool) -> Event {
    Event { name: text(name), description: None, chance, then, progression }
}

pub(super) fn hazard(expression: &str) -> Chance {
    Chance::CumulativeHazard(text(expression))
}

/// What a patient is like at a visit.
#[derive(Clone)]
pub(super) struct Visit {
    /// The states `drug` and `x`.
    pub(super) states: [f64; 2],
    /// `SLOPE`, `X0`, `SEX` and the draws of events.
    pub(super) covariates: Vec<f64>,
    pub(super) time: f64,
    pub(super) course: HashMap<TreatmentVariable, f64>,
    /// What accumulators have come to, by position; others are NaN.
    pub(super) accumulated: HashMap<usize, f64>,
}

impl Visit {
    /// On study and treatment, `x` as given, 10 at the beginning.
    pub(super) fn with(x: f64) -> Self {
        Self {
            states: [0.0, x],
            covariates: vec![1.0, 10.0, 1.0, 0.25, 0.25, 0.25],
            time: x - 10.0,
            course: HashMap::from([
                (TreatmentVariable::Day, x - 10.0),
                (TreatmentVariable::OnStudy, 1.0),
                (TreatmentVariable::OnTreatment, 1.0),
                (TreatmentVariable::Cycle, 1.0),
            ]),
            accumulated: HashMap::new(),
        }
    }

    pub(super) fn course(mut self, course: TreatmentVariable, value: f64) -> Self {
        self.course.insert(course, value);
        self
    }

    pub(super) fn accumulated(mut self, position: usize, value: f64) -> Self {
        self.accumulated.insert(position, value);
        self
    }

    pub(super) fn value(&self, plan: &Plan, node: NodeId) -> f64 {
        let value = |symbol| match symbol {
            Symbol::State(i) => self.states[i as usize],
            Symbol::Covariate(i) => self.covariates[i as usize],
            Symbol::Time => self.time,
            Symbol::Treatment(course, _) => self.course.get(&course).copied().unwrap_or(f64::NAN),
            Symbol::Accumulated(i) => self.accumulated.get(&(i as usize)).copied().unwrap_or(f64::NAN),
            other => panic!("{other:?}"),
        };
        plan.graph.evaluate(&[node], value)[0]
    }

    /// An observed expression.
    pub(super) fn observed(&self, plan: &Plan, observed: ObservedId) -> f64 {
        self.value(plan, plan.observed[observed.index()])
    }
}

pub(super) fn endpoint<'a>(plan: &'a Plan, name: &str) -> &'a Endpoint {
    let found = plan.endpoints.iter().find(|endpoint| endpoint.name == name);
    found.unwrap_or_else(|| panic!("no endpoint {name}"))
}

/// Position of the accumulator that an endpoint is.
pub(super) fn position(plan: &Plan, name: &str) -> usize {
    match endpoint(plan, name).value {
        EndpointFormula::Of(accumulator) => accumulator.index(),
        other => panic!("{name} is {other:?}"),
    }
}

pub(super) fn accumulator<'a>(plan: &'a Plan, name: &str) -> &'a Accumulator {
    &plan.accumulators[position(plan, name)]
}

/// What is kept for an endpoint, at a visit.
pub(super) fn kept(plan: &Plan, name: &str, visit: &Visit) -> f64 {
    visit.observed(plan, accumulator(plan, name).of)
}
