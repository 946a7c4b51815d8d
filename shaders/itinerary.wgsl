// The way of a patient through its itinerary: of a data set, or to the steady state in which one of a cohort begins. Every
// stop is a landing, so that what is read there is the state itself. CPU twin: src/engine/cpu/lanes/itinerary.rs.

// A word of what is known of the patient's itinerary as a whole.
fn itinerary_word(word: u32) -> u32 {
    return parameters[job.itineraries + word * job.items + item];
}

fn stop_word(stop: u32, word: u32) -> u32 {
    return parameters[job.stops + (stop * STOP_WORDS + word) * job.items + item];
}

fn cycle_word(cycle: u32, word: u32) -> u32 {
    return parameters[job.cycles + (cycle * CYCLE_WORDS + word) * job.items + item];
}

// Model time of an instant of the present segment.
fn time_at(now: Instant) -> f32 {
    return lane.base + ticks_of(now) * TIME_PER_TICK;
}

{%- if recorded %}

// Takes the individual values of a row.
fn take_values(row: u32) {
    lane.row = row;
{%- for name in individual %}
    p.{{ name }} = bitcast<f32>(parameters[({{ loop.index0 }}u * job.rows + row) * job.patients + patient]);
{%- endfor %}
}

{%- endif %}

fn enter_state(state: u32, amount: f32) {
{%- for state in states %}
    x.{{ state.name }} += select(0.0, amount, state == {{ loop.index0 }}u);
{%- endfor %}
}

// Sets a rate of infusion, by which the derivative changes; whether it rises.
fn set_rate(infused: u32, value: f32) -> bool {
    var change = 0.0;
{%- for name in rates %}
    if infused == {{ loop.index0 }}u {
        change = value - rate.{{ name }};
        rate.{{ name }} = value;
        k1.{{ name }} += change;
    }
{%- endfor %}
    return change > 0.0;
}

// Takes how far the patient has come from the buffers.
fn resume_itinerary() {
    lane.stop = outcomes[cell(OUTCOME_STOP)];
    lane.reading = outcomes[cell(OUTCOME_READING)];
    lane.cycle = outcomes[cell(OUTCOME_CYCLE)];
    lane.cycle_stop = outcomes[cell(OUTCOME_CYCLE_STOP)];
    lane.cycles = outcomes[cell(OUTCOME_CYCLES)];
    lane.cycle_length = Instant(outcomes[cell(OUTCOME_CYCLE_LENGTH)], outcomes[cell(OUTCOME_CYCLE_FRACTION)]);
    lane.at = Instant(outcomes[cell(OUTCOME_AT)], outcomes[cell(OUTCOME_AT_FRACTION)]);
    lane.moved = solver[cell(SOLVER_MOVED)];
    lane.ratio = solver[cell(SOLVER_RATIO)];
{%- if recorded %}
    take_values(outcomes[cell(OUTCOME_VALUES)]);
{%- endif %}
    lane.base = bitcast<f32>(itinerary_word(ITINERARY_ORIGIN));
    if lane.cycle != 0u {
        lane.base = time_at(lane.at);
    }
{%- for name in rates %}
    rate.{{ name }} = solver[cell(SOLVER_RATES + {{ loop.index0 }}u)];
{%- endfor %}
{%- for item in asked %}
    asked.{{ item.name }} = solver[cell(SOLVER_ASKED + {{ loop.index0 }}u)];
{%- endfor %}
}

// Leaves it in the buffers.
fn suspend_itinerary() {
    outcomes[cell(OUTCOME_STOP)] = lane.stop;
    outcomes[cell(OUTCOME_READING)] = lane.reading;
    outcomes[cell(OUTCOME_VALUES)] = lane.row;
    outcomes[cell(OUTCOME_CYCLE)] = lane.cycle;
    outcomes[cell(OUTCOME_CYCLE_STOP)] = lane.cycle_stop;
    outcomes[cell(OUTCOME_CYCLES)] = lane.cycles;
    outcomes[cell(OUTCOME_CYCLE_LENGTH)] = lane.cycle_length.tick;
    outcomes[cell(OUTCOME_CYCLE_FRACTION)] = lane.cycle_length.fraction;
    outcomes[cell(OUTCOME_AT)] = lane.at.tick;
    outcomes[cell(OUTCOME_AT_FRACTION)] = lane.at.fraction;
    solver[cell(SOLVER_MOVED)] = lane.moved;
    solver[cell(SOLVER_RATIO)] = lane.ratio;
{%- for name in rates %}
    solver[cell(SOLVER_RATES + {{ loop.index0 }}u)] = rate.{{ name }};
{%- endfor %}
{%- for item in asked %}
    solver[cell(SOLVER_ASKED + {{ loop.index0 }}u)] = asked.{{ item.name }};
{%- endfor %}
}

// A patient stands before its first stop.
fn begin_itinerary() {
    lane.stop = 0u;
    lane.reading = 0u;
    lane.cycle = 0u;
    lane.base = bitcast<f32>(itinerary_word(ITINERARY_ORIGIN));
    // No observation time of the plan comes on the way.
    lane.point = select(lane.point, POINTS, itinerary_word(ITINERARY_STOPS) != 0u);
}

{%- if recorded %}

// Begins a patient's way.
fn set_out() {
    begin_itinerary();
    lane.point = POINTS;
    take_values(0u);
    take_initial_states();
}

// Nothing is read within steps.
fn read_within() {
}

// At the end of a segment.
fn at_tstop() {
    at_stop();
}
{%- else %}

// The itinerary has led to time 0: areas begin, and so does what is read.
fn begin_trial() {
    lane.stop = itinerary_word(ITINERARY_STOPS) + 1u;
    lane.point = 0u;
    lane.end = of_tick(0u);
{%- for state in states if state.is_quadrature %}
    x.{{ state.name }} = 0.0;
{%- if state.is_area %}
    carry.{{ state.name }} = 0.0;
{%- endif %}
{%- endfor %}
}
{%- endif %}

// The next stop: of the cycle, if the patient is coming to a steady state.
fn next_stop() -> u32 {
    return select(lane.stop, lane.cycle_stop, lane.cycle != 0u);
}

// The stop before which there is another.
fn last_stop() -> u32 {
    let of_cycle = cycle_word(max(lane.cycle, 1u) - 1u, CYCLE_LAST);
    return select(itinerary_word(ITINERARY_STOPS), of_cycle, lane.cycle != 0u);
}

// At the end of a segment: everything that happens there, in order; whether the patient still is, or was, on its way.
fn at_stop() -> bool {
    if lane.stop > itinerary_word(ITINERARY_STOPS) {
        return false;
    }
    var now = lane.end;
    var bolus = is_same(now, of_tick(0u));
    var rises = false;
    var jumps = false;
    var is_over = false;
    while !is_over {
        let stop = next_stop();
        let is_left = stop < last_stop();
        let at = Instant(stop_word(stop, STOP_TICK), stop_word(stop, STOP_FRACTION));
        if is_left & !is_before(now, at) {
            lane.stop += select(1u, 0u, lane.cycle != 0u);
            lane.cycle_stop += 1u;
            let action = stop_word(stop, STOP_ACTION);
            if action == ACTION_SETTLE {
                begin_settling(stop_word(stop, STOP_OF), now);
                now = of_tick(0u);
            } else {
                rises |= act(now, action, stop_word(stop, STOP_OF), bitcast<f32>(stop_word(stop, STOP_VALUE)));
            }
            bolus |= (action != ACTION_READ) & (action != ACTION_RATE) & (action != ACTION_LAND);
            jumps |= (action == ACTION_LAND) & (stop_word(stop, STOP_OF) != 0u);
        } else if (lane.cycle != 0u) & !is_before(now, lane.cycle_length) {
            now = end_cycle();
            bolus = true;
        } else {
            let end = select_earlier(is_left, at, lane.cycle != 0u, lane.cycle_length);
            is_over = true;
            if end.tick == NEVER {
{%- if recorded %}
                lane.phase = {{ ok }}u;
{%- else %}
                begin_trial();
                return false;
{%- endif %}
            } else {
                begin_stretch(now, end);
            }
        }
        is_over |= lane.phase < WAITING;
    }
    if lane.phase < WAITING {
        return true;
    }
{%- if closed_form %}
    lane.step = first_length();
    check_steps();
{%- else %}
    if bolus {
        restart({% if max_step %}onset(){% else %}0.0{% endif %});
    } else if jumps {
        // The right-hand side has just changed: the error of the last step says nothing about the next.
        restart({% if max_step %}min(lane.step, onset()){% else %}lane.step{% endif %});
    } else if rises {
        // So it has here.
{%- if implicit %}
        restart(lane.step);
{%- else %}
        start_steps(1.0, lane.step);
{%- endif %}
    } else {
        check_steps();
    }
{%- endif %}
    return true;
}

// The earlier of two times, each of which there may not be; never if there is none.
fn select_earlier(is_a: bool, a: Instant, is_b: bool, b: Instant) -> Instant {
    let none = never();
    let first = Instant(select(none.tick, a.tick, is_a), select(none.fraction, a.fraction, is_a));
    let second = Instant(select(none.tick, b.tick, is_b), select(none.fraction, b.fraction, is_b));
    return earlier(first, second);
}

// What happens at a stop; whether a rate of infusion rises.
fn act(now: Instant, action: u32, which: u32, value: f32) -> bool {
{%- if recorded %}
    if action == ACTION_READ {
        lane.now = time_at(now);
        observe(x, now.tick, 0u);
        lane.reading += 1u;
    } else if action == ACTION_VALUES {
        take_values(which);
    }
{%- endif %}
    if action == ACTION_ENTER {
        enter_state(which, value);
    } else if action == ACTION_RATE {
        return set_rate(which, value);
    } else if action == ACTION_RESET {
        take_initial_states();
    }
{%- for item in asked %}
    if (action == ACTION_ASKED) & (which == {{ loop.index0 }}u) {
        asked.{{ item.name }} = value;
    }
{%- endfor %}
    return false;
}

fn begin_stretch(now: Instant, end: Instant) {
    lane.start = now;
    lane.end = end;
    lane.length = time_since(now, end);
    lane.middle = middle();
    lane.time = 0.0;
}
{%- if recorded %}

// Model time in the middle of the segment.
fn middle() -> f32 {
    return time_at(lane.start) + 0.5 * lane.length;
}

// The present model time.
fn model_time() -> f32 {
    return time_at(lane.start) + lane.time;
}
{%- endif %}
