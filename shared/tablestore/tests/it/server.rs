//! A server that answers as its script says, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use prost::Message;
use tablestore_rs::config::ConfigBuilder;
use tablestore_rs::credentials::Credentials;
use tablestore_rs::retry::RetryConfig;
use tablestore_rs::signature::{SigningKey, content_md5};
use tablestore_rs::{Client, Config, protobuf};

/// What the server does with one request.
#[derive(Clone)]
pub(crate) enum Step {
    /// Answers, signed.
    Answer(Answer),
    /// Reads the request and closes the connection.
    Lose,
    /// Reads the request and never answers.
    Hang,
}

/// An answer, good unless it is changed.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) key: SigningKey,
    pub(crate) clock_skew: i64,
    /// Applied to the headers after signing: name and new value, or none to leave it out.
    pub(crate) tampered: Vec<(&'static str, Option<String>)>,
}

/// A good answer with this body.
pub(crate) fn good(body: impl Into<Vec<u8>>) -> Answer {
    let key = SigningKey::v2("sk");
    Answer { status: 200, body: body.into(), key, clock_skew: 0, tampered: Vec::new() }
}

/// An error of the service.
pub(crate) fn refused(status: u16, code: &str, message: &str) -> Answer {
    let error = protobuf::Error { code: code.to_owned(), message: Some(message.to_owned()) };
    Answer { status, ..good(error.encode_to_vec()) }
}

impl Answer {
    pub(crate) fn tamper(mut self, name: &'static str, value: Option<&str>) -> Self {
        self.tampered.push((name, value.map(str::to_owned)));
        self
    }

    fn headers(&self, operation: &str) -> Vec<(&'static str, String)> {
        let date = Timestamp::now() + SignedDuration::from_secs(self.clock_skew);
        let mut headers = vec![
            ("x-ots-contentmd5", content_md5(&self.body)),
            ("x-ots-requestid", "rid".to_owned()),
            ("x-ots-date", date.strftime("%Y-%m-%dT%H:%M:%S.000000Z").to_string()),
            ("x-ots-contenttype", "protocol buffer".to_owned()),
        ];
        let signature = self.key.sign_response(operation, headers.iter().map(|(n, v)| (*n, v.as_str())));
        headers.push(("authorization", format!("OTS ak:{signature}")));
        for (name, value) in &self.tampered {
            headers.retain(|(other, _)| other != name);
            headers.extend(value.clone().map(|value| (*name, value)));
        }
        headers
    }
}

impl From<Answer> for Step {
    fn from(answer: Answer) -> Self {
        Step::Answer(answer)
    }
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) operation: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

#[derive(Clone, Default)]
struct Shared {
    script: Arc<Mutex<VecDeque<Step>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// The server; it ends with the test's runtime.
pub(crate) struct Server {
    shared: Shared,
    pub(crate) url: String,
}

impl Server {
    pub(crate) async fn start(script: impl IntoIterator<Item = impl Into<Step>>) -> Self {
        let shared = Shared::default();
        shared.script.lock().unwrap().extend(script.into_iter().map(Into::into));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(serve).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { shared, url }
    }

    /// A configuration for this server, without waits between attempts.
    pub(crate) fn config(&self) -> ConfigBuilder {
        Config::builder()
            .endpoint_url(&self.url)
            .instance_name("inst")
            .credentials_provider(Credentials::new("ak", "sk"))
            .retry_config(
                RetryConfig::standard().with_max_attempts(3).with_max_backoff(Duration::from_millis(1)),
            )
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.config().build().unwrap())
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// The body of the only request.
    pub(crate) fn body(&self) -> Vec<u8> {
        let asked = self.asked();
        assert_eq!(asked.len(), 1, "one request");
        asked[0].body.clone()
    }
}

async fn serve(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let operation = parts.uri.path().trim_start_matches('/').to_owned();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
    shared.asked.lock().unwrap().push(Asked { operation: operation.clone(), headers: parts.headers, body });
    let step = shared.script.lock().unwrap().pop_front();
    match step.unwrap_or_else(|| refused(400, "OTSParameterInvalid", "the script is over").into()) {
        Step::Hang => std::future::pending().await,
        Step::Lose => {
            // A body that fails at once breaks the connection before the answer is whole.
            let lost = futures::stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("lost")) });
            Response::new(Body::from_stream(lost))
        }
        Step::Answer(answer) => {
            let mut response = Response::builder().status(answer.status);
            for (name, value) in answer.headers(&operation) {
                response = response.header(name, value);
            }
            response.body(Body::from(answer.body)).unwrap()
        }
    }
}
