//! What is the same for every patient, as words: when it is observed, when doses are planned, and by how much they may
//! change.

use crate::plan::{Amount, Change, ObservationTime, Plan, PlannedDose, RoundTo, Sequence};

use super::drugs::Slots;
use super::followers::FOLLOWER_WORDS;
use super::rows::{DoseRow, FOLLOWED, NEVER, ObservationRow, SCAN, VISIT};

/// Rows of the observation times.
pub(crate) const OBSERVATION: [ObservationRow; 5] = [
    ObservationRow::Tick,
    ObservationRow::Flags,
    ObservationRow::Since,
    ObservationRow::SinceScan,
    ObservationRow::Trajectory,
];

/// Rows of the planned doses, where there are several administrations or something is capped or rounded.
pub(crate) const DOSE: [DoseRow; 3] = [DoseRow::Administration, DoseRow::Unit, DoseRow::To];

/// Codes of how an amount is rounded; 0 if it is not.
pub(crate) const ROUND_UP: u32 = 1;
pub(crate) const ROUND_DOWN: u32 = 2;
const ROUND_NEAREST: u32 = 3;

/// In place of a level: there is none.
const NO_LEVEL: f32 = -1.0;

/// The words, and where each table begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tables {
    /// The observation times come first, `[row][point]`.
    pub(crate) words: Vec<u32>,
    /// When the doses of each drug are planned.
    pub(crate) calendars: Vec<Calendar>,
    /// How many doses an arm has, `[arm][drug]`.
    pub(crate) counts: usize,
    /// What else is known of planned doses, `[arm][slot][row]`.
    pub(crate) dose_rows: usize,
    /// The visits, in order.
    pub(crate) visits: usize,
    pub(crate) visit_count: usize,
    /// What is followed between visits.
    pub(crate) followers: usize,
    pub(crate) follower_count: usize,
    /// Of each change, `[arm]`: the limit, then the levels in increasing order.
    pub(crate) changes: Vec<usize>,
}

/// When the doses of a drug are planned, `[arm][dose]`, and one more that never comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Calendar {
    pub(crate) first: usize,
    /// Words of an arm.
    pub(crate) width: usize,
}

impl Tables {
    pub(crate) fn new(plan: &Plan, slots: &Slots, follower_words: &[u32]) -> Self {
        let mut words = observation(&plan.observation_times);
        let sequences: Vec<Vec<Sequence>> = (0..plan.arms.len()).map(|arm| plan.sequences(arm)).collect();
        let calendars = (0..plan.drugs.len()).map(|drug| calendar(&sequences, drug, &mut words)).collect();
        let counts = words.len();
        words.extend(sequences.iter().flatten().map(|sequence| sequence.positions.len() as u32));
        let dose_rows = words.len();
        if plan.administrations.len() > 1 || is_limited(plan) {
            for (arm, own) in plan.arms.iter().enumerate() {
                let first = words.len();
                words.resize(first + slots.count * DOSE.len(), 0);
                for (dose, slot) in own.doses.iter().zip(slots.of_arm(arm)) {
                    let row = first + slot * DOSE.len();
                    words[row..row + DOSE.len()].copy_from_slice(&dose_words(dose));
                }
            }
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
        Self { words, calendars, counts, dose_rows, visits, visit_count, followers, follower_count, changes }
    }
}

/// Writes the times for doses of a drug.
fn calendar(sequences: &[Vec<Sequence>], drug: usize, words: &mut Vec<u32>) -> Calendar {
    let first = words.len();
    let most = sequences.iter().map(|of_arm| of_arm[drug].calendar.len()).max().unwrap_or(0);
    for of_arm in sequences {
        let ticks = of_arm[drug].calendar.iter().copied();
        words.extend(ticks.chain(std::iter::repeat(NEVER)).take(most + 1));
    }
    Calendar { first, width: most + 1 }
}

/// Whether some dose is capped or rounded.
pub(crate) fn is_limited(plan: &Plan) -> bool {
    plan.arms.iter().flat_map(|arm| &arm.doses).any(PlannedDose::is_limited)
}

/// The rows of a planned dose.
fn dose_words(dose: &PlannedDose) -> [u32; 3] {
    DOSE.map(|row| match row {
        DoseRow::Administration => dose.administration.index() as u32,
        DoseRow::Unit => dose.round.map_or(0.0, |round| round.unit as f32).to_bits(),
        DoseRow::To => dose.round.map_or(0, |round| match round.to {
            RoundTo::Up => ROUND_UP,
            RoundTo::Down => ROUND_DOWN,
            RoundTo::Nearest => ROUND_NEAREST,
        }),
    })
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
