//! An emulated Alibaba Cloud over real HTTP: CS, RAM, IMS, STS, SLS, ActionTrail, OSS and Tablestore for one
//! account.
//!
//! It is the check on the project's own client and is therefore written without it: request signatures, error
//! spellings, paging and times follow the official packages (each fact is tagged with its source where it is used).
//! Where the real cloud's behaviour is unconfirmed there is a [`Knobs`] field, and invented error codes are marked as
//! such in one table.
//!
//! ```no_run
//! # async fn example() -> Result<(), cloud_emulator::StartError> {
//! use cloud_emulator::{Emulator, Options, Scenario, Service};
//!
//! let emulator = Emulator::start(Scenario::believable(), Options::default()).await?;
//! println!("{}", emulator.describe());
//! let cs = emulator.endpoints().address(Service::Cs); // what an official package takes as its endpoint
//! # let _ = cs;
//! # Ok(())
//! # }
//! ```
//!
//! RAM policies are enforced for users and roles that are held to some ([`Account::hold_to_policies`]); others may call
//! everything. The call log has the RAM action of every call.
//!
//! What is not emulated: conditions in policies, trust policies, XML answers but those of OSS, TLS, and `group by` and `order by` in log
//! queries.

pub mod account;
mod audit;
mod calls;
mod certificate;
pub mod deployment;
mod describe;
mod emulator;
pub mod event_bridge;
pub mod function_compute;
mod hold;
mod knobs;
mod moment;
pub mod policy;
mod record;
pub mod scenario;
mod service;
mod signature;
pub mod tablestore;
pub mod trail;

pub use account::Account;
pub use calls::Call;
pub use emulator::{Emulator, Endpoints, Options, StartError};
pub use hold::{HeldCall, HoldPoint};
pub use knobs::{Failure, Faults, Knobs, Outcome};
pub use scenario::Scenario;
pub use service::{ApiError, Service};
pub use tablestore::{TablestoreKnobs, TablestoreOptions};
pub use trail::Trail;
