// The walk of a patient through its segments. CPU twin: src/engine/cpu/lanes, with a module for each of
// stepping.wgsl, reading.wgsl, deciding.wgsl and dosing.wgsl.

const RTOL: f32 = {{ rtol }};

// Takes the state from the buffers, or puts a new patient at time 0.
fn resume() {
{%- if not recorded %}
{%- for name in individual %}
    p.{{ name }} = bitcast<f32>(parameters[{{ loop.index0 }}u * job.patients + patient]);
{%- endfor %}
{%- endif %}
    if lane.phase == WAITING {
        enter();
        return;
    }
    lane.steps = outcomes[OUTCOME_STEPS * job.items + item];
    lane.rejected = outcomes[OUTCOME_REJECTED * job.items + item];
    lane.start = Instant(outcomes[OUTCOME_START * job.items + item], outcomes[OUTCOME_START_FRACTION * job.items + item]);
    lane.end = Instant(outcomes[OUTCOME_END * job.items + item], outcomes[OUTCOME_END_FRACTION * job.items + item]);
    lane.point = outcomes[OUTCOME_POINT * job.items + item];
    lane.time = solver[SOLVER_TIME * job.items + item];
    lane.length = solver[SOLVER_LENGTH * job.items + item];
{%- if recorded %}
    resume_itinerary();
{%- endif %}
    lane.middle = middle();
    lane.step = solver[SOLVER_STEP * job.items + item];
    lane.log_err_prev = solver[SOLVER_LOG_ERR_PREV * job.items + item];
    lane.first_dtmax = solver[SOLVER_FIRST_DTMAX * job.items + item];
    resume_accumulators();
{%- if not recorded %}
    resume_treatment();
{%- if steady %}
    resume_itinerary();
    if lane.cycle == 0u {
        rate = rates_after(lane.start);
    }
{%- else %}
    rate = rates_after(lane.start);
{%- endif %}
{%- if asked %}
    asked = asked_after(lane.start);
{%- endif %}
{%- endif %}
{%- for state in states %}
    x.{{ state.name }} = solver[(SOLVER_STATE + {{ loop.index0 }}u) * job.items + item];
    k1.{{ state.name }} = solver[(SOLVER_K1 + {{ loop.index0 }}u) * job.items + item];
{%- endfor %}
{%- for area in areas %}
    carry.{{ area.name }} = solver[(SOLVER_CARRY + {{ loop.index0 }}u) * job.items + item];
{%- endfor %}
}

// Leaves the state in the buffers.
fn suspend() {
    suspend_accumulators();
    outcomes[OUTCOME_PHASE * job.items + item] = lane.phase;
    outcomes[OUTCOME_STEPS * job.items + item] = lane.steps;
    outcomes[OUTCOME_REJECTED * job.items + item] = lane.rejected;
{%- for drug in rules.drugs %}
    outcomes[OUTCOME_GIVEN{{ drug.s }} * job.items + item] = lane.given{{ drug.s }};
{%- endfor %}
    if lane.phase < WAITING {
        return;
    }
    outcomes[OUTCOME_START * job.items + item] = lane.start.tick;
    outcomes[OUTCOME_START_FRACTION * job.items + item] = lane.start.fraction;
    outcomes[OUTCOME_END * job.items + item] = lane.end.tick;
    outcomes[OUTCOME_END_FRACTION * job.items + item] = lane.end.fraction;
    outcomes[OUTCOME_POINT * job.items + item] = lane.point;
{%- if recorded %}
    suspend_itinerary();
{%- else %}
    suspend_treatment();
{%- if steady %}
    suspend_itinerary();
{%- endif %}
{%- endif %}
    solver[SOLVER_TIME * job.items + item] = lane.time;
    solver[SOLVER_LENGTH * job.items + item] = lane.length;
    solver[SOLVER_STEP * job.items + item] = lane.step;
    solver[SOLVER_LOG_ERR_PREV * job.items + item] = lane.log_err_prev;
    solver[SOLVER_FIRST_DTMAX * job.items + item] = lane.first_dtmax;
{%- for state in states %}
    solver[(SOLVER_STATE + {{ loop.index0 }}u) * job.items + item] = x.{{ state.name }};
    solver[(SOLVER_K1 + {{ loop.index0 }}u) * job.items + item] = k1.{{ state.name }};
{%- endfor %}
{%- for area in areas %}
    solver[(SOLVER_CARRY + {{ loop.index0 }}u) * job.items + item] = carry.{{ area.name }};
{%- endfor %}
}

// A new patient stands before the landing at time 0.
fn enter() {
    clear_accumulators();
{%- if recorded %}
    set_out();
{%- else %}
    enter_treatment();
{%- if landings %}
    enter_landings();
{%- endif %}
    take_initial_states();
{%- if steady %}
    begin_itinerary();
{%- endif %}
{%- endif %}
    lane.phase = ENTERING;
}

// Gives the states the values that patients begin with, by the present individual values.
fn take_initial_states() {
{%- for state in states %}
    x.{{ state.name }} = {{ state.initial }};
{%- endfor %}
}
