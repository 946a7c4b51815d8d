//! Machine code against the interpreter.

use proptest::prelude::*;

use super::*;
use crate::engine::cpu::Isa;
use crate::engine::cpu::attempt::Layout;
use crate::engine::cpu::columns::Evaluate;
use crate::engine::cpu::compile::Program;
use crate::engine::cpu::program::{LANES, Op, TILE};
use crate::engine::method::{Explicit, Tableau};
use crate::plan::Method;
use crate::probability::Law;

const OPS: [Op; 37] = [
    Op::Copy,
    Op::Negate,
    Op::Abs,
    Op::Sqrt,
    Op::Exp,
    Op::Log,
    Op::Log10,
    Op::Log2,
    Op::Expm1,
    Op::Log1p,
    Op::Tanh,
    Op::Sin,
    Op::Cos,
    Op::Atan,
    Op::Floor,
    Op::Ceil,
    Op::Not,
    Op::Square,
    Op::Add,
    Op::Sub,
    Op::Mul,
    Op::Div,
    Op::Pow,
    Op::Power,
    Op::Min,
    Op::Max,
    Op::Less,
    Op::LessEqual,
    Op::Equal,
    Op::And,
    Op::Or,
    Op::MulAdd,
    Op::MulSub,
    Op::NegMulAdd,
    Op::AddMul,
    Op::SubMul,
    Op::Select,
];

/// Values at which operations may do something of their own.
const SPECIAL: [f64; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    -3.0,
    709.9,
    -745.3,
    1e-8,
    22.5,
    1e10,
    0.785,
    -4.75,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::MIN,
    5e-324,
    -1e-310,
    f64::EPSILON,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    4_503_599_627_370_497.0,
];

/// Registers from which programs read, and as many to which they write.
const COUNT: Register = 8;

/// The instruction sets of this processor that have machine code; interpreted programs do not know of it.
fn with_machine_code() -> impl Iterator<Item = Isa> {
    Isa::available().into_iter().filter(|isa| isa.machine_code().is_some())
}

/// What the interpreter and machine code make of the inputs: the results of every lane. Machine code finds its states,
/// and leaves its results, elsewhere than the interpreter.
fn both(isa: Isa, code: &[Instruction], inputs: &[[f64; LANES]]) -> [Vec<[f64; LANES]>; 2] {
    let end = code.iter().map(|i| i.to + 1).max().unwrap_or(0).max(2 * COUNT);
    let mut registers = vec![Block::splat(0.0); usize::from(end)];
    registers.iter_mut().zip(inputs).for_each(|(block, input)| block.0 = *input);
    let results = |registers: &[Block<f64>], first: Register| {
        registers[usize::from(first)..][..usize::from(COUNT)].iter().map(|block| block.0).collect()
    };
    let machine = Code::new(isa, code, 0..COUNT, COUNT..2 * COUNT);
    let machine = machine.unwrap_or_else(|| unreachable!("a program that is small enough"));
    let mut moved = vec![Block::splat(0.0); usize::from(end + 2 * COUNT)];
    moved[usize::from(end + COUNT)..].clone_from_slice(&registers[..usize::from(COUNT)]);
    machine.run(&mut moved, 0..LANES / TILE, [end + COUNT, end]);
    isa.run(Evaluate { program: &Program { code: code.to_vec(), end }, registers: &mut registers });
    [results(&registers, COUNT), results(&moved, end)]
}

/// Equal bits; of what is not a number, that it is none.
fn assert_equal([interpreted, machine]: [Vec<[f64; LANES]>; 2], what: &str) {
    for (expected, got) in interpreted.iter().flatten().zip(machine.iter().flatten()) {
        let is_equal = expected.to_bits() == got.to_bits() || expected.is_nan() && got.is_nan();
        assert!(is_equal, "{what}: {expected:e}, machine code {got:e}");
    }
}

#[test]
fn every_operation_has_the_bits_of_the_interpreter() {
    let mut random = 1_u64;
    for op in OPS {
        for round in 0..40 {
            let inputs: Vec<[f64; LANES]> = (0..usize::from(COUNT))
                .map(|register| {
                    std::array::from_fn(|lane| {
                        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        let uniform = (random >> 11) as f64 / (1_u64 << 53) as f64;
                        match round % 4 {
                            0 => SPECIAL[(lane + register * (round + 1)) % SPECIAL.len()],
                            1 => SPECIAL[(random >> 33) as usize % SPECIAL.len()],
                            2 => f64::from_bits(random),
                            _ => (uniform - 0.5) * 10_f64.powi(round as i32 % 7 - 2),
                        }
                    })
                })
                .collect();
            let code = [Instruction { op, to: COUNT, from: [0, 1, 2] }];
            for isa in with_machine_code() {
                assert_equal(both(isa, &code, &inputs), &format!("{op:?}, {isa}"));
            }
        }
    }
}

#[test]
fn what_has_no_machine_code_is_left_to_the_interpreter() {
    let compiles = |isa, op| {
        let code = [Instruction { op, to: COUNT, from: [0, 1, 2] }];
        Code::new(isa, &code, 0..COUNT, COUNT..2 * COUNT).is_some()
    };
    for isa in with_machine_code() {
        assert!(compiles(isa, Op::Add));
        assert!(!compiles(isa, Op::Quantile(Law::Poisson)));
    }
    assert!(!compiles(Isa::baseline(), Op::Add));
}

/// Programs that keep many values at once: more than there are vector registers.
fn programs() -> impl Strategy<Value = Vec<Instruction>> {
    let instruction = (0..OPS.len(), any::<[prop::sample::Index; 3]>(), any::<bool>());
    prop::collection::vec(instruction, 1..100).prop_map(|instructions| {
        let mut known: Vec<Register> = (0..COUNT).collect();
        let mut code = Vec::new();
        let mut next = 2 * COUNT..;
        let mut add = |op, from| {
            let to = next.next().unwrap_or_default();
            code.push(Instruction { op, to, from });
            to
        };
        for (op, from, is_recent) in instructions {
            let choices = if is_recent { &known[known.len().saturating_sub(4)..] } else { &known[..] };
            known.push(add(OPS[op], from.map(|index| *index.get(choices))));
        }
        // Every value goes into a result, so that it is needed until the end.
        let results: Vec<Register> = (0..usize::from(COUNT))
            .map(|part| {
                let parts = known.iter().copied().skip(part).step_by(COUNT.into());
                parts.reduce(|a, b| add(Op::Max, [a, b, a])).unwrap_or_default()
            })
            .collect();
        let kept = (COUNT..).zip(results).map(|(to, from)| Instruction { op: Op::Copy, to, from: [from; 3] });
        code.extend(kept);
        code
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_programs_have_the_bits_of_the_interpreter(
        code in programs(),
        values in prop::collection::vec(prop_oneof![
            prop::sample::select(&SPECIAL[..]),
            -10.0..10.0_f64,
            0.0..2.0_f64,
        ], usize::from(COUNT) * LANES),
    ) {
        let inputs: Vec<[f64; LANES]> = values.as_chunks::<LANES>().0.to_vec();
        for isa in with_machine_code() {
            assert_equal(both(isa, &code, &inputs), isa.name());
        }
    }
}

/// The registers of an explicit step of so many states: columns, both states, both first derivatives, those between, the
/// step and its error.
struct Step {
    layout: Layout,
    k: Vec<Register>,
    end: Register,
}

impl Step {
    fn new(states: Register, tableau: &Explicit) -> Self {
        let row = |number: Register| number * states;
        let layout = Layout { states, state: [row(0), row(1)], k1: [row(2), row(3)], ..Layout::default() };
        let between = (4..).take(tableau.stages() - 2).map(row);
        let k: Vec<Register> = [layout.k1[0]].into_iter().chain(between).chain([layout.k1[1]]).collect();
        let end = row(2 + tableau.stages() as Register);
        Self { layout, k, end }
    }

    /// A product of two states less a third, for each.
    fn derivatives(&self, state: Register, to: Register) -> Vec<Instruction> {
        let states = self.layout.states;
        let of = |i: Register| [i, (i + 1) % states, (i * 7 + 2) % states].map(|i| state + i);
        (0..states).map(|i| Instruction { op: Op::MulSub, to: to + i, from: of(i) }).collect()
    }
}

/// The states after a step and its error, of one lane, by numbers: the sums of stages as `explicit` has them.
fn by_numbers(tableau: &Explicit, [rtol, dt]: [f64; 2], atol: &[f64], old: &[f64]) -> (Vec<f64>, f64) {
    let states = old.len();
    let slopes = |x: &[f64]| -> Vec<f64> {
        (0..states).map(|i| x[i].mul_add(x[(i + 1) % states], -x[(i * 7 + 2) % states])).collect()
    };
    let weighted = |k: &[Vec<f64>], weights: &[f64], i: usize| {
        let first = weights[0] * k[0][i];
        weights.iter().zip(k).skip(1).fold(first, |sum, (weight, k)| weight.mul_add(k[i], sum))
    };
    let (mut k, mut new) = (vec![slopes(old)], old.to_vec());
    for weights in tableau.a {
        new = (0..states).map(|i| dt.mul_add(weighted(&k, weights, i), old[i])).collect();
        k.push(slopes(&new));
    }
    let counted = atol.iter().filter(|atol| atol.is_finite()).count() as f64;
    let error = (0..states).fold(0.0, |mean: f64, i| {
        let size = if old[i].abs() > new[i].abs() { old[i].abs() } else { new[i].abs() };
        let ratio = dt * weighted(&k, tableau.error, i) / rtol.mul_add(size, atol[i]);
        (ratio * (1.0 / counted)).mul_add(ratio, mean)
    });
    (new, error)
}

/// Few states, and more than there are registers or places for values that are in none; from either side; steps of size 0,
/// states that are no numbers, states outside the error norm.
#[test]
fn stages_of_an_explicit_step_have_the_bits_of_numbers() {
    let Tableau::Explicit(tableau) = Tableau::of(Method::Tsit5) else { unreachable!("it is explicit") };
    for states in [3, 40, 300] {
        let step = Step::new(states, tableau);
        let (rtol, dt, error) = (1e-6, step.end, step.end + 1);
        let atol: Vec<f64> =
            (0..states).map(|i| if i % 5 == 2 { f64::INFINITY } else { 1e-3 * f64::from(i + 1) }).collect();
        let value = |i: Register, lane: usize| match (i, lane) {
            (1, 9) => f64::NAN,
            _ => 0.3 + 0.01 * f64::from(i % 50) + 0.003 * lane as f64,
        };
        let size = |lane: usize| if lane == 5 { 0.0 } else { 0.01 * (lane + 1) as f64 };
        for isa in with_machine_code() {
            let pair = Pair { tableau, layout: &step.layout, k: &step.k, dt, error };
            let stage = |number: usize| {
                let code = step.derivatives(step.layout.state[1], step.k[number - 1]);
                pair.stage(isa, number, &Program { code, end: error + 1 })
            };
            let codes: Option<Vec<Code>> =
                (2..=tableau.stages()).map(stage).chain([pair.error(isa, rtol, &atol)]).collect();
            let codes = codes.unwrap_or_else(|| unreachable!("{states} states have machine code of {isa}"));
            for side in [0, 1] {
                let mut registers = vec![Block::splat(0.0); usize::from(error) + 1];
                registers[usize::from(dt)].0 = std::array::from_fn(size);
                let [old, new] = [side, 1 - side].map(|side| step.layout.state[side]);
                for i in 0..states {
                    registers[usize::from(old + i)].0 = std::array::from_fn(|lane| value(i, lane));
                }
                let first = Program { code: step.derivatives(old, step.layout.k1[side]), end: error + 1 };
                isa.run(Evaluate { program: &first, registers: &mut registers });
                for code in &codes {
                    code.run(&mut registers, 0..LANES / TILE, [old, new]);
                }
                for lane in 0..LANES {
                    let begin: Vec<f64> = (0..states).map(|i| value(i, lane)).collect();
                    let (expected, of_step) = by_numbers(tableau, [rtol, size(lane)], &atol, &begin);
                    let got = (new..new + states).chain([error]).map(|i| registers[usize::from(i)].0[lane]);
                    for (expected, got) in expected.into_iter().chain([of_step]).zip(got) {
                        let is_equal =
                            expected.to_bits() == got.to_bits() || expected.is_nan() && got.is_nan();
                        assert!(is_equal, "{isa}, {states} states, lane {lane}: {expected:e}, {got:e}");
                    }
                }
            }
        }
    }
}
