// Doses as the host planned them for each item: landings, sorted by time, the first at 0 and the last
// at the end, each with the rates after it and the amounts that enter at it. CPU twin:
// src/engine/schedule.rs.

fn landing_word(landing: u32, word: u32) -> u32 {
    return parameters[job.landings + (landing * LANDING_WORDS + word) * job.items + item];
}

fn landing_tick(landing: u32) -> u32 {
    return landing_word(landing, 0u);
}

// The rates of infusion just after a landing.
fn rates_after(landing: u32) -> Rates {
    var rates: Rates;
{%- for name in rates %}
    rates.{{ name }} = bitcast<f32>(landing_word(landing, {{ 1 + loop.index0 }}u));
{%- endfor %}
    return rates;
}

