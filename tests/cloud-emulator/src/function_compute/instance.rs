//! The process of a function: started when needed, with the environment of Function Compute, on a free port.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures::future::join_all;
use http::StatusCode;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::call::{ControlPath, InvokeError, Request};
use super::output::{Output, Stream};
use super::{FunctionSpec, Settings};

/// A custom runtime must accept connections within this time (documentation page functioncompute/fc/principles-1).
const READY_MAX: Duration = Duration::from_secs(120);
/// Pause between two attempts to connect to a starting process.
const CONNECT_PAUSE: Duration = Duration::from_millis(5);
/// Longest run of a pre-stop hook (Function Compute limits).
const PRE_STOP_MAX: Duration = Duration::from_secs(90);
/// How long the output of an ended process is waited for.
const LAST_LINES_MAX: Duration = Duration::from_secs(1);
/// A free port may be taken between finding it and using it.
const PORTS_TRIED: u32 = 3;

/// Why a function's process did not start. `tail` is the end of its output.
#[derive(Debug, Error)]
pub enum StartError {
    /// The program cannot be run.
    #[error("{command} cannot be run")]
    Spawn {
        /// The program.
        command: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It ended before it accepted a connection.
    #[error("the process ended ({status}) before it accepted a connection:\n{tail}")]
    Ended {
        /// How it ended.
        status: String,
        /// The end of its output.
        tail: String,
    },
    /// It accepted no connection within 120 s.
    #[error("the process accepted no connection within 120 s:\n{tail}")]
    NotReady {
        /// The end of its output.
        tail: String,
    },
    /// `/initialize` failed.
    #[error("the initializer failed: {reason}\n{tail}")]
    Initializer {
        /// What it answered.
        reason: String,
        /// The end of its output.
        tail: String,
    },
}

pub(crate) struct Function {
    spec: FunctionSpec,
    instance: Mutex<Option<Instance>>,
    output: Output,
}

struct Instance {
    child: Child,
    address: SocketAddr,
    readers: Vec<JoinHandle<()>>,
    /// The process ends when nobody holds the other end of its standard input any more, and so also when this process is
    /// killed and can end nothing.
    _lifeline: Option<ChildStdin>,
}

impl Instance {
    /// SIGKILL, then waits for the end and for the last lines of output.
    async fn kill(mut self) -> bool {
        let killed = self.child.kill().await.is_ok();
        finish(self.readers).await;
        killed
    }
}

/// Waits until the output is read to its end, but not long: a process of the function's own may keep the pipe open.
async fn finish(readers: Vec<JoinHandle<()>>) {
    let _ = timeout(LAST_LINES_MAX, join_all(readers)).await;
}

impl Function {
    pub(crate) fn new(spec: FunctionSpec) -> Self {
        Self { spec, instance: Mutex::new(None), output: Output::new() }
    }

    pub(crate) fn spec(&self) -> &FunctionSpec {
        &self.spec
    }

    pub(crate) fn output(&self) -> &Output {
        &self.output
    }

    /// Where the running process listens; starts one if none runs.
    pub(crate) async fn address(&self, settings: &Settings) -> Result<SocketAddr, InvokeError> {
        let mut slot = self.instance.lock().await;
        if let Some(instance) = slot.as_mut()
            && matches!(instance.child.try_wait(), Ok(None))
        {
            return Ok(instance.address);
        }
        *slot = None;
        let instance = self.start(settings).await?;
        Ok(slot.insert(instance).address)
    }

    /// SIGKILL. False: nothing was running.
    pub(crate) async fn kill(&self) -> bool {
        match self.instance.lock().await.take() {
            Some(instance) => instance.kill().await,
            None => false,
        }
    }

    /// Ends the process that listens at `address`, if it is still the current one.
    pub(crate) async fn kill_at(&self, address: SocketAddr) {
        let mut slot = self.instance.lock().await;
        if slot.as_ref().is_some_and(|instance| instance.address == address)
            && let Some(instance) = slot.take()
        {
            instance.kill().await;
        }
    }

    pub(crate) async fn stop(&self, settings: &Settings) {
        let address = self.instance.lock().await.as_ref().map(|instance| instance.address);
        if let (true, Some(address)) = (self.spec.pre_stop, address) {
            let request = Request::lifecycle(settings, &self.spec, ControlPath::PreStop);
            // The hook has its chance; whatever it answers, the process ends.
            let _ = timeout(PRE_STOP_MAX, request.send(address)).await;
        }
        self.kill().await;
    }

    async fn start(&self, settings: &Settings) -> Result<Instance, StartError> {
        let mut tried = 1;
        let instance = loop {
            match self.launch(settings).await {
                Err(StartError::Ended { .. }) if tried < PORTS_TRIED => tried += 1,
                other => break other?,
            }
        };
        if self.spec.initializer {
            self.initialize(settings, instance.address).await?;
        }
        Ok(instance)
    }

    async fn launch(&self, settings: &Settings) -> Result<Instance, StartError> {
        let spawn = |source| StartError::Spawn { command: self.spec.command.display().to_string(), source };
        let address = free_address().await.map_err(spawn)?;
        let mut child = self.command(settings, address).spawn().map_err(spawn)?;
        let lifeline = child.stdin.take();
        let stdout = child.stdout.take().map(|pipe| self.output.capture(Stream::Stdout, pipe));
        let stderr = child.stderr.take().map(|pipe| self.output.capture(Stream::Stderr, pipe));
        let readers = stdout.into_iter().chain(stderr).collect();
        let ended = tokio::select! {
            ended = child.wait() => Some(ended),
            ready = timeout(READY_MAX, accepting(address)) => match ready {
                Ok(()) => return Ok(Instance { child, address, readers, _lifeline: lifeline }),
                Err(_) => None,
            },
        };
        let _ = child.kill().await;
        finish(readers).await;
        let tail = self.output.tail();
        Err(match ended {
            None => StartError::NotReady { tail },
            Some(Ok(status)) => StartError::Ended { status: status.to_string(), tail },
            Some(Err(error)) => StartError::Ended { status: error.to_string(), tail },
        })
    }

    /// The environment is that of a custom runtime (see the interface facts: public runtimes and the local runner), and two
    /// variables of this project's runtime, so that an emulated function is not reachable from other machines and does not
    /// outlive this process.
    fn command(&self, settings: &Settings, address: SocketAddr) -> Command {
        let port = address.port().to_string();
        let mut command = Command::new(&self.spec.command);
        command
            .args(&self.spec.args)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("FC_FUNCTION_NAME", &self.spec.name)
            .env("FC_REGION", &settings.region)
            .env("FC_ACCOUNT_ID", &settings.account_id)
            .env("FC_INSTANCE_ID", format!("c-{}", Uuid::new_v4()))
            .env("FC_FUNCTION_HANDLER", "bootstrap")
            .env("FC_FUNCTION_MEMORY_SIZE", self.spec.memory_mb.to_string())
            .env("FC_CUSTOM_LISTEN_PORT", &port)
            .env("FC_SERVER_PORT", &port)
            .env("FC_RUNTIME_LISTEN_HOST", address.ip().to_string())
            .env("FC_RUNTIME_END_WITH_STDIN", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(role) = &settings.role {
            let key = role(&self.spec.name);
            command
                .env("ALIBABA_CLOUD_ACCESS_KEY_ID", key.access_key_id)
                .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", key.secret)
                .env("ALIBABA_CLOUD_SECURITY_TOKEN", key.token);
        }
        command.envs(self.spec.env.iter().map(|(key, value)| (key, value)));
        command
    }

    async fn initialize(&self, settings: &Settings, address: SocketAddr) -> Result<(), StartError> {
        let failed = |reason: String| StartError::Initializer { reason, tail: self.output.tail() };
        let request = Request::lifecycle(settings, &self.spec, ControlPath::Initialize);
        match timeout(self.spec.timeout, request.send(address)).await {
            Ok(Ok(answer)) if answer.succeeded() && answer.status == StatusCode::OK => Ok(()),
            Ok(Ok(answer)) => Err(failed(String::from_utf8_lossy(&answer.body).into_owned())),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => Err(failed("it took too long".to_owned())),
        }
    }
}

/// A free port of a loopback address that is nobody else's. On an address that several share, another process could take
/// the port before ours does, and be taken for ours.
async fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((own_address(), 0)).await?.local_addr()
}

/// Linux has all of 127.0.0.0/8 on its loopback device; other systems have the first address only.
fn own_address() -> Ipv4Addr {
    static STARTED: AtomicU8 = AtomicU8::new(0);
    if !cfg!(target_os = "linux") {
        return Ipv4Addr::LOCALHOST;
    }
    let [.., high, low] = std::process::id().to_be_bytes();
    let nth = STARTED.fetch_add(1, Ordering::Relaxed);
    // Neither the first address nor the broadcast address.
    Ipv4Addr::new(127, high, low, nth.clamp(2, 254))
}

/// Done when somebody accepts connections there.
async fn accepting(address: SocketAddr) {
    loop {
        // The system may pick the very port we connect to as the source: then we have reached ourselves and nobody listens.
        if let Ok(stream) = TcpStream::connect(address).await
            && stream.local_addr().is_ok_and(|local| local != address)
        {
            return;
        }
        sleep(CONNECT_PAUSE).await;
    }
}
