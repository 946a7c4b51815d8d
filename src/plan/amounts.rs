//! How much is given: amounts in the model's dosing unit, as values that each patient has its own of.

use crate::cohort::quantity::amount_per;
use crate::cohort::{AmountOf, BodySize, Course, Dose, Drug, Per, Rounding, Spanned, Tier};
use crate::diagnostic::Problem;
use crate::model::comparison::compare;
use crate::model::expression::{self, Functions, Scope};
use crate::model::graph::{Binary, Graph, NodeId, Stage, Symbol};
use crate::population::functions;
use crate::unit::{Conversion, Unit, number_and_unit};

use super::dosing::Dosing;
use super::known_units::Units;
use super::scope::{ModelScope, category};
use super::{PlanError, Rounding as PlannedRounding};

/// The amount of a patient of whom none is known: no engine takes it.
pub(super) const NO_AMOUNT: f64 = -1.0;

/// What is given at each dose of a course.
pub(super) struct Given {
    /// Before cap and rounding.
    pub(super) amount: NodeId,
    pub(super) cap: Option<NodeId>,
    pub(super) round: Option<PlannedRounding>,
}

impl Dosing<'_> {
    /// What a patient is given at each dose of a course.
    pub(super) fn given(
        &self,
        course: &Course,
        graph: &mut Graph,
        problems: &mut Vec<Problem>,
    ) -> Option<Given> {
        let drug = &self.cohort.regimen.drugs[course.drug];
        let amount = Amounts {
            dosing: self,
            drug,
            size_at_most: course.amount.size_at_most.as_ref(),
            graph,
            problems,
        }
        .amount(&course.amount.of)?;
        let amount = if course.factor == 1.0 {
            amount
        } else {
            let times = graph.constant(course.factor);
            graph.binary(Binary::Mul, times, amount)
        };
        let mut in_model_unit = |dose: &Dose, span: &std::ops::Range<usize>| {
            let conversion = self.to_model_unit(drug, &dose.unit);
            let amount = conversion.map(|conversion| conversion.apply(dose.amount));
            amount.map_err(|error| problems.push(Problem::at(error, self.cohort.place(span)))).ok()
        };
        let cap = match &course.amount.cap {
            Some(cap) => Some(graph.constant(in_model_unit(&cap.value, &cap.span)?)),
            None => None,
        };
        let round = match &course.amount.round {
            Some(Spanned { value: Rounding { to, how }, span }) => {
                Some(PlannedRounding { unit: in_model_unit(to, span)?, to: *how })
            }
            None => None,
        };
        Some(Given { amount, cap, round })
    }
}

impl Dosing<'_> {
    /// An expression that is known before the first dose.
    pub(super) fn known(
        &self,
        text: &Spanned<String>,
        graph: &mut Graph,
        problems: &mut Vec<Problem>,
    ) -> Option<NodeId> {
        let &Self { cohort, model, covariates, units, .. } = self;
        let mut scope = DoseScope(ModelScope { model, covariates, units, with_error: false }, cohort);
        let read = expression::read(&text.value, &cohort.place(&text.span), graph, &mut scope);
        let node = read.map_err(|found| problems.extend(found.0)).ok()?;
        if graph.stage(node) > Stage::Patient {
            let error = PlanError::NotBeforeDose { of: text.value.clone() };
            problems.push(Problem::at(error, cohort.place(&text.span)));
            return None;
        }
        Some(node)
    }
}

/// Makes amounts of one course.
struct Amounts<'a, 'g> {
    dosing: &'a Dosing<'a>,
    drug: &'a Drug,
    size_at_most: Option<&'a Spanned<BodySize>>,
    graph: &'g mut Graph,
    problems: &'g mut Vec<Problem>,
}

impl Amounts<'_, '_> {
    /// The amount in the model's dosing unit.
    fn amount(&mut self, of: &AmountOf) -> Option<NodeId> {
        match of {
            AmountOf::Dose(dose) => self.dose(dose),
            AmountOf::Expression { text, unit } => self.expression(text, unit),
            AmountOf::Tiers { by, tiers } => self.tiers(by, tiers),
        }
    }

    /// A dose, with body size in it.
    fn dose(&mut self, dose: &Spanned<Dose>) -> Option<NodeId> {
        // Nothing is nothing in every unit.
        if dose.value.amount == 0.0 {
            return Some(self.graph.constant(0.0));
        }
        if let Some(conversion) = self.to_unit_per_size(&dose.value) {
            if let Some(Spanned { span, .. }) = self.size_at_most {
                let model = self.dosing.model.metadata.dosing_unit.clone();
                self.problems
                    .push(Problem::at(PlanError::SizeIsInUnit { model }, self.dosing.cohort.place(span)));
                return None;
            }
            return Some(self.graph.constant(conversion.apply(dose.value.amount)));
        }
        let result = self.dosing.to_model_unit(self.drug, &dose.value.unit).and_then(|conversion| {
            let amount = self.graph.constant(conversion.apply(dose.value.amount));
            match dose.value.per {
                Per::Patient => Ok(amount),
                Per::Kilogram => self.scaled(amount, "kg", "WT"),
                Per::SquareMetre => self.scaled(amount, "m2", "BSA"),
            }
        });
        result.map_err(|error| self.problem(error, &dose.span)).ok()
    }

    fn problem(&mut self, error: PlanError, span: &std::ops::Range<usize>) {
        self.problems.push(Problem::at(error, self.dosing.cohort.place(span)));
    }

    /// How an amount per body size becomes that of a model whose doses are per body size, too.
    fn to_unit_per_size(&self, dose: &Dose) -> Option<Conversion> {
        let (unit, per) = amount_per(&Unit::parse(&self.dosing.model.metadata.dosing_unit))?;
        let is_alike = per == dose.per && per != Per::Patient;
        self.drug.conversion(&dose.unit, &unit).filter(|_| is_alike)
    }

    /// An amount per body size for a patient of that size, whose covariate may be in another unit.
    fn scaled(
        &mut self,
        amount: NodeId,
        per: &'static str,
        covariate: &'static str,
    ) -> Result<NodeId, PlanError> {
        let graph = &mut *self.graph;
        let index = self.dosing.covariates.iter().position(|c| c == covariate);
        let index = index.ok_or(PlanError::NoBodySize { per, covariate })?;
        let size = graph.symbol(Symbol::Covariate(index as u32));
        let conversion = match self.dosing.units.of(size).filter(|unit| unit.is_known()) {
            Some(unit) => unit.to(&Unit::parse(per)).ok_or_else(|| PlanError::Unit {
                of: covariate.into(),
                unit: unit.to_string(),
                by: format!("a dose per {per}"),
                taken: per.into(),
            })?,
            None => Conversion::NONE,
        };
        let size = graph.converted(size, conversion);
        let most = self.size_at_most.and_then(|most| match (most.value, per) {
            (BodySize::Kilograms(most), "kg") | (BodySize::SquareMetres(most), "m2") => Some(most),
            _ => None,
        });
        let size = match most {
            Some(most) => {
                let most = graph.constant(most);
                graph.binary(Binary::Min, size, most)
            }
            None => size,
        };
        Ok(graph.binary(Binary::Mul, amount, size))
    }

    /// An expression in its unit. The unit of one that is a name may be known; then it is converted.
    fn expression(&mut self, text: &Spanned<String>, unit: &Unit) -> Option<NodeId> {
        let node = self.dosing.known(text, self.graph, self.problems)?;
        let surely = self.dosing.units.surely_of_text(self.graph, &text.value, node);
        let surely = surely.filter(|own| own.is_known() && *unit != Unit::one());
        if let Some(own) = surely.filter(|own| !own.is_of_drug()) {
            let error = PlanError::NoAmountOfDrug { of: text.value.clone(), unit: own.to_string() };
            self.problem(error, &text.span);
            return None;
        }
        let node = match surely {
            Some(own) => {
                let Some(conversion) = self.drug.conversion(own, unit) else {
                    let (of, own) = (text.value.clone(), own.to_string());
                    let error =
                        PlanError::Unit { of, unit: own, by: "a dose".into(), taken: unit.to_string() };
                    self.problem(error, &text.span);
                    return None;
                };
                self.graph.converted(node, conversion)
            }
            None => node,
        };
        match self.dosing.to_model_unit(self.drug, unit) {
            Ok(conversion) => Some(self.graph.converted(node, conversion)),
            Err(error) => {
                self.problem(error, &text.span);
                None
            }
        }
    }

    /// The dose of the first tier whose limit lies above a patient's value; no amount of one whose value is no number.
    fn tiers(&mut self, by: &Spanned<String>, tiers: &[Tier]) -> Option<NodeId> {
        let value = self.dosing.known(by, self.graph, self.problems);
        let doses: Vec<Option<NodeId>> = tiers.iter().map(|tier| self.dose(&tier.dose)).collect();
        let value = value?;
        let limits: Vec<Option<NodeId>> = tiers
            .iter()
            .filter_map(|tier| tier.below.as_ref())
            .map(|below| self.limit(by, value, below))
            .collect();
        let mut doses = doses.into_iter().rev();
        let (mut amount, limits) = (doses.next()??, limits.into_iter().collect::<Option<Vec<_>>>()?);
        if let Some(&last) = limits.last() {
            let is_above = compare(self.graph, Binary::LessEqual, last, value);
            let none = self.graph.constant(NO_AMOUNT);
            amount = self.graph.select(is_above, amount, none);
        }
        for (dose, limit) in doses.zip(limits.into_iter().rev()) {
            let is_below = compare(self.graph, Binary::Less, value, limit);
            amount = self.graph.select(is_below, dose?, amount);
        }
        Some(amount)
    }

    /// The limit of a tier, in the unit of what it limits.
    fn limit(&mut self, by: &Spanned<String>, value: NodeId, below: &Spanned<String>) -> Option<NodeId> {
        let own = self.dosing.units.of(value).filter(|unit| unit.is_known()).cloned();
        let Some((number, unit)) = number_and_unit(&below.value) else {
            let number = below.value.trim().parse().ok()?;
            return Some(self.graph.constant(number));
        };
        let error = match own {
            Some(own) => match unit.to(&own) {
                Some(conversion) => return Some(self.graph.constant(conversion.apply(number))),
                None => PlanError::Unit {
                    of: below.value.clone(),
                    unit: unit.to_string(),
                    by: by.value.clone(),
                    taken: own.to_string(),
                },
            },
            None => PlanError::UnitOfTier { of: by.value.clone(), limit: below.value.clone() },
        };
        self.problem(error, &below.span);
        None
    }
}

/// What an amount may depend on: covariates, and what the model computes of them.
struct DoseScope<'a>(ModelScope<'a>, &'a crate::cohort::Cohort);

impl Scope for DoseScope<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
        self.0.name(graph, name)
    }

    fn known(&self) -> Vec<String> {
        self.0.known()
    }
}

impl Functions for DoseScope<'_> {
    fn category(&mut self, graph: &mut Graph, name: &str) -> Option<(NodeId, Vec<String>)> {
        category(self.1, &mut self.0, graph, name)
    }

    fn call(
        &mut self,
        graph: &mut Graph,
        name: &str,
        arguments: &[NodeId],
    ) -> Option<Result<NodeId, String>> {
        let units: &Units = self.0.units;
        functions::call(graph, name, arguments, &|_, node| units.of(node).cloned())
    }

    fn functions(&self) -> Vec<&'static str> {
        functions::names().collect()
    }
}
