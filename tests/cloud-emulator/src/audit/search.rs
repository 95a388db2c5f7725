//! The search part: words, `field: word`, a trailing `*`, `and`, `or`, `not` and brackets.

use super::lexer::{Reader, Token, tokens};
use super::{Log, QueryError};

/// Characters at which indexed values are cut into words. The real set is a setting of the index.
const DELIMITERS: &str = ", '\";=()[]{}?@&<>/:\n\t\r-";

#[derive(Debug)]
pub(super) enum Search {
    All,
    Term { field: Option<String>, word: String, prefix: bool },
    Not(Box<Search>),
    And(Box<Search>, Box<Search>),
    Or(Box<Search>, Box<Search>),
}

impl Search {
    pub(super) fn parse(text: &str) -> Result<Self, QueryError> {
        let mut reader = Reader::new(tokens(text, "():")?);
        if reader.peek().is_none() {
            return Ok(Self::All);
        }
        let search = either(&mut reader)?;
        reader.end()?;
        Ok(search)
    }

    pub(super) fn matches(&self, log: &Log) -> bool {
        match self {
            Self::All => true,
            Self::Not(inner) => !inner.matches(log),
            Self::And(left, right) => left.matches(log) && right.matches(log),
            Self::Or(left, right) => left.matches(log) || right.matches(log),
            Self::Term { field: Some(field), word, prefix } => {
                log.get(field).is_some_and(|value| has(value, word, *prefix))
            }
            Self::Term { field: None, word, prefix } => log.values().any(|value| has(value, word, *prefix)),
        }
    }
}

fn either(reader: &mut Reader) -> Result<Search, QueryError> {
    let mut left = both(reader)?;
    while reader.take_word("or") {
        left = Search::Or(Box::new(left), Box::new(both(reader)?));
    }
    Ok(left)
}

/// Words that follow each other without an operator have to be there both.
fn both(reader: &mut Reader) -> Result<Search, QueryError> {
    let mut left = one(reader)?;
    loop {
        let joined = reader.take_word("and");
        let ends = reader.peek().is_none_or(|token| token.is_word("or") || token.is_symbol(")"));
        if ends && !joined {
            return Ok(left);
        }
        left = Search::And(Box::new(left), Box::new(one(reader)?));
    }
}

fn one(reader: &mut Reader) -> Result<Search, QueryError> {
    if reader.take_word("not") {
        return Ok(Search::Not(Box::new(reader.nested(one)?)));
    }
    if reader.take_symbol("(") {
        let inner = reader.nested(either)?;
        reader.need_symbol(")")?;
        return Ok(inner);
    }
    let first = word(reader)?;
    if reader.take_symbol(":") {
        let value = word(reader)?;
        return Ok(term(Some(first.text().to_owned()), &value));
    }
    Ok(term(None, &first))
}

fn word(reader: &mut Reader) -> Result<Token, QueryError> {
    match reader.next()? {
        Token::Symbol(symbol) => Err(QueryError::Unexpected(symbol)),
        word => Ok(word),
    }
}

fn term(field: Option<String>, token: &Token) -> Search {
    let quoted = matches!(token, Token::Quoted(_) | Token::Text(_));
    let (word, prefix) = match token.text().strip_suffix('*') {
        Some(word) if !quoted => (word, true),
        _ => (token.text(), false),
    };
    if word.is_empty() && prefix && field.is_none() {
        return Search::All;
    }
    Search::Term { field, word: word.to_lowercase(), prefix }
}

/// Whether a value has a word, or begins a word with it. A word with delimiters is looked for as a phrase.
fn has(value: &str, wanted: &str, prefix: bool) -> bool {
    let value = value.to_lowercase();
    let fits = |word: &str| if prefix { word.starts_with(wanted) } else { word == wanted };
    fits(&value)
        || value.split(|c| DELIMITERS.contains(c)).any(fits)
        || (wanted.contains(|c| DELIMITERS.contains(c)) && value.contains(wanted))
}
