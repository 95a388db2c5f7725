//! The SQL part: columns, `max`, `min` and `count`, `where`, `limit`. The table is what the search found.

use std::cmp::Ordering;

use super::lexer::{Reader, Token, tokens};
use super::{Log, QueryError};

#[derive(Debug)]
pub(super) struct Select {
    items: Vec<Item>,
    condition: Option<Condition>,
    limit: usize,
}

#[derive(Debug)]
struct Item {
    value: Value,
    name: String,
}

#[derive(Debug)]
enum Value {
    Everything,
    Column(String),
    Max(String),
    Min(String),
    Count,
}

#[derive(Debug)]
enum Condition {
    Compare(Operand, String, Operand),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

#[derive(Debug)]
enum Operand {
    Column(String),
    Literal(String),
}

/// Rows that a query answers unless it says otherwise (log service documentation).
const DEFAULT_LIMIT: usize = 100;

impl Select {
    pub(super) fn parse(text: &str) -> Result<Self, QueryError> {
        let mut reader = Reader::new(tokens(text, "(),*=<>!")?);
        need(&mut reader, "select")?;
        let mut items = vec![item(&mut reader)?];
        while reader.take_symbol(",") {
            items.push(item(&mut reader)?);
        }
        if reader.take_word("from") {
            need(&mut reader, "log")?;
        }
        let condition = if reader.take_word("where") { Some(either(&mut reader)?) } else { None };
        let limit = if reader.take_word("limit") {
            let token = reader.next()?;
            token.text().parse().map_err(|_| QueryError::Unexpected(token.text().to_owned()))?
        } else {
            DEFAULT_LIMIT
        };
        reader.end()?;
        Ok(Self { items, condition, limit })
    }

    pub(super) fn run(&self, logs: &[Log]) -> Vec<Log> {
        let chosen = |log: &&Log| self.condition.as_ref().is_none_or(|condition| condition.holds(log));
        let chosen: Vec<_> = logs.iter().filter(chosen).collect();
        if self.items.iter().any(|item| item.value.is_aggregate()) {
            let row = self.items.iter().map(|item| (item.name.clone(), item.value.over(&chosen)));
            return vec![row.collect()];
        }
        chosen.into_iter().take(self.limit).map(|log| self.columns(log)).collect()
    }

    fn columns(&self, log: &Log) -> Log {
        let mut row = Log::new();
        for item in &self.items {
            match &item.value {
                Value::Column(column) => {
                    let value = log.get(column).cloned().unwrap_or_else(null);
                    row.insert(item.name.clone(), value);
                }
                _ => row.extend(log.clone()),
            }
        }
        row
    }
}

impl Value {
    const fn is_aggregate(&self) -> bool {
        matches!(self, Self::Max(_) | Self::Min(_) | Self::Count)
    }

    fn over(&self, logs: &[&Log]) -> String {
        let column = |name: &str| logs.iter().filter_map(|log| log.get(name)).cloned().collect::<Vec<_>>();
        match self {
            Self::Count => logs.len().to_string(),
            Self::Max(name) => column(name).into_iter().max_by(|a, b| compare(a, b)).unwrap_or_else(null),
            Self::Min(name) => column(name).into_iter().min_by(|a, b| compare(a, b)).unwrap_or_else(null),
            // A column beside an aggregate: any value, as `arbitrary` would give.
            Self::Column(name) => column(name).into_iter().next().unwrap_or_else(null),
            Self::Everything => null(),
        }
    }
}

/// How SQL's NULL looks in an answer; unconfirmed.
fn null() -> String {
    "null".to_owned()
}

/// Numbers by value, everything else by letters.
fn compare(left: &str, right: &str) -> Ordering {
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.total_cmp(&right),
        _ => left.cmp(right),
    }
}

impl Condition {
    fn holds(&self, log: &Log) -> bool {
        match self {
            Self::Not(inner) => !inner.holds(log),
            Self::And(left, right) => left.holds(log) && right.holds(log),
            Self::Or(left, right) => left.holds(log) || right.holds(log),
            Self::Compare(left, operator, right) => match (left.value(log), right.value(log)) {
                (Some(left), Some(right)) if operator == "like" => like(right, left),
                (Some(left), Some(right)) => {
                    let order = compare(left, right);
                    match operator.as_str() {
                        "=" => order.is_eq(),
                        "!=" | "<>" => order.is_ne(),
                        "<" => order.is_lt(),
                        "<=" => order.is_le(),
                        ">" => order.is_gt(),
                        _ => order.is_ge(),
                    }
                }
                _ => false,
            },
        }
    }
}

impl Operand {
    fn value<'a>(&'a self, log: &'a Log) -> Option<&'a str> {
        match self {
            Self::Column(name) => log.get(name).map(String::as_str),
            Self::Literal(text) => Some(text),
        }
    }
}

/// `%` stands for any text, `_` for any one character.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('%') => {
            let rest = pattern.trim_start_matches('%');
            let ends = text.char_indices().map(|(index, _)| index).chain([text.len()]);
            rest.is_empty() || ends.into_iter().any(|index| like(rest, &text[index..]))
        }
        Some(wanted) => text.chars().next().is_some_and(|found| {
            (wanted == '_' || wanted == found)
                && like(&pattern[wanted.len_utf8()..], &text[found.len_utf8()..])
        }),
    }
}

fn need(reader: &mut Reader, word: &str) -> Result<(), QueryError> {
    if reader.take_word(word) {
        return Ok(());
    }
    Err(QueryError::Unexpected(reader.next()?.text().to_owned()))
}

fn item(reader: &mut Reader) -> Result<Item, QueryError> {
    if reader.take_symbol("*") {
        return Ok(Item { value: Value::Everything, name: "*".to_owned() });
    }
    let first = name(reader)?;
    let value = if reader.take_symbol("(") {
        let value = match first.to_lowercase().as_str() {
            "count" => {
                reader.next()?;
                Value::Count
            }
            "max" => Value::Max(name(reader)?),
            "min" => Value::Min(name(reader)?),
            _ => return Err(QueryError::Unexpected(first)),
        };
        reader.need_symbol(")")?;
        value
    } else {
        Value::Column(first.clone())
    };
    let name = if reader.take_word("as") { name(reader)? } else { first };
    Ok(Item { value, name })
}

fn name(reader: &mut Reader) -> Result<String, QueryError> {
    match reader.next()? {
        Token::Word(text) | Token::Quoted(text) => Ok(text),
        other => Err(QueryError::Unexpected(other.text().to_owned())),
    }
}

fn either(reader: &mut Reader) -> Result<Condition, QueryError> {
    let mut left = both(reader)?;
    while reader.take_word("or") {
        left = Condition::Or(Box::new(left), Box::new(both(reader)?));
    }
    Ok(left)
}

fn both(reader: &mut Reader) -> Result<Condition, QueryError> {
    let mut left = one(reader)?;
    while reader.take_word("and") {
        left = Condition::And(Box::new(left), Box::new(one(reader)?));
    }
    Ok(left)
}

fn one(reader: &mut Reader) -> Result<Condition, QueryError> {
    if reader.take_word("not") {
        return Ok(Condition::Not(Box::new(reader.nested(one)?)));
    }
    if reader.take_symbol("(") {
        let inner = reader.nested(either)?;
        reader.need_symbol(")")?;
        return Ok(inner);
    }
    let left = operand(reader)?;
    let operator = reader.next()?;
    let known = ["=", "!=", "<>", "<", "<=", ">", ">="].iter().any(|symbol| operator.is_symbol(symbol));
    if !known && !operator.is_word("like") {
        return Err(QueryError::Unexpected(operator.text().to_owned()));
    }
    Ok(Condition::Compare(left, operator.text().to_lowercase(), operand(reader)?))
}

fn operand(reader: &mut Reader) -> Result<Operand, QueryError> {
    match reader.next()? {
        Token::Text(text) => Ok(Operand::Literal(text)),
        Token::Quoted(name) => Ok(Operand::Column(name)),
        Token::Word(word) if word.parse::<f64>().is_ok() => Ok(Operand::Literal(word)),
        Token::Word(word) => Ok(Operand::Column(word)),
        Token::Symbol(symbol) => Err(QueryError::Unexpected(symbol)),
    }
}
