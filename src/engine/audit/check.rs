//! What a run is checked for, against what, and what is promised.

use serde::{Deserialize, Serialize};

use super::sample::Sample;
use crate::engine::cpu;
use crate::engine::method::STIFF;
use crate::engine::otherwise::by_method_alone;
use crate::plan::{Method, Plan};

/// Relative tolerance of the reference of an engine: a thousandth of what f32 can hold (1e-5), so that its
/// own error is nothing beside the differences that are looked for.
const ENGINE_RTOL: f64 = 1e-8;
/// The tolerance of the closer integration, as a share of the run's.
const CLOSER: f64 = 0.1;
/// The loosest relative tolerance of the closer integration: the default of a run.
const CLOSER_RTOL: f64 = 1e-6;
/// A reference may take so many times the plan's steps: those of a method of order 5 grow with
/// the fifth root of the tolerance, which may be 1e5 times tighter.
const REFERENCE_STEPS: u32 = 10;

/// What a run is checked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Whether the engine computes what the CPU does in f64: of every engine but that.
    Engine,
    /// Whether the numbers stay where they are when they are integrated more closely: by the other method,
    /// in other and shorter steps, at a tenth of the tolerance.
    Integration,
}

/// How far a run may be from the reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Promise {
    /// Relative difference that [`Self::share`] of the patient-arms may not exceed.
    pub usual: f64,
    /// Share of the patient-arms, by endpoint, that must lie within [`Self::usual`].
    pub share: f64,
    /// Relative difference that no value may exceed. Thresholds move by as much of themselves.
    pub largest: f64,
}

/// What a run is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// What for.
    pub check: Check,
    /// How the reference integrates.
    pub method: Method,
    /// Its relative tolerance.
    pub rtol: f64,
    /// How far the run may be from it.
    pub promise: Promise,
    /// Its absolute tolerances, as multiples of the plan's.
    pub(super) share_of_atol: f64,
}

impl Promise {
    /// Of an engine.
    pub const ENGINE: Self = Self { usual: 1e-3, share: 0.999, largest: 1e-2 };
    /// Of a run's integration.
    pub const INTEGRATION: Self = Self { usual: 1e-3, share: 1.0, largest: 1e-3 };
}

impl Check {
    /// All of them, in order.
    pub const ALL: [Self; 2] = [Self::Engine, Self::Integration];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Integration => "integration",
        }
    }

    /// Those of a run by an engine: all, but for the reference itself.
    pub fn of(is_reference: bool) -> &'static [Self] {
        if is_reference { &[Self::Integration] } else { &Self::ALL }
    }

    /// Which patients of a cohort it looks at.
    pub fn sample(self, patients: u64, arms: usize, seed: u64) -> Sample {
        match self {
            Self::Engine => Sample::of_engine(patients, arms, seed),
            Self::Integration => Sample::of_integration(patients, seed),
        }
    }

    /// What a run of a plan at a relative tolerance is held against.
    pub fn terms(self, plan: &Plan, rtol: f64) -> Terms {
        let (method, promise, reference) = match self {
            Self::Engine => (plan.method, Promise::ENGINE, ENGINE_RTOL.min(plan.rtol)),
            Self::Integration => (implicit(plan), Promise::INTEGRATION, CLOSER_RTOL.min(CLOSER * rtol)),
        };
        let of = if self == Self::Engine { plan.rtol } else { rtol };
        Terms { check: self, method, rtol: reference, promise, share_of_atol: reference / of }
    }
}

impl Terms {
    /// The plan as the reference solves it.
    pub(super) fn plan(&self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        plan.method = self.method;
        plan.rtol = self.rtol;
        for state in &mut plan.states {
            state.atol *= self.share_of_atol;
        }
        plan.max_steps = plan.max_steps.saturating_mul(REFERENCE_STEPS);
        plan.switch_after = plan.switch_after.map(|after| after.saturating_mul(REFERENCE_STEPS));
        plan
    }
}

/// The implicit method, unless the plan is too large for it.
fn implicit(plan: &Plan) -> Method {
    let implicit = by_method_alone(plan, STIFF);
    if cpu::fitting(&implicit).is_ok() { STIFF } else { plan.method }
}

/// A plan at the tolerances of an engine's reference.
pub fn tightened(plan: &Plan) -> Plan {
    Check::Engine.terms(plan, plan.rtol).plan(plan)
}
