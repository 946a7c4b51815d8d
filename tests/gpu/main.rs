//! The GPU engine on the best adapter there is, one in software last.
//!
//! A process has the drivers that `VK_DRIVER_FILES` names, so this target runs once per driver.
//! `VPOP_TEST_ADAPTER` is part of the name of the adapter to take. Where it is set, and where `CI` is
//! `true`, a missing adapter fails; elsewhere every test then shows as ignored.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![expect(dead_code, reason = "this target uses a part of the support code")]

#[path = "../support/treatment.rs"]
mod by_hand;
#[path = "../right/cases/mod.rs"]
mod cases;
#[path = "../jobs/common.rs"]
mod common;
#[path = "../random/compare.rs"]
mod compare;
#[path = "../jobs/device.rs"]
mod device;
#[path = "../random/generator.rs"]
mod generator;
#[path = "../support/replay.rs"]
mod replay;
#[path = "../support/mod.rs"]
mod support;

mod adapter;
mod batches;
mod closed_forms;
mod command;
mod failures;
mod faults;
mod folders;
mod functions;
mod memory;
mod parity;
mod random;
mod right;
mod runs;
mod selection;
mod sums;
mod treatments;
mod visits;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use vpop::engine::gpu::Adapter;

type Test = fn(&Adapter);

const TESTS: [(&str, Test); 44] = [
    ("closed_forms::doses_superpose", closed_forms::doses_superpose),
    ("functions::within_the_accuracy_of_wgsl", functions::within_the_accuracy_of_wgsl),
    ("functions::nothing_comes_of_what_is_not_a_number", functions::nothing_comes_of_what_is_not_a_number),
    ("functions::what_is_not_finite_is_the_cpus", functions::what_is_not_finite_is_the_cpus),
    ("visits::every_accumulator", visits::every_accumulator),
    ("sums::are_compensated", sums::are_compensated),
    ("treatments::worked_out_by_hand", treatments::worked_out_by_hand),
    ("treatments::every_kind_of_rule", treatments::every_kind_of_rule),
    ("treatments::fixed_doses_without_rules", treatments::fixed_doses_without_rules),
    ("right::every_case", right::every_case),
    ("random::the_device_agrees", random::the_device_agrees),
    ("batches::a_patient_does_not_depend_on_the_batch", batches::a_patient_does_not_depend_on_the_batch),
    ("batches::a_selection_is_of_the_same_patients", batches::a_selection_is_of_the_same_patients),
    (
        "batches::loops_ended_before_their_time_are_found_out",
        batches::loops_ended_before_their_time_are_found_out,
    ),
    ("failures::what_fails_is_the_cpus_and_nothing_else", failures::what_fails_is_the_cpus_and_nothing_else),
    ("failures::statuses_of_the_device", failures::statuses_of_the_device),
    ("parity::phase1", parity::phase1),
    ("parity::the_ledger_replayed", parity::the_ledger_replayed),
    ("parity::binding", parity::binding),
    ("parity::dar_chain", parity::dar_chain),
    ("parity::target_mediated", parity::target_mediated),
    ("parity::one_compartment", parity::one_compartment),
    ("parity::two_compartments", parity::two_compartments),
    ("parity::three_compartments", parity::three_compartments),
    ("parity::michaelis_menten", parity::michaelis_menten),
    ("parity::tdm1", parity::tdm1),
    ("parity::friberg", parity::friberg),
    ("runs::twice_the_same_bytes", runs::twice_the_same_bytes),
    (
        "runs::an_interrupted_run_resumes_to_the_same_bytes",
        runs::an_interrupted_run_resumes_to_the_same_bytes,
    ),
    ("faults::a_lost_device_is_opened_again", faults::a_lost_device_is_opened_again),
    ("faults::a_refused_allocation_is_tried_again", faults::a_refused_allocation_is_tried_again),
    ("faults::a_device_that_keeps_failing_is_replaced", faults::a_device_that_keeps_failing_is_replaced),
    ("faults::memory_that_runs_out_halves_the_batches", faults::memory_that_runs_out_halves_the_batches),
    ("faults::a_batch_that_fits_stays_as_large", faults::a_batch_that_fits_stays_as_large),
    ("faults::a_device_that_hangs_is_no_lost_one", faults::a_device_that_hangs_is_no_lost_one),
    (
        "faults::only_the_first_answer_waits_for_the_compiler",
        faults::only_the_first_answer_waits_for_the_compiler,
    ),
    ("faults::a_device_that_hangs_lets_the_program_end", faults::a_device_that_hangs_lets_the_program_end),
    ("selection::auto_takes_no_software", selection::auto_takes_no_software),
    ("selection::what_does_not_fit_is_refused", selection::what_does_not_fit_is_refused),
    ("selection::an_adapter_is_taken_by_its_name", selection::an_adapter_is_taken_by_its_name),
    ("command::devices_are_listed", command::devices_are_listed),
    ("command::a_run_on_the_gpu", command::a_run_on_the_gpu),
    ("command::an_unknown_adapter_is_refused", command::an_unknown_adapter_is_refused),
    ("memory::stays_flat", memory::stays_flat),
];

fn main() -> ExitCode {
    let found = adapter::find();
    if let (Ok(adapter), true) = (&found, std::env::var_os(faults::HANGS).is_some()) {
        faults::hang(adapter);
        return ExitCode::SUCCESS;
    }
    let trials = match found {
        Ok(adapter) => TESTS.map(|(name, test)| trial(name, test, &adapter)).into(),
        Err(missing) if adapter::is_required() => {
            vec![Trial::test("an_adapter_is_there", move || Err(missing.into()))]
        }
        Err(_) => TESTS.map(|(name, _)| ignored(name)).into(),
    };
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: &str, test: Test, adapter: &Adapter) -> Trial {
    let (kind, adapter) = (adapter.name.clone(), adapter.clone());
    let test = move || {
        test(&adapter);
        Ok(())
    };
    Trial::test(name, test).with_kind(kind)
}

fn ignored(name: &str) -> Trial {
    Trial::test(name, || Ok(())).with_kind("no adapter").with_ignored_flag(true)
}
