// The doses of one patient in one arm: as planned, and as given on the way. A dose enters some states, each
// after a lag, at once or over a time. Doses are given at whole ticks; lags and durations keep their fractions. CPU
// twin: src/engine/schedule.rs.

// When a dose begins and ends to enter a state, and the amount, or that per model time if it takes a time.
struct Portion {
    start: Instant,
    end: Instant,
    amount: f32,
}

// When a dose is planned; the last of an arm never comes.
fn planned(dose: u32) -> u32 {
    return plan[PLANNED + (item / job.patients) * (DOSES + 1u) + dose];
}

fn portion_word(dose: u32, entry: u32, word: u32) -> u32 {
    return parameters[job.portions + ((dose * ENTRIES + entry) * PORTION_WORDS + word) * job.items + item];
}

// A time after a tick, `NEVER` at the latest.
fn after(tick: u32, by: u32) -> u32 {
    return tick + min(by, NEVER - tick);
}

// Two words of a portion: its lag or its duration.
fn portion_length(dose: u32, entry: u32, word: u32) -> Instant {
    return Instant(portion_word(dose, entry, word), portion_word(dose, entry, word + 1u));
}

fn ledger_cell(row: u32, dose: u32) -> u32 {
    return (row * DOSES + dose) * job.items + item;
}

// What enters a state of a given dose: of none, long ago. If the rate is kept, a smaller dose takes less time.
fn portion(dose: u32, entry: u32, keeps_rate: bool) -> Portion {
    let amount = bitcast<f32>(portion_word(dose, entry, 4u));
    if amount == 0.0 {
        return Portion(of_tick(0u), of_tick(0u), 0.0);
    }
    let duration = portion_length(dose, entry, 2u);
    let factor = bitcast<f32>(ledger[ledger_cell(LEDGER_FACTOR, dose)]);
    let by_time = keeps_rate & !is_same(duration, of_tick(0u));
    let start = later(of_tick(ledger[ledger_cell(LEDGER_TICK, dose)]), portion_length(dose, entry, 0u));
    let end = later(start, scaled(duration, select(1.0, factor, by_time)));
    return Portion(start, end, select(amount * factor, amount, by_time));
}

// The next time after a time at which a given dose begins or ends to enter, the end at the latest.
fn next_boundary(now: Instant) -> Instant {
    var next = of_tick(END);
    var oldest = lane.given;
    for (var dose = lane.oldest; dose < lane.given; dose++) {
{%- for entry in entries %}
        let portion_{{ entry.number }} = portion(dose, {{ entry.number }}u, {{ entry.keeps_rate }});
        if is_before(now, portion_{{ entry.number }}.start) {
            next = earlier(next, portion_{{ entry.number }}.start);
        }
        if is_before(now, portion_{{ entry.number }}.end) {
            next = earlier(next, portion_{{ entry.number }}.end);
            oldest = min(oldest, dose);
        }
{%- endfor %}
    }
    lane.oldest = oldest;
    return next;
}

// The rates of infusion just after a time.
fn rates_after(now: Instant) -> Rates {
    var rates: Rates;
{%- if rates %}
    for (var dose = lane.oldest; dose < lane.given; dose++) {
{%- for entry in entries if entry.infuses %}
        let portion_{{ entry.number }} = portion(dose, {{ entry.number }}u, {{ entry.keeps_rate }});
        let runs_{{ entry.number }} = !is_before(now, portion_{{ entry.number }}.start) & is_before(now, portion_{{ entry.number }}.end);
        rates.{{ entry.state }} += select(0.0, portion_{{ entry.number }}.amount, runs_{{ entry.number }});
{%- endfor %}
    }
{%- endif %}
    return rates;
}
{%- if boluses %}

// Gives what enters at once at a time; whether something does.
fn give_boluses(now: Instant) -> bool {
    var given = false;
    for (var dose = lane.oldest; dose < lane.given; dose++) {
{%- for entry in entries if entry.may_be_bolus %}
        let portion_{{ entry.number }} = portion(dose, {{ entry.number }}u, {{ entry.keeps_rate }});
        let is_bolus_{{ entry.number }} = is_same(portion_{{ entry.number }}.start, now) & is_same(portion_{{ entry.number }}.end, now) & (portion_{{ entry.number }}.amount != 0.0);
        x.{{ entry.state }} += select(0.0, portion_{{ entry.number }}.amount, is_bolus_{{ entry.number }});
        given |= is_bolus_{{ entry.number }};
{%- endfor %}
    }
    return given;
}
{%- endif %}
