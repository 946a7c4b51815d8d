//! The tables after a comparison: indices, the waterfall, the differences that matter.

use std::fmt::Write;
use std::path::Path;

use crate::cohort::columns::{DISEASE_CONTROL, DLT};
use crate::compare::index::Index;
use crate::compare::manifest::Comparison;
use crate::compare::measure::Measure;

use crate::store::Timing;

use super::table::{Table, table};
use crate::readable::{count, duration, number};

/// The text after a comparison.
pub(super) fn text(output: &Path, comparison: &Comparison) -> String {
    let mut text = String::new();
    let total = Timing::total(&comparison.timings);
    let unit = &comparison.dose_unit;
    let _ = writeln!(
        text,
        "{}: {} scenarios of {} patients, seed {}, in {}",
        comparison.name,
        comparison.scenarios.len(),
        count(comparison.scenarios.iter().map(|scenario| scenario.patients).max().unwrap_or(0)),
        comparison.seed,
        duration(total)
    );
    if !comparison.indices.is_empty() {
        let _ = writeln!(text, "\ndoses in {unit}, with 95 % intervals from the sampling of patients");
        let _ = writeln!(text, "{}", indices(comparison));
    }
    for measure in measures(comparison) {
        let _ = writeln!(text, "  {}: {}", measure.name(), measure.definition());
    }
    if let Some(found) = comparison.indices.iter().find(|index| is_of(index, Measure::StaticDose)) {
        let unit = if found.value.is_nan() { String::new() } else { format!(" {unit}") };
        let _ = writeln!(text, "\nstatic dose {}{unit}", value(found));
    }
    if !comparison.waterfall.is_empty() {
        let _ = writeln!(text, "\nwhat each assumption costs\n{}", waterfall(comparison));
    }
    if !comparison.differences.is_empty() {
        let _ = writeln!(text, "\nlargest differences from {}, in the same patients", comparison.base);
        let _ = writeln!(text, "{}", differences(comparison));
        let _ = writeln!(
            text,
            "  of 100 patients, how many more have it [95 % interval], and how many have it under the scenario or the base alone"
        );
    }
    if !comparison.bands.is_empty() {
        let _ = writeln!(
            text,
            "\nuncertainty of the assumptions: median [2.5 %, 97.5 %] of replicates, beside the estimate with the \
             95 % interval from the sampling of patients, and the same of the replicates' first patients alone"
        );
        let _ = writeln!(text, "{}", bands(comparison));
    }
    if comparison.files.iter().any(|file| file.set == "bands") {
        let _ = writeln!(text, "\nbands of every outcome over the replicates are in bands.parquet");
    }
    for scenario in comparison.scenarios.iter().filter(|scenario| scenario.has_failed) {
        let _ = writeln!(
            text,
            "{}: {} patient-arms FAILED, or its audit did; see its manifest",
            scenario.name,
            count(scenario.failed)
        );
    }
    let path = output.display();
    let _ = write!(
        text,
        "\nwritten to {path}; every column is explained in {path}/columns.parquet\nsee it:   vpop report {path}"
    );
    text
}

/// The measures that have a column in the table of scenarios.
fn measures(comparison: &Comparison) -> Vec<Measure> {
    let index = comparison.mtd.first().filter(|&&proportion| {
        comparison.indices.iter().any(|index| is_of(index, Measure::Index(proportion)))
    });
    let mtd = comparison.mtd.iter().map(|&proportion| Measure::Mtd(proportion));
    let control = comparison.control.map(Measure::DoseControl);
    mtd.chain(control).chain(index.map(|&proportion| Measure::Index(proportion))).collect()
}

fn is_of(index: &Index, measure: Measure) -> bool {
    index.measure == measure.name()
}

fn indices(comparison: &Comparison) -> Table {
    let measures = measures(comparison);
    let row = |name: &String| {
        let found: Vec<_> = measures.iter().map(|&measure| comparison.index(name, measure)).collect();
        let cells = found.iter().map(|found| found.map_or_else(|| "-".into(), value));
        let row: Vec<String> = [name.clone()].into_iter().chain(cells).collect();
        found.iter().any(Option::is_some).then_some(row)
    };
    let header = ["scenario".to_owned()].into_iter().chain(measures.iter().map(|measure| measure.name()));
    table(header, comparison.scenarios.iter().filter_map(|scenario| row(&scenario.name)), 1..)
}

/// A measure with its interval, or why it has no value.
fn value(index: &Index) -> String {
    match index.standing {
        "reached" if index.low.is_nan() && index.high.is_nan() => number(index.value),
        "reached" => format!("{} [{}, {}]", number(index.value), number(index.low), number(index.high)),
        "not reached" => format!("not reached up to {}", number(index.highest_dose_tried)),
        standing => standing.into(),
    }
}

fn waterfall(comparison: &Comparison) -> Table {
    let mtd = comparison.mtd.iter().map(|&proportion| Measure::Mtd(proportion).name());
    let others = ["index", "change", "factor"].map(String::from);
    let header = ["step".to_owned()].into_iter().chain(mtd).chain(others);
    let rows = comparison.waterfall.iter().map(|step| {
        let numbers = step.mtd.iter().chain([&step.index, &step.change, &step.factor]);
        [step.label.clone()].into_iter().chain(numbers.map(|&x| number(x))).collect::<Vec<_>>()
    });
    table(header, rows, 1..)
}

/// The arm of each scenario in which an outcome differs most from the base.
fn differences(comparison: &Comparison) -> Table {
    let largest = &|scenario: &str, outcome: &str| {
        let of_pair = comparison
            .differences
            .iter()
            .filter(|d| d.scenario == scenario && d.base == comparison.base && d.outcome == outcome);
        of_pair.max_by(|a, b| a.paired.mean.abs().total_cmp(&b.paired.mean.abs()))
    };
    let pairs = comparison.scenarios.iter().flat_map(|scenario| {
        [DLT, DISEASE_CONTROL].into_iter().filter_map(move |outcome| largest(&scenario.name, outcome))
    });
    // That an assumption does not change toxicity is worth a row. Disease control depends on dose and tumour alone, so
    // that most assumptions leave it as it is.
    let told = pairs.filter(|d| d.outcome == DLT || d.paired.discordant != Some([0, 0]));
    let rows = told.map(|d| {
        let of_100 = |x: f64| format!("{:.1}", 100.0 * x);
        let [mean, low, high] = [d.paired.mean, d.paired.low, d.paired.high].map(of_100);
        let pairs = d.paired.pairs.max(1) as f64;
        let [alone, base_alone] = d.paired.discordant.unwrap_or_default().map(|n| of_100(n as f64 / pairs));
        [
            d.scenario.clone(),
            d.outcome.clone(),
            d.arm.clone(),
            count(d.paired.pairs),
            format!("{mean} [{low}, {high}]"),
            alone,
            base_alone,
        ]
    });
    table(["scenario", "outcome", "arm", "n", "more of 100", "scenario alone", "base alone"], rows, 3..)
}

/// Bands of the index, or of the first dose if there is none, and of the static dose.
fn bands(comparison: &Comparison) -> Table {
    let last = measures(comparison).pop();
    let told = last.into_iter().chain([Measure::StaticDose]).map(Measure::name).collect::<Vec<_>>();
    let bands = comparison.bands.iter().filter(|band| told.contains(&band.quantity));
    let rows = bands.map(|band| {
        let [low, .., high] = band.quantiles;
        [
            band.scenario.clone(),
            band.quantity.clone(),
            format!("{} [{}, {}]", number(band.estimate), number(band.sampling[0]), number(band.sampling[1])),
            number(band.centre),
            format!("{} [{}, {}]", number(band.quantiles[3]), number(low), number(high)),
            format!("{} of {}", count(band.reached), count(band.replicates)),
        ]
    });
    table(
        ["scenario", "measure", "sampling of patients", "first patients", "replicates", "reached"],
        rows,
        2..,
    )
}
