// The way to a steady state: from one dose to the next until nothing changes any more. CPU twin:
// src/engine/cpu/lanes/settling.rs, which says how.

const MOST_CYCLES: u32 = {{ settling.most_cycles }}u;
const AHEAD: f32 = {{ settling.ahead }};
const SAME_RATIO: f32 = {{ settling.same_ratio }};
const SLOW: f32 = {{ settling.slow }};
const CLEAR: f32 = {{ settling.clear }};
const CERTAIN: f32 = {{ settling.certain }};

// Begins the way to a steady state.
fn begin_settling(cycle: u32, now: Instant) {
{%- for state in states %}
    solver[cell(SOLVER_KEPT + {{ loop.index0 }}u)] = x.{{ state.name }};
{%- endfor %}
    take_initial_states();
{%- for name in rates %}
    set_rate({{ loop.index0 }}u, 0.0);
{%- endfor %}
    note_states();
    lane.cycle = cycle + 1u;
    lane.cycle_stop = cycle_word(cycle, CYCLE_FIRST);
    lane.cycle_length = Instant(cycle_word(cycle, CYCLE_TICK), cycle_word(cycle, CYCLE_FRACTION));
    lane.cycles = 0u;
    lane.moved = not_a_number();
    lane.ratio = not_a_number();
    lane.at = now;
    lane.base = time_at(now);
}

// Notes the states at the beginning of a cycle.
fn note_states() {
{%- for state in states %}
    solver[cell(SOLVER_BEFORE + {{ loop.index0 }}u)] = x.{{ state.name }};
{%- endfor %}
}

// Ends a cycle: from when the next one, or the itinerary, goes on.
fn end_cycle() -> Instant {
    let cycle = lane.cycle - 1u;
    let doubles = cycle_word(cycle, CYCLE_DOUBLES) != 0u;
    var moved = 0.0;
    var moved_before = 0.0;
{%- for state in states %}
    let move_{{ loop.index0 }} = x.{{ state.name }} - solver[cell(SOLVER_BEFORE + {{ loop.index0 }}u)];
{%- if not state.is_quadrature %}
    let scale_{{ loop.index0 }} = {{ state.atol }} + RTOL * abs(x.{{ state.name }});
    moved = max(moved, abs(move_{{ loop.index0 }}) / scale_{{ loop.index0 }});
    moved_before = max(moved_before, abs(solver[cell(SOLVER_MOVES + {{ loop.index0 }}u)]) / scale_{{ loop.index0 }});
{%- endif %}
    solver[cell(SOLVER_MOVES + {{ loop.index0 }}u)] = move_{{ loop.index0 }};
{%- endfor %}
    let is_known = is_finite(lane.moved);
    let ratio = select(not_a_number(), moved / moved_before, is_known & (moved_before > 0.0));
    lane.cycles += 1u;
    let shrinks = is_finite(ratio) & (ratio < 1.0);
    let ahead = select(moved, moved * ratio / (1.0 - ratio), shrinks);
    if (moved == 0.0) | ((lane.cycles > 1u) & (max(ahead, 0.1 * moved) <= AHEAD)) {
        return arrive();
    }
    if lane.cycles >= MOST_CYCLES {
        lane.phase = {{ settling.unsettled }}u;
        return of_tick(0u);
    }
    let uncertain = CERTAIN * {{ control.epsilon }} / (RTOL * moved);
    let leads_somewhere = (ratio <= CLEAR) | (1.0 - ratio > max(uncertain, 1.0 / f32(MOST_CYCLES)));
    let is_same = shrinks & is_finite(lane.ratio) & (abs(ratio - lane.ratio) < SAME_RATIO);
    let is_steady = is_same & (ratio >= SLOW) & leads_somewhere & !doubles;
    if is_steady {
        let far = ratio / (1.0 - ratio);
{%- for state in states %}
        x.{{ state.name }} += far * (x.{{ state.name }} - solver[cell(SOLVER_BEFORE + {{ loop.index0 }}u)]);
{%- endfor %}
    }
    lane.moved = select(moved, not_a_number(), is_steady);
    lane.ratio = select(ratio, not_a_number(), is_steady);
    lane.cycle_stop = cycle_word(cycle, CYCLE_FIRST);
    if doubles {
        lane.cycle_length = later(lane.cycle_length, lane.cycle_length);
    }
    note_states();
    return of_tick(0u);
}

// Comes to the steady state, and goes on with the itinerary.
fn arrive() -> Instant {
    if cycle_word(lane.cycle - 1u, CYCLE_ADDS) != 0u {
{%- for state in states %}
        x.{{ state.name }} += solver[cell(SOLVER_KEPT + {{ loop.index0 }}u)];
{%- endfor %}
    }
    lane.cycle = 0u;
    lane.base = bitcast<f32>(itinerary_word(ITINERARY_ORIGIN));
    return lane.at;
}
