//! Prints a stream from its newest event to its oldest, page by page.
//!
//! ```sh
//! TABLESTORE_ENDPOINT=http://127.0.0.1:8080 TABLESTORE_INSTANCE=audit cargo run --example range -- order-7
//! ```

use tablestore_rs::credentials::EnvironmentCredentials;
use tablestore_rs::types::{Direction, KeyValue, PrimaryKey};
use tablestore_rs::{Client, Config};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::builder()
        .endpoint_url(std::env::var("TABLESTORE_ENDPOINT")?)
        .instance_name(std::env::var("TABLESTORE_INSTANCE")?)
        .credentials_provider(EnvironmentCredentials)
        .build()?;
    let stream = std::env::args().nth(1).ok_or("which stream?")?;
    let end = |value: KeyValue| PrimaryKey::new().column("stream", stream.as_str()).column("seq", value);
    let mut rows = Client::new(&config)
        .get_range()
        .table_name("events")
        .direction(Direction::Backward)
        .inclusive_start_primary_key(end(KeyValue::InfMax))
        .exclusive_end_primary_key(end(KeyValue::InfMin))
        .into_paginator()
        .page_size(100)
        .items()
        .send();
    while let Some(row) = rows.try_next().await? {
        println!("{:?} {:?}", row.primary_key().get("seq"), row.get("id"));
    }
    Ok(())
}
