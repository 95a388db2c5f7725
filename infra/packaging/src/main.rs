//! `packaging`: builds the packages, and writes the files that are made from `infra/deployment.toml`.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use packaging::package::{Budget, Target, Variant, build, table};
use packaging::{generated, workspace};

/// From the sources to what is deployed.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build every function and pack it: one zip each, a bill of materials, checksums
    Build {
        /// Where to
        #[arg(long, value_name = "DIRECTORY", default_value = "dist")]
        out: PathBuf,
        /// For the C library of this machine instead of static: for tests here, not for the cloud
        #[arg(long)]
        gnu: bool,
        /// With traces and metrics over OTLP
        #[arg(long)]
        otlp: bool,
    },
    /// Write the files that are made from infra/deployment.toml
    Generate,
    /// Say which of these files are not up to date
    Check,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    let mut told = std::io::stdout().lock();
    match command {
        Command::Build { out, gnu, otlp } => {
            let target = if gnu { Target::Gnu } else { Target::Musl };
            let sizes = build(&workspace(), &out, Variant { target, otlp })?;
            writeln!(told, "{}", table(&sizes, Budget::FUNCTION))?;
            if sizes.iter().any(|size| !Budget::FUNCTION.holds(size)) {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Generate => {
            for path in generated::write(&workspace())? {
                writeln!(told, "{}", path.display())?;
            }
        }
        Command::Check => {
            let stale = generated::stale(&workspace())?;
            for file in &stale {
                writeln!(told, "{} is not up to date", file.path.display())?;
            }
            if !stale.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
