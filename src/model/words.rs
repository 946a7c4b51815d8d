//! Names with a meaning of their own in every expression.

use super::functions;
use super::ini::RESERVED;
use super::lexer;

/// What a name means in every expression, whatever is called by it; `None` if it is free.
pub(crate) fn meaning(name: &str) -> Option<&'static str> {
    // `T` and `F` are TRUE and FALSE where R reads the model.
    if RESERVED.contains(&name) || matches!(name, "T" | "F") || lexer::is_word(name) {
        return Some("a word of the model language");
    }
    functions::is_function(name).then_some("a function")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_functions() {
        for name in ["pi", "t", "time", "TRUE", "F", "NA", "if", "for", "function", "next", "newind"] {
            assert_eq!(meaning(name), Some("a word of the model language"), "{name}");
        }
        for name in ["exp", "max", "expit", "ifelse"] {
            assert_eq!(meaning(name), Some("a function"), "{name}");
        }
        assert!(["WT", "Time", "f", "wt", "sex"].iter().all(|name| meaning(name).is_none()));
    }
}
