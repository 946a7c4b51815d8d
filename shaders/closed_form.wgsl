// The solution in closed form: the state at any time of a segment from that at its start. One step leads to its end, but
// for those in which curves are followed. CPU twin: src/engine/cpu/closed_form.rs.

// The states a time after `x`; of an area, what is added to it.
fn solution(elapsed: f32, x: States) -> States {
    var result: States;
{%- for line in closed_form.lines %}
    {{ line }}
{%- endfor %}
    return result;
}

fn attempt() {
    choose();
    x_new = solution(lane.dt, x);
{%- for area in areas %}
    let added_{{ area.name }} = x_new.{{ area.name }} + carry.{{ area.name }};
    x_new.{{ area.name }} = opaque(x.{{ area.name }} + added_{{ area.name }});
    carry_new.{{ area.name }} = added_{{ area.name }} - opaque(x_new.{{ area.name }} - x.{{ area.name }});
{%- endfor %}
    // There is no error; but a state may be no finite number, which no shorter step would make good.
    let finite = true{% for state in states %} & is_finite(x_new.{{ state.name }}){% endfor %};
    lane.error = select(not_a_number(), 0.0, finite);
    lane.step = select(0.0, max(first_length(), {{ closed_form.growth }} * lane.t_new), finite);
}

// The first step of a segment: to its end, unless curves are followed.
fn first_length() -> f32 {
    return {% if closed_form.first_step %}min({{ closed_form.first_step }}, lane.length){% else %}lane.length{% endif %};
}

// No derivative is needed.
fn take_derivative() {
}
{%- for reader in readers %}

// The states that are {{ reader }} at a fraction of the last step.
fn {{ reader }}_within(f: f32) -> States {
    var within = solution(f * lane.dt, x);
{%- for area in areas if area[reader] %}
    within.{{ area.name }} += x.{{ area.name }};
{%- endfor %}
    return within;
}
{%- endfor %}
