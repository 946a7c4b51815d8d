// The doses of one patient in one arm: as planned, and as given on the way. A dose enters some states, each
// after a lag, at once or over a time. Doses are given at whole ticks; lags and durations keep their fractions. CPU
// twin: src/engine/schedule.rs.

// When a dose begins and ends to enter a state, and the amount, or that per model time if it takes a time.
struct DosePart {
    start: Instant,
    end: Instant,
    amount: f32,
}

// When a dose is planned; the last of an arm never comes.
fn planned(dose: u32) -> u32 {
    return plan[PLANNED + (item / job.patients) * (DOSES + 1u) + dose];
}

fn dose_part_word(dose: u32, route: u32, word: u32) -> u32 {
    return parameters[job.dose_parts + ((dose * ROUTES + route) * DOSE_PART_WORDS + word) * job.items + item];
}

// A time after a tick, `NEVER` at the latest.
fn after(tick: u32, by: u32) -> u32 {
    return tick + min(by, NEVER - tick);
}

// Two words of a part: its lag or its duration.
fn dose_part_length(dose: u32, route: u32, word: u32) -> Instant {
    return Instant(dose_part_word(dose, route, word), dose_part_word(dose, route, word + 1u));
}

fn ledger_cell(row: u32, dose: u32) -> u32 {
    return (row * DOSES + dose) * job.items + item;
}

// What enters a state of a given dose: of none, long ago. If the rate is kept, a smaller dose takes less time.
fn dose_part(dose: u32, route: u32, keeps_rate: bool) -> DosePart {
    let amount = bitcast<f32>(dose_part_word(dose, route, 4u));
    if amount == 0.0 {
        return DosePart(of_tick(0u), of_tick(0u), 0.0);
    }
    let duration = dose_part_length(dose, route, 2u);
    let factor = bitcast<f32>(ledger[ledger_cell(LEDGER_FACTOR, dose)]);
    let by_time = keeps_rate & !is_same(duration, of_tick(0u));
    let start = later(of_tick(ledger[ledger_cell(LEDGER_TICK, dose)]), dose_part_length(dose, route, 0u));
    let end = later(start, scaled(duration, select(1.0, factor, by_time)));
    return DosePart(start, end, select(amount * factor, amount, by_time));
}

{%- if asked %}
// When a given dose begins to enter a state, whether anything of it enters or not.
fn begins_to_enter(dose: u32, route: u32) -> Instant {
    return later(of_tick(ledger[ledger_cell(LEDGER_TICK, dose)]), dose_part_length(dose, route, 0u));
}

// The amount of a given dose, before bioavailability.
fn amount_of(dose: u32) -> f32 {
    let amount = parameters[job.dose_parts + (DOSES * ROUTES * DOSE_PART_WORDS + dose) * job.items + item];
    return bitcast<f32>(amount) * bitcast<f32>(ledger[ledger_cell(LEDGER_FACTOR, dose)]);
}

// What equations ask of the doses that have begun by a time.
fn asked_after(now: Instant) -> Asked {
    var found: Asked;
{%- for item in asked %}
    found.{{ item.name }} = {{ item.nothing }};
{%- endfor %}
    for (var dose = 0u; dose < lane.given; dose++) {
        var begins = never();
{%- for item in asked %}
        begins = never();
{%- for route in item.routes %}
        begins = earlier(begins, begins_to_enter(dose, {{ route }}u));
{%- endfor %}
        if !is_before(now, begins) {
            found.{{ item.name }} = {{ item.value }};
        }
{%- endfor %}
    }
    return found;
}
{%- endif %}

// The next time after a time at which a given dose begins or ends to enter, the end at the latest.
fn next_boundary(now: Instant) -> Instant {
    var next = of_tick(END);
    var oldest = lane.given;
    for (var dose = lane.oldest; dose < lane.given; dose++) {
{%- for route in routes %}
        let part_{{ route.number }} = dose_part(dose, {{ route.number }}u, {{ route.keeps_rate }});
        if is_before(now, part_{{ route.number }}.start) {
            next = earlier(next, part_{{ route.number }}.start);
        }
        if is_before(now, part_{{ route.number }}.end) {
            next = earlier(next, part_{{ route.number }}.end);
            oldest = min(oldest, dose);
        }
{%- if asked %}
        // Also when a dose of which nothing enters begins.
        let begins_{{ route.number }} = begins_to_enter(dose, {{ route.number }}u);
        if is_before(now, begins_{{ route.number }}) {
            next = earlier(next, begins_{{ route.number }});
            oldest = min(oldest, dose);
        }
{%- endif %}
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
{%- for route in routes if route.infuses %}
        let part_{{ route.number }} = dose_part(dose, {{ route.number }}u, {{ route.keeps_rate }});
        let runs_{{ route.number }} = !is_before(now, part_{{ route.number }}.start) & is_before(now, part_{{ route.number }}.end);
        rates.{{ route.state }} += select(0.0, part_{{ route.number }}.amount, runs_{{ route.number }});
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
{%- for route in routes if route.may_be_bolus %}
        let part_{{ route.number }} = dose_part(dose, {{ route.number }}u, {{ route.keeps_rate }});
        let is_bolus_{{ route.number }} = is_same(part_{{ route.number }}.start, now) & is_same(part_{{ route.number }}.end, now) & (part_{{ route.number }}.amount != 0.0);
        x.{{ route.state }} += select(0.0, part_{{ route.number }}.amount, is_bolus_{{ route.number }});
        given |= is_bolus_{{ route.number }};
{%- endfor %}
    }
    return given;
}
{%- endif %}
