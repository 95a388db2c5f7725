//! Starts the function on Function Compute.

use fc_runtime::{Error, init_logging};
use revocation::Config;

#[tokio::main]
async fn main() -> Result<(), Error> {
    init_logging()?;
    identity_deleted::function(Config::load(std::env::vars()).await?)?.run().await?;
    Ok(())
}
