//! What a data set says of a cohort: how many patients there are, until when, and what is read of them.

use std::sync::Arc;

use thiserror::Error;

use crate::cohort::{ALL_OF_DATA, Cohort, Spanned, Ticks, Trajectories, Visits};
use crate::dataset::{Dataset, DatasetError, Event, Record, Subject};
use crate::diagnostic::{Cause, Problems};
use crate::draft;
use crate::engine::cpu::Isa;
use crate::engine::{Individuals, RecordedPatients, recorded};
use crate::model::{self, Model};
use crate::plan::RecordedData;
use crate::population::Patients;
use crate::unit::Unit;

use super::subjects::Subjects;

/// Individuals among whom one with doses is looked for.
const SOME: usize = 64;

/// More patients than a data set makes.
#[derive(Debug, Error)]
#[error(
    "{patients} patients are asked for, and {file} makes {there_are}: {individuals} IDs, {replicates} times each"
)]
pub struct TooFewIndividuals {
    /// Patients that are asked for.
    pub patients: u64,
    /// The file.
    pub file: String,
    /// Patients that there are.
    pub there_are: u64,
    /// IDs.
    pub individuals: usize,
    /// How often each is simulated.
    pub replicates: u32,
}

impl Cause for TooFewIndividuals {
    fn help(&self) -> Option<String> {
        Some("raise `replicates` in [data], or leave `--patients` out".into())
    }
}

/// A cohort and its model with all that their data set says.
pub(super) fn settled(
    mut cohort: Cohort,
    mut model: Model,
    data: &Dataset,
) -> Result<(Cohort, Model), Problems> {
    let there_are = data.patients();
    cohort.patients = match cohort.patients {
        ALL_OF_DATA => there_are,
        patients if patients > there_are => {
            let (file, individuals) = (data.file().path.display().to_string(), data.individuals());
            let replicates = data.replicates;
            return Err(TooFewIndividuals { patients, file, there_are, individuals, replicates }.into());
        }
        patients => patients,
    };
    let given = data.given_parameters();
    if !given.is_empty() {
        model = model::parse_given(&model.source, &given)?;
    }
    let seconds = data.longest() * Unit::parse(&model.metadata.time_unit).dimension().number();
    cohort.visits = Visits { times: vec![0], until: (seconds.ceil() as Ticks).max(1) };
    cohort.trajectories = Some(Trajectories {
        patients: 0,
        times: Vec::new(),
        of: read(&cohort, &model),
        follows: false,
        with_error: true,
    });
    Ok((cohort, model))
}

/// What is read at observations: what the file says, else what the model measures.
fn read(cohort: &Cohort, model: &Model) -> Vec<Spanned<String>> {
    let Some(data) = &cohort.data else { return Vec::new() };
    if !data.of.is_empty() {
        return data.of.clone();
    }
    let names = draft::measured(model).into_iter();
    names.map(|name| Spanned { value: name.to_owned(), span: data.span.clone() }).collect()
}

/// What a plan must know of a data set.
pub(super) fn recorded_data(data: &Dataset, model: &Model) -> RecordedData {
    let changing = (0..).zip(&model.covariates);
    let changing = changing.filter(|(_, covariate)| data.changes_in(&covariate.name).is_some());
    RecordedData {
        dosed: data.dosed().collect(),
        changing: changing.map(|(position, _)| position).collect(),
        interpolation: data.interpolation,
        rates: data.has_rates(),
    }
}

impl Subjects<'_> {
    /// Individual values of patients of a data set, with their records.
    pub(super) fn of_records(
        &self,
        data: &Dataset,
        patients: &mut Patients,
        isa: Isa,
    ) -> Result<Individuals, DatasetError> {
        let subjects = data.of_patients(patients.first..patients.first + patients.count as u64)?;
        let residuals = self.residuals_of_records(patients.first, &subjects);
        let in_records =
            self.plan.covariates.iter().map(|name| data.covariates().position(|known| known == name));
        let in_records = in_records.collect();
        let individuals = self.with_records(data, patients, subjects, in_records, isa);
        Ok(Individuals { residuals, ..individuals })
    }

    /// Typical patients, who are all given what one individual of the data set is, and looked at at these times.
    ///
    /// # Errors
    /// The records cannot be read back.
    pub(super) fn typical_of_records(
        &self,
        data: &Dataset,
        patients: &mut Patients,
        ticks: &[Ticks],
    ) -> Result<Individuals, DatasetError> {
        let some = data.subjects(0..SOME)?;
        let dosed = some.iter().find(|subject| subject.records.iter().any(|record| record.dose().is_some()));
        let Some(subject) = dosed.or(some.first()) else {
            return self.of_records(data, patients, Isa::baseline());
        };
        let times = ticks.iter().map(|&tick| f64::from(tick) * self.plan.time_per_tick);
        let subject = Arc::new(looked_at(subject, times));
        let subjects = vec![subject; patients.count];
        let in_records = vec![None; self.plan.covariates.len()];
        Ok(self.with_records(data, patients, subjects, in_records, Isa::baseline()))
    }

    /// Individual values of patients with these records, whose covariates get the plan's order.
    fn with_records(
        &self,
        data: &Dataset,
        patients: &mut Patients,
        subjects: Vec<Arc<Subject>>,
        in_records: Vec<Option<usize>>,
        isa: Isa,
    ) -> Individuals {
        let of_model = std::mem::take(&mut patients.covariates);
        let none = vec![0.0; patients.count];
        let lines: Vec<usize> = self.plan.lines.positions().collect();
        let columns = self.plan.covariates.iter().enumerate().map(|(i, name)| match of_model.get(i) {
            Some(column) => column.clone(),
            None if lines.contains(&i) => none.clone(),
            None => patients.numbers(name),
        });
        patients.covariates = columns.collect();
        let (of_occasion, first) = (subjects.clone(), patients.first);
        let effect_on = |effect: usize, patient: usize, occasion: i64| {
            let given = data.effect_on(effect, &of_occasion[patient], occasion);
            given.or_else(|| self.sampler.effect_on(effect, first + patient as u64, occasion))
        };
        let interpolation = data.interpolation;
        let patients =
            RecordedPatients { patients, subjects, in_records, interpolation, effect_on: &effect_on };
        recorded(self.plan, &patients, isa)
    }

    /// Residual scores of patients from this one on, `[reading][residual]`: they belong to patient and record.
    fn residuals_of_records(&self, first: u64, subjects: &[Arc<Subject>]) -> Vec<f64> {
        let lines = self.plan.residuals;
        let mut scores = Vec::new();
        for (patient, subject) in (first..).zip(subjects) {
            let read = (0..).zip(subject.own_records()).filter(|(_, record)| record.is_read());
            for (number, _) in read {
                scores.extend((0..lines).map(|line| self.sampler.residual_score(patient, number, line)));
            }
        }
        scores
    }
}

/// An individual with its doses and resets, read at these times since its first record and at no others.
fn looked_at(subject: &Subject, times: impl Iterator<Item = f64>) -> Subject {
    let origin = subject.records.first().map_or(0.0, |record| record.time);
    let acts = subject.records.iter().filter(|record| !record.is_read());
    let acts = acts.map(|record| Record { values: Vec::new(), occasion: None, ..record.clone() });
    let look = |time: f64| Record {
        row: 0,
        time: origin + time,
        event: Event::Other,
        values: Vec::new(),
        occasion: None,
        dv: None,
        mdv: true,
    };
    let mut records: Vec<Record> = acts.chain(times.map(look)).collect();
    records.sort_by(|a, b| a.time.total_cmp(&b.time));
    Subject { records, ..subject.clone() }
}
