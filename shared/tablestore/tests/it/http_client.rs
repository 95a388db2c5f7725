//! A replaced HTTP client: what it answers is judged as what a server answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures::future::BoxFuture;
use tablestore_rs::config::ConfigBuilder;
use tablestore_rs::credentials::Credentials;
use tablestore_rs::http::{HttpClient, HttpError, HttpErrorKind};
use tablestore_rs::{Client, Config, SdkError};

use crate::requests::key;
use crate::server::{Server, good};

/// Never answers, fails, or answers with so many bytes; counts how often it was asked.
#[derive(Debug, Clone)]
pub(crate) struct Scripted {
    does: Does,
    pub(crate) asked: Arc<AtomicUsize>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Does {
    Hang,
    Fail(HttpErrorKind),
    Answer(usize),
}

impl Scripted {
    pub(crate) fn new(does: Does) -> Self {
        Self { does, asked: Arc::default() }
    }

    pub(crate) fn config(&self) -> ConfigBuilder {
        Config::builder()
            .region("cn-hangzhou")
            .instance_name("inst")
            .credentials_provider(Credentials::new("ak", "sk"))
            .http_client(self.clone())
    }

    pub(crate) fn times(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl HttpClient for Scripted {
    fn send(
        &self,
        _: http::Request<Bytes>,
        _: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, HttpError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {
            match self.does {
                Does::Hang => std::future::pending().await,
                Does::Fail(kind) => Err(HttpError::new(kind, "scripted")),
                Does::Answer(length) => Ok(http::Response::new(vec![0; length].into())),
            }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_did_not_arrive_or_changes_nothing_is_repeated() {
    for (kind, reads, writes) in
        [(HttpErrorKind::NotSent, 10, 10), (HttpErrorKind::Lost, 10, 1), (HttpErrorKind::TooLarge, 1, 1)]
    {
        for (expected, read) in [(reads, true), (writes, false)] {
            let http = Scripted::new(Does::Fail(kind));
            let client = Client::new(&http.config().build().unwrap());
            if read {
                client.list_tables().send().await.unwrap_err();
            } else {
                let delete = client.delete_row().table_name("t").primary_key(key(1));
                let error = delete.send().await.unwrap_err();
                assert_eq!(error.may_have_been_applied(), kind != HttpErrorKind::NotSent);
            }
            assert_eq!(http.times(), expected, "{kind:?}, read {read}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read() {
    let http = Scripted::new(Does::Answer(101));
    let client = Client::new(&http.config().max_response_bytes(100).build().unwrap());
    let error = client.list_tables().send().await.unwrap_err();
    assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");

    let server = Server::start([good(vec![0; 101])]).await;
    let client = Client::new(&server.config().max_response_bytes(100).build().unwrap());
    let error = client.list_tables().send().await.unwrap_err();
    assert_eq!(error.to_string(), "the exchange failed: the answer is longer than 100 bytes");
    assert_eq!(server.asked().len(), 1);
}
