// What happens at landings, where segments end. CPU twin: src/engine/cpu/lanes/deciding.rs.

// At the end of a segment: it is read, and it is decided about doses.
fn at_tstop() {
{%- if steady %}
    if at_stop() {
        return;
    }
{%- endif %}
    let now = lane.end;
    let is_point = (lane.point < POINTS) & is_same(of_tick(observation(OBSERVATION_TICK, min(lane.point, POINTS - 1u))), now);
    let point = select(POINTS, lane.point, is_point);
    read_present(now.tick, point);
{%- if curves %}
    begin_windows(now);
{%- endif %}
    if lane.phase < WAITING {
        return;
    }
    if is_same(now, of_tick(END)) {
        lane.phase = {{ ok }}u;
        return;
    }
    leave_tstop(now, point);
}

// Leaves a landing: doses start or end, equations change, and the next segment begins.
fn leave_tstop(now: Instant, point: u32) {
    if now.fraction == 0u {
{%- if rules.demands %}
        ask(now.tick, is_visit(point));
{%- endif %}
        dose_due(now.tick{% if rules.holds %}, is_visit(point){% endif %});
    }
{%- if at_dose %}
    if lane.phase < WAITING {
        return;
    }
{%- endif %}
    let entered = dose(now);
{%- if landings %}
    let jump = jumps(now);
{%- endif %}
    begin_segment(now);
{%- if closed_form %}
    lane.step = first_length();
    check_steps();
{%- else %}
    if entered.bolus | is_same(now, of_tick(0u)) {
        restart({% if max_step %}onset(){% else %}0.0{% endif %});
{%- if landings %}
    } else if jump {
        // The right-hand side has just changed: the error of the last step says nothing about the next.
        restart({% if max_step %}min(lane.step, onset()){% else %}lane.step{% endif %});
{%- endif %}
    } else if entered.rises {
        // So it has here.
{%- if implicit %}
        restart(lane.step);
{%- else %}
        start_steps(1.0, lane.step);
{%- endif %}
    } else {
        check_steps();
    }
{%- endif %}
}

fn begin_segment(now: Instant) {
    lane.start = now;
    lane.end = earlier(next_boundary(now), of_tick(next_decision({% if rules.holds or rules.demands %}now.tick{% endif %})));
{%- if landings %}
    lane.end = earlier(lane.end, next_landing(now));
{%- endif %}
{%- if curves %}
    lane.end = earlier(lane.end, of_tick(next_end(now)));
{%- endif %}
    lane.length = time_since(now, lane.end);
    lane.middle = middle();
    lane.time = 0.0;
}

// Model time in the middle of the segment.
fn middle() -> f32 {
    return f32(lane.start.tick) * TIME_PER_TICK + 0.5 * lane.length;
}

// The present model time.
fn model_time() -> f32 {
    return f32(lane.start.tick) * TIME_PER_TICK + lane.time;
}
