//! A function with everything: events, an HTTP trigger, lifecycle hooks. Its event handler does what the event says, so that the
//! tests can make it wait, fail and panic in a process of its own.
//!
//! ```text
//! FC_FUNCTION_NAME=demo cargo run --example all_triggers
//! curl -H 'x-fc-control-path: /invoke' -d '{"do":"fail","with":"no luck"}' http://127.0.0.1:9000/
//! curl -H 'x-fc-control-path: /http-invoke' http://127.0.0.1:9000/hello
//! ```

use axum::Router;
use axum::routing::any;
use fc_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

#[derive(Deserialize)]
#[serde(tag = "do", content = "with", rename_all = "snake_case")]
enum Order {
    Echo(Value),
    Fail(String),
    Panic(String),
    /// Connects to the address and goes on when the other side closes the connection.
    WaitFor(String),
}

#[expect(clippy::panic, reason = "it is told to")]
async fn obey(event: LambdaEvent<Order>) -> Result<Value, Error> {
    match event.payload {
        Order::Echo(value) => Ok(value),
        Order::Fail(message) => Err(message.into()),
        Order::Panic(message) => panic!("{message}"),
        Order::WaitFor(address) => {
            let mut gate = TcpStream::connect(address).await?;
            gate.read_to_end(&mut Vec::new()).await?;
            Ok(json!("waited"))
        }
    }
}

#[expect(clippy::panic, reason = "stands for a fault in a page")]
async fn faulty_page() -> &'static str {
    panic!("the page panicked")
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    fc_runtime::init_logging()?;
    let router = Router::new().route("/hello", any(|| async { "hello" })).route("/panic", any(faulty_page));
    Runtime::new()
        .event(service_fn(obey))
        .http(router)
        .initialize(|| async { Ok(()) })
        .pre_stop(|| async { Ok(()) })
        .run()
        .await?;
    Ok(())
}
