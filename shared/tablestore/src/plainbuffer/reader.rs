//! A cursor over bytes from outside. Nothing is read beyond the end, nothing is allocated.

use super::{DecodeError, DecodeErrorKind};

#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, offset: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// An error at the byte that comes next.
    pub(super) fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(self.offset, kind)
    }

    pub(super) fn end(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.error(DecodeErrorKind::Trailing(self.rest.len())))
        }
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let Some((head, tail)) = self.rest.split_at_checked(length) else {
            return Err(self.error(DecodeErrorKind::Truncated { needed: length - self.rest.len() }));
        };
        self.rest = tail;
        self.offset += length;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, DecodeError> {
        self.array().map(i64::from_le_bytes)
    }

    pub(super) fn f64(&mut self) -> Result<f64, DecodeError> {
        self.array().map(f64::from_le_bytes)
    }

    /// Bytes behind a length.
    pub(super) fn prefixed(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.u32()?;
        // On a machine where a length does not fit, there cannot be that many bytes either.
        self.bytes(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// UTF-8 behind a length.
    pub(super) fn text(&mut self) -> Result<&'a str, DecodeError> {
        let start = self.clone();
        let bytes = self.prefixed()?;
        str::from_utf8(bytes).map_err(|_| start.error(DecodeErrorKind::Utf8))
    }

    /// Takes the tag if it is next.
    pub(super) fn take(&mut self, tag: u8) -> bool {
        match self.rest.split_first() {
            Some((first, tail)) if *first == tag => {
                self.rest = tail;
                self.offset += 1;
                true
            }
            _ => false,
        }
    }

    /// Takes the tag, which has to be next.
    pub(super) fn expect(&mut self, tag: u8, expected: &'static str) -> Result<(), DecodeError> {
        if self.take(tag) {
            return Ok(());
        }
        Err(match self.rest.first() {
            Some(found) => self.error(DecodeErrorKind::Tag { expected, found: *found }),
            None => self.error(DecodeErrorKind::Truncated { needed: 1 }),
        })
    }
}
