// The doses of one patient in one arm: as planned, and as given on the way. A dose enters some states, each
// after a lag, at once or over a time. Doses are given at whole ticks; lags and durations keep their fractions. CPU
// twin: src/engine/schedule.rs.

// When a dose begins and ends to enter a state, and the amount, or that per model time if it takes a time.
struct DosePart {
    start: Instant,
    end: Instant,
    amount: f32,
}

fn dose_part_word(dose: u32, part: u32, word: u32) -> u32 {
{%- if at_dose %}
    return ledger[ledger_cell(LEDGER_PARTS + part * DOSE_PART_WORDS + word, dose)];
}

// The same as far as it is known before.
fn known_part_word(dose: u32, part: u32, word: u32) -> u32 {
{%- endif %}
    return parameters[job.dose_parts + ((dose * PARTS + part) * DOSE_PART_WORDS + word) * job.items + item];
}
{%- if several or limited %}

// What is the same of a planned dose for every patient of an arm.
fn dose_row(dose: u32, row: u32) -> u32 {
    return plan[DOSE_ROWS + ((item / job.patients) * DOSES + dose) * DOSE_ROW_COUNT + row];
}
{%- endif %}

{%- if carried %}

// What enters from time 0 on of a dose that was given before.
fn carried(entry: u32) -> DosePart {
    let start = Instant(carried_word(entry, 0u), carried_word(entry, 1u));
    return DosePart(start, Instant(carried_word(entry, 2u), carried_word(entry, 3u)), bitcast<f32>(carried_word(entry, 4u)));
}

// A word of it, behind those of the one cycle.
fn carried_word(entry: u32, word: u32) -> u32 {
    return parameters[job.cycles + (CYCLE_WORDS + entry * CARRIED_WORDS + word) * job.items + item];
}
{%- endif %}

// A time after a tick, `NEVER` at the latest.
fn after(tick: u32, by: u32) -> u32 {
    return tick + min(by, NEVER - tick);
}

// Two words of a part: its lag or its duration.
fn dose_part_length(dose: u32, part: u32, word: u32) -> Instant {
    return Instant(dose_part_word(dose, part, word), dose_part_word(dose, part, word + 1u));
}

fn ledger_cell(row: u32, dose: u32) -> u32 {
    return (row * DOSES + dose) * job.items + item;
}

{%- if limited or asks_amounts or at_dose %}

// The amount of a planned dose, before bioavailability, cap and rounding.
fn planned_amount(dose: u32) -> f32 {
    return bitcast<f32>(parameters[job.dose_parts + (DOSES * PARTS * DOSE_PART_WORDS + dose) * job.items + item]);
}
{%- endif %}
{%- if limited %}

// The largest amount of a planned dose.
fn cap(dose: u32) -> f32 {
    return bitcast<f32>(parameters[job.dose_parts + (DOSES * PARTS * DOSE_PART_WORDS + DOSES + dose) * job.items + item]);
}

// An amount in whole units of a planned dose; one that is almost whole is.
fn rounded(dose: u32, amount: f32) -> f32 {
    let unit = bitcast<f32>(dose_row(dose, DOSE_UNIT));
    let to = dose_row(dose, DOSE_TO);
    let units = amount / unit;
    let slack = {{ same_amount }} * units;
    var whole = floor(units + slack + 0.5);
    whole = select(whole, ceil(units - slack), to == ROUND_UP);
    whole = select(whole, floor(units + slack), to == ROUND_DOWN);
    return select(amount, whole * unit, to != 0u);
}
{%- endif %}

// What was given of a dose, as a multiple of the planned amount.
fn given_share(dose: u32) -> f32 {
    let factor = bitcast<f32>(ledger[ledger_cell(LEDGER_FACTOR, dose)]);
{%- if limited %}
    let amount = planned_amount(dose);
    let wanted = factor * amount;
    let given = rounded(dose, min(wanted, cap(dose)));
    return select(given / amount, factor, (given == wanted) | (amount == 0.0));
{%- else %}
    return factor;
{%- endif %}
}

// What enters a state of a given dose: of none, long ago. If the rate is kept, a smaller dose takes less time.
fn dose_part(dose: u32, part: u32, keeps_rate: bool{% if several %}, administration: u32{% endif %}) -> DosePart {
    let amount = bitcast<f32>(dose_part_word(dose, part, 4u));
    if amount == 0.0{% if several %} | (dose_row(dose, DOSE_ADMINISTRATION) != administration){% endif %}{% if rules.skips %} | (ledger[ledger_cell(LEDGER_TICK, dose)] == NEVER){% endif %} {
        return DosePart(of_tick(0u), of_tick(0u), 0.0);
    }
    let planned = dose_part_length(dose, part, 2u);
    let share = given_share(dose);
    let by_time = keeps_rate & !is_same(planned, of_tick(0u));
{%- if rules.infusions %}
    // The same amount over another time.
    let over = ledger[ledger_cell(LEDGER_OVER_TIME, dose)];
    let is_other = !keeps_rate & !is_same(planned, of_tick(0u)) & (over != 0u);
    let duration = Instant(select(planned.tick, over, is_other), select(planned.fraction, 0u, is_other));
    let slower = select(1.0, ticks_of(planned) / f32(max(over, 1u)), is_other);
{%- else %}
    let duration = planned;
{%- endif %}
    let start = later(of_tick(ledger[ledger_cell(LEDGER_TICK, dose)]), dose_part_length(dose, part, 0u));
    let end = later(start, scaled(duration, select(1.0, share, by_time)));
    return DosePart(start, end, select(amount * share{% if rules.infusions %} * slower{% endif %}, amount, by_time));
}

{%- if at_dose %}

// What is known of a dose only when it is given.
struct AtDose {
{%- for i in range(at_dose_values) %}
    v{{ i }}: f32,
{%- endfor %}
}

fn at_dose({% if asked %}dose: u32, {% endif %}tick: u32) -> AtDose {
    let time = time_of(tick);
    var result: AtDose;
{%- if asked %}
    let asked_before = asked;
    asked = asked_with(dose, of_tick(tick));
{%- endif %}
{%- for line in at_dose %}
    {{ line }}
{%- endfor %}
{%- if asked %}
    asked = asked_before;
{%- endif %}
    return result;
}

// Finds what enters of a dose that is about to be given.
fn find_parts(dose: u32, tick: u32) {
    let result = at_dose({% if asked %}dose, {% endif %}tick);
    let amount = planned_amount(dose);
{%- for route in routes %}
{%- if several %}
    if dose_row(dose, DOSE_ADMINISTRATION) == {{ route.place.administration }}u {
{%- else %}
    {
{%- endif %}
{%- if route.found %}
        let share = {{ route.found.bioavailability }};
        keep_part(dose, {{ route.place.part }}u, planned_part(amount * share, share, {{ route.found.lag }}, {{ route.found.input }}, {{ route.found.by_rate }}));
{%- else %}
        for (var word = 0u; word < DOSE_PART_WORDS; word++) {
            let row = LEDGER_PARTS + {{ route.place.part }}u * DOSE_PART_WORDS + word;
            ledger[ledger_cell(row, dose)] = known_part_word(dose, {{ route.place.part }}u, word);
        }
{%- endif %}
    }
{%- endfor %}
}

fn keep_part(dose: u32, part: u32, found: FoundPart) {
    let row = LEDGER_PARTS + part * DOSE_PART_WORDS;
    ledger[ledger_cell(row, dose)] = found.lag.tick;
    ledger[ledger_cell(row + 1u, dose)] = found.lag.fraction;
    ledger[ledger_cell(row + 2u, dose)] = found.duration.tick;
    ledger[ledger_cell(row + 3u, dose)] = found.duration.fraction;
    ledger[ledger_cell(row + 4u, dose)] = bitcast<u32>(found.amount);
    lane.phase = select({{ bad_dose }}u, lane.phase, found.is_right);
}
{%- endif %}

{%- if asked %}
// When a given dose begins to enter a state, whether anything of it enters or not.
fn begins_to_enter(dose: u32, part: u32{% if several %}, administration: u32{% endif %}) -> Instant {
{%- if several %}
    if (dose_row(dose, DOSE_ADMINISTRATION) != administration){% if rules.skips %} | (ledger[ledger_cell(LEDGER_TICK, dose)] == NEVER){% endif %} {
        return never();
    }
{%- endif %}
    return later(of_tick(ledger[ledger_cell(LEDGER_TICK, dose)]), dose_part_length(dose, part, 0u));
}
{%- if asks_amounts %}

// The amount of a given dose, before bioavailability.
fn amount_of(dose: u32) -> f32 {
    return planned_amount(dose) * given_share(dose);
}
{%- endif %}

// What equations ask of the doses that have begun by a time.
fn asked_after(now: Instant) -> Asked {
    var found: Asked;
{%- for item in asked %}
    found.{{ item.name }} = {{ item.nothing }};
    var at_{{ item.name }} = {% if item.is_first %}never(){% else %}of_tick(0u){% endif %};
{%- endfor %}
{%- for drug in rules.drugs %}
    for (var dose = {{ drug.first }}u; dose < {{ drug.from }}lane.given{{ drug.s }}; dose++) {
        var begins = never();
{%- for item in asked %}
        begins = never();
{%- for place in item.places if place.drug == drug.number %}
        begins = earlier(begins, begins_to_enter(dose, {{ place.part }}u{% if several %}, {{ place.administration }}u{% endif %}));
{%- endfor %}
        if !is_before(now, begins){% if item.is_first %} & is_before(begins, at_{{ item.name }}){% elif item.is_last %} & !is_before(begins, at_{{ item.name }}){% endif %} {
            let before = found.{{ item.name }};
            found.{{ item.name }} = {{ item.value }};
            at_{{ item.name }} = begins;
        }
{%- endfor %}
    }
{%- endfor %}
    return found;
}
{%- endif %}

// The next time after a time at which a given dose begins or ends to enter, the end at the latest.
fn next_boundary(now: Instant) -> Instant {
    var next = of_tick(END);
{%- if carried %}
    for (var entry = 0u; entry < {{ carried }}u; entry++) {
        let left = carried(entry);
        next = earlier(next, Instant(select(NEVER, left.start.tick, is_before(now, left.start)), left.start.fraction));
        next = earlier(next, Instant(select(NEVER, left.end.tick, is_before(now, left.end)), left.end.fraction));
    }
{%- endif %}
{%- for drug in rules.drugs %}
    var oldest{{ drug.s }} = {{ drug.from }}lane.given{{ drug.s }};
    for (var dose = {{ drug.from }}lane.oldest{{ drug.s }}; dose < {{ drug.from }}lane.given{{ drug.s }}; dose++) {
{%- for route in routes if route.place.drug == drug.number %}
        let part_{{ route.number }} = dose_part(dose, {{ route.place.part }}u, {{ route.keeps_rate }}{% if several %}, {{ route.place.administration }}u{% endif %});
        if is_before(now, part_{{ route.number }}.start) {
            next = earlier(next, part_{{ route.number }}.start);
        }
        if is_before(now, part_{{ route.number }}.end) {
            next = earlier(next, part_{{ route.number }}.end);
            oldest{{ drug.s }} = min(oldest{{ drug.s }}, dose);
        }
{%- if asked %}
        // Also when a dose of which nothing enters begins.
        let begins_{{ route.number }} = begins_to_enter(dose, {{ route.place.part }}u{% if several %}, {{ route.place.administration }}u{% endif %});
        if is_before(now, begins_{{ route.number }}){% if several or rules.skips %} & (begins_{{ route.number }}.tick != NEVER){% endif %} {
            next = earlier(next, begins_{{ route.number }});
            oldest{{ drug.s }} = min(oldest{{ drug.s }}, dose);
        }
{%- endif %}
{%- endfor %}
    }
    lane.oldest{{ drug.s }} = oldest{{ drug.s }}{% if drug.first %} - {{ drug.first }}u{% endif %};
{%- endfor %}
    return next;
}

// The rates of infusion just after a time.
fn rates_after(now: Instant) -> Rates {
    var rates: Rates;
{%- if rates %}
{%- if carried %}
    for (var entry = 0u; entry < {{ carried }}u; entry++) {
        let left = carried(entry);
        let runs = !is_before(now, left.start) & is_before(now, left.end);
        let infused = carried_word(entry, 6u);
{%- for name in rates %}
        rates.{{ name }} += select(0.0, left.amount, runs & (infused == {{ loop.index0 }}u));
{%- endfor %}
    }
{%- endif %}
{%- for drug in rules.drugs if drug.infuses %}
    for (var dose = {{ drug.from }}lane.oldest{{ drug.s }}; dose < {{ drug.from }}lane.given{{ drug.s }}; dose++) {
{%- for route in routes if route.infuses and route.place.drug == drug.number %}
        let part_{{ route.number }} = dose_part(dose, {{ route.place.part }}u, {{ route.keeps_rate }}{% if several %}, {{ route.place.administration }}u{% endif %});
        let runs_{{ route.number }} = !is_before(now, part_{{ route.number }}.start) & is_before(now, part_{{ route.number }}.end);
        rates.{{ route.state }} += select(0.0, part_{{ route.number }}.amount, runs_{{ route.number }});
{%- endfor %}
    }
{%- endfor %}
{%- endif %}
    return rates;
}
{%- if boluses %}

// Gives what enters at once at a time; whether something does.
fn give_boluses(now: Instant) -> bool {
    var given = false;
{%- if carried %}
    for (var entry = 0u; entry < {{ carried }}u; entry++) {
        let left = carried(entry);
        let is_now = is_same(left.start, now) & is_same(left.end, now) & (left.amount != 0.0);
        let state = carried_word(entry, 5u);
{%- for state in states %}
        x.{{ state.name }} += select(0.0, left.amount, is_now & (state == {{ loop.index0 }}u));
{%- endfor %}
        given |= is_now;
    }
{%- endif %}
{%- for drug in rules.drugs if drug.may_be_bolus %}
    for (var dose = {{ drug.from }}lane.oldest{{ drug.s }}; dose < {{ drug.from }}lane.given{{ drug.s }}; dose++) {
{%- for route in routes if route.may_be_bolus and route.place.drug == drug.number %}
        let part_{{ route.number }} = dose_part(dose, {{ route.place.part }}u, {{ route.keeps_rate }}{% if several %}, {{ route.place.administration }}u{% endif %});
        let is_bolus_{{ route.number }} = is_same(part_{{ route.number }}.start, now) & is_same(part_{{ route.number }}.end, now) & (part_{{ route.number }}.amount != 0.0);
        x.{{ route.state }} += select(0.0, part_{{ route.number }}.amount, is_bolus_{{ route.number }});
        given |= is_bolus_{{ route.number }};
{%- endfor %}
    }
{%- endfor %}
    return given;
}
{%- endif %}
{%- if at_dose and asked %}

// What the values of a dose that is about to be given ask of doses: it has begun, whatever its lag.
fn asked_with(dose: u32, now: Instant) -> Asked {
    var found = asked_after(now);
    let time = time_since(of_tick(0u), now);
{%- if several %}
    let administration = dose_row(dose, DOSE_ADMINISTRATION);
{%- endif %}
{%- for item in asked %}
    if {% if several %}false{% for place in item.places %} | (administration == {{ place.administration }}u){% endfor %}{% elif item.places %}true{% else %}false{% endif %} {
{%- if item.is_time and item.is_first %}
        found.{{ item.name }} = select(time, min(found.{{ item.name }}, time), is_number(found.{{ item.name }}));
{%- elif item.is_time %}
        found.{{ item.name }} = time;
{%- elif item.is_last %}
        found.{{ item.name }} = amount_of(dose);
{%- else %}
        found.{{ item.name }} += 1.0;
{%- endif %}
    }
{%- endfor %}
    return found;
}
{%- endif %}
{%- if at_dose %}

// What enters of a dose: after a lag, over a time or at once.
struct FoundPart {
    lag: Instant,
    duration: Instant,
    amount: f32,
    // Whether it can be given.
    is_right: bool,
}

// A part of an amount, of which bioavailability has left so much. The rate of an infusion that is given by its rate stays.
fn planned_part(amount: f32, bioavailability: f32, lag: f32, input: f32, by_rate: bool) -> FoundPart {
    let is_rate = by_rate & (amount != 0.0);
    let time = select(select(input, 0.0, by_rate), amount / input, is_rate);
    let is_right = is_length(bioavailability) & is_length(lag) & is_length(input) & is_length(time) & (!is_rate | (input > 0.0));
    let duration = instant_of(select(0.0, time, is_right));
    let at_once = is_same(duration, of_tick(0u));
    // What it takes as it is counted here, so that the amount is right.
    let taken = ticks_of(duration) * TIME_PER_TICK;
    let rate = select(amount / taken, input, by_rate);
    return FoundPart(instant_of(select(0.0, lag, is_right)), duration, select(rate, amount, at_once), is_right);
}

// Whether something can be a length of time, or a share: neither negative nor infinite.
fn is_length(x: f32) -> bool {
    return is_number(x) & (x >= 0.0);
}
{%- endif %}
