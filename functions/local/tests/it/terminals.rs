//! Terminals and pipes: who is asked, what is coloured, and readers that go away.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Stdio;
use std::thread::{self, JoinHandle};

use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};

use crate::world::{ALICE, PROD, Process, World};

/// A person at a terminal, who reads everything that is written to it from the beginning: a terminal holds few bytes, and a
/// command waits for who reads them.
struct Person {
    keyboard: File,
    reading: JoinHandle<String>,
}

impl Person {
    /// With the side of the command. Neither side is handed on to the commands of other tests, which run at the same time:
    /// the terminal is closed when its own command ends, and not when theirs do.
    fn at_a_terminal() -> (Self, File) {
        let ours = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let person = posix_openpt(ours).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let mut options = OpenOptions::new();
        options.read(true).write(true).custom_flags(OFlag::O_NOCTTY.bits());
        let command = options.open(ptsname_r(&person).unwrap()).unwrap();
        let screen = File::from(OwnedFd::from(person));
        let keyboard = screen.try_clone().unwrap();
        (Self { keyboard, reading: thread::spawn(|| read_all(screen)) }, command)
    }

    fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// What was seen until the command closed its side.
    fn saw(self) -> String {
        self.reading.join().unwrap()
    }
}

/// Everything until the other side is closed, which Linux tells as an error.
fn read_all(mut terminal: File) -> String {
    let mut all = vec![];
    let mut part = [0; 4096];
    while let Ok(count @ 1..) = terminal.read(&mut part) {
        all.extend_from_slice(&part[..count]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn answer(world: &World, answer: &str) -> (Option<i32>, String, String) {
    let (mut person, terminal) = Person::at_a_terminal();
    let mut command = world.command(&["revoke", ALICE, PROD]);
    command.stdin(terminal.try_clone().unwrap()).stderr(terminal).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The command keeps its side of the terminal open as long as this value lives.
    drop(command);
    person.types(answer);
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    let code = child.wait().unwrap().code();
    (code, out, person.saw())
}

#[test]
fn on_a_terminal_it_shows_what_would_happen_and_asks() {
    let world = World::observed();
    let (code, out, seen) = answer(&world, "n\n");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(seen.contains("wouldRevoke") && seen.contains("[y/N]"), "{seen}");
    assert!(seen.contains("nothing was asked for"), "{seen}");
    assert_eq!(world.cleanings(), 0);
}

#[test]
fn yes_is_enough() {
    let world = World::observed();
    let (code, out, _) = answer(&world, "y\n");
    assert_eq!(code, Some(0));
    assert!(out.contains("confirmed"), "{out}");
    assert_eq!(world.cleanings(), 1);
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let world = World::observed();
    let shown = |variables: &[(&str, &str)]| {
        let (person, terminal) = Person::at_a_terminal();
        let mut command = world.command(&["status"]);
        let mut child = command.envs(variables.iter().copied()).stdout(terminal).spawn().unwrap();
        drop(command);
        let shown = person.saw();
        assert!(child.wait().unwrap().success());
        shown
    };
    assert!(shown(&[]).contains("\u{1b}[38;5;9m"), "{:?}", shown(&[]));
    assert!(!shown(&[("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(!shown(&[("TERM", "dumb")]).contains('\u{1b}'));
    assert!(!world.run(&["status"]).out.contains('\u{1b}'), "a pipe is no terminal");
}

#[test]
fn long_work_shows_on_a_terminal_how_far_it_is_and_nothing_of_it_in_a_pipe() {
    let world = World::swept();
    let run = |args: &[&str]| {
        let (person, terminal) = Person::at_a_terminal();
        let mut command = world.command(args);
        command.env("TERM", "xterm").stderr(terminal).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(command);
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        let (code, seen) = (child.wait().unwrap().code(), person.saw());
        assert_eq!(code, Some(0), "{seen}");
        (out, seen)
    };
    for (args, told) in [
        (&["export", "kind:identity"][..], "events written"),
        (&["history", "kind:identity", "--count"], "events found"),
    ] {
        let piped = world.run(args);
        assert!(!piped.err.contains(told), "{}", piped.err);
        let (out, seen) = run(args);
        assert_eq!(out, piped.out);
        assert!(seen.contains(told), "{seen}");
    }
    let file = world.path("identities.ndjson");
    let (out, seen) = run(&["export", "kind:identity", "--file", file.to_str().unwrap()]);
    assert_eq!(out, "");
    assert!(seen.contains("events written") && seen.contains("events exported"), "{seen}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let world = World::swept();
    for args in [
        &["status"][..],
        &["history", "--limit", "0"],
        &["history", "--limit", "0", "-o", "json"],
        &["--help"],
    ] {
        let mut command = world.command(args);
        let mut child = Process(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
        drop(child.0.stdout.take());
        let mut err = String::new();
        child.0.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert!(!err.contains("panicked"), "{args:?}: {err}");
        assert_eq!(child.0.wait().unwrap().code(), Some(0), "{args:?}: {err}");
    }
}

#[test]
fn what_watches_ends_with_its_reader() {
    let world = World::swept();
    for args in [["status", "--watch"], ["history", "--follow"]] {
        let mut command = world.command(&[&args[..], &["--interval", "0.01"]].concat());
        let mut child = Process(command.stdout(Stdio::piped()).spawn().unwrap());
        let mut line = String::new();
        BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        assert_eq!(child.0.wait().unwrap().code(), Some(0), "{args:?}");
    }
}

#[test]
fn a_revocation_goes_on_when_nobody_reads_its_outcome() {
    let world = World::observed();
    let mut command = world.command(&["revoke", ALICE, PROD, "--yes"]);
    let mut child = Process(command.stdout(Stdio::piped()).spawn().unwrap());
    drop(child.0.stdout.take());
    assert_eq!(child.0.wait().unwrap().code(), Some(0));
    assert_eq!(world.cleanings(), 1);
}
