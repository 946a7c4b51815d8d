// A Rosenbrock pair, for stiff systems: every step takes the Jacobian at its start, factorises it once and solves one
// linear system for each stage. CPU twin: src/engine/cpu/rosenbrock.rs.
{% set last = implicit.stages | length %}

{% macro sum(state, weights) -%}
{%- for weight in weights -%}
{{ weight }} * u{{ loop.index }}.{{ state }}{% if not loop.last %} + {% endif %}
{%- endfor -%}
{%- endmacro -%}

// What a factorisation leaves for the solves of a step.
struct Factors {
{%- for factor in implicit.factors %}
    {{ factor }}: f32,
{%- else %}
    nothing: f32,
{%- endfor %}
}

var<private> factors: Factors;
// The largest growth in the factorisation.
var<private> growth: f32;
// Derivatives by time, of states where they are not 0.
var<private> slope: States;
{%- for stage in implicit.stages %}
var<private> u{{ loop.index }}: States;
{%- endfor %}

// The derivatives at the start of a step, and the factors of `shift I - J`.
fn linearise(time: f32, x: States, shift: f32) {
{%- for line in implicit.linearise %}
    {{ line }}
{%- endfor %}
}

// The solution of the linear system for a right-hand side.
fn solve(right: States) -> States {
    var result: States;
{%- for line in implicit.solve %}
    {{ line }}
{%- endfor %}
    return result;
}

// The solution for the derivatives at a stage plus a right-hand side.
fn solve_stage(time: f32, x: States, right: States) -> States {
    var result: States;
{%- for line in implicit.solve_stage %}
    {{ line }}
{%- endfor %}
    return result;
}

fn attempt() {
    choose();
    let h = lane.dt;
    let now = model_time();
    // A step of size 0 is there for its derivatives alone.
    let per_step = select(1.0, 1.0 / h, h > 0.0);
    linearise(now, x, {{ implicit.per_gamma }} * per_step);
    u1 = solve(States(
{%- for state in states %}
        k1.{{ state.name }}{% if state.timed %} + {{ implicit.slope_weights[0] }} * h * slope.{{ state.name }}{% endif %},
{%- endfor %}
    ));
    var y = x;
{%- for stage in implicit.stages[1:] %}
{%- set number = loop.index %}
{%- if stage.weights %}
    y = States(
{%- for state in states %}
        {% if state.read or stage.whole %}x.{{ state.name }} + ({{ sum(state.name, stage.weights) }}){% else %}0.0{% endif %},
{%- endfor %}
    );
{%- else %}
    y = States(
{%- for state in states %}
        y.{{ state.name }} + u{{ number }}.{{ state.name }},
{%- endfor %}
    );
{%- endif %}
    u{{ number + 1 }} = solve_stage(now + {{ stage.node }} * h, y, States(
{%- for state in states %}
        per_step * ({{ sum(state.name, stage.coupling) }}){% if state.timed and stage.slope %} + {{ stage.slope }} * h * slope.{{ state.name }}{% endif %},
{%- endfor %}
    ));
{%- endfor %}
{%- for state in states if not state.is_area %}
    x_new.{{ state.name }} = y.{{ state.name }} + u{{ last }}.{{ state.name }};
{%- endfor %}
{%- for area in areas %}
    let added_{{ area.name }} = {{ sum(area.name, implicit.solution) }} + carry.{{ area.name }};
    x_new.{{ area.name }} = opaque(x.{{ area.name }} + added_{{ area.name }});
    carry_new.{{ area.name }} = added_{{ area.name }} - opaque(x_new.{{ area.name }} - x.{{ area.name }});
{%- endfor %}
    measure(u{{ last }});
    // Of a factorisation that grew, too many digits are lost.
    lane.error = select(lane.error, 3e38, growth > {{ implicit.most_growth }});
    adapt();
}

// The derivative at the start of a step is taken with its Jacobian.
fn take_derivative() {
}
{%- for reader in readers %}

// The states that are {{ reader }} at a fraction of the last step.
fn {{ reader }}_within(f: f32) -> States {
    let g = 1.0 - f;
{%- for weight in implicit.interpolant %}
    let w{{ loop.index }} = f * ({{ weight[0] }} + g * ({{ weight[1] }} + f * ({{ weight[2] }} + f * {{ weight[3] }})));
{%- endfor %}
    return States(
{%- for state in states %}
        {% if state[reader] %}x.{{ state.name }} + (
{%- for weight in implicit.interpolant -%}
w{{ loop.index }} * u{{ loop.index }}.{{ state.name }}{% if not loop.last %} + {% endif %}
{%- endfor -%}
){% else %}0.0{% endif %},
{%- endfor %}
    );
}
{%- endfor %}
