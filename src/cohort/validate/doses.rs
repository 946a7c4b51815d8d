//! Doses of an arm, as a sentence or a table says them, with what the table of their drug says.

use std::ops::Range;

use super::super::amount::{AmountOf, BodySize};
use super::super::raw::{DoseTable, Text};
use super::super::report::{KeyError, Report, Section};
use super::super::sentence::timetable::{Timetable, timetable};
use super::super::sentence::{self, Length, Part, SentenceError, Start, When, Within, Written};
use super::super::spanned::Spanned;
use super::super::{Course, Infusion, Per, Period, Ticks, quantity};
use super::drugs::{LimitKeys, Limits, Settings, infusion};
use super::errors::{DosingError, MAX_TIMES};
use super::schedule::{increasing, interval};

/// Doses of one kind, as they are written.
pub(super) struct Source {
    pub(super) part: Part,
    pub(super) limits: Limits,
}

/// The parts of a sentence, with their places in the file.
pub(super) fn of_sentence(text: &Text, report: &mut Report) -> Option<Vec<Source>> {
    let inside = report.unquoted(text).span;
    // Where the text is written with escapes, its places are not those of its letters.
    let is_plain = inside.len() == text.value.len();
    let placed = |span: Range<usize>| match is_plain {
        true => inside.start + span.start..inside.start + span.end,
        false => text.span.clone(),
    };
    match sentence::parse(&text.value) {
        Ok(parts) => {
            let source = |part: Part| Source { part: part.placed(&placed), limits: Limits::default() };
            Some(parts.into_iter().map(source).collect())
        }
        Err((error, span)) => {
            let place = if span.is_empty() { text.span.clone() } else { placed(span) };
            report.add(&place, error);
            None
        }
    }
}

/// What a table says.
pub(super) fn of_table(table: &DoseTable, span: &Range<usize>, report: &mut Report) -> Option<Source> {
    let amount = match (&table.amount, &table.unit) {
        (Some(text), unit) => Some(amount(text, unit.as_ref(), report)?),
        (None, Some(unit)) => {
            report.needs(&unit.span, "unit", "amount");
            return None;
        }
        (None, None) => None,
    };
    let part = Part {
        amount,
        drug: table.drug.clone(),
        into: table.into.as_ref().map_or_else(Vec::new, |into| report.names("into", into)),
        infusion: infusion(&table.infusion, &table.rate, report),
        when: when(table, report)?,
        span: span.clone(),
    };
    let limits = LimitKeys::from(table).read(&Section::new("arms.doses", span), report);
    if let (Some(amount), Some(_)) = (&part.amount, &limits.tiers) {
        report.conflict(&amount.span, "amount", "tiers");
    }
    Some(Source { part, limits })
}

/// An amount: a number with a unit, or an expression whose unit is said beside it.
fn amount(text: &Text, unit: Option<&Text>, report: &mut Report) -> Option<Spanned<Written>> {
    let value = match unit {
        Some(unit) => {
            let unit = report.quantity(unit, sentence::unit_of_amount)?;
            Written::Expression { text: report.unquoted(text), unit }
        }
        None => {
            let is_expression =
                text.value.contains(['*', '(', '+']) || !text.value.starts_with(|c: char| c.is_ascii_digit());
            if is_expression {
                report.add(&text.span, DosingError::NotAnAmount { text: text.value.clone() });
                return None;
            }
            Written::Dose(report.quantity(text, quantity::dose)?)
        }
    };
    Some(Spanned { value, span: text.span.clone() })
}

/// When the doses of a table are given.
fn when(table: &DoseTable, report: &mut Report) -> Option<When> {
    fn at<T>(value: Option<T>, text: &Text) -> Option<Spanned<T>> {
        Some(Spanned { value: value?, span: text.span.clone() })
    }
    let every = match &table.every {
        Some(text) => Some(at(interval("every", text, report), text)?),
        None => None,
    };
    let times = match &table.times {
        Some(list) => Some(Spanned { value: increasing("times", list, report)?, span: list.span.clone() }),
        None => None,
    };
    let within = within(table, report).ok()?;
    for (key, span) in [
        ("every", every.as_ref().map(|every| &every.span)),
        ("days", within.as_ref().map(|within| &within.span)),
    ] {
        if let (Some(times), Some(_)) = (&times, span) {
            report.conflict(&times.span, key, "times");
            return None;
        }
    }
    let length = length(table, report).ok()?;
    let start = match &table.start {
        Some(text) => Some(at(report.time(text).map(Start::After), text)?),
        None => None,
    };
    let steady = table.steady_state.clone();
    Some(When { every, within, times, length, start, steady })
}

/// Something is wrong, and has been said.
struct Said;

fn within(table: &DoseTable, report: &mut Report) -> Result<Option<Spanned<Within>>, Said> {
    let DoseTable { days, cycle, on, off, .. } = table;
    match (days, cycle, on, off) {
        (Some(_), _, Some(on), _) => report.conflict(&on.span, "days", "on"),
        (None, Some(cycle), ..) => report.needs(&cycle.span, "cycle", "days"),
        (_, _, Some(on), None) => report.needs(&on.span, "on", "off"),
        (_, _, None, Some(off)) => report.needs(&off.span, "off", "on"),
        (None, None, None, None) => return Ok(None),
        (None, None, Some(on), Some(off)) => {
            let span = on.span.clone();
            let [on, off] = [(on, "on"), (off, "off")].map(|(text, key)| interval(key, text, report));
            let (Some(on), Some(off)) = (on, off) else { return Err(Said) };
            return Ok(Some(Spanned { value: Within::OnOff { on, off }, span }));
        }
        (Some(list), cycle, None, None) => {
            let cycle = match cycle {
                Some(text) => Some(interval("cycle", text, report).ok_or(Said)?),
                None => None,
            };
            let days = self::days(list, report).ok_or(Said)?;
            return Ok(Some(Spanned { value: Within::Days { days, cycle }, span: list.span.clone() }));
        }
    }
    Err(Said)
}

fn days(list: &Spanned<Vec<Spanned<i64>>>, report: &mut Report) -> Option<Vec<u32>> {
    if list.value.is_empty() {
        report.add(&list.span, KeyError::Empty { key: "days" });
        return None;
    }
    let mut days: Vec<u32> = Vec::new();
    for number in &list.value {
        let day = report.count("days", number, [1, MAX_TIMES])?;
        if days.last().is_some_and(|&before| day <= before) {
            report.add(&number.span, SentenceError::DaysNotIncreasing { day });
            return None;
        }
        days.push(day);
    }
    Some(days)
}

/// How long doses go on: by one of four keys.
fn length(table: &DoseTable, report: &mut Report) -> Result<Option<Spanned<Length>>, Said> {
    let DoseTable { cycles, doses, length, until, .. } = table;
    let given = [
        ("cycles", cycles.as_ref().map(|cycles| &cycles.span)),
        ("doses", doses.as_ref().map(|doses| &doses.span)),
        ("for", length.as_ref().map(|length| &length.span)),
        ("until", until.as_ref().map(|until| &until.span)),
    ];
    let mut given = given.into_iter().filter_map(|(key, span)| Some((key, span?.clone())));
    let Some((first, span)) = given.next() else { return Ok(None) };
    if let Some((second, span)) = given.next() {
        report.conflict(&span, first, second);
        return Err(Said);
    }
    let count = |number: &Spanned<i64>, report: &mut Report| report.count(first, number, [1, MAX_TIMES]);
    let value = match (cycles, doses, length, until) {
        (Some(number), ..) => count(number, report).map(Length::Cycles),
        (_, Some(number), ..) => count(number, report).map(Length::Doses),
        (_, _, Some(text), _) => report.time(text).map(Length::For),
        (.., Some(text)) if text.value == "end" => Some(Length::End),
        (.., Some(text)) => report.time(text).map(Length::Until),
        _ => None,
    };
    value.map(|value| Some(Spanned { value, span })).ok_or(Said)
}

/// When doses are given, and before time 0 if they are at steady state.
#[derive(Default)]
pub(super) struct Times {
    pub(super) given: Vec<Ticks>,
    pub(super) steady: Option<Period>,
}

/// Makes courses of doses.
pub(super) struct Maker<'a> {
    pub(super) drugs: &'a [Settings],
    /// The end of the run: whether it is said, and when that is.
    pub(super) run: Option<Option<Ticks>>,
}

impl Maker<'_> {
    /// The courses of one sentence or table, and when what follows them would begin.
    pub(super) fn courses(
        &self,
        sources: Vec<Source>,
        report: &mut Report,
    ) -> Option<(Vec<Course>, Option<Ticks>)> {
        let mut courses = Vec::new();
        let mut before: Option<Timetable> = None;
        let mut drug = None;
        for mut source in sources {
            // What follows `then` is of the same drug, if it does not say another.
            source.part.drug = source.part.drug.or(drug);
            drug = source.part.drug.clone();
            if before.is_none() {
                let steady = &mut source.part.when.steady;
                *steady = steady.take().or_else(|| self.settings(drug.as_ref())?.steady.clone());
            }
            let table =
                match timetable(&source.part.when, &source.part.span, before.as_ref(), self.run.flatten()) {
                    Ok(table) => table,
                    Err((error @ SentenceError::NoEnd, span)) => {
                        if self.run.is_none() {
                            report.add_if_complete(&span, error);
                        }
                        return None;
                    }
                    Err((error, span)) => {
                        report.add(&span, error);
                        return None;
                    }
                };
            let times = Times { given: table.times.clone(), steady: table.steady.clone() };
            courses.push(self.course(source, times, report)?);
            before = Some(table);
        }
        Some((courses, before.and_then(|before| before.end)))
    }

    /// A course with these times.
    pub(super) fn course(&self, source: Source, times: Times, report: &mut Report) -> Option<Course> {
        let (drug, part) = self.resolved(source.part, report)?;
        self.resolved_course(drug, part, source.limits, times, report)
    }

    /// The drug, and with what its table says of doses.
    pub(super) fn resolved(&self, mut part: Part, report: &mut Report) -> Option<(usize, Part)> {
        let drug = self.drug(&part, report)?;
        let settings = &self.drugs[drug];
        part.drug = settings.drug.name.clone();
        if part.into.is_empty() {
            part.into = settings.into.clone().unwrap_or_default();
        }
        let bolus = || Spanned { value: Infusion::Bolus, span: part.span.clone() };
        let infusion = part.infusion.take().or_else(|| settings.infusion.clone());
        part.infusion = infusion.or_else(|| Some(bolus()));
        Some((drug, part))
    }

    /// A course of what is said in full.
    pub(super) fn resolved_course(
        &self,
        drug: usize,
        part: Part,
        limits: Limits,
        times: Times,
        report: &mut Report,
    ) -> Option<Course> {
        let settings = &self.drugs[drug];
        let said = sentence::print(std::slice::from_ref(&part));
        let amount = part.amount.map(|Spanned { value, span }| match value {
            Written::Dose(dose) => AmountOf::Dose(Spanned { value: dose, span }),
            Written::Expression { text, unit } => AmountOf::Expression { text, unit },
        });
        let limits = limits.or(&settings.limits);
        let has_tiers = limits.has_tiers;
        let Some(amount) = limits.on(amount) else {
            if !has_tiers {
                report.add_if_complete(&part.span, DosingError::NoAmount);
            }
            return None;
        };
        let course = Course {
            drug,
            said,
            amount,
            factor: 1.0,
            loading: false,
            into: part.into,
            infusion: part.infusion?,
            times: times.given,
            steady: times.steady,
        };
        if course.into.is_empty() && !course.is_nothing() {
            report.add_if_complete(&part.span, DosingError::NoState { table: settings.table.clone() });
            return None;
        }
        size_grows_dose(&course, report);
        Some(course)
    }

    /// What is said of a drug, of the only one if none is named.
    fn settings(&self, drug: Option<&Spanned<String>>) -> Option<&Settings> {
        let is_it = |settings: &&Settings| match (drug, &settings.drug.name) {
            (None, _) => self.drugs.len() == 1,
            (Some(drug), name) => name.as_ref().is_some_and(|name| name.value == drug.value),
        };
        self.drugs.iter().find(is_it)
    }

    /// Position of the drug.
    fn drug(&self, part: &Part, report: &mut Report) -> Option<usize> {
        let name = |settings: &Settings| settings.drug.name.as_ref().map(|name| name.value.clone());
        let known = || self.drugs.iter().filter_map(name).collect::<Vec<_>>();
        match &part.drug {
            None if self.drugs.len() == 1 => Some(0),
            None => {
                report.add_if_complete(&part.span, DosingError::WhichDrug { known: known() });
                None
            }
            Some(of) => {
                let found = self.drugs.iter().position(|settings| name(settings).as_ref() == Some(&of.value));
                if found.is_none() {
                    let unknown = DosingError::UnknownDrug { name: of.value.clone(), known: known() };
                    report.add_if_complete(&of.span, unknown);
                }
                found
            }
        }
    }
}

/// Checks that a limit of body size limits something.
fn size_grows_dose(course: &Course, report: &mut Report) {
    let Some(Spanned { value: size, span }) = &course.amount.size_at_most else { return };
    let (per, size) = match size {
        BodySize::Kilograms(size) => (Per::Kilogram, format!("{size} kg")),
        BodySize::SquareMetres(size) => (Per::SquareMetre, format!("{size} m2")),
    };
    let doses = || course.amount.doses();
    if !doses().any(|dose| dose.value.per == per) {
        let dose = doses().next().map_or_else(|| "an expression".into(), |dose| dose.value.text.clone());
        report.add(span, DosingError::OtherSize { size, dose });
    }
}
