//! Drugs, arms and routes: what is given when, and how it enters the model's states.

use crate::cohort::quantity::amount_per;
use crate::cohort::{self, Bioavailability, Cohort, Course, Dose, Infusion, Ticks};
use crate::diagnostic::{Problem, did_you_mean};
use crate::model::graph::{Binary, Graph, NodeId, Symbol};
use crate::model::{Model, State};
use crate::unit::{Conversion, Unit};

use super::known_units::Units;
use super::missed::DoseDraw;
use super::records::changes_at_dose;
use super::{
    Administration, AdministrationId, Arm, DoseInput, Drug, DrugId, PlanError, PlannedDose, Route,
    SteadyStart, position_or_push,
};

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

/// What is given in a cohort.
pub(super) struct Dosed {
    pub(super) drugs: Vec<Drug>,
    pub(super) arms: Vec<Arm>,
    pub(super) administrations: Vec<Administration>,
    pub(super) dose_draws: Vec<DoseDraw>,
}

impl<'a> Dosing<'a> {
    /// What is given, when, and how it enters.
    pub(super) fn dosed(&self, graph: &mut Graph, problems: &mut Vec<Problem>) -> Dosed {
        let drugs = self.drugs();
        let mut ways = Vec::new();
        let arms = self.cohort.regimen.arms.iter();
        let mut arms: Vec<Arm> = arms.map(|arm| self.arm(arm, &drugs, &mut ways, graph, problems)).collect();
        let administrations: Vec<Administration> =
            ways.iter().map(|way| self.administration(way, graph, problems)).collect();
        let mut dose_draws = Vec::new();
        for drug in (0..drugs.len()).map(DrugId::new) {
            for arm in &mut arms {
                let is_own =
                    |dose: &&mut PlannedDose| administrations[dose.administration.index()].drug == drug;
                let mut doses: Vec<&mut PlannedDose> = arm.doses.iter_mut().filter(is_own).collect();
                self.miss(drug, &mut doses, &mut dose_draws, graph, problems);
            }
        }
        self.rates_of_rates(&ways, &administrations, problems);
        self.known_before_start(&arms, &administrations, graph, problems);
        let drugs = drugs.into_iter().map(|drug| drug.drug).collect();
        Dosed { drugs, arms, administrations, dose_draws }
    }

    /// The drugs, and the unit in which their doses are numbers: that of the first, if all are of one kind.
    fn drugs(&self) -> Vec<InUnit<'a>> {
        let regimen = &self.cohort.regimen;
        let drugs = regimen.drugs.iter().enumerate().map(|(i, drug)| {
            let own = || regimen.courses().filter(move |course| course.drug == i && !course.loading);
            let doses: Vec<&Dose> =
                own().flat_map(|course| course.amount.doses()).map(|dose| &dose.value).collect();
            let unit = common_unit(&doses);
            let written = own().find_map(|course| match &course.amount.of {
                cohort::AmountOf::Expression { unit, .. } => Some(unit.to_string()),
                _ => None,
            });
            let text = match (unit, doses.first()) {
                (Some(unit), _) => self.unit_text(unit),
                (None, Some(_)) => "unit of the arm".into(),
                (None, None) => written.unwrap_or_default(),
            };
            let name = drug.name.as_ref().map_or_else(String::new, |name| name.value.clone());
            let on_demand = regimen.on_demand.iter().any(|given| given.course.drug == i);
            InUnit { drug: Drug { name, unit: text, on_demand }, unit }
        });
        drugs.collect()
    }

    /// An arm, with its doses by time.
    fn arm(
        &self,
        arm: &'a cohort::Arm,
        drugs: &[InUnit<'a>],
        ways: &mut Vec<Way<'a>>,
        graph: &mut Graph,
        problems: &mut Vec<Problem>,
    ) -> Arm {
        // Of several kinds each arm has its own unit.
        let on_demand = &self.cohort.regimen.on_demand;
        let courses = || arm.courses.iter().chain(on_demand.iter().map(|given| &given.course));
        let unit_of = |drug: usize| {
            let own = courses().filter(|course| course.drug == drug && !course.loading);
            let first = own.flat_map(|course| course.amount.doses()).next();
            drugs[drug].unit.or(first.map(|dose| &dose.value))
        };
        let as_number = |drug: usize, dose: &Dose| {
            unit_of(drug).and_then(|unit| dose.amount_in_unit_of(unit)).unwrap_or(f64::NAN)
        };
        let mut doses = Vec::new();
        let period = arm.period().and_then(|period| Ticks::try_from(period).ok()).unwrap_or(Ticks::MAX);
        let mut before = Vec::new();
        for course in courses() {
            let way = AdministrationId::new(position_or_push(ways, Way(course)));
            let Some(given) = self.given(course, graph, problems) else { continue };
            let number = course.dose().map_or(f64::NAN, |dose| as_number(course.drug, &dose.value));
            // What is given on demand has no times yet.
            let given_on_demand = on_demand.iter().find(|given| given.course == *course);
            let ticks = match given_on_demand {
                Some(given) => vec![Ticks::MAX; given.most as usize],
                None => course.times.clone(),
            };
            let planned = |tick| PlannedDose {
                tick,
                amount: given.amount,
                dose: course.factor * number,
                administration: way,
                cap: given.cap,
                round: given.round,
                missed: None,
            };
            doses.extend(ticks.into_iter().map(planned));
            before.extend(course.steady.iter().flat_map(|steady| steady.within(period)).map(planned));
        }
        doses.sort_by_key(|dose| dose.tick);
        before.sort_by_key(|dose: &PlannedDose| dose.tick);
        let steady = (!before.is_empty()).then_some(SteadyStart { period, doses: before });
        let first = arm.courses.first().map_or(0, |course| course.drug);
        Arm {
            label: arm.label.value.clone(),
            dose: arm.dose().map_or(f64::NAN, |dose| as_number(first, &dose.value)),
            unit: unit_of(first).map_or_else(|| drugs[first].drug.unit.clone(), |dose| self.unit_text(dose)),
            doses,
            steady,
        }
    }

    /// How doses enter by one way.
    fn administration(
        &self,
        &Way(course): &Way<'_>,
        graph: &mut Graph,
        problems: &mut Vec<Problem>,
    ) -> Administration {
        let mut routes = Vec::new();
        for name in &course.into {
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
            match self.input(course, state, graph) {
                Ok(input) => {
                    let lag = state.lag.unwrap_or_else(|| graph.constant(0.0));
                    let route = Route { state: index, bioavailability: state.bioavailability, lag, input };
                    let faults = faults(state, &route, graph).into_iter();
                    problems.extend(faults.map(|fault| Problem::at(fault, self.cohort.place(&name.span))));
                    routes.push(route);
                }
                Err(error) => {
                    problems.push(Problem::at(error, self.cohort.place(&course.infusion.span)));
                }
            }
        }
        Administration { drug: DrugId::new(course.drug), routes }
    }

    /// Checks that what is given before time 0 is the same at every dose.
    fn known_before_start(
        &self,
        arms: &[Arm],
        administrations: &[Administration],
        graph: &Graph,
        problems: &mut Vec<Problem>,
    ) {
        for (arm, written) in arms.iter().zip(&self.cohort.regimen.arms) {
            let before = arm.steady.iter().flat_map(|steady| &steady.doses);
            let mut states = before
                .flat_map(|dose| &administrations[dose.administration.index()].routes)
                .map(|route| &self.model.states[route.state]);
            let changing = states.find_map(|state| Some((changes_at_dose(state, graph)?, state)));
            if let Some((function, state)) = changing {
                let error = PlanError::SteadyAtDose { function, state: state.name.clone() };
                problems.push(Problem::at(error, self.cohort.place(&written.label.span)));
            }
        }
    }

    /// Checks that what is said of rates is of drugs that are given by their rate.
    fn rates_of_rates(&self, ways: &[Way<'_>], entering: &[Administration], problems: &mut Vec<Problem>) {
        for (i, drug) in self.cohort.regimen.drugs.iter().enumerate() {
            let Some(bioavailability) = &drug.bioavailability else { continue };
            let own = ways.iter().zip(entering).filter(|(Way(course), _)| course.drug == i);
            let routes: Vec<&Route> = own.flat_map(|(_, administration)| &administration.routes).collect();
            let by_rate = routes.iter().any(|route| matches!(route.input, DoseInput::AtRate(_)));
            if !(by_rate || routes.is_empty()) {
                let place = self.cohort.place(&bioavailability.span);
                problems.push(Problem::at(PlanError::NoRate, place));
            }
        }
    }

    fn input(&self, course: &Course, state: &State, graph: &mut Graph) -> Result<DoseInput, PlanError> {
        let drug = &self.cohort.regimen.drugs[course.drug];
        let infusion = &course.infusion.value;
        let own = match (state.duration, state.rate) {
            (Some(duration), _) => Some(("dur", DoseInput::Over(duration))),
            (None, Some(rate)) => {
                Some(("rate", DoseInput::AtRate(self.rate_into(drug, state, rate, graph)?)))
            }
            (None, None) => None,
        };
        match (infusion, own) {
            (Infusion::Model, Some((_, input))) => Ok(input),
            (Infusion::Model, None) => {
                Err(PlanError::NoModelInput { state: state.name.clone(), table: table_of(drug) })
            }
            (_, Some((function, _))) => Err(PlanError::TwoInputs { function, state: state.name.clone() }),
            (Infusion::Bolus, None) => Ok(DoseInput::Bolus),
            (Infusion::Duration(ticks), None) => {
                Ok(DoseInput::Over(graph.constant(f64::from(*ticks) * self.time_per_tick)))
            }
            (Infusion::Rate { amount_per_hour, unit }, None) => {
                let per_hour = self.to_model_unit(drug, unit)?.apply(*amount_per_hour);
                let per_time = per_hour / (SECONDS_PER_HOUR * self.time_per_tick);
                let rate = graph.constant(per_time);
                Ok(DoseInput::AtRate(self.rate_into(drug, state, rate, graph)?))
            }
        }
    }

    /// A rate in the model's dosing unit as one into a state. Bioavailability leaves it as it is; where `f(state)`
    /// converts units, it converts the rate too.
    pub(super) fn rate_into(
        &self,
        drug: &cohort::Drug,
        state: &State,
        rate: NodeId,
        graph: &mut Graph,
    ) -> Result<NodeId, PlanError> {
        let factor = state.bioavailability;
        let said = drug.bioavailability.as_ref().map(|said| said.value);
        let by = match (said, self.conversion(state)) {
            (Some(Bioavailability::Rate), _) | (None, OfUnits::WithinFactor) => factor,
            (None, OfUnits::By(conversion)) => graph.constant(conversion),
            (None, OfUnits::Unknown) if typical(graph, factor) > 1.0 => {
                return Err(PlanError::UnclearFactor {
                    state: state.name.clone(),
                    value: typical(graph, factor),
                    table: table_of(drug),
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

    /// The unit of a dose: of a number alone, the model's.
    fn unit_text(&self, dose: &Dose) -> String {
        let is_alone = dose.unit == Unit::one();
        if is_alone { self.model.metadata.dosing_words() } else { dose.unit_text() }
    }

    /// How an amount becomes one in the model's dosing unit. A number alone is in that, if that is no amount.
    pub(super) fn to_model_unit(&self, drug: &cohort::Drug, unit: &Unit) -> Result<Conversion, PlanError> {
        let model = &self.model.metadata.dosing_unit;
        let is_amount = amount_per(&Unit::parse(model)).is_some();
        match (*unit == Unit::one(), is_amount) {
            (true, false) => return Ok(Conversion::NONE),
            (true, true) => return Err(PlanError::NoDoseUnit { model: model.clone() }),
            (false, false) => {
                let model = self.model.metadata.dosing_words();
                return Err(PlanError::DoseOfNoAmount { dose: unit.to_string(), model });
            }
            (false, true) => {}
        }
        let conversion = drug.conversion(unit, &Unit::parse(model));
        conversion.ok_or_else(|| PlanError::DoseUnit {
            dose: unit.to_string(),
            model: model.clone(),
            table: table_of(drug),
        })
    }
}

/// The table of the cohort file with what is said of a drug.
fn table_of(drug: &cohort::Drug) -> String {
    drug.name.as_ref().map_or_else(|| "regimen".into(), |name| format!("drugs.{}", name.value))
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

/// A drug, and a dose in whose unit all of its doses are numbers, if they are of one kind.
struct InUnit<'a> {
    drug: Drug,
    unit: Option<&'a Dose>,
}

/// A way in which doses enter, as a course has it.
struct Way<'a>(&'a Course);

impl PartialEq for Way<'_> {
    fn eq(&self, Way(other): &Self) -> bool {
        let Way(course) = self;
        let names = |course: &Course| course.into.iter().map(|name| name.value.clone()).collect::<Vec<_>>();
        course.drug == other.drug
            && course.infusion.value == other.infusion.value
            && names(course) == names(other)
    }
}

/// The first dose, in whose unit the others can be written; `None` if they are of several kinds.
fn common_unit<'a>(doses: &[&'a Dose]) -> Option<&'a Dose> {
    let first = *doses.first()?;
    doses.iter().all(|dose| dose.amount_in_unit_of(first).is_some()).then_some(first)
}
