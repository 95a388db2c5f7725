//! People are told by the function behind the timer: at the end of a sweep, and between two.

use cloud_emulator::Scenario;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::world::{OPERATOR, World, within};

const PROD: &str = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const ALICE: &str = "200000000000000101";

/// Takes every message, and gives its lines.
async fn receiver() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (sender, messages) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Some(message) = taken(stream).await else { continue };
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    (origin, messages)
}

async fn taken(stream: TcpStream) -> Option<String> {
    let mut stream = BufReader::new(stream);
    let (mut message, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        message += &line;
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
    stream.get_mut().write_all(answer).await.ok()?;
    Some(message + &String::from_utf8(body).ok()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_two_sweeps_the_timer_tells_what_other_functions_have_stored() {
    let (origin, mut messages) = receiver().await;
    let url = format!("{origin}/services/T1/B1/x");
    let env = [
        ("REAPER_NOTIFY_SLACK_URL", url.as_str()),
        ("REAPER_NOTIFY_PRIVATE_HOSTS", &origin),
        ("REAPER_NOTIFY_SLACK_KINDS", "confirmed"),
    ];
    let world = World::new(Scenario::believable(), &env).await;
    world.look().await;
    let request = json!({ "uid": ALICE, "clusters": [PROD] });
    let (status, answer) = world.post("/v1/revocations", OPERATOR, &request).await;
    assert_eq!(status, 200, "{answer}");
    let told = within("an answer", world.deployment.sweep("notify")).await.unwrap();
    assert_eq!(told, json!({ "delivered": 1, "failed": 0 }));
    let message = within("a message", messages.recv()).await.unwrap();
    assert!(message.contains("Reaper: alice") && message.contains("read back"), "{message}");
    let again = within("an answer", world.deployment.sweep("notify")).await.unwrap();
    assert_eq!(again, json!({ "delivered": 0, "failed": 0 }));
    assert_eq!(world.log().await.count("SweepStarted"), 1, "no sweep was made for it");
}
