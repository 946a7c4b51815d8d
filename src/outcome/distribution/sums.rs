//! Sums of the values of many cells of patients in several arms, side by side: each in the order of its patients, and
//! to the last bit as if it were added up alone.

use super::statistics::Sum;
use crate::isa::{Arithmetic, Isa, Task};

/// A sum for each cell of patients and each arm, with the rounding error that it carries along: see [`Sum`].
#[derive(Debug, Clone)]
pub(super) struct Sums {
    arms: usize,
    /// `[cell][arm]`
    totals: Vec<f64>,
    lost: Vec<f64>,
    /// How many values were added, whole numbers; squares are not counted again.
    counts: Vec<f64>,
}

impl Sums {
    pub(super) fn new(cells: usize, arms: usize) -> Self {
        let zeros = || vec![0.0; cells * arms];
        Self { arms, totals: zeros(), lost: zeros(), counts: zeros() }
    }

    /// The sum over some cells in an arm.
    pub(super) fn total(&self, cells: &[usize], arm: usize) -> f64 {
        let places = cells.iter().map(|cell| cell * self.arms + arm);
        Sum::of(places.flat_map(|at| [self.totals[at], self.lost[at]])).total()
    }

    /// The means of cells, `[cell][arm]`; NaN of one without values.
    pub(super) fn means(&self) -> Vec<f64> {
        let sums = self.totals.iter().zip(&self.lost).zip(&self.counts);
        sums.map(|((&total, &lost), count)| Sum { total, lost }.total() / count).collect()
    }

    /// The sum of squares about the mean over some cells in an arm, from those about the means of cells: the squares of
    /// these, as often as there are values, are added (Chan, Golub and LeVeque, The American Statistician 37 (1983)
    /// 242-247).
    pub(super) fn squares_about(
        &self,
        mean: f64,
        (squares, means): (&Self, &[f64]),
        cells: &[usize],
        arm: usize,
    ) -> f64 {
        let places = cells.iter().map(|cell| cell * self.arms + arm).filter(|&at| self.counts[at] > 0.0);
        let of_cell =
            |at: usize| [squares.totals[at], squares.lost[at], self.counts[at] * (means[at] - mean).powi(2)];
        Sum::of(places.flat_map(of_cell)).total()
    }

    /// Adds the values of patients, `[patient][arm]`, each to the sums of the patient's cell; NaN is left out.
    pub(super) fn add(&mut self, isa: Isa, values: &[f64], cells: &[u32]) {
        self.each_width(isa, values, cells, None);
    }

    /// Adds the squares of their differences from the centre of each cell and arm.
    pub(super) fn add_squares(&mut self, isa: Isa, values: &[f64], cells: &[u32], centres: &[f64]) {
        self.each_width(isa, values, cells, Some(centres));
    }

    /// As many arms at a time as a few vectors hold.
    fn each_width(&mut self, isa: Isa, values: &[f64], cells: &[u32], centres: Option<&[f64]>) {
        let mut first = 0;
        while first < self.arms {
            let adding = Adding { sums: self, values, cells, centres, first };
            let left = adding.sums.arms - first;
            first += match left {
                1 => adding.run_wide::<1>(isa),
                2 => adding.run_wide::<2>(isa),
                3 => adding.run_wide::<3>(isa),
                4 => adding.run_wide::<4>(isa),
                5 => adding.run_wide::<5>(isa),
                6 => adding.run_wide::<6>(isa),
                7 => adding.run_wide::<7>(isa),
                _ => adding.run_wide::<8>(isa),
            };
        }
    }
}

/// Values on their way into sums.
struct Adding<'a> {
    sums: &'a mut Sums,
    values: &'a [f64],
    cells: &'a [u32],
    centres: Option<&'a [f64]>,
    /// The first of the arms that are added up.
    first: usize,
}

/// The same in so many arms.
struct Wide<'a, const ARMS: usize>(Adding<'a>);

impl Adding<'_> {
    fn run_wide<const ARMS: usize>(self, isa: Isa) -> usize {
        isa.run(Wide::<ARMS>(self));
        ARMS
    }
}

impl<const ARMS: usize> Task for Wide<'_, ARMS> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Adding { sums, values, cells, centres, first } = self.0;
        let width = sums.arms;
        for (values, &cell) in values.chunks_exact(width).zip(cells) {
            let at = cell as usize * width + first;
            let chunks = (
                values[first..].first_chunk::<ARMS>(),
                sums.totals[at..].first_chunk_mut::<ARMS>(),
                sums.lost[at..].first_chunk_mut::<ARMS>(),
                sums.counts[at..].first_chunk_mut::<ARMS>(),
            );
            let (Some(values), Some(totals), Some(lost), Some(counts)) = chunks else { continue };
            match centres.and_then(|centres| centres[at..].first_chunk::<ARMS>()) {
                None => {
                    add(values, totals, lost);
                    for arm in 0..ARMS {
                        counts[arm] += if values[arm].is_nan() { 0.0 } else { 1.0 };
                    }
                }
                Some(centres) => {
                    let mut squares = [0.0; ARMS];
                    for arm in 0..ARMS {
                        let from_centre = values[arm] - centres[arm];
                        squares[arm] = from_centre * from_centre;
                    }
                    add(&squares, totals, lost);
                }
            }
        }
    }
}

/// Adds a value to each sum, and what rounding loses of it to what was lost, without a branch: of two numbers, the sum
/// and its error are exact whichever is larger (Knuth, The Art of Computer Programming 2, 4.2.2, theorem B). A sum to
/// which 0 is added stays as it is.
#[inline(always)]
fn add<const ARMS: usize>(values: &[f64; ARMS], totals: &mut [f64; ARMS], lost: &mut [f64; ARMS]) {
    for arm in 0..ARMS {
        let (value, total) = (if values[arm].is_nan() { 0.0 } else { values[arm] }, totals[arm]);
        let next = total + value;
        let added = next - total;
        lost[arm] += (total - (next - added)) + (value - added);
        totals[arm] = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Cells and arms of any number, as [`Sum`] adds up the values of some cells alone.
        #[test]
        fn sums_are_those_of_some_cells_alone(
            arms in 1_usize..12,
            patients in proptest::collection::vec((0_u32..4, -1e6_f64..1e6), 0..60),
        ) {
            let value = |x: f64, arm: usize| if (x as i64 + arm as i64) % 5 == 0 { f64::NAN } else { x / (arm + 1) as f64 };
            let values: Vec<f64> =
                patients.iter().flat_map(|&(_, x)| (0..arms).map(move |arm| value(x, arm))).collect();
            let cells: Vec<u32> = patients.iter().map(|patient| patient.0).collect();
            for isa in Isa::available() {
                let (mut sums, mut squares) = (Sums::new(4, arms), Sums::new(4, arms));
                sums.add(isa, &values, &cells);
                let means = sums.means();
                squares.add_squares(isa, &values, &cells, &means);
                for (some, arm) in [&[1][..], &[0, 2], &[0, 1, 2, 3]].into_iter().flat_map(|some| (0..arms).map(move |arm| (some, arm))) {
                    let own = patients.iter().filter(|patient| some.contains(&(patient.0 as usize)));
                    let own: Vec<f64> = own.map(|&(_, x)| value(x, arm)).filter(|x| !x.is_nan()).collect();
                    let total = Sum::of(own.iter().copied()).total();
                    let centre = total / own.len() as f64;
                    let about = Sum::of(own.iter().map(|x| (x - centre).powi(2))).total();
                    let scale: f64 = own.iter().map(|x| x.abs()).sum();
                    prop_assert!((sums.total(some, arm) - total).abs() <= 1e-15 * scale);
                    let squared = sums.squares_about(centre, (&squares, &means), some, arm);
                    prop_assert!((squared - about).abs() <= 1e-13 * about, "{squared} {about}");
                }
            }
        }
    }
}
