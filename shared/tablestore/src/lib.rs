//! A client for Alibaba Cloud Tablestore (OTS) with the shape of aws-sdk-dynamodb.

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
