//! Files pasted into a chat: whose they are, the offer that follows, and not a byte of what they prove it with.

use std::io;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rstest::rstest;
use serde_json::Value;

use crate::chat_systems::{
    Chats, DINGTALK_SECRET, FEISHU_TOKEN, dingtalk_body, dingtalk_request, feishu_request, seconds,
    slack_buttons, world,
};
use crate::world::{ALICE, BATCH, BOB, PROD, World};

/// A kubeconfig file as the emulated cloud issues it.
fn issued(world: &World, cluster: &str, uid: &str) -> String {
    let now = world.emulator.now();
    world.emulator.account(|account| account.kubeconfig_file(cluster, uid, None, now)).unwrap().0
}

fn field<'a>(file: &'a str, name: &str) -> &'a str {
    file.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap().trim()
}

fn decoded(file: &str, name: &str) -> String {
    String::from_utf8(BASE64.decode(field(file, name)).unwrap()).unwrap()
}

/// Lines of the private key, as they are and as the file has them.
fn key_parts(file: &str) -> Vec<String> {
    let key = decoded(file, "client-key-data:");
    let lines = key.lines().filter(|line| !line.starts_with("-----")).map(str::to_owned);
    let packed =
        field(file, "client-key-data:").as_bytes().chunks(60).map(|c| String::from_utf8_lossy(c).into());
    lines.chain(packed).filter(|part| part.len() > 20).collect()
}

/// All that is logged while it lives.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        tracing::subscriber::set_default(lines.with_writer(move || log.clone()).finish())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// Every byte of the store.
fn stored(world: &World) -> Vec<u8> {
    let files = std::fs::read_dir(world.folder.path()).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

fn button(answer: &Value, label: &str) -> String {
    let buttons = slack_buttons(answer);
    let found = buttons.iter().find(|(shown, _)| shown.starts_with(label));
    found.unwrap_or_else(|| panic!("no button {label}: {answer}")).1.clone()
}

fn without_key(file: &str) -> String {
    file.lines().filter(|line| !line.contains("client-key-data")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_pasted_file_names_its_holder_and_one_yes_ends_the_access() {
    let (world, mut chats) = world().await;
    let file = without_key(&issued(&world, PROD, ALICE));
    let answer = world.ask(&mut chats, "olga", &format!("inspect {file}")).await;
    let shown = answer.to_string();
    for expected in [
        &format!("alice (uid:{ALICE}) on {PROD}"),
        "SHA-256 ",
        "valid: 20",
        "status Effective, account Active",
        "the cloud lists it",
        "Revoke access of alice",
        "its kubeconfig has leaked",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert!(!shown.contains("private key"), "there was none: {shown}");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 0, "nothing has happened yet");
    let result = world.press(&mut chats, "olga", &button(&answer, "Revoke (1)")).await;
    assert!(result.to_string().contains("1 revoked"), "{result}");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 1);
    let asked = world.get(&format!("/v1/events?uid={ALICE}&type=RevocationRequested")).await.body;
    assert_eq!(asked["events"][0]["data"]["reason"], "its kubeconfig has leaked");
}

type Mangle = fn(String) -> String;

#[rstest]
#[case::as_it_is(|file: String| file)]
#[case::a_code_fence(|file: String| format!("```yaml\n{file}\n```"))]
#[case::entities_and_links(|file: String| {
    let linked = |line: &str| match line.split_once("server: ") {
        Some((before, address)) => format!("{before}server: <{address}>"),
        None => line.to_owned(),
    };
    file.replace('&', "&amp;").lines().map(linked).collect::<Vec<_>>().join("\n")
})]
#[case::no_line_breaks(|file: String| file.replace('\n', " "))]
#[case::no_indentation(|file: String| file.lines().map(str::trim).collect::<Vec<_>>().join("\n"))]
#[case::wrapped(|file: String| file.as_bytes().chunks(60).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join("\n"))]
#[case::typographic(|file: String| file.replace("--", "\u{2014}").replace('"', "\u{201d}").replace(' ', "\u{a0}"))]
#[case::base64_of_it(|file: String| BASE64.encode(file))]
#[tokio::test]
async fn what_a_chat_does_to_a_file_is_survived(#[case] mangle: Mangle) {
    let (world, mut chats) = world().await;
    let file = issued(&world, PROD, ALICE);
    let answer = world.ask(&mut chats, "vera", &format!("inspect {}", mangle(file))).await;
    let shown = answer.to_string();
    assert!(shown.contains(&format!("alice (uid:{ALICE}) on ")), "{shown}");
    assert!(shown.contains("treat it as leaked"), "{shown}");
    assert!(shown.contains("takes the role operator") && slack_buttons(&answer).is_empty(), "{shown}");
}

#[tokio::test]
async fn a_certificate_alone_is_read_in_pem_and_in_base64_of_der_also_where_the_word_is_forgotten() {
    let (world, mut chats) = world().await;
    let pem = decoded(&issued(&world, PROD, ALICE), "client-certificate-data:");
    let der: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    for text in [format!("inspect {pem}"), pem.clone(), format!("inspect {der}"), der.clone()] {
        let shown = world.ask(&mut chats, "olga", &text).await.to_string();
        assert!(
            shown.contains(&format!("alice (uid:{ALICE}) on a cluster that it does not name")),
            "{shown}"
        );
        assert!(shown.contains("Revoke access of alice"), "{shown}");
    }
}

#[tokio::test]
async fn several_contexts_are_told_apart() {
    let (world, mut chats) = world().await;
    let document = |cluster: &str, uid: &str, name: &str| {
        let file = without_key(&issued(&world, cluster, uid));
        let data = field(&file, "client-certificate-data:").to_owned();
        (
            format!("- {{name: {name}, context: {{cluster: {cluster}, user: {name}}}}}\n"),
            format!("- {{name: {name}, user: {{client-certificate-data: {data}}}}}\n"),
        )
    };
    let of = |parts: &[(String, String)], more: &str| {
        let contexts: String = parts.iter().map(|(context, _)| context.as_str()).collect();
        let users: String = parts.iter().map(|(_, user)| user.as_str()).collect();
        format!("inspect apiVersion: v1\nkind: Config\ncontexts:\n{contexts}{more}users:\n{users}")
    };
    let (a, b) = (document(PROD, ALICE, "a"), document(BATCH, ALICE, "b"));
    let shown = world.ask(&mut chats, "olga", &of(&[a.clone(), b], "")).await.to_string();
    for cluster in [PROD, BATCH] {
        assert!(shown.contains(&format!("alice (uid:{ALICE}) on {cluster}")), "{shown}");
    }
    assert!(shown.contains("Revoke access of alice"), "one person, one offer: {shown}");

    let other = document(PROD, BOB, "c");
    let third = "- {name: d, context: {cluster: x, user: nobody}}\n";
    let answer = world.ask(&mut chats, "olga", &of(&[a, other], third)).await;
    let shown = answer.to_string();
    for uid in [ALICE, BOB] {
        assert!(shown.contains(&format!("revoke uid:{uid} {PROD} its kubeconfig has leaked")), "{shown}");
    }
    assert!(shown.contains("the file has no user of this name"), "{shown}");
    assert!(slack_buttons(&answer).is_empty(), "which of them is for the person to say");
}

#[tokio::test]
async fn no_byte_of_a_key_is_stored_logged_or_answered() {
    let log = Log::default();
    let listening = log.listen();
    let (world, mut chats) = world().await;
    let file = issued(&world, PROD, ALICE);
    let key = decoded(&file, "client-key-data:");
    let packed: String = key.lines().filter(|line| !line.starts_with("-----")).collect();
    let mut answers = String::new();
    for text in [
        format!("inspect {file}"),
        format!("inspect {}", file.replace('\n', " ")),
        format!("inspect {}", BASE64.encode(&file)),
        format!("inspect {key}"),
        format!("inspect {packed}"),
        file.clone(),
        key.clone(),
        format!("inpect {file}"),
        format!("revoke alice all {}", key.replace('\n', " ")),
        format!("status {packed}"),
        format!("history {packed}"),
        format!("revoke alice all {packed}"),
        format!("approve {packed}"),
        packed.clone(),
    ] {
        // What is neither a command nor a file is told at once where it is too long.
        let answer = world.ask(&mut chats, "olga", &text).await.to_string();
        assert!(answer.contains("treat it as leaked") && !answer.contains('…'), "told in full: {answer}");
        answers.push_str(&answer);
    }
    let at = seconds() * 1000;
    world
        .send(dingtalk_request(
            &dingtalk_body(&chats, "olga", &format!("inspect {file}"), "m1"),
            DINGTALK_SECRET,
            at,
        ))
        .await;
    answers.push_str(&chats.next().await.1.to_string());
    world.send(feishu_request(&feishu_message(&format!("@_user_1 inspect {file}")), seconds())).await;
    answers.push_str(&chats.next().await.1.to_string());
    assert!(answers.matches("on dev").count() == 0 && answers.matches(ALICE).count() > 6, "{answers}");

    world.slash(&chats, "mallory", &format!("inspect {file}")).await;
    world.sweep().await;
    drop(listening);
    let (bytes, lines) = (stored(&world), log.text());
    assert!(
        contains(&bytes, "ChatCommandReceived") && lines.contains("stranger"),
        "there is something to search"
    );
    for part in key_parts(&file) {
        assert!(!contains(&bytes, &part), "stored: {part}");
        assert!(!lines.contains(&part), "logged: {part}");
        assert!(!answers.contains(&part), "answered: {part}");
    }
}

fn feishu_message(text: &str) -> Value {
    serde_json::json!({
        "header": { "token": FEISHU_TOKEN, "event_id": "e1", "event_type": "im.message.receive_v1" },
        "event": {
            "sender": { "sender_id": { "open_id": "F-olga" } },
            "message": {
                "message_id": "om1", "chat_id": "oc1", "message_type": "text",
                "content": serde_json::json!({ "text": text }).to_string(),
            },
        },
    })
}

#[tokio::test]
async fn tokens_and_passwords_are_warned_of_and_not_stored() {
    let (world, mut chats) = world().await;
    let file = "apiVersion: v1\nkind: Config\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n\
                users:\n- name: u\n  user:\n    token: hunter2-hunter2\n    password: hunter2-hunter2\n";
    let signed = format!("eyJhbGciOiJub25lIn0.{}.x", "hunter2".repeat(10));
    for text in [
        format!("inspect {file}"),
        file.replace('\n', " "),
        format!("inspect {signed}"),
        format!("held {signed}"),
    ] {
        let text = if text.starts_with("api") { format!("inspect {text}") } else { text };
        let shown = world.ask(&mut chats, "olga", &text).await.to_string();
        assert!(shown.contains("treat it as leaked") && !shown.contains("hunter2"), "{shown}");
    }
    assert!(!contains(&stored(&world), "hunter2"));
}

#[rstest]
#[case::nothing("inspect", "lacks something")]
#[case::words("inspect what bob has", "can be read")]
#[case::broken("inspect -----BEGIN CERTIFICATE----- AAAA -----END CERTIFICATE-----", "can be read")]
#[tokio::test]
async fn what_is_no_file_is_told(#[case] text: &str, #[case] expected: &str) {
    let (world, mut chats) = world().await;
    let answer = world.ask(&mut chats, "olga", text).await;
    assert!(answer.to_string().contains(expected), "{answer}");
    assert!(slack_buttons(&answer).is_empty());
}

#[tokio::test]
async fn what_lies_out_of_the_scope_is_neither_told_nor_offered() {
    let chats = Chats::start().await;
    let mut config = crate::chat_systems::config(&chats);
    config.access.scopes.push(format!("olga:uid:{BOB}").parse().unwrap());
    let (world, mut chats) = (World::with_config(config).await, chats);
    world.look().await;
    let answer = world.ask(&mut chats, "olga", &format!("inspect {}", issued(&world, PROD, ALICE))).await;
    let shown = answer.to_string();
    assert!(shown.contains(&format!("uid:{ALICE} on {PROD}")), "what the file itself says: {shown}");
    assert!(!shown.contains("alice") && !shown.contains("status Effective"), "{shown}");
    assert!(shown.contains("No revocation can be offered") && slack_buttons(&answer).is_empty(), "{shown}");
}
