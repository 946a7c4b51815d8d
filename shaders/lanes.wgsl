// The walk of a patient through its segments. CPU twin: src/engine/cpu/lanes.rs.

const RTOL: f32 = {{ rtol }};
// The first step after a start or a jump of the state changes it by about this share of its size.
const INITIAL_CHANGE: f32 = {{ control.initial_change }};
{%- if max_step %}
// Where equations change smoothly with time, the first step is this share of its segment: what begins there may
// show in no derivative yet.
const ONSET: f32 = {{ control.onset }};
{%- endif %}

// Takes the state from the buffers, or puts a new patient at time 0.
fn resume() {
{%- for name in individual %}
    p.{{ name }} = bitcast<f32>(parameters[{{ loop.index0 }}u * job.patients + patient]);
{%- endfor %}
    if lane.phase == WAITING {
        enter();
        return;
    }
    lane.steps = outcomes[OUTCOME_STEPS * job.items + item];
    lane.rejected = outcomes[OUTCOME_REJECTED * job.items + item];
    lane.start = Instant(outcomes[OUTCOME_START * job.items + item], outcomes[OUTCOME_START_FRACTION * job.items + item]);
    lane.end = Instant(outcomes[OUTCOME_END * job.items + item], outcomes[OUTCOME_END_FRACTION * job.items + item]);
    lane.point = outcomes[OUTCOME_POINT * job.items + item];
    lane.time = solver[SOLVER_TIME * job.items + item];
    lane.length = solver[SOLVER_LENGTH * job.items + item];
    lane.middle = middle();
    lane.step = solver[SOLVER_STEP * job.items + item];
    lane.previous = solver[SOLVER_PREVIOUS * job.items + item];
    resume_accumulators();
    resume_treatment();
    rate = rates_after(lane.start);
{%- for state in states %}
    x.{{ state.name }} = solver[(SOLVER_STATE + {{ loop.index0 }}u) * job.items + item];
    k1.{{ state.name }} = solver[(SOLVER_FIRST + {{ loop.index0 }}u) * job.items + item];
{%- endfor %}
{%- for area in areas %}
    carry.{{ area.name }} = solver[(SOLVER_CARRY + {{ loop.index0 }}u) * job.items + item];
{%- endfor %}
}

// Leaves the state in the buffers.
fn suspend() {
    suspend_accumulators();
    outcomes[OUTCOME_PHASE * job.items + item] = lane.phase;
    outcomes[OUTCOME_STEPS * job.items + item] = lane.steps;
    outcomes[OUTCOME_REJECTED * job.items + item] = lane.rejected;
    outcomes[OUTCOME_GIVEN * job.items + item] = lane.given;
    if lane.phase < WAITING {
        return;
    }
    outcomes[OUTCOME_START * job.items + item] = lane.start.tick;
    outcomes[OUTCOME_START_FRACTION * job.items + item] = lane.start.fraction;
    outcomes[OUTCOME_END * job.items + item] = lane.end.tick;
    outcomes[OUTCOME_END_FRACTION * job.items + item] = lane.end.fraction;
    outcomes[OUTCOME_POINT * job.items + item] = lane.point;
    suspend_treatment();
    solver[SOLVER_TIME * job.items + item] = lane.time;
    solver[SOLVER_LENGTH * job.items + item] = lane.length;
    solver[SOLVER_STEP * job.items + item] = lane.step;
    solver[SOLVER_PREVIOUS * job.items + item] = lane.previous;
{%- for state in states %}
    solver[(SOLVER_STATE + {{ loop.index0 }}u) * job.items + item] = x.{{ state.name }};
    solver[(SOLVER_FIRST + {{ loop.index0 }}u) * job.items + item] = k1.{{ state.name }};
{%- endfor %}
{%- for area in areas %}
    solver[(SOLVER_CARRY + {{ loop.index0 }}u) * job.items + item] = carry.{{ area.name }};
{%- endfor %}
}

// A new patient stands before the landing at time 0.
fn enter() {
    clear_accumulators();
    enter_treatment();
{%- if landings %}
    enter_landings();
{%- endif %}
{%- for state in states %}
    x.{{ state.name }} = {{ state.initial }};
{%- endfor %}
    lane.phase = ENTERING;
}

// Decides about the attempt.
fn settle() {
    if lane.phase == ENTERING {
        // The attempt had no size; what it made of a state without its doses does not matter.
        x_new = x;
        carry_new = carry;
        lane.phase = RUNNING;
        lane.arrives = true;
    } else if lane.phase == STARTING {
        take_derivative();
        if lane.previous > 0.0 {
            depart(1.0, lane.previous);
        } else {
            depart(INITIAL_CHANGE, lane.length);
        }
    } else if is_accepted() {
        accept();
    } else {
        reject();
    }
}

fn accept() {
    lane.steps += 1u;
{%- if curves %}
    follow_step();
    if lane.phase < WAITING {
        return;
    }
{%- endif %}
    let next = observation(OBSERVATION_TICK, min(lane.point, POINTS - 1u));
    let reading = (lane.point < POINTS) & (time_since(lane.start, of_tick(next)) <= lane.reached);
    lane.arrives = reading | (lane.reached == lane.length);
    if !lane.arrives {
        advance();
        check_steps();
    }
}

// The state after the step is the present one.
fn advance() {
    x = x_new;
    take_derivative();
    carry = carry_new;
    lane.time = lane.reached;
}

// Reads what is due.
fn arrive() {
    read_within();
    advance();
    if lane.phase < WAITING {
        return;
    }
    if lane.time == lane.length {
        land();
    } else {
        check_steps();
    }
}

fn reject() {
    lane.rejected += 1u;
    // Below the resolution of time within the segment, or of time at the end of the plan in f64.
    if lane.step < {{ control.least_step }} * max({{ control.epsilon }} * lane.time, {{ least_step }}) {
        lane.phase = select({{ non_finite }}u, {{ step_too_small }}u, is_finite(lane.error));
    } else {
        check_steps();
    }
}

fn check_steps() {
    if (lane.phase >= WAITING) & (lane.steps + lane.rejected >= {{ max_steps }}u) {
        lane.phase = {{ too_many_steps }}u;
    }
}

// Reads the observation times that the step has passed, but for one at the segment's end.
fn read_within() {
    while lane.point < POINTS {
        let tick = observation(OBSERVATION_TICK, lane.point);
        let at = time_since(lane.start, of_tick(tick));
        if !is_before(of_tick(tick), lane.end) | (at > lane.reached) {
            break;
        }
        observe(observed_within((at - lane.time) / lane.used), tick, lane.point);
{%- if rules.watches %}
        watch(tick, is_visit(lane.point));
{%- endif %}
        lane.point += 1u;
    }
}

// What happens at the end of a segment: it is read, then doses are given, start or end, or equations change.
fn land() {
    let now = lane.end;
    let tick = now.tick;
    let is_point = (lane.point < POINTS) & is_same(of_tick(observation(OBSERVATION_TICK, min(lane.point, POINTS - 1u))), now);
    let point = select(POINTS, lane.point, is_point);
    observe(x, tick, point);
{%- if rules.watches %}
    watch(tick, is_visit(point));
{%- endif %}
    lane.point += select(0u, 1u, is_point);
{%- if curves %}
    begin_windows(now);
{%- endif %}
    if lane.phase < WAITING {
        return;
    }
    if is_same(now, of_tick(END)) {
        lane.phase = {{ ok }}u;
        return;
    }
    if now.fraction == 0u {
        look(tick{% if rules.holds %}, is_visit(point){% endif %});
    }
    let entering = dose(now);
{%- if landings %}
    let jump = jumps(now);
{%- endif %}
    begin_segment(now);
    if entering.bolus | is_same(now, of_tick(0u)) {
        restart({% if max_step %}ONSET * lane.length{% else %}0.0{% endif %});
{%- if landings %}
    } else if jump {
        // What the step before was chosen by is over.
        restart({% if max_step %}min(lane.step, ONSET * lane.length){% else %}lane.step{% endif %});
{%- endif %}
    } else if entering.rises {
        // What the step before was chosen by is over.
{%- if implicit %}
        restart(lane.step);
{%- else %}
        depart(1.0, lane.step);
{%- endif %}
    } else {
        check_steps();
    }
}

// What enters anew at a landing.
struct Entering {
    // Whether there was a bolus.
    bolus: bool,
    // Whether a rate of infusion rose.
    rises: bool,
}

// Gives the boluses of a landing and sets the rates after it. Without a jump of the state the derivative
// changes by the rates alone; a method that does not keep it from step to step has to ask for it.
fn dose(now: Instant) -> Entering {
    var entering = Entering(false, false);
    let before = rate;
    rate = rates_after(now);
{%- for name in rates %}
    k1.{{ name }} += rate.{{ name }} - before.{{ name }};
    entering.rises |= rate.{{ name }} > before.{{ name }};
{%- endfor %}
{%- if boluses %}
    entering.bolus = give_boluses(now);
{%- endif %}
    return entering;
}

fn begin_segment(now: Instant) {
    lane.start = now;
    lane.end = earlier(next_portion(now), of_tick(next_look({% if rules.holds %}now.tick{% endif %})));
{%- if landings %}
    lane.end = earlier(lane.end, next_landing(now));
{%- endif %}
{%- if curves %}
    lane.end = earlier(lane.end, of_tick(next_end(now)));
{%- endif %}
    lane.length = time_since(now, lane.end);
    lane.middle = middle();
    lane.time = 0.0;
}

// Model time in the middle of the segment.
fn middle() -> f32 {
    return f32(lane.start.tick) * TIME_PER_TICK + 0.5 * lane.length;
}

// The present model time.
fn model_time() -> f32 {
    return f32(lane.start.tick) * TIME_PER_TICK + lane.time;
}

// Asks for the derivative at the present state: an attempt of size 0, whose last stage it is. Then it departs
// with a step of at most `longest`; 0 after a jump of the state.
fn restart(longest: f32) {
    lane.previous = longest;
    lane.step = 0.0;
    lane.phase = select(lane.phase, STARTING, lane.phase >= WAITING);
}

// Starts to integrate, once the derivative is known, with a step that changes the state by about this share
// of its size, but none longer than `longest`.
fn depart(share: f32, longest: f32) {
    let first = first_step(share);
    if !is_finite(first) {
        lane.phase = {{ non_finite }}u;
        return;
    }
    lane.step = min(first, longest);
    lane.previous = 0.0;
    lane.phase = RUNNING;
    check_steps();
}

// A step that changes the state by about a share of its size (Hairer, Norsett, Wanner, Solving Ordinary
// Differential Equations I, section II.4), not finite if the state or its derivative is not.
fn first_step(share: f32) -> f32 {
    var size = 0.0;
    var speed = 0.0;
    var scale = 0.0;
    var finite = true;
{%- for state in states %}
    finite &= is_finite(x.{{ state.name }}) & is_finite(k1.{{ state.name }});
{%- endfor %}
    if !finite {
        return not_a_number();
    }
{%- for state in states if not state.is_area %}
    scale = 1.0 / ({{ state.atol }} + RTOL * abs(x.{{ state.name }}));
    size += (x.{{ state.name }} * scale) * (x.{{ state.name }} * scale);
    speed += (k1.{{ state.name }} * scale) * (k1.{{ state.name }} * scale);
{%- endfor %}
    let smallest = {{ control.least_initial_share }} * lane.length;
    // A state or derivative of almost nothing, or beyond what can be squared, says nothing about the step.
    if (speed == 0.0) | !is_finite(size) | !is_finite(speed) {
        return smallest;
    }
    let step = share * sqrt(size / speed);
    return select(smallest, min(step, lane.length), (step > smallest) & is_finite(step));
}

