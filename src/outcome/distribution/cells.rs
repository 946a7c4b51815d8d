//! Patients who are in the same level of every grouping, or of several where there are many: what is added up of each
//! such cell is added up of every group.

use std::ops::Range;

/// Cells of groupings that are crossed, unless one alone has more levels.
const MOST: usize = 64;

/// How patients are divided among the cells of crossed groupings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Crossing {
    /// Which groupings.
    groupings: Range<usize>,
    /// The first row of each of them, and how many rows it has.
    rows: Vec<Range<usize>>,
    /// How many cells there are.
    cells: usize,
}

impl Crossing {
    /// Crossings of groupings whose rows are these.
    pub(super) fn of(rows: &[Range<usize>]) -> Vec<Self> {
        let mut crossings: Vec<Self> = Vec::new();
        for (grouping, own) in rows.iter().enumerate() {
            match crossings.last_mut().filter(|last| last.cells * own.len() <= MOST) {
                Some(last) => {
                    last.groupings.end = grouping + 1;
                    last.rows.push(own.clone());
                    last.cells *= own.len();
                }
                None => crossings.push(Self {
                    groupings: grouping..grouping + 1,
                    rows: vec![own.clone()],
                    cells: own.len(),
                }),
            }
        }
        crossings
    }

    /// How many cells there are.
    pub(super) fn cells(&self) -> usize {
        self.cells
    }

    /// The cell of each patient, from the row in each grouping.
    pub(super) fn of_patients(&self, rows: &[Vec<u32>]) -> Vec<u32> {
        let mut cells = vec![0; rows.first().map_or(0, Vec::len)];
        for (rows, own) in rows[self.groupings.clone()].iter().zip(&self.rows) {
            let (first, width) = (own.start as u32, own.len() as u32);
            cells.iter_mut().zip(rows).for_each(|(cell, row)| *cell = *cell * width + (row - first));
        }
        cells
    }

    /// The cells of some rows of one of its groupings; `None` of rows of another.
    pub(super) fn of_rows(&self, rows: &Range<usize>) -> Option<Vec<usize>> {
        let at = self.rows.iter().position(|own| own.contains(&rows.start))?;
        let inner: usize = self.rows[at + 1..].iter().map(Range::len).product();
        let row = |cell: usize| self.rows[at].start + cell / inner % self.rows[at].len();
        Some((0..self.cells).filter(|&cell| rows.contains(&row(cell))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groupings_are_crossed_while_cells_are_few() {
        let crossings = Crossing::of(&[0..4, 4..7, 7..107, 107..111]);
        let cells: Vec<usize> = crossings.iter().map(Crossing::cells).collect();
        assert_eq!(cells, [12, 100, 4]);
        let rows = [vec![0, 3, 2], vec![6, 4, 4], vec![7, 106, 8], vec![110, 107, 107]];
        let of_patients: Vec<Vec<u32>> = crossings.iter().map(|of| of.of_patients(&rows)).collect();
        assert_eq!(of_patients, [[2, 9, 6], [0, 99, 1], [3, 0, 0]]);
        assert_eq!(crossings[0].of_rows(&(3..4)), Some(vec![9, 10, 11]));
        assert_eq!(crossings[0].of_rows(&(5..6)), Some(vec![1, 4, 7, 10]));
        assert_eq!(crossings[0].of_rows(&(0..4)), Some((0..12).collect()));
        assert_eq!(crossings[0].of_rows(&(7..8)), None);
    }
}
