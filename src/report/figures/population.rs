//! Who the patients are: the covariates that they were given.

use std::collections::BTreeMap;

use super::super::facts::{Facts, labels, numbers};
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes};
use super::percent;
use crate::diagnostic::Problems;
use crate::outcome::distribution::{mean, quantile, standard_deviation};
use crate::readable::number;
use crate::store::Set;
use crate::table::{Table, Values};

/// As many patients are shown: the first, who are as random as any.
const PATIENTS: usize = 20_000;
const BINS: usize = 30;

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let columns: Vec<_> = facts.job.sampler.column_meta().collect();
    let names: Vec<&str> = columns.iter().map(|meta| meta.name.as_str()).collect();
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    let mut words: Vec<BTreeMap<String, u64>> = vec![BTreeMap::new(); names.len()];
    facts.scan(Set::Patients, &names, |rows: &Table| {
        for (i, name) in names.iter().enumerate() {
            let is_word =
                matches!(rows.column(name).map(|column| &column.values), Some(Values::Label { .. }));
            if is_word {
                labels(rows, name)
                    .into_iter()
                    .for_each(|label| *words[i].entry(label.to_owned()).or_default() += 1);
            } else if values[i].len() < PATIENTS {
                values[i].extend(numbers(rows, name).into_iter().filter(|value| value.is_finite()));
            }
        }
    })?;
    let mut sheet = Sheet::new(["covariate", "unit", "n", "mean", "sd", "5 %", "median", "95 %", "shares"]);
    let mut panels = Vec::new();
    for ((meta, mut values), words) in columns.iter().zip(values).zip(words) {
        let own = [meta.name.clone(), meta.unit.clone()];
        let title = format!("{} ({})", meta.meaning, meta.name);
        if !words.is_empty() {
            let all: u64 = words.values().sum();
            let share = |(label, count): (&String, &u64)| {
                format!("{label} {} %", percent(*count as f64 / all as f64))
            };
            let shares: Vec<String> = words.iter().map(share).collect();
            let blank = (0..5).map(|_| "-".to_owned());
            sheet.row(own.into_iter().chain([all.to_string()]).chain(blank).chain([shares.join(", ")]));
            continue;
        }
        values.truncate(PATIENTS);
        let (centre, sd) = (mean(&values), standard_deviation(&values));
        values.sort_unstable_by(f64::total_cmp);
        let of = |share| quantile(&values, share);
        let cells = [centre, sd, of(0.05), of(0.5), of(0.95)].map(number);
        sheet.row(own.into_iter().chain([values.len().to_string()]).chain(cells).chain(["-".into()]));
        let (Some(&low), Some(&high)) = (values.first(), values.last()) else { continue };
        if low < high {
            let axes =
                Axes { x: format!("{}, {}", meta.name, meta.unit), y: "patients".into(), ..Axes::default() };
            let (edges, counts) = bins(&values, low, high);
            panels.push((title, plot::histogram(&axes, edges, counts)));
        }
    }
    let screening = facts.manifest.screening;
    let says = format!(
        "The covariates of the virtual patients (of the first {PATIENTS} at most). {} candidates were drawn, and {} % of \
         them were not eligible.",
        screening.drawn,
        percent(screening.screened_out)
    );
    let svg = plot::panels(&panels);
    Ok((!sheet.rows.is_empty()).then(|| Figure { title: "Patients".into(), says, svg, sheet }))
}

/// Equal bins over sorted values: edges and counts. Whole numbers of few kinds have a bin each.
fn bins(sorted: &[f64], low: f64, high: f64) -> (Vec<f64>, Vec<f64>) {
    let is_whole = sorted.iter().all(|value| value.fract() == 0.0) && high - low < BINS as f64;
    let (start, width, count) = if is_whole {
        (low - 0.5, 1.0, (high - low) as usize + 1)
    } else {
        (low, (high - low) / BINS as f64, BINS)
    };
    let edges: Vec<f64> = (0..=count).map(|i| start + width * i as f64).collect();
    let mut counts = vec![0.0; count];
    for value in sorted {
        counts[(((value - start) / width) as usize).min(count - 1)] += 1.0;
    }
    (edges, counts)
}
