//! `vpop verify`: known cases on a device: what is expected, what it made of them, the error.

use std::process::ExitCode;

use serde_json::json;

use crate::diagnostic::Problems;
use crate::engine::cpu::Isa;
use crate::engine::selection::OnFailure;
use crate::verify::{Value, Verified, verify};

use super::engine::{EngineOptions, announce};
use super::streams::answer;
use super::table::{Table, table};
use super::{DONE_WITH_FAILURES, fail};
use crate::readable::{count, significant};

/// Digits of expected and computed values: all that f32 has.
const DIGITS: u8 = 7;

/// What `vpop verify` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    engine: EngineOptions,
    /// Answer in JSON on standard output, with every value.
    #[arg(long)]
    json: bool,
}

/// What solved the cases, and why it did.
#[derive(Debug, Clone)]
struct Solver {
    name: String,
    reason: String,
}

/// Verifies a device.
pub fn main(options: &Options) -> ExitCode {
    match execute(options) {
        Ok((solver, cases)) => {
            answer(if options.json { json(&solver, &cases) } else { text(&solver, &cases) }, status(&cases))
        }
        Err(problems) => fail(&problems, options.json),
    }
}

fn execute(options: &Options) -> Result<(Solver, Vec<Verified>), Problems> {
    let isa = Isa::detect();
    let devices = options.engine.look();
    let mut solver = None;
    let cases = verify(isa, &mut |program| {
        let selected = options.engine.open(&devices, program, isa, OnFailure::Report)?;
        if solver.is_none() {
            announce(&selected);
            solver = Some(Solver { name: selected.engine.name(), reason: selected.reason.clone() });
        }
        Ok(selected.engine)
    })?;
    let unknown = || Solver { name: "the device".into(), reason: "it could not be opened".into() };
    Ok((solver.unwrap_or_else(unknown), cases))
}

/// Failure if a value of any case is not what it should be.
fn status(cases: &[Verified]) -> ExitCode {
    if cases.iter().all(|case| case.holds) { ExitCode::SUCCESS } else { ExitCode::from(DONE_WITH_FAILURES) }
}

fn text(solver: &Solver, cases: &[Verified]) -> String {
    let failures =
        cases.iter().filter_map(|case| Some(format!("{}: {}\n", case.case.name, case.failure.as_ref()?)));
    format!(
        "the value of each case that is furthest from what is expected, relative to it or to its scale\n{}\n{}{}",
        listed(cases),
        failures.collect::<String>(),
        verdict(solver, cases)
    )
}

fn listed(cases: &[Verified]) -> Table {
    let header = ["case", "known from", "value", "unit", "expected", "got", "error", "tolerance", ""];
    table(header, cases.iter().map(row), 4..8)
}

fn row(case: &Verified) -> [String; 9] {
    let of_worst = |text: fn(&Value) -> String| case.worst().map_or_else(|| "-".into(), text);
    [
        case.case.name.into(),
        case.case.expected.to_string(),
        of_worst(|value| format!("{} ({})", value.of.what, value.of.arm)),
        of_worst(|value| value.of.unit.clone()),
        of_worst(|value| significant(value.expected, DIGITS)),
        of_worst(|value| significant(value.got, DIGITS)),
        of_worst(|value| if value.error.is_nan() { "-".into() } else { format!("{:.1e}", value.error) }),
        format!("{:e}", case.case.tolerance),
        if case.holds { "ok" } else { "FAILED" }.into(),
    ]
}

/// The outcome in a sentence, and what it means.
fn verdict(solver: &Solver, cases: &[Verified]) -> String {
    let failed: Vec<&str> = cases.iter().filter(|case| !case.holds).map(|case| case.case.name).collect();
    let values: usize = cases.iter().map(|case| case.values.len()).sum();
    if failed.is_empty() {
        let values = count(values as u64);
        return format!("{}: all {} cases hold, {values} values within tolerance", solver.name, cases.len());
    }
    format!(
        "{}: {} of {} cases FAILED: {}\n  do not use what it computes: update the driver, or solve with `--backend cpu`; \
         `vpop verify --json` shows every value, for a report",
        solver.name,
        failed.len(),
        cases.len(),
        failed.join(", ")
    )
}

fn json(solver: &Solver, cases: &[Verified]) -> String {
    let holds = cases.iter().all(|case| case.holds);
    let verdict = verdict(solver, cases);
    let answer = json!({
        "engine": solver.name,
        "reason": solver.reason,
        "holds": holds,
        "verdict": verdict,
        "cases": cases,
    });
    format!("{answer:#}")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::cpu::Cpu;
    use crate::engine::{Engine, EngineError, Individuals, Solution};

    /// An engine whose every value is 2 % too large.
    struct Faulty(Cpu);

    impl Engine for Faulty {
        fn name(&self) -> String {
            "faulty".into()
        }

        fn rtol(&self) -> f64 {
            self.0.rtol()
        }

        fn batch_patients(&self) -> u64 {
            self.0.batch_patients()
        }

        fn solve_in(&self, individuals: &Individuals, spent: Solution) -> Result<Solution, EngineError> {
            let mut solution = self.0.solve_in(individuals, spent)?;
            solution.accumulators.iter_mut().flatten().for_each(|value| *value *= 1.02);
            solution.trajectories.iter_mut().for_each(|value| *value *= 1.02);
            Ok(solution)
        }
    }

    #[test]
    fn a_faulty_engine_is_told_and_ends_with_status_1() {
        let isa = Isa::detect();
        let cases = verify(isa, &mut |plan| Ok(Box::new(Faulty(Cpu::new(plan, isa))))).unwrap();
        assert!(cases.iter().all(|case| !case.holds));
        assert_eq!(status(&cases), ExitCode::from(1));
        let solver = Solver { name: "faulty".into(), reason: String::new() };
        let said = text(&solver, &cases);
        let all = format!("faulty: {0} of {0} cases FAILED: one_compartment_infusions", cases.len());
        assert!(said.contains(&all), "{said}");
        assert!(said.contains("do not use"), "{said}");
        assert!(json(&solver, &cases).contains("\"holds\": false"));
    }
}
