//! The terminal: results on stdout, everything else on stderr, and readers that go away.

use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;

use indicatif::{ProgressBar, ProgressStyle};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::failure::Failure;

/// Whether stdout shows colours: on a terminal, unless NO_COLOR is set to something (no-color.org).
pub(crate) fn colours() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !unwanted && !dumb
}

/// Whether somebody is there to be asked.
pub(crate) fn somebody_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Writes a result to stdout. `false`: nobody reads any more, which is no failure (`reaper history | head`).
///
/// # Errors
/// Stdout cannot be written to, e.g. because the disk behind it is full.
pub(crate) fn print(text: &str) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether the reader of stdout is gone. What only writes when something happens asks now and then, or it would stay
/// behind `| head` until then.
pub(crate) fn reader_is_gone() -> bool {
    let out = io::stdout();
    let mut polled = [PollFd::new(out.as_fd(), PollFlags::empty())];
    let gone = PollFlags::POLLERR | PollFlags::POLLNVAL;
    matches!(poll(&mut polled, PollTimeout::ZERO), Ok(1))
        && polled[0].revents().is_some_and(|events| events.intersects(gone))
}

/// Says something on stderr.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Progress of what goes through events and does not know how many there are. Shows on stderr, if that is a terminal, and
/// leaves nothing behind.
pub(crate) fn counting(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {human_pos} events {msg}, {per_sec}, {elapsed}");
    let bar = ProgressBar::new_spinner().with_style(style.unwrap_or(ProgressStyle::default_spinner()));
    bar.set_message(what);
    bar.tick();
    bar
}

/// The same beside a result that goes to stdout while it counts: on the same terminal they would mix.
pub(crate) fn counting_beside_output(what: &'static str) -> ProgressBar {
    if io::stdout().is_terminal() { ProgressBar::hidden() } else { counting(what) }
}

/// Asks a question that is answered by yes or no; everything but yes is no.
///
/// # Errors
/// The terminal cannot be read.
pub(crate) fn confirmed(question: &str) -> Result<bool, Failure> {
    let mut err = io::stderr().lock();
    let _ = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
    drop(err);
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Text from outside for a terminal: control characters could move the cursor or hide something.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// Control characters, and those that turn the direction of what follows.
pub(crate) fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn nothing_from_outside_steers_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\nc\u{202e}d"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
        assert_eq!(clean("Zoë 王"), "Zoë 王");
    }
}
