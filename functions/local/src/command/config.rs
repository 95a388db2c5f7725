//! `reaper config`: what is set, and what can be.

use http_api::Tokens;
use revocation::config::KEYS;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{settings, terminal};

const AFTER: &str = "\
Secrets of chat systems, and the SHA-256 of tokens, are left out. Credentials of the cloud are no part of the \
configuration.

Examples:
  reaper config > reaper.toml                 a file to start from
  reaper --config reaper.toml config          check a file
  reaper config --keys                        all keys with default and meaning (Markdown)";

/// Options of `config`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Show every key with its meaning instead, as a Markdown table
    #[arg(long)]
    keys: bool,
}

/// Shows.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    if args.keys {
        terminal::print(&keys())?;
        return Ok(Exit::Done);
    }
    let mut config = settings::load(global).await?;
    // An entry of another form may be a token that was put there by mistake: it is not shown.
    Tokens::parse(&config.api.tokens)
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()).not_done("nothing was shown"))?;
    for token in &mut config.api.tokens {
        // `name:role:sha256`: the digest of a weak token could be guessed at.
        if let Some((entry, _)) = token.rsplit_once(':') {
            *token = format!("{entry}:[redacted]");
        }
    }
    let text = toml::to_string(&config)
        .map_err(|error| Failure::new(Exit::Failed, format!("the configuration cannot be shown: {error}")))?;
    terminal::print(&text)?;
    Ok(Exit::Done)
}

fn keys() -> String {
    let rows = KEYS.iter().map(|key| {
        let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
        format!("| `{}` | `{}` | {default} | {} |\n", key.path, key.variable(), key.meaning)
    });
    "| key | variable | default | meaning |\n|---|---|---|---|\n".to_owned() + &rows.collect::<String>()
}
