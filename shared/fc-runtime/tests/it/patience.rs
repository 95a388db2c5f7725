//! Clients that are slow on purpose: they lose their connection, and nobody else notices.

use std::time::Duration;

use axum::Router;
use axum::routing::post;
use fc_runtime::Runtime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::server::{Server, environment};

const PATIENCE: Duration = Duration::from_millis(50);

/// A server outside Function Compute that reads whole bodies.
async fn server(runtime: Runtime) -> Server {
    let app = Router::new().route("/", post(|body: String| async move { body }));
    Server::start_in(runtime.http(app), environment(None)).await
}

/// Sends the beginning of a request, waits for the end of the connection, and answers what came.
async fn send(server: &Server, beginning: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(beginning.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn headers_that_do_not_end_lose_the_connection() {
    let server = server(Runtime::new().patience(PATIENCE)).await;
    for beginning in ["", "POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nhost: reaper\r\nx-slow: "] {
        assert_eq!(send(&server, beginning).await, "", "{beginning:?}");
    }
    assert!(server.stop().await.is_ok());
}

#[tokio::test]
async fn a_body_that_does_not_end_is_an_error_and_loses_the_connection() {
    let server = server(Runtime::new().patience(PATIENCE)).await;
    let answer = send(&server, "POST / HTTP/1.1\r\nhost: reaper\r\ncontent-length: 10\r\n\r\nhalf").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(server.stop().await.is_ok());
}

#[tokio::test]
async fn a_connection_that_is_used_again_in_time_stays() {
    let server = server(Runtime::new()).await;
    let request = "POST / HTTP/1.1\r\nhost: reaper\r\ncontent-length: 5\r\n\r\nhello";
    let last = "POST / HTTP/1.1\r\nhost: reaper\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbye";
    let answer = send(&server, &format!("{request}{request}{last}")).await;
    assert_eq!((answer.matches("HTTP/1.1 200 OK").count(), answer.matches("hello").count()), (3, 2));
    assert!(answer.ends_with("bye"));
}
