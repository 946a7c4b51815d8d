// What is read of a patient while it is integrated. CPU twin: src/engine/cpu/visit.rs.

fn observation(row: u32, point: u32) -> u32 {
    return plan[row * POINTS + point];
}

fn cell(row: u32) -> u32 {
    return row * job.items + item;
}

// A loop that no compiler unrolls, so that the array stays one.
fn rows() -> u32 {
    return select(ROWS, 0u, job.items == 0u);
}

fn resume_accumulators() {
    for (var row = 0u; row < rows(); row++) {
        words[row] = accumulators[cell(row)];
    }
}

fn suspend_accumulators() {
    for (var row = 0u; row < rows(); row++) {
        accumulators[cell(row)] = words[row];
    }
}
{%- if rules.watches or rules.holds or rules.demands %}

fn is_visit(point: u32) -> bool {
    return (point < POINTS) & ((observation(OBSERVATION_FLAGS, min(point, POINTS - 1u)) & VISIT) != 0u);
}
{%- endif %}

// Ticks since the visit before, 0 if that lies before a window.
fn since_within(first: u32, tick: u32, since: u32) -> u32 {
    return select(0u, since, tick - since >= first);
}

// The standard normal score of a residual line at an observation time, 0 elsewhere.
fn residual_score(point: u32, line: u32) -> f32 {
{%- if recorded %}
    let there = (lane.reading * {{ residual_lines }}u + line) * job.patients + patient;
    return bitcast<f32>(parameters[job.residuals + there]);
{%- else %}
    let there = (min(point, POINTS - 1u) * {{ residual_lines }}u + line) * job.patients + patient;
    return select(0.0, bitcast<f32>(parameters[job.residuals + there]), point < POINTS);
{%- endif %}
}

{%- if accumulated %}

// What expressions read of accumulators: a value as it is, a time or a duration in days; what never came is at
// `NEVER_DAYS`.

fn accumulated_value(row: u32) -> f32 {
    return number(row);
}

fn accumulated_days(row: u32) -> f32 {
    return days(words[row]);
}

fn accumulated_time_of(row: u32) -> f32 {
    return select(accumulated_days(row), NEVER_DAYS, words[row] == NEVER);
}
{%- endif %}

// Nothing was read yet.
fn clear_accumulators() {
{%- for word in initial %}
    words[{{ loop.index0 }}u] = {{ word }};
{%- endfor %}
}

{%- for drug in rules.drugs if drug.reset %}

// A dose was given: some accumulators begin anew. What was read last still holds until the next read.
fn reset_at_dose{{ drug.s }}() {
{%- for reset in drug.reset %}
    words[{{ reset.row }}u] = {{ reset.word }};
{%- endfor %}
}
{%- endfor %}

// Reads states at a tick: at the observation time `point`, if it is one, or where a dose is due. What is kept, decided on or
// followed must be finite, and what conditions in it compare; if it is not, the item is marked failed, and is solved again
// on the CPU, which can tell what it was.
fn observe(y: States, tick: u32, point: u32) {
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
    evaluate_{{ loop.index0 }}(tick, y, point);
{%- for group in level.groups %}
    if {{ group.when }} {
{%- for update in group.updates %}
        {{ update }};
{%- endfor %}
    }
{%- endfor %}
{%- endfor %}
{%- for check in checks %}
    finite &= !({{ check.when }}) | ({% for of in check.of %}is_number(seen.{{ of }}){% if not loop.last %} & {% endif %}{% endfor %});
{%- endfor %}
{%- if followed %}
    if ((flags & FOLLOWED) != 0u) & (patient < job.followed) {
        let first = {% if recorded %}lane.reading{% else %}observation(OBSERVATION_TRAJECTORY, point){% endif %} * {{ followed | length }}u;
        let follower = (item / job.patients) * job.followed + patient;
{%- for name in followed %}
        trajectories[(first + {{ loop.index0 }}u) * ARMS * job.followed + follower] = {% if followed_on_study %}select(seen.{{ name }}, not_a_number(), lane.left){% else %}seen.{{ name }}{% endif %};
{%- endfor %}
    }
{%- endif %}
    lane.phase = select({{ non_finite }}u, lane.phase, finite);
}

