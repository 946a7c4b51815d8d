//! What everything is called in the shader.

use crate::accumulator::Number;
use crate::engine::program::Lowered;
use crate::hash::HashMap;
use crate::model::graph::{Binary, Linear, Node, NodeId, OfDrugs, Symbol, TreatmentVariable};
use crate::plan::{ObservedId, Plan};

use super::super::layout::{Layout, rows};
use super::super::rows::suffix;
use super::wgsl::{Identifiers, Vocabulary};

/// What everything is called in the shader.
pub(super) struct Names {
    pub(super) states: Vec<String>,
    /// In the order of [`Layout::columns`].
    pub(super) individual: Vec<String>,
    /// By column of the prelude.
    pub(super) of_column: HashMap<usize, String>,
    pub(super) observed: Vec<String>,
    /// What is followed between visits.
    pub(super) curves: Vec<String>,
    pub(super) vocabulary: Vocabulary,
}

impl Names {
    /// Whether a condition holds at a visit.
    pub(super) fn holds(&self, of: ObservedId) -> String {
        format!("seen.{} != 0.0", self.observed[of.index()])
    }

    pub(super) fn of_states(&self, states: &[usize]) -> Vec<String> {
        states.iter().map(|&i| self.states[i].clone()).collect()
    }

    pub(super) fn new(plan: &Plan, lowered: &Lowered, layout: &Layout) -> Self {
        let mut given: HashMap<NodeId, &str> = HashMap::default();
        for (id, name) in &lowered.names {
            given.entry(*id).or_insert(name);
        }
        let mut identifiers = Identifiers::default();
        let states: Vec<String> = plan.states.iter().map(|state| identifiers.make(&state.name)).collect();
        let of_column = individual(lowered, layout, &given);
        let observed = named("observed", &lowered.observed, plan, lowered, &given);
        let curves = named("curve", &lowered.curves, plan, lowered, &given);
        let vocabulary = vocabulary(plan, lowered, layout, &states, &of_column);
        let individual = layout.columns.iter().map(|column| of_column[column].clone()).collect();
        Self { states, individual, of_column, observed, curves, vocabulary }
    }
}

/// Names of expressions: the model's own, else a number behind what they are.
fn named(
    what: &str,
    expressions: &[NodeId],
    plan: &Plan,
    lowered: &Lowered,
    given: &HashMap<NodeId, &str>,
) -> Vec<String> {
    let mut identifiers = Identifiers::default();
    let names = expressions.iter().enumerate().map(|(i, id)| {
        let state = match lowered.graph.as_symbol(*id) {
            Some(Symbol::State(state)) => plan.states.get(state as usize).map(|s| s.name.as_str()),
            _ => None,
        };
        let name = state.or_else(|| given.get(id).copied());
        identifiers.make(&name.map_or_else(|| format!("{what}_{i}"), str::to_owned))
    });
    names.collect()
}

/// Names of the columns that are read: the model's own, `per_` and its name for a reciprocal.
fn individual(lowered: &Lowered, layout: &Layout, given: &HashMap<NodeId, &str>) -> HashMap<usize, String> {
    let nodes: HashMap<usize, NodeId> = lowered.columns.iter().map(|(&id, &column)| (column, id)).collect();
    let mut identifiers = Identifiers::default();
    let name = |column: usize| {
        let id = nodes[&column];
        if let Some(name) = given.get(&id) {
            return (*name).to_owned();
        }
        match lowered.graph.node(id) {
            Node::Binary(Binary::Div, one, of)
                if lowered.graph.as_constant(one) == Some(1.0) && given.contains_key(&of) =>
            {
                format!("per_{}", given[&of])
            }
            _ => format!("individual_{column}"),
        }
    };
    layout.columns.iter().map(|&column| (column, identifiers.make(&name(column)))).collect()
}

/// How leaves are written, and the model's names for what is in between.
fn vocabulary(
    plan: &Plan,
    lowered: &Lowered,
    layout: &Layout,
    states: &[String],
    of_column: &HashMap<usize, String>,
) -> Vocabulary {
    let roots =
        [lowered.integrated(), lowered.observed.clone(), lowered.curves.clone(), lowered.at_dose().to_vec()]
            .concat();
    let n = plan.states.len();
    let leaf = |id: NodeId| {
        let text = match (lowered.column(id), lowered.graph.as_symbol(id)) {
            (Some(column), _) => format!("p.{}", of_column.get(&column)?),
            (None, Some(Symbol::State(i))) if (i as usize) < n => format!("x.{}", states[i as usize]),
            (None, Some(Symbol::State(i))) => format!("rate.{}", states[lowered.infused[i as usize - n]]),
            (None, Some(Symbol::Time)) => "time".into(),
            (None, Some(Symbol::SegmentTime)) => "lane.middle".into(),
            (None, Some(Symbol::Elapsed)) => "elapsed".into(),
            (None, Some(Symbol::Residual(line))) => format!("residual_score(point, {line}u)"),
            (None, Some(Symbol::Accumulated(i))) => accumulated(plan, layout, i as usize)?,
            (None, Some(Symbol::Treatment(variable, of))) => of_course(variable, of, layout),
            (None, Some(Symbol::Dose(value, dosed))) => {
                let asked = &lowered.doses.asked;
                format!("asked.{}", asked_name(asked.iter().position(|&known| known == (value, dosed))?))
            }
            (None, Some(Symbol::Linear(linear))) => of_system(linear, states),
            _ => return None,
        };
        Some((id, text))
    };
    Vocabulary {
        leaves: lowered.leaves(&roots).into_iter().filter_map(leaf).collect(),
        names: lowered.names.clone(),
    }
}

/// What an accumulator has come to, as expressions read it: a time or a duration in days.
fn accumulated(plan: &Plan, layout: &Layout, accumulator: usize) -> Option<String> {
    let rows = rows(&plan.accumulators[accumulator])?;
    let &value = rows.value.first()?;
    let function = match (value.number(), value.begins_without()) {
        (Number::Float, _) => "accumulated_value",
        (Number::Ticks, false) => "accumulated_days",
        (Number::Ticks, true) => "accumulated_time_of",
    };
    let row = layout.accumulators[accumulator] as usize + rows.position(value)?;
    Some(format!("{function}({row}u)"))
}

/// What the i-th value is called that equations ask of the doses that have begun.
pub(super) fn asked_name(i: usize) -> String {
    format!("of_doses_{i}")
}

/// A value of the linear systems of an implicit method.
fn of_system(linear: Linear, states: &[String]) -> String {
    match linear {
        Linear::Shift => "shift".into(),
        Linear::Factor(i) => format!("factors.f{i}"),
        Linear::Right(i) => format!("right.{}", states[i as usize]),
    }
}

/// How far the treatment has come, with one drug or with all.
fn of_course(variable: TreatmentVariable, of: OfDrugs, layout: &Layout) -> String {
    let (function, arguments) = match variable {
        TreatmentVariable::Day => return "days(tick)".into(),
        TreatmentVariable::OnStudy => return "on_study()".into(),
        TreatmentVariable::OnTreatment if of == OfDrugs::All => return "on_treatment()".into(),
        TreatmentVariable::OnTreatment => ("on_treatment", "()"),
        TreatmentVariable::DosesGiven => ("doses_given", "()"),
        TreatmentVariable::Holds => ("holds_so_far", "()"),
        TreatmentVariable::Reductions => ("reductions_so_far", "()"),
        TreatmentVariable::Skips => ("skips_so_far", "()"),
        TreatmentVariable::Cycle => ("cycle", "(tick)"),
        TreatmentVariable::DaysSinceDose => ("days_since_dose", "(tick)"),
        TreatmentVariable::DaysHeld => ("days_held", "(tick)"),
        TreatmentVariable::RelativeDose => ("relative_dose", "()"),
    };
    let of_drug = |drug: usize| format!("{function}{}{arguments}", suffix(layout.drugs[drug].suffix));
    let all = (0..layout.drugs.len()).map(of_drug);
    let join = match (of, variable) {
        (OfDrugs::One(drug), _) => return of_drug(drug as usize),
        (OfDrugs::All, TreatmentVariable::DaysSinceDose) => |a, b| format!("min({a}, {b})"),
        (
            OfDrugs::All,
            TreatmentVariable::Cycle | TreatmentVariable::DaysHeld | TreatmentVariable::RelativeDose,
        ) => |a, b| format!("max({a}, {b})"),
        (OfDrugs::All, _) => |a, b| format!("({a} + {b})"),
    };
    all.reduce(join).unwrap_or_else(|| "0.0".into())
}
