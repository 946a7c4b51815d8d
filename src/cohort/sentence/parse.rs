//! From the words of a sentence to what they say.

use std::ops::Range;

use super::words::{self, THEN, Words};
use super::{Length, Part, SentenceError, Start, Within, Written};
use crate::cohort::quantity::{self, QuantityError};
use crate::cohort::{Infusion, Spanned, Ticks};
use crate::unit::{SECONDS_PER_DAY, Unit};

/// Something that is wrong, and its place in the sentence.
type Wrong = (SentenceError, Range<usize>);

/// Reads a dosing sentence: its parts, one for each `then` and one more.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub(in crate::cohort) fn parse(text: &str) -> Result<Vec<Part>, Wrong> {
    let mut words = Words::new(text);
    let mut parts = Vec::new();
    loop {
        parts.push(part(&mut words, !parts.is_empty())?);
        if !words.skip(THEN) {
            return Ok(parts);
        }
    }
}

/// Whether a text says more than an amount.
pub(in crate::cohort) fn is_sentence(text: &str) -> bool {
    Words::new(text).say_more_than_an_amount()
}

/// One part, up to `then` or the end.
fn part(words: &mut Words<'_>, after_then: bool) -> Result<Part, Wrong> {
    let start = words.place().start;
    let is_end = |words: &Words<'_>| words.peek().is_none_or(|word| word.eq_ignore_ascii_case(THEN));
    if is_end(words) {
        return Err((SentenceError::Empty { after_then }, words.place()));
    }
    let mut part = Part { amount: amount(words)?, ..Part::default() };
    let mut count = None;
    while !is_end(words) {
        if !words.skip(",") {
            clause(words, &mut part, &mut count)?;
        }
    }
    if let Some(Spanned { value, span }) = count {
        if matches!(&part.when.within, Some(within) if within.value.is_cyclic()) {
            return Err((SentenceError::Ambiguous { count: value }, span));
        }
        once(&mut part.when.length, Length::Doses(value), span, "how long doses go on")?;
    }
    part.span = words.since(start);
    Ok(part)
}

impl Within {
    /// Whether it comes again.
    fn is_cyclic(&self) -> bool {
        !matches!(self, Self::Days { cycle: None, .. })
    }
}

/// The amount that a part begins with: a number, or an expression between parentheses, and a unit.
fn amount(words: &mut Words<'_>) -> Result<Option<Spanned<Written>>, Wrong> {
    let place = words.place();
    match words.peek().and_then(|word| word.chars().next()) {
        Some('(') => expression(words, place).map(Some),
        Some(first) if first.is_ascii_digit() || matches!(first, '+' | '-' | '.') => {
            let (text, span) = words.quantity();
            let dose = quantity::dose(text).map_err(|error| (error.into(), span.clone()))?;
            Ok(Some(Spanned { value: Written::Dose(dose), span }))
        }
        _ => Ok(None),
    }
}

fn expression(words: &mut Words<'_>, place: Range<usize>) -> Result<Spanned<Written>, Wrong> {
    let Some((text, span)) = words.next() else { return Err((SentenceError::NotClosed, place)) };
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let Some(inner) = inner.filter(|_| is_closed(text)) else {
        return Err((SentenceError::NotClosed, span));
    };
    let text = Spanned { value: inner.to_owned(), span: span.start + 1..span.end - 1 };
    let (unit, at) = words.quantity();
    let unit = unit_of_amount(unit).map_err(|error| (error.into(), at.clone()))?;
    Ok(Spanned { value: Written::Expression { text, unit }, span: span.start..at.end })
}

/// Whether the first parenthesis is closed by the last letter, and not before.
fn is_closed(text: &str) -> bool {
    let depth = |letter| match letter {
        '(' => 1,
        ')' => -1,
        _ => 0,
    };
    text.chars().map(depth).sum::<i32>() == 0
}

/// The unit of an amount that is an expression.
pub(in crate::cohort) fn unit_of_amount(text: &str) -> Result<Unit, QuantityError> {
    quantity::dose(&format!("1 {text}")).and_then(|dose| match dose.per.covariate() {
        None => Ok(dose.unit),
        Some(_) => Err(QuantityError::WrongUnit {
            unit: text.into(),
            kind: "amount",
            near: None,
            accepted: crate::unit::AMOUNT_WORDS.join(", "),
        }),
    })
}

/// Keeps what a clause says, if nothing has said it before.
fn once<T>(
    place: &mut Option<Spanned<T>>,
    value: T,
    span: Range<usize>,
    what: &'static str,
) -> Result<(), Wrong> {
    if place.is_some() {
        return Err((SentenceError::Twice { what }, span));
    }
    *place = Some(Spanned { value, span });
    Ok(())
}

/// One clause.
fn clause(words: &mut Words<'_>, part: &mut Part, count: &mut Option<Spanned<u32>>) -> Result<(), Wrong> {
    let place = words.place();
    let start = place.start;
    if words.peek().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        let within = on_off(words)?;
        return once(&mut part.when.within, within, words.since(start), "when in a cycle doses are given");
    }
    let Some((word, _)) = words.next() else { return Ok(()) };
    let lower = word.to_ascii_lowercase();
    let when = &mut part.when;
    match lower.as_str() {
        "of" => {
            let (name, span) = name(words, word, "which drug", "100 mg of NAME daily x 7")?;
            once(&mut part.drug, name, span, "the drug")
        }
        "into" | "in" => into(words, word, &mut part.into),
        "over" => {
            let time = time(words, word, "how long", "100 mg over 2 h q24h x 7")?;
            once(&mut part.infusion, over(time), words.since(start), "how doses enter")
        }
        "ss" => once(&mut when.steady, true, place, "that doses are at steady state"),
        "at" if words.skip_any(&["steady", "steady-state"]) => {
            words.skip("state");
            once(&mut when.steady, true, words.since(start), "that doses are at steady state")
        }
        "at" => {
            let (text, span) = words.quantity();
            let (amount_per_hour, unit) = quantity::rate(text).map_err(|error| (error.into(), span))?;
            let rate = Infusion::Rate { amount_per_hour, unit };
            once(&mut part.infusion, rate, words.since(start), "how doses enter")
        }
        "as" => {
            words.skip("a");
            let input = match () {
                () if words.skip("bolus") => Infusion::Bolus,
                () if words.skip("modelled") => Infusion::Model,
                () => return Err(incomplete(word, "how doses enter", "100 mg as a bolus", place)),
            };
            once(&mut part.infusion, input, words.since(start), "how doses enter")
        }
        "bolus" => once(&mut part.infusion, Infusion::Bolus, place, "how doses enter"),
        "on" => {
            let days = on_days(words, word, place)?;
            once(&mut when.within, days, words.since(start), "when in a cycle doses are given")
        }
        "for" => {
            let length = length(words, word, place)?;
            once(&mut when.length, length, words.since(start), "how long doses go on")
        }
        "until" => {
            let length = until(words, word)?;
            once(&mut when.length, length, words.since(start), "how long doses go on")
        }
        "after" => {
            let wait = time(words, word, "how long", "then 50 mg q12h x 20 after 7 days")?;
            once(&mut when.start, Start::After(wait), words.since(start), "when doses begin")
        }
        "from" => {
            let example = "from day 22";
            if !words.skip("day") {
                return Err(incomplete(word, "from which day", example, place));
            }
            let (text, span) = name(words, word, "from which day", example)?;
            let day = whole(&text, "days", &span)?;
            once(&mut when.start, Start::Day(day), words.since(start), "when doses begin")
        }
        _ if lower == "x" || lower == "×" || words::is_count(&lower) => {
            times(words, &lower, start, part, count)
        }
        _ => {
            let every = every(words, word, place)?;
            once(&mut part.when.every, every, words.since(start), "how often")
        }
    }
}

fn over(time: Ticks) -> Infusion {
    if time == 0 { Infusion::Bolus } else { Infusion::Duration(time) }
}

fn incomplete(after: &str, what: &'static str, example: &'static str, place: Range<usize>) -> Wrong {
    (SentenceError::Incomplete { after: after.into(), what, example }, place)
}

fn name(
    words: &mut Words<'_>,
    after: &str,
    what: &'static str,
    example: &'static str,
) -> Result<(String, Range<usize>), Wrong> {
    let place = words.place();
    let name = words.name().map(|(name, span)| (name.to_owned(), span));
    name.ok_or_else(|| incomplete(after, what, example, place))
}

/// The names of states: `central`, `depot and central`.
fn into(words: &mut Words<'_>, word: &str, names: &mut Vec<Spanned<String>>) -> Result<(), Wrong> {
    let (value, span) = name(words, word, "which state", "100 mg into central daily x 7")?;
    if !names.is_empty() {
        return Err((SentenceError::Twice { what: "where doses go" }, span));
    }
    names.push(Spanned { value, span });
    loop {
        let goes_on = words.skip_any(&[",", "and"]);
        match words.peek() {
            Some(next)
                if goes_on && !words::is_keyword(next) && !next.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                let (value, span) = name(words, word, "which state", "100 mg into depot and central")?;
                names.push(Spanned { value, span });
            }
            _ => return Ok(()),
        }
    }
}

/// A time after a word.
fn time(
    words: &mut Words<'_>,
    after: &str,
    what: &'static str,
    example: &'static str,
) -> Result<Ticks, Wrong> {
    let (text, span) = words.quantity();
    if text.is_empty() {
        return Err(incomplete(after, what, example, span));
    }
    clock(text).map_err(|error| (error.into(), span))
}

/// A time in which weeks may be written `w`.
fn clock(text: &str) -> Result<Ticks, QuantityError> {
    let weeks = text.trim_end().strip_suffix(['w', 'W']);
    match weeks.filter(|rest| rest.trim_end().ends_with(|c: char| c.is_ascii_digit())) {
        Some(number) => quantity::time(&format!("{number}week")),
        None => quantity::time(text),
    }
}

/// `4 weeks on 2 weeks off`.
fn on_off(words: &mut Words<'_>) -> Result<Within, Wrong> {
    const EXAMPLE: &str = "50 mg daily, 4 weeks on 2 weeks off, for 4 cycles";
    let start = words.place();
    let (text, span) = words.quantity();
    let on = clock(text).map_err(|error| (error.into(), span.clone()))?;
    if !words.skip("on") {
        return Err((SentenceError::Unknown { word: text.into() }, span));
    }
    words.skip(",");
    words.skip("and");
    let off = time(words, "on", "how long not", EXAMPLE)?;
    if !words.skip("off") || on == 0 {
        return Err(incomplete(text, "for how long doses are given and for how long not", EXAMPLE, start));
    }
    Ok(Within::OnOff { on, off })
}

/// `days 1, 8 and 15 of 28-day cycles`.
fn on_days(words: &mut Words<'_>, word: &str, place: Range<usize>) -> Result<Within, Wrong> {
    const EXAMPLE: &str = "100 mg on days 1, 8, 15 of 28-day cycles for 6 cycles";
    if !words.skip_any(&["days", "day"]) {
        return Err(incomplete(word, "on which days", EXAMPLE, place));
    }
    let mut days: Vec<u32> = Vec::new();
    while let Some((text, span)) = words.name() {
        let (first, last) = match text.split_once(['-', '–']) {
            Some((first, last)) => (whole(first, "days", &span)?, whole(last, "days", &span)?),
            None => whole(text, "days", &span).map(|day| (day, day))?,
        };
        let last = if words.skip("to") {
            let (text, span) = name(words, "to", "which day", EXAMPLE)?;
            whole(&text, "days", &span)?
        } else {
            last
        };
        if days.last().is_some_and(|&before| first <= before) || last < first {
            return Err((SentenceError::DaysNotIncreasing { day: first.max(last) }, span));
        }
        if u64::from(last - first) >= u64::from(crate::cohort::validate::MAX_TIMES) {
            return Err((SentenceError::TooMany, span));
        }
        days.extend(first..=last);
        let goes_on = words.skip(",") | words.skip("and");
        let is_number = words.peek().is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
        if !(goes_on && is_number) {
            break;
        }
    }
    if days.is_empty() {
        return Err(incomplete(word, "on which days", EXAMPLE, place));
    }
    Ok(Within::Days { days, cycle: cycle(words)? })
}

/// `of 28-day cycles`, `of each 4-week cycle`; nothing of another kind.
fn cycle(words: &mut Words<'_>) -> Result<Option<Ticks>, Wrong> {
    let is_length = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let begins =
        |word: &str| ["a", "each", "every", "the", "cycle", "cycles"].contains(&word) || is_length(word);
    if !words.peek_after("of").is_some_and(begins) {
        return Ok(None);
    }
    let place = words.place();
    words.skip("of");
    words.skip_any(&["a", "each", "every", "the"]);
    let length = words.up_to(&["cycle", "cycles"]).filter(|(text, _)| is_length(text));
    let Some((text, span)) = length else {
        let example = "on days 1, 8 of 21-day cycles for 6 cycles";
        return Err(incomplete("of", "how long the cycles are", example, place));
    };
    words.skip_any(&["cycle", "cycles"]);
    let length = clock(&text.replace('-', " ")).map_err(|error| (error.into(), span))?;
    Ok(Some(length))
}

/// What follows `for`: a time, or a number of cycles or doses.
fn length(words: &mut Words<'_>, word: &str, place: Range<usize>) -> Result<Length, Wrong> {
    let (text, span) = words.quantity();
    let number = text.split_whitespace().next().unwrap_or_default();
    match text.split_whitespace().nth(1) {
        _ if text.is_empty() => Err(incomplete(word, "for how long", "100 mg q3w for 6 cycles", place)),
        Some("cycle" | "cycles") => whole(number, "cycles", &span).map(Length::Cycles),
        Some("dose" | "doses") => whole(number, "doses", &span).map(Length::Doses),
        _ => clock(text).map(Length::For).map_err(|error| (error.into(), span)),
    }
}

fn until(words: &mut Words<'_>, word: &str) -> Result<Length, Wrong> {
    words.skip("the");
    if words.skip("end") {
        return Ok(Length::End);
    }
    let (text, span) = words.quantity();
    match clock(text) {
        Ok(time) => Ok(Length::Until(time)),
        Err(QuantityError::NoNumber { .. }) if text.is_empty() => {
            Err(incomplete(word, "until when", "100 mg q3w until end", span))
        }
        Err(QuantityError::NoNumber { .. }) => Err((SentenceError::Until { text: text.into() }, span)),
        Err(error) => Err((error.into(), span)),
    }
}

/// `x 6`, `x6`, `x 6 doses`, `x 6 cycles`.
fn times(
    words: &mut Words<'_>,
    word: &str,
    start: usize,
    part: &mut Part,
    count: &mut Option<Spanned<u32>>,
) -> Result<(), Wrong> {
    let digits = word.trim_start_matches(['x', '×']);
    let number = if digits.is_empty() {
        let (text, span) = name(words, word, "how many doses", "100 mg q3w x 6")?;
        whole(&text, "doses", &span)?
    } else {
        whole(digits, "doses", &(start..start + word.len()))?
    };
    let what = "how long doses go on";
    if words.skip_any(&["doses", "dose"]) {
        return once(&mut part.when.length, Length::Doses(number), words.since(start), what);
    }
    if words.skip_any(&["cycles", "cycle"]) {
        return once(&mut part.when.length, Length::Cycles(number), words.since(start), what);
    }
    once(count, number, words.since(start), what)
}

/// A whole number, 1 or more.
fn whole(text: &str, of: &'static str, span: &Range<usize>) -> Result<u32, Wrong> {
    let number = text.parse().ok().filter(|&number: &u32| number > 0);
    number.ok_or_else(|| (SentenceError::NotCount { text: text.into(), of }, span.clone()))
}

/// How often: `q12h`, `every 2 weeks`, `daily`.
fn every(words: &mut Words<'_>, word: &str, place: Range<usize>) -> Result<Ticks, Wrong> {
    const DAY: Ticks = SECONDS_PER_DAY;
    let lower = word.to_ascii_lowercase();
    let every = match lower.as_str() {
        "once" | "twice" => {
            let per_day = if lower == "once" { 1 } else { 2 };
            if words.skip("daily") {
                DAY / per_day
            } else if words.skip("weekly") && per_day == 1 {
                7 * DAY
            } else {
                return Err(incomplete(word, "how often", "100 mg once daily x 7", place));
            }
        }
        "daily" | "qd" => DAY,
        "bid" => DAY / 2,
        "tid" => DAY / 3,
        "qid" => DAY / 4,
        "qod" => 2 * DAY,
        "weekly" | "qw" => 7 * DAY,
        "every" if words.skip("other") && words.skip("day") => 2 * DAY,
        "every" if words.skip("day") => DAY,
        "every" if words.skip("week") => 7 * DAY,
        "every" | "q" => time(words, word, "how often", "100 mg every 12 h x 20")?,
        _ if words::is_interval(&lower) => interval(words, word, &place)?,
        _ => return Err((SentenceError::Unknown { word: word.into() }, place)),
    };
    if every == 0 {
        return Err((SentenceError::NoInterval, words.since(place.start)));
    }
    Ok(every)
}

/// `q12h`, `q3w`, `q 12 h`, `q12 h`.
fn interval(words: &mut Words<'_>, word: &str, place: &Range<usize>) -> Result<Ticks, Wrong> {
    let length = &word[1..];
    if length.chars().all(|c| c.is_ascii_digit() || c == '.') {
        let (unit, span) = words.quantity();
        if unit.is_empty() {
            return Err((SentenceError::NoUnit { text: word.into() }, place.clone()));
        }
        return clock(&format!("{length} {unit}")).map_err(|error| (error.into(), place.start..span.end));
    }
    clock(length).map_err(|error| (error.into(), place.clone()))
}
