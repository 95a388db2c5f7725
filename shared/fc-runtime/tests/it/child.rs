//! An example of this package as a process of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

pub(crate) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stderr: Lines<BufReader<ChildStderr>>,
    stdout: ChildStdout,
}

/// The path of an example, which `cargo test` builds beside this test.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let target = test.ancestors().nth(2).expect("target/<profile>");
    let path = target.join("examples").join(name);
    assert!(path.exists(), "{} is missing: cargo build -p fc-runtime --examples", path.display());
    path
}

impl Process {
    /// Starts an example with this environment and no other.
    pub(crate) fn start(name: &str, environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(example(name))
            .env_clear()
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the example starts");
        let stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
        let stdout = child.stdout.take().expect("piped");
        Self { stdin: child.stdin.take(), child, stderr, stdout }
    }

    /// Starts an example as a function of Function Compute and waits until it listens.
    pub(crate) async fn function(name: &str, more: &[(&str, &str)]) -> (Self, SocketAddr) {
        let mut environment = vec![
            ("FC_FUNCTION_NAME", "probe"),
            ("FC_CUSTOM_LISTEN_PORT", "0"),
            ("FC_RUNTIME_LISTEN_HOST", "127.0.0.1"),
        ];
        environment.extend_from_slice(more);
        let mut process = Self::start(name, &environment);
        let listening = process.line_with("listening").await;
        let address = listening["address"].as_str().expect("an address").parse().expect("an address");
        (process, address)
    }

    /// The next log line with this message.
    pub(crate) async fn line_with(&mut self, message: &str) -> Value {
        while let Some(line) = self.stderr.next_line().await.expect("stderr") {
            let line: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e} in {line}"));
            if line["message"] == message {
                return line;
            }
        }
        panic!("the process ended without the line {message:?}");
    }

    /// Lets go of the process's standard input, as the system does for a process that is gone.
    pub(crate) fn let_go(&mut self) {
        assert!(self.stdin.take().is_some(), "once");
    }

    /// Asks the process to end, as the platform does.
    pub(crate) async fn terminate(&self) {
        let id = self.child.id().expect("it runs").to_string();
        let killed = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill runs");
        assert!(killed.success());
    }

    /// Waits for the end. Gives the rest of stdout and stderr.
    pub(crate) async fn end(mut self) -> (ExitStatus, String, String) {
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).await.expect("stdout");
        let mut stderr = String::new();
        while let Some(line) = self.stderr.next_line().await.expect("stderr") {
            stderr.push_str(&line);
            stderr.push('\n');
        }
        (self.child.wait().await.expect("it ends"), stdout, stderr)
    }
}
