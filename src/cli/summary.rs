//! What is said after a run: the trial and each endpoint by arm, subgroups, what failed, and where the files are.

mod bars;
mod subgroups;
mod treatment;

use std::fmt::Write;
use std::path::Path;

use crate::engine::Status;
use crate::engine::audit::Check;
use crate::engine::method::{NON_STIFF, STIFF};
use crate::job::Job;
use crate::outcome::audit::Summary;
use crate::outcome::distribution::Lookup;
use crate::outcome::rows::STATUS_LABELS;
use crate::plan::Endpoint;
use crate::store::{self, ArmTotals, Manifest, ProcessorCount, STATUS_OK, Set, Timing};
use crate::table::Table as Distributions;

use super::table::{Table, table, width};
use crate::readable::{count, duration, number};
use bars::bars;

/// What is shown of each endpoint in each arm: the median and the central 90 %.
const SHOWN: [&str; 3] = ["p50", "p5", "p95"];

/// How many of the values that were not finite are named: the most frequent ones.
const MOST_CAUSES: usize = 8;

/// How many endpoints of the audit are shown: those that differ most.
const AUDIT_ENDPOINTS: usize = 3;

/// The arms, and how many patients could be solved in each.
pub(super) struct Arms<'a> {
    labels: Vec<&'a str>,
    solved: Vec<u64>,
}

impl<'a> Arms<'a> {
    fn of(job: &'a Job, manifest: &Manifest) -> Self {
        let labels: Vec<&str> = job.plan.arms.iter().map(|arm| arm.label.as_str()).collect();
        let solved = |label: &&str| {
            let totals = manifest.outcomes.arms.iter().find(|totals| totals.arm == *label);
            totals.map_or(0, |totals| totals.patients - totals.failed())
        };
        Self { solved: labels.iter().map(solved).collect(), labels }
    }

    /// The row of their numbers of patients.
    fn row(&self, first: &[&str]) -> Vec<String> {
        let own = first.iter().map(|cell| (*cell).to_owned());
        own.chain(self.solved.iter().map(|n| count(*n))).collect()
    }
}

/// The text after a run; with what is to be said of solvers, if it is `verbose`.
pub(super) fn text(
    job: &Job,
    output: &Path,
    manifest: &Manifest,
    distributions: &Distributions,
    verbose: bool,
) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {} patients x {} arms in {} on {}, {} CPU threads",
        manifest.name,
        count(manifest.patients),
        manifest.arms.len(),
        duration(Timing::total(&manifest.timings)),
        manifest.engine.name,
        manifest.engine.threads,
    );
    let _ = writeln!(
        text,
        "{} candidates drawn, {:.1} % screened out",
        count(manifest.screening.drawn),
        100.0 * manifest.screening.screened_out,
    );
    let lookup = Lookup::new(distributions);
    let arms = Arms::of(job, manifest);
    if let Some(treatment) = treatment::table(job, &lookup, &arms) {
        let _ = writeln!(
            text,
            "\n{treatment}\n  a cell: % of the patients solved, but where the row says otherwise"
        );
    }
    if !job.cohort.endpoints.is_empty() {
        let _ = writeln!(text, "\n{}\n  {}", endpoints(job, &lookup, &arms), legend());
    }
    if let Some((what, table)) = subgroups::table(job, &lookup, &arms) {
        let _ = writeln!(text, "\n{table}\n  a cell: {what}, of so many patients");
    }
    let _ = writeln!(text, "\n{}", failures(job, manifest));
    if !manifest.always_zero.is_empty() {
        let _ = writeln!(
            text,
            "NOTE: 0 in every patient of every arm with a dose: {}; does a dose reach it? `into` says where doses go",
            manifest.always_zero.join(", ")
        );
    }
    let _ = write!(text, "{}", of_solvers(manifest, verbose));
    let path = output.display();
    let _ = writeln!(text, "\nwritten to {path}; every column is explained in {path}/columns.parquet");
    let set = if job.sampler.data().is_some() { Set::Observations } else { Set::Outcomes };
    let is_kept = manifest.files.iter().any(|file| file.set == set.name());
    let files =
        if is_kept { format!("{}/*", set.name()) } else { store::Summary::Distributions.name().to_owned() };
    let _ = writeln!(text, "open it:  duckdb -c \"from '{path}/{files}.parquet' limit 5\"");
    let _ = write!(text, "see it:   vpop report {path}");
    text
}

/// The cohort file's endpoints; those that the trial adds are in the distributions.
fn endpoints(job: &Job, lookup: &Lookup<'_>, arms: &Arms<'_>) -> Table {
    let is_asked_for = |e: &&Endpoint| job.cohort.endpoints.iter().any(|asked| asked.name.value == e.name);
    let rows = job.plan.endpoints.iter().filter(is_asked_for).map(|endpoint| {
        let bars = bars(lookup, &arms.labels, &endpoint.name);
        let cells = arms.labels.iter().zip(bars).map(|(arm, bars)| {
            let cell = cell(lookup, arm, endpoint);
            match bars.filter(|_| width().is_some()) {
                Some(bars) => format!("{cell} {bars}"),
                None => cell,
            }
        });
        [endpoint.name.clone(), endpoint.unit.clone()].into_iter().chain(cells).collect()
    });
    let rows = std::iter::once(arms.row(&["patients solved", "n"])).chain(rows);
    by_arm(&["endpoint", "unit"], &arms.labels, rows)
}

/// What a cell of the endpoints means.
fn legend() -> &'static str {
    if width().is_some() {
        "a cell: median [5 %, 95 %] of the patients, `of` so many where not all have a value; before it, of what may never \
         happen, in how many % it did; bars: how patients are spread over the range of the row, the same in all arms"
    } else {
        "a cell: median [5 %, 95 %] of the patients, `of` so many where not all have a value; before it, of what may never \
         happen, in how many % it did"
    }
}

/// A table with a column for each arm behind some others.
fn by_arm(first: &[&str], arms: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    table(first.iter().chain(arms).copied(), rows, first.len()..)
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

/// What is said of solvers: whether the run holds; with `verbose`, how it was solved. Each line ends.
fn of_solvers(manifest: &Manifest, verbose: bool) -> String {
    let mut text = String::new();
    let all = &manifest.outcomes.all;
    if verbose {
        let _ = writeln!(text, "method: {} ({})", manifest.solver.method, manifest.solver.reason);
        let _ = writeln!(text, "{:.0} steps per patient and arm", all.mean_steps);
    }
    let solver = &manifest.solver;
    if let Some(after) = solver.switch_after.filter(|_| verbose || solver.switched > 0) {
        let _ = writeln!(
            text,
            "{} patient-arms were not solved in {} steps, and then by {}",
            count(solver.switched),
            count(after.into()),
            STIFF.name()
        );
    }
    if verbose || all.solved_by.iter().filter(|by| by.count > 0).count() > 1 {
        let _ = writeln!(text, "{}", processors(all));
    }
    for event in &manifest.engine.events {
        let _ = writeln!(text, "a device failed: {event}");
    }
    for audit in &manifest.audit {
        let _ = match (audit.holds, verbose) {
            (true, false) => writeln!(
                text,
                "a sample of {} patient-arms solved again: {}",
                count(audit.patient_arms),
                audit.verdict()
            ),
            _ => writeln!(text, "{}", audited(audit)),
        };
    }
    text
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
        for status in arm.status.iter().filter(|s| s.status != STATUS_OK && s.count > 0) {
            let _ = write!(text, "\n  {}: {} {}", arm.arm, count(status.count), status.status);
        }
    }
    for says in [stuck, not_finite, bad_doses, unsettled] {
        text.push_str(says(manifest));
    }
    let unit = &job.plan.time_unit;
    for total in manifest.outcomes.not_finite.iter().take(MOST_CAUSES) {
        let first =
            total.first.map_or_else(String::new, |time| format!(", first at {} {unit}", number(time)));
        let _ = write!(text, "\n    `{}` in {} patient-arms{first}", total.what, count(total.count));
        if let Some(operation) = &total.operation {
            let _ = write!(text, ", in `{operation}` (patient {}, {})", total.patient, total.arm);
        }
    }
    text
}

/// Whether patient-arms ended with a status.
fn is_there(manifest: &Manifest, status: Status) -> bool {
    let mut ended = manifest.outcomes.arms.iter().flat_map(|arm| &arm.status);
    ended.any(|ended| ended.status == STATUS_LABELS[status as usize] && ended.count > 0)
}

/// What is wrong with values that are no numbers, if there are any.
fn not_finite(manifest: &Manifest) -> &'static str {
    if is_there(manifest, Status::NonFinite) {
        "\n  non_finite: a value became infinite or not a number, or an event had a probability outside 0 to 1 or a \
         negative cumulative hazard; look at those patients' rows in patients/"
    } else {
        ""
    }
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

/// What to do about steps that were used up or became too small, if they did.
fn stuck(manifest: &Manifest) -> &'static str {
    if ![Status::MaxSteps, Status::StepTooSmall].iter().any(|&status| is_there(manifest, status)) {
        ""
    } else if manifest.solver.method == NON_STIFF.name() && manifest.solver.switch_after.is_none() {
        "\n  max_steps or step_too_small: the model may be stiff; set method = \"rosenbrock\" in [solver]"
    } else {
        "\n  max_steps or step_too_small: raise solver.max_steps or relax solver.rtol"
    }
}
