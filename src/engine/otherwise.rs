//! The method by which patient-arms are solved that the plan's own leaves.

use crate::plan::{Method, Plan};

use super::Status;
use super::method::{NON_STIFF, STIFF, Tableau};

/// The other method of a plan, and how patient-arms end that are solved by it: those whose equations have no solution in
/// closed form that is written down, for they have complex eigenvalues; those that an explicit method has not solved in
/// so many attempts that the implicit one is less work.
pub(crate) fn other_method(plan: &Plan) -> Option<(Method, Status)> {
    match plan.method {
        Method::ClosedForm => Some((NON_STIFF, Status::NonFinite)),
        method if Tableau::of(method).is_implicit() => None,
        _ => switch(plan).map(|_| (STIFF, Status::MaxSteps)),
    }
}

/// A plan to be solved by a method alone.
pub(crate) fn by_method_alone(plan: &Plan, method: Method) -> Plan {
    Plan { method, switch_after: None, ..plan.clone() }
}

/// Attempts of a plan's own method after which a patient-arm is left.
pub(crate) fn attempts(plan: &Plan) -> u32 {
    match other_method(plan) {
        Some((_, Status::MaxSteps)) => switch(plan).unwrap_or(plan.max_steps),
        _ => plan.max_steps,
    }
}

fn switch(plan: &Plan) -> Option<u32> {
    plan.switch_after.filter(|&after| after < plan.max_steps)
}
