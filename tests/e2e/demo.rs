//! The demo is the README's first command.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

#[test]
fn the_demo_ends_well_and_tells_the_whole_story() {
    let output = Command::new(env!("CARGO_BIN_EXE_reaper")).args(["demo", "--once"]).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for part in [
        "DeletionReceived",
        "RevocationHeld",
        "approved:  by peter; confirmed",
        "Reaper: RamUser alice: was deleted",
        "0 of 3 certificates",
    ] {
        assert!(told.contains(part), "{part} is missing in:\n{told}");
    }
}

/// The demo, until its end is told.
struct Demo(std::process::Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Demo {
    /// The demo, and the line of it that has these words in it.
    fn until(words: &str) -> (Self, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reaper"));
        let child = command.arg("demo").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut demo = Self(child);
        let lines = BufReader::new(demo.0.stdout.take().unwrap()).lines();
        let line = lines.map_while(Result::ok).find(|line| line.contains(words)).unwrap();
        (demo, line)
    }
}

/// What a printed line `curl -s URL -d 'WORDS'` does.
fn curl(line: &str) -> String {
    let (url, words) = line.split_once("curl -s http://").unwrap().1.split_once(" -d '").unwrap();
    let (address, who) = url.split_once('/').unwrap();
    let words = words.trim_end().trim_end_matches('\'');
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = words.len();
    let head = format!(
        "POST /{who} HTTP/1.1\r\nhost: demo\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{words}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The line of a button.
fn button<'a>(answer: &'a str, label: &str) -> &'a str {
    let found = answer.lines().find(|line| line.trim_start().starts_with(&format!("[{label}")));
    found.unwrap_or_else(|| panic!("no button {label} in {answer}"))
}

#[test]
fn one_printed_line_sends_a_signed_command_and_leads_to_the_result() {
    let (_demo, line) = Demo::until("revoke bob prod");

    let preview = curl(&line);
    assert!(
        preview.contains("Revoke access of bob") && preview.contains("last seven days: used"),
        "{preview}"
    );
    let held = curl(button(&preview, "Request approval"));
    assert!(held.contains("1 waiting for approval"), "{held}");
    let own = curl(&button(&held, "Approve").replace("/peter ", "/olga "));
    assert!(own.contains("takes the role approver"), "{own}");
    let approved = curl(button(&held, "Approve"));
    assert!(approved.contains("revoked, and read back: nothing is left"), "{approved}");
    let help = curl(&line.replace("revoke bob prod has left", "help"));
    assert!(help.contains("olga, you may ask for this"), "{help}");
    let stranger = curl(&line.replace("/olga ", "/mallory "));
    assert!(stranger.contains("You are not known here"), "{stranger}");
}

/// Processes of this system whose parent is the given one (proc(5), the fourth field of `stat`).
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    ids.filter(|id: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // Behind the name, which may hold anything: state and parent.
        let parts = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').nth(1).map(str::to_owned));
        parts.flatten() == Some(parent.to_string())
    })
    .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn functions_end_with_a_demo_that_is_killed_and_cannot_end_them() {
    let (mut demo, _) = Demo::until("revoke bob prod");
    let functions = children(demo.0.id());
    assert!(functions.len() >= 3, "the demo has called its functions: {functions:?}");
    demo.0.kill().unwrap();
    demo.0.wait().unwrap();
    let started = std::time::Instant::now();
    let runs = |id: &&u32| std::fs::exists(format!("/proc/{id}")).unwrap();
    while let Some(left) = functions.iter().find(runs) {
        assert!(started.elapsed() < crate::world::PATIENCE, "function {left} outlives the demo");
        std::thread::yield_now();
    }
}
