//! What the process environment says about the function.

use std::net::{IpAddr, Ipv4Addr};

use thiserror::Error;

use crate::Credentials;

const DEFAULT_PORT: u16 = 9000;

/// The function as the process environment describes it.
///
/// Variables: `FC_FUNCTION_NAME`, `FC_REGION`, `FC_ACCOUNT_ID`, `FC_INSTANCE_ID`, `FC_FUNCTION_MEMORY_SIZE` (MB),
/// `FC_CUSTOM_LISTEN_PORT` or `FC_SERVER_PORT` (default 9000), `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET`,
/// `ALIBABA_CLOUD_SECURITY_TOKEN` (public Function Compute runtimes; the platform's documentation on custom runtimes). Two names
/// are this crate's own: `FC_RUNTIME_LISTEN_HOST`, the address to listen on, and `FC_RUNTIME_END_WITH_STDIN`, for who starts
/// functions as processes of its own.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Name of the function. None means: not started by Function Compute.
    pub function_name: Option<String>,
    /// Region id, for example `cn-hangzhou`.
    pub region: Option<String>,
    /// Account id.
    pub account_id: Option<String>,
    /// Id of this instance of the function.
    pub instance_id: Option<String>,
    /// Memory of the function in MB.
    pub memory_mb: Option<u32>,
    /// Address to listen on: `0.0.0.0` inside Function Compute (127.0.0.1 is not reached there), loopback outside.
    pub host: IpAddr,
    /// Port to listen on.
    pub port: u16,
    /// Whether the end of standard input is a reason to stop: it comes when the process at the other end of the pipe is gone,
    /// however that ended. Not unless asked for: what standard input is inside Function Compute is the platform's business.
    pub end_with_stdin: bool,
    /// Credentials from the start of the process. They go stale; those of a request win.
    pub credentials: Option<Credentials>,
}

/// A variable of the environment cannot be used.
#[derive(Debug, Error)]
#[error("{key} must be {expected}, got {value:?}")]
pub struct EnvironmentError {
    key: &'static str,
    expected: &'static str,
    value: String,
}

impl Environment {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// A port, an address or a memory size that is none; the error names the variable.
    pub fn from_process() -> Result<Self, EnvironmentError> {
        Self::from_lookup(|key| std::env::var(key).ok())
    }

    /// Reads the variables through `lookup`, so that a test needs no process of its own.
    ///
    /// # Errors
    /// As [`Environment::from_process`].
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let text = |key: &str| lookup(key).filter(|value| !value.is_empty());
        let function_name = text("FC_FUNCTION_NAME");
        let default_host = if function_name.is_some() { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let port = match parse(&text, "FC_CUSTOM_LISTEN_PORT", "a port number")? {
            Some(port) => port,
            None => parse(&text, "FC_SERVER_PORT", "a port number")?.unwrap_or(DEFAULT_PORT),
        };
        Ok(Self {
            region: text("FC_REGION"),
            account_id: text("FC_ACCOUNT_ID"),
            instance_id: text("FC_INSTANCE_ID"),
            memory_mb: parse(&text, "FC_FUNCTION_MEMORY_SIZE", "a number of megabytes")?,
            host: parse(&text, "FC_RUNTIME_LISTEN_HOST", "an IP address")?.unwrap_or(default_host.into()),
            port,
            end_with_stdin: parse(&text, "FC_RUNTIME_END_WITH_STDIN", "true or false")?.unwrap_or(false),
            credentials: Credentials::from_parts(
                text("ALIBABA_CLOUD_ACCESS_KEY_ID"),
                text("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
                text("ALIBABA_CLOUD_SECURITY_TOKEN"),
            ),
            function_name,
        })
    }

    /// Whether Function Compute started this process, and so whether `x-fc-*` headers are the platform's word.
    pub fn is_function_compute(&self) -> bool {
        self.function_name.is_some()
    }
}

fn parse<T: std::str::FromStr>(
    text: &impl Fn(&str) -> Option<String>,
    key: &'static str,
    expected: &'static str,
) -> Result<Option<T>, EnvironmentError> {
    text(key).map(|value| value.parse().map_err(|_| EnvironmentError { key, expected, value })).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Result<Environment, EnvironmentError> {
        Environment::from_lookup(|key| {
            pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_empty_environment_is_outside_function_compute_and_stays_on_loopback() {
        let env = environment(&[]).unwrap();
        assert!(!env.is_function_compute());
        assert_eq!((env.host.to_string(), env.port), ("127.0.0.1".to_owned(), 9000));
        assert!(env.credentials.is_none());
    }

    #[test]
    fn the_custom_port_wins_over_the_server_port() {
        let both = [("FC_FUNCTION_NAME", "f"), ("FC_CUSTOM_LISTEN_PORT", "8080"), ("FC_SERVER_PORT", "8081")];
        let env = environment(&both).unwrap();
        assert_eq!((env.host.to_string(), env.port), ("0.0.0.0".to_owned(), 8080));
        assert_eq!(environment(&both[2..]).unwrap().port, 8081);
    }

    #[test]
    fn a_bad_value_is_named_with_its_key() {
        let error = environment(&[("FC_SERVER_PORT", "http")]).unwrap_err();
        assert_eq!(error.to_string(), r#"FC_SERVER_PORT must be a port number, got "http""#);
    }

    #[test]
    fn the_end_of_standard_input_means_nothing_unless_asked_for() {
        assert!(!environment(&[]).unwrap().end_with_stdin);
        assert!(environment(&[("FC_RUNTIME_END_WITH_STDIN", "true")]).unwrap().end_with_stdin);
        let error = environment(&[("FC_RUNTIME_END_WITH_STDIN", "yes")]).unwrap_err();
        assert_eq!(error.to_string(), r#"FC_RUNTIME_END_WITH_STDIN must be true or false, got "yes""#);
    }

    #[test]
    fn credentials_need_both_parts_and_never_show() {
        assert!(environment(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")]).unwrap().credentials.is_none());
        let env = environment(&[
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "STS.visible"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush"),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", "token"),
        ])
        .unwrap();
        let shown = format!("{env:?}");
        assert!(shown.contains("Credentials([redacted])"), "{shown}");
        assert!(["STS.visible", "hush", "token\""].iter().all(|secret| !shown.contains(secret)), "{shown}");
    }
}
