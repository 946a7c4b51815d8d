//! The rows of individual values of a data set's patients: one wherever something that they depend on changes.

use std::sync::Arc;

use crate::dataset::{Interpolation, Record, Subject};
use crate::plan::Plan;
use crate::population::Patients;

use super::{PatientRecords, Records};

/// Patients of a data set.
pub struct RecordedPatients<'a> {
    /// Their covariates at first, in `Plan::covariates` order as far as they are no lines', and their random effects.
    pub patients: &'a Patients,
    /// The individual that each of them is.
    pub subjects: Vec<Arc<Subject>>,
    /// Position of each of the plan's covariates among the values of records; `None` of one that is not in the data.
    pub in_records: Vec<Option<usize>>,
    /// What covariates are between two records.
    pub interpolation: Interpolation,
    /// A random effect of a patient on an occasion, by its position; `None` of an effect that is the same on all.
    pub effect_on: &'a (dyn Fn(usize, usize, i64) -> Option<f64> + Sync),
}

/// What a row's values depend on.
#[derive(Debug, Clone, PartialEq)]
struct Key<'a> {
    values: &'a [f64],
    occasion: Option<i64>,
    /// In the order of [`Lines::slopes`](crate::plan::Lines), with the time from which they count; nothing if all are 0.
    line: Option<(Vec<f64>, f64)>,
}

impl RecordedPatients<'_> {
    /// The patients' records, and `[covariate][row]` and `[effect][row]` of their rows.
    pub(super) fn rows(&self, plan: &Plan) -> (Records, Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let mut covariates: Vec<Vec<f64>> = vec![Vec::new(); plan.covariates.len()];
        let mut effects: Vec<Vec<f64>> = vec![Vec::new(); self.patients.effects.len()];
        let mut patients = Vec::with_capacity(self.subjects.len());
        for (patient, subject) in self.subjects.iter().enumerate() {
            let mut rows: Vec<usize> = Vec::with_capacity(subject.records.len());
            let mut last: Option<Key<'_>> = None;
            for number in 0..subject.records.len() {
                let key = self.key(plan, &subject.records, number);
                let row = rows.last().map_or(0, |row| row + usize::from(last.as_ref() != Some(&key)));
                if rows.last() != Some(&row) {
                    self.add_row(plan, patient, &key, &mut covariates, &mut effects);
                }
                rows.push(row);
                last = Some(key);
            }
            patients.push(PatientRecords { subject: Arc::clone(subject), rows });
        }
        (Records::new(self.interpolation, patients), covariates, effects)
    }

    /// What the values at a record depend on.
    fn key<'b>(&self, plan: &Plan, records: &'b [Record], number: usize) -> Key<'b> {
        let record = &records[number];
        let next = records.get(number + 1).filter(|next| next.time > record.time);
        let slope = |&(covariate, _): &(usize, usize)| {
            let change = next.zip(self.in_records[covariate]).map(|(next, position)| {
                (next.values[position] - record.values[position]) / (next.time - record.time)
            });
            change.unwrap_or(0.0)
        };
        let slopes: Vec<f64> = plan.lines.slopes.iter().map(slope).collect();
        let is_line = slopes.iter().any(|slope| *slope != 0.0);
        Key {
            values: &record.values,
            occasion: record.occasion,
            line: is_line.then_some((slopes, record.time)),
        }
    }

    /// Adds the values of a row.
    fn add_row(
        &self,
        plan: &Plan,
        patient: usize,
        key: &Key<'_>,
        covariates: &mut [Vec<f64>],
        effects: &mut [Vec<f64>],
    ) {
        for (i, column) in covariates.iter_mut().enumerate() {
            let slope = plan.lines.slopes.iter().position(|&(_, slope)| slope == i);
            let of_line = key.line.as_ref();
            column.push(if let Some(position) = slope {
                of_line.map_or(0.0, |(slopes, _)| slopes[position])
            } else if plan.lines.since == Some(i) {
                of_line.map_or(0.0, |(_, since)| *since)
            } else {
                match self.in_records[i] {
                    Some(position) => key.values[position],
                    None => self.patients.covariates[i][patient],
                }
            });
        }
        for (i, column) in effects.iter_mut().enumerate() {
            let on_occasion = key.occasion.and_then(|occasion| (self.effect_on)(i, patient, occasion));
            column.push(on_occasion.unwrap_or_else(|| self.patients.effects[i][patient]));
        }
    }
}
