//! The configuration in effect, and the parts that it names.

use revocation::config::StoreKind;
use revocation::{Config, History, Reaper};

use crate::cli::{Global, StoreChoice};
use crate::exit::Exit;
use crate::failure::Failure;

/// Reads the configuration: file or object, then variables, then the options of the command line.
///
/// # Errors
/// Names the file, key or variable that is wrong.
pub(crate) async fn load(global: &Global) -> Result<Config, Failure> {
    let mut variables = variables()?;
    if let Some(file) = &global.config {
        let file = file.to_str().ok_or_else(|| {
            Failure::new(Exit::Usage, "the name of the configuration file is not UTF-8")
                .not_done("nothing was started")
        })?;
        variables.push(("REAPER_CONFIG".to_owned(), file.to_owned()));
    }
    let mut config = Config::load(variables).await?;
    match &global.store {
        Some(StoreChoice::Kind(kind)) => config.store.kind = *kind,
        Some(StoreChoice::File(path)) => {
            config.store.kind = StoreKind::Sqlite;
            config.store.path.clone_from(path);
        }
        None => {}
    }
    Ok(config)
}

/// Variables of ours. Those of others may hold anything and are not looked at.
fn variables() -> Result<Vec<(String, String)>, Failure> {
    let ours = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    ours.filter(|(name, _)| name.starts_with("REAPER_") && name != "REAPER_CONFIG")
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(Failure::new(Exit::Usage, format!("the value of {name} is not UTF-8"))
                .not_done("nothing was started")),
        })
        .collect()
}

/// The use cases, for commands that may write.
///
/// # Errors
/// The configuration, or what it names, cannot be used.
pub(crate) async fn reaper(global: &Global) -> Result<Reaper, Failure> {
    Ok(revocation::connect(load(global).await?)?)
}

/// The read side, for commands that only read.
///
/// # Errors
/// The configuration, or what it names, cannot be used.
pub(crate) async fn history(global: &Global) -> Result<History, Failure> {
    Ok(revocation::connect_read_only(&load(global).await?)?)
}
