//! Another distribution for each class of patients.

use super::given::Given;
use super::key::{Key, Reads};
use super::kind::{DistributionKind, of_table};
use super::table::CovariateTable;
use super::{CovariateDistribution, Distribution, DistributionError, Values};
use crate::cohort::report::{Report, Section};
use crate::cohort::spanned::Spanned;

/// The distribution of the class that the patient is of. Mixtures are not nested.
#[derive(Debug, Clone, PartialEq)]
pub struct ByClass {
    /// The covariate whose classes they are.
    by: Spanned<String>,
    /// Label and distribution. In a checked cohort: one for each class, in their order.
    of: Vec<(Spanned<String>, Distribution)>,
}

/// Its row in the list of kinds: it is no distribution of a number alone.
pub(super) const KIND: DistributionKind = DistributionKind {
    name: "by_class",
    doc: "Another distribution for each label of the covariate named `by`.",
    keys: &[
        Key::new("by", Reads::Text, "The categorical or bernoulli covariate that decides."),
        Key::new(
            "of",
            Reads::Classes,
            "The distribution for each label of that covariate; `0` and `1` if it is a bernoulli.",
        ),
    ],
    is_continuous: false,
    can_be_of_class: false,
    check: |given| Some(CovariateDistribution::ByClass(check(given)?)),
};

impl ByClass {
    /// The covariate whose classes they are.
    pub fn by(&self) -> &Spanned<String> {
        &self.by
    }

    /// The label of each class, and its distribution.
    pub fn of(&self) -> &[(Spanned<String>, Distribution)] {
        &self.of
    }

    /// Puts the distributions into the order of the classes.
    pub(in crate::cohort) fn order(&mut self, classes: &[String]) {
        self.of.sort_by_key(|(label, _)| classes.iter().position(|class| *class == label.value));
    }

    pub(super) fn values(&self) -> Values<'_> {
        let is_whole = |of: &Distribution| matches!(of.values(), Values::Whole | Values::Flag);
        if self.of.iter().all(|(_, of)| is_whole(of)) { Values::Whole } else { Values::Number }
    }

    pub(super) fn support(&self) -> [f64; 2] {
        let supports = self.of.iter().map(|(_, of)| of.support());
        supports.fold([f64::INFINITY, f64::NEG_INFINITY], |a, b| [a[0].min(b[0]), a[1].max(b[1])])
    }
}

/// The classes as written; that they are those of `by` is seen where all covariates are known.
fn check(given: &mut Given<'_, '_>) -> Option<ByClass> {
    let by = given.text("by");
    let mut of = Vec::new();
    for (label, class) in &given.classes("of")?.value.0 {
        let section = Section::new(format!("{}.of.{}", given.section.label, label.value), &class.span);
        of.push((label.clone(), one_class(&class.value, &section, given.report)));
    }
    let of = of.into_iter().map(|(label, class)| Some((label, class?))).collect::<Option<_>>()?;
    Some(ByClass { by: by?, of })
}

fn one_class(table: &CovariateTable, section: &Section, report: &mut Report) -> Option<Distribution> {
    let span = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.span.clone());
    let between = table.between.as_ref().map(|pair| pair.span.clone());
    let of_covariate =
        [("unit", span(&table.unit)), ("description", span(&table.description)), ("between", between)];
    for (key, span) in of_covariate {
        if let Some(span) = span {
            report.add(&span, DistributionError::NotOfClass { key });
        }
    }
    if table.short.is_some() && table.unit().is_some() {
        report.add(&section.span, DistributionError::NotOfClass { key: "unit" });
    }
    let kind = table.distribution.as_ref().map(|kind| kind.value.0);
    if let Some(kind) = kind.filter(|kind| !kind.can_be_of_class) {
        report.add(&section.span, DistributionError::Nested { distribution: kind.name });
        return None;
    }
    match of_table(table, section, report)? {
        CovariateDistribution::OfAll(of) => Some(of),
        CovariateDistribution::ByClass(_) => None,
    }
}
