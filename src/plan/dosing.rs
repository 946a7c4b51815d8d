//! Arms and routes: amounts in the model's unit, and how they enter its states.

use crate::cohort::quantity::amount_per;
use crate::cohort::{Bioavailability, Cohort, Dose, Infusion, LoadingAmount, Per, Spanned};
use crate::diagnostic::{Problem, did_you_mean};
use crate::model::graph::{Binary, Graph, NodeId, Symbol};
use crate::model::{Model, State};
use crate::unit::{Conversion, Unit};

use super::known_units::Units;
use super::{Administration, AdministrationId, Arm, DoseInput, Drug, DrugId, PlanError, PlannedDose, Route};

/// Seconds in an hour.
const SECONDS_PER_HOUR: f64 = 3600.0;

/// What is needed to turn a cohort's doses into nodes.
pub(super) struct Dosing<'a> {
    pub(super) cohort: &'a Cohort,
    pub(super) model: &'a Model,
    pub(super) covariates: &'a [String],
    pub(super) units: &'a Units,
    /// Model time per second.
    pub(super) time_per_tick: f64,
}

impl Dosing<'_> {
    /// The arms, one for each dose of the regimen. Their doses are in one unit, that of the first arm, if they
    /// are of one kind.
    pub(super) fn arms(&self, graph: &mut Graph, problems: &mut Vec<Problem>) -> Vec<Arm> {
        let regimen = &self.cohort.regimen;
        let loading = regimen.loading.as_ref();
        let loading_dose = match loading.map(|l| &l.amount) {
            Some(LoadingAmount::Dose(dose)) => self.amount(dose, graph, problems),
            _ => None,
        };
        let common = common_unit(&regimen.arms);
        let mut arms = Vec::with_capacity(regimen.arms.len());
        for dose in &regimen.arms {
            let Some(amount) = self.amount(dose, graph, problems) else { continue };
            let unit = common.unwrap_or(&dose.value);
            let as_number = |dose: &Dose| dose.amount_in_unit_of(unit).unwrap_or(f64::NAN);
            let own = as_number(&dose.value);
            let later = (amount, own);
            let first = match loading.map(|l| &l.amount) {
                Some(LoadingAmount::Factor(factor)) => {
                    let times = graph.constant(*factor);
                    (graph.binary(Binary::Mul, times, amount), factor * own)
                }
                // The cohort file was checked for units that convert.
                Some(LoadingAmount::Dose(loading)) => {
                    (loading_dose.unwrap_or(amount), as_number(&loading.value))
                }
                None => later,
            };
            let loaded = loading.map_or(0, |l| l.doses as usize);
            let doses = regimen.times.iter().enumerate().map(|(i, &tick)| {
                let (amount, dose) = if i < loaded { first } else { later };
                PlannedDose {
                    tick,
                    amount,
                    dose,
                    administration: AdministrationId::new(0),
                    cap: None,
                    round: None,
                }
            });
            arms.push(Arm {
                label: dose.value.text.clone(),
                dose: own,
                unit: unit.unit_text(),
                doses: doses.collect(),
            });
        }
        arms
    }

    /// The one drug.
    pub(super) fn drugs(&self) -> Vec<Drug> {
        let arms = &self.cohort.regimen.arms;
        let unit = common_unit(arms).map_or_else(|| "unit of the arm".into(), Dose::unit_text);
        vec![Drug { name: String::new(), unit, on_demand: false }]
    }

    /// How its doses enter.
    pub(super) fn administrations(
        &self,
        graph: &mut Graph,
        problems: &mut Vec<Problem>,
    ) -> Vec<Administration> {
        vec![Administration { drug: DrugId::new(0), routes: self.routes(graph, problems) }]
    }

    /// Where the doses go.
    fn routes(&self, graph: &mut Graph, problems: &mut Vec<Problem>) -> Vec<Route> {
        let mut routes = Vec::new();
        for name in &self.cohort.regimen.into {
            let states = &self.model.states;
            let Some(index) = states.iter().position(|s| s.name == name.value) else {
                let names: Vec<&str> = states.iter().map(|s| s.name.as_str()).collect();
                let hint = did_you_mean(&name.value, names.iter().copied())
                    .unwrap_or_else(|| format!("its states are {}", names.join(", ")));
                let error = PlanError::UnknownState { name: name.value.clone(), hint };
                problems.push(Problem::at(error, self.cohort.place(&name.span)));
                continue;
            };
            let state = &states[index];
            match self.input(state, graph) {
                Ok(input) => {
                    let lag = state.lag.unwrap_or_else(|| graph.constant(0.0));
                    let route = Route { state: index, bioavailability: state.bioavailability, lag, input };
                    let faults = faults(state, &route, graph).into_iter();
                    problems.extend(faults.map(|fault| Problem::at(fault, self.cohort.place(&name.span))));
                    routes.push(route);
                }
                Err(error) => {
                    problems.push(Problem::at(error, self.cohort.place(&self.cohort.regimen.infusion.span)));
                }
            }
        }
        let by_rate = routes.iter().any(|route| matches!(route.input, DoseInput::AtRate(_)));
        if let Some(bioavailability) = &self.cohort.regimen.bioavailability
            && !(by_rate || routes.is_empty())
        {
            let place = self.cohort.place(&bioavailability.span);
            problems.push(Problem::at(PlanError::NoRate, place));
        }
        routes
    }

    fn input(&self, state: &State, graph: &mut Graph) -> Result<DoseInput, PlanError> {
        let infusion = &self.cohort.regimen.infusion.value;
        let own = match (state.duration, state.rate) {
            (Some(duration), _) => Some(("dur", DoseInput::Over(duration))),
            (None, Some(rate)) => Some(("rate", DoseInput::AtRate(self.rate_into(state, rate, graph)?))),
            (None, None) => None,
        };
        match (infusion, own) {
            (Infusion::Model, Some((_, input))) => Ok(input),
            (Infusion::Model, None) => Err(PlanError::NoModelInput { state: state.name.clone() }),
            (_, Some((function, _))) => Err(PlanError::TwoInputs { function, state: state.name.clone() }),
            (Infusion::Bolus, None) => Ok(DoseInput::Bolus),
            (Infusion::Duration(ticks), None) => {
                Ok(DoseInput::Over(graph.constant(f64::from(*ticks) * self.time_per_tick)))
            }
            (Infusion::Rate { amount_per_hour, unit }, None) => {
                let per_hour = self.to_model_unit(unit)?.apply(*amount_per_hour);
                let per_time = per_hour / (SECONDS_PER_HOUR * self.time_per_tick);
                let rate = graph.constant(per_time);
                Ok(DoseInput::AtRate(self.rate_into(state, rate, graph)?))
            }
        }
    }

    /// A rate in the model's dosing unit as one into a state. Bioavailability leaves it as it is; where `f(state)`
    /// converts units, it converts the rate too.
    pub(super) fn rate_into(
        &self,
        state: &State,
        rate: NodeId,
        graph: &mut Graph,
    ) -> Result<NodeId, PlanError> {
        let factor = state.bioavailability;
        let said = self.cohort.regimen.bioavailability.as_ref().map(|said| said.value);
        let by = match (said, self.conversion(state)) {
            (Some(Bioavailability::Rate), _) | (None, OfUnits::WithinFactor) => factor,
            (None, OfUnits::By(conversion)) => graph.constant(conversion),
            (None, OfUnits::Unknown) if typical(graph, factor) > 1.0 => {
                return Err(PlanError::UnclearFactor {
                    state: state.name.clone(),
                    value: typical(graph, factor),
                });
            }
            (Some(Bioavailability::Amount), _) | (None, OfUnits::Unknown) => return Ok(rate),
        };
        Ok(graph.binary(Binary::Mul, rate, by))
    }

    /// What the units say of a state's `f(state)`.
    fn conversion(&self, state: &State) -> OfUnits {
        let dosing = Unit::parse(&self.model.metadata.dosing_unit);
        let Some(text) = state.unit.as_deref() else { return OfUnits::Unknown };
        match Unit::known(text) {
            Some(unit) if unit.is_of_drug() => dosing
                .to(&unit)
                .map_or(OfUnits::WithinFactor, |conversion| OfUnits::By(conversion.apply(1.0))),
            // A concentration.
            _ if text.contains('/') || Unit::parse(text).dimension().bases.len() > 1 => OfUnits::WithinFactor,
            _ => OfUnits::Unknown,
        }
    }

    /// Amount in the model's dosing unit, with body size in it.
    fn amount(&self, dose: &Spanned<Dose>, graph: &mut Graph, problems: &mut Vec<Problem>) -> Option<NodeId> {
        // Nothing is nothing in every unit.
        if dose.value.amount == 0.0 {
            return Some(graph.constant(0.0));
        }
        if let Some(conversion) = self.to_unit_per_size(&dose.value) {
            return Some(graph.constant(conversion.apply(dose.value.amount)));
        }
        let result = self.to_model_unit(&dose.value.unit).and_then(|conversion| {
            let amount = graph.constant(conversion.apply(dose.value.amount));
            match dose.value.per {
                Per::Patient => Ok(amount),
                Per::Kilogram => self.scaled(amount, "kg", "WT", graph),
                Per::SquareMetre => self.scaled(amount, "m2", "BSA", graph),
            }
        });
        result.map_err(|error| problems.push(Problem::at(error, self.cohort.place(&dose.span)))).ok()
    }

    /// How an amount per body size becomes that of a model whose doses are per body size, too.
    fn to_unit_per_size(&self, dose: &Dose) -> Option<Conversion> {
        let (unit, per) = amount_per(&Unit::parse(&self.model.metadata.dosing_unit))?;
        let is_alike = per == dose.per && per != Per::Patient;
        self.cohort.regimen.conversion(&dose.unit, &unit).filter(|_| is_alike)
    }

    /// An amount per body size for a patient of that size, whose covariate may be in another unit.
    fn scaled(
        &self,
        amount: NodeId,
        per: &'static str,
        covariate: &'static str,
        graph: &mut Graph,
    ) -> Result<NodeId, PlanError> {
        let index = self.covariates.iter().position(|c| c == covariate);
        let index = index.ok_or(PlanError::NoBodySize { per, covariate })?;
        let size = graph.symbol(Symbol::Covariate(index as u32));
        let conversion = match self.units.of(size).filter(|unit| unit.is_known()) {
            Some(unit) => unit.to(&Unit::parse(per)).ok_or_else(|| PlanError::Unit {
                of: covariate.into(),
                unit: unit.to_string(),
                by: format!("a dose per {per}"),
                taken: per.into(),
            })?,
            None => Conversion::NONE,
        };
        let size = graph.converted(size, conversion);
        Ok(graph.binary(Binary::Mul, amount, size))
    }

    /// How an amount becomes one in the model's dosing unit.
    fn to_model_unit(&self, unit: &Unit) -> Result<Conversion, PlanError> {
        let model = &self.model.metadata.dosing_unit;
        let conversion = self.cohort.regimen.conversion(unit, &Unit::parse(model));
        conversion.ok_or_else(|| PlanError::DoseUnit { dose: unit.to_string(), model: model.clone() })
    }
}

/// How the unit of doses becomes that of a state.
enum OfUnits {
    /// By this, whatever the bioavailability.
    By(f64),
    /// By `f(state)`, for the two are not of one kind.
    WithinFactor,
    /// The model does not say the state's unit.
    Unknown,
}

/// The value without random effects; not a number if it depends on covariates.
fn typical(graph: &Graph, node: NodeId) -> f64 {
    let value = |symbol| if matches!(symbol, Symbol::Effect(_)) { 0.0 } else { f64::NAN };
    graph.evaluate(&[node], value)[0]
}

/// What no dose can enter by, as far as it is the same for everyone.
fn faults(state: &State, route: &Route, graph: &Graph) -> Vec<PlanError> {
    let input = match route.input {
        DoseInput::Bolus => None,
        DoseInput::Over(duration) => Some(("dur", duration)),
        DoseInput::AtRate(rate) => Some(("rate", rate)),
    };
    let values = [("f", route.bioavailability), ("alag", route.lag)].into_iter().chain(input);
    let faulty = values.filter_map(|(function, node)| {
        let value = graph.as_constant(node)?;
        let must_enter = function == "rate";
        let is_right = value.is_finite() && if must_enter { value > 0.0 } else { value >= 0.0 };
        let state = state.name.clone();
        (!is_right).then_some(PlanError::NoDosing { function, state, value, must_enter })
    });
    faulty.collect()
}

/// The dose in whose unit those of all arms are written; `None` if they are of several kinds.
fn common_unit(arms: &[Spanned<Dose>]) -> Option<&Dose> {
    let first = &arms.first()?.value;
    arms.iter().all(|arm| arm.value.amount_in_unit_of(first).is_some()).then_some(first)
}
