//! Rules of dosing: what they do, the keys that this takes, and doses that they can act on.

use std::ops::Range;

use super::super::dosing_action::{self, DosingAction};
use super::super::raw::{BeyondName, DrugTable, ModifyTable, MomentName, RegimenTable, Text};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::{Entries, Spanned};
use super::super::value::Pair;
use super::super::{Action, Arm, By, Dose, Regimen, Rule, Ticks, Visits, quantity};
use super::errors::{DosingError, ModifyError};

/// The doses of all arms, by which others are measured.
#[derive(Default)]
pub(super) struct ArmDoses {
    doses: Vec<Spanned<Dose>>,
    /// An arm that has no one dose.
    without: Option<String>,
}

impl ArmDoses {
    /// Of the drug that a rule is about, in the arms that have it; without one, of the only drug.
    pub(super) fn of(regimen: &Regimen, drug: Option<usize>) -> Self {
        let is_given =
            |arm: &&Arm| drug.is_none_or(|drug| arm.courses.iter().any(|course| course.drug == drug));
        let dose = |arm: &Arm| drug.map_or_else(|| arm.dose(), |drug| arm.dose_of(drug)).cloned();
        let arms = || regimen.arms.iter().filter(is_given);
        let without = arms().find(|arm| dose(arm).is_none()).map(|arm| arm.label.value.clone());
        Self { doses: arms().filter_map(dose).collect(), without }
    }

    /// Of arms that are one dose each.
    pub(super) fn new(doses: &[Spanned<Dose>]) -> Self {
        Self { doses: doses.to_vec(), without: None }
    }
}

/// Checks levels and rules, and adds them to the regimen.
pub(super) fn check(
    table: &RegimenTable,
    drugs: Option<&Entries<Spanned<DrugTable>>>,
    regimen: &mut Regimen,
    visits: Option<&Visits>,
    report: &mut Report,
) {
    let Some(levels) = levels(table, drugs, regimen, report) else { return };
    regimen.levels = levels;
    for (number, rule) in table.modify.iter().flatten().enumerate() {
        if let Some(rule) = self::rule(number, rule, regimen, visits, report) {
            regimen.modify.push(rule);
        }
    }
}

/// The dose levels of each drug; none if a rule changes a drug by a level that has no one dose in an arm.
fn levels(
    table: &RegimenTable,
    drugs: Option<&Entries<Spanned<DrugTable>>>,
    regimen: &Regimen,
    report: &mut Report,
) -> Option<Vec<Vec<Spanned<Dose>>>> {
    let of_all =
        table.levels.as_ref().map(|levels| given_levels(levels, &ArmDoses::of(regimen, None), report));
    let mut levels = Vec::new();
    for (drug, is_about) in regimen.drugs.iter().enumerate() {
        let arms = ArmDoses::of(regimen, Some(drug));
        let name = is_about.name.as_ref().map(|name| &name.value);
        let changes = table.modify.iter().flatten().map(|rule| &rule.value).filter(|rule| {
            let is_its = rule.drug.as_ref().is_none_or(|drug| Some(&drug.value) == name);
            is_its && changes_by_level(rule)
        });
        let change = changes.filter_map(|rule| rule.then.as_ref()).next();
        if let (Some(then), Some(arm)) = (change, &arms.without) {
            let cause = DosingError::NotOneDose { dose: then.value.clone(), arm: arm.clone() };
            report.add_if_complete(&then.span, cause);
            return None;
        }
        let own =
            drugs.and_then(|tables| tables.0.get(drug)).and_then(|(_, table)| table.value.levels.as_ref());
        levels.push(match (own, &of_all) {
            (Some(own), _) => given_levels(own, &arms, report),
            (None, Some(of_all)) => of_all.clone(),
            (None, None) if change.is_some() => default_levels(&arms, report),
            (None, None) => Vec::new(),
        });
    }
    Some(levels)
}

fn changes_by_level(rule: &ModifyTable) -> bool {
    let then = rule.then.as_ref().map(|then| dosing_action::parse(&then.value));
    matches!(then, Some(Ok(DosingAction::Reduce(By::Down) | DosingAction::Escalate(By::Up))))
}

fn given_levels(levels: &Spanned<Vec<Text>>, arms: &ArmDoses, report: &mut Report) -> Vec<Spanned<Dose>> {
    if levels.value.is_empty() {
        report.add(&levels.span, KeyError::Empty { key: "levels" });
    }
    let mut doses: Vec<Spanned<Dose>> = Vec::new();
    for text in &levels.value {
        let Some(dose) = of_arms_kind(text, arms, report) else { continue };
        if doses.last().is_some_and(|last| dose.value.amount <= last.value.amount) {
            report.add(&text.span, ModifyError::NotIncreasing { level: text.value.clone() });
        }
        doses.push(dose);
    }
    doses
}

/// The arms' doses in increasing order; an arm without drug is no level.
fn default_levels(arms: &ArmDoses, report: &mut Report) -> Vec<Spanned<Dose>> {
    let doses = arms.doses.iter().filter(|arm| arm.value.amount > 0.0);
    let texts = doses.map(|arm| Spanned { value: arm.value.text.clone(), span: arm.span.clone() });
    let levels: Option<Vec<_>> = texts.map(|text| of_arms_kind(&text, arms, report)).collect();
    let mut levels = levels.unwrap_or_default();
    levels.sort_by(|a, b| a.value.amount.total_cmp(&b.value.amount));
    levels
}

/// A dose in the unit of the first arm. It must be comparable with every arm.
pub(super) fn of_arms_kind(text: &Text, arms: &ArmDoses, report: &mut Report) -> Option<Spanned<Dose>> {
    let dose = report.quantity(text, quantity::dose)?;
    if let Some(arm) = &arms.without {
        let cause = DosingError::NotOneDose { dose: dose.text, arm: arm.clone() };
        report.add_if_complete(&text.span, cause);
        return None;
    }
    if let Some(arm) = arms.doses.iter().find(|arm| dose.amount_in_unit_of(&arm.value).is_none()) {
        let cause = ModifyError::OtherKind { dose: dose.text, arm: arm.value.text.clone() };
        report.add(&text.span, cause);
        return None;
    }
    let first = &arms.doses.first()?.value;
    let amount = dose.amount_in_unit_of(first)?;
    Some(Spanned { value: Dose { amount, unit: first.unit.clone(), ..dose }, span: text.span.clone() })
}

fn rule(
    number: usize,
    table: &Spanned<ModifyTable>,
    regimen: &Regimen,
    visits: Option<&Visits>,
    report: &mut Report,
) -> Option<Rule> {
    let section = Section::new("regimen.modify", &table.span);
    let table = &table.value;
    let when = report.required("when", &table.when, &section).map(|when| report.unquoted(when));
    let on_demand = regimen.on_demand.iter().find(|given| given.rule == number);
    let drug = match (&table.drug, on_demand) {
        (Some(name), None) => Some(drug(name, regimen, report)?),
        (_, given) => given.map(|given| given.course.drug),
    };
    let doses = regimen.most_doses(drug);
    let cycles = table.cycles.as_ref().and_then(|cycles| self::cycles(cycles, doses, report));
    let shows = table.shows.as_ref().map(|shows| report.unquoted(shows));
    let text = report.required("then", &table.then, &section)?;
    let then = report.quantity(text, dosing_action::parse)?;
    not_its_keys(table, then, &text.value, report);
    let arms = ArmDoses::of(regimen, drug);
    let action = action(table, then, &section, &arms, on_demand.is_some(), report);
    let looks_at_doses = !matches!(action, Some(Action::Stop { at_dose: false } | Action::Give));
    if looks_at_doses && let Some(visits) = visits {
        every_dose_a_visit(&regimen.times(drug), visits, &text.span, report);
    }
    let when = when?;
    let name = table.name.as_ref().filter(|name| !name.value.trim().is_empty());
    let label = name.map_or(&when.value, |name| &name.value).clone();
    Some(Rule { label, when, drug, cycles, shows, then: action? })
}

/// Position of the drug that a rule is about.
fn drug(name: &Text, regimen: &Regimen, report: &mut Report) -> Option<usize> {
    let names = || regimen.drugs.iter().filter_map(|drug| Some(&drug.name.as_ref()?.value));
    let found = names().position(|known| *known == name.value);
    if found.is_none() {
        let known = names().cloned().collect();
        report.add_if_complete(&name.span, ModifyError::UnknownDrug { name: name.value.clone(), known });
    }
    found
}

fn cycles(cycles: &Spanned<Pair<i64>>, doses: usize, report: &mut Report) -> Option<[u32; 2]> {
    let Pair([from, to]) = cycles.value;
    let number = |n: i64| u32::try_from(n).ok().filter(|&n| n >= 1 && n as usize <= doses);
    match (number(from), number(to)) {
        (Some(first), Some(last)) if first <= last => Some([first, last]),
        _ => {
            report.add_if_complete(&cycles.span, ModifyError::Cycles { from, to, doses });
            None
        }
    }
}

/// Keys that belong to another action than the rule's.
fn not_its_keys(table: &ModifyTable, then: DosingAction, text: &str, report: &mut Report) {
    fn span<T>(value: &Option<Spanned<T>>) -> Option<&Range<usize>> {
        value.as_ref().map(|value| &value.span)
    }
    let waits = matches!(then, DosingAction::Hold | DosingAction::Delay(_));
    let changes = matches!(then, DosingAction::Reduce(_) | DosingAction::Escalate(_));
    for (key, span, taken) in [
        ("at", span(&table.at), then == DosingAction::Stop),
        ("until", span(&table.until), waits),
        ("at_most", span(&table.at_most), waits),
        ("made_up", span(&table.made_up), then == DosingAction::Skip),
        ("doses", span(&table.doses), then == DosingAction::Give),
        ("drug", span(&table.drug), then != DosingAction::Give),
        ("floor", span(&table.floor), matches!(then, DosingAction::Reduce(_))),
        ("ceiling", span(&table.ceiling), matches!(then, DosingAction::Escalate(_))),
        ("beyond", span(&table.beyond), changes),
    ] {
        if let Some(span) = span.filter(|_| !taken) {
            report.add(span, ModifyError::NotItsKey { key, then: text.into() });
        }
    }
}

fn action(
    table: &ModifyTable,
    then: DosingAction,
    section: &Section,
    arms: &ArmDoses,
    on_demand: bool,
    report: &mut Report,
) -> Option<Action> {
    let until = table.until.as_ref().map(|until| report.unquoted(until));
    let beyond_stops = |default| table.beyond.as_ref().map_or(default, |b| b.value == BeyondName::Stop);
    match then {
        DosingAction::Stop => {
            Some(Action::Stop { at_dose: table.at.as_ref().is_some_and(|at| at.value == MomentName::Dose) })
        }
        DosingAction::Skip => {
            Some(Action::Skip { made_up: table.made_up.as_ref().is_some_and(|made_up| made_up.value) })
        }
        DosingAction::Hold => {
            let at_most = at_most(table, 0, section, report)?;
            Some(Action::Hold { until, at_least: 0, at_most })
        }
        DosingAction::Delay(at_least) => {
            let at_most = at_most(table, at_least, section, report)?;
            Some(Action::Hold { until, at_least, at_most })
        }
        // One that could not be read is told of where it is.
        DosingAction::Give => on_demand.then_some(Action::Give),
        DosingAction::Infuse(over) => Some(Action::Infuse(over)),
        DosingAction::Reduce(by) => change(by, ("floor", &table.floor), beyond_stops(true), arms, report),
        DosingAction::Escalate(by) => {
            change(by, ("ceiling", &table.ceiling), beyond_stops(false), arms, report)
        }
    }
}

/// The longest wait.
fn at_most(table: &ModifyTable, at_least: Ticks, section: &Section, report: &mut Report) -> Option<Ticks> {
    let text = report.required("at_most", &table.at_most, section)?;
    let at_most = report.time(text)?;
    if at_most < at_least {
        let at_least = quantity::time_text(at_least);
        report.add(&text.span, ModifyError::TooShort { at_most: text.value.clone(), at_least });
    }
    Some(at_most)
}

fn change(
    by: By,
    (key, limit): (&'static str, &Option<Text>),
    beyond_stops: bool,
    arms: &ArmDoses,
    report: &mut Report,
) -> Option<Action> {
    let limit = match limit {
        Some(text) => Some(of_arms_kind(text, arms, report)?),
        None => None,
    };
    if let Some(Spanned { value: limit, span }) = limit.as_ref().filter(|_| !beyond_stops) {
        let beyond = |arm: &Dose| match arm.amount_in_unit_of(limit) {
            Some(amount) if key == "floor" => amount < limit.amount,
            Some(amount) => amount > limit.amount,
            None => false,
        };
        if let Some(arm) = arms.doses.iter().find(|arm| beyond(&arm.value)) {
            let (arm, limit) = (arm.value.text.clone(), limit.text.clone());
            report.add(span, ModifyError::ArmBeyond { arm, key, limit });
        }
    }
    Some(Action::Change { by, limit, beyond_stops })
}

fn every_dose_a_visit(doses: &[Ticks], visits: &Visits, span: &Range<usize>, report: &mut Report) {
    let unseen = |time: &Ticks| visits.times.binary_search(time).is_err();
    if let Some(number) = doses.iter().position(unseen) {
        let time = quantity::time_text(doses[number]);
        report.add_if_complete(span, ModifyError::DoseWithoutVisit { number: number + 1, time });
    }
}
