//! What was understood, as a sentence again.

use std::fmt::Write;

use super::{Length, Part, Start, When, Within, Written};
use crate::cohort::{Infusion, Ticks, quantity};
use crate::unit::Unit;

/// The parts as one sentence, in the words that stand for each thing alone: reading it gives the same parts.
pub(in crate::cohort) fn print(parts: &[Part]) -> String {
    parts.iter().map(part).collect::<Vec<_>>().join(" then ")
}

fn part(part: &Part) -> String {
    let mut words = Vec::new();
    words.extend(part.amount.as_ref().map(|amount| written(&amount.value)));
    words.extend(part.drug.as_ref().map(|drug| format!("of {}", drug.value)));
    if !part.into.is_empty() {
        let names: Vec<&str> = part.into.iter().map(|name| name.value.as_str()).collect();
        words.push(format!("into {}", names.join(", ")));
    }
    words.extend(part.infusion.as_ref().map(|infusion| entry(&infusion.value)));
    words.extend(when(&part.when));
    words.join(" ")
}

fn written(amount: &Written) -> String {
    match amount {
        Written::Dose(dose) => format!("{} {}", dose.amount, dose.unit_text()).trim_end().into(),
        Written::Expression { text, unit } if *unit == Unit::one() => format!("({})", text.value),
        Written::Expression { text, unit } => format!("({}) {unit}", text.value),
    }
}

fn entry(infusion: &Infusion) -> String {
    match infusion {
        Infusion::Bolus => "as a bolus".into(),
        Infusion::Duration(time) => format!("over {}", quantity::time_text(*time)),
        Infusion::Rate { amount_per_hour, unit } => format!("at {amount_per_hour} {unit}/h"),
        Infusion::Model => "as modelled".into(),
    }
}

fn when(when: &When) -> Vec<String> {
    let every = when.every.as_ref().map(|every| format!("every {}", quantity::time_text(every.value)));
    let within = when.within.as_ref().map(|within| self::within(&within.value));
    let times = when.times.as_ref().map(|times| {
        let times: Vec<String> = times.value.iter().map(|&time| quantity::time_text(time)).collect();
        format!("at {}", times.join(", "))
    });
    let is_cyclic = when.within.is_some();
    let length = when.length.as_ref().map(|length| match length.value {
        Length::Doses(count) if is_cyclic => format!("for {count} doses"),
        Length::Doses(count) => format!("x {count}"),
        Length::Cycles(count) => format!("for {count} cycles"),
        Length::For(time) => format!("for {}", quantity::time_text(time)),
        Length::Until(time) => format!("until {}", quantity::time_text(time)),
        Length::End => "until end".into(),
    });
    let start = when.start.as_ref().map(|start| match start.value {
        Start::After(time) => format!("after {}", quantity::time_text(time)),
        Start::Day(day) => format!("from day {day}"),
    });
    let steady = when.steady.as_ref().filter(|steady| steady.value).map(|_| "at steady state".into());
    [every, times, within, length, start, steady].into_iter().flatten().collect()
}

fn within(within: &Within) -> String {
    match within {
        Within::OnOff { on, off } => {
            format!("{} on {} off", quantity::time_text(*on), quantity::time_text(*off))
        }
        Within::Days { days, cycle } => {
            let plural = if days.len() == 1 { "" } else { "s" };
            let of = cycle.map(|cycle| format!(" of {} cycles", compound(cycle))).unwrap_or_default();
            format!("on day{plural} {}{of}", self::days(days))
        }
    }
}

/// `28-day`.
fn compound(time: Ticks) -> String {
    quantity::time_text(time).replace(' ', "-")
}

/// Days, three or more in a row as the first and the last.
fn days(days: &[u32]) -> String {
    let mut text = String::new();
    let mut rest = days;
    while let Some(&first) = rest.first() {
        let run = rest.iter().zip(first..).take_while(|(day, expected)| **day == *expected).count();
        let (run, last) = if run >= 3 { (run, Some(rest[run - 1])) } else { (1, None) };
        let comma = if text.is_empty() { "" } else { ", " };
        let _ = match last {
            Some(last) => write!(text, "{comma}{first}-{last}"),
            None => write!(text, "{comma}{first}"),
        };
        rest = &rest[run..];
    }
    text
}
