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

// The visit program's expressions at a time; `point` is the grid point, for residual scores.
fn observe(time: f32, x: States, point: u32) -> Observed {
    var result: Observed;
{%- for line in observe %}
    {{ line }}
{%- endfor %}
    return result;
}

