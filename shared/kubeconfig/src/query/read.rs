//! Reading a query, character by character, so that an error says where.

use std::fmt::Write as _;

use super::condition::{Condition, KEYS, Key};
use super::{MAX_QUERY_BYTES, MAX_TERMS, QueryError, Term};
use crate::id::excerpt;

/// The terms of a text.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, QueryError> {
    if text.len() > MAX_QUERY_BYTES {
        return Err(error(
            1,
            format!("the query has {} bytes", text.len()),
            format!("at most {MAX_QUERY_BYTES}"),
        ));
    }
    let mut reader = Reader { characters: text.chars().collect(), place: 0 };
    let mut terms: Vec<Term> = Vec::new();
    while reader.skip_space() {
        let column = reader.column();
        if terms.len() == MAX_TERMS {
            return Err(error(column, "there are too many terms".into(), format!("at most {MAX_TERMS}")));
        }
        let term = reader.term()?;
        let same =
            |other: &&Term| other.negated == term.negated && other.condition.key() == term.condition.key();
        if term.condition.is_single() && terms.iter().any(|other| same(&other)) {
            let key = term.condition.key().unwrap_or_default();
            return Err(error(column, format!("`{key}` stands here a second time"), "it once"));
        }
        terms.push(term);
    }
    Ok(terms)
}

struct Reader {
    characters: Vec<char>,
    place: usize,
}

fn error(column: usize, problem: String, expected: impl Into<String>) -> QueryError {
    QueryError { column, problem, expected: expected.into() }
}

/// The quote that ends what this one begins.
const fn closing(opening: char) -> Option<char> {
    match opening {
        '"' => Some('"'),
        '\u{201c}' => Some('\u{201d}'),
        _ => None,
    }
}

impl Reader {
    const fn column(&self) -> usize {
        self.place + 1
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.place).copied()
    }

    /// `false`: the end.
    fn skip_space(&mut self) -> bool {
        while self.peek().is_some_and(char::is_whitespace) {
            self.place += 1;
        }
        self.peek().is_some()
    }

    fn term(&mut self) -> Result<Term, QueryError> {
        let negated = self.peek() == Some('-');
        self.place += usize::from(negated);
        let column = self.column();
        let condition = match self.peek() {
            Some(quote) if closing(quote).is_some() => Condition::Text(self.quoted()?),
            Some(c) if !c.is_whitespace() => self.key_or_text()?,
            _ => return Err(error(column, "`-` stands alone".into(), "what must not hold behind it")),
        };
        match &condition {
            Condition::Text(text) if text.is_empty() => {
                Err(error(column, "there is no text in the quotes".into(), "some"))
            }
            _ => Ok(Term { negated, condition }),
        }
    }

    fn key_or_text(&mut self) -> Result<Condition, QueryError> {
        let column = self.column();
        let word = self.bare(true)?;
        if self.peek() != Some(':') {
            return Ok(Condition::Text(word));
        }
        self.place += 1;
        let Some(key) = Key::named(&word) else {
            let keys: Vec<_> = KEYS.iter().map(|key| key.name).collect();
            let expected = format!("one of {}, or the text in quotes", keys.join(", "));
            return Err(error(column, format!("there is no key `{}`", excerpt(&word)), expected));
        };
        let column = self.column();
        let value = match self.peek() {
            Some(quote) if closing(quote).is_some() => self.quoted()?,
            _ => self.bare(false)?,
        };
        Condition::read(key, &value).map_err(|expected| {
            let what = if value.is_empty() {
                format!("`{}:` has no value", key.name)
            } else {
                format!("`{}` is no value for `{}`", excerpt(&value), key.name)
            };
            error(column, what, expected)
        })
    }

    /// Up to the next space, or, where a key may stand, to the next colon.
    fn bare(&mut self, key: bool) -> Result<String, QueryError> {
        let mut word = String::new();
        while let Some(c) = self.peek() {
            if c.is_whitespace() || (key && c == ':') {
                break;
            }
            if closing(c).is_some() || c == '\u{201d}' {
                return Err(error(self.column(), "a quote within a word".into(), "the whole word in quotes"));
            }
            if c.is_control() {
                return Err(control(self.column()));
            }
            word.push(c);
            self.place += 1;
        }
        Ok(word)
    }

    fn quoted(&mut self) -> Result<String, QueryError> {
        let begin = self.column();
        let end = self.peek().and_then(closing);
        self.place += 1;
        let mut text = String::new();
        loop {
            let column = self.column();
            let Some(c) = self.peek() else {
                return Err(error(begin, "the quotes that begin here do not end".into(), "`\"`"));
            };
            self.place += 1;
            match c {
                c if Some(c) == end => break,
                '\\' => text.push(self.escaped(column)?),
                c if c.is_control() => return Err(control(column)),
                c => text.push(c),
            }
        }
        match self.peek() {
            Some(c) if !c.is_whitespace() => {
                Err(error(self.column(), "something follows the quotes".into(), "a space"))
            }
            _ => Ok(text),
        }
    }

    /// What follows a backslash.
    fn escaped(&mut self, column: usize) -> Result<char, QueryError> {
        let unknown = || error(column, "no such escape".into(), r#"one of \", \\, \n, \r, \t, \u{hex}"#);
        let c = self.peek().ok_or_else(unknown)?;
        self.place += 1;
        match c {
            '"' | '\\' => Ok(c),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'u' => {
                let rest: String = self.characters[self.place..].iter().take(8).collect();
                let hex = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).ok_or_else(unknown)?.0;
                self.place += hex.len() + 2;
                let plain = hex.bytes().all(|b| b.is_ascii_hexdigit());
                let number = u32::from_str_radix(hex, 16).ok().filter(|_| plain);
                number.and_then(char::from_u32).ok_or_else(unknown)
            }
            _ => Err(unknown()),
        }
    }
}

fn control(column: usize) -> QueryError {
    error(column, "a control character".into(), r"it as an escape in quotes, e.g. \n")
}

/// A value as it is written: bare where that reads the same.
pub(super) fn quoted(text: &str, may_be_bare: bool) -> String {
    let plain =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '\u{201c}' | '\u{201d}');
    if may_be_bare && !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            // Writing to a text does not fail.
            c if c.is_control() => drop(write!(written, "\\u{{{:x}}}", u32::from(c))),
            c => written.push(c),
        }
    }
    written.push('"');
    written
}
