//! The syntax tree of the R subset: one shape for metadata, `ini`, `model` and cohort expressions.

use std::ops::Range;

/// An expression or statement with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Expr {
    /// What it is.
    pub(super) kind: Kind,
    /// Bytes from its first to its last character, surrounding parentheses included.
    pub(super) span: Range<usize>,
    /// Levels below it, so that trees stay shallow enough to walk recursively.
    pub(super) height: u32,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A number.
    Number(f64),
    /// A string, escapes resolved.
    Text(String),
    /// A name, among them `TRUE`, `NULL` and the like.
    Name(String),
    /// `-x`, `+x` or `!x`.
    Prefix(Prefix, Box<Expr>),
    /// `a op b`
    Infix(Infix, Box<Expr>, Box<Expr>),
    /// `name(arguments)`
    Call(String, Vec<Argument>),
    /// `{ statements }`
    Block(Vec<Expr>),
    /// `if (when) then else otherwise`
    If {
        /// The condition.
        when: Box<Expr>,
        /// The statement or block where it holds.
        then: Box<Expr>,
        /// The statement or block where it does not.
        otherwise: Option<Box<Expr>>,
    },
    /// `function() body`
    Function(Box<Expr>),
    /// A statement that could not be parsed, and was reported.
    Invalid,
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Argument {
    /// `name = value`
    pub(super) name: Option<String>,
    /// Its value.
    pub(super) value: Expr,
}

/// Operators before their operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `!`
    Not,
}

/// Operators between their operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Infix {
    /// `=`
    Equals,
    /// `<-`
    Assign,
    /// `~`
    Tilde,
    /// `|` and `||`
    Or,
    /// `&` and `&&`
    And,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%%`
    Remainder,
    /// `%/%`
    Quotient,
    /// `^` and `**`
    Pow,
}

impl Infix {
    /// How tightly it binds to the left and to the right, in R's order of precedence.
    pub(super) fn power(self) -> (u8, u8) {
        match self {
            Self::Equals => (2, 1),
            Self::Assign => (4, 3),
            Self::Tilde => (10, 11),
            Self::Or => (20, 21),
            Self::And => (30, 31),
            _ if self.compares() => (50, 51),
            Self::Add | Self::Sub => (60, 61),
            Self::Mul | Self::Div => (70, 71),
            Self::Remainder | Self::Quotient => (75, 76),
            _ => (91, 90),
        }
    }

    /// Whether it is a comparison; those do not chain.
    pub(super) fn compares(self) -> bool {
        matches!(
            self,
            Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual | Self::Equal | Self::NotEqual
        )
    }
}

impl Prefix {
    /// How tightly it binds to its operand: `-2^2` is `-(2^2)`, `!a == b` is `!(a == b)`.
    pub(super) fn power(self) -> u8 {
        match self {
            Self::Minus | Self::Plus => 80,
            Self::Not => 40,
        }
    }
}

impl Expr {
    /// An expression; its height follows from its parts.
    pub(super) fn new(kind: Kind, span: Range<usize>) -> Self {
        let below = match &kind {
            Kind::Number(_) | Kind::Text(_) | Kind::Name(_) | Kind::Invalid => 0,
            Kind::Prefix(_, a) | Kind::Function(a) => a.height,
            Kind::Infix(_, a, b) => a.height.max(b.height),
            Kind::Call(_, arguments) => arguments.iter().map(|a| a.value.height).max().unwrap_or(0),
            Kind::Block(statements) => statements.iter().map(|s| s.height).max().unwrap_or(0),
            Kind::If { when, then, otherwise } => {
                when.height.max(then.height).max(otherwise.as_ref().map_or(0, |o| o.height))
            }
        };
        Self { kind, span, height: below + 1 }
    }

    /// The expressions and statements that it is made of.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Number(_) | Kind::Text(_) | Kind::Name(_) | Kind::Invalid => Vec::new(),
            Kind::Prefix(_, a) | Kind::Function(a) => vec![a],
            Kind::Infix(_, a, b) => vec![a, b],
            Kind::Call(_, arguments) => arguments.iter().map(|argument| &argument.value).collect(),
            Kind::Block(statements) => statements.iter().collect(),
            Kind::If { when, then, otherwise } => {
                [when, then].into_iter().chain(otherwise).map(|part| &**part).collect()
            }
        }
    }

    /// The same at another place, as a whole and in its parts.
    pub(super) fn moved_to(mut self, span: &Range<usize>) -> Self {
        let moved = |part: &mut Box<Self>| {
            let inner = std::mem::replace(&mut **part, Self::new(Kind::Invalid, 0..0));
            **part = inner.moved_to(span);
        };
        match &mut self.kind {
            Kind::Number(_) | Kind::Text(_) | Kind::Name(_) | Kind::Invalid => {}
            Kind::Prefix(_, a) | Kind::Function(a) => moved(a),
            Kind::Infix(_, a, b) => [a, b].into_iter().for_each(moved),
            Kind::Call(_, arguments) => {
                for argument in arguments {
                    let inner = std::mem::replace(&mut argument.value, Self::new(Kind::Invalid, 0..0));
                    argument.value = inner.moved_to(span);
                }
            }
            Kind::Block(statements) => {
                *statements = std::mem::take(statements).into_iter().map(|s| s.moved_to(span)).collect();
            }
            Kind::If { when, then, otherwise } => {
                [when, then].into_iter().chain(otherwise).for_each(moved);
            }
        }
        self.span = span.clone();
        self
    }

    /// The name, if it is one.
    pub(super) fn as_name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Its two sides, if it is an assignment `left <- right` or `left = right`.
    pub(super) fn as_assignment(&self) -> Option<(&Expr, &Expr)> {
        match &self.kind {
            Kind::Infix(Infix::Assign | Infix::Equals, left, right) => Some((left, right)),
            _ => None,
        }
    }

    /// The state of `d/dt(state)`, if it is that.
    pub(super) fn as_derivative(&self) -> Option<&str> {
        let Kind::Infix(Infix::Div, d, dt) = &self.kind else { return None };
        match (&d.kind, &dt.kind) {
            (Kind::Name(d), Kind::Call(dt, arguments)) if d == "d" && dt == "dt" => {
                match arguments.as_slice() {
                    [Argument { name: None, value }] => value.as_name(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The two sides of the first comparison among those that `&`, `|` and `!` join, in the order of the
    /// text.
    pub(super) fn first_comparison(&self) -> Option<[&Expr; 2]> {
        match &self.kind {
            Kind::Prefix(Prefix::Not, operand) => operand.first_comparison(),
            Kind::Infix(Infix::And | Infix::Or, left, right) => {
                left.first_comparison().or_else(|| right.first_comparison())
            }
            Kind::Infix(operator, left, right) if operator.compares() => Some([left, right]),
            _ => None,
        }
    }

    /// The statements of a block, or the one statement that it is.
    pub(super) fn statements(&self) -> &[Expr] {
        match &self.kind {
            Kind::Block(statements) => statements,
            _ => std::slice::from_ref(self),
        }
    }
}
