//! `reaper token`: a token for the HTTP interface.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::ValueEnum;
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

const AFTER: &str = "\
The token is shown once and kept nowhere. The configuration gets its SHA-256 only.

Roles: a viewer reads; an operator reads and asks for revocations; an approver also approves and rejects.

Examples:
  reaper token chatops operator
  export REAPER_API_TOKENS=chatops:operator:…    the entry it prints; several are separated by commas
  curl -H 'Authorization: Bearer …' http://127.0.0.1:8080/…";

/// Options of `token`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Who will use it: this name stands in the history
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// What it may do
    #[arg(value_name = "ROLE", value_enum)]
    role: Role,
}

/// A role of the HTTP interface.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    /// Reads
    Viewer,
    /// Reads and asks for revocations
    Operator,
    /// Reads, asks, approves and rejects
    Approver,
}

/// An entry is `name:role:sha256`, and entries are separated by commas.
fn name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    match text {
        "" => Err("it is empty".to_owned()),
        _ if text.len() <= 64 && text.chars().all(fits) => Ok(text.to_owned()),
        _ => Err("expected at most 64 letters, digits, `-`, `_`, `.` or `@`".to_owned()),
    }
}

/// Makes one.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let digest = hex::encode(Sha256::digest(token.as_bytes()));
    let role = args.role.to_possible_value().map(|role| role.get_name().to_owned()).unwrap_or_default();
    terminal::print(&format!("token: {token}\nentry: {}:{role}:{digest}\n", args.name))?;
    terminal::say("keep the token now, it is shown once; put the entry into api.tokens or REAPER_API_TOKENS");
    Ok(Exit::Done)
}
