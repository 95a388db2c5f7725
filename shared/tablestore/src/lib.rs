//! A client for Alibaba Cloud Tablestore (OTS) with the shape of aws-sdk-dynamodb: a [`Client`] made of a [`Config`],
//! a fluent builder for each operation, typed outputs, and an [`SdkError`] around a typed error of each operation.
//!
//! ```no_run
//! use tablestore_rs::credentials::EnvironmentCredentials;
//! use tablestore_rs::types::{Condition, PrimaryKey, Row};
//! use tablestore_rs::{Client, Config};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::builder()
//!     .region("cn-hangzhou")
//!     .instance_name("audit")
//!     .credentials_provider(EnvironmentCredentials)
//!     .build()?;
//! let client = Client::new(&config);
//!
//! let key = PrimaryKey::new().column("stream", "order-7").column("seq", 1);
//! let put = client
//!     .put_row()
//!     .table_name("events")
//!     .row(Row::new(key.clone()).column("type", "OrderPlaced").column("data", "{}"))
//!     .condition(Condition::expect_not_exist())
//!     .send()
//!     .await;
//! if let Err(error) = put {
//!     match error.as_service_error() {
//!         Some(refused) if refused.is_condition_check_fail() => println!("number 1 is taken"),
//!         _ if error.may_have_been_applied() => println!("read it to learn what became of it"),
//!         _ => return Err(error.into()),
//!     }
//! }
//!
//! let row = client.get_row().table_name("events").primary_key(key).send().await?.into_row();
//! println!("{row:?}");
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! - [`Client`] lists the operations, [`operation`] has a module for each, [`types`] what they are made of.
//! - [`error`] is what can go wrong, [`retry`] what is repeated, [`config`] what can be set.
//! - [`credentials`] is who calls; [`http`] is how the HTTP client is replaced.
//! - [`plainbuffer`], [`protobuf`] and [`signature`] are the wire: for tests and tools that speak it from the other side.
//!
//! # What it promises
//!
//! - A write is sent again only where it is known not to have been carried out; otherwise
//!   [`SdkError::may_have_been_applied`] says that it has to be read.
//! - An answer is believed only if its MD5, its signature and its date are right, and a row only if all its checksums
//!   are. An answer that is cut is an error, never a row with less in it.
//! - No length from the wire decides how much memory is taken, and no byte from outside leads to a panic.
//! - Secrets are in no `Debug`, no log and no error.

pub mod config;
pub mod credentials;
pub mod error;
pub mod http;
pub mod limits;
pub mod operation;
pub mod paginator;
pub mod plainbuffer;
pub mod protobuf;
pub mod retry;
pub mod signature;
pub mod types;

mod client;

pub use client::Client;
pub use config::{Config, ConfigError};
pub use error::SdkError;

/// The examples of the README are compiled with the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
