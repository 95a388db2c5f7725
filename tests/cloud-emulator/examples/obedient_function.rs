//! A function that does what its event says, for the tests of the emulated Function Compute and EventBridge.
//!
//! With the argument `silent` it is no fc-runtime function but a plain server that answers 500 and says nothing of a failure.

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use fc_runtime::{Environment, Error, LambdaEvent, Runtime, invocation, service_fn};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

async fn obey(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let call = invocation().ok_or("no invocation")?;
    let order = &event.payload;
    println!("call {} try {}: {order}", call.request_id, call.retry_count);
    if let Some(failures) = order["fail"].as_u64()
        && u64::from(call.retry_count) < failures
    {
        return Err("told to fail".into());
    }
    if let Some(address) = order["wait_for"].as_str() {
        TcpStream::connect(address).await?.read_to_end(&mut Vec::new()).await?;
    }
    if order["exit"].is_number() {
        eprintln!("last words");
        std::process::exit(3);
    }
    Ok(json!({
        "order": order,
        "request_id": call.request_id,
        "function": event.context.env_config.function_name,
        "account": call.account_id,
        "region": call.region,
        "memory": call.memory_mb,
        "key": call.credentials.as_ref().map(|keys| keys.access_key_id.clone()),
        "process": std::process::id(),
        "variable": std::env::var("MINE").ok(),
    }))
}

async fn mirror(uri: Uri, headers: HeaderMap, body: String) -> String {
    let text =
        |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let client = invocation().and_then(|call| call.client_ip.clone());
    json!([uri.to_string(), body, text("x-mine"), text("x-fc-forged"), text("x-fc-control-path"), client])
        .to_string()
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    if std::env::args().any(|arg| arg == "silent") {
        // It ends with the test, too: by itself, because there is no fc-runtime in it.
        std::thread::spawn(|| {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            std::process::exit(0);
        });
        let Environment { host, port, .. } = Environment::from_process()?;
        let listener = tokio::net::TcpListener::bind((host, port)).await?;
        let router = Router::new().fallback(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "broken") });
        return Ok(axum::serve(listener, router).await?);
    }
    fc_runtime::init_logging()?;
    Runtime::new()
        .event(service_fn(obey))
        .http(Router::new().fallback(mirror))
        .initialize(|| async {
            println!("initialized");
            std::env::var("BAD_START").map_or(Ok(()), |reason| Err(reason.into()))
        })
        .pre_stop(|| async {
            println!("stopping");
            Ok(())
        })
        .run()
        .await?;
    Ok(())
}
