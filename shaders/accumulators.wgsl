// How each kind of accumulator takes what is read, in the order of their table (src/accumulator): `update_KIND` a visit,
// `follow_KIND` a part of a step along the curve. CPU twin, under the same names:
// src/engine/cpu/accumulators/update.rs. Times are kept in ticks, so that they are exact.
//
// None of what takes a visit branches: a driver compiles dozens of them in a loop far faster so.

// Rows of the accumulators.
const ROWS: u32 = {{ initial | length }}u;
// The accumulators of the item, between resuming and suspending: nearer than the buffer.
var<private> words: array<u32, {{ [initial | length, 1] | max }}>;

fn number(row: u32) -> f32 {
    return bitcast<f32>(words[row]);
}

// Adds to a compensated sum: the row, and one of what was lost.
fn add(sum_row: u32, carry_row: u32, value: f32) {
    let sum = number(sum_row);
    let added = value + number(carry_row);
    let total = opaque(sum + added);
    words[sum_row] = bitcast<u32>(total);
    words[carry_row] = bitcast<u32>(added - opaque(total - sum));
}

fn update_min(row: u32, value: f32) {
    let old = words[row + MIN_VALUE];
    let beyond = (old == NOTHING) | (value < bitcast<f32>(old));
    words[row + MIN_VALUE] = select(old, bitcast<u32>(value), beyond);
}

fn update_max(row: u32, value: f32) {
    let old = words[row + MAX_VALUE];
    let beyond = (old == NOTHING) | (value > bitcast<f32>(old));
    words[row + MAX_VALUE] = select(old, bitcast<u32>(value), beyond);
}

fn update_time_of_min(row: u32, value: f32, tick: u32) {
    let old = words[row + TIME_OF_MIN_VALUE];
    let beyond = (old == NOTHING) | (value < bitcast<f32>(old));
    words[row + TIME_OF_MIN_TICK] = select(words[row + TIME_OF_MIN_TICK], tick, beyond);
    words[row + TIME_OF_MIN_VALUE] = select(old, bitcast<u32>(value), beyond);
}

fn update_time_of_max(row: u32, value: f32, tick: u32) {
    let old = words[row + TIME_OF_MAX_VALUE];
    let beyond = (old == NOTHING) | (value > bitcast<f32>(old));
    words[row + TIME_OF_MAX_TICK] = select(words[row + TIME_OF_MAX_TICK], tick, beyond);
    words[row + TIME_OF_MAX_VALUE] = select(old, bitcast<u32>(value), beyond);
}

fn update_at(row: u32, value: f32) {
    words[row + AT_VALUE] = bitcast<u32>(value);
}

// Adds the trapezoid since the visit before, as a compensated sum; `since` is 0 at the first.
fn update_auc(row: u32, value: f32, since: u32) {
    let last = select(number(row + AUC_LAST), value, words[row + AUC_LAST] == NOTHING);
    add(row + AUC_SUM, row + AUC_CARRY, 0.5 * f32(since) * TIME_PER_TICK * (last + value));
    words[row + AUC_LAST] = bitcast<u32>(value);
}

// Takes the middle of the trapezoid since the visit before, weighted with the time that it lasted.
fn update_mean(row: u32, value: f32, since: u32) {
    let middle = 0.5 * (number(row + MEAN_LAST) + value);
    let before = words[row + MEAN_TICKS];
    let so_far = select(number(row + MEAN_VALUE), middle, before == 0u);
    let mean = so_far + f32(since) / f32(max(before + since, 1u)) * (middle - so_far);
    words[row + MEAN_VALUE] = select(bitcast<u32>(mean), words[row + MEAN_VALUE], since == 0u);
    words[row + MEAN_TICKS] = before + since;
    words[row + MEAN_LAST] = bitcast<u32>(value);
}

// Adds the time since the visit before if it held there.
fn update_time_true(row: u32, holds: bool, since: u32) {
    words[row + TIME_TRUE_TICKS] += select(0u, since, words[row + TIME_TRUE_LAST] != 0u);
    words[row + TIME_TRUE_LAST] = select(0u, 1u, holds);
}

fn update_longest_true(row: u32, holds: bool, since: u32) {
    let before = words[row + LONGEST_TRUE_LAST] != 0u;
    let run = select(0u, words[row + LONGEST_TRUE_RUN_TICKS] + since, before);
    words[row + LONGEST_TRUE_TICKS] = max(words[row + LONGEST_TRUE_TICKS], run);
    words[row + LONGEST_TRUE_RUN_TICKS] = run;
    words[row + LONGEST_TRUE_LAST] = select(0u, 1u, holds);
}

fn update_first_true(row: u32, holds: bool, tick: u32) {
    let old = words[row + FIRST_TRUE_TICK];
    words[row + FIRST_TRUE_TICK] = select(old, tick, holds & (old == NEVER));
}

// Counts where it holds and did not hold at the visit before; at the first nothing is known of that.
fn update_crossings(row: u32, holds: bool) {
    let rises = holds & (words[row + CROSSINGS_LAST] == 0u);
    words[row + CROSSINGS_SUM] = bitcast<u32>(number(row + CROSSINGS_SUM) + select(0.0, 1.0, rises));
    words[row + CROSSINGS_LAST] = select(0u, 1u, holds);
}
{%- if curves %}

// A part of a step, in which the curve is above 0, or is not.
struct Part {
    // Where in the step it begins, as a fraction, and its length in model time.
    start: f32,
    length: f32,
    above: bool,
}

fn follow_time_true(row: u32, part: Part) {
    add(row + CURVE_TIME_TRUE_SUM, row + CURVE_TIME_TRUE_CARRY, select(0.0, part.length, part.above));
}

fn follow_longest_true(row: u32, part: Part) {
    let run = select(0.0, number(row + CURVE_LONGEST_TRUE_RUN) + part.length, part.above);
    words[row + CURVE_LONGEST_TRUE_LENGTH] = bitcast<u32>(max(number(row + CURVE_LONGEST_TRUE_LENGTH), run));
    words[row + CURVE_LONGEST_TRUE_RUN] = bitcast<u32>(run);
}

fn follow_first_true(row: u32, part: Part) {
    if part.above & (words[row + CURVE_FIRST_TRUE_TICK] == NEVER) {
        words[row + CURVE_FIRST_TRUE_TICK] = lane.start.tick;
        words[row + CURVE_FIRST_TRUE_SINCE] = bitcast<u32>(since_tick(part.start));
    }
}

fn follow_crossings(row: u32, part: Part) {
    let rises = part.above & (words[row + CURVE_CROSSINGS_LAST] == 0u);
    let sum = number(row + CURVE_CROSSINGS_SUM);
    words[row + CURVE_CROSSINGS_SUM] = bitcast<u32>(sum + select(0.0, 1.0, rises));
    words[row + CURVE_CROSSINGS_LAST] = select(0u, 1u, part.above);
}
{%- endif %}
