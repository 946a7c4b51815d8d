//! The tables of the replicates.

use super::bands::{Band, PERCENTS};
use crate::compare::curve::{Curve, CurvePoint};
use crate::compare::result::ScenarioResult;
use crate::compare::statistic::Statistic;
use crate::compare::uncertainty::Draw;
use crate::table::Columns;
use crate::table::Table;

/// Meaning of a replicate's column.
const REPLICATE: &str = "Number of the replicate, from 0: the same draws in every scenario";
/// Meaning of a scenario's column.
const SCENARIO: &str = "Scenario of the cohort file";

/// `parameters`: the typical values of each replicate.
pub(super) fn parameters(draws: &[Draw]) -> Table {
    Columns::of(draws)
        .labels("scenario", SCENARIO, |draw| &draw.scenario)
        .counts("replicate", REPLICATE, |draw| Some(draw.replicate))
        .labels("parameter", "Fixed effect of the model", |draw| &draw.parameter)
        .numbers("typical", "Its value under the scenario, on the model's scale", "", |draw| draw.typical)
        .numbers("value", "Its value in the replicate, on the model's scale", "", |draw| draw.value)
        .table()
}

/// A row of `replicates`.
struct Row<'a> {
    scenario: &'a str,
    replicate: u64,
    arm: &'a str,
    dose: f64,
    outcome: &'a str,
    statistic: &'a str,
    unit: &'a str,
    n: u64,
    /// Patients who failed, and those with the outcome, of one that is counted.
    counted: Option<[u64; 2]>,
    value: f64,
}

impl<'a> Row<'a> {
    fn of_point(scenario: &'a str, replicate: u64, curve: &'a Curve, point: &'a CurvePoint) -> Self {
        Self {
            scenario,
            replicate,
            arm: &point.arm,
            dose: point.dose,
            outcome: &curve.outcome,
            statistic: "proportion",
            unit: "1",
            n: point.n,
            counted: Some([point.failed, point.events]),
            value: point.proportion(),
        }
    }

    fn of_statistic(scenario: &'a str, replicate: u64, statistic: &'a Statistic) -> Self {
        Self {
            scenario,
            replicate,
            arm: &statistic.arm,
            dose: statistic.dose,
            outcome: &statistic.outcome,
            statistic: &statistic.name,
            unit: &statistic.unit,
            n: statistic.n,
            counted: None,
            value: statistic.value,
        }
    }
}

/// `replicates`: what each outcome shows in each arm of each replicate: proportions of what is counted, statistics
/// of all else.
pub(super) fn replicates(all: &[(&str, Vec<ScenarioResult>)], unit: &str) -> Table {
    let rows: Vec<Row<'_>> = each(all)
        .flat_map(|(scenario, replicate, result)| {
            let points = result.curves.iter().flat_map(|curve| curve.points.iter().map(move |p| (curve, p)));
            let counted = points.map(move |(curve, point)| Row::of_point(scenario, replicate, curve, point));
            let statistics = result.statistics.iter();
            counted.chain(statistics.map(move |statistic| Row::of_statistic(scenario, replicate, statistic)))
        })
        .collect();
    let of_counted = |row: &Row<'_>, which: usize| row.counted.map(|counts| counts[which]);
    Columns::of(&rows)
        .labels("scenario", SCENARIO, |row| row.scenario)
        .counts("replicate", REPLICATE, |row| Some(row.replicate))
        .labels("arm", "Arm of the trial", |row| row.arm)
        .numbers("dose", "Its dose as a number", unit, |row| row.dose)
        .labels("outcome", "Column of the outcomes", |row| row.outcome)
        .labels("statistic", "What is taken of it", |row| row.statistic)
        .labels("unit", "Unit of the value", |row| row.unit)
        .counts("n", "Patients that it is of", |row| Some(row.n))
        .counts(
            "n_failed",
            "Of a proportion: patients whose integration failed, who are not in it",
            move |row| of_counted(row, 0),
        )
        .counts("events", "Of a proportion: patients with the outcome", move |row| of_counted(row, 1))
        .numbers("value", "The proportion or statistic, in the unit of the row", "", |row| row.value)
        .table()
}

/// `replicate_indices`: the measures of each replicate.
pub(super) fn replicate_indices(all: &[(&str, Vec<ScenarioResult>)]) -> Table {
    let rows: Vec<_> = each(all)
        .flat_map(|(scenario, replicate, result)| {
            result
                .measured
                .iter()
                .map(move |measured| (scenario, replicate, measured, measured.measure.name()))
        })
        .collect();
    Columns::of(&rows)
        .labels("scenario", SCENARIO, |row| row.0)
        .counts("replicate", REPLICATE, |row| Some(row.1))
        .labels("measure", "What is measured: as in indices", |row| &row.3)
        .numbers("value", "Its value; missing if it is not reached", "", |row| row.2.value)
        .labels("standing", "Whether it is reached at the doses that were tried", |row| row.2.standing())
        .table()
}

/// `bands`: what is known of each proportion, statistic and measure.
pub(super) fn bands(bands: &[Band], unit: &str) -> Table {
    let columns = Columns::of(bands)
        .labels("scenario", SCENARIO, |band| &band.scenario)
        .labels("quantity", "Outcome, or measure", |band| &band.quantity)
        .labels("statistic", "What is taken of an outcome; value of a measure", |band| &band.statistic)
        .labels("unit", "Unit of the values", |band| &band.unit)
        .labels("arm", "Arm of the trial; all of a measure", |band| band.arm.as_deref().unwrap_or("all"))
        .numbers("dose", "Its dose as a number", unit, |band| band.dose)
        .numbers("estimate", "Value where nothing is uncertain", "", |band| band.estimate)
        .numbers("low", "Lower end of its 95 % interval from the sampling of patients", "", |band| {
            band.sampling[0]
        })
        .numbers("high", "Upper end of its 95 % interval from the sampling of patients", "", |band| {
            band.sampling[1]
        })
        .numbers(
            "centre",
            "Value where nothing is uncertain, of the replicates' patients alone",
            "",
            |band| band.centre,
        )
        .counts("replicates", "Replicates", |band| Some(band.replicates))
        .counts("reached", "Replicates in which there is a value", |band| Some(band.reached))
        .counts(
            "unknown",
            "Replicates of which not even the side is known on which the value lies: in no quantile",
            |band| Some(band.unknown),
        );
    (0..PERCENTS.len()).fold(columns, quantile).table()
}

fn quantile(columns: Columns<'_, Band>, i: usize) -> Columns<'_, Band> {
    let percent = PERCENTS[i];
    let name = format!("p{percent}").replace('.', "_");
    let meaning = format!(
        "{percent} % quantile over replicates; missing where it lies beyond the doses that were tried"
    );
    columns.numbers(&name, &meaning, "", |band| band.quantiles[i])
}

/// Every replicate of every scenario.
fn each<'a>(
    all: &'a [(&'a str, Vec<ScenarioResult>)],
) -> impl Iterator<Item = (&'a str, u64, &'a ScenarioResult)> {
    all.iter()
        .flat_map(|(scenario, results)| (0..).zip(results).map(move |(r, result)| (*scenario, r, result)))
}
