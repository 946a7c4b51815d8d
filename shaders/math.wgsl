// Functions that WGSL lacks, or leaves open outside their domain. CPU twin: src/engine/cpu/math.rs.

// WGSL may assume that values are finite, so what is not a number comes from outside.
fn not_a_number() -> f32 {
    return bitcast<f32>(job.not_a_number);
}

// The bits of a number, of which the compiler knows nothing. Where it may assume that values are finite, it takes
// `x != x` for false, and whatever is asked of the bits of an exponent for answered.
fn bits(x: f32) -> u32 {
    return bitcast<u32>(x) ^ job.zero;
}

fn is_finite(x: f32) -> bool {
    return (bits(x) & 0x7fffffffu) < 0x7f800000u;
}

// Whether it is a number, and not the largest, which stands for infinity below.
fn is_number(x: f32) -> bool {
    return (bits(x) & 0x7fffffffu) < 0x7f7fffffu;
}

fn is_nan(x: f32) -> bool {
    return (bits(x) & 0x7fffffffu) > 0x7f800000u;
}

// The same number: keeps compensated sums from being simplified.
fn opaque(x: f32) -> f32 {
    return bitcast<f32>(bits(x));
}

// A result, unless the argument is outside the domain or no number itself: `max` would hide that.
fn within(domain: bool, x: f32, result: f32) -> f32 {
    return select(not_a_number(), result, domain & is_finite(x));
}

// `min` and `max` may hide what is not a number.

fn smaller(a: f32, b: f32) -> f32 {
    return select(min(a, b), not_a_number(), is_nan(a) | is_nan(b));
}

fn larger(a: f32, b: f32) -> f32 {
    return select(max(a, b), not_a_number(), is_nan(a) | is_nan(b));
}

fn square_root(x: f32) -> f32 {
    return within(x >= 0.0, x, sqrt(max(x, 0.0)));
}

// Natural logarithm; that of 0 is the lowest number instead of minus infinity.
fn logarithm(x: f32) -> f32 {
    return within(x >= 0.0, x, select(log(max(x, 1.17549435e-38)), -3.40282347e38, x == 0.0));
}

// A logarithm, whole where it is so but for the rounding of the device.
fn whole(y: f32) -> f32 {
    let n = round(y);
    return select(y, n, abs(y - n) <= 6e-7 * abs(n));
}

// Logarithm to the base 2, whole at whole powers.
fn logarithm_2(x: f32) -> f32 {
    return within(x >= 0.0, x, select(whole(log2(max(x, 1.17549435e-38))), -3.40282347e38, x == 0.0));
}

// Logarithm to the base 10, whole at whole powers.
fn logarithm_10(x: f32) -> f32 {
    return within(x >= 0.0, x, select(whole(0.30103 * log2(max(x, 1.17549435e-38))), -3.40282347e38, x == 0.0));
}

// What is left of an angle after the nearest number of right angles, and the last two bits of that number. The right
// angle is taken off in three parts, of which two have so few bits that their products are exact.
struct Quarter {
    rest: f32,
    turns: u32,
}

fn quarter(x: f32) -> Quarter {
    let n = round(x * 0.63661975);
    let rest = (opaque(opaque(x - n * 1.5703125) - n * 4.8375130e-4)) - n * 7.5497900e-8;
    return Quarter(rest, u32(i32(clamp(n, -1.0e9, 1.0e9))) & 3u);
}

// Sine and cosine of at most half a right angle: series fitted to f32.
fn sine_of_rest(r: f32) -> f32 {
    let z = r * r;
    return r + r * z * (-0.16666667 + z * (0.008333332 + z * (-1.9840086e-4 + z * 2.7249865e-6)));
}

fn cosine_of_rest(r: f32) -> f32 {
    let z = r * r;
    return 1.0 - 0.5 * z + z * z * (0.041666668 + z * (-0.0013888888 + z * (2.48006e-5 - z * 2.7300908e-7)));
}

fn sine(x: f32) -> f32 {
    let angle = quarter(x);
    let size = select(sine_of_rest(angle.rest), cosine_of_rest(angle.rest), (angle.turns & 1u) == 1u);
    return within(abs(x) < 1.0e9, x, select(size, -size, angle.turns >= 2u));
}

fn cosine(x: f32) -> f32 {
    let angle = quarter(x);
    let size = select(cosine_of_rest(angle.rest), sine_of_rest(angle.rest), (angle.turns & 1u) == 1u);
    return within(abs(x) < 1.0e9, x, select(size, -size, (angle.turns == 1u) | (angle.turns == 2u)));
}

// The angle of a tangent. Above 1 it is taken by the reciprocal, above the tangent of 22.5 degrees by the angle to 45.
fn arc_tangent(x: f32) -> f32 {
    let size = min(abs(x), 1.0e30);
    let is_steep = size > 1.0;
    let flat = select(size, 1.0 / max(size, 1.0), is_steep);
    let is_far = flat > 0.41421356;
    let w = select(flat, (flat - 1.0) / (flat + 1.0), is_far);
    let z = w * w;
    let series = w + w * z * (-0.33333332 + z * (0.1999954 + z * (-0.14263944 + z * (0.10743605 - z * 0.064515095))));
    let angle = select(0.0, 0.7853982, is_far) + series;
    let value = select(angle, 1.5707964 - angle, is_steep);
    return select(select(value, -value, x < 0.0), not_a_number(), is_nan(x));
}

// `x^e` for `x >= 0`, not a number for negative `x`.
fn power(x: f32, e: f32) -> f32 {
    let of_zero = select(select(0.0, 3.40282347e38, e < 0.0), 1.0, e == 0.0);
    let of_others = exp2(e * log2(max(x, 1.17549435e-38)));
    return within((x >= 0.0) & is_finite(e), x, select(of_others, of_zero, x == 0.0));
}

// `x^e` for any sign of `x`: not a number for negative `x` unless `e` is an integer.
fn power_of_any_sign(x: f32, e: f32) -> f32 {
    let size = power(abs(x), e);
    let odd = floor(0.5 * e) != 0.5 * e;
    let negative = select(not_a_number(), select(size, -size, odd), floor(e) == e);
    return select(size, negative, x < 0.0);
}

// `e^x - 1`: near 0 by its series, whose first term left out is below 2e-8 of the sum.
fn exp_minus_1(x: f32) -> f32 {
    let series = x * (1.0 + x * (0.5 + x * (0.16666667 + x * (0.041666668 + x * (0.008333334 + x * 0.0013888889)))));
    return select(exp(x) - 1.0, series, abs(x) < 0.3);
}

// `log(1 + x)`: near 0 as `2 atanh(x / (2 + x))`, whose first term left out is below 1e-10 of the sum.
fn log_1_plus(x: f32) -> f32 {
    let s = x / (2.0 + x);
    let z = s * s;
    let series = 2.0 * s * (1.0 + z * (0.33333334 + z * (0.2 + z * (0.14285715 + z * 0.11111111))));
    return select(logarithm(1.0 + x), series, abs(x) < 0.3);
}

// Hyperbolic tangent; 1 to the last bit from 10 on.
fn hyperbolic_tangent(x: f32) -> f32 {
    let t = exp_minus_1(2.0 * min(abs(x), 10.0));
    let size = t / (t + 2.0);
    return within(true, x, select(size, -size, x < 0.0));
}
