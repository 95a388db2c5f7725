//! What a command that failed says: what happened, what was not done, what to do next.

use std::io;

use event_store::{AppendError, StoreError};
use kubeconfig::access::Denied;
use revocation::ConnectError;
use revocation::config::ConfigError;

use crate::exit::Exit;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    what: String,
    not_done: Option<String>,
    next: Option<String>,
}

impl Failure {
    /// What happened.
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), not_done: None, next: None }
    }

    /// What was not done because of it.
    #[must_use]
    pub(crate) fn not_done(self, not_done: impl Into<String>) -> Self {
        Self { not_done: Some(not_done.into()), ..self }
    }

    /// What to do next.
    #[must_use]
    pub(crate) fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    /// Says it on stderr. A stderr that nobody reads is no reason to fail harder.
    pub(crate) fn tell(&self) {
        let _ = self.write(&mut io::stderr().lock());
    }

    fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(out, "error: {}", self.what)?;
        if let Some(not_done) = &self.not_done {
            writeln!(out, "not done: {not_done}")?;
        }
        if let Some(next) = &self.next {
            writeln!(out, "next: {next}")?;
        }
        Ok(())
    }
}

/// An error with everything that led to it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Exit::Usage, chain(&error))
            .not_done("nothing was started")
            .next("`reaper config --keys` lists every key with its meaning")
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Config(error) => error.into(),
            ConnectError::Store(error) => error.into(),
            ConnectError::Cloud(_) => Self::new(Exit::Usage, chain(&error)).not_done("nothing was called"),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = Self::new(Exit::Failed, chain(&error));
        match error {
            StoreError::Missing(_) => failure
                .not_done("there was nothing to read")
                .next("name the file with --store, or make it with `reaper store init`"),
            StoreError::NotSetUp(_) => failure.not_done("nothing was read or stored"),
            StoreError::Denied(_) => failure.next(
                "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and check what they are allowed to do",
            ),
            StoreError::NotAStore { .. } => {
                failure.not_done("the file was left as it is").next("name the event store with --store")
            }
            StoreError::Busy => failure.next("try again; another process keeps the store locked"),
            StoreError::Damaged(_) => failure.next(
                "`reaper verify` names the first commit that was changed, `reaper store check` what the store lacks; \
                 docs/backup.md says how it is brought back",
            ),
            StoreError::Full | StoreError::Io(_) | StoreError::Backend(_) => {
                failure.next("try again; what was stored before stands")
            }
            _ => failure,
        }
    }
}

impl From<revocation::Error> for Failure {
    fn from(error: revocation::Error) -> Self {
        match error {
            revocation::Error::Store(error) | revocation::Error::Append(AppendError::Store(error)) => {
                error.into()
            }
            error => of_use_case(&error),
        }
    }
}

fn of_use_case(error: &revocation::Error) -> Failure {
    use revocation::Error;
    let failure = |exit| Failure::new(exit, chain(error));
    match error {
        Error::NoSuchRevocation(_) | Error::NoSuchIntake(_) | Error::Denied(Denied::NoSuchRevocation(_)) => {
            failure(Exit::NotFound)
                .not_done("nothing was changed")
                .next("`reaper status --held` lists what waits for a person")
        }
        Error::NoSuchEvent(_) => {
            failure(Exit::NotFound).not_done("nothing was read").next("`reaper history -o name` lists events")
        }
        Error::Unresolved(unresolved) => {
            let exit = if unresolved.meant == 0 { Exit::NotFound } else { Exit::Usage };
            failure(exit).not_done("nothing was read").next("`reaper status` lists all that are known")
        }
        Error::Denied(_) | Error::IntakeNotHeld(_) | Error::Invalid(_) => {
            failure(Exit::Refused).not_done("nothing was changed")
        }
        Error::Cloud(cloud) => of_cloud(cloud, failure(Exit::Failed)),
        Error::OutOfTime => failure(Exit::Unknown).next("the next sweep goes on from here"),
        _ if error.is_transient() => failure(Exit::Failed).next("try again; what was stored before stands"),
        _ => failure(Exit::Failed),
    }
}

fn of_cloud(error: &alibaba_cloud::Error, failure: Failure) -> Failure {
    use alibaba_cloud::ErrorKind;
    match error.kind() {
        ErrorKind::Credentials => failure.not_done("the cloud was not called").next(
            "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or configure the `aliyun` command line",
        ),
        ErrorKind::Refused => failure.next("check what the credentials are allowed to do"),
        _ => failure.next("try again; what was stored before stands, and the next sweep goes on from there"),
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Failed, chain(&error))
    }
}
