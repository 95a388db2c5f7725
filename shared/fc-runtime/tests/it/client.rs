//! A bare HTTP client: it sends exactly the headers it is told, as the platform and its imitators do.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A request under construction.
pub(crate) struct Call {
    address: SocketAddr,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn to(address: SocketAddr, path: &str) -> Self {
        Self { address, path: path.to_owned(), headers: Vec::new(), body: Bytes::new() }
    }

    /// An event, as Function Compute sends it.
    pub(crate) fn event(address: SocketAddr, body: impl Into<Bytes>) -> Self {
        Self::to(address, "/invoke")
            .header("x-fc-control-path", "/invoke")
            .header("x-fc-request-id", "req-1")
            .header("content-type", "application/octet-stream")
            .body(body)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it on a new connection. An error means that no answer came.
    pub(crate) async fn try_send(self) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(TcpStream::connect(self.address).await?)).await?;
        // Dropped with this future: who gives up a call hangs up.
        let mut connections = JoinSet::new();
        connections.spawn(connection);
        let mut request = Request::post(&self.path).header("host", self.address.to_string());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = sender.send_request(request.body(Full::new(self.body))?).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    pub(crate) async fn send(self) -> Answer {
        self.try_send().await.expect("an answer")
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e} in {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether Function Compute counts this as a success (document_detail/2513511).
    pub(crate) fn counts_as_success(&self) -> bool {
        !self.headers.contains_key("x-fc-status")
    }

    /// A failed call in the documented shape: its error type and message.
    pub(crate) fn failure(&self) -> (String, String) {
        assert_eq!(self.status, StatusCode::NOT_FOUND);
        assert_eq!(self.headers["x-fc-status"], "404");
        assert_eq!(self.headers["content-type"], "application/json");
        let body = self.json();
        assert_eq!(body["stackTrace"], serde_json::json!([]));
        let text = |key: &str| body[key].as_str().expect("a text").to_owned();
        (text("errorType"), text("errorMessage"))
    }
}
