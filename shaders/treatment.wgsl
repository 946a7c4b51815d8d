// The treatment of one patient in one arm, and what is decided about it at visits, in the order that is told in
// src/engine/treatment, the CPU twin.

// Before anything was given.
fn enter_treatment() {
    lane.factor = 1.0;
    lane.due = next_due();
{%- if rules.leaving %}
    outcomes[cell(OUTCOME_LEFT_BY)] = NO_REASON;
{%- endif %}
{%- if rules.is_adaptive %}
    outcomes[cell(OUTCOME_STOPPED_BY)] = NO_REASON;
    for (var dose = 0u; (dose < DOSES) & (job.fixed == 0u); dose++) {
        ledger[ledger_cell(LEDGER_FACTOR, dose)] = 0u;
{%- if rules.holds %}
        ledger[ledger_cell(LEDGER_HELD_BY, dose)] = NO_REASON;
{%- endif %}
{%- if rules.changes %}
        ledger[ledger_cell(LEDGER_CHANGED_BY, dose)] = NO_REASON;
{%- endif %}
    }
{%- endif %}
}

fn resume_treatment() {
    lane.given = outcomes[cell(OUTCOME_GIVEN)];
    lane.oldest = outcomes[cell(OUTCOME_OLDEST)];
    lane.due = outcomes[cell(OUTCOME_DUE)];
    lane.factor = 1.0;
    if lane.given > 0u {
        lane.last = ledger[ledger_cell(LEDGER_TICK, lane.given - 1u)];
        lane.factor = bitcast<f32>(ledger[ledger_cell(LEDGER_FACTOR, lane.given - 1u)]);
    }
{%- if rules.holds %}
    lane.hold = outcomes[cell(OUTCOME_HOLD)];
    lane.began = outcomes[cell(OUTCOME_BEGAN)];
{%- endif %}
{%- if rules.delays %}
    lane.over = outcomes[cell(OUTCOME_OVER)];
{%- endif %}
{%- if rules.is_adaptive %}
    lane.stopped = outcomes[cell(OUTCOME_STOPPED_BY)] != NO_REASON;
{%- endif %}
{%- if rules.leaving %}
    lane.left = outcomes[cell(OUTCOME_LEFT_BY)] != NO_REASON;
{%- endif %}
}

fn suspend_treatment() {
    outcomes[cell(OUTCOME_OLDEST)] = lane.oldest;
    outcomes[cell(OUTCOME_DUE)] = lane.due;
{%- if rules.holds %}
    outcomes[cell(OUTCOME_HOLD)] = lane.hold;
    outcomes[cell(OUTCOME_BEGAN)] = lane.began;
{%- endif %}
{%- if rules.delays %}
    outcomes[cell(OUTCOME_OVER)] = lane.over;
{%- endif %}
}

fn is_due(tick: u32) -> bool {
    return (tick >= lane.due) & (tick < END);
}

// When it must be decided about the patient's doses again, after a tick.
fn next_decision({% if rules.holds %}tick: u32{% endif %}) -> u32 {
{%- if rules.holds %}
    if lane.hold != 0u {
        return visit_from(tick + 1u);
    }
{%- endif %}
    return lane.due;
}

// When the next dose is due: a later one if the last was late.
fn next_due() -> u32 {
    if job.fixed != 0u {
        let tick = ledger[ledger_cell(LEDGER_TICK, min(lane.given, max(DOSES, 1u) - 1u))];
        return select(NEVER, tick, lane.given < DOSES);
    }
{%- if rules.holds %}
    let late = select(0u, lane.last - planned(max(lane.given, 1u) - 1u), lane.given > 0u);
    return visit_from(after(planned(lane.given), late));
{%- else %}
    return planned(lane.given);
{%- endif %}
}
{%- if rules.holds %}

// The first visit at or after a tick.
fn visit_from(tick: u32) -> u32 {
    var low = 0u;
    var high = VISIT_COUNT;
    while low < high {
        let middle = (low + high) / 2u;
        let before = plan[VISITS + middle] < tick;
        low = select(low, middle + 1u, before);
        high = select(middle, high, before);
    }
    return select(NEVER, plan[VISITS + min(low, VISIT_COUNT - 1u)], low < VISIT_COUNT);
}
{%- endif %}

// Gives a dose, if one is due.
fn dose_due(tick: u32{% if rules.holds %}, visit: bool{% endif %}) {
    if !is_due(tick){% if rules.holds %} | !(visit | (tick == lane.due)){% endif %} {
        return;
    }
{%- if rules.is_adaptive %}
    if job.fixed == 0u {
        ledger[ledger_cell(LEDGER_FACTOR, lane.given)] = bitcast<u32>(lane.factor);
        if !goes_on(tick) {
            return;
        }
    }
{%- endif %}
    give(tick);
}

fn give(tick: u32) {
    if job.fixed != 0u {
        lane.factor = bitcast<f32>(ledger[ledger_cell(LEDGER_FACTOR, lane.given)]);
    }
    ledger[ledger_cell(LEDGER_TICK, lane.given)] = tick;
    ledger[ledger_cell(LEDGER_FACTOR, lane.given)] = bitcast<u32>(lane.factor);
    lane.last = tick;
    lane.given += 1u;
{%- if rules.holds %}
    lane.hold = 0u;
{%- endif %}
{%- if rules.delays %}
    lane.over = 0u;
{%- endif %}
    lane.due = next_due();
{%- if reset_at_dose %}
    reset_at_dose();
{%- endif %}
}
{%- if days_are_read %}

// Days until what never comes.
const NEVER_DAYS: f32 = {{ never_days }};

// Days of so many ticks, exact for whole days.
fn days(ticks: u32) -> f32 {
    return f32(ticks / DAY) + f32(ticks % DAY) * (1.0 / f32(DAY));
}
{%- endif %}
{%- if course %}

// How far it has come at a tick.

fn doses_given() -> f32 {
    return f32(lane.given);
}

fn cycle(tick: u32) -> f32 {
    return f32(lane.given + select(0u, 1u, tick >= lane.due));
}

fn days_since_dose(tick: u32) -> f32 {
    return select(NEVER_DAYS, days(tick - lane.last), lane.given > 0u);
}

fn days_held(tick: u32) -> f32 {
    return select(0.0, days(tick - lane.due), tick >= lane.due);
}

fn relative_dose() -> f32 {
    return lane.factor;
}

fn on_treatment() -> f32 {
    return {% if rules.is_adaptive %}select(1.0, 0.0, lane.stopped){% else %}1.0{% endif %};
}

fn on_study() -> f32 {
    return {% if rules.leaving %}select(1.0, 0.0, lane.left){% else %}1.0{% endif %};
}
{%- endif %}
{%- if rules.watches or rules.is_adaptive %}

// The value that a decision shows.
fn shown(reason: u32) -> f32 {
    var value = 0.0;
{%- for name in rules.shows %}
    value = select(value, seen.{{ name }}, reason == {{ loop.index0 }}u);
{%- endfor %}
    return value;
}

// Writes how treatment or the stay ended.
fn note_ending(row: u32, reason: u32, tick: u32) {
    outcomes[cell(row)] = reason;
    outcomes[cell(row + 1u)] = tick;
    outcomes[cell(row + 2u)] = bitcast<u32>(shown(reason));
}
{%- endif %}
{%- if rules.watches %}

// Who leaves and whose treatment stops at a visit.
fn watch(tick: u32, visit: bool) {
    if !visit {
        return;
    }
{%- if rules.leaving %}
    let leaving = reason_to_leave();
    if (leaving != NO_REASON) & !lane.left {
        lane.left = true;
        note_ending(OUTCOME_LEFT_BY, leaving, tick);
    }
{%- endif %}
{%- if rules.stopping %}
    let stopping = reason_to_stop(is_due(tick));
    if (stopping != NO_REASON) & !lane.stopped {
        stop(stopping, tick);
    }
{%- endif %}
}
{%- endif %}
{%- if rules.leaving %}

fn reason_to_leave() -> u32 {
    var reason = NO_REASON;
{%- for stop in rules.leaving | reverse %}
    reason = select(reason, {{ stop.reason }}u, {{ stop.when }});
{%- endfor %}
    return reason;
}
{%- endif %}
{%- if rules.stopping %}

fn reason_to_stop(is_due: bool) -> u32 {
    var reason = NO_REASON;
{%- for stop in rules.stopping | reverse %}
    reason = select(reason, {{ stop.reason }}u, {% if stop.at_dose %}is_due & {% endif %}({{ stop.when }}));
{%- endfor %}
    return reason;
}
{%- endif %}
{%- if rules.is_adaptive %}

fn stop(reason: u32, tick: u32) {
    lane.stopped = true;
    note_ending(OUTCOME_STOPPED_BY, reason, tick);
}

// Whether the dose that is due is given; if treatment has stopped, none is any more.
fn goes_on(tick: u32) -> bool {
    var waiting = false;
{%- if rules.holds %}
    if !lane.stopped {
        waiting = waits(tick);
    }
{%- endif %}
{%- if rules.changes %}
    if !lane.stopped & !waiting {
        change(tick);
    }
{%- endif %}
    if lane.stopped {
        lane.due = NEVER;
{%- if rules.holds %}
        lane.hold = 0u;
{%- endif %}
    }
    return !lane.stopped & !waiting;
}
{%- endif %}
{%- if rules.holds or rules.changes %}

// Writes what held or changed the dose that is due.
fn note(row: u32, reason: u32, tick: u32) {
    ledger[ledger_cell(row, lane.given)] = reason;
    ledger[ledger_cell(row + 1u, lane.given)] = tick;
    ledger[ledger_cell(row + 2u, lane.given)] = bitcast<u32>(shown(reason));
}
{%- endif %}
{%- if rules.holds %}

// Whether the dose that is due waits, or must not be given any more.
fn waits(tick: u32) -> bool {
    let late = tick - lane.due;
    let over = (late <= at_most(lane.hold)) & (tick - lane.began >= at_least(lane.hold)) & until(lane.hold);
{%- if rules.delays %}
    lane.over |= select(0u, delay(lane.hold), over);
{%- endif %}
    if (lane.hold == 0u) | over {
        lane.hold = first_hold();
        lane.began = tick;
    }
    if lane.hold == 0u {
        return false;
    }
    let reason = {{ rules.first_hold }}u + lane.hold - 1u;
    if late == 0u {
        note(LEDGER_HELD_BY, reason, tick);
    }
    if late >= at_most(lane.hold) {
        stop(reason, tick);
    }
    return true;
}

fn first_hold() -> u32 {
    var hold = 0u;
{%- for hold in rules.holds | reverse %}
    hold = select(hold, {{ hold.number }}u, {{ hold.when }});
{%- endfor %}
    return hold;
}

fn until(hold: u32) -> bool {
    var over = false;
{%- for hold in rules.holds %}
    over |= (hold == {{ hold.number }}u) & ({{ hold.until }});
{%- endfor %}
    return over;
}

{%- if rules.delays %}

// The bit of a delay; 0 of another hold.
fn delay(hold: u32) -> u32 {
    var bit = 0u;
{%- for hold in rules.holds %}
    bit = select(bit, {{ hold.delay }}u, hold == {{ hold.number }}u);
{%- endfor %}
    return bit;
}
{%- endif %}

// The shortest wait, counted from when the hold began.
fn at_least(hold: u32) -> u32 {
    var ticks = 0u;
{%- for hold in rules.holds %}
    ticks = select(ticks, {{ hold.at_least }}u, hold == {{ hold.number }}u);
{%- endfor %}
    return ticks;
}

// The longest wait, counted from when the dose was due.
fn at_most(hold: u32) -> u32 {
    var ticks = 0u;
{%- for hold in rules.holds %}
    ticks = select(ticks, {{ hold.at_most }}u, hold == {{ hold.number }}u);
{%- endfor %}
    return ticks;
}
{%- endif %}
{%- if rules.changes %}

// Changes the dose, or ends treatment where it cannot go as far.
fn change(tick: u32) {
    var reason = NO_REASON;
    var factor = lane.factor;
{%- for change in rules.changes | reverse %}
    reason = select(reason, {{ change.reason }}u, {{ change.when }});
    factor = select(factor, changed_by_{{ change.reason }}(), reason == {{ change.reason }}u);
{%- endfor %}
    if (reason == NO_REASON) | (factor == lane.factor) {
        return;
    }
    note(LEDGER_CHANGED_BY, reason, tick);
    if factor == NO_DOSE {
        stop(reason, tick);
    } else {
        lane.factor = factor;
    }
}

// Doses that differ by less are the same.
const LOWER: f32 = 1.0 - {{ rules.same_dose }};
const HIGHER: f32 = 1.0 + {{ rules.same_dose }};
// In place of a dose: there is none.
const NO_DOSE: f32 = -1.0;

// A word of the table of a change: the limit of the arm, then its levels.
fn step_of(table: u32, words: u32, word: u32) -> f32 {
    return bitcast<f32>(plan[table + (item / job.patients) * words + word]);
}
{%- for change in rules.changes %}

// The dose after a change; `NO_DOSE` if treatment ends instead.
fn changed_by_{{ change.reason }}() -> f32 {
    let limit = step_of({{ change.table }}u, {{ change.levels + 1 }}u, 0u);
{%- if change.times %}
    let next = lane.factor * {{ change.times }};
{%- else %}
    var next = NO_DOSE;
    var level = NO_DOSE;
{%- for word in change.words %}
    level = step_of({{ change.table }}u, {{ change.levels + 1 }}u, {{ word }}u);
    next = select(next, level, {% if change.is_down %}level < lane.factor * LOWER{% else %}level > lane.factor * HIGHER{% endif %});
{%- endfor %}
{%- endif %}
{%- if change.is_down %}
    let is_beyond = next < limit * LOWER;
    let was_beyond = lane.factor < limit * LOWER;
{%- else %}
    let is_beyond = next > limit * HIGHER;
    let was_beyond = lane.factor > limit * HIGHER;
{%- endif %}
    let is_none = next == NO_DOSE;
{%- if change.stays %}
    // From beyond the limit it does not come back to it.
    let instead = select(limit, lane.factor, was_beyond | is_none);
{%- else %}
    let instead = NO_DOSE;
{%- endif %}
    return select(next, instead, is_beyond | is_none);
}
{%- endfor %}
{%- endif %}

