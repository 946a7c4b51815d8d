// Control of the step, whatever the method. CPU twin: src/engine/cpu/control.rs; constants and formula:
// src/engine/method/control.rs.

// The state before and after the attempt, and the derivative at the present state: after an attempt of size
// 0, and after every other if the method goes on from there.
var<private> x: States;
var<private> x_new: States;
var<private> k1: States;
var<private> carry: Carries;
var<private> carry_new: Carries;

// Size of the attempted step: the last but one before the end of a segment takes half of what is left,
// so that none is tiny. It is the difference of the times before and after, so that the steps of a segment
// add up to its length.
fn choose() {
    let left = lane.length - lane.time;
{%- if max_step %}
    lane.step = min(lane.step, {{ max_step }});
{%- endif %}
    let last = lane.step * {{ control.stretch }} >= left;
    let size = select(lane.step, 0.5 * left, 2.0 * lane.step > left);
    lane.t_new = select(opaque(lane.time + size), lane.length, last);
    lane.dt = lane.t_new - lane.time;
}

fn is_accepted() -> bool {
    return is_finite(lane.error) & (lane.error <= 1.0);
}

// Size of the next step. An error that is not finite shrinks the step most.
fn adapt() {
    let accepted = is_accepted();
    if !is_finite(lane.error) {
        lane.step = lane.dt * {{ control.shrink }};
        return;
    }
    let log_error = 0.5 * log(max(lane.error, {{ control.least_error }}));
    let memory = select(0.0, {{ control.integral }} * lane.log_err_prev, accepted);
    let factor = {{ control.safety }} * exp(memory - {{ control.proportional }} * log_error);
    lane.step = lane.dt * clamp(factor, {{ control.shrink }}, select(1.0, {{ control.grow }}, accepted));
    // An attempt of no size leaves what it starts with.
    lane.log_err_prev = select(lane.log_err_prev, max(log_error, {{ control.least_remembered }}), accepted & (lane.dt > 0.0));
}

// The mean square error of the attempt; not finite if any state is not.
fn measure(errors: States) {
    var sum = 0.0;
    var ratio = 0.0;
{%- for state in states if not state.is_area %}
    ratio = errors.{{ state.name }} / (RTOL * max(abs(x.{{ state.name }}), abs(x_new.{{ state.name }})) + {{ state.atol }});
    sum += ratio * ratio;
{%- endfor %}
    lane.error = sum * {{ share }};
{%- for area in areas %}
    lane.error = select(not_a_number(), lane.error, is_finite(x_new.{{ area.name }}));
{%- endfor %}
}
