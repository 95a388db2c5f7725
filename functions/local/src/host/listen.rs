//! Opening the door, but not to everybody.

use std::net::SocketAddr;

use revocation::config::ApiConfig;
use tokio::net::{TcpListener, lookup_host};

use crate::exit::Exit;
use crate::failure::Failure;

/// Listens.
///
/// # Errors
/// The address is none, is in use, or is reached from other machines while nobody could be told from anybody.
pub(super) async fn open(api: &ApiConfig, without_tokens: bool) -> Result<TcpListener, Failure> {
    let failure = |exit, what: String| Failure::new(exit, what).not_done("nothing was started");
    let addresses = lookup_host(&api.listen).await;
    let addresses: Vec<SocketAddr> = addresses
        .map_err(|error| {
            failure(Exit::Usage, format!("api.listen: `{}` is no address: {error}", api.listen))
        })?
        .collect();
    if without_tokens && addresses.iter().any(|address| !address.ip().is_loopback()) {
        let what = format!("{} is reached from other machines, and api.tokens is empty", api.listen);
        return Err(failure(Exit::Usage, what)
            .next("make a token with `reaper token NAME ROLE` and put its entry into api.tokens, or listen on 127.0.0.1"));
    }
    TcpListener::bind(&*addresses)
        .await
        .map_err(|error| failure(Exit::Failed, format!("cannot listen on {}: {error}", api.listen)))
}
