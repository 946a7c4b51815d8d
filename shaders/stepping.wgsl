// What becomes of attempted steps. CPU twin: src/engine/cpu/lanes/stepping.rs.

// The first step after a start or a jump of the state changes it by about this share of its size.
const INITIAL_CHANGE: f32 = {{ control.initial_change }};

// Decides about the attempt.
fn settle() {
    if lane.phase == ENTERING {
        // The attempt had no size; what it made of a state without its doses does not matter.
        x_new = x;
        carry_new = carry;
        lane.phase = RUNNING;
        lane.reads = true;
    } else if lane.phase == STARTING {
        take_derivative();
        if lane.first_dtmax > 0.0 {
            start_steps(1.0, lane.first_dtmax);
        } else {
            start_steps(INITIAL_CHANGE, lane.length);
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
{%- if steady %}
    if lane.cycle == 0u {
        follow_step();
    }
{%- else %}
    follow_step();
{%- endif %}
    if lane.phase < WAITING {
        return;
    }
{%- endif %}
    let next = observation(OBSERVATION_TICK, min(lane.point, POINTS - 1u));
    let reading = (lane.point < POINTS) & (time_since(lane.start, of_tick(next)) <= lane.t_new);
    lane.reads = reading | (lane.t_new == lane.length);
    if !lane.reads {
        advance();
        check_steps();
    }
}

// Reads what is due in the accepted step, or at its end.
fn read_step() {
    read_within();
    advance();
    if lane.phase < WAITING {
        return;
    }
    if lane.time == lane.length {
        at_tstop();
    } else {
        check_steps();
    }
}

// The state after the step is the present one.
fn advance() {
    x = x_new;
    take_derivative();
    carry = carry_new;
    lane.time = lane.t_new;
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

// Asks for the derivative at the present state: an attempt of size 0, whose last stage it is. Then the first step is at
// most `first_dtmax`; 0 after a jump of the state.
fn restart(first_dtmax: f32) {
    lane.first_dtmax = first_dtmax;
    lane.step = 0.0;
    lane.phase = select(lane.phase, STARTING, lane.phase >= WAITING);
}
{%- if max_step %}

// The first step after a time at which something may begin that no derivative shows yet: where equations change
// smoothly with time.
fn onset() -> f32 {
    return {{ control.onset }} * lane.length;
}
{%- endif %}

// Starts to integrate, once the derivative is known, with a step that changes the state by about this share
// of its size, but none longer than `dtmax`.
fn start_steps(share: f32, dtmax: f32) {
    let first = first_step(share);
    if !is_finite(first) {
        lane.phase = {{ non_finite }}u;
        return;
    }
    lane.step = min(first, dtmax);
    lane.log_err_prev = 0.0;
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
