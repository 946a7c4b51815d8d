//! Elementary functions without branches, so that a loop over lanes becomes vector code. They are written once for numbers
//! and for the instructions of [machine code](super::machine) that compute them.
//!
//! AVX2 has no conversions between 64-bit integers and f64, so integers are moved through the
//! low bits of a float near `2^52` instead. Each function states its largest error in units in the
//! last place (ulp) of the result, as the tests measure it with fused arithmetic; without, it is
//! at most one ulp more.

use std::f64::consts::{LOG2_E, LOG10_E};

use super::number::Number;
use crate::isa::Arithmetic;

/// `1.5 * 2^52`: adding it rounds to the nearest integer and leaves that in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Bias of the exponent field of an f64.
const BIAS: f64 = 1023.0;
/// Upper 32 bits of ln 2: an integer of up to 21 bits times it is exact.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
/// ln 2 less [`LN2_HIGH`].
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// `(e^r - 1 - r) / r^2` for |r| <= ln 2 / 2 as a polynomial, lowest power first: interpolation at
/// Chebyshev nodes in 60 digits; relative error of e^r 1.6e-17.
const EXP: [f64; 10] = [
    0.500_000_000_000_000_1,
    0.166_666_666_666_666_69,
    0.041_666_666_666_624_13,
    0.008_333_333_333_330_062,
    0.001_388_888_891_721_371_7,
    0.000_198_412_698_630_536_18,
    2.480_152_129_595_437_6e-5,
    2.755_726_845_999_706_4e-6,
    2.762_008_844_540_974_6e-7,
    2.510_038_549_551_032e-8,
];

/// `(2 atanh(s) - 2 s) / s^3` as a polynomial in `s^2`, for |s| <= (sqrt 2 - 1) / (sqrt 2 + 1):
/// interpolation at Chebyshev nodes in 60 digits; relative error of the logarithm 4.6e-18.
const LOG: [f64; 7] = [
    0.666_666_666_666_667,
    0.399_999_999_998_994_44,
    0.285_714_286_260_032_7,
    0.222_222_111_302_598_78,
    0.181_828_894_556_749_47,
    0.153_317_106_182_107_73,
    0.146_165_854_248_886_23,
];

/// `(sin(r) - r) / r^3` for |r| <= pi / 4 as a polynomial in `r^2`, as above; error of the sine 4e-18.
const SIN: [f64; 7] = [
    -0.166_666_666_666_666_66,
    0.008_333_333_333_333_331,
    -0.000_198_412_698_412_650_6,
    2.755_731_921_933_543e-6,
    -2.505_210_623_115_790_4e-8,
    1.605_853_141_458_901e-10,
    -7.586_685_070_091_267e-13,
];

/// `(cos(r) - 1 + r^2 / 2) / r^4` for |r| <= pi / 4 as a polynomial in `r^2`, as above; error of the cosine 5e-19.
const COS: [f64; 6] = [
    0.041_666_666_666_666_664,
    -0.001_388_888_888_888_739_5,
    2.480_158_729_876_343_3e-5,
    -2.755_731_727_056_032_6e-7,
    2.087_614_602_468_974_7e-9,
    -1.138_261_486_855_632_5e-11,
];

/// `(atan(w) - w) / w^3` for |w| <= tan(pi / 8) as a polynomial in `w^2`, as above; error of the angle 1e-19.
const ATAN: [f64; 12] = [
    -0.333_333_333_333_333_3,
    0.199_999_999_999_998_04,
    -0.142_857_142_856_597_29,
    0.111_111_111_051_457_25,
    -0.090_909_087_530_171_78,
    0.076_922_963_610_482_18,
    -0.066_664_246_345_993_37,
    0.058_789_261_105_281_01,
    -0.052_304_330_074_828_924,
    0.045_514_962_374_949_3,
    -0.034_568_068_014_968_874,
    0.016_282_993_238_924_487,
];

/// A polynomial, lowest power first.
#[inline(always)]
fn polynomial<A: Arithmetic, N: Number, const K: usize>(c: [f64; K], x: N) -> N {
    let mut sum = x.of(c[K - 1]);
    for i in (0..K - 1).rev() {
        sum = A::mul_add(sum, x, x.of(c[i]));
    }
    sum
}

/// `n` and `e^r - 1` with `x = n ln 2 + r`, |r| <= ln 2 / 2, for |x| < 1000.
#[inline(always)]
fn reduce<A: Arithmetic, N: Number>(x: N) -> (N, N) {
    let n = A::mul_add(x, x.of(LOG2_E), x.of(ROUND)) - x.of(ROUND);
    let r = A::mul_add(-n, x.of(LN2_LOW), A::mul_add(-n, x.of(LN2_HIGH), x));
    (n, A::mul_add(r * r, polynomial::<A, N, 10>(EXP, r), r))
}

/// `2^n` for an integer -1022 <= n <= 1023.
#[inline(always)]
fn power_of_two<N: Number>(n: N) -> N {
    (n + n.of(ROUND + BIAS)).shift_left(52)
}

/// `m 2^n` with |n| <= 2044, in two factors so that results at the edges of the range are right.
#[inline(always)]
fn scale<A: Arithmetic, N: Number>(m: N, n: N) -> N {
    let half = A::mul_add(n, n.of(0.5), n.of(ROUND)) - n.of(ROUND);
    m * power_of_two(half) * power_of_two(n - half)
}

/// `e^x`, 1 ulp (2 where the result is subnormal).
#[inline(always)]
pub(crate) fn exp<A: Arithmetic, N: Number>(x: N) -> N {
    let (n, p) = reduce::<A, N>(x);
    let y = scale::<A, N>(x.of(1.0) + p, n);
    // Beyond these the result is infinite or zero, and `n` may not fit its bits.
    let y = N::choose(x.greater(x.of(709.8)), x.of(f64::INFINITY), y);
    N::choose(x.less(x.of(-745.2)), x.of(0.0), y)
}

/// `e^x - 1`, 4 ulp.
#[inline(always)]
pub(crate) fn expm1<A: Arithmetic, N: Number>(x: N) -> N {
    let (n, p) = reduce::<A, N>(x);
    N::choose(n.equal(x.of(0.0)), p, exp::<A, N>(x) - x.of(1.0))
}

/// A positive number as `2^k (1 + f)` with sqrt(1/2) <= 1 + f < sqrt 2, and `log(1 + f) = f - s tail`.
struct Logarithm<N> {
    k: N,
    f: N,
    s: N,
    tail: N,
}

#[inline(always)]
fn logarithm<A: Arithmetic, N: Number>(x: N) -> Logarithm<N> {
    /// Bits of sqrt(1/2): the mantissa is taken from there to sqrt(2).
    const LOW: u64 = 0x3fe6_a09e_667f_3bcd;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
    /// `2^52`: its low bits take an integer exponent.
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    /// `2^54`: lifts subnormal numbers into the normal range.
    const TWO_54: f64 = 18_014_398_509_481_984.0;

    let small = x.less(x.of(f64::MIN_POSITIVE));
    let lifted = N::choose(small, x * x.of(TWO_54), x);
    let offset = N::choose(small, x.of(TWO_52 + BIAS + 54.0), x.of(TWO_52 + BIAS));
    let bits = lifted.add_bits(ONE - LOW);
    let k = bits.shift_right(52).or_bits(TWO_52.to_bits()) - offset;
    let f = bits.and_bits(MANTISSA).add_bits(LOW) - x.of(1.0);

    // log(1 + f) = 2 atanh(s) = 2 s + s^3 P(s^2), and 2 s = f - s f keeps the largest term exact.
    let s = f / (x.of(2.0) + f);
    let z = s * s;
    let tail = A::mul_add(-z, polynomial::<A, N, 7>(LOG, z), f);
    Logarithm { k, f, s, tail }
}

/// The logarithm `y` of `x`, or what it is where `x` is no positive number.
#[inline(always)]
fn of_any<N: Number>(x: N, y: N) -> N {
    let y = N::choose(x.less(x.of(f64::INFINITY)), y, x);
    let y = N::choose(x.equal(x.of(0.0)), x.of(f64::NEG_INFINITY), y);
    N::choose(x.less(x.of(0.0)), x.of(f64::NAN), y)
}

/// Natural logarithm, 1 ulp.
#[inline(always)]
pub(crate) fn log<A: Arithmetic, N: Number>(x: N) -> N {
    let Logarithm { k, f, s, tail } = logarithm::<A, N>(x);
    let low = A::mul_add(s, tail, -k * x.of(LN2_LOW));
    of_any(x, A::mul_add(k, x.of(LN2_HIGH), f - low))
}

/// Logarithm to the base 2, 2 ulp; whole at whole powers.
#[inline(always)]
pub(crate) fn log2<A: Arithmetic, N: Number>(x: N) -> N {
    let Logarithm { k, f, s, tail } = logarithm::<A, N>(x);
    of_any(x, A::mul_add(A::mul_add(-s, tail, f), x.of(LOG2_E), k))
}

/// Logarithm to the base 10, 2 ulp; whole at whole powers.
#[inline(always)]
pub(crate) fn log10<A: Arithmetic, N: Number>(x: N) -> N {
    /// Upper 39 bits of log10(2): an exponent times it is exact.
    const HIGH: f64 = 0.301_029_995_663_611_77;
    /// log10(2) less [`HIGH`].
    const LOW: f64 = 3.694_239_077_158_931e-13;
    let Logarithm { k, f, s, tail } = logarithm::<A, N>(x);
    let of_mantissa = A::mul_add(-s, tail, f) * x.of(LOG10_E);
    let y = A::mul_add(k, x.of(HIGH), A::mul_add(k, x.of(LOW), of_mantissa));
    let n = (y + x.of(ROUND)) - x.of(ROUND);
    let is_far = (y - n).abs().greater(x.of(f64::EPSILON) * n.abs());
    of_any(x, N::choose(is_far, y, n))
}

/// `log(1 + x)`, 2 ulp.
#[inline(always)]
pub(crate) fn log1p<A: Arithmetic, N: Number>(x: N) -> N {
    let u = x.of(1.0) + x;
    // The rounding error of `1 + x`, given back to first order.
    let lost = (x - (u - x.of(1.0))) / u;
    let of_sum = log::<A, N>(u);
    let y = N::choose(u.equal(x.of(1.0)), x, of_sum + lost);
    let is_finite = N::both(u.greater(x.of(0.0)), u.less(x.of(f64::INFINITY)));
    N::choose(is_finite, y, of_sum)
}

/// Hyperbolic tangent, 5 ulp.
#[inline(always)]
pub(crate) fn tanh<A: Arithmetic, N: Number>(x: N) -> N {
    // 1 to the last bit from here on.
    let most = x.of(22.0);
    let a = N::choose(x.abs().greater(most), most, x.abs());
    let t = expm1::<A, N>(x.of(2.0) * a);
    (t / (t + x.of(2.0))).copy_sign(x)
}

/// What is left of an angle after the nearest number of right angles, and that number from 0 to 3. The right angle is
/// taken off in three parts; two have 33 bits, so that their products are exact up to 2^20 turns.
#[inline(always)]
fn quarter<A: Arithmetic, N: Number>(x: N) -> (N, N) {
    const PARTS: [f64; 3] = [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_795_950_6e-21];
    let n = A::mul_add(x, x.of(std::f64::consts::FRAC_2_PI), x.of(ROUND)) - x.of(ROUND);
    let rest = PARTS.iter().fold(x, |rest, &part| A::mul_add(-n, x.of(part), rest));
    (rest, A::mul_add(x.of(-4.0), (n * x.of(0.25)).floor(), n))
}

/// Sine and cosine of what is left of an angle.
#[inline(always)]
fn of_rest<A: Arithmetic, N: Number>(r: N) -> (N, N) {
    let z = r * r;
    let sine = A::mul_add(r * z, polynomial::<A, N, 7>(SIN, z), r);
    let rest = A::mul_add(r.of(-0.5), z, r.of(1.0));
    let cosine = A::mul_add(z * z, polynomial::<A, N, 6>(COS, z), rest);
    (sine, cosine)
}

/// An angle beyond which nothing is left of it in an f64.
const LARGEST_ANGLE: f64 = 1e9;

/// Sine: error at most 2^-52, or half the distance of |x| to the next number if that is more; NaN beyond 1e9.
#[inline(always)]
pub(crate) fn sin<A: Arithmetic, N: Number>(x: N) -> N {
    let (rest, turns) = quarter::<A, N>(x);
    let (sine, cosine) = of_rest::<A, N>(rest);
    let odd = N::either(turns.equal(x.of(1.0)), turns.equal(x.of(3.0)));
    let size = N::choose(odd, cosine, sine);
    let value = N::choose(turns.at_least(x.of(2.0)), -size, size);
    N::choose(x.abs().less(x.of(LARGEST_ANGLE)), value, x.of(f64::NAN))
}

/// Cosine, with the error of [`sin`].
#[inline(always)]
pub(crate) fn cos<A: Arithmetic, N: Number>(x: N) -> N {
    let (rest, turns) = quarter::<A, N>(x);
    let (sine, cosine) = of_rest::<A, N>(rest);
    let [first, second, third] = [1.0, 2.0, 3.0].map(|turn| turns.equal(x.of(turn)));
    let size = N::choose(N::either(first, third), sine, cosine);
    let value = N::choose(N::either(first, second), -size, size);
    N::choose(x.abs().less(x.of(LARGEST_ANGLE)), value, x.of(f64::NAN))
}

/// The angle of a tangent, 3 ulp: of more than 1 by its reciprocal, of more than tan(pi / 8) by the angle to pi / 4.
#[inline(always)]
pub(crate) fn atan<A: Arithmetic, N: Number>(x: N) -> N {
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};
    const TAN_PI_8: f64 = 0.414_213_562_373_095_03;
    let (one, size) = (x.of(1.0), x.abs());
    let steep = size.greater(one);
    let flat = N::choose(steep, one / size, size);
    let far = flat.greater(x.of(TAN_PI_8));
    let w = N::choose(far, (flat - one) / (flat + one), flat);
    let z = w * w;
    let angle = A::mul_add(w * z, polynomial::<A, N, 12>(ATAN, z), w);
    let angle = N::choose(far, x.of(FRAC_PI_4) + angle, angle);
    N::choose(steep, x.of(FRAC_PI_2) - angle, angle).copy_sign(x)
}

/// `x^e` as `e^(e log x)`, NaN for negative `x`. The rounding of `e log x` grows with its size:
/// relative error at most `(1 + 1.5 |e log x|) 2^-52`.
#[inline(always)]
pub(crate) fn power<A: Arithmetic, N: Number>(x: N, e: N) -> N {
    exp::<A, N>(e * log::<A, N>(x))
}

/// `x^e` with the error of [`power`], and as the standard library for `e = 0`, and for integers
/// `e` with negative `x`.
#[inline(always)]
pub(crate) fn pow<A: Arithmetic, N: Number>(x: N, e: N) -> N {
    let y = power::<A, N>(x.abs(), e);
    let half = e * x.of(0.5);
    let signed = N::choose(half.floor().equal(half), y, -y);
    let negative = N::choose(e.floor().equal(e), signed, x.of(f64::NAN));
    let y = N::choose(x.less(x.of(0.0)), negative, y);
    N::choose(e.equal(x.of(0.0)), x.of(1.0), y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Fused, Plain};

    /// Distance in units in the last place of `expected`.
    fn ulp(got: f64, expected: f64) -> f64 {
        if got == expected || (got.is_nan() && expected.is_nan()) {
            return 0.0;
        }
        let size = expected.abs().max(f64::MIN_POSITIVE);
        let unit = f64::from_bits(size.to_bits() + 1) - size;
        (got - expected).abs() / unit
    }

    /// Largest error over a dense, evenly spaced sample, against the standard library (whose own
    /// error is below 1 ulp).
    fn worst(low: f64, high: f64, f: impl Fn(f64) -> f64, expected: impl Fn(f64) -> f64) -> f64 {
        const SAMPLES: u32 = 400_000;
        (0..=SAMPLES)
            .map(|i| low + (high - low) * f64::from(i) / f64::from(SAMPLES))
            .map(|x| ulp(f(x), expected(x)))
            .fold(0.0, f64::max)
    }

    #[test]
    fn exp_is_within_its_bound() {
        assert!(worst(-708.0, 709.7, exp::<Fused, f64>, f64::exp) <= 1.0);
        assert!(worst(-1.0, 1.0, exp::<Fused, f64>, f64::exp) <= 1.0);
        assert!(worst(-745.3, -708.0, exp::<Fused, f64>, f64::exp) <= 2.0);
        assert!(worst(-708.0, 709.7, exp::<Plain, f64>, f64::exp) <= 2.0);
    }

    #[test]
    fn exp_at_the_edges() {
        for x in [0.0, -0.0, 709.782_712_893_384, 710.0, 1e300, f64::INFINITY, -745.0, -746.0, -1e300] {
            assert_eq!(exp::<Fused, f64>(x), x.exp(), "{x}");
        }
        assert_eq!(exp::<Fused, f64>(f64::NEG_INFINITY), 0.0);
        assert!(exp::<Fused, f64>(f64::NAN).is_nan());
    }

    #[test]
    fn expm1_is_within_its_bound() {
        assert!(worst(-2.0, 2.0, expm1::<Fused, f64>, f64::exp_m1) <= 4.0);
        assert!(worst(-1e-8, 1e-8, expm1::<Fused, f64>, f64::exp_m1) <= 1.0);
        assert!(worst(-50.0, 709.0, expm1::<Fused, f64>, f64::exp_m1) <= 4.0);
        assert!(worst(-50.0, 709.0, expm1::<Plain, f64>, f64::exp_m1) <= 5.0);
        assert_eq!(expm1::<Fused, f64>(f64::NEG_INFINITY), -1.0);
        assert_eq!(expm1::<Fused, f64>(f64::INFINITY), f64::INFINITY);
        assert!(expm1::<Fused, f64>(f64::NAN).is_nan());
    }

    #[test]
    fn log_is_within_its_bound() {
        assert!(worst(1e-3, 4.0, log::<Fused, f64>, f64::ln) <= 1.0);
        assert!(worst(0.999, 1.001, log::<Fused, f64>, f64::ln) <= 1.0);
        assert!(worst(1.0, 1e9, log::<Fused, f64>, f64::ln) <= 1.0);
        assert!(worst(-700.0, 700.0, |x| log::<Fused, f64>(x.exp()), |x| x.exp().ln()) <= 1.0);
        assert!(worst(1e-3, 4.0, log::<Plain, f64>, f64::ln) <= 2.0);
    }

    #[test]
    fn log_at_the_edges() {
        for x in [0.0, -0.0, 1.0, f64::INFINITY, f64::MIN_POSITIVE, f64::MAX, 5e-324, 1e-310] {
            assert!(ulp(log::<Fused, f64>(x), x.ln()) <= 1.0, "{x}");
        }
        for x in [-1.0, -5e-324, f64::NEG_INFINITY, f64::NAN] {
            assert!(log::<Fused, f64>(x).is_nan(), "{x}");
        }
    }

    #[test]
    fn logarithms_to_other_bases_are_within_their_bounds() {
        for (low, high) in [(1e-3, 4.0), (0.999, 1.001), (1.0, 1e9), (0.0, 1e-300)] {
            assert!(worst(low, high, log2::<Fused, f64>, f64::log2) <= 2.0);
            assert!(worst(low, high, log10::<Fused, f64>, f64::log10) <= 2.0);
            assert!(worst(low, high, log2::<Plain, f64>, f64::log2) <= 3.0);
            assert!(worst(low, high, log10::<Plain, f64>, f64::log10) <= 3.0);
        }
        for of in [log2::<Fused, f64>, log10::<Fused, f64>] {
            assert_eq!(of(0.0), f64::NEG_INFINITY);
            assert_eq!(of(f64::INFINITY), f64::INFINITY);
            assert!(of(-1.0).is_nan() && of(f64::NAN).is_nan());
        }
    }

    /// Every power of 10 that an f64 holds exactly, its reciprocal, and every power of 2.
    #[test]
    fn logarithms_of_whole_powers_are_whole() {
        for n in 0..=22 {
            let power = 10_f64.powi(n);
            for of in [log10::<Fused, f64>, log10::<Plain, f64>] {
                assert_eq!((of(power), of(1.0 / power)), (f64::from(n), -f64::from(n)));
            }
        }
        for n in -1074..1024 {
            let power = 2_f64.powi(n / 2) * 2_f64.powi(n - n / 2);
            assert_eq!([log2::<Fused, f64>(power), log2::<Plain, f64>(power)], [f64::from(n); 2]);
        }
    }

    #[test]
    fn log1p_is_within_its_bound() {
        assert!(worst(-0.999, 3.0, log1p::<Fused, f64>, f64::ln_1p) <= 2.0);
        assert!(worst(-1e-9, 1e-9, log1p::<Fused, f64>, f64::ln_1p) <= 2.0);
        assert!(worst(0.0, 1e20, log1p::<Plain, f64>, f64::ln_1p) <= 3.0);
        assert_eq!(log1p::<Fused, f64>(-1.0), f64::NEG_INFINITY);
        assert_eq!(log1p::<Fused, f64>(f64::INFINITY), f64::INFINITY);
        assert!(log1p::<Fused, f64>(-1.1).is_nan() && log1p::<Fused, f64>(f64::NAN).is_nan());
    }

    #[test]
    fn tanh_is_within_its_bound() {
        assert!(worst(-25.0, 25.0, tanh::<Fused, f64>, f64::tanh) <= 5.0);
        assert!(worst(-1.0, 1.0, tanh::<Fused, f64>, f64::tanh) <= 5.0);
        assert_eq!(tanh::<Fused, f64>(f64::NEG_INFINITY), -1.0);
        assert!(tanh::<Fused, f64>(f64::NAN).is_nan());
    }

    #[test]
    fn sines_and_cosines_are_within_their_bound() {
        for (f, expected) in [
            (sin::<Fused, f64> as fn(f64) -> f64, f64::sin as fn(f64) -> f64),
            (sin::<Plain, f64>, f64::sin),
            (cos::<Fused, f64>, f64::cos),
            (cos::<Plain, f64>, f64::cos),
        ] {
            for (low, high) in [(-10.0, 10.0), (-1e-3, 1e-3), (-1e4, 1e4), (1e8, 1.000_1e8)] {
                for i in 0..=100_000 {
                    let x = low + (high - low) * f64::from(i) / 1e5;
                    let bound = f64::EPSILON.max(f64::EPSILON * 0.5 * f64::abs(x));
                    let error = (f(x) - expected(x)).abs();
                    assert!(error <= bound, "{x}: {error:e}");
                }
            }
            assert!(f(f64::NAN).is_nan() && f(f64::INFINITY).is_nan());
        }
        assert_eq!((sin::<Fused, f64>(0.0), cos::<Fused, f64>(0.0)), (0.0, 1.0));
    }

    #[test]
    fn atan_is_within_its_bound() {
        for (low, high) in [(-3.0, 3.0), (-1e-3, 1e-3), (-1e6, 1e6)] {
            assert!(worst(low, high, atan::<Fused, f64>, f64::atan) <= 3.0);
            assert!(worst(low, high, atan::<Plain, f64>, f64::atan) <= 4.0);
        }
        assert_eq!(atan::<Fused, f64>(f64::INFINITY), std::f64::consts::FRAC_PI_2);
        assert!(atan::<Fused, f64>(f64::NAN).is_nan());
    }

    #[test]
    fn pow_is_within_its_bound() {
        for e in [0.2, -0.66, 1.5, 2.7, 17.3, -40.1] {
            for i in 0..100_000 {
                let x = 1e-3 + 5e-4 * f64::from(i);
                let error = (pow::<Fused, f64>(x, e) / x.powf(e) - 1.0).abs() / f64::EPSILON;
                // One more for the library's own rounding and that of the ratio.
                assert!(error <= 2.0 + 1.5 * (e * x.ln()).abs(), "{x}^{e}: {error} x 2^-52");
            }
        }
    }

    #[test]
    fn pow_at_the_edges() {
        for (x, e) in [
            (0.0, 0.5),
            (0.0, -0.5),
            (0.0, 0.0),
            (1.0, 7.3),
            (f64::INFINITY, 2.0),
            (f64::INFINITY, -2.0),
            (-2.0, 0.5),
            (-1.0, 3.0),
            (-1.0, 4.0),
            (-1.0, -3.0),
            (f64::NAN, 2.0),
            (f64::NAN, 0.0),
        ] {
            let (got, expected) = (pow::<Fused, f64>(x, e), f64::powf(x, e));
            assert!(got == expected || (got.is_nan() && expected.is_nan()), "{x}^{e}: {got}, {expected}");
        }
    }
}
