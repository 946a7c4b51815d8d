//! Which items lie side by side. Invocations of a warp wait for each other wherever one of them takes longer, so those
//! that take alike many steps belong together. How many a patient will take shows early: on the shipped cohort, the
//! steps of the first 16 visits correlate with those of all others by 0.75. No result depends on the order.

use rayon::prelude::*;

use super::layout::WAITING;

/// Visits after which items are put in order first: enough to tell fast from slow, few of a trial.
const FIRST: u32 = 16;
/// How many times as many visits later they are put in order again.
const AGAIN: u32 = 4;

/// When the items of a batch are put in order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reordering {
    done: u32,
    next: u32,
}

impl Reordering {
    pub(super) fn new() -> Self {
        Self { done: 0, next: FIRST }
    }

    /// Visits until then.
    pub(super) fn left(self) -> u32 {
        self.next - self.done
    }

    /// Notes so many more visits: whether items are to be put in order now.
    pub(super) fn is_due(&mut self, visits: u32) -> bool {
        self.done = self.done.saturating_add(visits);
        let is_due = self.done >= self.next;
        if is_due {
            self.next = self.next.saturating_mul(AGAIN).max(self.done.saturating_add(1));
        }
        is_due
    }
}

/// The items that are not done, arm by arm, those with few attempted steps so far first. `progress` is each item's
/// phase, then each one's accepted steps, then each one's rejected ones.
pub(super) fn order(progress: &[u32], patients: usize) -> Vec<u32> {
    let items = progress.len() / 3;
    let (phase, steps) = progress.split_at(items);
    let (accepted, rejected) = steps.split_at(items);
    let of_arm = |first: usize| {
        let own = first..(first + patients).min(items);
        // Attempts and item in one number, which sorts fast.
        let key = |item: usize| u64::from(accepted[item] + rejected[item]) << 32 | item as u64;
        let mut keys: Vec<u64> = own.filter(|&item| phase[item] >= WAITING).map(key).collect();
        keys.sort_unstable();
        keys
    };
    let arms: Vec<Vec<u64>> = (0..items).into_par_iter().step_by(patients.max(1)).map(of_arm).collect();
    arms.into_iter().flatten().map(|key| key as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_put_in_order_arm_by_arm_without_those_that_are_done() {
        let (waits, done) = (WAITING, 0);
        let phase = [waits, waits, done, waits, waits, waits];
        let accepted = [9, 2, 1, 0, 5, 5];
        let rejected = [0, 1, 0, 7, 0, 1];
        let progress = [phase, accepted, rejected].concat();
        assert_eq!(order(&progress, 3), [1, 0, 4, 5, 3]);
    }

    #[test]
    fn items_are_put_in_order_more_and_more_rarely() {
        let mut reordering = Reordering::new();
        let mut at = Vec::new();
        for visit in 1..=300 {
            assert!(reordering.left() > 0);
            if reordering.is_due(1) {
                at.push(visit);
            }
        }
        assert_eq!(at, [16, 64, 256]);
    }
}
