//! What a kind of distribution is, and how one is checked.

use std::sync::LazyLock;

use super::given::Given;
use super::key::Key;
use super::table::CovariateTable;
use super::{CovariateDistribution, Distribution, DistributionError, KINDS, Values};
use crate::cohort::choice::{self, Registered};
use crate::cohort::report::{Report, Section};
use crate::cohort::spanned::Spanned;
use crate::cohort::value::NumberOrText;

/// A kind of distribution.
pub(super) trait Kind: Sized {
    /// As `distribution = "..."` names it.
    const NAME: &'static str;
    /// What an editor shows.
    const DOC: &'static str;
    /// The keys that it takes, besides those of every covariate.
    const KEYS: &'static [Key];
    /// Whether values follow continuously from a score (then rounded, perhaps), so that it can be correlated.
    const IS_CONTINUOUS: bool = true;
    /// Whether it can be the distribution of one class.
    const CAN_BE_OF_CLASS: bool = true;

    /// Reads its keys; what is wrong with them is reported.
    fn check(given: &mut Given<'_, '_>) -> Option<Self>;

    /// The value of a standard normal score.
    fn value(&self, score: f64) -> f64;

    /// The smallest and the largest value; of whole numbers what is rounded to them.
    fn support(&self) -> [f64; 2];

    /// What its values are.
    fn values(&self) -> Values<'_> {
        Values::Number
    }
}

/// What is known of a kind of distribution where a file names it.
#[derive(Debug)]
pub(in crate::cohort) struct DistributionKind {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) keys: &'static [Key],
    pub(super) is_continuous: bool,
    pub(super) can_be_of_class: bool,
    pub(super) check: fn(&mut Given<'_, '_>) -> Option<CovariateDistribution>,
}

impl DistributionKind {
    pub(super) const fn of<K: Kind + Into<Distribution>>() -> Self {
        Self {
            name: K::NAME,
            doc: K::DOC,
            keys: K::KEYS,
            is_continuous: K::IS_CONTINUOUS,
            can_be_of_class: K::CAN_BE_OF_CLASS,
            check: |given| Some(CovariateDistribution::OfAll(K::check(given)?.into())),
        }
    }

    /// Whether it takes a key.
    pub(super) fn takes(&self, key: &str) -> bool {
        self.keys.iter().any(|taken| taken.name == key)
    }
}

static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| KINDS.iter().map(|kind| kind.name).collect());

impl Registered for DistributionKind {
    const SCHEMA: &'static str = "Distribution";

    fn all() -> &'static [Self] {
        KINDS
    }

    fn names() -> &'static [&'static str] {
        &NAMES
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        self.doc
    }
}

/// Names of the distributions that can be correlated, as a list of words.
pub(in crate::cohort) fn correlated() -> String {
    let kinds = KINDS.iter().filter(|kind| kind.is_continuous);
    choice::listed(&kinds.map(|kind| kind.name).collect::<Vec<_>>())
}

/// Checks a covariate's distribution with the bounds that it is kept between.
pub(in crate::cohort) fn check(
    table: &CovariateTable,
    section: &Section,
    report: &mut Report,
) -> Option<CovariateDistribution> {
    let distribution = of_table(table, section, report)?;
    if let Some(between) = &table.between {
        match distribution.values() {
            Values::Label(_) | Values::Flag => report.add(&between.span, DistributionError::BoundsOnLabels),
            Values::Number | Values::Whole => {
                super::given::bounds("between", between, distribution.support(), report)?;
            }
        }
    }
    Some(distribution)
}

/// Checks what a table says of a distribution.
pub(super) fn of_table(
    table: &CovariateTable,
    section: &Section,
    report: &mut Report,
) -> Option<CovariateDistribution> {
    if let Some(short) = &table.short {
        return fixed(short, section, report);
    }
    let kind = report.required("distribution", &table.distribution, section)?.value.0;
    for (key, value) in table.keys.iter().filter(|(key, _)| !kind.takes(key)) {
        let takes = kind.keys.iter().map(|key| format!("`{}`", key.name)).collect::<Vec<_>>().join(", ");
        report.add(value.span(), DistributionError::NotItsKey { key, distribution: kind.name, takes });
    }
    (kind.check)(&mut Given { kind, keys: &table.keys, section, report })
}

/// Checks what stands in the place of a table.
fn fixed(short: &NumberOrText, section: &Section, report: &mut Report) -> Option<CovariateDistribution> {
    let Some((number, _)) = CovariateTable::number(short) else {
        let NumberOrText::Text(found) = short else { return None };
        report.add(&section.span, DistributionError::NotANumber { found: found.clone() });
        return None;
    };
    let number = report.finite("value", &Spanned { value: number, span: section.span.clone() })?;
    Some(CovariateDistribution::fixed(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_and_keys_of_its_own() {
        for (i, kind) in KINDS.iter().enumerate() {
            assert!(KINDS[..i].iter().all(|other| other.name != kind.name), "{}", kind.name);
            for (i, key) in kind.keys.iter().enumerate() {
                assert!(kind.keys[..i].iter().all(|other| other.name != key.name), "{}", key.name);
            }
        }
    }

    /// One table has the keys of all kinds: a key is read alike, whichever takes it.
    #[test]
    fn a_key_is_of_one_type_in_all_kinds() {
        let keys = || KINDS.iter().flat_map(|kind| kind.keys);
        for key in keys() {
            assert!(keys().all(|other| other.name != key.name || other.reads == key.reads), "{}", key.name);
        }
    }
}
