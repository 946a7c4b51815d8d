//! Covariates at times of their own, brought among the records of an individual.

use super::find::CovariateColumn;
use super::record::{Event, Record};
use crate::cohort::Interpolation;

/// A covariate that has no value where a record needs one: its position among all, and its first value's row and time,
/// if there is one.
#[derive(Debug, PartialEq)]
pub(super) struct NoValueYet {
    pub(super) covariate: usize,
    pub(super) first: Option<(u64, f64)>,
}

/// Gives records the covariates of a second table, whose rows hold them in their order among `columns`, NaN where they say
/// nothing; a record is added wherever they change between two of the data set.
pub(super) fn merge(
    records: Vec<Record>,
    rows: &[Record],
    columns: &[CovariateColumn],
    interpolation: Interpolation,
) -> Result<Vec<Record>, NoValueYet> {
    let mut merged = with_changes(records, rows, columns, interpolation);
    let of_second = columns.iter().enumerate().filter(|(_, column)| column.is_second);
    for (position, (covariate, column)) in of_second.enumerate() {
        let series = Series::of(rows, position);
        let by = column.between(interpolation);
        for record in &mut merged {
            let none = || NoValueYet { covariate, first: series.first(rows) };
            record.values[covariate] = series.at(record.time, by).ok_or_else(none)?;
        }
    }
    Ok(merged)
}

/// The records with one more for each time between or behind them at which rows of a second table are.
fn with_changes(
    records: Vec<Record>,
    rows: &[Record],
    columns: &[CovariateColumn],
    interpolation: Interpolation,
) -> Vec<Record> {
    let begins = records.first().map_or(0.0, |record| record.time);
    let mut rows = rows.iter().filter(|row| row.time > begins).peekable();
    let mut merged: Vec<Record> = Vec::with_capacity(records.len() + rows.size_hint().0);
    let mut before: Option<Record> = None;
    for record in records {
        while let Some(row) = rows.next_if(|row| row.time < record.time) {
            merged.extend(
                before.as_ref().map(|before| change(row, before, Some(&record), columns, interpolation)),
            );
        }
        // What a row at the time of a record says holds there.
        while rows.next_if(|row| row.time == record.time).is_some() {}
        merged.push(record.clone());
        before = Some(record);
    }
    for row in rows {
        merged.extend(before.as_ref().map(|before| change(row, before, None, columns, interpolation)));
    }
    merged
}

/// The record of a change between two records, or behind the last.
fn change(
    row: &Record,
    before: &Record,
    after: Option<&Record>,
    columns: &[CovariateColumn],
    interpolation: Interpolation,
) -> Record {
    let after = after.unwrap_or(before);
    let value = |(position, column): (usize, &CovariateColumn)| {
        let [from, to] = [before, after].map(|record| (record.time, record.values[position]));
        between(from, to, row.time, column.between(interpolation))
    };
    let holds = if interpolation == Interpolation::Backward { after } else { before };
    Record {
        row: row.row,
        time: row.time,
        event: Event::Covariates,
        values: columns.iter().enumerate().map(value).collect(),
        occasion: holds.occasion,
        dv: None,
        mdv: true,
    }
}

/// What holds at a time between two others, each with its value.
fn between(from: (f64, f64), to: (f64, f64), at: f64, by: Interpolation) -> f64 {
    match by {
        Interpolation::Forward => from.1,
        Interpolation::Backward => to.1,
        Interpolation::Linear if to.0 > from.0 => {
            from.1 + (to.1 - from.1) * ((at - from.0) / (to.0 - from.0))
        }
        Interpolation::Linear => from.1,
    }
}

/// A covariate over time: times and values, in order.
struct Series(Vec<(f64, f64)>);

impl Series {
    /// That at a position among the values of rows, but for those that say nothing.
    fn of(rows: &[Record], position: usize) -> Self {
        let values = rows.iter().map(|row| (row.time, row.values[position]));
        Self(values.filter(|(_, value)| !value.is_nan()).collect())
    }

    /// What it is at a time; behind the last value, that.
    fn at(&self, time: f64, by: Interpolation) -> Option<f64> {
        let Self(values) = self;
        let after = values.iter().copied().nth(values.partition_point(|(at, _)| *at < time));
        let before = values[..values.partition_point(|(at, _)| *at <= time)].last().copied();
        let after = after.or(before)?;
        match by {
            Interpolation::Backward => Some(after.1),
            _ => before.map(|before| between(before, after, time, by)),
        }
    }

    /// Row and time of its first value.
    fn first(&self, rows: &[Record]) -> Option<(u64, f64)> {
        let &(time, _) = self.0.first()?;
        rows.iter().find(|row| row.time == time).map(|row| (row.row, row.time))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::find::Values;
    use super::*;
    use crate::unit::Conversion;

    /// A covariate of each table.
    fn columns() -> [CovariateColumn; 2] {
        [false, true].map(|is_second| CovariateColumn {
            name: if is_second { "CRCL".into() } else { "WT".into() },
            column: 0,
            to_model: Conversion::NONE,
            of: Values::Covariate,
            is_second,
            is_of_model: true,
        })
    }

    fn record(time: f64, event: Event, values: Vec<f64>) -> Record {
        Record { row: 2, time, event, values, occasion: None, dv: None, mdv: false }
    }

    /// Times and values, the times ascending, some of them alike if `ties`.
    fn series(ties: bool) -> impl Strategy<Value = Vec<(f64, f64)>> {
        proptest::collection::vec((u8::from(!ties)..4, -9..9_i8), 1..12).prop_map(|steps| {
            let mut time = 0.0;
            steps
                .into_iter()
                .map(|(step, value)| {
                    time += f64::from(step) / 2.0;
                    (time, f64::from(value))
                })
                .collect()
        })
    }

    /// What holds at a time by the definition alone: of values at one time the last, as it is just after.
    fn expected(values: &[(f64, f64)], time: f64, by: Interpolation) -> Option<f64> {
        let before = values.iter().rev().find(|(at, _)| *at <= time);
        let after = values.iter().find(|(at, _)| *at > time).or(values.last())?;
        match by {
            Interpolation::Forward => before.map(|(_, value)| *value),
            Interpolation::Backward => Some(after.1),
            Interpolation::Linear => before.map(|before| {
                let length = after.0 - before.0;
                let share = if length > 0.0 { (time - before.0) / length } else { 0.0 };
                before.1 + share * (after.1 - before.1)
            }),
        }
    }

    proptest! {
        /// Between any two times of the merged records, each covariate is what its own table says, and no record of the
        /// data set is lost.
        #[test]
        fn each_covariate_is_that_of_its_own_table(own in series(true), second in series(false)) {
            let records: Vec<Record> =
                own.iter().map(|(time, value)| record(*time, Event::Observation, vec![*value, f64::NAN])).collect();
            let rows: Vec<Record> =
                second.iter().map(|(time, value)| record(*time, Event::Covariates, vec![*value])).collect();
            for by in [Interpolation::Forward, Interpolation::Backward, Interpolation::Linear] {
                let merged = merge(records.clone(), &rows, &columns(), by);
                if by != Interpolation::Backward && second[0].0 > own[0].0 {
                    prop_assert_eq!(merged, Err(NoValueYet { covariate: 1, first: Some((2, second[0].0)) }));
                    continue;
                }
                let merged = merged.map_err(|late| TestCaseError::fail(format!("{late:?}")))?;
                prop_assert!(merged.windows(2).all(|two| two[0].time <= two[1].time));
                let kept = merged.iter().filter(|record| record.event == Event::Observation);
                prop_assert_eq!(kept.map(|record| record.values[0]).collect::<Vec<_>>(),
                    own.iter().map(|(_, value)| *value).collect::<Vec<_>>());
                let last = own.last().map_or(0.0, |(time, _)| *time);
                let times = merged.iter().map(|record| record.time + 0.125).filter(|time| *time < last);
                for time in times {
                    for (covariate, of) in [&own, &second].into_iter().enumerate() {
                        let values: Vec<(f64, f64)> =
                            merged.iter().map(|record| (record.time, record.values[covariate])).collect();
                        let [found, expected] = [&values, of].map(|values| expected(values, time, by));
                        let [found, expected] = [found, expected].map(Option::unwrap_or_default);
                        prop_assert!((found - expected).abs() < 1e-12, "{by:?} at {time}: {found}, {expected}");
                    }
                }
            }
        }
    }
}
