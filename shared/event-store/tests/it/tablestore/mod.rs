//! The store on the emulated Tablestore, over real HTTP.

mod contract;
mod damage;
mod faults;
mod outbox;
mod processes;
mod requests;
mod setup;
mod several;
pub(crate) mod world;
