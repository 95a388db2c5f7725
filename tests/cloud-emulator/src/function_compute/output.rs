//! What the processes of a function wrote.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::lock;

const LINES_MAX: usize = 10_000;

/// Where a line was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line of a function's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputLine {
    /// Where it was written to.
    pub stream: Stream,
    /// The line without its end.
    pub text: String,
}

/// The output of all processes that a function had. A clone shows the same.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    lines: Arc<Mutex<VecDeque<OutputLine>>>,
    /// How many lines there were ever.
    written: watch::Sender<usize>,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { lines: Arc::default(), written: watch::Sender::new(0) }
    }

    /// Takes lines from a pipe until its end, in a task of its own.
    pub(crate) fn capture(
        &self,
        stream: Stream,
        pipe: impl AsyncRead + Unpin + Send + 'static,
    ) -> JoinHandle<()> {
        let output = self.clone();
        tokio::spawn(async move {
            let mut reader = BufReader::new(pipe);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
                output.push(stream, String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned());
                line.clear();
            }
        })
    }

    fn push(&self, stream: Stream, text: String) {
        let mut lines = lock(&self.lines);
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(OutputLine { stream, text });
        self.written.send_modify(|written| *written += 1);
    }

    pub(crate) fn lines(&self) -> Vec<OutputLine> {
        lock(&self.lines).iter().cloned().collect()
    }

    /// The last lines as text, for an error message.
    pub(crate) fn tail(&self) -> String {
        let lines = lock(&self.lines);
        let from = lines.len().saturating_sub(20);
        lines.range(from..).map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The first line for which `wanted` holds. Waits for it.
    pub(crate) async fn wait_for(&self, mut wanted: impl FnMut(&OutputLine) -> bool) -> OutputLine {
        let mut written = self.written.subscribe();
        let mut seen = 0;
        loop {
            let unseen = {
                let lines = lock(&self.lines);
                let ever = *written.borrow_and_update();
                let new = (ever - seen).min(lines.len());
                seen = ever;
                lines.range(lines.len() - new..).cloned().collect::<Vec<_>>()
            };
            if let Some(line) = unseen.into_iter().find(&mut wanted) {
                return line;
            }
            // We hold a sender, so the channel cannot close.
            let _ = written.changed().await;
        }
    }
}
