//! The order of instructions: that in which a processor would begin them if it looked further ahead than it does.
//!
//! Chains of operations that wait for each other, as in a power, are longer than what a processor holds in flight. So it is
//! given the instructions in an order in which others come between. The order in which they were recorded is kept as
//! far as that allows, since it computes values soon before they are used.

use super::record::{Binary, Id, Node, Unary};

/// Instructions that are looked at, measured: fewer leave chains that wait, more leave values that must be kept.
const WINDOW: usize = 128;
/// Instructions that begin in one cycle.
const WIDTH: usize = 2;
/// When a value is there that is not even begun.
const NOT_BEGUN: u32 = u32::MAX;

/// Who waits to begin.
struct Waiting {
    id: usize,
    /// One of its operands, which is looked at before the others: the first, or one that was late.
    on: Id,
}

/// Cycles until the result is there, and for how many of them its unit takes nothing else.
fn cycles(node: &Node) -> (u32, u32) {
    match node {
        Node::Constant(_) | Node::Load(_) | Node::Store(..) => (0, 0),
        Node::Unary(Unary::Sqrt, _) => (20, 9),
        Node::Binary(Binary::Div, _) => (13, 5),
        Node::Unary(Unary::Floor | Unary::Ceil, _) => (3, 0),
        Node::Fused { .. } => (4, 0),
        Node::Binary(Binary::Add | Binary::Sub | Binary::Mul, _) => (3, 0),
        Node::Unary(..) | Node::Binary(..) | Node::Choose(_) => (1, 0),
    }
}

/// The nodes that stores need, in the order in which they are to be computed.
pub(super) fn schedule(nodes: &[Node]) -> Vec<Node> {
    let mut needed = vec![false; nodes.len()];
    for (id, node) in nodes.iter().enumerate().rev() {
        if needed[id] || matches!(node, Node::Store(..)) {
            needed[id] = true;
            node.operands().iter().for_each(|&operand| needed[operand as usize] = true);
        }
    }
    let is_there = |node: &Node| matches!(node, Node::Constant(_) | Node::Load(_));
    // When each value is there.
    let mut ready: Vec<u32> = nodes.iter().map(|node| if is_there(node) { 0 } else { NOT_BEGUN }).collect();
    let mut order: Vec<usize> = (0..nodes.len()).filter(|&id| needed[id] && is_there(&nodes[id])).collect();
    let mut rest = (0..nodes.len()).filter(|&id| needed[id] && !is_there(&nodes[id]));
    let waiting = |id: usize| Waiting { id, on: nodes[id].operands()[0] };
    let mut open: Vec<Waiting> = rest.by_ref().take(WINDOW).map(waiting).collect();
    let (mut now, mut divider) = (0, 0);
    while !open.is_empty() {
        let mut begun = 0;
        let mut position = 0;
        while position < open.len() && begun < WIDTH {
            let Waiting { id, on } = &mut open[position];
            let is_late = |of: Id| ready[of as usize] > now;
            if is_late(*on) {
                position += 1;
                continue;
            }
            if let Some(&late) = nodes[*id].operands().iter().find(|&&of| is_late(of)) {
                *on = late;
                position += 1;
                continue;
            }
            let (latency, busy) = cycles(&nodes[*id]);
            if busy > 0 && divider > now {
                position += 1;
                continue;
            }
            let id = open.remove(position).id;
            ready[id] = now + latency;
            divider = if busy > 0 { now + busy } else { divider };
            begun += usize::from(!matches!(nodes[id], Node::Store(..)));
            order.push(id);
            open.extend(rest.next().map(waiting));
        }
        now += 1;
    }
    let mut to = vec![0; nodes.len()];
    for (new, &old) in order.iter().enumerate() {
        to[old] = new as Id;
    }
    order.iter().map(|&id| nodes[id].with_operands(|of| to[of as usize])).collect()
}
