//! Units where the cohort file and the model both say one: what is read is converted, or refused.

use crate::cohort::{self, Spanned, StatisticUnit};
use crate::diagnostic::Problem;
use crate::model::graph::NodeId;
use crate::unit::{Conversion, Unit, molar_mass, number_and_unit};

use super::PlanError;
use super::program::{Meaning, VisitProgram};

impl VisitProgram<'_> {
    /// An expression in the unit in which something takes it. Where its own unit is not known, it is in that
    /// one already.
    pub(super) fn in_unit(
        &mut self,
        node: NodeId,
        text: &Spanned<String>,
        stated: Option<&str>,
        taken: (&str, &str),
    ) -> Option<NodeId> {
        let (by, unit) = taken;
        let of_model = self.units.of_text(&text.value, node).cloned();
        let Some(own) = stated.map(Unit::parse).or(of_model) else { return Some(node) };
        let names = [by, &text.value];
        let conversion = conversion(&own, &Unit::parse(unit), &names);
        if conversion.is_none() {
            self.two_kinds(text, &own, by.into(), unit.into());
        }
        Some(self.graph.converted(node, conversion?))
    }

    /// The limit that an expression is compared with: an expression, or a number with a unit, as `75 1e9/L`.
    pub(super) fn limit(
        &mut self,
        of: &Spanned<String>,
        limit: &Spanned<String>,
        measured: &Measured,
        meaning: Meaning,
    ) -> Option<NodeId> {
        let unit = measured.unit.as_deref().map(Unit::parse);
        let Some((number, own)) = number_and_unit(&limit.value) else {
            let node = self.read_with(limit, meaning)?;
            let names_nothing =
                limit.value.parse::<f64>().is_ok() || !limit.value.contains(char::is_alphabetic);
            return match (&unit, self.units.of_text(&limit.value, node).cloned()) {
                (Some(unit), Some(own)) => self.same_unit(node, of, limit, &own, unit),
                // The limit is in the model's unit, or it is not known in which.
                (Some(_), None) if measured.converted && !names_nothing => {
                    let error = PlanError::UnitOfLimit { limit: limit.value.clone(), of: of.value.clone() };
                    self.problems.push(Problem::at(error, self.cohort.place(&limit.span)));
                    None
                }
                _ => Some(node),
            };
        };
        let number = self.graph.constant(number);
        match unit {
            Some(unit) => self.same_unit(number, of, limit, &own, &unit),
            None => {
                let error = PlanError::NoUnit { of: of.value.clone(), limit: limit.value.clone() };
                self.problems.push(Problem::at(error, self.cohort.place(&limit.span)));
                None
            }
        }
    }

    fn same_unit(
        &mut self,
        limit: NodeId,
        of: &Spanned<String>,
        text: &Spanned<String>,
        own: &Unit,
        unit: &Unit,
    ) -> Option<NodeId> {
        let conversion = conversion(own, unit, &[&of.value]);
        if conversion.is_none() {
            self.two_kinds(text, own, of.value.clone(), unit.to_string());
        }
        Some(self.graph.converted(limit, conversion?))
    }

    /// What an endpoint is of, in the unit that the endpoint asks for.
    pub(super) fn of_endpoint(&mut self, endpoint: &cohort::Endpoint, of: NodeId) -> Option<Measured> {
        let own = self.units.of_text(&endpoint.of.value, of).cloned();
        let measured = |unit: Option<String>| Measured { of, unit, converted: false, is_area: false };
        let Some(asked) = &endpoint.unit else {
            let variable = self.model.variables.iter().find(|v| v.name == endpoint.of.value);
            let text = variable.and_then(|variable| variable.unit.clone());
            return Some(measured(text.or(own.map(|own| own.to_string()))));
        };
        let into = Unit::parse(asked);
        let of_statistic = match endpoint.statistic.kind.unit {
            StatisticUnit::OfExpression | StatisticUnit::Area => None,
            StatisticUnit::Fixed(unit) => Some(unit),
            StatisticUnit::Time => Some(self.model.metadata.time_unit.as_str()),
        };
        if of_statistic.is_some_and(|unit| Unit::parse(unit).to(&into) == Some(Conversion::NONE)) {
            return Some(measured(own.map(|own| own.to_string())));
        }
        let Some(own) = own else { return Some(measured(Some(asked.clone()))) };
        let direct = conversion(&own, &into, &[&endpoint.of.value, &endpoint.name.value]);
        // The unit of an area may be asked for as it is.
        let time = Unit::parse(&self.model.metadata.time_unit);
        let is_of_area = endpoint.statistic.kind.unit == StatisticUnit::Area;
        let of_area = || own.times(&time).to(&into).filter(|_| is_of_area);
        let is_area = direct.is_none();
        let Some(conversion) = direct.or_else(of_area) else {
            let (of, by) = (&endpoint.of, endpoint.name.value.clone());
            self.two_kinds(of, &own, by, asked.clone());
            return None;
        };
        let (of, converted) = (self.graph.converted(of, conversion), !conversion.is_none());
        Some(Measured { of, unit: Some(asked.clone()), converted, is_area })
    }

    fn two_kinds(&mut self, of: &Spanned<String>, unit: &Unit, by: String, taken: String) {
        let error = PlanError::Unit { of: of.value.clone(), unit: unit.to_string(), by, taken };
        self.problems.push(Problem::at(error, self.cohort.place(&of.span)));
    }
}

/// What an endpoint is of.
pub(super) struct Measured {
    /// The expression.
    pub(super) of: NodeId,
    /// Its unit, if it is known.
    pub(super) unit: Option<String>,
    /// Whether that is another than the model's own.
    pub(super) converted: bool,
    /// Whether it is the unit of the area under the expression.
    pub(super) is_area: bool,
}

/// How one unit becomes another: of one kind, or by the molar mass of what one of the names says. Of words
/// that are not known nothing is said, and the number stays.
fn conversion(own: &Unit, into: &Unit, names: &[&str]) -> Option<Conversion> {
    let by_molar_mass = || {
        let grams_per_mole = names.iter().find_map(|name| molar_mass(name))?;
        own.to_by_molar_mass(into, grams_per_mole)
    };
    let unknown = || (!own.is_known() || !into.is_known()).then_some(Conversion::NONE);
    own.to(into).or_else(by_molar_mass).or_else(unknown)
}
