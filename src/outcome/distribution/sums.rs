//! Sums of the values of many groups of patients in several arms, side by side: each in the order of its patients, and
//! to the last bit as if it were added up alone.

use super::statistics::Sum;
use crate::isa::{Arithmetic, Isa, Task};

/// A sum for each row of groups and each arm, with the rounding error that it carries along: see [`Sum`].
#[derive(Debug, Clone)]
pub(super) struct Sums {
    arms: usize,
    /// `[row][arm]`
    totals: Vec<f64>,
    lost: Vec<f64>,
}

impl Sums {
    pub(super) fn new(rows: usize, arms: usize) -> Self {
        Self { arms, totals: vec![0.0; rows * arms], lost: vec![0.0; rows * arms] }
    }

    pub(super) fn total(&self, row: usize, arm: usize) -> f64 {
        let at = row * self.arms + arm;
        Sum { total: self.totals[at], lost: self.lost[at] }.total()
    }

    /// Adds the values of patients, `[patient][arm]`, each to the sums of the patient's row; NaN is left out.
    pub(super) fn add(&mut self, isa: Isa, values: &[f64], rows: &[u32]) {
        self.each_width(isa, values, rows, None);
    }

    /// Adds the squares of their differences from the centre of each row and arm.
    pub(super) fn add_squares(&mut self, isa: Isa, values: &[f64], rows: &[u32], centres: &[f64]) {
        self.each_width(isa, values, rows, Some(centres));
    }

    /// As many arms at a time as a few vectors hold.
    fn each_width(&mut self, isa: Isa, values: &[f64], rows: &[u32], centres: Option<&[f64]>) {
        let mut first = 0;
        while first < self.arms {
            let adding = Adding { sums: self, values, rows, centres, first };
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
    rows: &'a [u32],
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
        let Adding { sums, values, rows, centres, first } = self.0;
        let width = sums.arms;
        for (values, &row) in values.chunks_exact(width).zip(rows) {
            let at = row as usize * width + first;
            let chunks = (
                values[first..].first_chunk::<ARMS>(),
                sums.totals[at..].first_chunk_mut::<ARMS>(),
                sums.lost[at..].first_chunk_mut::<ARMS>(),
            );
            let (Some(values), Some(totals), Some(lost)) = chunks else { continue };
            match centres.and_then(|centres| centres[at..].first_chunk::<ARMS>()) {
                None => add(values, totals, lost),
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
        /// Groups and arms of any number, each as [`Sum`] adds it up alone.
        #[test]
        fn sums_are_those_of_each_group_alone(
            arms in 1_usize..12,
            patients in proptest::collection::vec((0_u32..3, -1e6_f64..1e6), 0..60),
        ) {
            let value = |x: f64, arm: usize| if (x as i64 + arm as i64) % 5 == 0 { f64::NAN } else { x / (arm + 1) as f64 };
            let values: Vec<f64> =
                patients.iter().flat_map(|&(_, x)| (0..arms).map(move |arm| value(x, arm))).collect();
            let rows: Vec<u32> = patients.iter().map(|patient| patient.0).collect();
            let centres: Vec<f64> = (0..3 * arms).map(|i| i as f64).collect();
            for isa in Isa::available() {
                let (mut sums, mut squares) = (Sums::new(3, arms), Sums::new(3, arms));
                sums.add(isa, &values, &rows);
                squares.add_squares(isa, &values, &rows, &centres);
                for (row, arm) in (0..3).flat_map(|row| (0..arms).map(move |arm| (row, arm))) {
                    let of_row = patients.iter().filter(|patient| patient.0 == row as u32);
                    let own: Vec<f64> = of_row.map(|&(_, x)| value(x, arm)).filter(|x| !x.is_nan()).collect();
                    let centre = centres[row * arms + arm];
                    let (mut sum, mut square) = (Sum::default(), Sum::default());
                    own.iter().for_each(|&x| sum.add(x));
                    own.iter().for_each(|&x| square.add((x - centre).powi(2)));
                    prop_assert_eq!(sums.total(row, arm).to_bits(), sum.total().to_bits());
                    prop_assert_eq!(squares.total(row, arm).to_bits(), square.total().to_bits());
                }
            }
        }
    }
}
