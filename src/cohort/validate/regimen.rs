//! What is given, when: `[drugs]`, and the arms of `[regimen]` or of `[[arms]]`.

use std::ops::Range;

use super::super::raw::{CohortFile, LoadingTable, RegimenTable, Text};
use super::super::report::{KeyError, Report, Section};
use super::super::sentence::timetable::timetable;
use super::super::sentence::{self, Length, Part, When, Written};
use super::super::spanned::Spanned;
use super::super::{
    Amount, AmountOf, Arm, Course, Dose, OnDemand, Period, Regimen, Ticks, dosing_action, quantity,
};
use super::arms;
use super::doses::{self, Maker, Source, Times};
use super::drugs::{self, Limits};
use super::errors::{DosingError, MAX_TIMES, ScheduleError};
use super::modify::{self, ArmDoses};
use super::schedule::{increasing, interval};

/// The longest time after which the doses of a steady state may come again together: 366 days, s.
const LONGEST_PERIOD: u64 = 366 * 86_400;
/// The most doses in that time.
const MOST_IN_PERIOD: u64 = 1000;

/// Doses on demand that are room for in every engine.
const MOST_ON_DEMAND: u32 = 1000;

/// A checked regimen, and when its last cycle ends if it has cycles.
pub(super) struct CheckedRegimen {
    pub(super) regimen: Regimen,
    pub(super) end: Option<Ticks>,
    pub(super) span: Range<usize>,
}

/// What the file says of drugs and arms.
pub(super) fn regimen(file: &CohortFile, report: &mut Report) -> Option<CheckedRegimen> {
    let table = match &file.arms {
        Some(_) => file.regimen.as_ref(),
        None => Some(report.required("regimen", &file.regimen, &Section::new("", &(0..0)))?),
    };
    let tables = file.drugs.as_ref().filter(|tables| !tables.0.is_empty());
    let drugs = match tables {
        Some(tables) => {
            table.into_iter().for_each(|table| no_keys_of_drugs(&table.value, report));
            drugs::drugs(tables, report)
        }
        None => vec![drugs::only_drug(table.map(|table| &table.value), report)],
    };
    let until = file.visits.as_ref().and_then(|visits| visits.value.until.as_ref());
    let maker = Maker { drugs: &drugs, run: until.map(|text| quantity::time(&text.value).ok()) };
    let (arms, end) = match (&file.arms, table) {
        (Some(arms), _) => arms::arms(arms, table.map(|table| &table.value), &maker, report)?,
        (None, table) => simple_arms(table?, tables.is_none(), &maker, report)?,
    };
    each_another(&arms, report);
    common_periods(&arms, report);
    let on_demand = table.map_or_else(Vec::new, |table| on_demand(&table.value, &arms, &maker, report));
    let span = table.map(|table| &table.span).or(file.arms.as_ref().map(|arms| &arms.span));
    let span = span.cloned().unwrap_or_default();
    let drugs = drugs.into_iter().map(|settings| settings.drug).collect();
    let regimen = Regimen { drugs, arms, on_demand, levels: Vec::new(), modify: Vec::new() };
    Some(CheckedRegimen { regimen, end, span })
}

/// What rules give on demand: each a drug that nothing else gives.
fn on_demand(table: &RegimenTable, arms: &[Arm], maker: &Maker<'_>, report: &mut Report) -> Vec<OnDemand> {
    let mut given: Vec<OnDemand> = Vec::new();
    for (rule, table) in table.modify.iter().flatten().enumerate() {
        let section = Section::new("regimen.modify", &table.span);
        let Some(then) = &table.value.then else { continue };
        let Some(sentence) = dosing_action::given(&then.value).filter(|sentence| !sentence.is_empty()) else {
            continue;
        };
        let most = report.required("doses", &table.value.doses, &section);
        let most = most.and_then(|number| report.count("doses", number, [1, MOST_ON_DEMAND]));
        let text = Text { value: sentence.into(), span: then.span.clone() };
        let Some(course) = one_dose(&text, maker, report) else { continue };
        let is_planned = arms.iter().flat_map(|arm| &arm.courses).any(|other| other.drug == course.drug);
        if is_planned || given.iter().any(|other| other.course.drug == course.drug) {
            let name = maker.drugs[course.drug].drug.name.as_ref();
            let drug = name.map_or_else(String::new, |name| name.value.clone());
            let too = if is_planned { "an arm plans it" } else { "another rule gives it" };
            report.add(&then.span, DosingError::GivenOtherwise { drug, too });
            continue;
        }
        given.extend(most.map(|most| OnDemand { rule, course, most }));
    }
    given
}

/// A single dose as a sentence that says nothing of times.
fn one_dose(text: &Text, maker: &Maker<'_>, report: &mut Report) -> Option<Course> {
    let mut sources = doses::of_sentence(text, report)?;
    match (sources.pop(), sources.is_empty()) {
        (Some(source), true) if source.part.when == When::default() => {
            maker.course(source, Times::default(), report)
        }
        _ => {
            report.add(&text.span, DosingError::NotOneGiven { text: text.value.clone() });
            None
        }
    }
}

/// Keys of `[regimen]` that `[drugs]` take the place of.
fn no_keys_of_drugs(table: &RegimenTable, report: &mut Report) {
    for (key, span) in [
        ("into", table.into.as_ref().map(|into| &into.span)),
        ("infusion", table.infusion.as_ref().map(|text| &text.span)),
        ("rate", table.rate.as_ref().map(|text| &text.span)),
        ("bioavailability", table.bioavailability.as_ref().map(|name| &name.span)),
        ("molecular_weight", table.molecular_weight.as_ref().map(|text| &text.span)),
        ("steady_state", table.steady_state.as_ref().map(|steady| &steady.span)),
    ] {
        if let Some(span) = span {
            report.add(span, DosingError::OfDrug { key });
        }
    }
}

/// Checks that no arm has the doses of another.
fn each_another(arms: &[Arm], report: &mut Report) {
    let same = |a: &Arm, b: &Arm| {
        a.courses.len() == b.courses.len() && a.courses.iter().zip(&b.courses).all(|(a, b)| a.is(b))
    };
    for (i, arm) in arms.iter().enumerate() {
        if let Some(first) = arms[..i].iter().find(|other| same(other, arm)) {
            let [first, second] = [first, arm].map(|arm| arm.label.value.clone());
            report.add(&arm.label.span, ScheduleError::ArmTwice { first, second });
        }
    }
}

/// Checks that doses before time 0 come again together within a time that can be followed.
fn common_periods(arms: &[Arm], report: &mut Report) {
    for arm in arms {
        let Some(common) = arm.period() else { continue };
        let periods = || arm.courses.iter().filter_map(|course| course.steady.as_ref());
        let doses =
            |period: &Period| (common / u64::from(period.length)).saturating_mul(period.times.len() as u64);
        let doses = periods().map(doses).fold(0, u64::saturating_add);
        if common > LONGEST_PERIOD || doses > MOST_IN_PERIOD {
            let periods = periods().map(|period| quantity::time_text(period.length)).collect();
            report.add(&arm.label.span, DosingError::NoCommonPeriod { periods });
        }
    }
}

/// The arms of `[regimen]`, each a dose at the times that are common to all, or a sentence that says its own.
fn simple_arms(
    table: &Spanned<RegimenTable>,
    is_one_drug: bool,
    maker: &Maker<'_>,
    report: &mut Report,
) -> Option<(Vec<Arm>, Option<Ticks>)> {
    let section = Section::new("regimen", &table.span);
    let table = &table.value;
    let texts = report.required("arms", &table.arms, &section);
    let count = texts.map_or(0, |texts| texts.value.len());
    let sources = texts.map_or_else(Vec::new, |texts| sources(texts, report));
    let has_place = !is_one_drug || states_are_named(table, &sources, &section, report);
    let times = times(table, report);
    let doses: Vec<Spanned<Dose>> = sources.iter().filter_map(|(_, sources)| dose(sources)).collect();
    let loading = match &table.loading {
        // What is no dose is told below.
        Some(loading) if !doses.is_empty() => {
            let count = times.as_ref().map(|(times, _)| times.len());
            Some(self::loading(loading, &doses, count, report)?)
        }
        _ => None,
    };
    let (times, end) = times?;
    if let Some(loading) = table.loading.as_ref().filter(|_| is_steady(table.steady_state.as_ref())) {
        report.conflict(&loading.span, "steady_state", "loading");
        return None;
    }
    let steady = sources.iter().flat_map(|(_, sources)| sources).map(|source| &source.part.when.steady);
    let any_steady = steady.chain([&table.steady_state]).any(|steady| is_steady(steady.as_ref()));
    let common = Common { when: when(table, &times, any_steady), times, loading };
    let mut arms = Vec::new();
    let mut ends = None;
    for (label, mut sources) in sources.into_iter().filter(|_| has_place) {
        let is_dose = dose(&sources).is_some();
        let says_when = |source: &Source| source.part.when.since_start() != When::default();
        let is_own = sources.len() > 1 || sources.iter().any(says_when);
        let begins_steady = sources.iter().any(|source| is_steady(source.part.when.steady.as_ref()));
        if table.loading.is_some() && (is_own || !is_dose || begins_steady) {
            report.add(&label.span, DosingError::NoLoading);
        }
        let made = if is_own {
            no_times_of_regimen(table, &label, report);
            maker.courses(sources, report)
        } else {
            let source = sources.pop()?;
            common.courses(source, maker, report).map(|courses| (courses, end))
        };
        let Some((courses, end)) = made else { continue };
        ends = ends.max(end);
        arms.push(Arm { label, courses });
    }
    (count > 0 && arms.len() == count).then_some((arms, ends))
}

/// What each arm says, with its label, as far as it can be read.
fn sources(texts: &Spanned<Vec<Text>>, report: &mut Report) -> Vec<(Text, Vec<Source>)> {
    if texts.value.is_empty() {
        report.add(&texts.span, KeyError::Empty { key: "arms" });
    }
    let mut arms = Vec::new();
    for text in &texts.value {
        let sources = match quantity::dose(&text.value) {
            Err(_) if sentence::is_sentence(&text.value) => doses::of_sentence(text, report),
            dose => report.quantity(text, |_| dose.clone()).map(|dose| vec![plain(dose, text)]),
        };
        let label = Spanned { value: text.value.trim().to_owned(), span: text.span.clone() };
        arms.extend(sources.map(|sources| (label, sources)));
    }
    arms
}

/// Whether it is said that doses are at steady state.
fn is_steady(said: Option<&Spanned<bool>>) -> bool {
    said.is_some_and(|said| said.value)
}

/// When the doses are given that are common to all arms, as it is understood.
fn when(table: &RegimenTable, times: &[Ticks], any_steady: bool) -> When {
    fn bare<T>(value: T) -> Option<Spanned<T>> {
        Some(Spanned { value, span: 0..0 })
    }
    let written =
        || table.every.as_ref().filter(|_| any_steady).and_then(|text| quantity::time(&text.value).ok());
    let every = table.every.as_ref().and(times.get(1)).map(|every| every - times[0]).or_else(written);
    match every {
        Some(every) => {
            When { every: bare(every), length: bare(Length::Doses(times.len() as u32)), ..When::default() }
        }
        None if times == [0] => When::default(),
        None => When { times: bare(times.to_vec()), ..When::default() },
    }
}

/// An arm that is a dose alone.
fn plain(dose: Dose, text: &Text) -> Source {
    let amount = Some(Spanned { value: Written::Dose(dose), span: text.span.clone() });
    Source { part: Part { amount, span: text.span.clone(), ..Part::default() }, limits: Limits::default() }
}

/// The dose of an arm that is one dose.
fn dose(sources: &[Source]) -> Option<Spanned<Dose>> {
    let [Source { part, .. }] = sources else { return None };
    match &part.amount {
        Some(Spanned { value: Written::Dose(dose), span }) => {
            Some(Spanned { value: dose.clone(), span: span.clone() })
        }
        _ => None,
    }
}

/// Checks that doses go somewhere. Where nothing is given, they need not.
fn states_are_named(
    table: &RegimenTable,
    arms: &[(Text, Vec<Source>)],
    section: &Section,
    report: &mut Report,
) -> bool {
    let mut parts = arms.iter().flat_map(|(_, sources)| sources).map(|source| &source.part);
    if !arms.is_empty() && parts.clone().all(|part| !part.into.is_empty()) {
        return true;
    }
    let Some(into) = report.required("into", &table.into, section) else { return false };
    let is_nothing = |part: &Part| matches!(&part.amount, Some(Spanned { value: Written::Dose(dose), .. }) if dose.amount == 0.0);
    if into.value.is_empty() && (arms.is_empty() || !parts.all(is_nothing)) {
        report.add(&into.span, KeyError::Empty { key: "into" });
        return false;
    }
    true
}

/// Keys that say when doses are given, beside an arm that says it itself.
fn no_times_of_regimen(table: &RegimenTable, arm: &Text, report: &mut Report) {
    let keys = [
        ("every", table.every.is_some()),
        ("cycles", table.cycles.is_some()),
        ("times", table.times.is_some()),
    ];
    if let Some((key, _)) = keys.into_iter().find(|(_, is_there)| *is_there) {
        report.add(&arm.span, DosingError::TwoSchedules { key });
    }
}

/// What arms have in common that do not say it themselves.
struct Common {
    when: When,
    times: Vec<Ticks>,
    loading: Option<Loading>,
}

impl Common {
    /// The courses of an arm.
    fn courses(&self, source: Source, maker: &Maker<'_>, report: &mut Report) -> Option<Vec<Course>> {
        let loaded = self.loading.as_ref().map_or(0, |loading| loading.doses as usize).min(self.times.len());
        let (first, later) = self.times.split_at(loaded);
        let Source { part, limits } = source;
        let (drug, mut part) = maker.resolved(part, report)?;
        let steady = part.when.steady.take().or_else(|| maker.drugs[drug].steady.clone());
        part.when = When { steady, ..self.when.clone() };
        let steady = match is_steady(part.when.steady.as_ref()) {
            true => {
                timetable(&part.when, &part.span, None, None)
                    .map_err(|(error, span)| report.add(&span, error))
                    .ok()?
                    .steady
            }
            false => None,
        };
        let times = Times { given: later.to_vec(), steady };
        let own = maker.resolved_course(drug, part.clone(), limits, times, report)?;
        let loading = self.loading.as_ref().map(|loading| {
            let (amount, factor) = match &loading.amount {
                LoadingAmount::Dose(dose) => (Some(dose.clone().map(Written::Dose)), 1.0),
                LoadingAmount::Factor(factor) => (part.amount.clone(), *factor),
            };
            let of = match &loading.amount {
                LoadingAmount::Dose(dose) => AmountOf::Dose(dose.clone()),
                LoadingAmount::Factor(_) => own.amount.of.clone(),
            };
            Course {
                amount: Amount { of, ..own.amount.clone() },
                factor,
                loading: true,
                said: sentence::print(&[Part { amount, when: When::default(), ..part.clone() }]),
                times: first.to_vec(),
                steady: None,
                ..own.clone()
            }
        });
        Some(loading.into_iter().chain([own]).collect())
    }
}

/// A larger or smaller dose at the start.
struct Loading {
    /// How many doses, from the first.
    doses: u32,
    /// What they are.
    amount: LoadingAmount,
}

/// The amount of a loading dose.
enum LoadingAmount {
    /// This dose in every arm.
    Dose(Spanned<Dose>),
    /// The arm's dose times this.
    Factor(f64),
}

/// Times of the doses, and when the last cycle ends if they come in cycles.
fn times(table: &RegimenTable, report: &mut Report) -> Option<(Vec<Ticks>, Option<Ticks>)> {
    match (&table.every, &table.cycles, &table.times) {
        (Some(_), _, Some(times)) => {
            report.conflict(&times.span, "every", "times");
            None
        }
        (_, Some(_), Some(times)) => {
            report.conflict(&times.span, "cycles", "times");
            None
        }
        (Some(every), Some(cycles), None) => {
            let text = &every.value;
            let every = interval("every", every, report);
            let count = report.count("cycles", cycles, [1, MAX_TIMES])?;
            let every = every?;
            let Some(end) = every.checked_mul(count) else {
                report.add(&cycles.span, ScheduleError::TooLong { cycles: count, every: text.clone() });
                return None;
            };
            Some(((0..count).map(|cycle| cycle * every).collect(), Some(end)))
        }
        (Some(every), None, None) => {
            report.needs(&every.span, "every", "cycles");
            None
        }
        (None, Some(cycles), None) => {
            report.needs(&cycles.span, "cycles", "every");
            None
        }
        (None, None, Some(times)) => Some((increasing("times", times, report)?, None)),
        (None, None, None) => Some((vec![0], None)),
    }
}

fn loading(
    table: &Spanned<LoadingTable>,
    arms: &[Spanned<Dose>],
    doses: Option<usize>,
    report: &mut Report,
) -> Option<Loading> {
    let LoadingTable { doses: count, dose, factor } = &table.value;
    let loading = count.as_ref().map_or(Some(1), |number| report.count("doses", number, [1, MAX_TIMES]));
    let amount = match (dose, factor) {
        (Some(_), Some(factor)) => {
            report.conflict(&factor.span, "dose", "factor");
            None
        }
        (Some(text), None) => {
            modify::of_arms_kind(text, &ArmDoses::new(arms), report).map(LoadingAmount::Dose)
        }
        (None, Some(factor)) => report.not_negative("factor", factor).map(LoadingAmount::Factor),
        (None, None) => {
            let section = Section::new("regimen.loading", &table.span);
            report.required("dose", dose, &section);
            None
        }
    };
    if let (Some(loading), Some(doses)) = (loading, doses)
        && loading as usize > doses
    {
        let span = count.as_ref().map_or(&table.span, |count| &count.span);
        report.add(span, ScheduleError::LoadingTooMany { loading, doses });
    }
    Some(Loading { doses: loading?, amount: amount? })
}
