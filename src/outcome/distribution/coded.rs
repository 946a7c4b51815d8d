//! Endpoints that are no numbers: patients by the codes of their values.

use super::histogram::Rows;
use super::ranked::{OTHERS, other_code};
use super::{EndpointKind, GRADES};

/// Codes of a flag.
const FLAG: usize = 2;

/// How many codes the values of an endpoint have; `None` of numbers.
pub(super) fn codes(kind: &EndpointKind) -> Option<usize> {
    match kind {
        EndpointKind::Number | EndpointKind::FirstTime => None,
        EndpointKind::Flag | EndpointKind::FlagAmong(_) => Some(FLAG),
        EndpointKind::Grade => Some(GRADES.len() + 1),
        EndpointKind::Label(levels) => Some(levels.len() + 1),
    }
}

/// The code of a value of an endpoint that is no number: of a flag 0 or 1, of a grade how many of [`GRADES`] it reaches,
/// of a label its position. Behind these are those of who has no value, and of who did not reach the end.
pub(crate) fn code(kind: &EndpointKind, value: f64) -> u16 {
    match kind {
        _ if value.is_nan() => other_code(value, codes(kind).unwrap_or_default()) as u16,
        EndpointKind::Grade => GRADES.iter().map(|&grade| u16::from(value >= f64::from(grade))).sum(),
        EndpointKind::Label(levels) => (value as usize).min(levels.len()) as u16,
        _ => u16::from(value != 0.0),
    }
}

/// Patients by their codes, in each arm and each cell of crossed groupings.
#[derive(Debug)]
pub(super) struct Coded {
    arms: usize,
    codes: usize,
    /// Of each crossing `[cell][arm][code]`.
    counts: Vec<Vec<u32>>,
}

impl Coded {
    /// Of an endpoint in some arms; `None` of numbers.
    pub(super) fn of(kind: &EndpointKind, arms: usize, rows: &Rows) -> Option<Self> {
        let codes = codes(kind)? + OTHERS;
        let counts = rows.crossings().iter().map(|of| vec![0; of.cells() * arms * codes]);
        Some(Self { arms, codes, counts: counts.collect() })
    }

    /// Counts patients by their codes, `[patient][arm]`, and their cells in each crossing.
    pub(super) fn add(&mut self, codes: &[u16], cells: &[Vec<u32>]) {
        let width = self.arms * self.codes;
        for (counts, cells) in self.counts.iter_mut().zip(cells) {
            for (of_patient, &cell) in codes.chunks_exact(self.arms.max(1)).zip(cells) {
                let counts = &mut counts[cell as usize * width..][..width];
                for (counts, &code) in counts.chunks_exact_mut(self.codes).zip(of_patient) {
                    counts[usize::from(code)] += 1;
                }
            }
        }
    }

    /// How many of a group in an arm have each code.
    pub(super) fn of_group(&self, arm: usize, (crossing, cells): (usize, &[usize])) -> Vec<u32> {
        let mut sums = vec![0; self.codes];
        for cell in cells {
            let of_cell = &self.counts[crossing][(cell * self.arms + arm) * self.codes..][..self.codes];
            sums.iter_mut().zip(of_cell).for_each(|(sum, count)| *sum += count);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_are_counted_by_codes_in_every_group() {
        let rows = Rows::new([2, 3]);
        let (arms, patients) = (3, 20);
        let level = |patient: usize| [(patient % 3) as u32, (patient % 4) as u32];
        let levels = [0, 1].map(|of| (0..patients).map(|patient| level(patient)[of]).collect()).to_vec();
        let cells = rows.cells_of_patients(&rows.of_patients(&levels, patients));
        let value = |patient: usize, arm: usize| match (patient + arm) % 6 {
            5 => f64::NAN,
            grade => grade as f64,
        };
        let pairs = (0..patients).flat_map(|patient| (0..arms).map(move |arm| (patient, arm)));
        let codes: Vec<u16> = pairs.map(|(p, arm)| code(&EndpointKind::Grade, value(p, arm))).collect();
        let mut coded = Coded::of(&EndpointKind::Grade, arms, &rows).unwrap_or_else(|| unreachable!());
        for of in [0..7, 7..patients] {
            let cells: Vec<_> = cells.iter().map(|cells| cells[of.clone()].to_vec()).collect();
            coded.add(&codes[of.start * arms..of.end * arms], &cells);
        }
        // All, the two levels of the first grouping, and the three of the second.
        let is_of = |group: usize, patient: usize| match group {
            0 => true,
            1 | 2 => level(patient)[0] as usize == group - 1,
            _ => level(patient)[1] as usize == group - 3,
        };
        for group in 0..rows.groups().len() {
            for arm in 0..arms {
                let mut expected = vec![0; 7];
                for patient in (0..patients).filter(|&patient| is_of(group, patient)) {
                    let value = value(patient, arm);
                    expected[if value.is_nan() { 5 } else { value as usize }] += 1;
                }
                assert_eq!(coded.of_group(arm, rows.cells(group)), expected, "{group} {arm}");
            }
        }
    }
}
