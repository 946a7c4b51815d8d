//! What a data set has beside what simulations of its individuals show: a visual predictive check (Holford 2005;
//! Karlsson and Holford 2008).

use super::super::facts::Facts;
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, Mark, colour};
use super::super::rows::numbers;
use crate::cohort::columns::{DV, EVID, REPLICATE, TIME};
use crate::diagnostic::Problems;
use crate::outcome::distribution::quantile;
use crate::readable::number;
use crate::store::{Set, StoreError};
use crate::table::{ColumnMeta, Table};

/// The quantiles that are compared.
const QUANTILES: [f64; 3] = [0.05, 0.5, 0.95];
/// The share of the replicates that lies within a band.
const BAND: [f64; 2] = [0.025, 0.975];
/// So many replicates make a band; of fewer the quantile of all is a line.
const FEWEST_REPLICATES: usize = 20;
/// As many simulated values of a measure are looked at: of whole replicates, the first.
const MOST_VALUES: usize = 4_000_000;
/// Times are put together where there are more.
const MOST_TIMES: usize = 24;
/// As many observed values are drawn: equally many are passed over between them.
const MOST_POINTS: usize = 1_500;
/// The ending of a measure that is simulated with its residual error.
const SIMULATED: &str = "_sim";
const BLACK: &str = "currentColor";

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    if facts.job.sampler.data().is_none() {
        return Ok(None);
    }
    let measures = measures(&facts.job.plan.trajectory_columns);
    let observed = Observed::read(facts)?;
    if measures.is_empty() || observed.points.is_empty() {
        return Ok(None);
    }
    let bins = Bins::of(&observed.points);
    let replicates = observed.replicates.min(MOST_VALUES / observed.points.len()).max(1);
    let simulated = simulated(facts, &measures, &bins, replicates)?;
    // What is observed is of the one measure that has a residual error.
    let of_dv = measures.iter().filter(|meta| meta.name.ends_with(SIMULATED)).count() == 1;
    let by_bin = observed.by_bin(&bins);
    let nothing = vec![Vec::new(); by_bin.len()];
    let time = &facts.job.plan.time_unit;
    let mut sheet = Sheet::new(["measure", "unit"]);
    sheet.columns.push(format!("time, {time}"));
    sheet
        .columns
        .extend(["quantile", "n observed", "observed", "simulated", "2.5 %", "97.5 %"].map(String::from));
    let mut panels = Vec::new();
    for (meta, values) in measures.iter().zip(simulated) {
        let has_dv = of_dv && meta.name.ends_with(SIMULATED);
        let own = if has_dv { &by_bin } else { &nothing };
        let mut marks = Vec::new();
        for (i, share) in QUANTILES.into_iter().enumerate() {
            let of_bin = |bin: usize| Simulated::of(&values[bin], share);
            let of_bins: Vec<Simulated> = (0..bins.middles.len()).map(of_bin).collect();
            let found = bins.middles.iter().zip(own).filter(|(_, own)| !own.is_empty());
            let found: Vec<[f64; 2]> = found.map(|(&time, own)| [time, quantile(own, share)]).collect();
            marks.extend(drawn(&bins, &of_bins, i, replicates));
            if has_dv {
                let name = if i == 1 { "observed: median, 5 %, 95 %" } else { "" };
                marks.push(Mark::Line { points: found, colour: BLACK, name: name.into() });
            }
            for (bin, simulated) in of_bins.iter().enumerate() {
                let own = &own[bin];
                let shown = if own.is_empty() { "-".into() } else { number(quantile(own, share)) };
                sheet.row(
                    [meta.name.clone(), meta.unit.clone(), number(bins.middles[bin])].into_iter().chain([
                        format!("{} %", number(100.0 * share)),
                        own.len().to_string(),
                        shown,
                        number(simulated.middle),
                        number(simulated.band[0]),
                        number(simulated.band[1]),
                    ]),
                );
            }
        }
        if has_dv {
            marks.push(observed.drawn());
        }
        let axes = Axes {
            x: format!("time, {time}"),
            y: format!("{}, {}", meta.name, meta.unit),
            ..Axes::default()
        };
        panels.push((meta.meaning.clone(), plot::marks(&axes, &marks)));
    }
    let says = says(&observed, replicates, of_dv);
    Ok(Some(Figure { title: "Predictive check".into(), says, svg: plot::panels(&panels), sheet }))
}

fn says(observed: &Observed, replicates: usize, of_dv: bool) -> String {
    let with = if of_dv && observed.has_dv() {
        format!(
            "Lines and points: what the data set has, {} values. ",
            observed.points.iter().filter(|point| point.value.is_finite()).count()
        )
    } else {
        String::new()
    };
    let bands = if replicates >= FEWEST_REPLICATES {
        format!(
            "Bands: where 95 % of {replicates} simulations of the same individuals at the same times have their median and \
             their 5 and 95 % quantiles."
        )
    } else {
        format!(
            "Coloured lines: the median and the 5 and 95 % quantiles of {replicates} simulation{} of the same individuals \
             at the same times; {FEWEST_REPLICATES} or more replicates make bands of them.",
            if replicates == 1 { "" } else { "s" }
        )
    };
    format!("{with}{bands}")
}

/// The measures that are shown: with their residual error, where they have one.
fn measures(columns: &[ColumnMeta]) -> Vec<ColumnMeta> {
    let has_error =
        |meta: &ColumnMeta| columns.iter().any(|other| other.name == format!("{}{SIMULATED}", meta.name));
    columns.iter().filter(|meta| !has_error(meta)).cloned().collect()
}

/// A time at which an individual is observed, and what was.
struct Point {
    time: f64,
    /// NaN where the data set has nothing.
    value: f64,
}

/// What the data set has.
struct Observed {
    points: Vec<Point>,
    replicates: usize,
}

impl Observed {
    fn read(facts: &Facts) -> Result<Self, StoreError> {
        let mut observed = Self { points: Vec::new(), replicates: 1 };
        let has_dv = facts.job.sampler.data().is_some_and(|data| data.has(crate::dataset::Item::Dv));
        let wanted: &[&str] = if has_dv { &[REPLICATE, TIME, EVID, DV] } else { &[REPLICATE, TIME, EVID] };
        facts.scan(Set::Observations, wanted, |rows| {
            let [replicates, times, values] = [REPLICATE, TIME, DV].map(|name| numbers(rows, name));
            for row in observations(rows) {
                observed.replicates = observed.replicates.max(replicates[row] as usize + 1);
                if replicates[row] == 0.0 {
                    let value = values.get(row).copied().unwrap_or(f64::NAN);
                    observed.points.push(Point { time: times[row], value });
                }
            }
        })?;
        Ok(observed)
    }

    fn has_dv(&self) -> bool {
        self.points.iter().any(|point| point.value.is_finite())
    }

    /// Its values in each bin, sorted.
    fn by_bin(&self, bins: &Bins) -> Vec<Vec<f64>> {
        let mut values = vec![Vec::new(); bins.middles.len()];
        for point in self.points.iter().filter(|point| point.value.is_finite()) {
            values[bins.bin(point.time)].push(point.value);
        }
        values.into_iter().map(sorted).collect()
    }

    fn drawn(&self) -> Mark {
        let known: Vec<[f64; 2]> =
            self.points.iter().filter(|point| point.value.is_finite()).map(|p| [p.time, p.value]).collect();
        let every = known.len().div_ceil(MOST_POINTS).max(1);
        Mark::Symbols {
            points: known.into_iter().step_by(every).collect(),
            colour: BLACK,
            name: String::new(),
            symbol: plot::Symbol::Dot,
        }
    }
}

/// The rows that are observations: other events are read, too.
fn observations(rows: &Table) -> impl Iterator<Item = usize> + use<> {
    let kinds = numbers(rows, EVID);
    (0..kinds.len()).filter(move |&row| kinds[row] == 0.0)
}

/// Times that are looked at together.
struct Bins {
    /// The last time of each, in order.
    ends: Vec<f64>,
    /// The median time of each.
    middles: Vec<f64>,
}

impl Bins {
    /// Every time, or as many bins with about equally many observations.
    fn of(points: &[Point]) -> Self {
        let times = sorted(points.iter().map(|point| point.time).collect());
        let mut ends = times.clone();
        ends.dedup();
        if ends.len() > MOST_TIMES {
            ends = (1..=MOST_TIMES).map(|i| times[(i * times.len()).div_ceil(MOST_TIMES) - 1]).collect();
            ends.dedup();
        }
        let mut first = 0;
        let middle = |&end: &f64| {
            let own = &times[first..times.partition_point(|&time| time <= end)];
            first += own.len();
            quantile(own, 0.5)
        };
        let middles = ends.iter().map(middle).collect();
        Self { ends, middles }
    }

    fn bin(&self, time: f64) -> usize {
        self.ends.partition_point(|&end| end < time).min(self.ends.len() - 1)
    }
}

/// Simulated values, `[measure][bin][replicate]`, those of a replicate sorted.
type Values = Vec<Vec<Vec<Vec<f64>>>>;

fn simulated(
    facts: &Facts,
    measures: &[ColumnMeta],
    bins: &Bins,
    replicates: usize,
) -> Result<Values, StoreError> {
    let mut wanted = vec![REPLICATE, TIME, EVID];
    wanted.extend(measures.iter().map(|meta| meta.name.as_str()));
    let mut values: Values = vec![vec![vec![Vec::new(); replicates]; bins.middles.len()]; measures.len()];
    facts.scan(Set::Observations, &wanted, |rows| {
        let [of_rows, times] = [REPLICATE, TIME].map(|name| numbers(rows, name));
        for (meta, of_measure) in measures.iter().zip(&mut values) {
            let column = numbers(rows, &meta.name);
            for row in observations(rows) {
                let replicate = of_rows[row] as usize;
                if replicate < replicates && column[row].is_finite() {
                    of_measure[bins.bin(times[row])][replicate].push(column[row]);
                }
            }
        }
    })?;
    for of_replicate in values.iter_mut().flatten().flatten() {
        of_replicate.sort_unstable_by(f64::total_cmp);
    }
    Ok(values)
}

/// A quantile in the replicates: its median, and where most of them have it.
struct Simulated {
    middle: f64,
    band: [f64; 2],
}

impl Simulated {
    fn of(replicates: &[Vec<f64>], share: f64) -> Self {
        let of_each = replicates.iter().filter(|values| !values.is_empty());
        let found = sorted(of_each.map(|values| quantile(values, share)).collect());
        Self { middle: quantile(&found, 0.5), band: BAND.map(|end| quantile(&found, end)) }
    }
}

/// A quantile over time as a band, or a line where replicates are few.
fn drawn(bins: &Bins, simulated: &[Simulated], quantile: usize, replicates: usize) -> Vec<Mark> {
    let colour = colour(usize::from(quantile == 1));
    let name = match quantile {
        0 => "simulated: 5 % and 95 %",
        1 => "simulated: median",
        _ => "",
    };
    let of = |value: &dyn Fn(&Simulated) -> f64| -> Vec<[f64; 2]> {
        bins.middles.iter().zip(simulated).map(|(&time, own)| [time, value(own)]).collect()
    };
    let line = Mark::Line { points: of(&|own| own.middle), colour, name: name.into() };
    if replicates < FEWEST_REPLICATES {
        return vec![line];
    }
    let points = bins.middles.iter().zip(simulated).map(|(&time, own)| [time, own.band[0], own.band[1]]);
    let band = Mark::Band { points: points.collect(), colour, opacity: 0.35 };
    // A curve so thin gives the band its name.
    let thread = Mark::Thread { points: of(&|own| own.middle), colour, name: name.into() };
    vec![band, thread]
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}
