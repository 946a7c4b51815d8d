// Reads the lane: at the observation times within its step, and at landings. CPU twin: src/engine/cpu/lanes/reading.rs.

// Reads the observation times that the step has passed, but for one at the segment's end.
fn read_within() {
    while lane.point < POINTS {
        let tick = observation(OBSERVATION_TICK, lane.point);
        let at = time_since(lane.start, of_tick(tick));
        if !is_before(of_tick(tick), lane.end) | (at > lane.t_new) {
            break;
        }
        observe(observed_within((at - lane.time) / lane.dt), tick, lane.point);
{%- if rules.watches %}
        watch(tick, is_visit(lane.point));
{%- endif %}
        lane.point += 1u;
    }
}

// Reads the present state at a landing: at the observation time `point`, if it is one.
fn read_present(tick: u32, point: u32) {
    observe(x, tick, point);
{%- if rules.watches %}
    watch(tick, is_visit(point));
{%- endif %}
    lane.point += select(0u, 1u, point < POINTS);
}
