//! The GPU engine on the best adapter there is, one in software last.
//!
//! A process has the drivers that `VK_DRIVER_FILES` names, so this target runs once per driver.
//! `VPOP_TEST_ADAPTER` is part of the name of the adapter to take. Where it is set, and where `CI` is
//! `true`, a missing adapter fails; elsewhere every test then shows as ignored.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
// A test that is not listed below is never used, which is an error.
#![deny(dead_code)]

#[path = "../support/at_dose.rs"]
mod at_dose;
#[path = "../support/treatment.rs"]
mod by_hand;
#[path = "../engine/right/cases/mod.rs"]
mod cases;
#[path = "../jobs/common.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod common;
#[path = "../engine/random/compare.rs"]
mod compare;
#[path = "../jobs/device.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod device;
#[path = "../support/drugs.rs"]
mod drugs;
#[path = "../engine/random/generator.rs"]
mod generator;
#[path = "../support/infused.rs"]
mod infused;
#[path = "../support/ledgers.rs"]
mod ledgers;
#[path = "../support/levels.rs"]
mod levels;
#[path = "../support/observations.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod observed;
#[path = "../support/records.rs"]
mod of_records;
#[path = "../support/replay.rs"]
mod replay;
#[path = "../support/steady.rs"]
mod steady;
#[path = "../support/strict.rs"]
mod strict;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
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
mod observations;
mod otherwise;
mod parity;
mod random;
mod records;
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

/// The tests by their modules. One that has no place in the list is never used: the compiler says so.
macro_rules! device_tests {
    ($($module:ident: [$($test:ident),+ $(,)?],)+) => {
        const TESTS: &[(&str, Test)] =
            &[$($((concat!(stringify!($module), "::", stringify!($test)), $module::$test as Test)),+),+];
    };
}

device_tests! {
    closed_forms: [doses_superpose, linear_equations],
    functions: [
        within_the_accuracy_of_wgsl,
        nothing_comes_of_what_is_not_a_number,
        what_is_not_finite_is_the_cpus,
    ],
    visits: [every_accumulator],
    sums: [are_compensated],
    treatments: [
        worked_out_by_hand,
        several_drugs,
        found_when_given,
        infused_more_slowly,
        every_kind_of_rule,
        fixed_doses_without_rules,
        steady_starts,
        levels_of_several_drugs,
    ],
    right: [every_case],
    random: [the_device_agrees],
    records: [
        doses_as_nonmem_printed_them,
        doses_by_superposition,
        changing_covariates,
        equations_that_switch,
        short_dispatches_change_nothing,
    ],
    batches: [
        a_patient_does_not_depend_on_the_batch,
        a_selection_is_of_the_same_patients,
        loops_ended_before_their_time_are_found_out,
    ],
    failures: [what_fails_is_the_cpus_and_nothing_else, statuses_of_the_device],
    otherwise: [a_second_opening_solves_who_is_left],
    parity: [
        phase1,
        the_ledger_replayed,
        binding,
        dar_chain,
        target_mediated,
        one_compartment,
        two_compartments,
        three_compartments,
        michaelis_menten,
        tdm1,
        friberg,
    ],
    observations: [are_the_cpus],
    runs: [twice_the_same_bytes, an_interrupted_run_resumes_to_the_same_bytes],
    faults: [
        a_lost_device_is_opened_again,
        a_refused_allocation_is_tried_again,
        a_device_that_keeps_failing_is_replaced,
        memory_that_runs_out_halves_the_batches,
        a_batch_that_fits_stays_as_large,
        a_device_that_hangs_is_no_lost_one,
        only_the_first_answer_waits_for_the_compiler,
        a_device_that_hangs_lets_the_program_end,
    ],
    selection: [auto_takes_no_software, what_does_not_fit_is_refused, an_adapter_is_taken_by_its_name],
    command: [devices_are_listed, a_run_on_the_gpu, an_unknown_adapter_is_refused],
    memory: [stays_flat],
}

fn main() -> ExitCode {
    let found = adapter::find();
    if let (Ok(adapter), true) = (&found, std::env::var_os(faults::HANGS).is_some()) {
        faults::hang(adapter);
        return ExitCode::SUCCESS;
    }
    let trials = match found {
        Ok(adapter) => TESTS.iter().map(|&(name, test)| trial(name, test, &adapter)).collect(),
        Err(missing) if adapter::is_required() => {
            vec![Trial::test("an_adapter_is_there", move || Err(missing.into()))]
        }
        Err(_) => TESTS.iter().map(|&(name, _)| ignored(name)).collect(),
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
