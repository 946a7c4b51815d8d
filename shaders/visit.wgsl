// What is read of a patient while it is integrated, and what is kept of it. CPU twin:
// src/engine/cpu/visit.rs. Times are kept in ticks, so that they are exact.

fn observation(row: u32, point: u32) -> u32 {
    return plan[row * POINTS + point];
}

fn cell(row: u32) -> u32 {
    return row * job.items + item;
}

// Rows of the accumulators.
const ROWS: u32 = {{ empty | length }}u;
// The accumulators of the item, between resuming and suspending: nearer than the buffer.
var<private> kept: array<u32, {{ [empty | length, 1] | max }}>;

// A loop that no compiler unrolls, so that the array stays one.
fn rows() -> u32 {
    return select(ROWS, 0u, job.items == 0u);
}

fn resume_accumulators() {
    for (var row = 0u; row < rows(); row++) {
        kept[row] = accumulators[cell(row)];
    }
}

fn suspend_accumulators() {
    for (var row = 0u; row < rows(); row++) {
        accumulators[cell(row)] = kept[row];
    }
}
{%- if rules.watches or rules.holds %}

fn is_visit(point: u32) -> bool {
    return (point < POINTS) & ((observation(OBSERVATION_FLAGS, min(point, POINTS - 1u)) & VISIT) != 0u);
}
{%- endif %}

// None of these branches: a driver compiles dozens of them in a loop far faster so.

fn keep_value(row: u32, value: f32) {
    kept[row] = bitcast<u32>(value);
}

fn keep_smallest(row: u32, value: f32) {
    let old = kept[row];
    let beyond = (old == NOTHING) | (value < bitcast<f32>(old));
    kept[row] = select(old, bitcast<u32>(value), beyond);
}

fn keep_largest(row: u32, value: f32) {
    let old = kept[row];
    let beyond = (old == NOTHING) | (value > bitcast<f32>(old));
    kept[row] = select(old, bitcast<u32>(value), beyond);
}

fn keep_time_of_smallest(row: u32, value: f32, tick: u32) {
    let old = kept[row + 1u];
    let beyond = (old == NOTHING) | (value < bitcast<f32>(old));
    kept[row] = select(kept[row], tick, beyond);
    kept[row + 1u] = select(old, bitcast<u32>(value), beyond);
}

fn keep_time_of_largest(row: u32, value: f32, tick: u32) {
    let old = kept[row + 1u];
    let beyond = (old == NOTHING) | (value > bitcast<f32>(old));
    kept[row] = select(kept[row], tick, beyond);
    kept[row + 1u] = select(old, bitcast<u32>(value), beyond);
}

// Adds the trapezoid since the visit before, as a compensated sum; `since` is 0 at the first.
fn add_area(row: u32, value: f32, since: u32) {
    let last = select(bitcast<f32>(kept[row + 2u]), value, kept[row + 2u] == NOTHING);
    let sum = bitcast<f32>(kept[row]);
    let lost = bitcast<f32>(kept[row + 1u]);
    let added = 0.5 * f32(since) * TIME_PER_TICK * (last + value) + lost;
    let total = opaque(sum + added);
    kept[row] = bitcast<u32>(total);
    kept[row + 1u] = bitcast<u32>(added - opaque(total - sum));
    kept[row + 2u] = bitcast<u32>(value);
}

// Adds the time since the visit before if it held there.
fn add_held(row: u32, holds: bool, since: u32) {
    kept[row] += select(0u, since, kept[row + 1u] != 0u);
    kept[row + 1u] = select(0u, 1u, holds);
}

fn keep_longest(row: u32, holds: bool, since: u32) {
    let before = kept[row + 2u] != 0u;
    let run = select(0u, kept[row + 1u] + since, before);
    kept[row] = max(kept[row], run);
    kept[row + 1u] = run;
    kept[row + 2u] = select(0u, 1u, holds);
}

fn keep_first(row: u32, holds: bool, tick: u32) {
    let old = kept[row];
    kept[row] = select(old, tick, holds & (old == NEVER));
}

// Ticks since the visit before, 0 if that lies before a window.
fn since_within(first: u32, tick: u32, since: u32) -> u32 {
    return select(0u, since, tick - since >= first);
}

// The standard normal score of a residual line at an observation time, 0 elsewhere.
fn residual_score(point: u32, line: u32) -> f32 {
    let there = (min(point, POINTS - 1u) * {{ residual_lines }}u + line) * job.patients + patient;
    return select(0.0, bitcast<f32>(parameters[job.residuals + there]), point < POINTS);
}

{%- if accumulated %}

// What expressions read of accumulators: a value as it is, a time or a duration in days, what never came
// far away.

fn accumulated_value(row: u32) -> f32 {
    return bitcast<f32>(kept[row]);
}

fn accumulated_days(row: u32) -> f32 {
    return days(kept[row]);
}

fn accumulated_first(row: u32) -> f32 {
    return select(accumulated_days(row), NEVER_DAYS, kept[row] == NEVER);
}

fn accumulated_time_of(row: u32) -> f32 {
    return select(accumulated_days(row), NEVER_DAYS, kept[row + 1u] == NOTHING);
}
{%- endif %}

// Nothing was read yet.
fn clear_accumulators() {
{%- for word in empty %}
    kept[{{ loop.index0 }}u] = {{ word }};
{%- endfor %}
}

{%- if renewed %}

// A dose was given: some accumulators begin anew. What was read last still holds until the next read.
fn renew() {
{%- for cell in renewed %}
    kept[{{ cell.row }}u] = {{ cell.word }};
{%- endfor %}
}
{%- endif %}

// Reads states at a tick: at the observation time `point`, if it is one, or where a dose is due. What is kept, decided on or
// followed must be finite, and what conditions in it compare; else the patient is not, and is left to an engine that
// can tell.
fn take(y: States, tick: u32, point: u32) {
    let is_point = point < POINTS;
    let flags = select(0u, observation(OBSERVATION_FLAGS, min(point, POINTS - 1u)), is_point);
    let since = select(0u, observation(OBSERVATION_SINCE, min(point, POINTS - 1u)), is_point);
    let visit = (flags & VISIT) != 0u;
{%- if scans %}
    let scan = (flags & SCAN) != 0u;
    let since_scan = select(0u, observation(OBSERVATION_SINCE_SCAN, min(point, POINTS - 1u)), is_point);
{%- endif %}
    var finite = true;
{%- for level in levels %}
    observe_{{ loop.index0 }}(tick, y, point);
{%- for group in level.groups %}
    if {{ group.when }} {
{%- for keep in group.keep %}
        {{ keep }};
{%- endfor %}
    }
{%- endfor %}
{%- endfor %}
{%- for check in checks %}
    finite &= !({{ check.when }}) | ({% for of in check.of %}is_held(seen.{{ of }}){% if not loop.last %} & {% endif %}{% endfor %});
{%- endfor %}
{%- if followed %}
    if ((flags & FOLLOWED) != 0u) & (patient < job.followed) {
        let first = observation(OBSERVATION_TRAJECTORY, point) * {{ followed | length }}u;
        let follower = (item / job.patients) * job.followed + patient;
{%- for name in followed %}
        trajectories[(first + {{ loop.index0 }}u) * ARMS * job.followed + follower] = {% if followed_on_study %}select(seen.{{ name }}, not_a_number(), lane.left){% else %}seen.{{ name }}{% endif %};
{%- endfor %}
    }
{%- endif %}
    lane.phase = select({{ non_finite }}u, lane.phase, finite);
}

