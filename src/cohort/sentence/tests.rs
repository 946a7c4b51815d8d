#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::timetable::{Timetable, timetable};
use super::*;
use crate::cohort::Per;
use crate::diagnostic::Cause;

const H: Ticks = 3_600;
const DAY: Ticks = 24 * H;

/// What is understood of a sentence.
fn understood(text: &str) -> String {
    print(&parse(text).unwrap())
}

/// The times of a sentence's doses, part by part, in a run of 100 days.
fn times(text: &str) -> Vec<Vec<Ticks>> {
    let mut before: Option<Timetable> = None;
    let parts = parse(text).unwrap();
    let tables = parts.iter().map(|part| {
        let table = timetable(&part.when, &part.span, before.as_ref(), Some(100 * DAY)).unwrap();
        before = Some(table.clone());
        table.times
    });
    tables.collect()
}

/// The days of a sentence's doses, part by part, the first 1.
fn days(text: &str) -> Vec<Vec<f64>> {
    let day = |time: Ticks| f64::from(time) / f64::from(DAY) + 1.0;
    times(text).into_iter().map(|times| times.into_iter().map(day).collect()).collect()
}

#[test]
fn sentences_of_protocols_are_understood() {
    for (text, expected) in [
        ("100 mg", "100 mg"),
        (
            "100 mg over 2 h q24h x 7 then 50 mg q12h x 20",
            "100 mg over 2 h every 1 day x 7 then 50 mg every 12 h x 20",
        ),
        ("0.4mg/kg q3w x6", "0.4 mg/kg every 21 day x 6"),
        ("5 mg bid for 12 weeks", "5 mg every 12 h for 84 day"),
        ("10 mg once daily until the end", "10 mg every 1 day until end"),
        ("10 mg twice DAILY X 4 doses", "10 mg every 12 h x 4"),
        ("10 mg tid x 3", "10 mg every 8 h x 3"),
        ("10 mg qid x 3", "10 mg every 6 h x 3"),
        ("10 mg every other day x 3", "10 mg every 2 day x 3"),
        ("10 mg QOD x 3", "10 mg every 2 day x 3"),
        ("10 mg every day × 3", "10 mg every 1 day x 3"),
        ("10 mg once weekly x 3", "10 mg every 7 day x 3"),
        ("10 mg q 2 weeks x 3", "10 mg every 14 day x 3"),
        ("10 mg q12 h x 3", "10 mg every 12 h x 3"),
        (
            "100 mg/m2 of cisplatin into central as a bolus on days 1, 8 and 15 of each 28-day cycle for 6 cycles",
            "100 mg/m2 of cisplatin into central as a bolus on days 1, 8, 15 of 28-day cycles for 6 cycles",
        ),
        (
            "1250 mg/m2 bid on days 1-14 of 3-week cycles until 63 days",
            "1250 mg/m2 every 12 h on days 1-14 of 21-day cycles until 63 day",
        ),
        (
            "50 mg daily, 4 weeks on, 2 weeks off, for 4 cycles",
            "50 mg every 1 day 28 day on 14 day off for 4 cycles",
        ),
        (
            "0.16 mg on day 1 then 0.8 mg on day 8 then 48 mg weekly until end from day 22",
            "0.16 mg on day 1 then 0.8 mg on day 8 then 48 mg every 7 day until end from day 22",
        ),
        ("480 mg into depot and central at 20 mg/h", "480 mg into depot, central at 20 mg/h"),
        ("480 mg at 48 mg/day", "480 mg at 2 mg/h"),
        (
            "(5 * (GFR + 25)) mg of carboplatin over 1 h q3w x 4",
            "(5 * (GFR + 25)) mg of carboplatin over 1 h every 21 day x 4",
        ),
        ("8 mg/kg then 6 mg/kg q3w x 5 after 3 weeks", "8 mg/kg then 6 mg/kg every 21 day x 5 after 21 day"),
        ("of mavacamten daily x 2", "of mavacamten every 1 day x 2"),
        ("10 mg q12h x 3 cycles", "10 mg every 12 h for 3 cycles"),
    ] {
        assert_eq!(understood(text), expected, "{text}");
        assert_eq!(understood(expected), expected);
    }
}

/// By hand.
#[test]
fn doses_come_when_protocols_say() {
    assert_eq!(days("8 mg"), [[1.0]]);
    assert_eq!(days("8 mg q3w x 3"), [[1.0, 22.0, 43.0]]);
    assert_eq!(
        times("100 mg q24h x 3 then 50 mg q12h x 2"),
        [vec![0, DAY, 2 * DAY], vec![3 * DAY, 3 * DAY + 12 * H]]
    );
    assert_eq!(days("8 mg then 6 mg q3w x 2 after 3 weeks"), [vec![1.0], vec![22.0, 43.0]]);
    // One interval after the last dose, and two days more.
    assert_eq!(days("8 mg q3w x 1 then 6 mg q3w x 2 after 2 days"), [vec![1.0], vec![24.0, 45.0]]);
    assert_eq!(
        days(
            "0.16 mg on day 1 then 0.8 mg on day 8 then 24 mg on day 15 then 48 mg weekly until end from day 22"
        ),
        [
            vec![1.0],
            vec![8.0],
            vec![15.0],
            vec![22.0, 29.0, 36.0, 43.0, 50.0, 57.0, 64.0, 71.0, 78.0, 85.0, 92.0, 99.0]
        ]
    );
    assert_eq!(
        days("1 mg on days 1, 8, 15 of 28-day cycles for 2 cycles"),
        [[1.0, 8.0, 15.0, 29.0, 36.0, 43.0]]
    );
    assert_eq!(days("1 mg on days 1, 8, 15 of 28-day cycles for 4 doses"), [[1.0, 8.0, 15.0, 29.0]]);
    // What follows begins with the next cycle.
    assert_eq!(days("1 mg on days 1, 8 of 28-day cycles for 1 cycles then 2 mg")[1], [29.0]);
    assert_eq!(days("1 mg on days 1, 8 of 28-day cycles for 3 doses then 2 mg")[1], [57.0]);
    assert_eq!(days("1 mg daily for 3 days then 2 mg")[1], [4.0]);
    assert_eq!(days("1 mg bid on days 1-2 of 7-day cycles for 8 days"), [[1.0, 1.5, 2.0, 2.5, 8.0, 8.5]]);
    assert_eq!(days("1 mg on days 2, 4 of 7-day cycles for 2 cycles from day 8"), [[9.0, 11.0, 16.0, 18.0]]);
    assert_eq!(days("1 mg daily 2 days on 5 days off for 2 cycles"), [[1.0, 2.0, 8.0, 9.0]]);
    assert_eq!(days("1 mg daily until end")[0].len(), 100);
    assert_eq!(days("1 mg q3w until 42 days"), [[1.0, 22.0]]);
    assert_eq!(days("1 mg after 7 days"), [[8.0]]);
}

/// What is told, and the text at the place that it names.
fn told(text: &str) -> (String, &str, String) {
    let (error, place) = match parse(text) {
        Err(wrong) => wrong,
        Ok(parts) => {
            let mut before: Option<Timetable> = None;
            let mut wrong = None;
            for part in &parts {
                match timetable(&part.when, &part.span, before.as_ref(), None) {
                    Ok(table) => before = Some(table),
                    Err(error) => {
                        wrong = Some(error);
                        break;
                    }
                }
            }
            wrong.unwrap()
        }
    };
    (error.to_string(), &text[place], error.help().unwrap_or_default())
}

#[test]
fn what_is_wrong_says_where_and_what_would_be_right() {
    for (text, message, place, help) in [
        ("", "the dosing sentence is empty", "", "100 mg over 2 h"),
        ("100 mg daily x 2 then", "nothing follows `then`", "", ""),
        (
            "100 mg weekli x 7",
            "`weekli` means nothing in a dosing sentence",
            "weekli",
            "did you mean `weekly`?",
        ),
        ("100 mg PO daily x 7", "`PO` means nothing in a dosing sentence", "PO", "an amount comes first"),
        ("100 mg of", "`of` does not say which drug", "", "of NAME"),
        ("100 mg into", "`into` does not say which state", "", "into central"),
        ("100 mg over q3w", "`over` does not say how long", "", "over 2 h"),
        ("100 mg over 2 hrz q3w", "`hrz` is not a unit of time", "2 hrz", "accepted units"),
        ("100 mg at 5 mg q3w", "`mg` is not a unit of rate", "5 mg", "as mg/h"),
        ("100 mg q24 x 3", "`q24` does not say in which unit of time", "q24", "`q24h`, `q24d` or `q24w`"),
        ("100 mg q3m x 3", "`m` is not a unit of time", "q3m", ""),
        ("100 mg q0h x 3", "it is not said how far apart the doses are", "q0h", ""),
        ("100 mg daily bid x 3", "how often is said twice", "bid", "`then`"),
        ("100 mg daily x 3 for 2 weeks", "how long doses go on is said twice", "x 3", "`then`"),
        ("100 mg daily x 1.5", "`1.5` is not a whole number of doses, 1 or more", "1.5", "x 6"),
        ("100 mg daily x 0", "`0` is not a whole number of doses, 1 or more", "0", ""),
        (
            "100 mg on days 1, 8 of 21-day cycles x 6",
            "`x 6` may be 6 cycles or 6 doses",
            "x 6",
            "`for 6 cycles`",
        ),
        ("100 mg daily 4 weeks on 2 weeks off x 6", "`x 6` may be 6 cycles or 6 doses", "x 6", ""),
        ("100 mg on days 8, 1 of 21-day cycles", "day 1 does not come after the day before it", "1", ""),
        ("100 mg on days of 21-day cycles", "`of` is not a whole number of days, 1 or more", "of", ""),
        (
            "100 mg on days 1, 29 of 28-day cycles for 2 cycles",
            "a cycle of 28 day has no day 29",
            "on days 1, 29 of 28-day cycles",
            "",
        ),
        ("100 mg on day 8 of cycle 1", "`of` does not say how long the cycles are", "of", ""),
        ("100 mg on 3 weeks", "`on` does not say on which days", "on", ""),
        ("100 mg daily 4 weeks on", "`on` does not say how long not", "", ""),
        ("100 mg daily 4 weeks", "`4 weeks` means nothing in a dosing sentence", "4 weeks", ""),
        ("(5 * (GFR + 25) mg q3w", "the parenthesis is not closed", "(5 * (GFR + 25) mg q3w", ""),
        ("(5 * GFR) mL q3w x 2", "`mL` is not a unit of dose", "mL", ""),
        ("(5 * GFR) mg/kg q3w x 2", "`mg/kg` is not a unit of amount", "mg/kg", ""),
        (
            "100 mg daily until progression",
            "doses cannot go on until `progression`",
            "progression",
            "rules of dosing",
        ),
        ("100 mg q3w", "it is not said how long doses go on", "100 mg q3w", "x 6"),
        ("100 mg x 6", "it is not said how far apart the doses are", "x 6", "q3w"),
        (
            "100 mg 4 weeks on 2 weeks off",
            "it is not said how far apart the doses are",
            "4 weeks on 2 weeks off",
            "",
        ),
        ("100 mg on days 1, 8 for 6 cycles", "these doses are given once", "for 6 cycles", "21-day cycles"),
        (
            "100 mg q36h on days 1, 8",
            "every 36 h is longer than a day, and doses are given on certain days",
            "q36h",
            "",
        ),
        (
            "100 mg daily until end",
            "nothing says when the run ends, up to which doses go on",
            "100 mg daily until end",
            "[visits]",
        ),
        (
            "8 mg then 6 mg q3w x 5",
            "nothing says how long after the dose before `then` this begins",
            "6 mg q3w x 5",
            "after 7 days",
        ),
        (
            "8 mg on day 8 then 6 mg on day 1",
            "this begins at 0 day, and the dose before it is given at 7 day",
            "6 mg on day 1",
            "later",
        ),
        (
            "8 mg daily until 7 day from day 8",
            "no dose is given: they would begin at 7 day and end before 7 day",
            "8 mg daily until 7 day from day 8",
            "",
        ),
        (
            "8 mg every 1 s until 100 day",
            "there are more than 100000 doses",
            "8 mg every 1 s until 100 day",
            "",
        ),
        (
            "8 mg every 50 year x 4",
            "the doses take longer than 136 years, the longest time there is",
            "8 mg every 50 year x 4",
            "",
        ),
    ] {
        let (found, at, told) = told(text);
        assert_eq!((found.as_str(), at), (message, place), "{text}");
        assert!(told.contains(help), "{text}: {told}");
    }
}

fn bare<T>(value: T) -> Spanned<T> {
    Spanned { value, span: 0..0 }
}

fn any_amount() -> impl Strategy<Value = Written> {
    let unit = prop::sample::select(vec!["mg", "ug", "nmol", "IU"]);
    let per =
        prop::sample::select(vec![("", Per::Patient), ("/kg", Per::Kilogram), ("/m2", Per::SquareMetre)]);
    let number = (0.001..1e6_f64, unit.clone(), per).prop_map(|(amount, unit, (suffix, per))| {
        let text = format!("{amount} {unit}{suffix}");
        Written::Dose(Dose { text, amount, unit: Unit::parse(unit), per })
    });
    let expression = ("[A-Z]{1,4} [*+] \\([a-z]{1,3}, [0-9]\\)", unit)
        .prop_map(|(text, unit)| Written::Expression { text: bare(text), unit: Unit::parse(unit) });
    prop_oneof![number, expression]
}

fn any_infusion() -> impl Strategy<Value = Infusion> {
    prop_oneof![
        Just(Infusion::Bolus),
        Just(Infusion::Model),
        (1..10_000_000_u32).prop_map(Infusion::Duration),
        (0.01..1e3_f64)
            .prop_map(|amount_per_hour| Infusion::Rate { amount_per_hour, unit: Unit::parse("mg") }),
    ]
}

fn any_within() -> impl Strategy<Value = Within> {
    let time = 1..100 * DAY;
    let days = prop::collection::btree_set(1..200_u32, 1..8);
    prop_oneof![
        (time.clone(), time.clone()).prop_map(|(on, off)| Within::OnOff { on, off }),
        (days, prop::option::of(time))
            .prop_map(|(days, cycle)| Within::Days { days: days.into_iter().collect(), cycle }),
    ]
}

fn any_when() -> impl Strategy<Value = When> {
    let length = prop_oneof![
        (1..500_u32).prop_map(Length::Doses),
        (1..500_u32).prop_map(Length::Cycles),
        (1..1000 * DAY).prop_map(Length::For),
        (1..1000 * DAY).prop_map(Length::Until),
        Just(Length::End),
    ];
    let start = prop_oneof![(0..100 * DAY).prop_map(Start::After), (1..500_u32).prop_map(Start::Day)];
    let every = prop::option::of(1..100 * DAY);
    let steady = prop::option::of(Just(true));
    (every, prop::option::of(any_within()), prop::option::of(length), prop::option::of(start), steady)
        .prop_map(|(every, within, length, start, steady)| When {
            every: every.map(bare),
            within: within.map(bare),
            times: None,
            length: length.map(bare),
            start: start.map(bare),
            steady: steady.map(bare),
        })
}

fn any_part() -> impl Strategy<Value = Part> {
    let name = "[a-z][a-z0-9_]{3,8}_";
    let into = prop::collection::vec(name, 0..3);
    (any_amount(), prop::option::of(name), into, prop::option::of(any_infusion()), any_when()).prop_map(
        |(amount, drug, into, infusion, when)| Part {
            amount: Some(bare(amount)),
            drug: drug.map(bare),
            into: into.into_iter().map(bare).collect(),
            infusion: infusion.map(bare),
            when,
            span: 0..0,
        },
    )
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_what_it_was(parts in prop::collection::vec(any_part(), 1..4)) {
        let text = print(&parts);
        let read = parse(&text);
        prop_assert!(read.is_ok(), "{text}: {read:?}");
        let read: Vec<Part> = read.unwrap().into_iter().map(|part| part.placed(&|_| 0..0)).collect();
        prop_assert_eq!(&read, &parts, "{}", text);
        prop_assert_eq!(print(&read), text);
    }

    /// Whatever is written, it is read or refused at a place within it, and its times increase.
    #[test]
    fn no_text_makes_it_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "100", "mg", "0.5mg/kg", "of", "a", "into", ",", "over", "2", "h", "at", "5 mg/h", "q12h", "q3w", "q",
                "every", "daily", "bid", "once", "x", "6", "x6", "for", "cycles", "doses", "until", "end", "on", "days",
                "1", "8", "1-5", "to", "and", "28-day", "off", "weeks", "then", "after", "from", "day", "(", ")", "é",
                "day 3", "-", "1e9", "4294967295", "as a bolus",
            ]),
            0..14,
        ),
        noise in ".{0,6}",
    ) {
        let text = words.join(" ") + &noise;
        match parse(&text) {
            Err((_, place)) => prop_assert!(text.get(place.clone()).is_some(), "{text}: {place:?}"),
            Ok(parts) => {
                let mut before: Option<Timetable> = None;
                for part in &parts {
                    prop_assert!(text.get(part.span.clone()).is_some());
                    match timetable(&part.when, &part.span, before.as_ref(), Some(1000 * DAY)) {
                        Ok(table) => {
                            prop_assert!(table.times.is_sorted_by(|a, b| a < b), "{text}");
                            before = Some(table);
                        }
                        Err(_) => break,
                    }
                }
            }
        }
    }
}
