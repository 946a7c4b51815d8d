// Times of the simulation, finer than the whole ticks at which doses are planned and visits are. CPU twin:
// src/engine/instant.rs.

// A time, or a length of time: whole ticks, and a fraction in 2^-32 of a tick.
struct Instant {
    tick: u32,
    fraction: u32,
}

fn of_tick(tick: u32) -> Instant {
    return Instant(tick, 0u);
}

// What is later than any end.
fn never() -> Instant {
    return Instant(NEVER, NEVER);
}

fn is_before(a: Instant, b: Instant) -> bool {
    return (a.tick < b.tick) | ((a.tick == b.tick) & (a.fraction < b.fraction));
}

fn is_same(a: Instant, b: Instant) -> bool {
    return (a.tick == b.tick) & (a.fraction == b.fraction);
}

fn earlier(a: Instant, b: Instant) -> Instant {
    let first = is_before(a, b);
    return Instant(select(b.tick, a.tick, first), select(b.fraction, a.fraction, first));
}

// The time so much later, never at the latest.
fn later(at: Instant, by: Instant) -> Instant {
    let fraction = at.fraction + by.fraction;
    let carry = select(0u, 1u, fraction < at.fraction);
    let room = NEVER - at.tick;
    let over = (by.tick > room) | ((by.tick == room) & (carry == 1u));
    return Instant(select(at.tick + by.tick + carry, NEVER, over), select(fraction, NEVER, over));
}

{%- if at_dose %}
// A length of model time.
fn instant_of(time: f32) -> Instant {
    let ticks = time * (1.0 / TIME_PER_TICK);
    let whole = floor(ticks);
    return Instant(u32(min(whole, 4294967040.0)), u32((ticks - whole) * 16777216.0) << 8u);
}
{%- endif %}

// A length of time, a multiple of another.
fn scaled(by: Instant, factor: f32) -> Instant {
    let ticks = ticks_of(by) * factor;
    let whole = floor(ticks);
    let scaled = Instant(u32(min(whole, 4294967040.0)), u32((ticks - whole) * 16777216.0) << 8u);
    let same = factor == 1.0;
    return Instant(select(scaled.tick, by.tick, same), select(scaled.fraction, by.fraction, same));
}

// How many ticks it is long: 0 only if it has no length. Where there are whole ticks, the fraction is cut to what an
// f32 between 0 and 1 can hold, so that the order is kept.
fn ticks_of(length: Instant) -> f32 {
    let part = f32(length.fraction) * (1.0 / 4294967296.0);
    return select(f32(length.tick) + f32(length.fraction >> 8u) * (1.0 / 16777216.0), part, length.tick == 0u);
}

// Model time from an earlier time to a later one.
fn time_since(start: Instant, now: Instant) -> f32 {
    let borrow = select(0u, 1u, now.fraction < start.fraction);
    return ticks_of(Instant(now.tick - start.tick - borrow, now.fraction - start.fraction)) * TIME_PER_TICK;
}

// Model time of a tick, exact where it is a whole number.
fn time_of(tick: u32) -> f32 {
    return f32(tick / TICKS_PER_TIME) + f32(tick % TICKS_PER_TIME) * TIME_PER_TICK;
}
