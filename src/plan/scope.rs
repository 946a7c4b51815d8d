//! The names and functions that a cohort file's expressions may use: what the model says of a patient, and
//! what the trial has seen so far.

use crate::cohort::{Cohort, ReadOn};
use crate::diagnostic::did_you_mean;
use crate::model::Model;
use crate::model::expression::{Functions, Scope};
use crate::model::graph::{Graph, NodeId, OfDrugs, Symbol, TreatmentVariable};
use crate::population::functions;

use super::AccumulatorKind;
use super::baseline::baseline;
use super::defined::Defined;
use super::known_units::Units;
use super::readings::{Readings, When, accumulated, has_come};

/// Names of the model (assigned names, states, time) and covariates of the cohort, as its file gives them.
pub(super) struct ModelScope<'a> {
    pub(super) model: &'a Model,
    /// In `Symbol::Covariate` order.
    pub(super) covariates: &'a [String],
    pub(super) units: &'a Units,
    /// Whether names with a residual line mean the observation instead of the prediction.
    pub(super) with_error: bool,
}

impl Scope for ModelScope<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
        if self.with_error
            && let Some(residual) = self.model.residuals.iter().find(|r| r.name == name)
        {
            return Some(residual.observed);
        }
        if let Some(variable) = self.model.variables.iter().find(|v| v.name == name) {
            return Some(variable.node);
        }
        if let Some(i) = self.model.states.iter().position(|s| s.name == name) {
            return Some(graph.symbol(Symbol::State(i as u32)));
        }
        if let Some(i) = self.covariates.iter().position(|c| c == name) {
            return self.units.covariates.get(i).copied();
        }
        matches!(name, "time" | "t").then(|| graph.symbol(Symbol::Time))
    }

    fn known(&self) -> Vec<String> {
        let variables = self.model.variables.iter().map(|v| v.name.clone());
        let states = self.model.states.iter().map(|s| s.name.clone());
        variables.chain(states).chain(self.covariates.iter().cloned()).collect()
    }

    fn absent(&self, name: &str) -> Option<String> {
        let is_observed = self.model.residuals.iter().any(|line| line.name == name);
        is_observed
            .then(|| "it has no value but what is observed: `observe = \"with_error\"` reads it".into())
    }
}

impl Functions for ModelScope<'_> {}

/// Everything that an expression of a trial may use. Where the model has a name of the trial's, as `day`
/// or `dlt`, it means the model's.
pub(super) struct CohortScope<'a> {
    pub(super) cohort: &'a Cohort,
    pub(super) model: ModelScope<'a>,
    pub(super) defined: &'a Defined,
    /// Where functions over visits keep what they need.
    pub(super) readings: &'a mut Readings,
    /// Whether these end when the patient leaves.
    pub(super) on_study: bool,
    /// The drug that words of dosing are about.
    pub(super) of: OfDrugs,
    /// The names of all drugs.
    pub(super) drugs: &'a [String],
}

/// The words for how far a patient's treatment has come: name, value, meaning, unit.
pub(super) const TREATMENT_VARIABLES: [(&str, TreatmentVariable, &str, &str); 11] = [
    ("day", TreatmentVariable::Day, "time since the first planned dose", "day"),
    ("days_since_dose", TreatmentVariable::DaysSinceDose, "time since the last dose", "day"),
    ("days_held", TreatmentVariable::DaysHeld, "time for which the dose that is due has been held", "day"),
    ("doses_given", TreatmentVariable::DosesGiven, "doses given so far", "1"),
    ("holds", TreatmentVariable::Holds, "doses so far that were held", "1"),
    ("reductions", TreatmentVariable::Reductions, "doses so far at which the dose was reduced", "1"),
    ("skips", TreatmentVariable::Skips, "doses so far that were skipped", "1"),
    ("cycle", TreatmentVariable::Cycle, "number of the dose that is due, else of the last one given", "1"),
    ("relative_dose", TreatmentVariable::RelativeDose, "present dose as a multiple of the arm's", "1"),
    ("on_treatment", TreatmentVariable::OnTreatment, "1 until treatment has stopped, else 0", "1"),
    ("on_study", TreatmentVariable::OnStudy, "1 until the patient has left the trial, else 0", "1"),
];

/// A function over the visits so far, the present one included.
struct OverVisits {
    name: &'static str,
    /// What is kept of its argument.
    kind: AccumulatorKind,
    /// Whether it looks back only to the last dose.
    since_dose: bool,
    /// Whether it says only if the first time has come.
    ever: bool,
}

const fn over_visits(name: &'static str, kind: AccumulatorKind, since_dose: bool, ever: bool) -> OverVisits {
    OverVisits { name, kind, since_dose, ever }
}

const OVER_VISITS: [OverVisits; 11] = [
    over_visits("lowest", AccumulatorKind::Min, false, false),
    over_visits("highest", AccumulatorKind::Max, false, false),
    over_visits("days", AccumulatorKind::TimeTrue, false, false),
    over_visits("longest", AccumulatorKind::LongestTrue, false, false),
    over_visits("ever", AccumulatorKind::FirstTrue, false, true),
    over_visits("first_day", AccumulatorKind::FirstTrue, false, false),
    over_visits("lowest_since_dose", AccumulatorKind::Min, true, false),
    over_visits("highest_since_dose", AccumulatorKind::Max, true, false),
    over_visits("days_since_dose", AccumulatorKind::TimeTrue, true, false),
    over_visits("longest_since_dose", AccumulatorKind::LongestTrue, true, false),
    over_visits("ever_since_dose", AccumulatorKind::FirstTrue, true, true),
];

/// The functions of conditions beside [`OVER_VISITS`].
const OTHERS: [&str; 2] = ["grade", "baseline"];

/// What a name means in conditions beyond the language and the model, if it means something.
pub(crate) fn meaning(name: &str) -> Option<&'static str> {
    if TREATMENT_VARIABLES.iter().any(|(known, ..)| *known == name) || Defined::WORDS.contains(&name) {
        return Some("a word of trials");
    }
    own_functions().any(|function| function == name).then_some("a function")
}

fn own_functions() -> impl Iterator<Item = &'static str> {
    OVER_VISITS.iter().map(|function| function.name).chain(OTHERS).chain(functions::names())
}

impl Scope for CohortScope<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
        let of_model = self.model.name(graph, name);
        let variable = || self.variable(name).filter(|&variable| !self.is_unclear(variable));
        of_model
            .or_else(|| variable().map(|variable| of_drugs(graph, variable, self.of)))
            .or_else(|| self.defined.name(name))
    }

    fn known(&self) -> Vec<String> {
        let variables = TREATMENT_VARIABLES.iter().map(|(name, ..)| (*name).to_owned());
        self.model.known().into_iter().chain(variables).chain(self.defined.known()).collect()
    }

    fn absent(&self, name: &str) -> Option<String> {
        let unclear = self.variable(name).filter(|&variable| self.is_unclear(variable));
        let first = self.drugs.first().map_or("", String::as_str);
        unclear
            .map(|_| format!("each drug has its own: write it as `{name}({first})`"))
            .or_else(|| self.model.absent(name))
            .or_else(|| self.defined.absent(self.cohort, name))
    }
}

impl Functions for CohortScope<'_> {
    fn category(&mut self, graph: &mut Graph, name: &str) -> Option<(NodeId, Vec<String>)> {
        category(self.cohort, &mut self.model, graph, name)
    }

    fn call(
        &mut self,
        graph: &mut Graph,
        name: &str,
        arguments: &[NodeId],
    ) -> Option<Result<NodeId, String>> {
        let function = OVER_VISITS.iter().find(|function| function.name == name);
        Some(match (name, function, arguments) {
            ("grade", ..) => Err(format!("it takes the name of a graded term; {}", self.terms())),
            ("baseline", _, &[of]) => baseline(graph, self.model.model, of),
            (_, Some(function), &[of]) => Ok(self.over_visits(graph, function, of)),
            ("baseline", ..) | (_, Some(_), _) => Err("it takes one argument".into()),
            _ => {
                let unit_of = |_: &Graph, node| self.model.units.of(node).cloned();
                return functions::call(graph, name, arguments, &unit_of);
            }
        })
    }

    fn call_named(
        &mut self,
        graph: &mut Graph,
        name: &str,
        argument: &str,
    ) -> Option<Result<NodeId, String>> {
        if name != "grade" {
            let variable = self.variable(name).filter(|&variable| is_of_drugs(variable))?;
            let drug = self.drugs.iter().position(|drug| drug == argument)?;
            return Some(Ok(of_drugs(graph, variable, OfDrugs::One(drug as u32))));
        }
        Some(self.defined.grade(argument).ok_or_else(|| self.no_grade(argument)))
    }

    fn functions(&self) -> Vec<&'static str> {
        own_functions().collect()
    }
}

/// A word for how far treatment has come.
fn of_drugs(graph: &mut Graph, variable: TreatmentVariable, of: OfDrugs) -> NodeId {
    let of = if is_of_drugs(variable) { of } else { OfDrugs::All };
    graph.symbol(Symbol::Treatment(variable, of))
}

/// Whether each drug has its own.
fn is_of_drugs(variable: TreatmentVariable) -> bool {
    !matches!(variable, TreatmentVariable::Day | TreatmentVariable::OnStudy)
}

/// A categorical covariate, and its labels.
pub(super) fn category(
    cohort: &Cohort,
    model: &mut ModelScope<'_>,
    graph: &mut Graph,
    name: &str,
) -> Option<(NodeId, Vec<String>)> {
    let labels = cohort.covariate(name)?.distribution.labels()?;
    // The model's own names come before covariates.
    let code = model.name(graph, name)?;
    let is_covariate = matches!(graph.as_symbol(code), Some(Symbol::Covariate(_)));
    is_covariate.then(|| (code, labels.to_vec()))
}

impl CohortScope<'_> {
    fn variable(&self, name: &str) -> Option<TreatmentVariable> {
        TREATMENT_VARIABLES.iter().find(|(known, ..)| *known == name).map(|&(_, variable, ..)| variable)
    }

    /// Whether it is not known which drug a word is about, and there is no answer for all of them.
    fn is_unclear(&self, variable: TreatmentVariable) -> bool {
        let has_one = matches!(
            variable,
            TreatmentVariable::Cycle | TreatmentVariable::DaysHeld | TreatmentVariable::RelativeDose
        );
        has_one && self.of == OfDrugs::All && self.drugs.len() > 1
    }

    fn over_visits(&mut self, graph: &mut Graph, function: &OverVisits, of: NodeId) -> NodeId {
        let (window, on) = ([0, self.cohort.visits.until], ReadOn::Visits);
        let &OverVisits { kind, since_dose, .. } = function;
        let since_dose = since_dose.then_some(self.of);
        let when = When { window, on, since_dose, ends: false, on_study: self.on_study };
        let kept = self.readings.keep(kind, of, when);
        if function.ever { has_come(graph, kept) } else { accumulated(graph, kept) }
    }

    fn no_grade(&self, term: &str) -> String {
        let graded = self.cohort.grades.terms.iter().map(|term| term.name.value.as_str());
        if graded.clone().any(|name| name == term) {
            return format!("`{term}` is graded only further down");
        }
        let hint = did_you_mean(term, graded).unwrap_or_else(|| self.terms());
        format!("no term `{term}` is graded; {hint}")
    }

    fn terms(&self) -> String {
        let names: Vec<&str> = self.cohort.grades.terms.iter().map(|term| term.name.value.as_str()).collect();
        if names.is_empty() {
            return "[grades.terms] has none".into();
        }
        format!("the graded terms are {}", names.join(", "))
    }
}

/// The file's own parameter values, as constants.
pub(super) struct ParameterScope<'a>(pub(super) &'a Model);

impl Scope for ParameterScope<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
        let parameter = self.0.parameters.iter().find(|p| p.name == name)?;
        Some(graph.constant(parameter.value))
    }

    fn known(&self) -> Vec<String> {
        self.0.parameters.iter().map(|p| p.name.clone()).collect()
    }
}

impl Functions for ParameterScope<'_> {}
