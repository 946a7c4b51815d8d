// One invocation integrates one patient in one arm, as far as the job says.
//
// Its state lies in buffers between dispatches, so that a dispatch is short whatever the patient needs.
// The words in double braces are filled in for a plan: one line for each state or accumulator.

{{ declarations }}
// Model time per tick, and ticks of a model time.
const TIME_PER_TICK: f32 = {{ time_per_tick }};
const TICKS_PER_TIME: u32 = {{ ticks_per_time }}u;
// The end of the simulation, in ticks.
const END: u32 = {{ end }}u;

// A value for each state.
struct States {
{%- for state in states %}
    {{ state.name }}: f32,
{%- endfor %}
}

// What is known once per patient.
struct Individual {
{%- for name in individual %}
    {{ name }}: f32,
{%- else %}
    nothing: f32,
{%- endfor %}
}

// Rates of infusion.
struct Rates {
{%- for name in rates %}
    {{ name }}: f32,
{%- else %}
    nothing: f32,
{%- endfor %}
}

{%- if asked %}

// What equations ask of the doses that have begun.
struct Asked {
{%- for item in asked %}
    {{ item.name }}: f32,
{%- endfor %}
}
{%- endif %}

// What compensated sums have lost so far.
struct Carries {
{%- for area in areas %}
    {{ area.name }}: f32,
{%- else %}
    nothing: f32,
{%- endfor %}
}

// One patient in one arm on its way. Times are model times since the start of the segment.
struct Lane {
    phase: u32,
    steps: u32,
    rejected: u32,
    // The start and the end of the segment.
    start: Instant,
    end: Instant,
    // Model time in the middle of it.
    middle: f32,
    // The next observation time.
    point: u32,
    length: f32,
    time: f32,
    // Size of the next step; 0 computes the derivative at the present state and no more.
    step: f32,
    // Logarithm of the error of the last accepted step.
    log_err_prev: f32,
    // The longest step to start with, while its derivative is asked for; 0 after a jump of the state.
    first_dtmax: f32,
    // Size of the attempted step, the time after it, and its mean square error.
    dt: f32,
    t_new: f32,
    error: f32,
    // Whether there is something to read in the step that was accepted, or at its end.
    reads: bool,
{%- for drug in rules.drugs %}
    // Doses given{% if drug.skips %} or skipped{% endif %}, the first of them that may still enter, and when the last was given, in ticks.
    given{{ drug.s }}: u32,
    oldest{{ drug.s }}: u32,
    last{{ drug.s }}: u32,
    // When the next dose is due, in ticks.
    due{{ drug.s }}: u32,
    // The present dose as a multiple of the arm's.
    factor{{ drug.s }}: f32,
{%- if drug.infusions %}
    // Over how many ticks doses are infused; 0 as planned.
    over_time{{ drug.s }}: u32,
{%- endif %}
{%- if drug.skips %}
    // Doses given, how late the last of them was, times of the calendar that were left out, and doses skipped so far.
    count{{ drug.s }}: u32,
    late{{ drug.s }}: u32,
    shift{{ drug.s }}: u32,
    skipped{{ drug.s }}: u32,
{%- endif %}
{%- if drug.holds %}
    // What holds the dose that is due, from 1 on, and since when; 0 if nothing does.
    hold{{ drug.s }}: u32,
    began{{ drug.s }}: u32,
{%- endif %}
{%- if drug.delays %}
    // Delays that are over for the dose that is due, a bit each.
    over{{ drug.s }}: u32,
{%- endif %}
{%- if rules.counts %}
    // Doses so far that were held, and at which the dose was reduced.
    held{{ drug.s }}: u32,
    reduced{{ drug.s }}: u32,
{%- endif %}
{%- if rules.is_adaptive %}
    // Whether treatment has stopped.
    stopped{{ drug.s }}: bool,
{%- endif %}
{%- endfor %}
{%- if rules.leaving %}
    // Whether the patient has left.
    left: bool,
{%- endif %}
{%- if settling %}
    // Model time from which the instants of the present segment count, and that of the reading.
    base: f32,
    now: f32,
    // The next stop, the readings so far, and the row of the present individual values.
    stop: u32,
    reading: u32,
    row: u32,
    // The steady state that the patient comes to, from 1 on; 0 if there is none. Its next stop, how often it came round,
    // how long it is now, and when the itinerary goes on.
    cycle: u32,
    cycle_stop: u32,
    cycles: u32,
    cycle_length: Instant,
    at: Instant,
    // How far the last cycle moved the states, and by which share of the one before.
    moved: f32,
    ratio: f32,
{%- endif %}
}

// What is counted: items that are not done, and those whose loops a driver has ended before their time.
const UNFINISHED: u32 = 0u;
const CUT_SHORT: u32 = 1u;

var<private> item: u32;
var<private> patient: u32;
var<private> lane: Lane;
var<private> p: Individual;
var<private> rate: Rates;
{%- if asked %}
var<private> asked: Asked;
{%- endif %}

{% include "math.wgsl" %}
{%- if quantiles %}
{% include "quantiles.wgsl" %}
{%- endif %}
{% include "instant.wgsl" %}
{% include "model.wgsl" %}
{%- if not recorded %}
{% include "schedule.wgsl" %}
{%- if landings %}
{% include "landing.wgsl" %}
{%- endif %}
{%- endif %}
{% include "accumulators.wgsl" %}
{% include "visit.wgsl" %}
{%- if not recorded %}
{% include "treatment.wgsl" %}
{%- endif %}
{% include "control.wgsl" %}
{% if implicit %}{% include "rosenbrock.wgsl" %}{% elif closed_form %}{% include "closed_form.wgsl" %}{% else %}{% include "explicit.wgsl" %}{% endif %}
{% if curves %}{% include "curve.wgsl" %}{% endif %}
{%- if settling %}
{% include "settling.wgsl" %}
{% include "itinerary.wgsl" %}
{%- endif %}
{%- if not recorded %}
{% include "dosing.wgsl" %}
{% include "reading.wgsl" %}
{% include "deciding.wgsl" %}
{%- endif %}
{% include "stepping.wgsl" %}
{% include "lanes.wgsl" %}
@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= job.invocations {
        return;
    }
    item = id.x;
    if job.ordered != 0u {
        item = outcomes[OUTCOME_ORDER * job.items + id.x];
    }
    lane.phase = outcomes[OUTCOME_PHASE * job.items + item];
    if lane.phase < WAITING {
        return;
    }
    patient = item % job.patients;
    resume();
    // Bounded by visits too, which lanes side by side pass together: those that suspend together go on
    // together.
    var attempts = 0u;
    var visits = 0u;
    while (visits < job.visits) & (attempts < job.attempts) & (lane.phase >= WAITING) {
        // Lanes side by side wait for each other here, and read together, but not for those that take long.
        lane.reads = false;
        let meeting = attempts + min(job.turns, job.attempts - attempts);
        for (; (!lane.reads) & (attempts < meeting) & (lane.phase >= WAITING); attempts++) {
            attempt();
            settle();
        }
        if lane.reads {
            read_step();
            visits += 1u;
        }
    }
    suspend();
    if lane.phase >= WAITING {
        atomicAdd(&counters[UNFINISHED], 1u);
    }
    // A driver that has ended loops before their time ends this one too.
    var turns = 0u;
    for (; turns < 2u + job.zero; turns++) {
    }
    if turns != 2u {
        atomicAdd(&counters[CUT_SHORT], 1u);
    }
}
