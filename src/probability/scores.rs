//! Standard normal scores of many numbers at once: each is what [`score`] gives, to the last bit.
//!
//! With `q` twice the smaller tail, the size of a score is `sqrt(2) erfc_inv(q)`. That function is made of fractions of
//! polynomials, each for a range: those of [`statrs`], which are of Boost's `erf_inv.hpp` (Maddock 2006). The three in
//! which nearly all numbers lie are computed side by side; the rest, one in 8000, is left to [`score`].

use std::f64::consts::SQRT_2;

use super::score;
use crate::isa::{Arithmetic, Isa, Task};

/// Numbers that go from step to step together: few enough to stay in the fastest memory.
const BLOCK: usize = 256;
/// Least logarithm of `q` in the range of [`FAR`].
const LEAST_LOG: f64 = -9.0;

/// The quotient of two polynomials, lowest power first.
struct Fraction<const N: usize, const D: usize> {
    above: [f64; N],
    below: [f64; D],
}

/// At `p = 1 - q` up to 1/2.
const CENTRE: Fraction<8, 10> = Fraction {
    above: [
        -0.000_508_781_949_658_280_6,
        -0.008_368_748_197_417_368,
        0.033_480_662_540_974_46,
        -0.012_692_614_766_297_404,
        -0.036_563_797_141_176_27,
        0.021_987_868_111_116_89,
        0.008_226_878_746_769_157,
        -0.005_387_729_650_712_429,
    ],
    below: [
        1.0,
        -0.970_005_043_303_290_6,
        -1.565_745_582_341_758_5,
        1.562_215_583_984_230_2,
        0.662_328_840_472_003,
        -0.712_289_023_415_428_4,
        -0.052_739_638_234_009_97,
        0.079_528_368_734_157_17,
        -0.002_333_937_593_741_9,
        0.000_886_216_390_456_424_7,
    ],
};
/// At `q - 1/4`, for `q` from 1/4 on.
const NEAR: Fraction<9, 9> = Fraction {
    above: [
        -0.202_433_508_355_938_76,
        0.105_264_680_699_391_71,
        8.370_503_283_431_2,
        17.644_729_840_837_403,
        -18.851_064_805_871_424,
        -44.638_232_444_178_7,
        17.445_385_985_570_866,
        21.129_465_544_834_05,
        -3.671_922_547_077_293_6,
    ],
    below: [
        1.0,
        6.242_641_248_542_475,
        3.971_343_795_334_387,
        -28.660_818_049_98,
        -20.143_263_468_048_52,
        48.560_921_310_873_994,
        10.826_866_735_546_016,
        -22.643_693_341_313_973,
        1.721_147_657_612_002_8,
    ],
};
/// At `sqrt(-log(q)) - 1.125`, for roots below 3.
const FAR: Fraction<11, 8> = Fraction {
    above: [
        -0.131_102_781_679_951_9,
        -0.163_794_047_193_317_05,
        0.117_030_156_341_995_25,
        0.387_079_738_972_604_34,
        0.337_785_538_912_035_9,
        0.142_869_534_408_157_17,
        0.029_015_791_000_532_906,
        0.002_145_589_953_888_052_6,
        -6.794_655_751_811_263e-7,
        2.852_253_317_822_170_4e-8,
        -6.811_499_568_537_77e-10,
    ],
    below: [
        1.0,
        3.466_254_072_425_672_3,
        5.381_683_457_070_069,
        4.778_465_929_458_438,
        2.593_019_216_236_202_7,
        0.848_854_343_457_902,
        0.152_264_338_295_331_79,
        0.011_059_242_293_464_892,
    ],
};

/// Puts their scores in the place of numbers between 0 and 1.
pub(crate) fn scores(isa: Isa, uniforms: &mut [f64]) {
    isa.run(Scores(uniforms));
}

struct Scores<'a>(&'a mut [f64]);

impl Task for Scores<'_> {
    type Out = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for block in self.0.chunks_mut(BLOCK) {
            score_block(block);
        }
    }
}

/// Numbers beyond the centre need a logarithm, which is that of the platform, one after the other: they are taken out and
/// put back.
#[inline(always)]
fn score_block(block: &mut [f64]) {
    let (mut places, mut beyond, mut logs) = ([0_u16; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
    let mut count = 0;
    for (place, &u) in block.iter().enumerate() {
        (places[count], beyond[count]) = (place as u16, u);
        count += usize::from(!is_central(u));
    }
    for u in block.iter_mut() {
        *u = central(*u);
    }
    let (places, beyond, logs) = (&places[..count], &beyond[..count], &mut logs[..count]);
    for (log, &u) in logs.iter_mut().zip(beyond) {
        *log = tail(u).ln();
    }
    let mut scores = [0.0; BLOCK];
    for ((score, &u), &log) in scores.iter_mut().zip(beyond).zip(&*logs) {
        *score = outer(u, log);
    }
    for (((&place, &u), &log), &outer) in places.iter().zip(beyond).zip(&*logs).zip(&scores) {
        block[usize::from(place)] = if log > LEAST_LOG { outer } else { score(u) };
    }
}

/// `q`, twice the smaller tail.
#[inline(always)]
fn tail(u: f64) -> f64 {
    2.0 * if u < 1.0 - u { u } else { 1.0 - u }
}

#[inline(always)]
fn is_central(u: f64) -> bool {
    1.0 - tail(u) <= 0.5
}

/// The score of this size.
#[inline(always)]
fn signed(u: f64, size: f64) -> f64 {
    let score = SQRT_2 * size;
    if u < 1.0 - u { -score } else { score }
}

/// The score if it is [central](is_central).
#[inline(always)]
fn central(u: f64) -> f64 {
    const Y: f64 = 0.089_131_474_494_934_08;
    let p = 1.0 - tail(u);
    let (g, r) = (p * (p + 10.0), CENTRE.at(p));
    signed(u, g * Y + g * r)
}

/// The score if it is not, from the logarithm of `q`.
#[inline(always)]
fn outer(u: f64, log: f64) -> f64 {
    const NEAR_Y: f64 = 2.249_481_201_171_875;
    const FAR_Y: f64 = 0.807_220_458_984_375;
    let q = tail(u);
    let is_near = q >= 0.25;
    let root = if is_near { -2.0 * log } else { -log }.sqrt();
    let size = if is_near {
        root / (NEAR_Y + NEAR.at(q - 0.25))
    } else {
        FAR_Y * root + FAR.at(root - 1.125) * root
    };
    signed(u, size)
}

impl<const N: usize, const D: usize> Fraction<N, D> {
    #[inline(always)]
    fn at(&self, x: f64) -> f64 {
        polynomial(&self.above, x) / polynomial(&self.below, x)
    }
}

#[inline(always)]
fn polynomial<const K: usize>(c: &[f64; K], x: f64) -> f64 {
    let mut sum = c[K - 1];
    for i in (0..K - 1).rev() {
        sum = sum * x + c[i];
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of every range and from their ends, in either tail.
    fn uniforms() -> Vec<f64> {
        let dense = (1..40_000).map(|i| f64::from(i) / 40_000.0);
        let far = (1..20_000).map(|i| (-f64::from(i) * 0.0018).exp());
        let ends = [0.125, 0.25, 0.5, 0.5 * f64::exp(-9.0), f64::exp(-9.0)].map(f64::to_bits);
        let ends = ends.into_iter().flat_map(|bits| (bits - 50..bits + 50).map(f64::from_bits));
        let lower = dense.chain(far).chain(ends);
        lower.flat_map(|u| [u, 1.0 - u]).filter(|&u| 0.0 < u && u < 1.0).collect()
    }

    #[test]
    fn scores_side_by_side_are_those_of_each() {
        for isa in Isa::available() {
            let (uniforms, mut together) = (uniforms(), uniforms());
            scores(isa, &mut together);
            for (u, z) in uniforms.into_iter().zip(together) {
                assert_eq!(z.to_bits(), score(u).to_bits(), "{isa}: {u}");
            }
        }
    }
}
