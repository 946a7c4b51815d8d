//! What is said after a run: the trial and each endpoint by arm, and where the files are.

mod treatment;

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::path::Path;

use comfy_table::Table as TextTable;

use crate::cohort::ALL;
use crate::engine::Status;
use crate::engine::audit::Check;
use crate::engine::method::NON_STIFF;
use crate::job::Job;
use crate::outcome::audit::Summary;
use crate::outcome::rows::STATUS_LABELS;
use crate::plan::Endpoint;
use crate::store::{ArmTotals, Manifest, ProcessorCount, Set, Timing};
use crate::table::{Table, Values};

use super::table::table;
use crate::readable::{count, duration, number};

/// What is shown of each endpoint in each arm: the median and the central 90 %.
const SHOWN: [&str; 3] = ["p50", "p5", "p95"];

/// How many of the values that were not finite are named: the most frequent ones.
const MOST_CAUSES: usize = 8;

/// How many endpoints of the audit are shown: those that differ most.
const AUDIT_ENDPOINTS: usize = 3;

/// The text after a run.
pub(super) fn text(job: &Job, output: &Path, manifest: &Manifest, distributions: &Table) -> String {
    let mut text = String::new();
    let total = Timing::total(&manifest.timings);
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
    let _ = writeln!(text, "method: {} ({})", manifest.solver.method, manifest.solver.reason);
    let lookup = Lookup::new(distributions);
    if let Some(treatment) = treatment::table(job, &lookup) {
        let _ = writeln!(text, "\n{treatment}");
    }
    if !job.cohort.endpoints.is_empty() {
        let _ = writeln!(
            text,
            "\nmedian [5 %, 95 %] of patients, of so many where not all have a value\n{}",
            endpoints(job, &lookup)
        );
    }
    let _ = writeln!(text, "{}", failures(job, manifest));
    let _ = writeln!(text, "{}", processors(&manifest.outcomes.all));
    for event in &manifest.engine.events {
        let _ = writeln!(text, "a device failed: {event}");
    }
    for audit in &manifest.audit {
        let _ = writeln!(text, "{}", audited(audit));
    }
    let path = output.display();
    let _ = writeln!(text, "\nwritten to {path}; every column is explained in {path}/columns.parquet");
    let set = if job.sampler.data().is_some() { Set::Observations } else { Set::Outcomes };
    let _ = write!(text, "open it:  duckdb -c \"from '{path}/{}/*.parquet' limit 5\"", set.name());
    text
}

/// The cohort file's endpoints; those that the trial adds are in the distributions.
fn endpoints(job: &Job, lookup: &Lookup<'_>) -> TextTable {
    let arms: Vec<&str> = job.plan.arms.iter().map(|arm| arm.label.as_str()).collect();
    let is_asked_for = |e: &&Endpoint| job.cohort.endpoints.iter().any(|asked| asked.name.value == e.name);
    let rows = job.plan.endpoints.iter().filter(is_asked_for).map(|endpoint| {
        let cells = arms.iter().map(|arm| cell(lookup, arm, endpoint));
        [endpoint.name.clone(), endpoint.unit.clone()].into_iter().chain(cells).collect()
    });
    by_arm(&["endpoint", "unit"], &arms, rows)
}

/// A table with a column for each arm behind some others.
fn by_arm(first: &[&str], arms: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> TextTable {
    let mut table = table(first.iter().chain(arms).copied(), rows, first.len()..);
    for column in table.column_iter_mut().skip(first.len()) {
        column.set_padding((0, 1));
    }
    table
}

/// Median and range; for something that may never happen, in how many it did as well.
fn cell(lookup: &Lookup<'_>, arm: &str, endpoint: &Endpoint) -> String {
    let [middle, low, high] = SHOWN.map(|statistic| lookup.value(arm, &endpoint.name, statistic));
    let values = format!("{} [{}, {}]", number(middle), number(low), number(high));
    let happened = lookup.value(arm, &endpoint.name, "proportion");
    match (happened.is_nan(), middle.is_nan()) {
        (true, _) => match lookup.incomplete(arm, &endpoint.name, SHOWN[0]) {
            Some(n) => format!("{values} of {}", count(n)),
            None => values,
        },
        (false, true) => format!("{:.1} %", 100.0 * happened),
        (false, false) => format!("{:.1} %: {values}", 100.0 * happened),
    }
}

/// The endpoints that differ most from the reference, and whether that is what is promised.
fn audited(audit: &Summary) -> String {
    if !audit.holds {
        let (table, verdict) = (audit.table(AUDIT_ENDPOINTS), audit.verdict());
        return format!("{table}\n  {verdict}\n  {}; audit/ holds every comparison", audit.help());
    }
    match audit.check {
        Check::Engine => format!("{}\n  {}", audit.table(AUDIT_ENDPOINTS), audit.verdict()),
        Check::Integration => audit.line(),
    }
}

/// What share of the patients in their arms each engine had.
fn processors(all: &ArmTotals) -> String {
    let share = |by: &ProcessorCount| {
        let percent = 100.0 * by.count as f64 / all.patients.max(1) as f64;
        format!("{} {percent:.2} % ({})", by.processor, count(by.count))
    };
    let shares: Vec<String> = all.solved_by.iter().map(share).collect();
    format!("patient-arms by engine: {}", shares.join(", "))
}

fn failures(job: &Job, manifest: &Manifest) -> String {
    let all = &manifest.outcomes.all;
    if all.failed() == 0 {
        return format!("all {} patient-arms solved", count(all.patients));
    }
    let mut text = format!(
        "{} of {} patient-arms FAILED and are in no statistic:",
        count(all.failed()),
        count(all.patients)
    );
    for arm in &manifest.outcomes.arms {
        for status in arm.status.iter().filter(|s| s.status != "ok" && s.count > 0) {
            let _ = write!(text, "\n  {}: {} {}", arm.arm, count(status.count), status.status);
        }
    }
    text.push_str(stuck(manifest));
    text.push_str(
        "\n  non_finite: a value became infinite or not a number, or an event had a probability outside 0 to 1 or a \
         negative cumulative hazard; look at those patients' rows in patients/",
    );
    text.push_str(bad_doses(manifest));
    text.push_str(unsettled(manifest));
    let unit = &job.plan.time_unit;
    for total in manifest.outcomes.not_finite.iter().take(MOST_CAUSES) {
        let first =
            total.first.map_or_else(String::new, |time| format!(", first at {} {unit}", number(time)));
        let _ = write!(text, "\n    `{}` in {} patient-arms{first}", total.what, count(total.count));
    }
    text
}

/// Whether patient-arms ended with a status.
fn is_there(manifest: &Manifest, status: Status) -> bool {
    let mut ended = manifest.outcomes.arms.iter().flat_map(|arm| &arm.status);
    ended.any(|ended| ended.status == STATUS_LABELS[status as usize] && ended.count > 0)
}

/// What is wrong with steady states that were not reached, if there are any.
fn unsettled(manifest: &Manifest) -> &'static str {
    if is_there(manifest, Status::NoSteadyState) {
        "\n  no_steady_state: doses given for ever come to no steady state, as where a state only gathers what comes \
         in; give doses before time 0 as records in place of SS"
    } else {
        ""
    }
}

/// What is wrong with doses that could not be given, if there are any.
fn bad_doses(manifest: &Manifest) -> &'static str {
    if is_there(manifest, Status::BadDose) {
        "\n  bad_dose: an amount, bioavailability, lag or duration of a dose was negative or not a number, or a rate not \
         above 0; look at those patients' rows in patients/"
    } else {
        ""
    }
}

/// What to do about steps that were used up or became too small.
fn stuck(manifest: &Manifest) -> &'static str {
    if manifest.solver.method == NON_STIFF.name() {
        "\n  max_steps or step_too_small: the model may be stiff; set method = \"rosenbrock\" in [solver]"
    } else {
        "\n  max_steps or step_too_small: raise solver.max_steps or relax solver.rtol"
    }
}

/// Values of the long table for all patients, by arm, endpoint and statistic.
struct Lookup<'a> {
    values: HashMap<[&'a str; 3], f64>,
    /// How many have a value, where some lack it.
    incomplete: HashMap<[&'a str; 3], u64>,
    endpoints: HashSet<&'a str>,
}

impl<'a> Lookup<'a> {
    fn new(table: &'a Table) -> Self {
        let [arm, subgroup, endpoint, statistic] =
            ["arm", "subgroup", "endpoint", "statistic"].map(|name| labels(table, name));
        let value = match table.column("value").map(|c| &c.values) {
            Some(Values::Number(values)) => values.as_slice(),
            _ => &[],
        };
        let [n, missing] = ["n", "n_missing"].map(|name| match table.column(name).map(|c| &c.values) {
            Some(Values::Integer(counts)) => counts.as_slice(),
            _ => &[],
        });
        let of_all = (0..value.len()).filter(|&row| subgroup[row] == ALL);
        let key = |row: usize| [arm[row], endpoint[row], statistic[row]];
        let lacking = of_all.clone().filter(|&row| missing.get(row).copied().flatten() > Some(0));
        let count = |row: usize| n.get(row).copied().flatten().map_or(0, |n| n as u64);
        Self {
            values: of_all.map(|row| (key(row), value[row])).collect(),
            incomplete: lacking.map(|row| (key(row), count(row))).collect(),
            endpoints: endpoint.iter().copied().collect(),
        }
    }

    /// Whether an endpoint is in the table.
    fn holds(&self, endpoint: &str) -> bool {
        self.endpoints.contains(endpoint)
    }

    /// How many have a value, if some of those who reached the end lack it.
    fn incomplete(&self, arm: &str, endpoint: &str, statistic: &str) -> Option<u64> {
        self.incomplete.get(&[arm, endpoint, statistic]).copied()
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
