//! Where a page ends.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::store::Order;

/// The form of the text. A text of another form is refused, never guessed at.
const FORM: u8 = 1;

/// Bytes before the check sum: form, order, store, filter, position.
const CONTENT: usize = 1 + 1 + 4 + 8 + 8;

/// Bytes of the check sum.
const CHECK: usize = 4;

/// A place in the answer to one question to one store. Clients keep its text and give it back; what it says is not
/// theirs to read. It is not a secret and grants nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    order: Order,
    store: u32,
    filter: u64,
    position: u64,
}

/// Why a cursor was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// The text is damaged, or it never was a cursor.
    #[error("this is not a cursor, or it is damaged")]
    Malformed,
    /// Made by another version of this program.
    #[error("the cursor is of form {0}, this version reads {FORM}: start again without it")]
    Form(u8),
    /// Made for the other order.
    #[error("the cursor belongs to the other order")]
    OtherOrder,
    /// Made for another filter.
    #[error("the cursor belongs to another filter")]
    OtherFilter,
    /// Made by another store.
    #[error("the cursor belongs to another store")]
    OtherStore,
    /// The store is shorter than it was when the cursor was made.
    #[error("the cursor points behind the end of the store: the store lost what it held")]
    BehindEnd,
}

/// What a cursor is tied to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    pub(crate) order: Order,
    /// Tag of the store.
    pub(crate) store: u32,
    /// Fingerprint of the filter.
    pub(crate) filter: u64,
}

impl Question {
    pub(crate) const fn cursor(self, position: u64) -> Cursor {
        Cursor { order: self.order, store: self.store, filter: self.filter, position }
    }

    /// The position, if the cursor is of this question. `end` is the last position of the log.
    pub(crate) fn position(self, cursor: &Cursor, end: u64) -> Result<u64, CursorError> {
        if cursor.store != self.store {
            return Err(CursorError::OtherStore);
        }
        if cursor.order != self.order {
            return Err(CursorError::OtherOrder);
        }
        if cursor.filter != self.filter {
            return Err(CursorError::OtherFilter);
        }
        if cursor.position > end {
            return Err(CursorError::BehindEnd);
        }
        Ok(cursor.position)
    }
}

impl Cursor {
    /// The same question at another place.
    pub(crate) const fn at(self, position: u64) -> Self {
        Self { position, ..self }
    }

    /// The same place in the answer to another filter.
    pub(crate) const fn of(self, filter: u64) -> Self {
        Self { filter, ..self }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![FORM, u8::from(self.order == Order::Newest)];
        bytes.extend(self.store.to_be_bytes());
        bytes.extend(self.filter.to_be_bytes());
        bytes.extend(self.position.to_be_bytes());
        let check = check_sum(&bytes);
        bytes.extend(check);
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        if text.len() > 2 * (CONTENT + CHECK) {
            return Err(CursorError::Malformed);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError::Malformed)?;
        let (content, check) = bytes.split_last_chunk::<CHECK>().ok_or(CursorError::Malformed)?;
        if check_sum(content) != *check {
            return Err(CursorError::Malformed);
        }
        match content {
            [FORM, order @ (0 | 1), numbers @ ..] => {
                let (store, numbers) = numbers.split_first_chunk().ok_or(CursorError::Malformed)?;
                let (filter, numbers) = numbers.split_first_chunk().ok_or(CursorError::Malformed)?;
                let position = numbers.try_into().map_err(|_| CursorError::Malformed)?;
                Ok(Self {
                    order: if *order == 0 { Order::Oldest } else { Order::Newest },
                    store: u32::from_be_bytes(*store),
                    filter: u64::from_be_bytes(*filter),
                    position: u64::from_be_bytes(position),
                })
            }
            [FORM, ..] | [] => Err(CursorError::Malformed),
            [other, ..] => Err(CursorError::Form(*other)),
        }
    }
}

/// Tells a damaged text from a good one. Not a signature: a cursor only says where to read on.
fn check_sum(content: &[u8]) -> [u8; CHECK] {
    let digest = Sha256::digest(content);
    [digest[0], digest[1], digest[2], digest[3]]
}

impl TryFrom<String> for Cursor {
    type Error = CursorError;

    fn try_from(text: String) -> Result<Self, CursorError> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: Question = Question { order: Order::Newest, store: 7, filter: 8 };

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = QUESTION.cursor(u64::MAX - 1);
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert_eq!(serde_json::from_str::<Cursor>(&serde_json::to_string(&cursor).unwrap()).unwrap(), cursor);
    }

    #[test]
    fn any_damage_is_noticed() {
        let text = QUESTION.cursor(513).to_string();
        for index in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(bytes).unwrap();
            assert_eq!(damaged.parse::<Cursor>(), Err(CursorError::Malformed), "{damaged}");
            assert_eq!(text[..index].parse::<Cursor>(), Err(CursorError::Malformed));
        }
        assert_eq!(format!("{text}AAAA").parse::<Cursor>(), Err(CursorError::Malformed));
        assert_eq!("é".repeat(4000).parse::<Cursor>(), Err(CursorError::Malformed));
    }

    #[test]
    fn another_form_is_named() {
        let mut bytes = vec![2, 0];
        let check = check_sum(&bytes);
        bytes.extend(check);
        assert_eq!(URL_SAFE_NO_PAD.encode(bytes).parse::<Cursor>(), Err(CursorError::Form(2)));
    }

    #[test]
    fn a_cursor_fits_its_question_only() {
        let cursor = QUESTION.cursor(5);
        assert_eq!(QUESTION.position(&cursor, 5), Ok(5));
        assert_eq!(QUESTION.position(&cursor, 4), Err(CursorError::BehindEnd));
        let other = |question: Question| question.position(&cursor, 5).unwrap_err();
        assert_eq!(other(Question { order: Order::Oldest, ..QUESTION }), CursorError::OtherOrder);
        assert_eq!(other(Question { filter: 9, ..QUESTION }), CursorError::OtherFilter);
        assert_eq!(other(Question { store: 9, ..QUESTION }), CursorError::OtherStore);
    }
}
