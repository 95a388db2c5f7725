//! Telling people: what `reaper notify test` says, and what becomes of a message when the process is killed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use crate::serving::Service;
use crate::world::{Ended, PATIENCE, World, bare, finish};

/// Reads one request: head and body.
fn taken(stream: &mut BufReader<TcpStream>) -> String {
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        request += &line;
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    request + &String::from_utf8(body).unwrap()
}

/// Takes requests and answers each with the next of these; where there is none left, with the last. An empty answer is
/// none: the connection stays open and silent.
fn receiver(answers: &'static [&'static str]) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = channel();
    std::thread::spawn(move || {
        let mut silent = vec![];
        for turn in 0.. {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            let request = taken(&mut stream);
            let answer = answers.get(turn).or(answers.last()).unwrap();
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
            if answer.is_empty() {
                silent.push(stream);
            }
            if sender.send(request).is_err() {
                return;
            }
        }
    });
    (origin, requests)
}

fn alone_with(args: &[&str], settings: &[(&str, &str)]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    finish(bare(folder.path()).args(args).envs(settings.iter().copied()))
}

const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const AWAY: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[test]
fn each_target_is_tried_and_told_of() {
    let ((slack, to_slack), (webhook, to_webhook)) = (receiver(&[AWAY]), receiver(&[FINE]));
    let (slack_url, webhook_url) = (format!("{slack}/services/secret"), format!("{webhook}/hook/secret"));
    let hosts = format!("{slack},{webhook}");
    let settings = [
        ("REAPER_NOTIFY_SLACK_URL", slack_url.as_str()),
        ("REAPER_NOTIFY_WEBHOOK_URL", &webhook_url),
        ("REAPER_NOTIFY_WEBHOOK_SECRETS", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("REAPER_NOTIFY_PRIVATE_HOSTS", &hosts),
    ];
    let ended = alone_with(&["notify", "test"], &settings);
    assert_eq!(ended.out, "slack: not taken: HTTP 404 Not Found\nwebhook: taken\n", "{}", ended.err);
    assert_eq!(ended.code, Some(1));
    assert!(!ended.err.contains("secret"), "{}", ended.err);
    assert!(to_slack.recv_timeout(PATIENCE).unwrap().contains("nothing has happened"));
    let sent = to_webhook.recv_timeout(PATIENCE).unwrap();
    assert!(sent.contains("webhook-signature: v1,") && sent.contains("reaper.test"), "{sent}");
}

#[test]
fn a_target_that_is_not_configured_is_not_found() {
    let ended = alone_with(&["notify", "test"], &[]);
    assert_eq!(ended.code, Some(5));
    assert!(ended.err.contains("notify.slack.url"), "{}", ended.err);
    let ended =
        alone_with(&["notify", "test", "pager"], &[("REAPER_NOTIFY_SLACK_URL", "https://x.example/y")]);
    assert_eq!(ended.code, Some(5));
    assert!(ended.err.contains("configured are: slack"), "{}", ended.err);
}

fn id(request: &str) -> String {
    let line = request.lines().find(|line| line.to_lowercase().starts_with("webhook-id:")).unwrap();
    line.split_once(':').unwrap().1.trim().to_owned()
}

/// Killed after a message was sent and before that was stored.
#[test]
fn what_a_killed_process_was_telling_is_told_by_the_next_one() {
    let world = World::new();
    let (origin, requests) = receiver(&["", FINE]);
    let url = format!("{origin}/hook");
    let settings = [
        ("REAPER_NOTIFY_WEBHOOK_URL", url.as_str()),
        ("REAPER_NOTIFY_WEBHOOK_SECRETS", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("REAPER_NOTIFY_WEBHOOK_KINDS", "confirmed"),
        ("REAPER_NOTIFY_PRIVATE_HOSTS", &origin),
        ("REAPER_NOTIFY_LEASE_SECONDS", "1"),
    ];
    let serve = || {
        let mut command = world.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(settings);
        Service::start(command)
    };
    let next = || id(&requests.recv_timeout(PATIENCE).unwrap());
    let killed = serve();
    let first = next();
    drop(killed);
    let _second = serve();
    assert_eq!(next(), first, "the same message, under the same id");
    let others = [next(), next()];
    assert!(others[0] != others[1] && !others.contains(&first), "and then the two others");
}
