//! The words that are known, in all their spellings.

use super::{Base, SECONDS_PER_DAY};

/// One of a unit: a number of bases, `mantissa` times a power of ten.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Size {
    pub(super) mantissa: f64,
    pub(super) power: i32,
    pub(super) bases: Vec<(Base, i32)>,
}

/// Units of time, as messages name them, the shortest first.
pub const TIME_WORDS: [&str; 7] = ["s", "min", "h", "day", "week", "month", "year"];

/// Units of an amount of drug, as messages name them.
pub const AMOUNT_WORDS: [&str; 9] = ["g", "mg", "ug", "ng", "mol", "mmol", "umol", "nmol", "pmol"];

/// Kinds of units that are made of bases.
#[derive(Clone, Copy)]
enum Kind {
    Mass,
    Amount,
    Time,
    Length,
    Volume,
    /// Amount of substance per volume.
    Molar,
    /// Mass per amount of substance.
    MolarMass,
    Pressure,
    Nothing,
}

impl Kind {
    /// Its bases, and the power of ten of them that its gram, mole, second, metre, litre, ... is.
    fn bases(self) -> (i32, &'static [(Base, i32)]) {
        use Base::{Amount, Length, Mass, Time};
        match self {
            Self::Mass => (0, &[(Mass, 1)]),
            Self::Amount => (0, &[(Amount, 1)]),
            Self::Time => (0, &[(Time, 1)]),
            Self::Length => (0, &[(Length, 1)]),
            Self::Volume => (-3, &[(Length, 3)]),
            Self::Molar => (3, &[(Amount, 1), (Length, -3)]),
            Self::MolarMass => (0, &[(Mass, 1), (Amount, -1)]),
            // Pa = kg/(m s2)
            Self::Pressure => (3, &[(Mass, 1), (Time, -2), (Length, -1)]),
            Self::Nothing => (0, &[]),
        }
    }
}

/// A word that prefixes go before: `mg`, `umol`, `dL`.
struct Prefixed {
    symbol: &'static str,
    /// Other spellings.
    aliases: &'static [&'static str],
    kind: Kind,
    prefixes: &'static [&'static str],
}

const PREFIXED: [Prefixed; 8] = [
    Prefixed {
        symbol: "g",
        aliases: &["gram", "grams", "gm"],
        kind: Kind::Mass,
        prefixes: &["k", "d", "c", "m", "u", "n", "p", "f"],
    },
    Prefixed {
        symbol: "mol",
        aliases: &["mole", "moles"],
        kind: Kind::Amount,
        prefixes: &["k", "m", "u", "n", "p", "f"],
    },
    Prefixed {
        symbol: "m",
        aliases: &["metre", "metres", "meter", "meters"],
        kind: Kind::Length,
        prefixes: &["k", "d", "c", "m", "u", "n", "p"],
    },
    Prefixed {
        symbol: "L",
        aliases: &["l", "litre", "litres", "liter", "liters"],
        kind: Kind::Volume,
        prefixes: &["h", "d", "c", "m", "u", "n", "p", "f"],
    },
    Prefixed { symbol: "M", aliases: &[], kind: Kind::Molar, prefixes: &["m", "u", "n", "p", "f"] },
    Prefixed { symbol: "Da", aliases: &["dalton", "daltons"], kind: Kind::MolarMass, prefixes: &["k", "M"] },
    Prefixed { symbol: "Pa", aliases: &[], kind: Kind::Pressure, prefixes: &["k", "h"] },
    Prefixed {
        symbol: "s",
        aliases: &["sec", "secs", "second", "seconds"],
        kind: Kind::Time,
        prefixes: &["m", "u", "n"],
    },
];

/// Prefixes in all spellings: symbol, power of ten, spellings. `mc` is micro in prescriptions; the micro sign
/// comes as U+00B5 and as the Greek letter U+03BC.
const PREFIXES: [(&str, i32, &[&str]); 10] = [
    ("M", 6, &["mega"]),
    ("k", 3, &["kilo", "K"]),
    ("h", 2, &["hecto"]),
    ("d", -1, &["deci"]),
    ("c", -2, &["centi"]),
    ("m", -3, &["milli"]),
    ("u", -6, &["mc", "\u{b5}", "\u{3bc}", "micro"]),
    ("n", -9, &["nano"]),
    ("p", -12, &["pico"]),
    ("f", -15, &["femto"]),
];

/// A word without prefixes: symbol, spellings, and what one of it is.
struct Plain {
    symbol: &'static str,
    aliases: &'static [&'static str],
    kind: Kind,
    mantissa: f64,
    power: i32,
}

const fn plain(
    symbol: &'static str,
    aliases: &'static [&'static str],
    kind: Kind,
    mantissa: f64,
    power: i32,
) -> Plain {
    Plain { symbol, aliases, kind, mantissa, power }
}

/// A month is the twelfth part of a year, and a year is 365.25 days. Pound, ounce, inch and foot are those of
/// the international yard and pound agreement of 1959; mmHg is 133.322387415 Pa (Comite international des
/// poids et mesures, 1948: 13595.1 kg/m3 at 9.80665 m/s2).
const PLAIN: [Plain; 16] = [
    plain("min", &["mins", "minute", "minutes"], Kind::Time, 60.0, 0),
    plain("h", &["hr", "hrs", "hour", "hours"], Kind::Time, 3_600.0, 0),
    plain("day", &["d", "days"], Kind::Time, SECONDS_PER_DAY as f64, 0),
    plain("week", &["wk", "wks", "weeks"], Kind::Time, 604_800.0, 0),
    plain("month", &["months", "mo", "mos"], Kind::Time, 2_629_800.0, 0),
    plain("year", &["years", "yr", "yrs", "y"], Kind::Time, 31_557_600.0, 0),
    plain("lb", &["lbs", "pound", "pounds"], Kind::Mass, 453.592_37, 0),
    plain("oz", &["ounce", "ounces"], Kind::Mass, 28.349_523_125, 0),
    plain("in", &["inch", "inches"], Kind::Length, 2.54, -2),
    plain("ft", &["foot", "feet"], Kind::Length, 3.048, -1),
    plain("mL", &["cc", "ccm"], Kind::Volume, 1.0, -3),
    plain("mmHg", &[], Kind::Pressure, 133.322_387_415, 0),
    plain("um", &["micron", "microns"], Kind::Length, 1.0, -6),
    plain("%", &["percent", "pct"], Kind::Nothing, 1.0, -2),
    plain("ppm", &[], Kind::Nothing, 1.0, -6),
    plain("1", &ONE, Kind::Nothing, 1.0, 0),
];

/// What stands for no unit.
const ONE: [&str; 10] = [
    "unitless",
    "dimensionless",
    "fraction",
    "ratio",
    "proportion",
    "none",
    "(none)",
    "(unitless)",
    "-",
    "no unit",
];

/// Units that are counted, each of its own kind, with their spellings and prefixes.
const COUNTED: [(&str, &[&str], &[&str]); 10] = [
    ("IU", &["U", "iu"], &["k", "m", "u", "n", "M"]),
    ("cells", &["cell"], &[]),
    ("receptors", &["receptor"], &[]),
    ("copies", &["copy"], &[]),
    ("molecules", &["molecule"], &[]),
    ("count", &["counts"], &[]),
    ("vg", &[], &[]),
    ("CFU", &["cfu"], &[]),
    ("Eq", &["eq"], &["m", "u"]),
    ("Osm", &["osm"], &["m"]),
];

/// A known word by any of its spellings: its symbol, and what one of it is.
pub(super) fn size(word: &str) -> Option<(String, Size)> {
    exact(word).or_else(|| {
        // Words of several letters in capitals: `KG`, `Hours`. Shorter ones differ by case: `M` and `m`.
        let lower = word.to_lowercase();
        let spelt_out = lower.chars().count() >= 3 || matches!(lower.as_str(), "kg" | "hr" | "cm" | "lb");
        (lower != word && spelt_out).then(|| exact(&lower)).flatten()
    })
}

fn exact(word: &str) -> Option<(String, Size)> {
    if let Some(plain) = PLAIN.iter().find(|plain| plain.symbol == word || plain.aliases.contains(&word)) {
        return Some((plain.symbol.into(), of_kind(plain.kind, plain.mantissa, plain.power)));
    }
    prefixed(word).or_else(|| counted(word))
}

fn of_kind(kind: Kind, mantissa: f64, power: i32) -> Size {
    let (of_one, bases) = kind.bases();
    Size { mantissa, power: power + of_one, bases: bases.to_vec() }
}

/// A prefix before one of some spellings: its symbol and power of ten, none before the bare word.
fn prefix<'a>(
    word: &'a str,
    spellings: &[&'static str],
) -> impl Iterator<Item = (&'static str, i32)> + use<'a> {
    let before: Vec<&str> = spellings.iter().filter_map(|spelling| word.strip_suffix(spelling)).collect();
    before.into_iter().filter_map(|written| {
        if written.is_empty() {
            return Some(("", 0));
        }
        let known = |(symbol, _, spellings): &&(&str, i32, &[&str])| {
            *symbol == written || spellings.contains(&written)
        };
        PREFIXES.iter().find(known).map(|&(symbol, power, _)| (symbol, power))
    })
}

fn prefixed(word: &str) -> Option<(String, Size)> {
    PREFIXED.iter().find_map(|known| {
        let spellings: Vec<&str> =
            std::iter::once(known.symbol).chain(known.aliases.iter().copied()).collect();
        let (symbol, power) = prefix(word, &spellings)
            .find(|(symbol, _)| symbol.is_empty() || known.prefixes.contains(symbol))?;
        Some((format!("{symbol}{}", known.symbol), of_kind(known.kind, 1.0, power)))
    })
}

fn counted(word: &str) -> Option<(String, Size)> {
    COUNTED.iter().find_map(|&(name, aliases, prefixes)| {
        let spellings: Vec<&str> = std::iter::once(name).chain(aliases.iter().copied()).collect();
        let (symbol, power) =
            prefix(word, &spellings).find(|(symbol, _)| symbol.is_empty() || prefixes.contains(symbol))?;
        let size = Size { mantissa: 1.0, power, bases: vec![(Base::Own(name.into()), 1)] };
        Some((format!("{symbol}{name}"), size))
    })
}
