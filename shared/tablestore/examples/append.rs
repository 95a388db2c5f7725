//! Appends an event to a stream so that it is there once, whatever happens on the way.
//!
//! ```sh
//! TABLESTORE_ENDPOINT=http://127.0.0.1:8080 TABLESTORE_INSTANCE=audit cargo run --example append -- order-7 1
//! ```
//!
//! Needs a table `events` with the primary key (stream: string, seq: integer), which the example `tables` makes.

use tablestore_rs::credentials::EnvironmentCredentials;
use tablestore_rs::types::{Condition, PrimaryKey, Row, Value};
use tablestore_rs::{Client, Config};

type Error = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::builder()
        .endpoint_url(std::env::var("TABLESTORE_ENDPOINT")?)
        .instance_name(std::env::var("TABLESTORE_INSTANCE")?)
        .credentials_provider(EnvironmentCredentials)
        .build()?;
    let mut arguments = std::env::args().skip(1);
    let stream = arguments.next().ok_or("which stream?")?;
    let seq: i64 = arguments.next().ok_or("which number?")?.parse()?;
    let id = format!("{:032x}", rand::random::<u128>());
    match append(&Client::new(&config), &stream, seq, &id).await? {
        true => println!("{stream} {seq} is event {id}"),
        false => println!("{stream} {seq} is another event: read on and try the next number"),
    }
    Ok(())
}

/// Whether the event is there under its number. False: somebody else's is.
async fn append(client: &Client, stream: &str, seq: i64, id: &str) -> Result<bool, Error> {
    let key = PrimaryKey::new().column("stream", stream).column("seq", seq);
    let put = client
        .put_row()
        .table_name("events")
        .row(Row::new(key.clone()).column("id", id).column("data", "{}"))
        .condition(Condition::expect_not_exist())
        .send()
        .await;
    let Err(error) = put else { return Ok(true) };
    let taken = error.as_service_error().is_some_and(|error| error.is_condition_check_fail());
    if !taken && !error.may_have_been_applied() {
        return Err(error.into());
    }
    // Taken, perhaps by this very put whose answer was lost earlier: only the id in the row can tell.
    let row = client.get_row().table_name("events").primary_key(key).send().await?.into_row();
    match row {
        Some(row) => Ok(row.get("id").and_then(Value::as_string) == Some(id)),
        // Not there now; it may still arrive, so the caller has to repeat the same event under the same number.
        None => Err(error.into()),
    }
}
