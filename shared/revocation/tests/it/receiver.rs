//! Somebody who is told: takes messages over real HTTP, answers as it is told to, and checks signatures with code of its
//! own.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// How a message is answered.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// With a status, further header lines and a body.
    Status(u16, &'static str, &'static str),
    /// The connection ends: nobody knows whether the message was taken.
    Cut,
    /// Never.
    Silence,
}

/// A message as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The id of a Standard Webhook that one of these keys has signed.
    pub(crate) fn signed_id(&self, key: &str) -> String {
        let (id, at) = (&self.headers["webhook-id"], &self.headers["webhook-timestamp"]);
        let key = BASE64.decode(key.strip_prefix("whsec_").unwrap()).unwrap();
        let expected = format!("v1,{}", mac(&key, format!("{id}.{at}.{}", self.body).as_bytes()));
        let signatures = &self.headers["webhook-signature"];
        assert!(signatures.split(' ').any(|signature| signature == expected), "{signatures}");
        id.clone()
    }
}

/// HMAC-SHA256 in base64.
pub(crate) fn mac(key: &[u8], content: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(content);
    BASE64.encode(mac.finalize().into_bytes())
}

pub(crate) struct Receiver {
    pub(crate) origin: String,
    requests: mpsc::UnboundedReceiver<Request>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::unbounded_channel();
        let answers = Arc::<Mutex<VecDeque<Answer>>>::default();
        let server = tokio::spawn(accept(listener, sender, answers.clone()));
        Self { origin, requests, answers, server }
    }

    /// How the next messages are answered; all further ones are taken.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }

    pub(crate) async fn next(&mut self) -> Request {
        tokio::time::timeout(Duration::from_secs(30), self.requests.recv()).await.unwrap().unwrap()
    }

    /// What has come so far.
    pub(crate) fn all(&mut self) -> Vec<Request> {
        std::iter::from_fn(|| self.requests.try_recv().ok()).collect()
    }
}

async fn accept(
    listener: TcpListener,
    requests: mpsc::UnboundedSender<Request>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, requests.clone(), answers.clone()));
    }
}

/// One request a connection.
async fn serve(
    stream: TcpStream,
    requests: mpsc::UnboundedSender<Request>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
) {
    let mut stream = BufReader::new(stream);
    let Some(request) = read(&mut stream).await else { return };
    let taken = Answer::Status(200, "", r#"{"code":0,"errcode":0}"#);
    let answer = answers.lock().unwrap().pop_front().unwrap_or(taken);
    let _ = requests.send(request);
    match answer {
        Answer::Cut => {}
        Answer::Silence => std::future::pending().await,
        Answer::Status(status, headers, body) => {
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = stream.get_mut().write_all(text.as_bytes()).await;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut lines = vec![];
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let target = lines.first()?.split(' ').nth(1)?.to_owned();
    let header = |line: &String| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    };
    let headers: HashMap<String, String> = lines[1..].iter().filter_map(header).collect();
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).await.ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some((name.to_owned(), decoded(value)))
    };
    Some(Request {
        path: path.to_owned(),
        query: query.split('&').filter_map(pair).collect(),
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part.as_bytes()[2..].iter());
    }
    String::from_utf8(bytes).unwrap()
}
