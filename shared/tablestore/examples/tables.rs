//! Makes the table `events` of the other examples with an index by type, and shows what the instance has.
//!
//! ```sh
//! TABLESTORE_ENDPOINT=http://127.0.0.1:8080 TABLESTORE_INSTANCE=audit cargo run --example tables
//! ```

use tablestore_rs::credentials::EnvironmentCredentials;
use tablestore_rs::types::{DefinedColumn, DefinedColumnType, IndexMeta, KeySchema, KeyType};
use tablestore_rs::{Client, Config};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::builder()
        .endpoint_url(std::env::var("TABLESTORE_ENDPOINT")?)
        .instance_name(std::env::var("TABLESTORE_INSTANCE")?)
        .credentials_provider(EnvironmentCredentials)
        .build()?;
    let client = Client::new(&config);
    let create = client
        .create_table()
        .table_name("events")
        .key_schema(KeySchema::new("stream", KeyType::String))
        .key_schema(KeySchema::new("seq", KeyType::Integer))
        .defined_column(DefinedColumn::new("type", DefinedColumnType::String))
        .index(IndexMeta::global("events_by_type", ["type", "stream", "seq"]));
    if let Err(error) = create.send().await {
        // Also what a repeated call gets when the first one's answer was lost.
        let there = error.as_service_error().is_some_and(|error| error.is_object_already_exist());
        if !there {
            return Err(error.into());
        }
    }
    for name in client.list_tables().send().await?.table_names() {
        let table = client.describe_table().table_name(name).send().await?;
        println!("{name}: key {:?}, indexes {:?}", table.key_schema(), table.indexes());
    }
    Ok(())
}
