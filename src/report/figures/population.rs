//! Who the patients are: the covariates that they were given, beside what the cohort file asks for.

use std::collections::BTreeMap;

use super::super::facts::Facts;
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, Mark, Symbol, colour};
use super::super::rows::numbers;
use super::correlations::{Pair, correlations};
use super::percent;
use crate::diagnostic::Problems;
use crate::outcome::distribution::{mean, quantile, standard_deviation};
use crate::readable::number;
use crate::store::Set;
use crate::table::{ColumnMeta, Table, Values};

/// As many patients are shown: the first, who are as random as any.
const PATIENTS: usize = 20_000;
const BINS: usize = 30;

/// What the first patients were given of a covariate.
#[derive(Default)]
struct Given {
    /// Numbers, of patients in order; NaN is missing.
    values: Vec<f64>,
    /// Patients by label.
    words: BTreeMap<String, u64>,
}

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let columns: Vec<_> = facts.job.sampler.column_meta().collect();
    let mut given = given(facts, &columns)?;
    let mut sheet =
        Sheet::new(["covariate", "unit", "n", "mean", "sd", "5 %", "median", "95 %", "shares", "asked for"]);
    let mut panels = Vec::new();
    let correlations = correlations(facts, |name| {
        let position = columns.iter().position(|meta| meta.name == name)?;
        Some(given[position].values.as_slice())
    });
    for (meta, given) in columns.iter().zip(&mut given) {
        let asked = facts.job.sampler.asked(&meta.name);
        if given.words.is_empty() {
            given.values.retain(|value| value.is_finite());
            given.values.sort_unstable_by(f64::total_cmp);
            sheet.row(of_numbers(meta, &given.values, asked.as_deref()));
            panels.extend(panel(meta, &given.values, asked.as_deref()));
        } else {
            sheet.row(of_words(facts, meta, &given.words, asked.as_deref()));
        }
    }
    for Pair { names, asked, found, n } in &correlations {
        let own = [names.clone(), "correlation".into(), n.to_string()];
        let blank = (0..5).map(|_| "-".to_owned());
        sheet.row(own.into_iter().chain(blank).chain([format!("{found:.2}"), format!("{asked:.2}")]));
    }
    let screening = facts.manifest.screening;
    let mut says = format!(
        "The covariates of the virtual patients (of the first {PATIENTS} at most), and the curve that the cohort file asks \
         for within the covariate's own bounds: they differ where patients are screened out. {} candidates were drawn, \
         and {} % of them were not eligible.",
        screening.drawn,
        percent(screening.screened_out)
    );
    if !correlations.is_empty() {
        says += " Correlations are of normal scores, which the values follow; those found are by ranks.";
        panels.push(("Correlations".to_owned(), scatter(&correlations)));
    }
    let svg = plot::panels(&panels);
    Ok((!sheet.rows.is_empty()).then(|| Figure { title: "Patients".into(), says, svg, sheet }))
}

/// What the first patients were given.
fn given(facts: &Facts, columns: &[&ColumnMeta]) -> Result<Vec<Given>, Problems> {
    let names: Vec<&str> = columns.iter().map(|meta| meta.name.as_str()).collect();
    let mut all: Vec<Given> = names.iter().map(|_| Given::default()).collect();
    let mut seen = 0;
    facts.scan_while(Set::Patients, &names, |rows: &Table| {
        let taken = rows.rows().min(PATIENTS - seen);
        for (name, given) in names.iter().zip(&mut all) {
            match rows.column(name).map(|column| &column.values) {
                Some(Values::Label { codes, labels }) => {
                    for code in codes.iter().take(taken).flatten() {
                        *given.words.entry(labels[*code as usize].clone()).or_default() += 1;
                    }
                }
                _ => given.values.extend(&numbers(rows, name)[..taken]),
            }
        }
        seen += taken;
        seen < PATIENTS
    })?;
    Ok(all)
}

/// The row of a covariate that has labels.
fn of_words(
    facts: &Facts,
    meta: &ColumnMeta,
    words: &BTreeMap<String, u64>,
    asked: Option<&[(f64, f64)]>,
) -> Vec<String> {
    let all: u64 = words.values().sum();
    let share =
        |(label, count): (&String, &u64)| format!("{label} {} %", percent(*count as f64 / all as f64));
    let shares: Vec<String> = words.iter().map(share).collect();
    let labels = facts.job.cohort.covariate(&meta.name).and_then(|drawn| drawn.distribution.labels());
    let asked = labels.zip(asked).map(|(labels, asked)| {
        let of_label = |position: usize| asked.iter().filter(move |of| of.0 == position as f64);
        let share = |(position, label): (usize, &String)| {
            format!("{label} {} %", percent(of_label(position).map(|of| of.1).sum()))
        };
        labels.iter().enumerate().map(share).collect::<Vec<_>>().join(", ")
    });
    let blank = (0..5).map(|_| "-".to_owned());
    let own = [meta.name.clone(), meta.unit.clone(), all.to_string()];
    own.into_iter().chain(blank).chain([shares.join(", "), asked.unwrap_or_else(|| "-".into())]).collect()
}

/// The row of a covariate that has numbers, sorted.
fn of_numbers(meta: &ColumnMeta, values: &[f64], asked: Option<&[(f64, f64)]>) -> Vec<String> {
    let (centre, sd) = (mean(values), standard_deviation(values));
    let cells =
        [centre, sd, quantile(values, 0.05), quantile(values, 0.5), quantile(values, 0.95)].map(number);
    let asked = asked.map(|asked| {
        let mut sorted = asked.to_vec();
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let [low, middle, high] = [0.05, 0.5, 0.95].map(|share| number(weighted_quantile(&sorted, share)));
        format!("median {middle}, 5 to 95 % {low} to {high}")
    });
    let own = [meta.name.clone(), meta.unit.clone(), values.len().to_string()];
    let rest = ["-".to_owned(), asked.unwrap_or_else(|| "-".into())];
    own.into_iter().chain(cells).chain(rest).collect()
}

/// The value up to which a share of sorted values with their shares lies.
fn weighted_quantile(sorted: &[(f64, f64)], share: f64) -> f64 {
    let mut below = 0.0;
    let found = sorted.iter().find(|(_, weight)| {
        below += weight;
        below >= share
    });
    found.or(sorted.last()).map_or(f64::NAN, |found| found.0)
}

/// The histogram of sorted values, and what was asked for; none of values that are all the same.
fn panel(meta: &ColumnMeta, sorted: &[f64], asked: Option<&[(f64, f64)]>) -> Option<(String, String)> {
    let (&low, &high) = (sorted.first()?, sorted.last()?);
    if low >= high {
        return None;
    }
    let axes = Axes { x: format!("{}, {}", meta.name, meta.unit), y: "patients".into(), ..Axes::default() };
    let bins = Bins::of(sorted, low, high);
    let edge = |i: f64| bins.start + bins.width * i;
    let counts = bins.sums(sorted.iter().map(|&value| (value, 1.0)));
    let asked = asked.map(|asked| {
        let expected = bins.sums(asked.iter().map(|&(value, share)| (value, share * sorted.len() as f64)));
        let points = expected.into_iter().enumerate().map(|(i, n)| [edge(i as f64 + 0.5), n]).collect();
        let (colour, name) = (colour(1), "asked for".to_owned());
        match bins.is_whole {
            true => Mark::Symbols { points, colour, name, symbol: Symbol::Circle },
            false => Mark::Line { points, colour, name },
        }
    });
    let edges = (0..=bins.count).map(|i| edge(i as f64)).collect();
    let title = format!("{} ({})", meta.meaning, meta.name);
    Some((title, plot::histogram(&axes, edges, counts, asked.as_slice())))
}

/// Correlations found against those asked for.
fn scatter(correlations: &[Pair]) -> String {
    let axes = Axes { x: "asked for".into(), y: "found".into(), range: Some([-1.0, 1.0]), ..Axes::default() };
    let same = vec![[-1.0, -1.0], [1.0, 1.0]];
    let points = correlations.iter().map(|pair| [pair.asked, pair.found]).collect();
    let marks = [
        Mark::Thread { points: same, colour: colour(1), name: "as asked for".into() },
        Mark::Symbols { points, colour: colour(0), name: String::new(), symbol: Symbol::Circle },
    ];
    plot::marks(&axes, &marks)
}

/// Equal bins.
struct Bins {
    start: f64,
    width: f64,
    count: usize,
    /// Whether each is of one whole number.
    is_whole: bool,
}

impl Bins {
    /// Over sorted values; whole numbers of few kinds have a bin each.
    fn of(sorted: &[f64], low: f64, high: f64) -> Self {
        let is_whole = sorted.iter().all(|value| value.fract() == 0.0) && high - low < BINS as f64;
        if is_whole {
            Self { start: low - 0.5, width: 1.0, count: (high - low) as usize + 1, is_whole }
        } else {
            Self { start: low, width: (high - low) / BINS as f64, count: BINS, is_whole }
        }
    }

    /// The sum of weights in each; what lies in none is left out.
    fn sums(&self, weighted: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
        let mut sums = vec![0.0; self.count];
        for (value, weight) in weighted {
            let position = (value - self.start) / self.width;
            // The last bin holds its upper end.
            if position >= 0.0 && position <= self.count as f64 {
                sums[(position as usize).min(self.count - 1)] += weight;
            }
        }
        sums
    }
}
