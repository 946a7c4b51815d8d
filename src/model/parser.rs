//! Tokens to a syntax tree: a Pratt parser that goes on after an error at the next statement.

use std::ops::Range;

use super::ast::{Argument, Expr, Infix, Kind, Prefix};
use super::errors::{Report, SyntaxError};
use super::lexer::{Lexeme, Token, tokens};

/// How deep a tree may be. Trees are walked recursively; this keeps any text within the stack.
const MAX_HEIGHT: u32 = 400;

/// An argument may not be an `=` assignment: there, `=` names it.
const ARGUMENT_POWER: u8 = 3;

/// Parses a file: its statements, each problem reported.
pub(super) fn statements(text: &str, report: &mut Report) -> Vec<Expr> {
    let mut parser = Parser::new(text);
    parser.statements(true, report)
}

/// Parses one expression, in which newlines are blanks; [`Kind::Invalid`] if a problem was reported.
pub(super) fn expression(text: &str, report: &mut Report) -> Expr {
    let mut parser = Parser::new(text);
    parser.nesting = 1;
    let parsed = parser.expression(ARGUMENT_POWER, report).and_then(|expr| match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected("an operator or the end of the expression", None)),
    });
    parsed.unwrap_or_else(|fault| {
        report.add(&fault.span, fault.error);
        Expr::new(Kind::Invalid, fault.span)
    })
}

/// Why a statement could not be parsed.
struct Fault {
    error: SyntaxError,
    span: Range<usize>,
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Lexeme>,
    at: usize,
    /// Open parentheses within the current block: inside them, newlines are blanks.
    nesting: usize,
    /// Levels of recursion.
    depth: u32,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, tokens: tokens(text), at: 0, nesting: 0, depth: 0 }
    }

    fn skip(&mut self, unwanted: impl Fn(&Token) -> bool) {
        while unwanted(&self.tokens[self.at].token) {
            self.at += 1;
        }
    }

    /// The next token.
    fn peek(&mut self) -> &Token {
        if self.nesting > 0 {
            self.skip(|t| *t == Token::Newline);
        }
        &self.tokens[self.at].token
    }

    /// Takes the next token; the end is never passed.
    fn take(&mut self) -> Lexeme {
        self.peek();
        let lexeme = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        lexeme
    }

    /// Takes the next token if it is the wanted one.
    fn take_if(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == wanted;
        if found {
            self.take();
        }
        found
    }

    /// The end of what was taken last.
    fn end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |last| self.tokens[last].span.end)
    }

    /// The next token is not what had to come.
    fn unexpected(&mut self, expected: &'static str, hint: Option<String>) -> Fault {
        self.peek();
        let Lexeme { token, span } = self.tokens[self.at].clone();
        let found = match &token {
            Token::Invalid(error) => return Fault { error: error.clone(), span },
            Token::End => "the end of the text".into(),
            Token::Newline => "the end of the line".into(),
            _ => format!("`{}`", &self.text[span.clone()]),
        };
        Fault { error: SyntaxError::Expected { expected, found, hint }, span }
    }

    fn build(&self, kind: Kind, span: Range<usize>) -> Result<Expr, Fault> {
        let expr = Expr::new(kind, span);
        if expr.height <= MAX_HEIGHT {
            return Ok(expr);
        }
        Err(Fault { error: SyntaxError::TooDeep { limit: MAX_HEIGHT }, span: expr.span })
    }

    /// Statements up to the closing brace, which is left, or to the end.
    fn statements(&mut self, top: bool, report: &mut Report) -> Vec<Expr> {
        let mut found = Vec::new();
        loop {
            self.skip(|t| matches!(t, Token::Newline | Token::Semicolon));
            match self.peek() {
                Token::End => return found,
                Token::RightBrace if !top => return found,
                Token::RightBrace => {
                    let brace = self.take();
                    report.add(&brace.span, SyntaxError::Unopened { bracket: '}' });
                    continue;
                }
                _ => {}
            }
            let start = self.at;
            match self.statement(report) {
                Ok(statement) => found.push(statement),
                Err(fault) => {
                    report.add(&fault.span, fault.error);
                    self.recover(start);
                    found.push(Expr::new(Kind::Invalid, fault.span));
                }
            }
        }
    }

    fn statement(&mut self, report: &mut Report) -> Result<Expr, Fault> {
        let statement = self.expression(0, report)?;
        match self.peek() {
            Token::Newline | Token::Semicolon | Token::RightBrace | Token::End => Ok(statement),
            Token::RightParen => {
                Err(Fault { error: SyntaxError::Unopened { bracket: ')' }, span: self.take().span })
            }
            _ => Err(self.unexpected(
                "an operator or the end of the statement",
                Some("separate statements by a new line or `;`".into()),
            )),
        }
    }

    /// Goes to the end of the faulty statement that began at token `start`: where its brackets
    /// are balanced, or, if they never are, to the end of the line before the error.
    fn recover(&mut self, start: usize) {
        let error = self.at;
        let mut open = Vec::new();
        let mut i = start;
        loop {
            match self.tokens[i].token {
                Token::LeftParen => open.push('('),
                Token::LeftBrace => open.push('{'),
                Token::RightParen if open.last() == Some(&'(') => drop(open.pop()),
                Token::RightBrace if open.last() == Some(&'{') => drop(open.pop()),
                Token::RightBrace | Token::End => break,
                Token::Newline | Token::Semicolon if open.is_empty() && i >= error => break,
                _ => {}
            }
            i += 1;
        }
        if !open.is_empty() {
            i = error;
            if error > start && self.tokens[error - 1].token == Token::Newline {
                i = error - 1;
            }
            while !matches!(self.tokens[i].token, Token::Newline | Token::RightBrace | Token::End) {
                i += 1;
            }
        }
        self.at = i;
        self.nesting = 0;
    }

    /// An expression whose operators bind at least as tightly as `least`.
    fn expression(&mut self, least: u8, report: &mut Report) -> Result<Expr, Fault> {
        if self.depth >= MAX_HEIGHT {
            let span = self.tokens[self.at].span.clone();
            return Err(Fault { error: SyntaxError::TooDeep { limit: MAX_HEIGHT }, span });
        }
        self.depth += 1;
        let result = self.infix(least, report);
        self.depth -= 1;
        result
    }

    fn infix(&mut self, least: u8, report: &mut Report) -> Result<Expr, Fault> {
        let mut left = self.prefix(report)?;
        let mut compared = false;
        while let &Token::Operator(operator) = self.peek() {
            let (tightness, rest) = operator.power();
            if tightness < least {
                break;
            }
            let mark = self.take();
            if compared && operator.compares() {
                return Err(Fault { error: SyntaxError::ChainedComparison, span: mark.span });
            }
            compared = operator.compares();
            self.skip(|t| *t == Token::Newline);
            let right = self.expression(rest, report)?;
            let span = left.span.start..right.span.end;
            left = self.build(Kind::Infix(operator, Box::new(left), Box::new(right)), span)?;
        }
        Ok(left)
    }

    fn prefix(&mut self, report: &mut Report) -> Result<Expr, Fault> {
        let prefix = match self.peek() {
            Token::Operator(Infix::Sub) => Prefix::Minus,
            Token::Operator(Infix::Add) => Prefix::Plus,
            Token::Not => Prefix::Not,
            _ => return self.primary(report),
        };
        let start = self.take().span.start;
        let operand = self.expression(prefix.power(), report)?;
        let span = start..operand.span.end;
        self.build(Kind::Prefix(prefix, Box::new(operand)), span)
    }

    fn primary(&mut self, report: &mut Report) -> Result<Expr, Fault> {
        self.peek();
        if self.is_derivative() {
            return self.derivative(report);
        }
        match self.peek() {
            Token::Number(_) | Token::Text(_) | Token::Name(_) => {}
            Token::LeftParen => return self.parenthesised(report),
            Token::LeftBrace => return self.block(report),
            Token::If => return self.condition(report),
            Token::Function => return self.function(report),
            Token::Else => {
                let hint = "`else` follows the end of its `if` branch".to_owned();
                return Err(self.unexpected("a value", Some(hint)));
            }
            _ => {
                let hint = "a number, a name or `(` must stand here".to_owned();
                return Err(self.unexpected("a value", Some(hint)));
            }
        }
        let Lexeme { token, span } = self.take();
        let kind = match token {
            Token::Number(value) => Kind::Number(value),
            Token::Text(text) => Kind::Text(text),
            Token::Name(name) if *self.peek() == Token::LeftParen => {
                let arguments = self.arguments(report)?;
                return self.build(Kind::Call(name, arguments), span.start..self.end());
            }
            Token::Name(name) => Kind::Name(name),
            _ => Kind::Invalid,
        };
        self.build(kind, span)
    }

    /// Whether `d/dt(` comes next, which is one word: `-d/dt(x)` and `2 * d/dt(x)` are what they look like.
    fn is_derivative(&self) -> bool {
        let token = |i: usize| self.tokens.get(self.at + i).map(|lexeme| &lexeme.token);
        let is_name = |i: usize, name: &str| matches!(token(i), Some(Token::Name(found)) if found == name);
        is_name(0, "d")
            && token(1) == Some(&Token::Operator(Infix::Div))
            && is_name(2, "dt")
            && token(3) == Some(&Token::LeftParen)
    }

    fn derivative(&mut self, report: &mut Report) -> Result<Expr, Fault> {
        let d = self.take().span;
        self.take();
        let dt = self.take().span;
        let arguments = self.arguments(report)?;
        let end = self.end();
        let left = Expr::new(Kind::Name("d".into()), d.clone());
        let right = Expr::new(Kind::Call("dt".into(), arguments), dt.start..end);
        self.build(Kind::Infix(Infix::Div, Box::new(left), Box::new(right)), d.start..end)
    }

    fn parenthesised(&mut self, report: &mut Report) -> Result<Expr, Fault> {
        let open = self.take().span;
        self.nesting += 1;
        let mut inner = self.expression(0, report)?;
        self.close(&open)?;
        inner.span = open.start..self.end();
        Ok(inner)
    }

    /// Takes the `)` that belongs to the `(` at `open`.
    fn close(&mut self, open: &Range<usize>) -> Result<(), Fault> {
        match self.peek() {
            Token::RightParen => {}
            Token::End => {
                return Err(Fault { error: SyntaxError::Unclosed { bracket: '(' }, span: open.clone() });
            }
            _ => {
                let line = self.text[..open.start].matches('\n').count() + 1;
                let hint = format!("is the `(` in line {line} closed where it should be?");
                return Err(self.unexpected("an operator, `,` or `)`", Some(hint)));
            }
        }
        self.take();
        self.nesting -= 1;
        Ok(())
    }

    fn arguments(&mut self, report: &mut Report) -> Result<Vec<Argument>, Fault> {
        let open = self.take().span;
        self.nesting += 1;
        let mut arguments = Vec::new();
        if *self.peek() != Token::RightParen {
            loop {
                arguments.push(self.argument(report)?);
                if !self.take_if(&Token::Comma) {
                    break;
                }
            }
        }
        self.close(&open)?;
        Ok(arguments)
    }

    fn argument(&mut self, report: &mut Report) -> Result<Argument, Fault> {
        let value = self.expression(ARGUMENT_POWER, report)?;
        if *self.peek() != Token::Operator(Infix::Equals) {
            return Ok(Argument { name: None, value });
        }
        match value.kind {
            Kind::Name(name) | Kind::Text(name) => {
                self.take();
                Ok(Argument { name: Some(name), value: self.expression(ARGUMENT_POWER, report)? })
            }
            _ => Err(self.unexpected("`,` or `)`", Some("to compare, write `==`".into()))),
        }
    }

    fn block(&mut self, report: &mut Report) -> Result<Expr, Fault> {
        let open = self.take().span;
        let outside = std::mem::replace(&mut self.nesting, 0);
        let statements = self.statements(false, report);
        if *self.peek() != Token::RightBrace {
            return Err(Fault { error: SyntaxError::Unclosed { bracket: '{' }, span: open });
        }
        self.take();
        self.nesting = outside;
        self.build(Kind::Block(statements), open.start..self.end())
    }

    fn condition(&mut self, report: &mut Report) -> Result<Expr, Fault> {
        let start = self.take().span.start;
        if *self.peek() != Token::LeftParen {
            let hint = "write `if (condition) { ... }`".to_owned();
            return Err(self.unexpected("`(` after `if`", Some(hint)));
        }
        let when = Box::new(self.parenthesised(report)?);
        self.skip(|t| *t == Token::Newline);
        let then = Box::new(self.expression(0, report)?);
        let after = self.at;
        self.skip(|t| *t == Token::Newline);
        let mut otherwise = None;
        if self.take_if(&Token::Else) {
            self.skip(|t| *t == Token::Newline);
            otherwise = Some(Box::new(self.expression(0, report)?));
        } else {
            self.at = after;
        }
        let end = otherwise.as_ref().map_or(then.span.end, |o| o.span.end);
        self.build(Kind::If { when, then, otherwise }, start..end)
    }

    fn function(&mut self, report: &mut Report) -> Result<Expr, Fault> {
        let start = self.take().span.start;
        if !self.take_if(&Token::LeftParen) {
            return Err(self.unexpected("`()` after `function`", None));
        }
        if !self.take_if(&Token::RightParen) {
            return Err(Fault { error: SyntaxError::FunctionArguments, span: self.take().span });
        }
        self.skip(|t| *t == Token::Newline);
        let body = Box::new(self.expression(0, report)?);
        let end = body.span.end;
        self.build(Kind::Function(body), start..end)
    }
}
