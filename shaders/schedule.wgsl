// The doses of one patient in one arm: as planned, and as given on the way. A dose enters some states, each
// after a lag, at once or over a time. CPU twin: src/engine/schedule.rs.

// When a dose begins and ends to enter a state, and the amount, or that per model time if it takes a time.
struct Portion {
    start: u32,
    end: u32,
    amount: f32,
}

// When a dose is planned; the last of an arm never comes.
fn planned(dose: u32) -> u32 {
    return plan[PLANNED + (item / job.patients) * (DOSES + 1u) + dose];
}

fn portion_word(dose: u32, entry: u32, word: u32) -> u32 {
    return parameters[job.portions + ((dose * ENTRIES + entry) * PORTION_WORDS + word) * job.items + item];
}

fn ledger_cell(row: u32, dose: u32) -> u32 {
    return (row * DOSES + dose) * job.items + item;
}

// A time after a tick, `NEVER` at the latest.
fn after(tick: u32, by: u32) -> u32 {
    return tick + min(by, NEVER - tick);
}

// What enters a state of a given dose: of none, long ago. If the rate is kept, a smaller dose takes less time.
fn portion(dose: u32, entry: u32, keeps_rate: bool) -> Portion {
    let lag = portion_word(dose, entry, 0u);
    let duration = portion_word(dose, entry, 1u);
    let amount = bitcast<f32>(portion_word(dose, entry, 2u));
    let factor = bitcast<f32>(ledger[ledger_cell(LEDGER_FACTOR, dose)]);
    let start = after(ledger[ledger_cell(LEDGER_TICK, dose)], lag);
    let by_time = keeps_rate & (duration > 0u);
    let scaled = max(u32(floor(f32(duration) * factor + 0.5)), 1u);
    let end = after(start, select(duration, scaled, by_time & (factor != 1.0)));
    let some = amount != 0.0;
    return Portion(select(0u, start, some), select(0u, end, some), select(amount * factor, amount, by_time));
}

// The next time after a tick at which a given dose begins or ends to enter, the end at the latest.
fn next_portion(tick: u32) -> u32 {
    var next = END;
    var oldest = lane.given;
    for (var dose = lane.oldest; dose < lane.given; dose++) {
{%- for entry in entries %}
        let portion_{{ entry.number }} = portion(dose, {{ entry.number }}u, {{ entry.keeps_rate }});
        next = min(next, select(END, portion_{{ entry.number }}.start, portion_{{ entry.number }}.start > tick));
        next = min(next, select(END, portion_{{ entry.number }}.end, portion_{{ entry.number }}.end > tick));
        oldest = min(oldest, select(lane.given, dose, portion_{{ entry.number }}.end > tick));
{%- endfor %}
    }
    lane.oldest = oldest;
    return next;
}

// The rates of infusion just after a tick.
fn rates_after(tick: u32) -> Rates {
    var rates: Rates;
{%- if rates %}
    for (var dose = lane.oldest; dose < lane.given; dose++) {
{%- for entry in entries if entry.infuses %}
        let portion_{{ entry.number }} = portion(dose, {{ entry.number }}u, {{ entry.keeps_rate }});
        let runs_{{ entry.number }} = (portion_{{ entry.number }}.start <= tick) & (tick < portion_{{ entry.number }}.end);
        rates.{{ entry.state }} += select(0.0, portion_{{ entry.number }}.amount, runs_{{ entry.number }});
{%- endfor %}
    }
{%- endif %}
    return rates;
}
{%- if boluses %}

// Gives what enters at once at a tick; whether something does.
fn give_boluses(tick: u32) -> bool {
    var given = false;
    for (var dose = lane.oldest; dose < lane.given; dose++) {
{%- for entry in entries if entry.may_be_bolus %}
        let portion_{{ entry.number }} = portion(dose, {{ entry.number }}u, {{ entry.keeps_rate }});
        let is_bolus_{{ entry.number }} = (portion_{{ entry.number }}.start == tick) & (portion_{{ entry.number }}.end == tick) & (portion_{{ entry.number }}.amount != 0.0);
        x.{{ entry.state }} += select(0.0, portion_{{ entry.number }}.amount, is_bolus_{{ entry.number }});
        given |= is_bolus_{{ entry.number }};
{%- endfor %}
    }
    return given;
}
{%- endif %}

