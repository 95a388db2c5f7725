//! Words of both languages.

use super::QueryError;

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Letters, digits and whatever else has no meaning of its own.
    Word(String),
    /// In double quotes: a name in SQL, a phrase in a search.
    Quoted(String),
    /// In single quotes.
    Text(String),
    /// One of the characters with a meaning, or a comparison.
    Symbol(String),
}

impl Token {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(text) if text.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self, Self::Symbol(text) if text == symbol)
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Quoted(text) | Self::Text(text) | Self::Symbol(text) => text,
        }
    }
}

/// The words of a text; `symbols` are the characters that stand for themselves.
pub(super) fn tokens(text: &str, symbols: &str) -> Result<Vec<Token>, QueryError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = if first == '"' || first == '\'' {
            let inner = &rest[1..];
            let end = inner.find(first).ok_or(QueryError::Quote)?;
            let word = inner[..end].to_owned();
            (if first == '"' { Token::Quoted(word) } else { Token::Text(word) }, end + 2)
        } else if symbols.contains(first) {
            let two = rest.get(..2).filter(|two| ["<=", ">=", "!=", "<>"].contains(two));
            let symbol = two.unwrap_or(&rest[..first.len_utf8()]);
            (Token::Symbol(symbol.to_owned()), symbol.len())
        } else {
            let stops = |c: char| c.is_whitespace() || c == '"' || c == '\'' || symbols.contains(c);
            let end = rest.find(stops).unwrap_or(rest.len());
            (Token::Word(rest[..end].to_owned()), end)
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// The parts before and behind the first `|` that is not in quotes.
pub(super) fn split_at_pipe(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (index, c) in text.char_indices() {
        match quote {
            Some(open) if open == c => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '|' => return Some((&text[..index], &text[index + 1..])),
            None => {}
        }
    }
    None
}

/// Reads words one after the other.
#[derive(Debug)]
pub(super) struct Reader {
    tokens: std::vec::IntoIter<Token>,
    depth: u32,
}

/// Deeper nesting than this is refused rather than followed.
const DEPTH: u32 = 64;

impl Reader {
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        Self { tokens: tokens.into_iter(), depth: 0 }
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.as_slice().first()
    }

    pub(super) fn next(&mut self) -> Result<Token, QueryError> {
        self.tokens.next().ok_or(QueryError::End)
    }

    /// Goes past the word, if it is next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_word(word));
        if found {
            self.tokens.next();
        }
        found
    }

    /// Goes past the symbol, if it is next.
    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_symbol(symbol));
        if found {
            self.tokens.next();
        }
        found
    }

    pub(super) fn need_symbol(&mut self, symbol: &str) -> Result<(), QueryError> {
        let token = self.next()?;
        if token.is_symbol(symbol) { Ok(()) } else { Err(QueryError::Unexpected(token.text().to_owned())) }
    }

    pub(super) fn end(mut self) -> Result<(), QueryError> {
        self.tokens.next().map_or(Ok(()), |token| Err(QueryError::Unexpected(token.text().to_owned())))
    }

    /// Reads something nested, unless it is nested too deeply.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(QueryError::Unexpected("nesting".to_owned()));
        }
        let result = read(self)?;
        self.depth -= 1;
        Ok(result)
    }
}
