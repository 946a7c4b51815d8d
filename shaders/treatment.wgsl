// The treatment of one patient in one arm, and what is decided about it at visits, in the order that is told in
// src/engine/treatment, the CPU twin. Of several drugs each has its own functions.

// Before anything was given.
fn enter_treatment() {
{%- for drug in rules.drugs %}
    lane.factor{{ drug.s }} = 1.0;
    lane.due{{ drug.s }} = next_due{{ drug.s }}({% if drug.skips %}0u{% endif %});
{%- endfor %}
{%- if rules.leaving %}
    outcomes[cell(OUTCOME_LEFT_BY)] = NO_REASON;
{%- endif %}
{%- if rules.is_adaptive %}
    outcomes[cell(OUTCOME_STOPPED_BY)] = NO_REASON;
{%- if rules.several %}
{%- for drug in rules.drugs %}
    outcomes[cell(OUTCOME_STOPPED_BY{{ drug.s }})] = NO_REASON;
{%- endfor %}
{%- endif %}
    for (var dose = 0u; (dose < DOSES) & (job.fixed == 0u); dose++) {
        ledger[ledger_cell(LEDGER_FACTOR, dose)] = 0u;
{%- if rules.holds %}
        ledger[ledger_cell(LEDGER_HELD_BY, dose)] = NO_REASON;
{%- endif %}
{%- if rules.changes %}
        ledger[ledger_cell(LEDGER_CHANGED_BY, dose)] = NO_REASON;
{%- endif %}
{%- if rules.infusions %}
        ledger[ledger_cell(LEDGER_OVER_TIME, dose)] = 0u;
        ledger[ledger_cell(LEDGER_INFUSED_BY, dose)] = NO_REASON;
{%- endif %}
{%- if rules.skips %}
        ledger[ledger_cell(LEDGER_SKIPPED_BY, dose)] = NO_REASON;
{%- endif %}
{%- if rules.demands %}
        ledger[ledger_cell(LEDGER_ASKED_BY, dose)] = NO_REASON;
{%- endif %}
    }
{%- endif %}
}

fn resume_treatment() {
{%- for drug in rules.drugs %}
    lane.given{{ drug.s }} = outcomes[cell(OUTCOME_GIVEN{{ drug.s }})];
    lane.oldest{{ drug.s }} = outcomes[cell(OUTCOME_OLDEST{{ drug.s }})];
    lane.due{{ drug.s }} = outcomes[cell(OUTCOME_DUE{{ drug.s }})];
    lane.factor{{ drug.s }} = 1.0;
    if lane.given{{ drug.s }} > 0u {
        lane.last{{ drug.s }} = ledger[ledger_cell(LEDGER_TICK, {{ drug.from }}lane.given{{ drug.s }} - 1u)];
        lane.factor{{ drug.s }} = bitcast<f32>(ledger[ledger_cell(LEDGER_FACTOR, {{ drug.from }}lane.given{{ drug.s }} - 1u)]);
{%- if drug.infusions %}
        lane.over_time{{ drug.s }} = ledger[ledger_cell(LEDGER_OVER_TIME, {{ drug.from }}lane.given{{ drug.s }} - 1u)];
{%- endif %}
    }
{%- if drug.skips %}
    lane.last{{ drug.s }} = outcomes[cell(OUTCOME_LAST{{ drug.s }})];
    lane.count{{ drug.s }} = outcomes[cell(OUTCOME_COUNT{{ drug.s }})];
    lane.late{{ drug.s }} = outcomes[cell(OUTCOME_LATE{{ drug.s }})];
    lane.shift{{ drug.s }} = outcomes[cell(OUTCOME_SHIFT{{ drug.s }})];
    lane.skipped{{ drug.s }} = outcomes[cell(OUTCOME_SKIPPED{{ drug.s }})];
{%- endif %}
{%- if drug.holds %}
    lane.hold{{ drug.s }} = outcomes[cell(OUTCOME_HOLD{{ drug.s }})];
    lane.began{{ drug.s }} = outcomes[cell(OUTCOME_BEGAN{{ drug.s }})];
{%- endif %}
{%- if drug.delays %}
    lane.over{{ drug.s }} = outcomes[cell(OUTCOME_OVER{{ drug.s }})];
{%- endif %}
{%- if rules.counts %}
    lane.held{{ drug.s }} = outcomes[cell(OUTCOME_HELD{{ drug.s }})];
    lane.reduced{{ drug.s }} = outcomes[cell(OUTCOME_REDUCED{{ drug.s }})];
{%- endif %}
{%- if rules.is_adaptive %}
    lane.stopped{{ drug.s }} = outcomes[cell(OUTCOME_STOPPED_BY{{ drug.s }})] != NO_REASON;
{%- endif %}
{%- endfor %}
{%- if rules.leaving %}
    lane.left = outcomes[cell(OUTCOME_LEFT_BY)] != NO_REASON;
{%- endif %}
}

fn suspend_treatment() {
{%- for drug in rules.drugs %}
    outcomes[cell(OUTCOME_OLDEST{{ drug.s }})] = lane.oldest{{ drug.s }};
    outcomes[cell(OUTCOME_DUE{{ drug.s }})] = lane.due{{ drug.s }};
{%- if drug.skips %}
    outcomes[cell(OUTCOME_LAST{{ drug.s }})] = lane.last{{ drug.s }};
    outcomes[cell(OUTCOME_COUNT{{ drug.s }})] = lane.count{{ drug.s }};
    outcomes[cell(OUTCOME_LATE{{ drug.s }})] = lane.late{{ drug.s }};
    outcomes[cell(OUTCOME_SHIFT{{ drug.s }})] = lane.shift{{ drug.s }};
    outcomes[cell(OUTCOME_SKIPPED{{ drug.s }})] = lane.skipped{{ drug.s }};
{%- endif %}
{%- if drug.holds %}
    outcomes[cell(OUTCOME_HOLD{{ drug.s }})] = lane.hold{{ drug.s }};
    outcomes[cell(OUTCOME_BEGAN{{ drug.s }})] = lane.began{{ drug.s }};
{%- endif %}
{%- if drug.delays %}
    outcomes[cell(OUTCOME_OVER{{ drug.s }})] = lane.over{{ drug.s }};
{%- endif %}
{%- if rules.counts %}
    outcomes[cell(OUTCOME_HELD{{ drug.s }})] = lane.held{{ drug.s }};
    outcomes[cell(OUTCOME_REDUCED{{ drug.s }})] = lane.reduced{{ drug.s }};
{%- endif %}
{%- endfor %}
}
{%- if rules.holds or rules.demands %}

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

// When it must be decided about the patient's doses again, after a tick.
fn next_decision({% if rules.holds or rules.demands %}tick: u32{% endif %}) -> u32 {
{%- if rules.several %}
    var next = {% if rules.demands %}visit_from(tick + 1u){% else %}NEVER{% endif %};
{%- for drug in rules.drugs %}
{%- if drug.holds %}
    next = min(next, select(lane.due{{ drug.s }}, visit_from(tick + 1u), lane.hold{{ drug.s }} != 0u));
{%- else %}
    next = min(next, lane.due{{ drug.s }});
{%- endif %}
{%- endfor %}
    return next;
{%- else %}
{%- if rules.holds %}
    if lane.hold != 0u {
        return visit_from(tick + 1u);
    }
{%- endif %}
    return lane.due;
{%- endif %}
}

// Gives the doses that are due.
fn dose_due(tick: u32{% if rules.holds %}, visit: bool{% endif %}) {
{%- for drug in rules.drugs %}
    dose_due_of{{ drug.s }}(tick{% if drug.holds %}, visit{% endif %});
{%- endfor %}
}
{%- for drug in rules.drugs %}
{%- set s = drug.s %}
{%- set from = drug.from %}

fn is_due{{ s }}(tick: u32) -> bool {
    return (tick >= lane.due{{ s }}) & (tick < END);
}

// When a dose is planned; what comes after the last of an arm never comes.
fn planned{{ s }}(dose: u32) -> u32 {
{%- if drug.shifts %}
    let tick = plan[{{ drug.planned }}u + (item / job.patients) * {{ drug.width }}u + min(dose + lane.shift{{ s }}, {{ drug.width - 1 }}u)];
    return select(NEVER, tick, dose < doses_of{{ s }}());
{%- else %}
    return plan[{{ drug.planned }}u + (item / job.patients) * {{ drug.width }}u + dose];
{%- endif %}
}
{%- if drug.shifts or drug.on_demand %}

// How many doses of the drug the arm has.
fn doses_of{{ s }}() -> u32 {
    return plan[{{ rules.counts_of }}u + (item / job.patients) * {{ rules.drugs | length }}u + {{ drug.number }}u];
}
{%- endif %}

// When the next dose is due{% if drug.skips %}, at a tick or later{% endif %}: a later one if the last was late.
fn next_due{{ s }}({% if drug.skips %}earliest: u32{% endif %}) -> u32 {
    if job.fixed != 0u {
{%- if drug.skips %}
        while (lane.given{{ s }} < {{ drug.doses }}u) & (ledger[ledger_cell(LEDGER_TICK, {{ from }}min(lane.given{{ s }}, {{ drug.last }}u))] == NEVER) {
            lane.given{{ s }} += 1u;
        }
{%- endif %}
        let tick = ledger[ledger_cell(LEDGER_TICK, {{ from }}min(lane.given{{ s }}, {{ drug.last }}u))];
        return select(NEVER, tick, lane.given{{ s }} < {{ drug.doses }}u);
    }
{%- if drug.skips and drug.holds %}
    return visit_from(max(after(planned{{ s }}(lane.given{{ s }}), lane.late{{ s }}), earliest));
{%- elif drug.skips %}
    return max(planned{{ s }}(lane.given{{ s }}), earliest);
{%- elif drug.on_demand %}
    return NEVER;
{%- elif drug.holds %}
    let late = select(0u, lane.last{{ s }} - planned{{ s }}(max(lane.given{{ s }}, 1u) - 1u), lane.given{{ s }} > 0u);
    return visit_from(after(planned{{ s }}(lane.given{{ s }}), late));
{%- else %}
    return planned{{ s }}(lane.given{{ s }});
{%- endif %}
}

// Gives a dose, if one is due.
fn dose_due_of{{ s }}(tick: u32{% if drug.holds %}, visit: bool{% endif %}) {
    if !is_due{{ s }}(tick){% if drug.holds %} | !(visit | (tick == lane.due{{ s }})){% endif %} {
        return;
    }
{%- if rules.is_adaptive %}
    if job.fixed == 0u {
        ledger[ledger_cell(LEDGER_FACTOR, {{ from }}lane.given{{ s }})] = bitcast<u32>(lane.factor{{ s }});
{%- if drug.infusions %}
        ledger[ledger_cell(LEDGER_OVER_TIME, {{ from }}lane.given{{ s }})] = lane.over_time{{ s }};
{%- endif %}
        if !goes_on{{ s }}(tick) {
            return;
        }
    }
{%- endif %}
    give{{ s }}(tick);
}

fn give{{ s }}(tick: u32) {
    if job.fixed != 0u {
        lane.factor{{ s }} = bitcast<f32>(ledger[ledger_cell(LEDGER_FACTOR, {{ from }}lane.given{{ s }})]);
{%- if drug.infusions %}
        lane.over_time{{ s }} = ledger[ledger_cell(LEDGER_OVER_TIME, {{ from }}lane.given{{ s }})];
{%- endif %}
    }
    ledger[ledger_cell(LEDGER_TICK, {{ from }}lane.given{{ s }})] = tick;
    ledger[ledger_cell(LEDGER_FACTOR, {{ from }}lane.given{{ s }})] = bitcast<u32>(lane.factor{{ s }});
{%- if drug.infusions %}
    ledger[ledger_cell(LEDGER_OVER_TIME, {{ from }}lane.given{{ s }})] = lane.over_time{{ s }};
{%- endif %}
{%- if at_dose %}
    find_parts({{ from }}lane.given{{ s }}, tick);
{%- endif %}
    lane.last{{ s }} = tick;
{%- if drug.skips %}
    lane.late{{ s }} = tick - min(tick, planned{{ s }}(lane.given{{ s }}));
    lane.count{{ s }} += 1u;
{%- endif %}
    lane.given{{ s }} += 1u;
{%- if drug.holds %}
    lane.hold{{ s }} = 0u;
{%- endif %}
{%- if drug.delays %}
    lane.over{{ s }} = 0u;
{%- endif %}
    lane.due{{ s }} = next_due{{ s }}({% if drug.skips %}tick + 1u{% endif %});
{%- if drug.reset %}
    reset_at_dose{{ s }}();
{%- endif %}
}
{%- endfor %}
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
{%- for drug in rules.drugs %}
{%- set s = drug.s %}

fn doses_given{{ s }}() -> f32 {
    return f32(lane.{% if drug.skips %}count{% else %}given{% endif %}{{ s }});
}

fn cycle{{ s }}(tick: u32) -> f32 {
    return f32(lane.given{{ s }} + select(0u, 1u, tick >= lane.due{{ s }}));
}

fn days_since_dose{{ s }}(tick: u32) -> f32 {
    return select(NEVER_DAYS, days(tick - lane.last{{ s }}), lane.{% if drug.skips %}count{% else %}given{% endif %}{{ s }} > 0u);
}

fn days_held{{ s }}(tick: u32) -> f32 {
    return select(0.0, days(tick - lane.due{{ s }}), tick >= lane.due{{ s }});
}

fn relative_dose{{ s }}() -> f32 {
    return lane.factor{{ s }};
}

fn holds_so_far{{ s }}() -> f32 {
    return {% if rules.counts %}f32(lane.held{{ s }}){% else %}0.0{% endif %};
}

fn reductions_so_far{{ s }}() -> f32 {
    return {% if rules.counts %}f32(lane.reduced{{ s }}){% else %}0.0{% endif %};
}

fn skips_so_far{{ s }}() -> f32 {
    return {% if drug.skips %}f32(lane.skipped{{ s }}){% else %}0.0{% endif %};
}
{%- if rules.several %}

fn on_treatment{{ s }}() -> f32 {
    return {% if rules.is_adaptive %}select(1.0, 0.0, lane.stopped{{ s }}){% else %}1.0{% endif %};
}
{%- endif %}
{%- endfor %}

fn on_treatment() -> f32 {
    return {% if rules.is_adaptive %}select(1.0, 0.0, {{ rules.has_stopped }}){% else %}1.0{% endif %};
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
{%- if rules.several %}
    let is_any_due = false{% for drug in rules.drugs %} | is_due{{ drug.s }}(tick){% endfor %};
{%- endif %}
{%- for drug in rules.drugs if drug.stopping %}
{%- set s = drug.s %}
    let stopping{{ s }} = reason_to_stop{{ s }}(is_due{{ s }}(tick){% if rules.several %}, is_any_due{% endif %});
    if (stopping{{ s }} != NO_REASON) & !lane.stopped{{ s }} {
        stop{{ s }}(stopping{{ s }}, tick);
    }
{%- endfor %}
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
{%- for drug in rules.drugs if drug.stopping %}

fn reason_to_stop{{ drug.s }}(is_due: bool{% if rules.several %}, is_any_due: bool{% endif %}) -> u32 {
    var reason = NO_REASON;
{%- for stop in drug.stopping | reverse %}
    reason = select(reason, {{ stop.reason }}u, {% if stop.at_dose %}{% if rules.several and not stop.of_drug %}is_any_due{% else %}is_due{% endif %} & {% endif %}({{ stop.when }}));
{%- endfor %}
    return reason;
}
{%- endfor %}
{%- if rules.demands %}

// Asks for doses that are given on demand.
fn ask(tick: u32, visit: bool) {
    if !visit | (job.fixed != 0u){% if rules.leaving %} | lane.left{% endif %} {
        return;
    }
{%- for demand in rules.demands %}
{%- set s = demand.s %}
    if ({{ demand.when }}) & (lane.due{{ s }} == NEVER) & !lane.stopped{{ s }} & (lane.given{{ s }} < doses_of{{ s }}()) {
        lane.due{{ s }} = tick;
        note{{ s }}(LEDGER_ASKED_BY, {{ demand.reason }}u, tick);
    }
{%- endfor %}
}
{%- endif %}
{%- for drug in rules.drugs %}
{%- set s = drug.s %}
{%- set from = drug.from %}
{%- if rules.is_adaptive %}

fn stop{{ s }}(reason: u32, tick: u32) {
    lane.stopped{{ s }} = true;
    note_ending(OUTCOME_STOPPED_BY{{ s }}, reason, tick);
{%- if rules.several and not drug.on_demand %}
    if {{ rules.has_stopped }} & (outcomes[cell(OUTCOME_STOPPED_BY)] == NO_REASON) {
        note_ending(OUTCOME_STOPPED_BY, reason, tick);
    }
{%- endif %}
}

// Whether the dose that is due is given; if treatment has stopped, none is any more.
fn goes_on{{ s }}(tick: u32) -> bool {
    var waiting = false;
{%- if drug.skips %}
    if !lane.stopped{{ s }} {
        if skips{{ s }}(tick) {
            return false;
        }
    }
{%- endif %}
{%- if drug.holds %}
    if !lane.stopped{{ s }} {
        waiting = waits{{ s }}(tick);
    }
{%- endif %}
{%- if drug.changes %}
    if !lane.stopped{{ s }} & !waiting {
        change{{ s }}(tick);
    }
{%- endif %}
{%- if drug.infusions %}
    if !lane.stopped{{ s }} & !waiting {
        infuse{{ s }}(tick);
    }
{%- endif %}
    if lane.stopped{{ s }} {
        lane.due{{ s }} = NEVER;
{%- if drug.holds %}
        lane.hold{{ s }} = 0u;
{%- endif %}
    }
    return !lane.stopped{{ s }} & !waiting;
}
{%- endif %}
{%- if drug.holds or drug.changes or drug.skips or drug.infusions or (drug.on_demand and rules.demands) %}

// Writes what decided about the dose that is due.
fn note{{ s }}(row: u32, reason: u32, tick: u32) {
    ledger[ledger_cell(row, {{ from }}lane.given{{ s }})] = reason;
    ledger[ledger_cell(row + 1u, {{ from }}lane.given{{ s }})] = tick;
    ledger[ledger_cell(row + 2u, {{ from }}lane.given{{ s }})] = bitcast<u32>(shown(reason));
}
{%- endif %}
{%- if drug.skips %}

// Whether the dose that is due is left out; it may be made up for at the next time of the calendar.
fn skips{{ s }}(tick: u32) -> bool {
    var reason = NO_REASON;
    var made_up = false;
{%- for skip in drug.skips | reverse %}
    reason = select(reason, {{ skip.reason }}u, {{ skip.when }});
    made_up = select(made_up, {{ skip.made_up }}, {{ skip.when }});
{%- endfor %}
    if reason == NO_REASON {
        return false;
    }
    if ledger[ledger_cell(LEDGER_SKIPPED_BY, {{ from }}lane.given{{ s }})] == NO_REASON {
        note{{ s }}(LEDGER_SKIPPED_BY, reason, tick);
    }
    lane.skipped{{ s }} += 1u;
{%- if drug.holds %}
    lane.hold{{ s }} = 0u;
{%- endif %}
{%- if drug.delays %}
    lane.over{{ s }} = 0u;
{%- endif %}
    if made_up {
        lane.shift{{ s }} += 1u;
    } else {
        ledger[ledger_cell(LEDGER_TICK, {{ from }}lane.given{{ s }})] = NEVER;
        lane.given{{ s }} += 1u;
    }
    lane.due{{ s }} = next_due{{ s }}(tick + 1u);
    return true;
}
{%- endif %}
{%- if drug.holds %}

// Whether the dose that is due waits, or must not be given any more.
fn waits{{ s }}(tick: u32) -> bool {
    let late = tick - lane.due{{ s }};
    let over = (late <= at_most{{ s }}(lane.hold{{ s }})) & (tick - lane.began{{ s }} >= at_least{{ s }}(lane.hold{{ s }})) & until{{ s }}(lane.hold{{ s }});
{%- if drug.delays %}
    lane.over{{ s }} |= select(0u, delay{{ s }}(lane.hold{{ s }}), over);
{%- endif %}
    if (lane.hold{{ s }} == 0u) | over {
        lane.hold{{ s }} = first_hold{{ s }}();
        lane.began{{ s }} = tick;
    }
    if lane.hold{{ s }} == 0u {
        return false;
    }
    let reason = {{ rules.first_hold }}u + lane.hold{{ s }} - 1u;
    if late == 0u {
        note{{ s }}(LEDGER_HELD_BY, reason, tick);
{%- if rules.counts %}
        lane.held{{ s }} += 1u;
{%- endif %}
    }
    if late >= at_most{{ s }}(lane.hold{{ s }}) {
        stop{{ s }}(reason, tick);
    }
    return true;
}

fn first_hold{{ s }}() -> u32 {
    var hold = 0u;
{%- for hold in drug.holds | reverse %}
    hold = select(hold, {{ hold.number }}u, {{ hold.when }});
{%- endfor %}
    return hold;
}

fn until{{ s }}(hold: u32) -> bool {
    var over = false;
{%- for hold in drug.holds %}
    over |= (hold == {{ hold.number }}u) & ({{ hold.until }});
{%- endfor %}
    return over;
}

{%- if drug.delays %}

// The bit of a delay; 0 of another hold.
fn delay{{ s }}(hold: u32) -> u32 {
    var bit = 0u;
{%- for hold in drug.holds %}
    bit = select(bit, {{ hold.delay }}u, hold == {{ hold.number }}u);
{%- endfor %}
    return bit;
}
{%- endif %}

// The shortest wait, counted from when the hold began.
fn at_least{{ s }}(hold: u32) -> u32 {
    var ticks = 0u;
{%- for hold in drug.holds %}
    ticks = select(ticks, {{ hold.at_least }}u, hold == {{ hold.number }}u);
{%- endfor %}
    return ticks;
}

// The longest wait, counted from when the dose was due.
fn at_most{{ s }}(hold: u32) -> u32 {
    var ticks = 0u;
{%- for hold in drug.holds %}
    ticks = select(ticks, {{ hold.at_most }}u, hold == {{ hold.number }}u);
{%- endfor %}
    return ticks;
}
{%- endif %}
{%- if drug.changes %}

// Changes the dose, or ends treatment where it cannot go as far.
fn change{{ s }}(tick: u32) {
    var reason = NO_REASON;
    var factor = lane.factor{{ s }};
{%- for change in drug.changes | reverse %}
    reason = select(reason, {{ change.reason }}u, {{ change.when }});
    factor = select(factor, changed_by_{{ change.reason }}(), reason == {{ change.reason }}u);
{%- endfor %}
    if (reason == NO_REASON) | (factor == lane.factor{{ s }}) {
        return;
    }
    note{{ s }}(LEDGER_CHANGED_BY, reason, tick);
    if factor == NO_DOSE {
        stop{{ s }}(reason, tick);
    } else {
{%- if rules.counts %}
        lane.reduced{{ s }} += select(0u, 1u, factor < lane.factor{{ s }});
{%- endif %}
        lane.factor{{ s }} = factor;
    }
}
{%- for change in drug.changes %}

// The dose after a change; `NO_DOSE` if treatment ends instead.
fn changed_by_{{ change.reason }}() -> f32 {
    let limit = step_of({{ change.table }}u, {{ change.levels + 1 }}u, 0u);
{%- if change.times %}
    let next = lane.factor{{ s }} * {{ change.times }};
{%- else %}
    var next = NO_DOSE;
    var level = NO_DOSE;
{%- for word in change.words %}
    level = step_of({{ change.table }}u, {{ change.levels + 1 }}u, {{ word }}u);
    next = select(next, level, {% if change.is_down %}level < lane.factor{{ s }} * LOWER{% else %}level > lane.factor{{ s }} * HIGHER{% endif %});
{%- endfor %}
{%- endif %}
{%- if change.is_down %}
    let is_beyond = next < limit * LOWER;
    let was_beyond = lane.factor{{ s }} < limit * LOWER;
{%- else %}
    let is_beyond = next > limit * HIGHER;
    let was_beyond = lane.factor{{ s }} > limit * HIGHER;
{%- endif %}
    let is_none = next == NO_DOSE;
{%- if change.stays %}
    // From beyond the limit it does not come back to it.
    let instead = select(limit, lane.factor{{ s }}, was_beyond | is_none);
{%- else %}
    let instead = NO_DOSE;
{%- endif %}
    return select(next, instead, is_beyond | is_none);
}
{%- endfor %}
{%- endif %}
{%- if drug.infusions %}

// Changes over how long doses are infused.
fn infuse{{ s }}(tick: u32) {
    var reason = NO_REASON;
    var over = 0u;
{%- for infusion in drug.infusions | reverse %}
    reason = select(reason, {{ infusion.reason }}u, {{ infusion.when }});
    over = select(over, {{ infusion.over }}u, {{ infusion.when }});
{%- endfor %}
    if (reason == NO_REASON) | (over == lane.over_time{{ s }}) {
        return;
    }
    note{{ s }}(LEDGER_INFUSED_BY, reason, tick);
    lane.over_time{{ s }} = over;
}
{%- endif %}
{%- endfor %}
{%- if rules.changes %}

// Doses that differ by less are the same.
const LOWER: f32 = 1.0 - {{ rules.same_dose }};
const HIGHER: f32 = 1.0 + {{ rules.same_dose }};
// In place of a dose: there is none.
const NO_DOSE: f32 = -1.0;

// A word of the table of a change: the limit of the arm, then its levels.
fn step_of(table: u32, words: u32, word: u32) -> f32 {
    return bitcast<f32>(plan[table + (item / job.patients) * words + word]);
}
{%- endif %}
