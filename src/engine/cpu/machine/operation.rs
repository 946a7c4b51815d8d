//! What each operation of a program computes, in terms of [values](super::record::Value): the same as
//! [`run`](crate::engine::cpu::program::run).

use crate::engine::cpu::math;
use crate::engine::cpu::number::Number;
use crate::engine::cpu::program::Op;
use crate::isa::Fused;
use crate::isa::MulAdd;

use super::record::{Binary, Compare, Unary, Value};

/// The result of an operation; none if it has no machine code.
pub(super) fn apply<'a>(op: Op, [a, b, c]: [Value<'a>; 3]) -> Option<Value<'a>> {
    Some(match op {
        Op::Copy => a,
        Op::Negate => -a,
        Op::Abs => a.abs(),
        Op::Sqrt => a.unary(Unary::Sqrt),
        Op::Exp => math::exp::<Fused, _>(a),
        Op::Log => math::log::<Fused, _>(a),
        Op::Log10 => math::log10::<Fused, _>(a),
        Op::Log2 => math::log2::<Fused, _>(a),
        Op::Expm1 => math::expm1::<Fused, _>(a),
        Op::Log1p => math::log1p::<Fused, _>(a),
        Op::Tanh => math::tanh::<Fused, _>(a),
        Op::Sin => math::sin::<Fused, _>(a),
        Op::Cos => math::cos::<Fused, _>(a),
        Op::Atan => math::atan::<Fused, _>(a),
        Op::Floor => a.floor(),
        Op::Ceil => a.unary(Unary::Ceil),
        Op::Not => a.equal(a.of(0.0)).truth(),
        Op::Square => a * a,
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        Op::Pow => math::pow::<Fused, _>(a, b),
        Op::Power => math::power::<Fused, _>(a, b),
        Op::Min => Value::choose(a.compare(Compare::NotNumber, a), a, a.binary(Binary::Min, b)),
        Op::Max => Value::choose(a.compare(Compare::NotNumber, a), a, a.binary(Binary::Max, b)),
        Op::Less => a.less(b).truth(),
        Op::LessEqual => a.compare(Compare::LessEqual, b).truth(),
        Op::Equal => a.equal(b).truth(),
        Op::And => Value::both(a.is_true(), b.is_true()).truth(),
        Op::Or => Value::either(a.is_true(), b.is_true()).truth(),
        Op::MulAdd => a.mul_add(b, c),
        Op::MulSub => a.mul_add(b, -c),
        Op::NegMulAdd => (-a).mul_add(b, c),
        Op::AddMul => (a + b) * c,
        Op::SubMul => (a - b) * c,
        Op::Select => Value::choose(a.is_true(), b, c),
        Op::Quantile(_) => return None,
    })
}
