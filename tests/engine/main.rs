//! Engines without a device: against closed forms, other solvers and hand calculation, and against each other.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../support/at_dose.rs"]
mod at_dose;
#[path = "../support/treatment.rs"]
mod by_hand;
#[cfg(feature = "gpu")]
#[path = "../jobs/common.rs"]
#[expect(dead_code, reason = "shared with the jobs")]
mod common;
#[path = "../support/drugs.rs"]
mod drugs;
#[path = "../support/infused.rs"]
mod infused;
#[path = "../support/observations.rs"]
mod observed;
#[path = "../support/records.rs"]
mod of_records;
#[path = "../support/peer.rs"]
mod peer;
#[path = "../support/strict.rs"]
mod strict;
#[path = "../support/mod.rs"]
mod support;

mod closed_form;
mod cpu;
mod f32;
mod guards;
mod observations;
mod p1;
mod random;
mod records;
mod right;
#[cfg(feature = "gpu")]
mod shaders;
mod stiff;
mod treatment;
