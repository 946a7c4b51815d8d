//! What virtual dose escalations take from the file.

use super::super::raw::EscalationTable;
use super::super::report::Report;
use super::super::treatment::{Accrual, Escalation};
use super::modify::{self, ArmDoses};

pub(super) fn check(table: Option<&EscalationTable>, arms: &ArmDoses, report: &mut Report) -> Escalation {
    let Some(table) = table else { return Escalation::default() };
    let default = Accrual::default();
    let number = table.patients_per_month.as_ref();
    let number = number.and_then(|number| report.positive("patients_per_month", number));
    Escalation {
        active_dose: table.active_dose.as_ref().and_then(|dose| modify::of_arms_kind(dose, arms, report)),
        accrual: Accrual {
            patients_per_month: number.unwrap_or(default.patients_per_month),
            when_full: table.when_full.unwrap_or(default.when_full),
        },
    }
}
