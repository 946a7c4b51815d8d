// Statistics of the curve between visits: extremes, and the time during which something holds, located within
// steps. Steps end at the ends of windows, so each lies in a window or outside. CPU twin: src/engine/cpu/curve.
//
// What is followed is a table: a driver compiles one loop over it far faster than a line for each.

// What is followed.
struct Curves {
{%- for curve in curves.names %}
    {{ curve }}: f32,
{%- endfor %}
}

const CURVES: u32 = {{ curves.names | length }}u;
// Parts of a step between the points at which curves are evaluated.
const PIECES: u32 = {{ curves.pieces }}u;
// How far a curve may lie beyond its values there, in multiples of its largest second difference.
const BEYOND: f32 = {{ curves.beyond }};
// The values of one curve at these points.
alias Values = array<f32, {{ curves.pieces + 1 }}>;
// Of every curve, `[curve][point]`.
var<private> samples: array<f32, {{ curves.names | length * (curves.pieces + 1) }}>;

// What is kept of a curve.
struct Follower {
    kind: u32,
    // Its first row.
    row: u32,
    curve: u32,
    // Its window, in ticks.
    first: u32,
    last: u32,
    // What makes the extreme that it keeps the largest value; 0 if it takes the parts of steps in which the curve is
    // above 0, and those in which it is not.
    sign: f32,
}

fn follower(number: u32) -> Follower {
    let word = FOLLOWERS + number * FOLLOWER_WORDS;
    let sign = bitcast<f32>(plan[word + 5u]);
    return Follower(plan[word], plan[word + 1u], plan[word + 2u], plan[word + 3u], plan[word + 4u], sign);
}

// A loop that no compiler unrolls.
fn followers() -> u32 {
    return select(FOLLOWER_COUNT, 0u, job.items == 0u);
}

fn curves_at(time: f32, x: States) -> Curves {
    var result: Curves;
{%- for line in curves.lines %}
    {{ line }}
{%- endfor %}
    return result;
}

// One curve at a fraction of the last step, before that is taken over.
fn curve_within(curve: u32, f: f32) -> f32 {
    let all = curves_at(model_time() + f * lane.dt, curved_within(f));
    return curve_of(all, curve);
}

fn curve_of(all: Curves, curve: u32) -> f32 {
    var value = 0.0;
{%- for curve in curves.names %}
    value = select(value, all.{{ curve }}, curve == {{ loop.index0 }}u);
{%- endfor %}
    return value;
}

// The next end of a window after a time, `NEVER` if there is none: a step ends there.
fn next_end(now: Instant) -> u32 {
    var next = NEVER;
    for (var number = 0u; number < followers(); number++) {
        let entry = follower(number);
        next = min(next, select(NEVER, entry.first, entry.first > now.tick));
        next = min(next, select(NEVER, entry.last, entry.last > now.tick));
    }
    return next;
}

// Follows the curves along the step that was accepted.
fn follow_step() {
    var is_sampled = false;
    var finite = true;
    for (var number = 0u; number < followers(); number++) {
        let entry = follower(number);
        if (entry.first <= lane.start.tick) & !is_before(of_tick(entry.last), lane.end) {
            if !is_sampled {
                sample_step();
                is_sampled = true;
            }
            var values: Values;
            for (var point = 0u; point <= PIECES; point++) {
                values[point] = samples[entry.curve * (PIECES + 1u) + point];
                finite &= is_number(values[point]);
            }
            if entry.sign != 0.0 {
                follow_extreme(entry, values);
            } else {
                follow_parts(entry, values);
            }
        }
    }
    lane.phase = select({{ non_finite }}u, lane.phase, finite);
}

// Evaluates the curves at the points of the step.
fn sample_step() {
    for (var point = 0u; point <= PIECES; point++) {
        let f = f32(point) / f32(PIECES);
        var y = curved_within(f);
        if point == 0u {
            y = x;
        }
        if point == PIECES {
            y = x_new;
        }
        let all = curves_at(model_time() + f * lane.dt, y);
        for (var curve = 0u; curve < CURVES; curve++) {
            samples[curve * (PIECES + 1u) + point] = curve_of(all, curve);
        }
    }
}

// Reads the present state at a landing, before doses: the value with which windows begin that begin there.
fn begin_windows(now: Instant) {
    var begins = false;
    for (var number = 0u; number < followers(); number++) {
        begins |= is_same(of_tick(follower(number).first), now);
    }
    if !begins {
        return;
    }
    let here = curves_at(f32(now.tick) * TIME_PER_TICK, x);
    var finite = true;
    for (var number = 0u; number < followers(); number++) {
        let entry = follower(number);
        if entry.first == now.tick {
            let value = curve_of(here, entry.curve);
            finite &= is_number(value);
            if entry.sign != 0.0 {
                take_extreme(entry, value, now.tick, 0.0);
            }
{%- for kind in curves.parts if kind.from_start %}
            if entry.kind == KIND_{{ kind.constant }} {
                follow_{{ kind.name }}(entry.row, Part(0.0, 0.0, value > 0.0));
            }
{%- endfor %}
        }
    }
    lane.phase = select({{ non_finite }}u, lane.phase, finite);
}

// The model time of a place, since the tick in which the segment began.
fn since_tick(at: f32) -> f32 {
    return ticks_of(Instant(0u, lane.start.fraction)) * TIME_PER_TICK + (lane.time + at * lane.dt);
}

// How far a curve may lie beyond its values.
fn reach(values: ptr<function, Values>) -> f32 {
    var bend = 0.0;
    for (var i = 1u; i < PIECES; i++) {
        bend = max(bend, abs((*values)[i - 1u] - 2.0 * (*values)[i] + (*values)[i + 1u]));
    }
    return BEYOND * bend;
}

// Where a curve turns, or is largest, and its value there. A place is a fraction of the step.
struct Place {
    at: f32,
    value: f32,
}

fn select_place(a: Place, b: Place, second: bool) -> Place {
    return Place(select(a.at, b.at, second), select(a.value, b.value, second));
}

// The turning point of the parabola through three equally spaced values: its distance from the middle one in
// spacings, and its value. At a distance above 1 if it does not lie between them.
fn vertex(a: f32, b: f32, c: f32) -> Place {
    let slope = 0.5 * (c - a);
    let bend = a - 2.0 * b + c;
    let lies_between = (abs(slope) <= abs(bend)) & (bend != 0.0);
    let offset = -slope / select(1.0, bend, lies_between);
    return select_place(Place(2.0, b), Place(offset, b + 0.5 * slope * offset), lies_between);
}

// The turning point that the parabola around a point of the step shows; at a place above 1 if there is none.
fn turning_point(values: ptr<function, Values>, middle: u32) -> Place {
    let top = vertex((*values)[middle - 1u], (*values)[middle], (*values)[middle + 1u]);
    return Place(select((f32(middle) + top.at) / f32(PIECES), 2.0, abs(top.at) > 1.0), top.value);
}

// The largest value of a curve, times its sign, within the step.
fn peak(curve: u32, sign: f32, values: ptr<function, Values>) -> Place {
    var seen = Place(0.0, (*values)[0]);
    for (var i = 1u; i <= PIECES; i++) {
        seen = select_place(seen, Place(f32(i) / f32(PIECES), (*values)[i]), (*values)[i] > seen.value);
    }
    var turn = Place(2.0, seen.value);
    for (var i = 1u; i < PIECES; i++) {
        let other = turning_point(values, i);
        turn = select_place(turn, other, (other.at <= 1.0) & (other.value > turn.value));
    }
    if turn.at > 1.0 {
        return seen;
    }
    // Parabolas of their own, the second narrower; then the value.
    var widths = array<f32, 3>({{ curves.widths[0] }}, {{ curves.widths[1] }}, 0.0);
    for (var round = 0u; round < 3u; round++) {
        let width = widths[round];
        let middle = clamp(turn.at, width, 1.0 - width);
        var around: array<f32, 3>;
        for (var side = 0u; side < 3u; side++) {
            around[side] = sign * curve_within(curve, middle + (f32(side) - 1.0) * width);
        }
        let top = vertex(around[0], around[1], around[2]);
        let is_top = (abs(top.at) <= 1.0) & (top.value >= around[1]);
        let offset = select(select(1.0, -1.0, around[0] > around[2]), top.at, is_top);
        turn = Place(clamp(middle + width * offset, 0.0, 1.0), around[1]);
    }
    return select_place(seen, turn, turn.value > seen.value);
}

fn follow_extreme(entry: Follower, of_step: Values) {
    let sign = entry.sign;
    var values = of_step;
    for (var i = 0u; i <= PIECES; i++) {
        values[i] *= sign;
    }
    var most = values[0];
    for (var i = 1u; i <= PIECES; i++) {
        most = max(most, values[i]);
    }
    let old = words[entry.row];
    if (old != NOTHING) & (most + reach(&values) <= sign * bitcast<f32>(old)) {
        return;
    }
    let found = peak(entry.curve, sign, &values);
    take_extreme(entry, sign * found.value, lane.start.tick, since_tick(found.at));
}

// The first row of an extreme is its value. If it is timed, the start of the segment in ticks and the model time since
// then follow.
fn take_extreme(entry: Follower, value: f32, tick: u32, since: f32) {
    let old = words[entry.row];
    if (old == NOTHING) | (entry.sign * value > entry.sign * bitcast<f32>(old)) {
        words[entry.row] = bitcast<u32>(value);
        if (entry.kind == KIND_TIME_OF_MIN) | (entry.kind == KIND_TIME_OF_MAX) {
            words[entry.row + CURVE_TIME_OF_MAX_TICK] = tick;
            words[entry.row + CURVE_TIME_OF_MAX_SINCE] = bitcast<u32>(since);
        }
    }
}

fn follow_parts(entry: Follower, of_step: Values) {
    var values = of_step;
    var least = values[0];
    var most = values[0];
    for (var i = 1u; i <= PIECES; i++) {
        least = min(least, values[i]);
        most = max(most, values[i]);
    }
    let beyond = reach(&values);
    if (least - beyond > 0.0) | (most + beyond <= 0.0) {
        take_part(entry, 0.0, 1.0, least - beyond > 0.0);
        return;
    }
    var before = Place(0.0, values[0]);
    for (var piece = 0u; piece < PIECES; piece++) {
        let end = Place(f32(piece + 1u) / f32(PIECES), values[piece + 1u]);
        let above = before.value > 0.0;
        var middle = end;
        if above == (end.value > 0.0) {
            // It may cross 0 and come back.
            var turn = Place(2.0, 0.0);
            for (var i = 1u; i < PIECES; i++) {
                let other = turning_point(&values, i);
                let crosses = (before.at < other.at) & (other.at < end.at) & ((other.value > 0.0) != above);
                turn = select_place(turn, other, crosses & (turn.at > 1.0));
            }
            if turn.at <= 1.0 {
                turn.value = curve_within(entry.curve, turn.at);
                middle = select_place(end, turn, (turn.value > 0.0) != above);
            }
        }
        // To the turning point, if there is one, then to the end.
        for (var part = 0u; part < 2u; part++) {
            take_between(entry, before, middle);
            before = middle;
            middle = end;
            if before.at == end.at {
                break;
            }
        }
    }
}

// The parts between two places with at most one crossing.
fn take_between(entry: Follower, a: Place, b: Place) {
    let above = a.value > 0.0;
    var at = b.at;
    if above != (b.value > 0.0) {
        at = crossing(entry.curve, a, b);
    }
    take_part(entry, a.at, at, above);
    if above != (b.value > 0.0) {
        take_part(entry, at, b.at, !above);
    }
}

// Where a curve crosses 0 between two places: by turns the secant and the middle.
fn crossing(curve: u32, before: Place, behind: Place) -> f32 {
    var a = before;
    var b = behind;
    let close = {{ curves.close }} * max(abs(a.value), abs(b.value));
    let above = a.value > 0.0;
    var last = a.at;
    for (var evaluation = 0u; evaluation < {{ curves.evaluations }}u; evaluation++) {
        let secant = a.at + (b.at - a.at) * (a.value / (a.value - b.value));
        last = select(0.5 * (a.at + b.at), secant, evaluation % 2u == 0u);
        let value = curve_within(curve, last);
        if abs(value) <= close {
            break;
        }
        let is_before = (value > 0.0) == above;
        a = select_place(a, Place(last, value), is_before);
        b = select_place(Place(last, value), b, is_before);
    }
    return last;
}

// The curve is above 0 between two places of the step, or is not.
fn take_part(entry: Follower, start: f32, end: f32, above: bool) {
    follow(entry.kind, entry.row, Part(start, (end - start) * lane.dt, above));
}

fn follow(kind: u32, row: u32, part: Part) {
    switch kind {
{%- for kind in curves.parts %}
        case KIND_{{ kind.constant }}: {
            follow_{{ kind.name }}(row, part);
        }
{%- endfor %}
        default: {
        }
    }
}
