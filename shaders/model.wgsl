// The right-hand side: change of each state per model time.
fn derivatives(time: f32, x: States) -> States {
    var result: States;
{%- for line in derivatives %}
    {{ line }}
{%- endfor %}
    return result;
}

// What is read of a patient.
struct Observed {
{%- for name in observed %}
    {{ name }}: f32,
{%- else %}
    nothing: f32,
{%- endfor %}
}

// What was read last.
var<private> seen: Observed;
{% for level in levels %}
// The visit program's expressions at a tick{% if not loop.first %} that read what accumulators just took{% endif %}; `point` is the observation time, for residual scores.
fn evaluate_{{ loop.index0 }}(tick: u32, x: States, point: u32) {
    let time = {% if recorded %}lane.now{% else %}time_of(tick){% endif %};
{%- for line in level.lines %}
    {{ line }}
{%- endfor %}
}
{% endfor %}