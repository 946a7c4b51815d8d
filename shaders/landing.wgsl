// Times at which steps end besides doses. CPU twin: src/engine/landing.rs.

// What comes next of a landing.
fn coming(landing: u32) -> Instant {
    let row = OUTCOME_LANDINGS + 2u * landing;
    return Instant(outcomes[row * job.items + item], outcomes[(row + 1u) * job.items + item]);
}

fn set_coming(landing: u32, next: Instant) {
    let row = OUTCOME_LANDINGS + 2u * landing;
    outcomes[row * job.items + item] = next.tick;
    outcomes[(row + 1u) * job.items + item] = next.fraction;
}

// Two words of a landing of the patient: when it first comes, or how often.
fn landing_words(landing: u32, first: u32) -> Instant {
    let word = job.landings + (landing * LANDING_WORDS + first) * job.patients + patient;
    return Instant(parameters[word], parameters[word + job.patients]);
}

fn enter_landings() {
    for (var landing = 0u; landing < LANDINGS; landing++) {
        set_coming(landing, landing_words(landing, 0u));
    }
}

// The first landing after a time, no later than that of the next one.
fn next_landing(now: Instant) -> Instant {
    var first = never();
    for (var landing = 0u; landing < LANDINGS; landing++) {
        var next = coming(landing);
        if !is_before(now, next) {
            let every = landing_words(landing, 2u);
            let is_single = is_same(every, of_tick(0u));
            next = later(next, every);
            next = Instant(select(next.tick, NEVER, is_single), select(next.fraction, NEVER, is_single));
            set_coming(landing, next);
        }
        first = earlier(first, next);
    }
    return first;
}

// Whether the equations jump at a landing.
fn jumps(now: Instant) -> bool {
    return false{% for landing in landings if landing.jumps %} | is_same(coming({{ landing.number }}u), now){% endfor %};
}
