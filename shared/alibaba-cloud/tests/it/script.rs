//! A server on loopback that answers each request with the next step of a script, and remembers what was asked. It
//! speaks HTTP by hand, so that it can also break it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use alibaba_cloud::{BaseUrl, Client, Config, Credentials, Endpoints, Rate, Retry};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

/// What happens to one request.
#[derive(Clone)]
pub(crate) enum Step {
    /// An answer: status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// The connection is closed without an answer.
    Drop,
    /// The connection is closed in the middle of a successful answer.
    DropInBody,
    /// No answer ever comes.
    Hang,
}

/// A successful answer.
pub(crate) fn ok(body: &str) -> Step {
    answer(200, &[], body)
}

pub(crate) fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Step {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Step::Answer(status, headers, body.as_bytes().to_vec())
}

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `METHOD target`.
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn method(&self) -> &str {
        self.line.split(' ').next().unwrap()
    }

    pub(crate) fn path(&self) -> &str {
        self.target().split('?').next().unwrap()
    }

    /// The parameters, decoded.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        let query = self.target().split_once('?').map_or("", |(_, query)| query);
        let decode =
            |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
        query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                (decode(name), decode(value))
            })
            .collect()
    }

    fn target(&self) -> &str {
        self.line.split_once(' ').unwrap().1
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    left: Arc<Mutex<std::vec::IntoIter<Step>>>,
}

impl Server {
    pub(crate) async fn play(steps: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let left = Arc::new(Mutex::new(steps.into_iter()));
        let (to_ask, to_play) = (asked.clone(), left.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, to_ask.clone(), to_play.clone()));
            }
        });
        Self { address, asked, left }
    }

    pub(crate) fn config(&self) -> Config {
        config(self.address)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.config(), credentials()).unwrap()
    }

    /// All requests; the script must have been played to its end.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        assert_eq!(self.left.lock().unwrap().len(), 0, "steps that nobody asked for");
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

pub(crate) fn credentials() -> Credentials {
    Credentials::new("test-id", "test-secret").with_security_token("test-token")
}

pub(crate) fn config(address: SocketAddr) -> Config {
    let url: BaseUrl = format!("http://{address}").parse().unwrap();
    let quick = std::time::Duration::from_millis(1);
    Config {
        endpoints: Endpoints::all(&url),
        rate: Rate { per_second: 10_000.try_into().unwrap(), burst: 1_000.try_into().unwrap() },
        retry: Retry { base: quick, ..Retry::default() },
        incomplete_delay: quick,
        ..Config::new("cn-hangzhou")
    }
}

async fn serve(
    stream: TcpStream,
    asked: Arc<Mutex<Vec<Asked>>>,
    steps: Arc<Mutex<std::vec::IntoIter<Step>>>,
) {
    let mut stream = BufStream::new(stream);
    while let Some(request) = read(&mut stream).await {
        asked.lock().unwrap().push(request);
        let step = steps.lock().unwrap().next();
        match step {
            Some(Step::Answer(status, headers, body)) => write(&mut stream, status, &headers, &body).await,
            Some(Step::Drop) => return,
            Some(Step::DropInBody) => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{").await.unwrap();
                stream.flush().await.unwrap();
                return;
            }
            Some(Step::Hang) => std::future::pending().await,
            None => write(&mut stream, 418, &[], b"the script is over").await,
        }
    }
}

async fn read(stream: &mut BufStream<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    if stream.read_line(&mut line).await.ok()? == 0 {
        return None;
    }
    let line = line.trim_end().strip_suffix(" HTTP/1.1")?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        match header.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.to_owned()),
            None => break,
        };
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked { line, headers, body })
}

async fn write(
    stream: &mut BufStream<TcpStream>,
    status: u16,
    headers: &[(&'static str, String)],
    body: &[u8],
) {
    let mut head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // The client may have left already: it stops reading an answer that is too long.
    let _ = stream.write_all(body).await;
    let _ = stream.flush().await;
}
