// Distributions by which models observe: the value of a standard normal score. CPU twin: src/probability/law.rs, where
// limits and sources stand.

const BERNOULLI: u32 = 0u;
const POISSON: u32 = 1u;
const BINOMIAL: u32 = 2u;
const NEGATIVE_BINOMIAL: u32 = 3u;
const GAMMA: u32 = 4u;
const BETA: u32 = 5u;
const TAU: f32 = 6.2831855;
// Terms of a series or of a continued fraction.
const MOST_TERMS: u32 = 4000u;
// What is less than the exponential of minus this is nothing.
const MOST_EXPONENT: f32 = 85.0;
// In the place of 0 in a continued fraction.
const TINY: f32 = 1.0e-30;
// Half of the distance between numbers near 1.
const ROUNDING: f32 = 6.0e-8;

// Probabilities of at most a value and of more.
struct Tails {
    below: f32,
    above: f32,
}

// The smaller of the two tails of a score, with its side: what quantiles are compared with.
struct Sought {
    tail: f32,
    is_low: bool,
}

// The normal distribution below minus the size of a score (Chebyshev series of the complementary error function).
fn normal_tail(score: f32) -> f32 {
    let x = 0.70710677 * abs(score);
    let t = 1.0 / (1.0 + 0.5 * x);
    let low = 0.27886807 + t * (-1.135204 + t * (1.4885159 + t * (-0.82215223 + t * 0.17087277)));
    let series = -1.2655122 + t * (1.0000237 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * low))));
    return 0.5 * t * exp(series - x * x);
}

fn is_reached(tails: Tails, sought: Sought) -> bool {
    return select(tails.above <= sought.tail, tails.below >= sought.tail, sought.is_low);
}

// `t - log(r)` of `r = 1 + t`.
fn deviance(t: f32, r: f32) -> f32 {
    let s = t / (2.0 + t);
    let z = s * s;
    let series = s * (t - 2.0 * z * (0.33333334 + z * (0.2 + z * (0.14285715 + z * 0.11111111))));
    return select(t - logarithm(r), series, abs(t) < 0.3);
}

// What Stirling's formula lacks.
fn stirling(shape: f32) -> f32 {
    var a = shape;
    var shift = 0.0;
    for (var i = 0u; (i < 4u) & (a < 4.0); i++) {
        shift += (a + 0.5) * log_1_plus(1.0 / a) - 1.0;
        a += 1.0;
    }
    let z = 1.0 / (a * a);
    return shift + (0.083333336 - z * (0.0027777778 - z * 7.9365080e-4)) / a;
}

fn not_zero(x: f32) -> f32 {
    return select(x, TINY, abs(x) < TINY);
}

// The gamma distribution of shape `a` at `x`.
fn gamma_at(a: f32, x: f32) -> Tails {
    if x <= 0.0 {
        return Tails(0.0, 1.0);
    }
    let exponent = a * deviance((x - a) / a, x / a) + stirling(a);
    let density = exp(-min(exponent, MOST_EXPONENT)) * sqrt(a / TAU);
    if x < a + 1.0 {
        let below = density * gamma_series(a, x);
        return Tails(below, 1.0 - below);
    }
    let above = density * gamma_fraction(a, x);
    return Tails(1.0 - above, above);
}

fn gamma_series(a: f32, x: f32) -> f32 {
    var term = 1.0 / a;
    var sum = term;
    var n = a;
    for (var i = 0u; i < MOST_TERMS; i++) {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * ROUNDING {
            break;
        }
    }
    return sum;
}

fn gamma_fraction(a: f32, x: f32) -> f32 {
    var b = x + 1.0 - a;
    var c = 1.0 / TINY;
    var d = 1.0 / b;
    var value = d;
    for (var i = 1u; i < MOST_TERMS; i++) {
        let numerator = -f32(i) * (f32(i) - a);
        b += 2.0;
        d = 1.0 / not_zero(b + numerator * d);
        c = not_zero(b + numerator / c);
        value *= c * d;
        if abs(c * d - 1.0) < ROUNDING {
            break;
        }
    }
    return value;
}

// The beta distribution at `x`, where `y = 1 - x`.
fn beta_at(a: f32, b: f32, x: f32, y: f32) -> Tails {
    if x <= 0.0 {
        return Tails(0.0, 1.0);
    }
    if y <= 0.0 {
        return Tails(1.0, 0.0);
    }
    let n = a + b;
    let difference = select(b / n - y, x - a / n, x < y);
    let deviances = a * deviance(difference * n / a, x * n / a) + b * deviance(-difference * n / b, y * n / b);
    let exponent = deviances + stirling(a) + stirling(b) - stirling(n);
    let density = exp(-min(exponent, MOST_EXPONENT)) * sqrt(a / n * b / TAU);
    if x * (n + 2.0) < a + 1.0 {
        let below = density * beta_fraction(a, b, x) / a;
        return Tails(below, 1.0 - below);
    }
    let above = density * beta_fraction(b, a, y) / b;
    return Tails(1.0 - above, above);
}

fn beta_fraction(a: f32, b: f32, x: f32) -> f32 {
    var c = 1.0;
    var d = 1.0 / (1.0 - (a + b) * x / (a + 1.0));
    var value = d;
    for (var i = 1u; i < MOST_TERMS; i++) {
        let m = f32(i);
        let width = a + 2.0 * m;
        let even = m * (b - m) * x / ((width - 1.0) * width);
        d = 1.0 / not_zero(1.0 + even * d);
        c = not_zero(1.0 + even / c);
        value *= c * d;
        let odd = -(a + m) * (a + b + m) * x / (width * (width + 1.0));
        d = 1.0 / not_zero(1.0 + odd * d);
        c = not_zero(1.0 + odd / c);
        value *= c * d;
        if abs(c * d - 1.0) < ROUNDING {
            break;
        }
    }
    return value;
}

fn is_law(law: u32, a: f32, b: f32) -> bool {
    let is_probability = (b >= -1.0e-6) & (b <= 1.000001);
    let is_shape = (a >= 1.0e-3) & (a <= 1.0e6);
    switch law {
        case BERNOULLI: {
            return (a >= -1.0e-6) & (a <= 1.000001);
        }
        case POISSON: {
            return (a >= 0.0) & (a <= 1.0e6);
        }
        case BINOMIAL: {
            return (a >= 0.0) & (a <= 1.0e6) & (abs(a - round(a)) <= 1.0e-6 * max(a, 1.0)) & is_probability;
        }
        case NEGATIVE_BINOMIAL: {
            return is_shape & (b >= 0.0) & (b <= 1.0e6);
        }
        case GAMMA: {
            return is_shape;
        }
        case BETA: {
            return is_shape & (b >= 1.0e-3) & (b <= 1.0e6);
        }
        default: {
            return a >= 1.0e-3;
        }
    }
}

// Probabilities of at most `k`, and of more.
fn count_at(law: u32, k: f32, a: f32, b: f32) -> Tails {
    if law == POISSON {
        let tails = gamma_at(k + 1.0, a);
        return Tails(tails.above, tails.below);
    }
    if law == BINOMIAL {
        return beta_at(a - k, k + 1.0, 1.0 - b, b);
    }
    return beta_at(a, k + 1.0, a / (a + b), b / (a + b));
}

fn count_is_reached(law: u32, k: f32, most: f32, a: f32, b: f32, sought: Sought) -> bool {
    if k >= most {
        return true;
    }
    return is_reached(count_at(law, k, a, b), sought);
}

fn count_quantile(law: u32, score: f32, size: f32, b: f32, sought: Sought) -> f32 {
    let a = select(size, round(size), law == BINOMIAL);
    let most = select(1.0e30, a, law == BINOMIAL);
    let mean = select(select(b, a * b, law == BINOMIAL), a, law == POISSON);
    let variance = select(select(b + b * b / a, a * b * (1.0 - b), law == BINOMIAL), a, law == POISSON);
    if (mean == 0.0) | (most == 0.0) {
        return 0.0;
    }
    if variance == 0.0 {
        return most;
    }
    let asymmetry = select(select(1.0 + 2.0 * b / a, 1.0 - 2.0 * b, law == BINOMIAL), 1.0, law == POISSON);
    let start = mean + sqrt(variance) * score + asymmetry * (score * score - 1.0) / 6.0;
    var high = clamp(floor(start), 0.0, most);
    var low = high;
    var reach = 1.0;
    if count_is_reached(law, high, most, a, b, sought) {
        for (var i = 0u; i < 64u; i++) {
            if low < 0.0 {
                break;
            }
            if !count_is_reached(law, low, most, a, b, sought) {
                break;
            }
            high = low;
            low -= reach;
            reach *= 2.0;
        }
        low = max(low, -1.0);
    } else {
        for (var i = 0u; i < 64u; i++) {
            low = high;
            high = min(high + reach, most);
            reach *= 2.0;
            if count_is_reached(law, high, most, a, b, sought) {
                break;
            }
        }
    }
    for (var i = 0u; (i < 64u) & (high - low > 1.0); i++) {
        let middle = floor(0.5 * (low + high));
        if count_is_reached(law, middle, most, a, b, sought) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

// Found in `log(x)`.
fn gamma_quantile(a: f32, sought: Sought) -> f32 {
    var low = -80.0;
    var high = 80.0;
    for (var i = 0u; i < 36u; i++) {
        let middle = 0.5 * (low + high);
        if is_reached(gamma_at(a, exp(middle)), sought) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return exp(high);
}

// The logarithm of the odds of a quantile.
fn beta_odds(a: f32, b: f32, sought: Sought) -> f32 {
    var low = -80.0;
    var high = 80.0;
    for (var i = 0u; i < 36u; i++) {
        let middle = 0.5 * (low + high);
        if is_reached(beta_at(a, b, 1.0 / (1.0 + exp(-middle)), 1.0 / (1.0 + exp(middle))), sought) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

// By the beta distribution of `nu / (nu + t^2)`.
fn student_quantile(score: f32, nu: f32, tail: f32) -> f32 {
    if nu >= 1.0e6 {
        return score + (score * score * score + score) / (4.0 * nu);
    }
    let is_low = tail < 0.25;
    let odds = beta_odds(0.5 * nu, 0.5, Sought(select(1.0 - 2.0 * tail, 2.0 * tail, is_low), is_low));
    let size = sqrt(nu) * exp(-0.5 * odds);
    return select(size, -size, score < 0.0);
}

// The value of a distribution at a standard normal score.
fn quantile(law: u32, score: f32, a: f32, b: f32) -> f32 {
    if !(is_law(law, a, b) & is_finite(score) & is_finite(a) & is_finite(b)) {
        return not_a_number();
    }
    let sought = Sought(normal_tail(score), score < 0.0);
    switch law {
        case BERNOULLI: {
            return select(0.0, 1.0, select(sought.tail < a, 1.0 - a < sought.tail, sought.is_low));
        }
        case POISSON, BINOMIAL, NEGATIVE_BINOMIAL: {
            return count_quantile(law, score, a, select(b, clamp(b, 0.0, 1.0), law == BINOMIAL), sought);
        }
        case GAMMA: {
            return gamma_quantile(a, sought);
        }
        case BETA: {
            return 1.0 / (1.0 + exp(-beta_odds(a, b, sought)));
        }
        default: {
            return student_quantile(score, a, sought.tail);
        }
    }
}
