//! Which covariates a cohort file declares, and which of them nothing uses.

use std::collections::BTreeSet;

use super::draw::Marginal;
use super::sampler::{Sampler, Test};
use crate::cohort::Cohort;

/// Names of the covariates of a cohort file, without reading its table; none where the table's columns are taken
/// as they are.
pub(crate) fn declared(cohort: &Cohort) -> Option<Vec<String>> {
    let population = &cohort.population;
    if cohort.data.is_some() {
        return None;
    }
    let columns = match &population.rows {
        Some(rows) if rows.columns.is_empty() => return None,
        rows => rows.iter().flat_map(|rows| &rows.columns),
    };
    let drawn = population.covariates.iter().map(|covariate| &covariate.name);
    let derived = population.derived.iter().map(|covariate| &covariate.name);
    Some(columns.chain(drawn).chain(derived).map(|name| name.value.clone()).collect())
}

impl Sampler {
    /// Names of the drawn and computed covariates that are not among those used, nor used by the population itself:
    /// by a computed covariate, a condition, a mixture or a subgroup. Bounds alone are no use.
    pub fn unused(&self, used: &[&str]) -> Vec<String> {
        let positions = self.used(used);
        let of_table = self.rows.as_ref().map_or(0, |rows| rows.columns.len());
        let own = self.covariates.iter().enumerate().skip(of_table);
        own.filter(|(position, _)| !positions.contains(position))
            .map(|(_, covariate)| covariate.meta.name.clone())
            .collect()
    }

    /// Positions of the covariates that something uses: these, or the population itself.
    pub(super) fn used(&self, used: &[&str]) -> BTreeSet<usize> {
        let mut positions: BTreeSet<usize> = self.of_model.iter().copied().collect();
        positions.extend(self.derived.iter().flat_map(|(_, formula)| formula.needs()));
        for condition in &self.conditions {
            if let Test::Require(formula) = &condition.test {
                positions.extend(formula.needs());
            }
        }
        positions.extend(self.subgroups.iter().flat_map(|subgroup| subgroup.reads()));
        positions.extend(self.draws.iter().filter_map(|draw| match draw.marginal {
            Marginal::ByClass { by, .. } => Some(by),
            Marginal::Same(_) => None,
        }));
        let named = self.covariates.iter().enumerate();
        let named = named.filter(|(_, covariate)| used.contains(&covariate.meta.name.as_str()));
        positions.extend(named.map(|(position, _)| position));
        positions
    }
}
