//! From when doses are given to the times themselves.

use std::ops::Range;

use super::{Length, SentenceError, Start, When, Within};
use crate::cohort::validate::MAX_TIMES;
use crate::cohort::{Period, Spanned, Ticks, quantity};
use crate::unit::SECONDS_PER_DAY;

/// Times of doses, and when what follows them begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cohort) struct Timetable {
    /// The times, increasing, at least one.
    pub(in crate::cohort) times: Vec<Ticks>,
    /// The end of the last interval or cycle; unknown where there is none.
    pub(in crate::cohort) end: Option<Ticks>,
    /// Those before time 0, if they are at steady state.
    pub(in crate::cohort) steady: Option<Period>,
    /// Whether they go on to the end of the run.
    goes_on: bool,
}

/// Something that is wrong, and the place of what is.
type Wrong = (SentenceError, Range<usize>);

/// The times of a part of a sentence.
///
/// - `span`: the part's place.
/// - `before`: the times of the part before it, if there is one.
/// - `run`: the end of the run, if it is known.
pub(in crate::cohort) fn timetable(
    when: &When,
    span: &Range<usize>,
    before: Option<&Timetable>,
    run: Option<Ticks>,
) -> Result<Timetable, Wrong> {
    let wrong = |error| (error, span.clone());
    consistent(when).map_err(|(error, place)| (error, place.unwrap_or_else(|| span.clone())))?;
    let begin = begin(when, before).map_err(wrong)?;
    let plan = Plan { when, begin, stop: stop(when, begin, run).map_err(wrong)? };
    let times = plan.times().map_err(wrong)?;
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
        let [start, end] = [begin, plan.stop.unwrap_or(begin)].map(time_text);
        return Err(wrong(SentenceError::Nothing { start, end }));
    };
    let end = plan
        .end(last, times.len())
        .map(Ticks::try_from)
        .transpose()
        .map_err(|_| wrong(SentenceError::TooLong))?;
    if let Some(&before) = before.and_then(|before| before.times.last())
        && first <= before
    {
        let [start, before] = [first, before].map(quantity::time_text);
        return Err(wrong(SentenceError::Overlap { start, before }));
    }
    let goes_on = when.length.as_ref().is_some_and(|length| length.value == Length::End);
    let steady = steady(&plan, before)?;
    Ok(Timetable { times, end, steady, goes_on })
}

/// The doses before time 0 of what is at steady state.
fn steady(plan: &Plan<'_>, before: Option<&Timetable>) -> Result<Option<Period>, Wrong> {
    let Some(Spanned { value: true, span }) = &plan.when.steady else { return Ok(None) };
    let wrong = |error| Err((error, span.clone()));
    if before.is_some() {
        return wrong(SentenceError::SteadyAfter);
    }
    let every = plan.when.every.as_ref().map(|every| u64::from(every.value));
    let is_once = plan.when.times.is_some() || plan.when.within.is_some() && plan.cycle().is_none();
    let Some(length) = plan.cycle().or(every).filter(|_| !is_once) else {
        return wrong(SentenceError::SteadyOnce);
    };
    // Doses within cycles are of whole cycles before time 0.
    let latest = if plan.cycle().is_some() { 0 } else { length - 1 };
    if plan.begin > latest {
        let [start, period] = [plan.begin, length].map(time_text);
        return wrong(SentenceError::SteadyLate { start, period });
    }
    let end = plan.begin + length;
    let all = Plan { when: &When { length: None, ..plan.when.clone() }, stop: Some(end), ..*plan };
    let times = all.times().map_err(|error| (error, span.clone()))?;
    Ok(Some(Period { length: Ticks::try_from(length).unwrap_or(Ticks::MAX), times }))
}

/// Checks what must be said together, and what cannot be.
fn consistent(when: &When) -> Result<(), (SentenceError, Option<Range<usize>>)> {
    let When { every, within, times, length, .. } = when;
    let at = |error, place: &Range<usize>| Err((error, Some(place.clone())));
    let within = within.as_ref().map(|within| (&within.value, &within.span));
    if let (Some(every), Some((Within::Days { .. }, _))) = (every, within)
        && every.value > SECONDS_PER_DAY
    {
        let text = quantity::time_text(every.value);
        return at(SentenceError::LongerThanADay { every: text }, &every.span);
    }
    if let Some((Within::Days { days, cycle: Some(cycle) }, span)) = within
        && let Some(&day) = days.iter().find(|&&day| u64::from(day) * DAY > u64::from(*cycle))
    {
        return at(SentenceError::NoSuchDay { day, cycle: quantity::time_text(*cycle) }, span);
    }
    let once = times.is_some() || matches!(within, Some((Within::Days { cycle: None, .. }, _)));
    match (every, within, length) {
        (_, _, Some(length)) if once => at(SentenceError::Once, &length.span),
        (None, Some((Within::OnOff { .. }, span)), _) => at(SentenceError::NoInterval, span),
        (None, None, Some(length)) => at(SentenceError::NoInterval, &length.span),
        (Some(_), _, None) | (None, Some(_), None) if !once => Err((SentenceError::NoLength, None)),
        _ => Ok(()),
    }
}

/// Seconds in a day.
const DAY: u64 = SECONDS_PER_DAY as u64;

/// When the first dose would be given, but for days of cycles.
fn begin(when: &When, before: Option<&Timetable>) -> Result<u64, SentenceError> {
    let day = |day: u32| u64::from(day.saturating_sub(1)) * DAY;
    let on_days = matches!(when.within.as_ref().map(|w| &w.value), Some(Within::Days { cycle: None, .. }));
    let start = when.start.as_ref().map(|start| start.value);
    let Some(before) = before else {
        return Ok(match start {
            Some(Start::After(wait)) => u64::from(wait),
            Some(Start::Day(number)) => day(number),
            None => 0,
        });
    };
    if before.goes_on {
        return Err(SentenceError::AfterTheEnd);
    }
    match (start, before.end, before.times.last()) {
        (Some(Start::Day(number)), ..) => Ok(day(number)),
        (Some(Start::After(wait)), end, last) => {
            Ok(u64::from(end.or(last.copied()).unwrap_or(0)) + u64::from(wait))
        }
        // Days that are given once are days of the whole sentence.
        (None, ..) if on_days => Ok(0),
        (None, Some(end), _) => Ok(u64::from(end)),
        (None, None, _) => Err(SentenceError::NoStart),
    }
}

/// The time before which doses end, if it is a time that says so.
fn stop(when: &When, begin: u64, run: Option<Ticks>) -> Result<Option<u64>, SentenceError> {
    Ok(match when.length.as_ref().map(|length| length.value) {
        Some(Length::For(time)) => Some(begin + u64::from(time)),
        Some(Length::Until(time)) => Some(u64::from(time)),
        Some(Length::End) => Some(u64::from(run.ok_or(SentenceError::NoEnd)?)),
        Some(Length::Doses(_) | Length::Cycles(_)) | None => None,
    })
}

/// Doses from their beginning on.
struct Plan<'a> {
    when: &'a When,
    begin: u64,
    stop: Option<u64>,
}

impl Plan<'_> {
    fn times(&self) -> Result<Vec<Ticks>, SentenceError> {
        let most = match self.when.length.as_ref().map(|length| length.value) {
            Some(Length::Doses(count)) => count,
            Some(Length::Cycles(count)) if self.cycle().is_none() => count,
            _ => u32::MAX,
        };
        let mut times = Vec::new();
        'windows: for window in self.windows() {
            for time in self.within(window) {
                if times.len() >= most as usize || self.stop.is_some_and(|stop| time >= stop) {
                    break 'windows;
                }
                if times.len() >= MAX_TIMES as usize {
                    return Err(SentenceError::TooMany);
                }
                times.push(Ticks::try_from(time).map_err(|_| SentenceError::TooLong)?);
            }
        }
        Ok(times)
    }

    /// The stretches in which doses are given, one after the other, each its beginning and its end.
    fn windows(&self) -> Box<dyn Iterator<Item = [u64; 2]> + '_> {
        let begin = self.begin;
        let cycles = match self.when.length.as_ref().map(|length| length.value) {
            Some(Length::Cycles(count)) => u64::from(count),
            _ => u64::MAX,
        };
        // No cycle is shorter than a second, and no time longer than 32 bits.
        let cycles = 0..cycles.min(u64::from(Ticks::MAX) + 1);
        match self.when.within.as_ref().map(|within| &within.value) {
            None => Box::new(std::iter::once([begin, u64::MAX])),
            Some(&Within::OnOff { on, off }) => {
                let length = u64::from(on) + u64::from(off);
                let window = move |cycle| [begin + cycle * length, begin + cycle * length + u64::from(on)];
                Box::new(cycles.map(window))
            }
            Some(Within::Days { days, cycle }) => {
                let (cycles, length) = cycle.map_or((0..1, 0), |length| (cycles, u64::from(length)));
                Box::new(cycles.flat_map(move |cycle| {
                    days.iter().map(move |&day| {
                        let start = begin + cycle * length + u64::from(day.saturating_sub(1)) * DAY;
                        [start, start + DAY]
                    })
                }))
            }
        }
    }

    /// The doses within a stretch.
    fn within(&self, [from, to]: [u64; 2]) -> Box<dyn Iterator<Item = u64> + '_> {
        match (&self.when.times, &self.when.every) {
            (Some(times), _) => Box::new(times.value.iter().map(move |&time| from + u64::from(time))),
            (None, Some(every)) => Box::new((from..to).step_by(every.value.max(1) as usize)),
            (None, None) => Box::new(std::iter::once(from)),
        }
    }

    /// The length of a cycle, if there are any.
    fn cycle(&self) -> Option<u64> {
        match self.when.within.as_ref()?.value {
            Within::Days { cycle, .. } => cycle.map(u64::from),
            Within::OnOff { on, off } => Some(u64::from(on) + u64::from(off)),
        }
    }

    /// When what follows the last dose begins.
    fn end(&self, last: Ticks, doses: usize) -> Option<u64> {
        if let Some(stop) = self.stop {
            return Some(stop);
        }
        let last = u64::from(last);
        match (self.cycle(), &self.when.every) {
            (Some(length), _) => Some(self.begin + ((last - self.begin) / length + 1) * length),
            // Of days that are given once nothing says when the next would come.
            (None, _) if self.when.within.is_some() || doses == 0 => None,
            (None, Some(every)) => Some(last + u64::from(every.value)),
            (None, None) => None,
        }
    }
}

fn time_text(time: u64) -> String {
    quantity::time_text(Ticks::try_from(time).unwrap_or(Ticks::MAX))
}
