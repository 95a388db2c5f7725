//! An emulated Alibaba Cloud over real HTTP: CS, RAM, IMS, STS, SLS and ActionTrail for one account.
//!
//! It is the check on the project's own client and is therefore written without it: request signatures, error
//! spellings, paging and times follow the official packages (each fact is tagged with its source where it is used).

pub mod trail;

pub use trail::Trail;
