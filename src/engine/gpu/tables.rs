//! What is the same for every patient, as words: when it is observed, when doses are planned, and by how much they may
//! change.

use crate::plan::{Amount, Change, ObservationTime, Plan};

use super::followers::FOLLOWER_WORDS;
use super::rows::{FOLLOWED, NEVER, ObservationRow, SCAN, VISIT};

/// Rows of the observation times.
pub(crate) const OBSERVATION: [ObservationRow; 5] = [
    ObservationRow::Tick,
    ObservationRow::Flags,
    ObservationRow::Since,
    ObservationRow::SinceScan,
    ObservationRow::Trajectory,
];

/// In place of a level: there is none.
const NO_LEVEL: f32 = -1.0;

/// The words, and where each table begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tables {
    /// The observation times come first, `[row][point]`.
    pub(crate) words: Vec<u32>,
    /// When doses are planned, `[arm][dose]`, and one more that never comes.
    pub(crate) planned: usize,
    /// The visits, in order.
    pub(crate) visits: usize,
    pub(crate) visit_count: usize,
    /// What is followed between visits.
    pub(crate) followers: usize,
    pub(crate) follower_count: usize,
    /// Of each change, `[arm]`: the limit, then the levels in increasing order.
    pub(crate) changes: Vec<usize>,
}

impl Tables {
    pub(crate) fn new(plan: &Plan, doses: usize, follower_words: &[u32]) -> Self {
        let mut words = observation(&plan.observation_times);
        let planned = words.len();
        for arm in &plan.arms {
            let ticks = arm.doses.iter().map(|dose| dose.tick);
            words.extend(ticks.chain(std::iter::repeat(NEVER)).take(doses + 1));
        }
        let visits = words.len();
        words.extend(plan.observation_times.iter().filter(|point| point.visit).map(|point| point.tick));
        let visit_count = words.len() - visits;
        let followers = words.len();
        words.extend(follower_words);
        let follower_count = follower_words.len() / FOLLOWER_WORDS;
        let mut changes = Vec::with_capacity(plan.protocol.changes.len());
        for change in &plan.protocol.changes {
            changes.push(words.len());
            for arm in 0..plan.arms.len() {
                words.extend(change_of(change, arm).into_iter().map(f32::to_bits));
            }
        }
        Self { words, planned, visits, visit_count, followers, follower_count, changes }
    }
}

/// The most levels that a change has in any arm.
pub(crate) fn level_count(change: &Change) -> usize {
    levels(change).iter().map(Vec::len).max().unwrap_or(0)
}

fn levels(change: &Change) -> &[Vec<f64>] {
    match &change.by.amount {
        Amount::Times(_) => &[],
        Amount::Down(levels) | Amount::Up(levels) => levels,
    }
}

/// Limit and levels of a change in an arm; what an arm lacks comes first.
fn change_of(change: &Change, arm: usize) -> Vec<f32> {
    let levels = levels(change).get(arm).map_or(&[][..], Vec::as_slice);
    let missing = std::iter::repeat_n(NO_LEVEL, level_count(change) - levels.len());
    let levels = levels.iter().map(|&level| level as f32);
    [change.by.limit[arm] as f32].into_iter().chain(missing).chain(levels).collect()
}

/// The observation times, `[row][point]`.
fn observation(points: &[ObservationTime]) -> Vec<u32> {
    let mut rows = vec![Vec::with_capacity(points.len()); OBSERVATION.len()];
    let (mut visit, mut scan, mut course) = (None, None, 0);
    for point in points {
        let flag = |is: bool, flag: u32| if is { flag } else { 0 };
        let flags = flag(point.visit, VISIT) | flag(point.trajectory, FOLLOWED) | flag(point.scan, SCAN);
        let since = |before: Option<u32>| before.map_or(0, |tick| point.tick - tick);
        for (words, row) in rows.iter_mut().zip(OBSERVATION) {
            words.push(match row {
                ObservationRow::Tick => point.tick,
                ObservationRow::Flags => flags,
                ObservationRow::Since => since(visit),
                ObservationRow::SinceScan => since(scan),
                ObservationRow::Trajectory => course,
            });
        }
        course += u32::from(point.trajectory);
        visit = if point.visit { Some(point.tick) } else { visit };
        scan = if point.scan { Some(point.tick) } else { scan };
    }
    rows.concat()
}
