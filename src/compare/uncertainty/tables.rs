//! The tables of the replicates.

use super::bands::{Band, PERCENTS, Shown};
use super::draws::Draw;
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

/// `replicates`: the proportion with each outcome in each arm of each replicate.
pub(super) fn replicates(all: &[(&str, Vec<Shown>)], unit: &str) -> Table {
    let rows: Vec<_> = each(all)
        .flat_map(|(scenario, replicate, shown)| {
            let points = shown.curves.iter().flat_map(|curve| curve.points.iter().map(move |p| (curve, p)));
            points.map(move |(curve, point)| (scenario, replicate, curve, point))
        })
        .collect();
    Columns::of(&rows)
        .labels("scenario", SCENARIO, |row| row.0)
        .counts("replicate", REPLICATE, |row| Some(row.1))
        .labels("arm", "Arm of the trial", |row| &row.3.arm)
        .numbers("dose", "Its dose as a number", unit, |row| row.3.dose)
        .labels("outcome", "Column of the outcomes that is counted", |row| &row.2.outcome)
        .counts("n", "Patients who reached the end", |row| Some(row.3.n))
        .counts("n_failed", "Patients whose integration failed: in no proportion", |row| Some(row.3.failed))
        .counts("events", "Patients with the outcome", |row| Some(row.3.events))
        .numbers("proportion", "Proportion of n with the outcome", "1", |row| row.3.proportion())
        .table()
}

/// `replicate_indices`: the measures of each replicate.
pub(super) fn replicate_indices(all: &[(&str, Vec<Shown>)]) -> Table {
    let rows: Vec<_> = each(all)
        .flat_map(|(scenario, replicate, shown)| {
            shown
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

/// `bands`: what is known of each proportion and measure.
pub(super) fn bands(bands: &[Band], unit: &str) -> Table {
    let columns = Columns::of(bands)
        .labels("scenario", SCENARIO, |band| &band.scenario)
        .labels("quantity", "Outcome that is counted, or measure", |band| &band.quantity)
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
fn each<'a>(all: &'a [(&'a str, Vec<Shown>)]) -> impl Iterator<Item = (&'a str, u64, &'a Shown)> {
    all.iter().flat_map(|(scenario, shown)| (0..).zip(shown).map(move |(r, shown)| (*scenario, r, shown)))
}
