// Doses: what enters at a landing. Whether one is given: treatment.wgsl. CPU twin: src/engine/cpu/lanes/dosing.rs.

// What enters anew at a landing.
struct Entered {
    // Whether there was a bolus, or a dose that equations ask for has begun.
    bolus: bool,
    // Whether a rate of infusion rose.
    rises: bool,
}

// Gives the boluses of a landing and sets the rates after it. Without a jump of the state the derivative
// changes by the rates alone; a method that does not keep it from step to step has to ask for it.
fn dose(now: Instant) -> Entered {
    var entered = Entered(false, false);
    let before = rate;
    rate = rates_after(now);
{%- for name in rates %}
    k1.{{ name }} += rate.{{ name }} - before.{{ name }};
    entered.rises |= rate.{{ name }} > before.{{ name }};
{%- endfor %}
{%- if boluses %}
    entered.bolus = give_boluses(now);
{%- endif %}
{%- if asked %}
    let asked_before = asked;
    asked = asked_after(now);
{%- for item in asked %}
    entered.bolus |= bits(asked.{{ item.name }}) != bits(asked_before.{{ item.name }});
{%- endfor %}
{%- endif %}
    return entered;
}
