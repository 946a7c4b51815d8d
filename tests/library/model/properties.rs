//! Properties of the parser: what is printed is read back, and no text makes it panic.

use super::letters::{LETTERS, value};
use proptest::prelude::*;
use vpop::diagnostic::Source;
use vpop::model::parse;

/// A random expression, which knows its text and its value for [`LETTERS`].
fn expressions() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![(0.0..1e6_f64).prop_map(Tree::Number), (0..LETTERS.len()).prop_map(Tree::Letter),];
    leaf.prop_recursive(6, 60, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            (0..OPERATORS.len(), pair).prop_map(|(op, (a, b))| Tree::Infix(op, Box::new(a), Box::new(b))),
            (0..PREFIXES.len(), inner.clone()).prop_map(|(op, a)| Tree::Prefix(op, Box::new(a))),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| Tree::IfElse(Box::new([a, b, c]))),
        ]
    })
}

#[derive(Debug, Clone)]
enum Tree {
    Number(f64),
    Letter(usize),
    Infix(usize, Box<Tree>, Box<Tree>),
    Prefix(usize, Box<Tree>),
    IfElse(Box<[Tree; 3]>),
}

/// Text, precedence, meaning. Comparisons (4) do not chain, powers (8) group to the right.
type Operator = (&'static str, u8, fn(f64, f64) -> f64);
const OPERATORS: [Operator; 13] = [
    ("||", 1, |a, b| f64::from(a != 0.0 || b != 0.0)),
    ("&&", 2, |a, b| f64::from(a != 0.0 && b != 0.0)),
    ("<", 4, |a, b| f64::from(a < b)),
    ("<=", 4, |a, b| f64::from(a <= b)),
    (">", 4, |a, b| f64::from(a > b)),
    (">=", 4, |a, b| f64::from(a >= b)),
    ("==", 4, |a, b| f64::from(a == b)),
    ("!=", 4, |a, b| f64::from(a != b)),
    ("+", 5, |a, b| a + b),
    ("-", 5, |a, b| a - b),
    ("*", 6, |a, b| a * b),
    ("/", 6, |a, b| a / b),
    ("^", 8, f64::powf),
];

type Prefixed = (&'static str, u8, fn(f64) -> f64);
const PREFIXES: [Prefixed; 2] = [("!", 3, |a| f64::from(a == 0.0)), ("-", 7, |a| -a)];

impl Tree {
    fn precedence(&self) -> u8 {
        match self {
            Self::Infix(op, ..) => OPERATORS[*op].1,
            Self::Prefix(op, _) => PREFIXES[*op].1,
            _ => 9,
        }
    }

    /// `None` once anything in it is infinite or undefined: folding is exact for finite values only.
    fn value(&self) -> Option<f64> {
        let value = match self {
            Self::Number(x) => *x,
            Self::Letter(i) => LETTERS[*i],
            Self::Infix(op, a, b) => OPERATORS[*op].2(a.value()?, b.value()?),
            Self::Prefix(op, a) => PREFIXES[*op].2(a.value()?),
            Self::IfElse(parts) => {
                let [when, then, otherwise] = parts.as_ref().each_ref().map(Self::value);
                let (then, otherwise) = (then?, otherwise?);
                if when? != 0.0 { then } else { otherwise }
            }
        };
        value.is_finite().then_some(value)
    }

    /// With parentheses only where the operand binds too loosely for its place.
    fn text(&self) -> String {
        let wrapped = |tree: &Self, least: u8| {
            if tree.precedence() < least { format!("({})", tree.text()) } else { tree.text() }
        };
        match self {
            Self::Number(x) => format!("{x:?}"),
            Self::Letter(i) => "abcde"[*i..=*i].into(),
            Self::Infix(op, a, b) => {
                let (mark, precedence, _) = OPERATORS[*op];
                let (left, right) = match precedence {
                    4 => (5, 5),
                    8 => (9, 8),
                    _ => (precedence, precedence + 1),
                };
                format!("{} {mark} {}", wrapped(a, left), wrapped(b, right))
            }
            Self::Prefix(op, a) => {
                let (mark, precedence, _) = PREFIXES[*op];
                format!("{mark}{}", wrapped(a, precedence))
            }
            Self::IfElse(parts) => {
                let [when, then, otherwise] = parts.as_ref().each_ref().map(Self::text);
                format!("ifelse({when}, {then}, {otherwise})")
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn printed_expressions_are_read_back_with_their_value(tree in expressions()) {
        let got = value(&tree.text()).unwrap();
        if let Some(expected) = tree.value() {
            // A power of 2, 0.5 or -1 is not computed by `powf`.
            let close = (got - expected).abs() <= 1e-12 * expected.abs();
            prop_assert!(close, "{}: {got}, not {expected}", tree.text());
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse(&Source::new("x.R", text.clone()));
        let _ = value(&text);
    }

    #[test]
    fn no_mixture_of_words_makes_the_parser_panic(words in prop::collection::vec(0..WORDS.len(), 0..60)) {
        let text: String = words.into_iter().map(|i| WORDS[i]).collect();
        let _ = parse(&Source::new("x.R", format!("m <- function() {{ ini({{ {text} }}); model({{ {text} }}) }}")));
        let _ = parse(&Source::new("x.R", text));
    }
}

const WORDS: [&str; 40] = [
    "if ",
    "else ",
    "(",
    ")",
    "{",
    "}",
    "\n",
    ";",
    ",",
    "<-",
    "=",
    "~",
    "d/dt(",
    "x",
    "y ",
    "1",
    "0.5",
    "\"",
    "'",
    "\\",
    "#",
    "+",
    "-",
    "*",
    "/",
    "^",
    "!",
    "&&",
    "|",
    "<",
    "==",
    "exp(",
    "c(",
    "fix(",
    "label(",
    "function()",
    "f(",
    "(0)",
    "prop(",
    "é",
];

#[test]
fn deep_and_long_expressions_are_refused_not_overflowed() {
    for text in ["(".repeat(100_000), "-".repeat(100_000), "exp(".repeat(100_000), "1+".repeat(100_000) + "1"]
    {
        let message = value(&text).unwrap_err();
        assert!(message.contains("more than 400 levels deep"), "{message}");
    }
    let sum = "1+".repeat(300) + "1";
    assert_eq!(value(&sum), Ok(301.0));
    let braces = "{".repeat(100_000);
    assert!(parse(&Source::new("x.R", braces)).is_err());
}
