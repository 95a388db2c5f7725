//! The store on the emulated Tablestore, over real HTTP.

mod contract;
mod world;
