//! Into which states doses seem to go.

use crate::model::{Model, State};

use super::observed::measured;
use super::reached::Reached;

/// Names of absorption sites begin so; several may share a dose.
const ABSORPTION: [&str; 3] = ["depot", "abs", "gut"];
/// Names of states that take doses begin so where there is no absorption. Metabolites may have a compartment of the name,
/// too.
const CIRCULATION: [&str; 3] = ["central", "plasma", "blood"];
/// What stands in the names of states that take doses if no other does.
const WITHIN: [&str; 3] = ["plasma", "blood", "ven"];

/// States that seem to take doses, and how that was come by.
pub(super) struct Into<'a> {
    pub(super) states: Vec<&'a State>,
    pub(super) why: String,
}

/// The states that doses seem to go into: what the file calls `dosing`, then states with `f()`, `alag()`, `rate()` or
/// `dur()`, then by their names; one, and as many more as what is measured needs, so that none of it stays 0 for ever.
pub(super) fn dosed<'a>(model: &'a Model, covariates: &[f64]) -> Into<'a> {
    let mut candidates: Vec<(Rank, usize)> =
        model.states.iter().enumerate().filter_map(|(i, state)| Some((Rank::of(model, state)?, i))).collect();
    candidates.sort();
    let Some(&(rank, first)) = candidates.first() else {
        return Into { states: Vec::new(), why: "no state has a name of those that take doses".into() };
    };
    let mut states = vec![first];
    // A second absorption site takes its own share if the model gives each a bioavailability.
    let has_share = |i: usize| model.graph.as_constant(model.states[i].bioavailability) != Some(1.0);
    let is_beside = |&&(other, i): &&(Rank, usize)| i != first && other == rank && has_share(i);
    if rank.name < ABSORPTION.len() && has_share(first) {
        states.extend(candidates.iter().filter(is_beside).map(|(_, i)| i));
    }
    let mut reached = Reached::by(model, covariates, states.clone());
    let measured = measured(model);
    let mut others = Vec::new();
    for &(_, candidate) in &candidates {
        let missing = reached.none_of(&measured);
        if missing.is_empty() {
            break;
        }
        if reached.holds(candidate) {
            continue;
        }
        let with: Vec<usize> = states.iter().copied().chain([candidate]).collect();
        let then = Reached::by(model, covariates, with.clone());
        let still_missing = then.none_of(&measured);
        if still_missing.len() < missing.len() {
            others.extend(missing.iter().filter(|name| !still_missing.contains(name)).copied());
            (states, reached) = (with, then);
        }
    }
    let mut why = match rank {
        Rank { is_said: false, .. } if rank.has_property => "the model gives it f(), alag(), rate() or dur()",
        Rank { is_said: false, .. } => "by the names of the states",
        Rank { .. } => "the model calls it `dosing`",
    }
    .to_owned();
    if !others.is_empty() {
        why += &format!(
            "; without a dose into each, {} would stay 0. Drugs of their own are in [drugs.NAME]",
            others.join(", ")
        );
    }
    Into { states: states.into_iter().map(|i| &model.states[i]).collect(), why }
}

/// How much speaks for a state, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rank {
    is_said: bool,
    has_property: bool,
    /// Position among names that take doses.
    name: usize,
}

impl Rank {
    /// `None` if nothing does.
    fn of(model: &Model, state: &State) -> Option<Self> {
        let lower = state.name.to_lowercase();
        let mut beginnings = ABSORPTION.iter().chain(&CIRCULATION);
        let begins = beginnings.position(|with| lower.starts_with(with));
        let [within, none] = [0, 1].map(|more| ABSORPTION.len() + CIRCULATION.len() + more);
        let within = || WITHIN.iter().any(|word| lower.contains(word)).then_some(within);
        let has_factor = model.graph.as_constant(state.bioavailability) != Some(1.0);
        let has_property = has_factor || [state.lag, state.rate, state.duration].iter().any(Option::is_some);
        let is_said = is_said(model, &state.name);
        let name = begins.or_else(within);
        (is_said || has_property || name.is_some()).then(|| Self {
            is_said,
            has_property,
            name: name.unwrap_or(none),
        })
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |rank: &Self| (!rank.is_said, !rank.has_property, rank.name);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether the file names a state in `dosing <- c("depot", "central")`, or in what it says of the unit of doses.
fn is_said(model: &Model, name: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_');
    let said =
        model.metadata.other.iter().filter(|(key, _)| matches!(key.as_str(), "dosing" | "units$dosing"));
    let mut said = said.map(|(_, text)| text.as_str()).chain([model.metadata.dosing_unit.as_str()]);
    said.any(|text| text.split(|c| !is_of_name(c)).any(|word| word == name))
}
