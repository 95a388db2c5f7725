//! What this test binary says where it runs as a process of its own, and how it is heard.

use std::io::{BufRead, BufReader, Write};
use std::process::Child;

/// What the child says, line by line, without what the test harness says.
pub(crate) fn said(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| line.strip_prefix("child: ").map(ToOwned::to_owned))
}

/// Says it, as the child.
pub(crate) fn say(what: &str) {
    // The harness may have written half a line before it.
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nchild: {what}").unwrap();
    out.flush().unwrap();
}
