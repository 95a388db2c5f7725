//! The story of one deleted user, told on an emulated cloud.

mod slack;
mod stage;
pub(crate) mod story;

pub(crate) use stage::Stage;
