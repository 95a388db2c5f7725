//! The emulated Tablestore, as a specification of what no official package can send or see: exact bytes, faults, files
//! and races. What they can is in `tests/conformance`.

mod bytes;
mod client;
mod faults;
mod files;
mod indexes;
mod message;
mod rows;
mod trust;
