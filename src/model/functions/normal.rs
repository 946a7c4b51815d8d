//! The error function and the normal distribution.

use std::f64::consts::FRAC_1_SQRT_2;

use super::{Binary, Graph, NodeId, Unary, polynomial, signed};

/// `log(erfc(x) e^(x^2) / t)` with `t = 3 / (3 + x)` as a polynomial in `2 t - 1`, lowest power first: interpolation at
/// Chebyshev nodes in 60 digits; error below 1e-16.
const TAIL: [f64; 26] = [
    -1.027_215_861_421_167_3,
    0.822_522_134_019_406_5,
    0.211_285_989_135_932_13,
    0.022_541_182_217_695_83,
    -0.020_113_320_405_231_77,
    -0.011_957_869_713_253_168,
    -8.396_702_309_921_47e-5,
    0.002_800_196_362_809_742_8,
    0.000_927_361_012_557_953_8,
    -0.000_450_623_449_089_122_2,
    -0.000_375_253_215_532_860_2,
    2.172_386_431_540_248_8e-5,
    0.000_106_720_705_461_253_5,
    1.947_492_131_187_637_5e-5,
    -2.387_947_095_567_152_5e-5,
    -1.027_593_067_071_795_3e-5,
    3.927_772_773_428_199e-6,
    3.383_158_930_679_671e-6,
    -2.750_067_192_007_635e-7,
    -8.550_168_311_075_598e-7,
    -8.867_873_340_301_922e-8,
    1.663_584_703_088_548_7e-7,
    3.541_810_867_402_684e-8,
    -2.260_022_732_745_113e-8,
    -4.619_799_055_576_783e-9,
    1.603_535_939_278_467_4e-9,
];

/// `erf(x) / x` as a polynomial in `x^2` for |x| <= 1/2, as above; relative error 4e-18.
const CENTRE: [f64; 9] = [
    std::f64::consts::FRAC_2_SQRT_PI,
    -0.376_126_389_031_834_7,
    0.112_837_916_709_252_71,
    -0.026_866_170_632_859,
    0.005_223_977_372_525_996_5,
    -0.000_854_829_770_790_689_7,
    0.000_120_533_327_959_668_65,
    -1.484_578_789_042_172_4e-5,
    1.472_521_125_226_673_8e-6,
];

/// Wichura, Algorithm AS 241, Appl Stat 1988;37:477-484: the quantile of `1/2 + q` for |q| <= 0.425 is `q` times a ratio of
/// polynomials in `0.425^2 - q^2`.
const MIDDLE: [[f64; 8]; 2] = [
    [
        3.3871328727963665,
        133.14166789178438,
        1971.5909503065513,
        13731.69376550946,
        45921.95393154987,
        67265.7709270087,
        33430.57558358813,
        2509.0809287301227,
    ],
    [
        1.0,
        42.31333070160091,
        687.1870074920579,
        5394.196021424751,
        21213.794301586597,
        39307.89580009271,
        28729.085735721943,
        5226.495278852854,
    ],
];
/// For a tail `p` the ratio is of `r - 1.6` with `r = sqrt(-log(p)) <= 5`.
const NEAR: [[f64; 8]; 2] = [
    [
        1.4234371107496835,
        4.630337846156546,
        5.769497221460691,
        3.6478483247632045,
        1.2704582524523684,
        0.2417807251774506,
        0.022723844989269184,
        0.0007745450142783414,
    ],
    [
        1.0,
        2.053191626637759,
        1.6763848301838038,
        0.6897673349851,
        0.14810397642748008,
        0.015198666563616457,
        0.0005475938084995345,
        1.0507500716444169e-09,
    ],
];
/// Beyond, of `r - 5`.
const FAR: [[f64; 8]; 2] = [
    [
        6.657904643501103,
        5.463784911164114,
        1.7848265399172913,
        0.29656057182850487,
        0.026532189526576124,
        0.0012426609473880784,
        2.7115555687434876e-05,
        2.0103343992922881e-07,
    ],
    [
        1.0,
        0.599832206555888,
        0.1369298809227358,
        0.014875361290850615,
        0.0007868691311456133,
        1.8463183175100548e-05,
        1.421511758316446e-07,
        2.0442631033899397e-15,
    ],
];

/// The complementary error function of `|x|`.
fn tail(graph: &mut Graph, x: NodeId) -> NodeId {
    let [one, two, three] = [1.0, 2.0, 3.0].map(|number| graph.constant(number));
    let size = graph.unary(Unary::Abs, x);
    let below = graph.binary(Binary::Add, three, size);
    let t = graph.binary(Binary::Div, three, below);
    let double = graph.binary(Binary::Mul, two, t);
    let y = graph.binary(Binary::Sub, double, one);
    let log = polynomial(graph, &TAIL, y);
    let square = graph.binary(Binary::Mul, x, x);
    let exponent = graph.binary(Binary::Sub, log, square);
    let e = graph.unary(Unary::Exp, exponent);
    graph.binary(Binary::Mul, t, e)
}

/// `1 - erf(x)`
pub(super) fn erfc(graph: &mut Graph, x: NodeId) -> NodeId {
    let [zero, two] = [0.0, 2.0].map(|number| graph.constant(number));
    let tail = tail(graph, x);
    let other = graph.binary(Binary::Sub, two, tail);
    let is_negative = graph.binary(Binary::Less, x, zero);
    graph.select(is_negative, other, tail)
}

/// The error function.
pub(super) fn erf(graph: &mut Graph, x: NodeId) -> NodeId {
    let [half, one] = [0.5, 1.0].map(|number| graph.constant(number));
    let square = graph.binary(Binary::Mul, x, x);
    let series = polynomial(graph, &CENTRE, square);
    let centre = graph.binary(Binary::Mul, x, series);
    let tail = tail(graph, x);
    let beyond = graph.binary(Binary::Sub, one, tail);
    let beyond = signed(graph, x, beyond);
    let size = graph.unary(Unary::Abs, x);
    let is_near = graph.binary(Binary::Less, size, half);
    graph.select(is_near, centre, beyond)
}

/// The standard normal distribution: `erfc(-x / sqrt(2)) / 2`.
pub(super) fn phi(graph: &mut Graph, x: NodeId) -> NodeId {
    let [half, scale] = [0.5, -FRAC_1_SQRT_2].map(|number| graph.constant(number));
    let scaled = graph.binary(Binary::Mul, scale, x);
    let value = erfc(graph, scaled);
    graph.binary(Binary::Mul, half, value)
}

/// The quantile of the standard normal distribution; not a number but between 0 and 1.
pub(super) fn probit(graph: &mut Graph, p: NodeId) -> NodeId {
    let [half, one, within, square, near, far] =
        [0.5, 1.0, 0.425, 0.180_625, 1.6, 5.0].map(|number| graph.constant(number));
    let q = graph.binary(Binary::Sub, p, half);
    let squared = graph.binary(Binary::Mul, q, q);
    let of_middle = graph.binary(Binary::Sub, square, squared);
    let middle = ratio(graph, &MIDDLE, of_middle);
    let middle = graph.binary(Binary::Mul, q, middle);
    let other = graph.binary(Binary::Sub, one, p);
    let tail = graph.binary(Binary::Min, p, other);
    let log = graph.unary(Unary::Log, tail);
    let log = graph.unary(Unary::Negate, log);
    let r = graph.unary(Unary::Sqrt, log);
    let [of_near, of_far] = [near, far].map(|from| graph.binary(Binary::Sub, r, from));
    let [of_near, of_far] = [(&NEAR, of_near), (&FAR, of_far)].map(|(of, x)| ratio(graph, of, x));
    let is_far = graph.binary(Binary::Less, far, r);
    let beyond = graph.select(is_far, of_far, of_near);
    let beyond = signed(graph, q, beyond);
    let size = graph.unary(Unary::Abs, q);
    let is_middle = graph.binary(Binary::LessEqual, size, within);
    graph.select(is_middle, middle, beyond)
}

/// A ratio of two polynomials.
fn ratio(graph: &mut Graph, of: &[[f64; 8]; 2], x: NodeId) -> NodeId {
    let [above, below] = [0, 1].map(|i| polynomial(graph, &of[i], x));
    graph.binary(Binary::Div, above, below)
}
