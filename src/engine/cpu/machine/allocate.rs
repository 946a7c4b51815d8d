//! From a recorded computation to machine code: a value is in a vector register, or in memory while its next use
//! is further away than those of the others.
//!
//! The value that is used again last makes way (L. A. Belady, A study of replacement algorithms for a virtual-storage
//! computer, IBM Systems Journal 5 (1966) 78-101).

use super::encode::{
    ADD, ADD_BITS, AND, Assembler, DIV, MAX, MIN, MUL, Memory, OR, Operand, Pointer, ROUND, SQRT, SUB,
    Vector, XOR, fused,
};
use super::record::{Binary, Compare, Id, Node, Unary};
use crate::hash::HashMap;
use crate::isa::Vectors;

/// A use that never comes.
const NEVER: u32 = u32::MAX;

/// Machine code and what it needs besides what is loaded and stored.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) code: Vec<u8>,
    /// The bits of the constants, one after the other, each as often as the instructions ask.
    pub(super) constants: Vec<u64>,
    /// Rows for values that are in no register for a while.
    pub(super) spills: usize,
}

/// Compiles the nodes that stores need.
pub(super) fn compile(nodes: &[Node], vectors: Vectors) -> Compiled {
    let uses = Uses::new(nodes);
    let mut constants: Vec<u64> = Vec::new();
    let mut homes = vec![None; nodes.len()];
    for (home, node) in homes.iter_mut().zip(nodes) {
        match node {
            Node::Load(memory) => *home = Some(*memory),
            Node::Constant(bits) => {
                let offset = size_of_val(&constants[..]) as i32;
                *home = Some(Memory { pointer: Pointer::Constants, offset });
                constants.extend(std::iter::repeat_n(*bits, vectors.copies()));
            }
            _ => {}
        }
    }
    let mut allocator = Allocator {
        uses,
        at: 0,
        registers: vec![None; nodes.len()],
        values: vec![None; vectors.registers()],
        row: vectors.bytes(),
        homes,
        spills: 0,
        free_rows: Vec::new(),
        freed_rows: Vec::new(),
        spilled: HashMap::default(),
        assembler: Assembler::new(vectors),
    };
    for (id, node) in nodes.iter().enumerate() {
        allocator.at = id;
        allocator.node(id as Id, node);
    }
    Compiled { code: allocator.assembler.finish(), constants, spills: allocator.spills as usize }
}

/// Where values are used, in order.
struct Uses {
    /// Of each value, the place in `at` of its next use.
    next: Vec<u32>,
    /// Positions of uses, by value, each list ended by [`NEVER`].
    at: Vec<u32>,
}

impl Uses {
    fn new(nodes: &[Node]) -> Self {
        let mut counts = vec![0; nodes.len()];
        for &operand in nodes.iter().flat_map(Node::operands) {
            counts[operand as usize] += 1;
        }
        let mut next = Vec::with_capacity(nodes.len());
        let mut end = 0;
        for count in counts {
            next.push(end);
            end += count + 1;
        }
        let mut at = vec![NEVER; end as usize];
        let mut filled = next.clone();
        for (id, node) in nodes.iter().enumerate() {
            for &operand in node.operands() {
                let place = &mut filled[operand as usize];
                at[*place as usize] = id as u32;
                *place += 1;
            }
        }
        Self { next, at }
    }

    fn next(&self, id: Id) -> u32 {
        self.at[self.next[id as usize] as usize]
    }

    /// Goes past the uses up to a position.
    fn pass(&mut self, id: Id, position: u32) {
        while self.next(id) <= position {
            self.next[id as usize] += 1;
        }
    }
}

struct Allocator {
    uses: Uses,
    /// The position of the present node.
    at: usize,
    /// The register of each value that is in one.
    registers: Vec<Option<Vector>>,
    /// The value in each register.
    values: Vec<Option<Id>>,
    /// Bytes of what is in a register.
    row: i32,
    /// Where each value is in memory.
    homes: Vec<Option<Memory>>,
    spills: i32,
    free_rows: Vec<i32>,
    /// Rows that the present node still reads.
    freed_rows: Vec<i32>,
    /// The row of each value that had to make way.
    spilled: HashMap<Id, i32>,
    assembler: Assembler,
}

impl Allocator {
    fn node(&mut self, id: Id, node: &Node) {
        self.free_rows.append(&mut self.freed_rows);
        match node {
            Node::Constant(_) | Node::Load(_) => {}
            Node::Store(value, to) => self.store(*value, *to),
            Node::Unary(op, a) => self.unary(id, *op, *a),
            Node::Binary(op, of) => self.binary(id, *op, *of),
            Node::Fused { negate, of } => self.fused(id, *negate, *of),
            Node::Choose(of) => self.choose(id, *of),
        }
    }

    fn store(&mut self, value: Id, to: Memory) {
        let from = self.in_register(value, &[]);
        self.assembler.store(from, to);
        self.homes[value as usize] = Some(to);
        self.pass(&[value]);
        self.release(&[value]);
    }

    fn unary(&mut self, id: Id, op: Unary, a: Id) {
        let from = match op {
            Unary::ShiftLeft(_) | Unary::ShiftRight(_) => Operand::Register(self.in_register(a, &[])),
            _ => self.operand(a),
        };
        let to = self.result(id, &[a]);
        match op {
            Unary::Sqrt => self.assembler.emit(SQRT, to, 0, from),
            Unary::Floor => self.assembler.emit_with(ROUND, to, 0, from, 0x09),
            Unary::Ceil => self.assembler.emit_with(ROUND, to, 0, from, 0x0a),
            Unary::ShiftLeft(count) | Unary::ShiftRight(count) => {
                let Operand::Register(from) = from else { return };
                self.assembler.shift(to, from, matches!(op, Unary::ShiftLeft(_)), count);
            }
        }
    }

    fn binary(&mut self, id: Id, op: Binary, [a, b]: [Id; 2]) {
        let swapped = match op {
            Binary::Add | Binary::Mul | Binary::And | Binary::Or | Binary::Xor | Binary::AddBits => Some(op),
            Binary::Compare(how) => Some(Binary::Compare(match how {
                Compare::Less => Compare::Greater,
                Compare::Greater => Compare::Less,
                Compare::LessEqual => Compare::GreaterEqual,
                Compare::GreaterEqual => Compare::LessEqual,
                how => how,
            })),
            _ => None,
        };
        let (op, [a, b]) = match swapped {
            Some(swapped) if self.is_better_in_register(b, a) => (swapped, [b, a]),
            _ => (op, [a, b]),
        };
        let first = self.in_register(a, &[b]);
        let second = self.operand(b);
        let to = self.result(id, &[a, b]);
        let code = match op {
            Binary::Add => ADD,
            Binary::Sub => SUB,
            Binary::Mul => MUL,
            Binary::Div => DIV,
            Binary::Min => MIN,
            Binary::Max => MAX,
            Binary::And => AND,
            Binary::Or => OR,
            Binary::Xor => XOR,
            Binary::AddBits => ADD_BITS,
            Binary::Compare(how) => {
                return self.assembler.compare(how as u8, to, first, second);
            }
        };
        self.assembler.emit(code, to, first, second);
    }

    fn fused(&mut self, id: Id, negate: [bool; 2], of: [Id; 3]) {
        let first = match negate {
            [false, false] => 0x98,
            [false, true] => 0x9a,
            [true, false] => 0x9c,
            [true, true] => 0x9e,
        };
        let [a, b, c] = of;
        // The result takes the place of an operand: of one that is not used again, else of a copy.
        let is_over = |x: &Id| self.is_over(*x) && of.iter().filter(|y| *y == x).count() == 1;
        let over =
            [2, 0, 1].into_iter().find(|&i| is_over(&of[i]) && self.registers[of[i] as usize].is_some());
        let in_memory = || {
            let far = |&i: &usize| self.uses_after(of[i]);
            (0..3).filter(|&i| self.registers[of[i] as usize].is_none()).max_by_key(far)
        };
        let replaced = over.or_else(in_memory).unwrap_or(2);
        let [x, y] = match replaced {
            2 => [a, b],
            0 => [b, c],
            _ => [a, c],
        };
        // `x` is in a register, `y` wherever it is; both are, if they can change places.
        let [x, y] = if self.is_better_in_register(y, x) { [y, x] } else { [x, y] };
        let copied = over.is_none();
        let x_register = self.in_register(x, &[y, of[replaced]]);
        let y_operand = self.operand(y);
        let to = if copied {
            let from = self.operand(of[replaced]);
            let to = self.fresh(&[x, y, of[replaced]]);
            self.assembler.load(to, from);
            to
        } else {
            self.register_of(of[replaced])
        };
        let form = match replaced {
            2 => 0x20,
            // `to = x to + y` or `to = to y + x`
            _ if y == c => 0x10,
            _ => 0x00,
        };
        self.pass(&of);
        self.release(&of);
        self.put(id, to);
        self.assembler.emit(fused(first + form), to, x_register, y_operand);
    }

    fn choose(&mut self, id: Id, [mask, then, otherwise]: [Id; 3]) {
        let all = [mask, then, otherwise];
        let mask_register = self.in_register(mask, &all);
        let first = self.in_register(otherwise, &all);
        let second = self.operand(then);
        let to = self.result(id, &all);
        self.assembler.choose(to, mask_register, second, first);
    }

    /// The next use of a value after the present node.
    fn uses_after(&self, id: Id) -> u32 {
        let uses = &self.uses.at[self.uses.next[id as usize] as usize..];
        uses.iter().copied().find(|&at| at > self.at as u32).unwrap_or(NEVER)
    }

    fn is_over(&self, id: Id) -> bool {
        self.uses_after(id) == NEVER
    }

    /// Whether `a` should be in a register rather than `b`, if one of them must.
    fn is_better_in_register(&self, a: Id, b: Id) -> bool {
        let is_in = |id: Id| self.registers[id as usize].is_some();
        match (is_in(a), is_in(b)) {
            (true, false) => true,
            (false, false) => self.uses_after(a) < self.uses_after(b),
            _ => false,
        }
    }

    fn register_of(&self, id: Id) -> Vector {
        self.registers[id as usize].unwrap_or_else(|| unreachable!("the value is in a register"))
    }

    fn operand(&self, id: Id) -> Operand {
        let in_memory = || Operand::Memory(self.home(id));
        self.registers[id as usize].map_or_else(in_memory, Operand::Register)
    }

    fn home(&self, id: Id) -> Memory {
        self.homes[id as usize].unwrap_or_else(|| unreachable!("a value in no register is in memory"))
    }

    /// The register of a value, loaded if it is in none, while others stay where they are.
    fn in_register(&mut self, id: Id, besides: &[Id]) -> Vector {
        if let Some(register) = self.registers[id as usize] {
            return register;
        }
        let register = self.fresh(besides);
        self.assembler.load(register, Operand::Memory(self.home(id)));
        self.put(id, register);
        register
    }

    fn put(&mut self, id: Id, register: Vector) {
        self.registers[id as usize] = Some(register);
        self.values[usize::from(register)] = Some(id);
    }

    /// A register for the result of operands, of which those that are not used again make way.
    fn result(&mut self, id: Id, of: &[Id]) -> Vector {
        self.pass(of);
        self.release(of);
        let register = self.fresh(of);
        self.put(id, register);
        register
    }

    fn pass(&mut self, of: &[Id]) {
        for &id in of {
            self.uses.pass(id, self.at as u32);
        }
    }

    /// Frees what values that are not used again are in.
    fn release(&mut self, of: &[Id]) {
        for &id in of.iter().filter(|&&id| self.uses.next(id) == NEVER) {
            if let Some(register) = self.registers[id as usize].take() {
                self.values[usize::from(register)] = None;
            }
            if let Some(row) = self.spilled.remove(&id) {
                self.freed_rows.push(row);
            }
        }
    }

    /// A register that nothing is in, of whose values some do not make way.
    fn fresh(&mut self, besides: &[Id]) -> Vector {
        if let Some(free) = self.values.iter().position(Option::is_none) {
            return free as Vector;
        }
        let candidates = (0..self.values.len() as Vector).filter_map(|register| {
            let id = self.values[usize::from(register)].filter(|id| !besides.contains(id))?;
            Some((self.uses.next(id), register, id))
        });
        let (_, register, id) =
            candidates.max().unwrap_or_else(|| unreachable!("more registers than operands"));
        if self.homes[id as usize].is_none() {
            let offset = self.free_rows.pop().unwrap_or_else(|| {
                self.spills += 1;
                (self.spills - 1) * self.row
            });
            let home = Memory { pointer: Pointer::Spills, offset };
            self.assembler.store(register, home);
            self.homes[id as usize] = Some(home);
            self.spilled.insert(id, offset);
        }
        self.registers[id as usize] = None;
        self.values[usize::from(register)] = None;
        register
    }
}
