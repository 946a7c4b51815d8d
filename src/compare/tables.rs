//! The tables of a comparison.

use super::crossing::Point;
use super::curve::Curve;
use super::difference::Difference;
use super::index::Index;
use super::measure::Measure;
use super::waterfall::WaterfallStep;
use crate::table::{Columns, Table};

/// `curves`: the proportion with each outcome in each arm of each scenario, from the curves of the
/// scenarios by name.
pub(super) fn curves<'a>(found: impl IntoIterator<Item = (&'a str, &'a [Curve])>, unit: &str) -> Table {
    let rows: Vec<_> = found
        .into_iter()
        .flat_map(|(scenario, curves)| {
            curves
                .iter()
                .flat_map(move |curve| curve.points.iter().map(move |point| (scenario, curve, point)))
        })
        .collect();
    Columns::of(&rows)
        .labels("scenario", "Scenario of the cohort file", |row| row.0)
        .labels("arm", "Arm of the trial", |row| &row.2.arm)
        .numbers("dose", "Its dose as a number", unit, |row| row.2.dose)
        .labels("outcome", "Column of the outcomes that is counted", |row| &row.1.outcome)
        .counts("n", "Patients who reached the end", |row| Some(row.2.n))
        .counts("n_failed", "Patients whose integration failed: in no proportion", |row| Some(row.2.failed))
        .counts("events", "Patients with the outcome", |row| Some(row.2.events))
        .numbers("proportion", "Proportion of n with the outcome", "1", |row| row.2.proportion())
        .numbers("low", "Lower end of its 95 % interval, Wilson", "1", |row| row.2.interval().low)
        .numbers("high", "Upper end of its 95 % interval, Wilson", "1", |row| row.2.interval().high)
        .table()
}

/// `reference_tumour`: change of the tumour's size at each dose.
pub(super) fn reference_tumour(changes: &[Point], unit: &str) -> Table {
    Columns::of(changes)
        .numbers("dose", "Dose", unit, |point| point.dose)
        .numbers("change", "Change of the sum of diameters of the reference tumour", "%", |point| point.value)
        .table()
}

/// `indices`: each measure of each scenario.
pub(super) fn indices(rows: &[Index]) -> Table {
    Columns::of(rows)
        .labels("scenario", "Scenario of the cohort file", |row| &row.scenario)
        .labels("measure", "What is measured", |row| &row.measure)
        .numbers("value", "Its value in the unit of the row; missing if it is not reached", "", |row| {
            row.value
        })
        .numbers("low", "Where the upper ends of the proportions' 95 % intervals reach it", "", |row| row.low)
        .numbers("high", "Where the lower ends of the proportions' 95 % intervals reach it", "", |row| {
            row.high
        })
        .labels("standing", "Whether it is reached at the doses that were tried", |row| row.standing)
        .numbers("lowest_dose_tried", "Lowest dose that was tried", "unit of the arms", |row| {
            row.lowest_dose_tried
        })
        .numbers("highest_dose_tried", "Highest dose that was tried", "unit of the arms", |row| {
            row.highest_dose_tried
        })
        .labels("unit", "Unit of the value", |row| &row.unit)
        .labels("definition", "How the measure is defined", |row| &row.definition)
        .table()
}

/// `differences`: the same patients under two scenarios.
pub(super) fn differences(rows: &[Difference]) -> Table {
    let alone = |row: &Difference, which: usize| row.paired.discordant.map(|counts| counts[which]);
    Columns::of(rows)
        .labels("scenario", "Scenario of the cohort file", |row| &row.scenario)
        .labels("base", "Scenario that it is compared with", |row| &row.base)
        .labels("arm", "Arm of the trial", |row| &row.arm)
        .labels("outcome", "Column of the outcomes", |row| &row.outcome)
        .labels("unit", "Unit of the outcome", |row| &row.unit)
        .counts("pairs", "Patients with a value under both scenarios", |row| Some(row.paired.pairs))
        .numbers(
            "mean",
            "Mean of scenario less base within patients; of a flag, of the proportions",
            "",
            |row| row.paired.mean,
        )
        .numbers("sd", "Standard deviation of the differences", "", |row| row.paired.sd)
        .numbers("standard_error", "Standard error of the mean", "", |row| row.paired.standard_error)
        .numbers("low", "Lower end of the mean's 95 % interval", "", |row| row.paired.low)
        .numbers("high", "Upper end of the mean's 95 % interval", "", |row| row.paired.high)
        .counts("scenario_alone", "Of a flag: patients with it under the scenario alone", move |row| {
            alone(row, 0)
        })
        .counts("base_alone", "Of a flag: patients with it under the base alone", move |row| alone(row, 1))
        .table()
}

/// `waterfall`: what each step costs; `mtd` are the proportions that are looked for.
pub(super) fn waterfall(steps: &[WaterfallStep], mtd: &[f64], unit: &str) -> Table {
    let numbered: Vec<(u64, &WaterfallStep)> = (1..).zip(steps).collect();
    let columns = Columns::of(&numbered)
        .counts("step", "Number of the step, 1 the start", |row| Some(row.0))
        .labels("label", "What changes", |row| &row.1.label)
        .labels("scenario", "Scenario; none of a dose that is given as it is", |row| {
            row.1.scenario.as_deref().unwrap_or("none")
        });
    let columns = mtd.iter().enumerate().fold(columns, |columns, (i, &proportion)| {
        let measure = Measure::Mtd(proportion);
        columns.numbers(&measure.name(), &measure.definition(), unit, |row| row.1.mtd[i])
    });
    columns
        .numbers("index", "The first of these doses over the static dose", "1", |row| row.1.index)
        .numbers("change", "Index less that of the step before", "1", |row| row.1.change)
        .numbers("factor", "Index over that of the step before", "1", |row| row.1.factor)
        .table()
}
