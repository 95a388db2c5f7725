//! What a function is.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Gives credentials for the role of the function of that name.
pub type RoleSource = Arc<dyn Fn(&str) -> RoleKey + Send + Sync>;

/// Temporary credentials of a function's role. `Debug` shows none of the parts.
#[derive(Clone)]
pub struct RoleKey {
    /// `STS.…`
    pub access_key_id: String,
    /// AccessKey secret.
    pub secret: String,
    /// STS security token.
    pub token: String,
}

impl fmt::Debug for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoleKey(..)")
    }
}

/// A function: how it is started and what it is given. The defaults are those of Function Compute where it has them.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// Name of the function.
    pub name: String,
    /// Program to start (`customRuntimeConfig.command`).
    pub command: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables of the user. Of the environment of this process the child gets only `PATH`.
    pub env: Vec<(String, String)>,
    /// Time for one call; 60 s.
    pub timeout: Duration,
    /// Memory in MB; 512. Told to the function, not enforced.
    pub memory_mb: u32,
    /// Whether `/initialize` is called at the start.
    pub initializer: bool,
    /// Whether `/pre-stop` is called before the end.
    pub pre_stop: bool,
    /// Whether each call names the span that it belongs to; off, as it is in Function Compute unless tracing is switched on.
    pub tracing: bool,
    /// How often a failed asynchronous call is repeated: 0 to 8, default 3.
    pub max_async_retry_attempts: u32,
}

impl FunctionSpec {
    /// A function with defaults.
    pub fn new(name: impl Into<String>, command: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            command: command.into(),
            args: Vec::new(),
            env: Vec::new(),
            timeout: Duration::from_secs(60),
            memory_mb: 512,
            initializer: false,
            pre_stop: false,
            tracing: false,
            max_async_retry_attempts: 3,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds a variable.
    #[must_use]
    pub fn env(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }
}
