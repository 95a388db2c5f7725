//! Specifications of the deployment: the description, everything made from it, and what the program really does.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod cost;
mod described;
mod emulated;
mod enforced;
mod packages;
mod policies;
mod runbooks;
mod serverless;
mod store;
mod terraform;

use packaging::description::Description;

fn description() -> Description {
    Description::read(&packaging::workspace()).unwrap()
}
