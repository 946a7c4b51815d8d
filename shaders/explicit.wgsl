// An explicit Runge-Kutta pair. The last derivative of a step is the first of the next. CPU twin:
// src/engine/cpu/explicit.rs.
{% set last = explicit.error | length %}

{% macro slope(state, weights) -%}
{%- for weight in weights -%}
{{ weight }} * k{{ loop.index }}.{{ state }}{% if not loop.last %} + {% endif %}
{%- endfor -%}
{%- endmacro -%}

// The derivatives of the stages after the first.
{%- for weight in explicit.error[1:] %}
var<private> k{{ loop.index + 1 }}: States;
{%- endfor %}

fn attempt() {
    choose();
    let h = lane.dt;
    let now = model_time();
{% for stage in explicit.stages %}
    k{{ loop.index + 1 }} = derivatives(now + {{ stage.node }} * h, States(
{%- for state in states %}
        {% if state.read %}x.{{ state.name }} + h * ({{ slope(state.name, stage.weights) }}){% else %}0.0{% endif %},
{%- endfor %}
    ));
{% endfor %}
{%- for state in states if not state.is_area %}
    x_new.{{ state.name }} = x.{{ state.name }} + h * ({{ slope(state.name, explicit.solution) }});
{%- endfor %}
{%- for area in areas %}
    let added_{{ area.name }} = h * ({{ slope(area.name, explicit.solution) }}) + carry.{{ area.name }};
    x_new.{{ area.name }} = opaque(x.{{ area.name }} + added_{{ area.name }});
    carry_new.{{ area.name }} = added_{{ area.name }} - opaque(x_new.{{ area.name }} - x.{{ area.name }});
{%- endfor %}
    k{{ last }} = derivatives(now + h, x_new);
    measure(States(
{%- for state in states %}
        {% if state.is_area %}0.0{% else %}h * ({{ slope(state.name, explicit.error) }}){% endif %},
{%- endfor %}
    ));
    adapt();
}

// The derivative at the end of the step is the first of the next.
fn take_derivative() {
    k1 = k{{ last }};
}
{%- for reader in readers %}

// The states that are {{ reader }} at a fraction of the last step.
fn {{ reader }}_within(f: f32) -> States {
{%- for weight in explicit.interpolant %}
    let w{{ loop.index }} = f * ({{ weight[0] }} + f * ({{ weight[1] }} + f * ({{ weight[2] }} + f * {{ weight[3] }})));
{%- endfor %}
    return States(
{%- for state in states %}
        {% if state[reader] %}x.{{ state.name }} + lane.dt * (
{%- for weight in explicit.interpolant -%}
w{{ loop.index }} * k{{ loop.index }}.{{ state.name }}{% if not loop.last %} + {% endif %}
{%- endfor -%}
){% else %}0.0{% endif %},
{%- endfor %}
    );
}
{%- endfor %}
