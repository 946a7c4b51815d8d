//! The table after a run: each endpoint by arm, and where the files are.

use std::fmt::Write;
use std::path::Path;

use comfy_table::presets;
use comfy_table::{CellAlignment, Table as Grid};

use crate::job::Job;
use crate::outcome::audit::Summary;
use crate::plan::Endpoint;
use crate::run::Finished;
use crate::table::{Table, Values};

use super::quantity::{count, duration, number};

/// What is shown of each endpoint in each arm: the median and the central 90 %.
const SHOWN: [&str; 3] = ["p50", "p5", "p95"];

/// Endpoints of the audit that are shown: those that differ most.
const AUDIT_ENDPOINTS: usize = 3;

/// The text after a run.
pub(super) fn text(job: &Job, output: &Path, finished: &Finished) -> String {
    let manifest = &finished.manifest;
    let mut text = String::new();
    let total = manifest.timings.iter().find(|t| t.stage == "total").map_or(0.0, |t| t.seconds);
    let _ = writeln!(
        text,
        "{}: {} patients x {} arms in {} on {}, {} CPU threads",
        manifest.name,
        count(manifest.patients),
        manifest.arms.len(),
        duration(total),
        manifest.engine.name,
        manifest.engine.threads,
    );
    let _ = writeln!(
        text,
        "{} candidates drawn, {:.1} % screened out; {:.0} steps per patient and arm",
        count(manifest.screening.drawn),
        100.0 * manifest.screening.screened_out,
        manifest.outcomes.all.mean_steps,
    );
    let _ = writeln!(text, "\nmedian [5 %, 95 %] of patients\n{}", grid(job, &finished.distributions));
    let _ = writeln!(text, "{}", failures(finished));
    for event in &manifest.engine.events {
        let _ = writeln!(text, "a device failed: {event}");
    }
    if let Some(audit) = &manifest.audit {
        let _ = writeln!(text, "{}", audited(audit));
    }
    let path = output.display();
    let _ = writeln!(text, "\nwritten to {path}; every column is explained in {path}/columns.parquet");
    let _ = write!(text, "open it:  duckdb -c \"from '{path}/outcomes/*.parquet' limit 5\"");
    text
}

fn grid(job: &Job, distributions: &Table) -> Grid {
    let mut grid = Grid::new();
    grid.load_style(presets::UTF8_BORDERS_ONLY);
    let arms: Vec<&str> = job.plan.arms.iter().map(|arm| arm.label.as_str()).collect();
    grid.set_header(["endpoint", "unit"].into_iter().chain(arms.iter().copied()));
    let lookup = Lookup::new(distributions);
    for endpoint in &job.plan.endpoints {
        let cells = arms.iter().map(|arm| cell(&lookup, arm, endpoint));
        grid.add_row([endpoint.name.clone(), endpoint.unit.clone()].into_iter().chain(cells));
    }
    for column in grid.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_padding((0, 1));
    }
    grid
}

/// Median and range; for something that may never happen, in how many it did as well.
fn cell(lookup: &Lookup<'_>, arm: &str, endpoint: &Endpoint) -> String {
    let [middle, low, high] = SHOWN.map(|statistic| lookup.value(arm, &endpoint.name, statistic));
    let values = format!("{} [{}, {}]", number(middle), number(low), number(high));
    let happened = lookup.value(arm, &endpoint.name, "proportion");
    match (happened.is_nan(), middle.is_nan()) {
        (true, _) => values,
        (false, true) => format!("{:.1} %", 100.0 * happened),
        (false, false) => format!("{:.1} %: {values}", 100.0 * happened),
    }
}

/// The endpoints that differ most from the CPU, and whether that is what is promised.
fn audited(audit: &Summary) -> String {
    let mut text = format!("{}\n  {}", audit.table(AUDIT_ENDPOINTS), audit.verdict());
    if !audit.holds {
        text.push_str(
            "\n  do not use these results: solve on the CPU with `--backend cpu --force`; audit/ holds every \
             comparison",
        );
    }
    text
}

fn failures(finished: &Finished) -> String {
    let all = &finished.manifest.outcomes.all;
    let by_cpu = all.solved_by.iter().filter(|by| by.processor == "cpu" && by.count < all.patients);
    let mended: u64 = by_cpu.map(|by| by.count).sum();
    let mended = if mended > 0 {
        format!("; {} of them by the CPU, for the device did not solve them", count(mended))
    } else {
        String::new()
    };
    if all.failed() == 0 {
        return format!("all {} patient-arms solved{mended}", count(all.patients));
    }
    let mut text = format!(
        "{} of {} patient-arms FAILED and are in no statistic:",
        count(all.failed()),
        count(all.patients)
    );
    for arm in &finished.manifest.outcomes.arms {
        for status in arm.status.iter().filter(|s| s.status != "ok" && s.count > 0) {
            let _ = write!(text, "\n  {}: {} {}", arm.arm, count(status.count), status.status);
        }
    }
    text.push_str("\n  max_steps or step_too_small: the model may be stiff; raise solver.max_steps or relax solver.rtol");
    text.push_str(
        "\n  non_finite: a value became infinite or not a number; look at those patients' rows in patients/",
    );
    text
}

/// Values of the long table by arm, endpoint and statistic.
struct Lookup<'a> {
    values: std::collections::HashMap<[&'a str; 3], f64>,
}

impl<'a> Lookup<'a> {
    fn new(table: &'a Table) -> Self {
        let [arm, endpoint, statistic] = ["arm", "endpoint", "statistic"].map(|name| labels(table, name));
        let value = match table.column("value").map(|c| &c.values) {
            Some(Values::Number(values)) => values.as_slice(),
            _ => &[],
        };
        let keys = arm.into_iter().zip(endpoint).zip(statistic).map(|((a, e), s)| [a, e, s]);
        Self { values: keys.zip(value.iter().copied()).collect() }
    }

    fn value(&self, arm: &str, endpoint: &str, statistic: &str) -> f64 {
        self.values.get(&[arm, endpoint, statistic]).copied().unwrap_or(f64::NAN)
    }
}

fn labels<'a>(table: &'a Table, name: &str) -> Vec<&'a str> {
    match table.column(name).map(|c| &c.values) {
        Some(Values::Label { codes, labels }) => {
            codes.iter().map(|code| code.map_or("", |code| labels[code as usize].as_str())).collect()
        }
        _ => Vec::new(),
    }
}
