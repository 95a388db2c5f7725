//! A body of an answer that is made while it is sent belongs to its invocation until its end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::Invocation;

/// A body whose parts are made, and which is dropped, within an invocation: its credentials and its deadline are known there.
pub(crate) struct Scoped {
    body: Body,
    invocation: Arc<Invocation>,
}

impl Scoped {
    pub(crate) fn body(body: Body, invocation: Arc<Invocation>) -> Body {
        Body::new(Self { body, invocation })
    }
}

impl HttpBody for Scoped {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { body, invocation } = &mut *self;
        Arc::clone(invocation).enter(|| Pin::new(body).poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Scoped {
    fn drop(&mut self) {
        let body = std::mem::take(&mut self.body);
        Arc::clone(&self.invocation).enter(|| drop(body));
    }
}
