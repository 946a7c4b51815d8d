//! How many patients of each group have which value: counted for every grouping at once.

use std::ops::Range;

use super::cells::Crossing;

/// How patients are divided among rows of counts: a row for each level of each grouping, and behind these one for those
/// who are in no level of it. Where there is no grouping, all are in one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::outcome) struct Rows {
    /// The first row of each grouping, and one behind the last of all.
    starts: Vec<usize>,
    /// The rows of all patients, then of each level of each grouping.
    groups: Vec<Range<usize>>,
    /// The group of each row, if it is that of a level.
    group_of: Vec<Option<usize>>,
    /// The groupings, crossed.
    crossings: Vec<Crossing>,
    /// Of each group, a crossing, and its cells there.
    cells: Vec<(usize, Vec<usize>)>,
}

impl Rows {
    /// Of groupings with so many levels each.
    pub(in crate::outcome) fn new(levels: impl IntoIterator<Item = usize>) -> Self {
        let (mut starts, mut levels_of) = (vec![0], Vec::new());
        let mut row = 0;
        for levels in levels {
            levels_of.extend((row..row + levels).map(|row| row..row + 1));
            row += levels + 1;
            starts.push(row);
        }
        if row == 0 {
            starts.push(1);
        }
        let mut group_of = vec![None; starts[starts.len() - 1]];
        for (group, rows) in (1..).zip(&levels_of) {
            group_of[rows.start] = Some(group);
        }
        let all = 0..starts[1];
        let groups = [vec![all], levels_of].concat();
        let of_groupings: Vec<Range<usize>> = starts.windows(2).map(|ends| ends[0]..ends[1]).collect();
        let crossings = Crossing::of(&of_groupings);
        let numbered = || crossings.iter().enumerate();
        let cells = |rows: &Range<usize>| numbered().find_map(|(i, of)| Some((i, of.of_rows(rows)?)));
        let cells = groups.iter().filter_map(cells).collect();
        Self { starts, groups, group_of, crossings, cells }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.starts.last().copied().unwrap_or_default()
    }

    /// The rows of each group.
    pub(super) fn groups(&self) -> &[Range<usize>] {
        &self.groups
    }

    /// The groupings, crossed.
    pub(super) fn crossings(&self) -> &[Crossing] {
        &self.crossings
    }

    /// A crossing in which the patients of a group have cells of their own, by its position, and these.
    pub(super) fn cells(&self, group: usize) -> (usize, &[usize]) {
        let (crossing, cells) = &self.cells[group];
        (*crossing, cells)
    }

    /// How many groupings there are.
    pub(super) fn groupings(&self) -> usize {
        self.starts.len() - 1
    }

    /// The group of a row, behind that of all patients; `None` of one in which no level is.
    pub(super) fn group(&self, row: usize) -> Option<usize> {
        self.group_of[row]
    }

    /// The row of each of so many patients in each grouping, from the position of its level, which is past the last if
    /// there is none.
    pub(super) fn of_patients(&self, levels: &[Vec<u32>], patients: usize) -> Vec<Vec<u32>> {
        if levels.is_empty() {
            return vec![vec![0; patients]];
        }
        let of_grouping = |(levels, ends): (&Vec<u32>, &[usize])| {
            let (start, none) = (ends[0] as u32, ends[1] as u32 - 1);
            levels.iter().map(|level| start.saturating_add(*level).min(none)).collect()
        };
        levels.iter().zip(self.starts.windows(2)).map(of_grouping).collect()
    }

    /// The cell of each patient in each crossing, from the rows in each grouping.
    pub(super) fn cells_of_patients(&self, rows: &[Vec<u32>]) -> Vec<Vec<u32>> {
        self.crossings.iter().map(|crossing| crossing.of_patients(rows)).collect()
    }
}

/// Patients by their codes, in each arm and row.
#[derive(Debug, Clone)]
pub(super) struct Histogram {
    rows: usize,
    codes: usize,
    /// `[arm][row][code]`
    counts: Vec<u32>,
}

impl Histogram {
    pub(super) fn new(arms: usize, rows: usize, codes: usize) -> Self {
        Self { rows, codes, counts: vec![0; arms * rows * codes] }
    }

    /// Counts patients of an arm by their codes; `rows` are theirs in each grouping.
    pub(super) fn add<'a>(&mut self, arm: usize, codes: &[u16], rows: impl Iterator<Item = &'a [u32]>) {
        let width = self.codes;
        let counts = &mut self.counts[arm * self.rows * width..(arm + 1) * self.rows * width];
        for of_grouping in rows {
            for (&code, &row) in codes.iter().zip(of_grouping) {
                counts[row as usize * width + usize::from(code)] += 1;
            }
        }
    }

    /// How many of a group have each code.
    pub(super) fn of_group(&self, arm: usize, group: &Range<usize>) -> Vec<u32> {
        let mut sums = vec![0; self.codes];
        let first = arm * self.rows;
        let rows = self.counts.chunks_exact(self.codes).skip(first + group.start).take(group.len());
        rows.for_each(|row| sums.iter_mut().zip(row).for_each(|(sum, count)| *sum += count));
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_are_in_a_row_of_each_grouping() {
        let rows = Rows::new([2, 3]);
        assert_eq!((rows.count(), rows.groups()), (7, &[0..3, 0..1, 1..2, 3..4, 4..5, 5..6][..]));
        let levels = [vec![0, 1, 2, u32::MAX], vec![2, 3, 0, 1]];
        assert_eq!(rows.of_patients(&levels, 4), [[0, 1, 2, 2], [5, 6, 3, 4]]);
        let mut histogram = Histogram::new(2, 7, 3);
        let of_patients = rows.of_patients(&levels, 4);
        histogram.add(1, &[0, 2, 2, 1], of_patients.iter().map(Vec::as_slice));
        assert_eq!(histogram.of_group(1, &rows.groups()[0]), [1, 1, 2]);
        assert_eq!(histogram.of_group(1, &rows.groups()[2]), [0, 0, 1]);
        assert_eq!(histogram.of_group(1, &rows.groups()[3]), [0, 0, 1]);
        assert_eq!(histogram.of_group(0, &rows.groups()[0]), [0, 0, 0]);
    }

    #[test]
    fn without_groupings_all_are_in_one_row() {
        let rows = Rows::new([]);
        assert_eq!((rows.count(), rows.groups().len(), &rows.groups()[0]), (1, 1, &(0..1)));
        assert_eq!(rows.of_patients(&[], 2), [[0, 0]]);
    }
}
