//! The doses and time courses of a cohort in NONMEM's columns: every patient in an arm is an individual.

use std::path::Path;

use crate::cohort::{Drug, Infusion, columns};
use crate::diagnostic::Problems;
use crate::engine::Individuals;
use crate::engine::cpu::Isa;
use crate::plan::{Arm, DoseInput, DrugId, PlannedDose, Route};
use crate::population::Patients;
use crate::store::{self, Set};
use crate::table::{Column, ColumnMeta, Table, Values};
use crate::unit::{Conversion, Unit};

use super::nonmem::{distinct, dv};
use super::observed::{Reading, arms, readings_of};
use super::source::Source;
use super::{ExportError, ExportFile, Settings};

/// Patients whose individual values are drawn again at once.
const PATIENTS: u64 = 1_024;
/// Seconds in an hour.
const HOUR: f64 = 3600.0;

/// A dose as the ledger has it.
struct Given {
    patient: u64,
    arm: usize,
    /// Position among the arm's planned doses.
    dose: usize,
    time: f64,
    /// In the model's dosing unit.
    amount: f64,
    /// Over how long a rule has had it infused, model time; NaN if as planned.
    over: f64,
}

/// An event of an individual.
struct Row {
    patient: u64,
    arm: usize,
    time: f64,
    what: What,
}

enum What {
    Dose(Dose),
    /// What was read, of the columns that are taken.
    Observation(Vec<f64>),
}

/// The items of a dose.
#[derive(Clone, Copy)]
struct Dose {
    amount: f64,
    /// Per model time; -1 and -2 are the model's.
    rate: f64,
    duration: f64,
    /// From 1.
    compartment: usize,
    /// Of a steady state, else 0; model time.
    interval: f64,
}

/// Writes a run of a cohort.
pub(super) fn write(source: &Source, settings: &Settings, file: &mut ExportFile<'_>) -> Result<(), Problems> {
    let (starts, rates) = (starts(source)?, rates(source)?);
    let writer = Writer { source, dv: dv(source, settings)?, starts, rates };
    let ledger = source.files(Set::Doses)?;
    for part in source.files(Set::Trajectories)? {
        let of_part = ledger.iter().find(|path| path.file_name() == part.file_name());
        let given = of_part.map_or(Ok(Vec::new()), |path| writer.given(path))?;
        let mut given = given.into_iter().peekable();
        let (mut rows, mut last): (Vec<Row>, Option<u64>) = (Vec::new(), None);
        readings_of(source, &part, |batch| {
            for reading in batch {
                // Patients are written a number at a time, as they are drawn again.
                if last.is_some_and(|last| last / PATIENTS != reading.patient / PATIENTS) {
                    file.write(&writer.table(std::mem::take(&mut rows))?)?;
                }
                while let Some(dose) = given.next_if(|dose| dose.patient <= reading.patient) {
                    rows.extend(writer.doses(&dose));
                }
                last = Some(reading.patient);
                rows.push(of_reading(reading));
            }
            Ok(())
        })?;
        if !rows.is_empty() {
            file.write(&writer.table(rows)?)?;
        }
    }
    Ok(())
}

fn of_reading(Reading { patient, arm, time, values }: Reading) -> Row {
    Row { patient, arm, time, what: What::Observation(values) }
}

/// The dose of each arm's steady state before time 0, if it has one: with its interval.
fn starts(source: &Source) -> Result<Vec<Option<(PlannedDose, u32)>>, ExportError> {
    let plan = &source.job.plan;
    let start = |arm: &Arm| match &arm.steady {
        None => Ok(None),
        Some(steady) => match steady.doses.as_slice() {
            [dose] if plan.administrations[dose.administration.index()].routes.len() == 1 => {
                Ok(Some((dose.clone(), steady.period)))
            }
            _ => Err(ExportError::SteadyState { arm: arm.label.clone() }),
        },
    };
    plan.arms.iter().map(start).collect()
}

/// The rate at which each drug is infused, in the model's units; NaN of one that is infused otherwise.
fn rates(source: &Source) -> Result<Vec<f64>, ExportError> {
    let job = &source.job;
    let model = Unit::parse(&job.model.metadata.dosing_unit);
    let rate_of = |(number, of): (usize, &Drug)| {
        let courses = job.cohort.regimen.courses().filter(|course| course.drug == number);
        let rates = courses.filter_map(|course| match &course.infusion.value {
            Infusion::Rate { amount_per_hour, unit } => {
                let per_hour = of.conversion(unit, &model)?.apply(*amount_per_hour);
                Some(per_hour / (HOUR * job.plan.time_per_tick))
            }
            _ => None,
        });
        let rates: Vec<f64> = rates.collect();
        match rates.split_first() {
            Some((first, others)) if others.iter().any(|rate| rate != first) => {
                Err(ExportError::SeveralRates { drug: job.plan.drugs[number].name.clone() })
            }
            first => Ok(first.map_or(f64::NAN, |(rate, _)| *rate)),
        }
    };
    job.cohort.regimen.drugs.iter().enumerate().map(rate_of).collect()
}

struct Writer<'a> {
    source: &'a Source,
    /// The position of the column that becomes DV among those that are taken.
    dv: usize,
    /// By arm.
    starts: Vec<Option<(PlannedDose, u32)>>,
    /// By drug: see [`rates`].
    rates: Vec<f64>,
}

impl Writer<'_> {
    /// The doses of a part of the ledger that entered, of patients whose time courses are kept.
    fn given(&self, path: &Path) -> Result<Vec<Given>, Problems> {
        let job = &self.source.job;
        let followed = job.followed();
        let (several, infused) = (job.plan.drugs.len() > 1, !job.plan.protocol.infusions.is_empty());
        let mut wanted = vec![columns::PATIENT, columns::ARM, "dose_number", "time", "amount"];
        wanted.extend(several.then_some("drug"));
        wanted.extend(infused.then_some("infusion"));
        let sequences: Vec<_> = (0..job.plan.arms.len()).map(|arm| job.plan.sequences(arm)).collect();
        let to_model = self.to_model();
        let mut given = Vec::new();
        store::scan_tables(path, &wanted, &mut |table: &Table| {
            let numbers =
                |name: &str| table.column(name).map(|column| column.values.numbers()).unwrap_or_default();
            let arms = table
                .column(columns::ARM)
                .map(|column| arms(self.source, &column.values))
                .unwrap_or_default();
            let drugs = table.column("drug").map(|column| drugs(self.source, &column.values));
            let [patient, number, time, amount, over] =
                [columns::PATIENT, "dose_number", "time", "amount", "infusion"].map(numbers);
            for row in (0..table.rows()).filter(|&row| patient[row] < followed as f64 && amount[row] > 0.0) {
                let drug = drugs.as_ref().map_or(0, |drugs| drugs[row]);
                let position = number[row] as usize;
                let Some(&dose) = sequences[arms[row]][drug].positions.get(position.saturating_sub(1)) else {
                    continue;
                };
                given.push(Given {
                    patient: patient[row] as u64,
                    arm: arms[row],
                    dose,
                    time: time[row],
                    amount: to_model.apply(amount[row]),
                    over: over.get(row).copied().unwrap_or(f64::NAN),
                });
            }
        })?;
        given.retain(|dose| !dose.time.is_nan());
        Ok(given)
    }

    /// From the unit of the ledger to the model's.
    fn to_model(&self) -> Conversion {
        self.source.job.unit_of_amounts().1.inverse()
    }

    /// The records of a dose: one for each state that it enters.
    fn doses(&self, given: &Given) -> Vec<Row> {
        let plan = &self.source.job.plan;
        let planned = &plan.arms[given.arm].doses[given.dose];
        let own = &plan.administrations[planned.administration.index()];
        let dose = |route: &Route| self.dose(own.drug, route, given.amount, given.over);
        let row =
            |dose| Row { patient: given.patient, arm: given.arm, time: given.time, what: What::Dose(dose) };
        own.routes.iter().map(|route| row(dose(route))).collect()
    }

    /// A dose into a state.
    fn dose(&self, drug: DrugId, route: &Route, amount: f64, over: f64) -> Dose {
        let job = &self.source.job;
        let (plan, state) = (&job.plan, &job.model.states[route.state]);
        let whole = plan.graph.as_constant(route.bioavailability) == Some(1.0);
        let (rate, duration) = match route.input {
            DoseInput::Bolus => (0.0, 0.0),
            DoseInput::Over(_) if state.duration.is_some() => (-2.0, 0.0),
            DoseInput::AtRate(_) if state.rate.is_some() => (-1.0, 0.0),
            DoseInput::AtRate(_) => (self.rates[drug.index()], 0.0),
            DoseInput::Over(time) => {
                let planned = plan.graph.as_constant(time).unwrap_or(f64::NAN);
                let duration = if over.is_nan() { planned } else { over };
                // Bioavailability would shorten an infusion that is said by its rate.
                if whole { (amount / duration, 0.0) } else { (0.0, duration) }
            }
        };
        Dose { amount, rate, duration, compartment: route.state + 1, interval: 0.0 }
    }

    /// The rows of consecutive patients, as they are written.
    fn table(&self, rows: Vec<Row>) -> Result<Table, Problems> {
        let first = rows.first().map_or(0, |row| row.patient);
        let last = rows.last().map_or(0, |row| row.patient);
        let drawn = self.source.job.individuals(first..last + 1, Isa::detect())?;
        let rows = self.in_order(rows, &drawn.1);
        Ok(Table { columns: self.columns(&rows, first, &drawn) })
    }

    /// By individual and time; what is read when a dose is given is read before it.
    fn in_order(&self, mut rows: Vec<Row>, individuals: &Individuals) -> Vec<Row> {
        let first = rows.first().map_or(0, |row| row.patient);
        let mut items: Vec<(u64, usize)> = rows.iter().map(|row| (row.patient, row.arm)).collect();
        items.sort_unstable();
        items.dedup();
        let job = &self.source.job;
        for (patient, arm) in items {
            let Some((dose, period)) = &self.starts[arm] else { continue };
            let own = &job.plan.administrations[dose.administration.index()];
            let planned = job.amounts(individuals).planned(&job.plan, dose, (patient - first) as usize);
            let interval = f64::from(*period) * job.plan.time_per_tick;
            let amount = self.to_model().apply(planned);
            let of_route = self.dose(own.drug, &own.routes[0], amount, f64::NAN);
            let time = f64::from(dose.tick) * job.plan.time_per_tick - interval;
            rows.push(Row { patient, arm, time, what: What::Dose(Dose { interval, ..of_route }) });
        }
        let is_dose = |row: &Row| matches!(row.what, What::Dose(_));
        rows.sort_by(|a, b| {
            let items = (a.patient, a.arm).cmp(&(b.patient, b.arm));
            items.then(a.time.total_cmp(&b.time)).then(is_dose(a).cmp(&is_dose(b)))
        });
        rows
    }

    fn columns(
        &self,
        rows: &[Row],
        first: u64,
        (patients, individuals): &(Patients, Individuals),
    ) -> Vec<Column> {
        let job = &self.source.job;
        let model = &job.model.metadata;
        let (time, amount) = (&model.time_unit, &model.dosing_unit);
        let arms = job.plan.arms.len();
        let labels = job.plan.arms.iter().zip(1..).map(|(arm, number)| format!("{number} {}", arm.label));
        let groups = format!("arm: {}", labels.collect::<Vec<_>>().join(", "));
        let whole = |name: &str, meaning: &str, of: &dyn Fn(&Row) -> i64| Column {
            meta: ColumnMeta::new(name, meaning, ""),
            values: Values::Integer(rows.iter().map(|row| Some(of(row))).collect()),
        };
        let number = |name: &str, meaning: &str, unit: &str, of: &dyn Fn(&Row) -> f64| Column {
            meta: ColumnMeta::new(name, meaning, unit),
            values: Values::Number(rows.iter().map(of).collect()),
        };
        let of_dose = |of: fn(&Dose) -> f64| move |row: &Row| row.dose().map_or(0.0, of);
        let simulated = |row: &Row| row.value(self.dv);
        let mut columns = vec![
            whole("ID", "patient in an arm, from 1", &|row| {
                (row.patient as usize * arms + row.arm) as i64 + 1
            }),
            whole("SUBJ", "patient of the run, from 0", &|row| row.patient as i64),
            whole("ARM", &groups, &|row| row.arm as i64 + 1),
            number("TIME", "time since the first planned dose", time, &|row| row.time),
            whole("EVID", "kind of event", &|row| i64::from(row.dose().is_some())),
            number("AMT", "amount", amount, &of_dose(|dose| dose.amount)),
            number(
                "RATE",
                "rate; -1 and -2 are the model's",
                &format!("{amount}/{time}"),
                &of_dose(|dose| dose.rate),
            ),
            whole("CMT", "compartment of a dose, by its number", &|row| {
                row.dose().map_or(0, |dose| dose.compartment as i64)
            }),
            number("II", "interval between doses", time, &of_dose(|dose| dose.interval)),
            whole("SS", "steady state", &|row| i64::from(row.dose().is_some_and(|dose| dose.interval > 0.0))),
            whole("MDV", "1 where DV is no observation", &|row| i64::from(simulated(row).is_nan())),
            number("DV", &job.plan.trajectory_columns[self.source.taken[self.dv]].meaning, "", &simulated),
            number("DUR", "duration; 0 if RATE says it", time, &of_dose(|dose| dose.duration)),
        ];
        for (i, &taken) in self.source.taken.iter().enumerate() {
            let meta = &job.plan.trajectory_columns[taken];
            columns.push(number(&distinct(&meta.name, &columns), &meta.meaning, &meta.unit, &|row| {
                row.value(i)
            }));
        }
        let drawn = job.plan.draws.len() + job.plan.dose_draws.len();
        let names = &job.plan.covariates[..job.plan.covariates.len() - drawn];
        let of_patient = names
            .iter()
            .zip(&patients.covariates)
            .map(|(name, values)| (name.as_str(), values.clone(), "covariate"));
        let effects = job.model.effect_names().zip(&patients.effects);
        let effects = effects.map(|(name, values)| (name, values.clone(), "random effect"));
        let parameters = job.plan.individual_parameters.iter();
        let parameters = parameters
            .map(|(meta, slot)| (meta.name.as_str(), individuals.at_first(*slot), "individual value"));
        for (name, values, meaning) in of_patient.chain(effects).chain(parameters) {
            let value = |row: &Row| values[(row.patient - first) as usize];
            columns.push(number(&distinct(name, &columns), meaning, "", &value));
        }
        columns
    }
}

impl Row {
    fn dose(&self) -> Option<&Dose> {
        match &self.what {
            What::Dose(dose) => Some(dose),
            What::Observation(_) => None,
        }
    }

    /// What was read, of a column that is taken; NaN of a dose.
    fn value(&self, column: usize) -> f64 {
        match &self.what {
            What::Dose(_) => f64::NAN,
            What::Observation(values) => values[column],
        }
    }
}

/// The position of the drug of each row.
fn drugs(source: &Source, values: &Values) -> Vec<usize> {
    let Values::Label { codes, labels } = values else { return Vec::new() };
    let position =
        |label: &String| source.job.plan.drugs.iter().position(|drug| drug.name == *label).unwrap_or(0);
    let known: Vec<usize> = labels.iter().map(position).collect();
    codes.iter().map(|code| code.map_or(0, |code| known[code as usize])).collect()
}
