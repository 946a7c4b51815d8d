// The explicit method of Tsitouras, 5(4). CPU twin: src/engine/cpu/tsit5.rs.
//
// Step control: a proportional-integral controller on the root mean square over states of
// `error / (atol_i + rtol max(|x_i|, |x_i new|))`.

{% macro slope(state, weights) -%}
{%- for weight in weights -%}
{{ weight }} * k{{ loop.index }}.{{ state }}{% if not loop.last %} + {% endif %}
{%- endfor -%}
{%- endmacro -%}

// The state before and after the attempt, and the derivatives of its stages.
var<private> x: States;
var<private> x_new: States;
var<private> k1: States;
var<private> k2: States;
var<private> k3: States;
var<private> k4: States;
var<private> k5: States;
var<private> k6: States;
var<private> k7: States;
var<private> carry: Carries;
var<private> carry_new: Carries;

// Size of the attempted step: the last but one before the end of a segment takes half of what is left,
// so that none is tiny. It is the difference of the times before and after, so that the steps of a segment
// add up to its length.
fn choose() {
    let left = lane.length - lane.time;
    let last = lane.step * {{ control.stretch }} >= left;
    let size = select(lane.step, 0.5 * left, 2.0 * lane.step > left);
    lane.reached = select(opaque(lane.time + size), lane.length, last);
    lane.used = lane.reached - lane.time;
}

fn attempt() {
    choose();
    let h = lane.used;
    let now = f32(lane.start) * TIME_PER_TICK + lane.time;
{% for stage in stages %}
    k{{ loop.index + 1 }} = derivatives(now + {{ stage.node }} * h, States(
{%- for state in states %}
        {% if state.read %}x.{{ state.name }} + h * ({{ slope(state.name, stage.weights) }}){% else %}0.0{% endif %},
{%- endfor %}
    ));
{% endfor %}
{%- for state in states if not state.is_area %}
    x_new.{{ state.name }} = x.{{ state.name }} + h * ({{ slope(state.name, solution) }});
{%- endfor %}
{%- for area in areas %}
    let added_{{ area.name }} = h * ({{ slope(area.name, solution) }}) + carry.{{ area.name }};
    x_new.{{ area.name }} = opaque(x.{{ area.name }} + added_{{ area.name }});
    carry_new.{{ area.name }} = added_{{ area.name }} - opaque(x_new.{{ area.name }} - x.{{ area.name }});
{%- endfor %}
    k7 = derivatives(now + h, x_new);
    measure();
    adapt();
}

// The mean square error of the attempt; not finite if any state is not.
fn measure() {
    var sum = 0.0;
    var ratio = 0.0;
{%- for state in states if not state.is_area %}
    ratio = lane.used * ({{ slope(state.name, error) }}) / (RTOL * max(abs(x.{{ state.name }}), abs(x_new.{{ state.name }})) + {{ state.atol }});
    sum += ratio * ratio;
{%- endfor %}
    lane.error = sum * {{ share }};
{%- for area in areas %}
    lane.error = select(not_a_number(), lane.error, is_finite(x_new.{{ area.name }}));
{%- endfor %}
}

fn is_accepted() -> bool {
    return is_finite(lane.error) & (lane.error <= 1.0);
}

// Size of the next step. An error that is not finite shrinks the step most.
fn adapt() {
    let accepted = is_accepted();
    if !is_finite(lane.error) {
        lane.step = lane.used * {{ control.shrink }};
        return;
    }
    let log_error = 0.5 * log(max(lane.error, 1e-20));
    let memory = select(0.0, {{ control.integral }} * lane.previous, accepted);
    let factor = {{ control.safety }} * exp(memory - {{ control.proportional }} * log_error);
    lane.step = lane.used * clamp(factor, {{ control.shrink }}, select(1.0, {{ control.grow }}, accepted));
    lane.previous = select(lane.previous, max(log_error, {{ control.least_remembered }}), accepted);
}

// The states that are read at a fraction of the last step.
fn interpolated(f: f32) -> States {
{%- for weight in interpolant %}
    let w{{ loop.index }} = f * ({{ weight[0] }} + f * ({{ weight[1] }} + f * ({{ weight[2] }} + f * {{ weight[3] }})));
{%- endfor %}
    return States(
{%- for state in states %}
        {% if state.observed %}x.{{ state.name }} + lane.used * (
{%- for weight in interpolant -%}
w{{ loop.index }} * k{{ loop.index }}.{{ state.name }}{% if not loop.last %} + {% endif %}
{%- endfor -%}
){% else %}0.0{% endif %},
{%- endfor %}
    );
}

