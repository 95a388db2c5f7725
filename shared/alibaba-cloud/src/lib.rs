//! Alibaba Cloud client for what this project needs: clusters and their kubeconfigs (CS), users and roles (RAM, IMS),
//! the caller (STS), audit logs (SLS), the record of calls (ActionTrail) and single objects (OSS).
//!
//! Every call goes one way: it waits for its turn under a rate limit, is signed anew for each attempt, bounded in time
//! and size, and repeated only where that can do no harm. See [`Client`], [`Error`] and the services:
//! [`cs::Cs`], [`ram::Ram`], [`ims::Ims`], [`sts::Sts`], [`sls::Sls`], [`actiontrail::ActionTrail`],
//! [`oss::Oss`].
//!
//! Beside the calls: [`certificate`] reads client certificates, [`kubeconfig_file`] reads kubeconfig files. Neither
//! keeps a private key or a token.

pub mod actiontrail;
pub mod certificate;
mod client;
pub mod config;
pub mod credentials;
pub mod cs;
pub mod endpoint;
pub mod error;
pub mod fragments;
pub mod ims;
pub mod kubeconfig_file;
mod limiter;
pub mod listing;
pub mod operation;
pub mod oss;
pub mod oss_signature;
pub mod ram;
pub mod signature;
pub mod signature_v4;
pub mod sls;
pub mod sls_signature;
pub mod sts;
mod transport;
mod wire;

pub use client::{Client, http_builder};
pub use config::{Config, ConfigError, Rate, Retry};
pub use credentials::{Credentials, CredentialsError, ProvideCredentials};
pub use endpoint::{BaseUrl, Endpoints};
pub use error::{Error, ErrorKind};
pub use listing::{Entry, InvalidEntry, Listing};
pub use operation::{Operation, Service};
pub use oss::{ObjectAddress, ObjectAddressError};
