//! The tables after a comparison: indices, the waterfall, the differences that matter.

use std::fmt::Write;
use std::path::Path;

use comfy_table::presets;
use comfy_table::{CellAlignment, Table as Grid};

use crate::compare::difference::Difference;
use crate::compare::index::{DLT, Index};
use crate::compare::manifest::Comparison;
use crate::compare::measure::Measure;

use super::quantity::{count, duration, number, significant};

/// The text after a comparison.
pub(super) fn text(output: &Path, comparison: &Comparison) -> String {
    let mut text = String::new();
    let total = comparison.timings.iter().find(|t| t.stage == "total").map_or(0.0, |t| t.seconds);
    let unit = &comparison.dose_unit;
    let _ = writeln!(
        text,
        "{}: {} scenarios, seed {}, in {}",
        comparison.name,
        comparison.scenarios.len(),
        comparison.seed,
        duration(total)
    );
    let _ = writeln!(text, "\ndoses in {unit}, with 95 % intervals from the sampling of patients");
    let _ = writeln!(text, "{}", indices(comparison));
    for definition in &comparison.definitions {
        let _ = writeln!(text, "  {}: {}", definition.measure, definition.definition);
    }
    if !comparison.static_dose.is_nan() {
        let _ = writeln!(text, "\nstatic dose {} {unit}", number(comparison.static_dose));
    }
    if !comparison.waterfall.is_empty() {
        let _ = writeln!(text, "\nwhat each assumption costs\n{}", waterfall(comparison));
    }
    let _ = writeln!(text, "\nlargest difference of dose-limiting toxicity from {}", comparison.base);
    let _ = writeln!(text, "{}", differences(comparison));
    if !comparison.bands.is_empty() {
        let _ = writeln!(text, "\nuncertainty of the assumptions: median [2.5 %, 97.5 %] of replicates");
        let _ = writeln!(text, "{}", bands(comparison));
    }
    for scenario in comparison.scenarios.iter().filter(|scenario| scenario.has_failed) {
        let _ = writeln!(
            text,
            "{}: {} patient-arms FAILED, or the audit did; see its manifest",
            scenario.name,
            count(scenario.failed)
        );
    }
    let _ = write!(text, "\nwritten to {0}; every column is explained in {0}/columns.parquet", output.display());
    text
}

fn grid<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>, left: usize) -> Grid {
    let mut grid = Grid::new();
    grid.load_style(presets::UTF8_BORDERS_ONLY);
    grid.set_header(header);
    rows.into_iter().for_each(|row| {
        grid.add_row(row);
    });
    for column in grid.column_iter_mut().skip(left) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    grid
}

fn indices(comparison: &Comparison) -> Grid {
    const SHOWN: [Measure; 4] = [Measure::Mtd30, Measure::Mtd17, Measure::DoseControl20, Measure::Index];
    let [a, b, c, d] = SHOWN.map(Measure::name);
    let counted = comparison.scenarios.iter().filter(|s| comparison.index(&s.name, Measure::Mtd30).is_some());
    let rows = counted.map(|scenario| {
        let cell = |measure| comparison.index(&scenario.name, measure).map_or_else(|| "-".into(), value);
        let [a, b, c, d] = SHOWN.map(cell);
        [scenario.name.clone(), a, b, c, d]
    });
    grid(["scenario", a, b, c, d], rows, 1)
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

fn waterfall(comparison: &Comparison) -> Grid {
    let rows = comparison.waterfall.iter().map(|step| {
        [
            step.label.clone(),
            number(step.mtd_30),
            number(step.mtd_17),
            number(step.index),
            number(step.change),
            number(step.factor),
        ]
    });
    grid(["step", "mtd_30", "mtd_17", "index", "change", "factor"], rows, 1)
}

/// The arm of each scenario in which dose-limiting toxicity differs most from the base.
fn differences(comparison: &Comparison) -> Grid {
    let of = |name: &String| {
        let all = comparison.differences.iter();
        let of_pair = all.filter(|d| d.outcome == DLT && &d.scenario == name && d.base == comparison.base);
        of_pair.max_by(|a, b| a.paired.mean.abs().total_cmp(&b.paired.mean.abs()))
    };
    let rows = comparison.scenarios.iter().filter_map(|scenario| of(&scenario.name)).map(|d: &Difference| {
        let percent = |x: f64| format!("{}", significant(100.0 * x, 3));
        let [low, high] = d.paired.interval();
        let [alone, base_alone] = d.paired.discordant.unwrap_or_default();
        [
            d.scenario.clone(),
            d.arm.clone(),
            format!("{} [{}, {}] %", percent(d.paired.mean), percent(low), percent(high)),
            count(alone),
            count(base_alone),
        ]
    });
    grid(["scenario", "arm", "difference", "scenario alone", "base alone"], rows, 2)
}

fn bands(comparison: &Comparison) -> Grid {
    let rows = comparison.bands.iter().map(|band| {
        let [low, .., high] = band.quantiles;
        [
            band.scenario.clone(),
            band.quantity.clone(),
            number(band.estimate),
            format!("{} [{}, {}]", number(band.quantiles[3]), number(low), number(high)),
            format!("{} of {}", count(band.reached), count(band.replicates)),
        ]
    });
    grid(["scenario", "measure", "estimate", "over replicates", "reached"], rows, 2)
}
