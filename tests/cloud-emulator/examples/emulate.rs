//! The emulated cloud alone: prints its description as one line of JSON and stays until its input ends or Ctrl-C.
//!
//! `emulate [TABLESTORE-FILE]` keeps the tables of Tablestore in a file.

use cloud_emulator::{Emulator, Options, Scenario, TablestoreOptions};
use tokio::io::AsyncReadExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os().nth(1).map(Into::into);
    let tablestore = TablestoreOptions { file, ..TablestoreOptions::default() };
    let options = Options { tablestore, ..Options::default() };
    let emulator = Emulator::start(Scenario::believable(), options).await?;
    println!("{}", emulator.describe());
    let mut input = Vec::new();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        // Whoever started it holds the other end: it does not outlive them.
        read = async { tokio::io::stdin().read_to_end(&mut input).await } => { read?; }
    }
    Ok(())
}
