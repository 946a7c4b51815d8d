//! BOIN and mTPI-2: designs whose decision tables are computed.

use super::raw::{BoinTable, EliminateTable, Mtpi2Table};
use super::{DesignError, Kind, Scope, count, interval, probability};
use crate::cohort::report::Report;
use crate::escalation::design::beta::Elimination;
use crate::escalation::design::boin::Boin;
use crate::escalation::design::by_table::ByTable;
use crate::escalation::design::mtpi2::Mtpi2;

/// Target probability of toxicity where none is given.
pub(super) const TARGET: f64 = 0.3;
/// Bounds of what is too low and too high, as multiples of the target: Liu and Yuan (2015).
const BOIN_BOUNDS: [f64; 2] = [0.6, 1.4];
/// The least width of that interval.
const NARROWEST: f64 = 0.001;
/// Half the width of the interval about the target: Guo et al. (2017).
const HALF_WIDTH: f64 = 0.05;

pub(super) fn boin(table: &BoinTable, scope: &Scope<'_>, report: &mut Report) -> Option<Kind> {
    let target = probability("target", &table.target, TARGET, report)?;
    let [low, high] = BOIN_BOUNDS.map(|factor| factor * target);
    let too_low = probability("too_low", &table.too_low, low, report)?;
    let too_high = probability("too_high", &table.too_high, high.min(0.5 * (1.0 + target)), report)?;
    for (key, number, [low, high]) in
        [("too_low", &table.too_low, [too_low, target]), ("too_high", &table.too_high, [target, too_high])]
    {
        if let Some(number) = number
            && low >= high
        {
            report.add(&number.span, DesignError::NotRising { key, low, high });
            return None;
        }
    }
    let eliminate = elimination(table.eliminate.as_ref(), report)?;
    let extra_safe = match &table.extra_safe {
        Some(offset) => {
            let less = report.within("extra_safe", offset, [0.0, eliminate.probability])?;
            Some(Elimination { probability: eliminate.probability - less, ..eliminate })
        }
        None => None,
    };
    let boin = Boin { target, too_low, too_high, eliminate };
    let table = boin.table(scope.limits.patients);
    Some(by_table(ByTable { cohorts: scope.cohorts, table, is_given: false, target, extra_safe }))
}

pub(super) fn mtpi2(table: &Mtpi2Table, scope: &Scope<'_>, report: &mut Report) -> Option<Kind> {
    let target = probability("target", &table.target, TARGET, report)?;
    let default = [(target - HALF_WIDTH).max(0.5 * target), (target + HALF_WIDTH).min(0.5 * (1.0 + target))];
    let interval = interval("interval", table.interval.as_ref(), default, report)?;
    if let Some(pair) = &table.interval {
        let [low, high] = interval;
        // The target lies in it, and not so many such intervals make up the whole.
        if !(low..=high).contains(&target) || high - low < NARROWEST {
            report.add(&pair.span, DesignError::NotAbout { low, high, target, narrowest: NARROWEST });
            return None;
        }
    }
    let eliminate = elimination(table.eliminate.as_ref(), report)?;
    let mtpi2 = Mtpi2 { target, interval, eliminate };
    let table = mtpi2.table(scope.limits.patients);
    Some(by_table(ByTable { cohorts: scope.cohorts, table, is_given: false, target, extra_safe: None }))
}

/// The kind of a design that has a decision table.
pub(super) fn by_table(design: ByTable) -> Kind {
    Kind { table: Some(design.table.clone()), ..Kind::of(design) }
}

fn elimination(table: Option<&EliminateTable>, report: &mut Report) -> Option<Elimination> {
    let nothing = EliminateTable::default();
    let table = table.unwrap_or(&nothing);
    Some(Elimination {
        probability: probability("probability", &table.probability, 0.95, report)?,
        patients: count("patients", &table.patients, 3, report)?.max(1),
    })
}
