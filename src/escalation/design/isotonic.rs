//! The dose whose estimated toxicity is nearest to the target, where toxicity may not fall with the dose:
//! isotonic regression by pooling adjacent violators (R. E. Barlow et al., "Statistical Inference under Order
//! Restrictions", Wiley 1972), with a pseudo-count of 0.05 toxicities and 0.05 others at each dose and each dose
//! weighted by the inverse variance of its Beta distribution, as in Y. Yuan et al., Clinical Cancer Research 22
//! (2016) 4291-4301.

use super::Tally;

/// Toxicities, and others, that are added at each dose.
const PSEUDO_COUNT: f64 = 0.05;
/// What tells doses of one estimate apart: among those below the target the higher is nearer, among those
/// above it the lower.
const TIE: f64 = 1e-10;

/// The dose, among those with evaluable patients, whose estimate is nearest to the target.
pub fn nearest(tallies: &[Tally], target: f64) -> Option<usize> {
    let treated: Vec<usize> = (0..tallies.len()).filter(|&dose| tallies[dose].evaluable > 0).collect();
    let blocks = treated.iter().map(|&dose| Block::new(tallies[dose]));
    let estimates = pooled(blocks);
    let distance = |position: usize| (estimates[position] + TIE * position as f64 - target).abs();
    let nearest = (0..treated.len()).min_by(|&a, &b| distance(a).total_cmp(&distance(b)))?;
    Some(treated[nearest])
}

/// Doses of one estimate.
struct Block {
    estimate: f64,
    weight: f64,
    doses: usize,
}

impl Block {
    fn new(tally: Tally) -> Self {
        let [a, b] = [tally.dlts, tally.evaluable - tally.dlts].map(|n| f64::from(n) + PSEUDO_COUNT);
        let all = a + b;
        // The inverse variance of Beta(a, b).
        Self { estimate: a / all, weight: all * all * (all + 1.0) / (a * b), doses: 1 }
    }

    fn with(self, next: Self) -> Self {
        let weight = self.weight + next.weight;
        let estimate = (self.estimate * self.weight + next.estimate * next.weight) / weight;
        Self { estimate, weight, doses: self.doses + next.doses }
    }
}

/// The estimate of each dose, none below the one before.
fn pooled(doses: impl Iterator<Item = Block>) -> Vec<f64> {
    let mut blocks: Vec<Block> = Vec::new();
    for dose in doses {
        let mut block = dose;
        while let Some(before) = blocks.pop_if(|before| before.estimate >= block.estimate) {
            block = before.with(block);
        }
        blocks.push(block);
    }
    blocks.into_iter().flat_map(|block| std::iter::repeat_n(block.estimate, block.doses)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(evaluable: u32, dlts: u32) -> Tally {
        Tally { treated: evaluable, evaluable, dlts, ..Tally::default() }
    }

    /// Estimates by hand: 0.05 / 3.1 = 0.016, 1.05 / 6.1 = 0.172, 2.05 / 3.1 = 0.661.
    #[test]
    fn nearest_to_the_target() {
        let tallies = [of(3, 0), of(6, 1), of(3, 2), of(0, 0)];
        assert_eq!(nearest(&tallies, 0.3), Some(1));
        assert_eq!(nearest(&tallies, 0.6), Some(2));
        assert_eq!(nearest(&[of(0, 0)], 0.3), None);
    }

    /// 2 of 3 before 0 of 3 are pooled; equal weights give (0.661 + 0.016) / 2 = 0.339: the first of equals
    /// above the target, the last of equals below it.
    #[test]
    fn violators_are_pooled() {
        let estimates = pooled([of(3, 2), of(3, 1), of(3, 0)].into_iter().map(Block::new));
        assert!(estimates.windows(2).all(|pair| pair[0] == pair[1]), "{estimates:?}");
        assert_eq!(nearest(&[of(3, 2), of(3, 1), of(3, 0)], 0.01), Some(0));
        assert_eq!(nearest(&[of(3, 2), of(3, 1), of(3, 0)], 0.9), Some(2));
    }
}
