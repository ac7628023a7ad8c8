//! From text to rules.

use std::collections::BTreeMap;

use super::{Key, Member, Schema, Type, What};

impl Schema {
    /// Reads a schema without comments; `open` makes it a reader's.
    pub(crate) fn parse(text: &str, open: bool) -> Self {
        let mut tokens = Tokens { all: tokens(text), at: 0 };
        let mut rules = BTreeMap::new();
        while tokens.at < tokens.all.len() {
            let name = tokens.next();
            tokens.expect("=");
            let twice = rules.insert(name.clone(), tokens.choice()).is_some();
            assert!(!twice, "two rules {name}");
        }
        Self { rules, open }
    }
}

/// Words, numbers, quoted texts, and marks of one or two characters.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_ascii_alphanumeric() || "_-$".contains(c);
        let length = match first {
            '"' => quoted(rest),
            '.' if rest.starts_with("..") => 2,
            '.' | '#' => 1 + rest[1..].find(|c: char| !word(c) && c != '.').unwrap_or(rest.len() - 1),
            c if word(c) => rest.find(|c: char| !word(c)).unwrap_or(rest.len()),
            _ => 1,
        };
        let (token, after) = rest.split_at(length);
        found.push(token.to_owned());
        rest = after.trim_start();
    }
    found
}

/// The length of a quoted text with its quotes.
fn quoted(text: &str) -> usize {
    let mut escaped = true;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return at + 1,
            '\\' if !escaped => escaped = true,
            _ => escaped = false,
        }
    }
    panic!("a text without an end: {text}");
}

struct Tokens {
    all: Vec<String>,
    at: usize,
}

impl Tokens {
    fn peek(&self) -> &str {
        self.all.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> String {
        let token = self.peek().to_owned();
        self.at += 1;
        token
    }

    fn take(&mut self, token: &str) -> bool {
        let there = self.peek() == token;
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, token: &str) {
        let before = self.all[self.at.saturating_sub(4)..self.at].join(" ");
        assert!(self.take(token), "{token} was wanted after {before}, {} found", self.peek());
    }

    fn number(&mut self) -> i128 {
        let token = self.next();
        token.parse().unwrap_or_else(|_| panic!("{token} is no number"))
    }

    fn choice(&mut self) -> Type {
        let mut types = vec![self.controlled()];
        while self.take("/") {
            types.push(self.controlled());
        }
        if types.len() == 1 { types.remove(0) } else { Type::Choice(types) }
    }

    fn controlled(&mut self) -> Type {
        let target = self.plain();
        match self.peek() {
            ".size" => {
                self.at += 1;
                let (least, most) = self.sizes();
                Type::Size(Box::new(target), least, most)
            }
            ".regexp" => {
                self.at += 1;
                assert!(matches!(&target, Type::Name(name) if name == "text"));
                Type::Regexp(unquoted(&self.next()))
            }
            ".cbor" => {
                self.at += 1;
                assert!(matches!(&target, Type::Name(name) if name == "bytes"));
                Type::Cbor(Box::new(self.plain()))
            }
            other => {
                assert!(!other.starts_with('.'), "the control {other} is not known here");
                target
            }
        }
    }

    fn sizes(&mut self) -> (usize, usize) {
        let bounds = if self.take("(") {
            let Type::Range(least, most) = self.plain() else { panic!("no range of sizes") };
            self.expect(")");
            (least, most)
        } else {
            let size = self.number();
            (size, size)
        };
        (usize::try_from(bounds.0).unwrap(), usize::try_from(bounds.1).unwrap())
    }

    fn plain(&mut self) -> Type {
        let token = self.next();
        match token.chars().next().unwrap_or_else(|| panic!("the schema ends inside a rule")) {
            '"' => Type::Text(unquoted(&token)),
            '{' => Type::Map(self.members("}")),
            '[' => Type::List(self.members("]")),
            '#' => {
                let tag = token.strip_prefix("#6.").and_then(|tag| tag.parse().ok());
                self.expect("(");
                let inner = self.choice();
                self.expect(")");
                Type::Tag(tag.unwrap_or_else(|| panic!("{token} is no tag")), Box::new(inner))
            }
            first if first.is_ascii_digit() || first == '-' => self.range(&token),
            first if first.is_ascii_alphabetic() => Type::Name(token),
            _ => panic!("{token} is no type"),
        }
    }

    fn range(&mut self, least: &str) -> Type {
        let least = least.parse().unwrap();
        let most = if self.take("..") { self.number() } else { least };
        Type::Range(least, most)
    }

    fn members(&mut self, end: &str) -> Vec<Member> {
        let mut members = Vec::new();
        while !self.take(end) {
            members.push(self.member());
            if !self.take(",") {
                self.expect(end);
                return members;
            }
        }
        members
    }

    fn member(&mut self) -> Member {
        let (least, most) = self.occurrence();
        let ahead = self.all.get(self.at + 1).map_or("", String::as_str);
        let what = if self.peek().starts_with("$$") {
            self.at += 1;
            What::Socket
        } else if ahead == ":" {
            let key = self.next();
            self.at += 1;
            What::Keyed(key.parse().map_or(Key::Text(key), Key::Number), self.choice())
        } else {
            What::Bare(self.choice())
        };
        Member { least, most, what }
    }

    fn occurrence(&mut self) -> (usize, usize) {
        if self.take("?") {
            return (0, 1);
        }
        let ahead = self.all.get(self.at + 1).map_or("", String::as_str);
        let least = match (self.peek().parse(), ahead) {
            (Ok(least), "*") => {
                self.at += 1;
                least
            }
            _ => 0,
        };
        if !self.take("*") {
            return (1, 1);
        }
        let most = self.peek().parse().ok();
        self.at += usize::from(most.is_some());
        (least, most.unwrap_or(usize::MAX))
    }
}

fn unquoted(token: &str) -> String {
    let inner = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_else(|| panic!("{token} is no text")).replace("\\\\", "\\")
}
