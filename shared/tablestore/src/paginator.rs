//! The stream that paginators give.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{BoxStream, Stream, StreamExt};

/// A stream of pages or items. It is a [`Stream`], and has the two methods that are enough without its extensions.
pub struct PaginationStream<T>(BoxStream<'static, T>);

impl<T> PaginationStream<T> {
    pub(crate) fn new(stream: impl Stream<Item = T> + Send + 'static) -> Self {
        Self(stream.boxed())
    }

    /// The next one, or none at the end.
    pub async fn next(&mut self) -> Option<T> {
        self.0.next().await
    }
}

impl<T, E> PaginationStream<Result<T, E>> {
    /// The next one, none at the end, or what went wrong.
    ///
    /// # Errors
    /// What the stream gives as one.
    pub async fn try_next(&mut self) -> Result<Option<T>, E> {
        self.0.next().await.transpose()
    }
}

impl<T> Stream for PaginationStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll_next_unpin(context)
    }
}

impl<T> fmt::Debug for PaginationStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaginationStream")
    }
}
