//! Who sits at the command line.

use kubeconfig::{Actor, Channel};
use nix::unistd::{Uid, User};
use revocation::Cause;

/// The person, by the name that the operating system knows: `USER` can be set to anything, and whoever asked for a
/// revocation may not approve it under another name.
pub(crate) fn actor() -> Actor {
    Actor { channel: Channel::Cli, principal: None, human: Some(name(Uid::current())) }
}

/// The beginning of what this person asks for.
pub(crate) fn cause() -> Cause {
    Cause::new(actor())
}

/// The beginning of a sweep that this person starts. What it asks for, rules ask for: the channel is the timer's, and
/// the person may decide on what is held.
pub(crate) fn cause_of_sweep() -> Cause {
    Cause::new(Actor { channel: Channel::Timer, principal: Some("reaper sweep".to_owned()), ..actor() })
}

fn name(uid: Uid) -> String {
    // Root can become anybody; whom `sudo` names is the person behind it.
    let behind = std::env::var("SUDO_USER").ok().filter(|name| uid.is_root() && !name.is_empty());
    let known = || User::from_uid(uid).ok().flatten().map(|user| user.name);
    behind.or_else(known).unwrap_or_else(|| format!("uid {uid}"))
}
