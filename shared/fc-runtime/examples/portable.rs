//! One handler, two platforms: Function Compute and AWS Lambda.
//!
//! ```text
//! FC_FUNCTION_NAME=greet cargo run --example portable
//! curl -H 'x-fc-control-path: /invoke' -d '{"name":"Ada"}' http://127.0.0.1:9000/invoke
//! ```

use fc_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Greeting {
    name: String,
}

#[derive(Serialize)]
struct Reply {
    text: String,
    function: String,
    request_id: String,
}

async fn greet(event: LambdaEvent<Greeting>) -> Result<Reply, Error> {
    let (Greeting { name }, context) = event.into_parts();
    if name.is_empty() {
        return Err("nobody to greet".into());
    }
    Ok(Reply {
        text: format!("Hello, {name}"),
        function: context.env_config.function_name.clone(),
        request_id: context.request_id,
    })
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    fc_runtime::init_logging()?;
    // AWS Lambda sets this variable for every custom runtime, Function Compute never does.
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        lambda_runtime::run(service_fn(greet)).await
    } else {
        fc_runtime::run(service_fn(greet)).await
    }
}
