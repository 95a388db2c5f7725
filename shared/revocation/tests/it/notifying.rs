//! People are told: once where all goes well, at least once where it does not, and never in a flood.

use std::collections::BTreeSet;
use std::time::Duration;

use cloud_emulator::Scenario;
use event_store::{Filter, Order};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use kubeconfig::run::RunEvent;
use kubeconfig::{Actor, Event, Recorded};
use revocation::{Cause, Config, Reaper, TimeBudget, Told};

use crate::receiver::{Answer, Receiver, Request, mac};
use crate::world::{ALICE, DAVE, DEV, PROD, World, key, person};

pub(crate) const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD_KEY: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A configuration whose webhook is this receiver, with further settings.
pub(crate) fn config(receiver: &Receiver, more: &[(&str, &str)]) -> Config {
    let url = format!("{}/hook/very-secret-path", receiver.origin);
    let settings = [
        ("REAPER_NOTIFY_WEBHOOK_URL", url.as_str()),
        ("REAPER_NOTIFY_WEBHOOK_SECRETS", KEY),
        ("REAPER_NOTIFY_PRIVATE_HOSTS", &receiver.origin),
        ("REAPER_NOTIFY_RETRY_SECONDS", "0"),
        ("REAPER_NOTIFY_EXPIRING_DAYS", "0"),
        ("REAPER_NOTIFY_DIGEST_ABOVE", "100"),
    ];
    let settings = settings.iter().chain(more).map(|(name, value)| ((*name).into(), (*value).into()));
    let settings = settings.collect::<std::collections::BTreeMap<String, String>>();
    futures::executor::block_on(Config::load(settings)).unwrap()
}

async fn world(receiver: &Receiver, more: &[(&str, &str)]) -> World {
    World::new(Scenario::believable(), config(receiver, more)).await
}

/// A world that has been looked at, where DAVE's access on PROD is then ended: one piece of news, untold.
async fn with_one_piece_of_news(receiver: &mut Receiver, more: &[(&str, &str)]) -> World {
    let world = world(receiver, more).await;
    world.look().await;
    world.request(DAVE, &[PROD], "olga").await;
    assert_eq!(receiver.all().len(), 0, "a revocation tells nobody by itself");
    world
}

pub(crate) async fn tell(reaper: &Reaper) -> Told {
    reaper.notify(TimeBudget::UNLIMITED).await.unwrap()
}

/// Lets processes tell at the same time until none of them finds anything left: one that finds another at work leaves it
/// alone and comes back. How many messages were delivered.
pub(crate) async fn tell_all(processes: &[Reaper]) -> u32 {
    let mut delivered = 0;
    loop {
        let told: u32 = join_all(processes.iter().map(tell)).await.iter().map(|told| told.delivered).sum();
        if told == 0 {
            return delivered;
        }
        delivered += told;
    }
}

async fn log(world: &World) -> Vec<Recorded> {
    world.store.query(&Filter::default(), Order::Oldest, None, 1000).await.unwrap().events
}

async fn facts(world: &World, pick: impl Fn(&RunEvent) -> bool) -> usize {
    let events = log(world).await;
    events.iter().filter(|recorded| matches!(&recorded.event, Event::Run(event) if pick(event))).count()
}

fn types(requests: &[Request]) -> Vec<String> {
    requests.iter().map(|request| request.json()["type"].as_str().unwrap().to_owned()).collect()
}

const TAKEN: Told = Told { delivered: 1, failed: 0 };
const NOT_TAKEN: Told = Told { delivered: 0, failed: 1 };
const NOTHING: Told = Told { delivered: 0, failed: 0 };

#[tokio::test]
async fn a_sweep_tells_what_it_did_and_signs_it() {
    let mut receiver = Receiver::start().await;
    let more = [("REAPER_NOTIFY_WEBHOOK_SECRETS", &*format!("{KEY},{OLD_KEY}"))];
    let world = world(&receiver, &more).await;
    let swept = world.sweep().await;
    let requests = receiver.all();
    let of = |word: &str| requests.iter().filter(|r| r.json()["type"] == format!("reaper.{word}")).count();
    assert_eq!(of("confirmed"), swept.report.confirmed as usize);
    assert_eq!(of("held"), swept.report.held as usize);
    assert!(of("confirmed") > 0 && of("held") > 0);
    let ids: BTreeSet<String> = requests.iter().map(|request| request.signed_id(KEY)).collect();
    assert_eq!(ids.len(), requests.len(), "each has an id of its own");
    assert_eq!(ids, requests.iter().map(|request| request.signed_id(OLD_KEY)).collect());
    world.sweep().await;
    assert_eq!(types(&receiver.all()), Vec::<String>::new(), "nothing is told twice");
}

#[tokio::test]
async fn a_message_says_whose_access_to_what_and_why() {
    let mut receiver = Receiver::start().await;
    let world = with_one_piece_of_news(&mut receiver, &[]).await;
    assert_eq!(tell(&world.reaper).await, TAKEN);
    let message = receiver.next().await.json();
    assert_eq!(message["type"], "reaper.confirmed");
    let event = &message["data"]["events"][0];
    assert_eq!(
        (&event["uid"], &event["cluster"], &event["name"]),
        (&DAVE.into(), &PROD.into(), &"dave".into())
    );
    assert_eq!(event["type"], "RevocationConfirmed");
    assert!(message["data"]["summary"].as_str().unwrap().starts_with(&format!("dave (uid:{DAVE}) on ")));
    let stored = log(&world).await;
    let told = stored.iter().find(|recorded| recorded.event.type_name() == "RevocationConfirmed").unwrap();
    assert_eq!(event["id"], told.id.to_string());
}

#[tokio::test]
async fn each_system_gets_its_own_form_and_signature() {
    let mut receiver = Receiver::start().await;
    let url = |path: &str| format!("{}{path}", receiver.origin);
    let more = [
        ("REAPER_NOTIFY_SLACK_URL", url("/services/T1/B1/x")),
        ("REAPER_NOTIFY_DINGTALK_URL", url("/robot/send?access_token=robot-token")),
        ("REAPER_NOTIFY_DINGTALK_SECRET", "SEC-dingtalk".into()),
        ("REAPER_NOTIFY_FEISHU_URL", url("/open-apis/bot/v2/hook/x")),
        ("REAPER_NOTIFY_FEISHU_SECRET", "feishu-secret".into()),
        ("REAPER_NOTIFY_WEBHOOK_KINDS", "guard".into()),
    ];
    let more: Vec<(&str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let world = with_one_piece_of_news(&mut receiver, &more).await;
    assert_eq!(tell(&world.reaper).await.delivered, 3, "the webhook is told of tripped guards only");
    let requests = receiver.all();
    let to = |path: &str| requests.iter().find(|request| request.path.starts_with(path)).unwrap();

    let slack = to("/services").json();
    assert!(slack["text"].as_str().unwrap().starts_with("Reaper: dave"), "{slack}");
    assert_eq!(slack["blocks"][0]["type"], "header");

    let dingtalk = to("/robot/send");
    let at = &dingtalk.query["timestamp"];
    assert_eq!(dingtalk.query["access_token"], "robot-token");
    assert_eq!(dingtalk.query["sign"], mac(b"SEC-dingtalk", format!("{at}\nSEC-dingtalk").as_bytes()));
    assert!(dingtalk.json()["markdown"]["title"].as_str().unwrap().contains("dave"));

    let feishu = to("/open-apis").json();
    let key = format!("{}\nfeishu-secret", feishu["timestamp"].as_str().unwrap());
    assert_eq!(feishu["sign"], mac(key.as_bytes(), b""));
    assert_eq!(feishu["msg_type"], "interactive");
}

#[tokio::test]
async fn what_happened_before_a_target_was_there_is_not_told() {
    let mut receiver = Receiver::start().await;
    let world = World::believable().await;
    world.sweep().await;
    let told = world.with_config(config(&receiver, &[]));
    assert_eq!(tell(&told).await, NOTHING);
    world.request(ALICE, &[PROD], "olga").await;
    tell(&told).await;
    assert_eq!(types(&receiver.all()).len(), 1);
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_as_the_same_message() {
    let mut receiver = Receiver::start().await;
    receiver.answer([
        Answer::Status(500, "", ""),
        Answer::Status(404, "", ""),
        Answer::Status(302, "location: http://127.0.0.1:1/\r\n", ""),
        Answer::Cut,
    ]);
    let world = with_one_piece_of_news(&mut receiver, &[]).await;
    // Without a pause between two attempts, one call makes all of them.
    assert_eq!(tell(&world.reaper).await, Told { delivered: 1, failed: 4 });
    let ids: Vec<String> = receiver.all().iter().map(|request| request.signed_id(KEY)).collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 1, "{ids:?}");
    assert_eq!(facts(&world, |event| matches!(event, RunEvent::NotificationFailed { .. })).await, 4);
    assert_eq!(tell(&world.reaper).await, NOTHING);
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    let mut receiver = Receiver::start().await;
    receiver.answer([Answer::Status(429, "retry-after: 120\r\n", "")]);
    let world = with_one_piece_of_news(&mut receiver, &[]).await;
    assert_eq!(tell(&world.reaper).await, NOT_TAKEN);
    assert_eq!(tell(&world.reaper).await, NOTHING, "not yet");
    assert_eq!(receiver.all().len(), 1);
    let log = log(&world).await;
    let RunEvent::NotificationFailed { why, not_before, .. } = log
        .iter()
        .find_map(|r| match &r.event {
            Event::Run(event @ RunEvent::NotificationFailed { .. }) => Some(event),
            _ => None,
        })
        .unwrap()
    else {
        unreachable!()
    };
    assert!(why.contains("429"), "{why}");
    assert!(*not_before > Timestamp::now() + SignedDuration::from_secs(60));
}

#[tokio::test]
async fn a_robot_that_says_no_with_200_has_not_taken_it() {
    let receiver = Receiver::start().await;
    receiver.answer([
        Answer::Status(200, "", r#"{"errcode":310000,"errmsg":"sign not match"}"#),
        Answer::Status(200, "", r#"{"code":19021,"msg":"sign match fail"}"#),
    ]);
    let url = format!("{}/x?access_token=robot-token", receiver.origin);
    for system in ["DINGTALK", "FEISHU"] {
        let name = format!("REAPER_NOTIFY_{system}_URL");
        let config = config(&receiver, &[(&name, &url)]);
        let tried = revocation::try_targets(&config.notify, Some(&system.to_lowercase())).await;
        let why = tried[0].answer.clone().unwrap_err();
        assert!(why.contains("sign"), "{why}");
    }
}

#[tokio::test]
async fn a_flood_of_a_kind_is_one_message() {
    let mut receiver = Receiver::start().await;
    let world = world(&receiver, &[("REAPER_NOTIFY_DIGEST_ABOVE", "1")]).await;
    let swept = world.sweep().await;
    let requests = receiver.all();
    let confirmed: Vec<_> = requests.iter().filter(|r| r.json()["type"] == "reaper.confirmed").collect();
    assert!(swept.report.confirmed > 1);
    assert_eq!(confirmed.len(), 1, "{:?}", types(&requests));
    let data = &confirmed[0].json()["data"];
    assert_eq!(data["count"], swept.report.confirmed);
    assert_eq!(data["events"].as_array().unwrap().len(), swept.report.confirmed as usize);
    assert!(data["summary"].as_str().unwrap().contains("kubeconfigs were revoked"));
}

#[tokio::test]
async fn a_receiver_that_is_away_holds_nothing_up_and_hears_everything_later() {
    let mut receiver = Receiver::start().await;
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let hosts = format!("{},{nobody}", receiver.origin);
    let slack = format!("{nobody}/services");
    let more = [
        ("REAPER_NOTIFY_SLACK_URL", slack.as_str()),
        ("REAPER_NOTIFY_PRIVATE_HOSTS", &hosts),
        ("REAPER_NOTIFY_RETRY_SECONDS", "3600"),
    ];
    let world = world(&receiver, &more).await;
    let swept = world.sweep().await;
    assert!(swept.report.confirmed > 0 && swept.report.errors == 0, "{:?}", swept.report);
    assert!(receiver.all().len() > 1, "the other target is told");
    assert_eq!(facts(&world, |event| matches!(event, RunEvent::NotificationFailed { .. })).await, 1);
}

/// The process dies after the message was sent and before that was stored.
#[tokio::test]
async fn a_message_in_the_hands_of_a_process_that_died_is_sent_again() {
    let mut receiver = Receiver::start().await;
    receiver.answer([Answer::Silence]);
    let more = [("REAPER_NOTIFY_LEASE_SECONDS", "1")];
    let world = with_one_piece_of_news(&mut receiver, &more).await;
    let doomed = world.reaper.clone();
    let doomed = tokio::spawn(async move { tell(&doomed).await });
    let first = receiver.next().await.signed_id(KEY);
    doomed.abort();

    let survivor = world.with_config(config(&receiver, &more));
    let told = async {
        loop {
            let told = tell(&survivor).await;
            if told != NOTHING {
                break told;
            }
            tokio::task::yield_now().await;
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(30), told).await.unwrap(), TAKEN);
    assert_eq!(receiver.next().await.signed_id(KEY), first);
}

#[tokio::test]
async fn several_processes_send_each_message_once() {
    let mut receiver = Receiver::start().await;
    let world = world(&receiver, &[]).await;
    world.look().await;
    let quiet = world.with_config(Config::default());
    quiet.sweep(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap();
    let processes: Vec<Reaper> = (0..4).map(|_| world.with_config(config(&receiver, &[]))).collect();
    let delivered = tell_all(&processes).await;
    let ids: Vec<String> = receiver.all().iter().map(|request| request.signed_id(KEY)).collect();
    assert_eq!(
        (ids.len(), ids.iter().collect::<BTreeSet<_>>().len()),
        (delivered as usize, delivered as usize)
    );
    assert!(delivered > 3, "{delivered}");
}

#[tokio::test]
async fn a_process_that_starts_anew_goes_on_where_the_last_one_stopped() {
    let mut receiver = Receiver::start().await;
    let world = with_one_piece_of_news(&mut receiver, &[]).await;
    assert_eq!(tell(&world.reaper).await, TAKEN);
    world.request(ALICE, &[PROD], "olga").await;
    let next = world.with_config(config(&receiver, &[]));
    assert_eq!(tell(&next).await, TAKEN, "the second piece of news, and not the first once more");
    assert_eq!(tell(&world.reaper).await, NOTHING);
    assert_eq!(receiver.all().len(), 2);
}

#[tokio::test]
async fn without_time_nothing_is_sent_and_nothing_is_lost() {
    let mut receiver = Receiver::start().await;
    let world = with_one_piece_of_news(&mut receiver, &[]).await;
    let no_time = TimeBudget::UNLIMITED.at_most(Duration::from_secs(1));
    assert_eq!(world.reaper.notify(no_time).await.unwrap(), NOTHING);
    assert_eq!(receiver.all().len(), 0);
    assert_eq!(tell(&world.reaper).await, TAKEN);
}

#[tokio::test]
async fn a_kubeconfig_that_expires_soon_is_told_once() {
    let mut receiver = Receiver::start().await;
    let more = [("REAPER_NOTIFY_EXPIRING_DAYS", "4000"), ("REAPER_NOTIFY_WEBHOOK_KINDS", "expiring")];
    let world = world(&receiver, &more).await;
    world.look().await;
    let first = receiver.all();
    assert!(first.iter().any(|r| r.json()["data"]["events"][0]["uid"] == ALICE), "{:?}", types(&first));
    assert!(first.iter().all(|r| r.json()["data"]["events"][0]["uid"] != DAVE), "he is deleted");
    world.look().await;
    assert_eq!(receiver.all().len(), 0);
    world.issue(DEV, ALICE);
    world.look().await;
    assert_eq!(receiver.all().len(), 1, "another certificate");
}

#[tokio::test]
async fn a_sweep_that_does_not_come_is_told_once() {
    let mut receiver = Receiver::start().await;
    let world = world(&receiver, &[]).await;
    let long_ago = Timestamp::now() - SignedDuration::from_hours(5);
    for reaper in [&*world.reaper, &world.with_config(config(&receiver, &[]))] {
        tell(reaper).await;
        reaper.note_overdue_sweep(Timestamp::now()).await.unwrap();
        assert_eq!(tell(reaper).await.delivered, 0, "it has only just begun");
    }
    world.reaper.note_overdue_sweep(long_ago).await.unwrap();
    world.reaper.note_overdue_sweep(long_ago).await.unwrap();
    tell(&world.reaper).await;
    assert_eq!(types(&receiver.all()), ["reaper.overdue"]);
    world.look().await;
    world.reaper.note_overdue_sweep(long_ago).await.unwrap();
    tell(&world.reaper).await;
    assert_eq!(types(&receiver.all()), Vec::<String>::new(), "one has ended since");
}

#[tokio::test]
async fn a_deletion_and_a_hold_are_told() {
    let mut receiver = Receiver::start().await;
    let more = [("REAPER_NOTIFY_WEBHOOK_KINDS", "deletion,held,confirmed")];
    let world = world(&receiver, &more).await;
    world.look().await;
    receiver.all();
    let event = world.delete_user("alice");
    world.receive(&event).await;
    tell(&world.reaper).await;
    let told = receiver.all();
    assert_eq!(types(&told)[0], "reaper.deletion");
    assert!(told[0].json()["data"]["summary"].as_str().unwrap().contains("alice"));
    assert!(types(&told).iter().any(|word| word != "reaper.deletion"), "and what came of it");
}

#[tokio::test]
async fn a_hold_says_what_to_decide_on() {
    let mut receiver = Receiver::start().await;
    let slack = format!("{}/services/T1/B1/x", receiver.origin);
    let more = [("REAPER_NOTIFY_SLACK_URL", slack.as_str()), ("REAPER_NOTIFY_WEBHOOK_KINDS", "guard")];
    let world = world(&receiver, &more).await;
    world.look().await;
    receiver.all();
    world.request(DAVE, &[DEV], "olga").await;
    let id = world.access(DEV, DAVE).await.open.unwrap().id;
    tell(&world.reaper).await;
    let message = receiver.next().await.body;
    assert!(message.contains(&id.to_string()) && message.contains("waits for approval"), "{message}");
    let by = person("anna");
    world.reaper.approve(id, None, None, &by, TimeBudget::UNLIMITED).await.unwrap();
    tell(&world.reaper).await;
    assert!(receiver.next().await.body.contains("read back"));
    assert!(world.reaper.stream_of(&key(DEV, DAVE)).await.unwrap().len() > 3);
}

#[tokio::test]
async fn no_secret_of_a_target_reaches_the_log() {
    let receiver = Receiver::start().await;
    receiver.answer([Answer::Status(500, "", "very-secret-path"), Answer::Cut]);
    let world = world(&receiver, &[]).await;
    world.sweep().await;
    for recorded in log(&world).await {
        let stored = recorded.event.to_stored().data.to_string();
        for secret in ["very-secret-path", &KEY["whsec_".len()..], &receiver.origin["http://".len()..]] {
            assert!(!stored.contains(secret), "{stored}");
        }
    }
}

/// Outside of the store, where nobody can write who can write the store.
#[tokio::test]
async fn a_target_that_asks_for_seals_keeps_checkpoints() {
    let mut receiver = Receiver::start().await;
    let folder = tempfile::tempdir().unwrap();
    let ring = seal::KeyRing::generate(&folder.path().join("key"), "example.com/reaper").unwrap();
    let key = std::fs::read_to_string(folder.path().join("key")).unwrap();
    let sealing = [("REAPER_SEAL_KEY", key.as_str()), ("REAPER_SEAL_CHECKPOINT_PATH", "")];
    let unasked = world(&receiver, &sealing).await;
    unasked.sweep().await;
    tell(&unasked.reaper).await;
    assert!(!types(&receiver.all()).contains(&"reaper.sealed".to_owned()), "only where it is asked for");

    let world =
        world(&receiver, &[&sealing[..], &[("REAPER_NOTIFY_WEBHOOK_KINDS", "sealed")]].concat()).await;
    world.sweep().await;
    tell(&world.reaper).await;
    let [message] = &receiver.all()[..] else { panic!("one seal, one message") };
    let message = message.json();
    assert_eq!(message["type"], "reaper.sealed");
    let text = message["data"]["events"][0]["checkpoint"].as_str().unwrap();
    let kept: seal::SignedCheckpoint = seal::SignedCheckpoint::parse(text).unwrap();
    let report = seal::verify(world.store.as_ref(), &ring.verifiers(), &[kept], |_| ()).await.unwrap();
    assert_eq!((report.finding, report.seals), (None, 1));
}

#[tokio::test]
async fn a_target_in_a_private_network_is_not_called_unasked() {
    let mut receiver = Receiver::start().await;
    let port = receiver.origin.rsplit(':').next().unwrap().to_owned();
    let mut config = config(&receiver, &[]);
    config.notify.private_hosts = vec![];
    for url in [format!("https://127.0.0.1:{port}/x"), format!("https://localhost:{port}/x")] {
        config.notify.webhook.url = Some(url.try_into().unwrap());
        let tried = revocation::try_targets(&config.notify, None).await;
        let why = tried[0].answer.clone().unwrap_err();
        assert!(why.contains("private network"), "{why}");
    }
    assert_eq!(receiver.all().len(), 0);
}

/// The clock of timers jumps once the message has arrived: nobody waits ten seconds here.
#[tokio::test]
async fn a_target_that_never_answers_is_given_up_in_time_and_asked_again_later() {
    let mut receiver = Receiver::start().await;
    receiver.answer([Answer::Silence]);
    let world = with_one_piece_of_news(&mut receiver, &[("REAPER_NOTIFY_RETRY_SECONDS", "3600")]).await;
    let reaper = world.reaper.clone();
    let began = std::time::Instant::now();
    let telling = tokio::spawn(async move { tell(&reaper).await });
    receiver.next().await;
    tokio::time::pause();
    assert_eq!(telling.await.unwrap(), NOT_TAKEN);
    tokio::time::resume();
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "the bound of ten seconds has passed on that clock alone"
    );
    let failed = log(&world).await.into_iter().find_map(|recorded| match recorded.event {
        Event::Run(RunEvent::NotificationFailed { why, not_before, .. }) => Some((why, not_before)),
        _ => None,
    });
    let (why, not_before) = failed.unwrap();
    assert_eq!(why, "it did not answer in time");
    assert!(not_before > Timestamp::now() + SignedDuration::from_mins(50));
    assert_eq!(tell(&world.reaper).await, NOTHING, "not before that");
}

#[tokio::test]
async fn further_targets_of_a_system_have_names_kinds_and_progress_of_their_own() {
    let mut receiver = Receiver::start().await;
    let targets = format!(
        "ops slack {0}/ops kinds=held+failed, audit slack {0}/audit, pager webhook {0}/pager secret={KEY} kinds=confirmed",
        receiver.origin
    );
    let slack = format!("{}/first", receiver.origin);
    let more = [
        ("REAPER_NOTIFY_TARGETS", targets.as_str()),
        ("REAPER_NOTIFY_SLACK_URL", &slack),
        ("REAPER_NOTIFY_WEBHOOK_KINDS", "guard"),
    ];
    let world = with_one_piece_of_news(&mut receiver, &more).await;
    let names = revocation::target_names(&world.reaper.config().notify);
    assert_eq!(names, ["slack", "webhook", "ops", "audit", "pager"]);
    assert_eq!(tell(&world.reaper).await.delivered, 3);
    let told = receiver.all();
    let paths: BTreeSet<&str> = told.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(paths, ["/audit", "/first", "/pager"].into(), "ops is told of holds and failures only");
    told.iter().find(|request| request.path == "/pager").unwrap().signed_id(KEY);
    assert_eq!(tell(&world.reaper).await, NOTHING);

    world.request(DAVE, &[DEV], "olga").await;
    tell(&world.reaper).await;
    let paths: Vec<String> = receiver.all().into_iter().map(|request| request.path).collect();
    assert!(paths.contains(&"/ops".to_owned()) && !paths.contains(&"/pager".to_owned()), "{paths:?}");
    let tried = revocation::try_targets(&world.reaper.config().notify, Some("audit")).await;
    assert_eq!((tried[0].target.as_str(), &tried[0].answer), ("audit", &Ok(())));
}

#[rstest::rstest]
#[case::twice(
    "ops slack https://x.example/a, ops slack https://x.example/b",
    "two targets have the name `ops`"
)]
#[case::in_the_clear("ops slack http://x.example/hush-hush", "notify.targets: ops: ")]
#[case::a_name_that_is_taken("slack slack https://x.example/hush-hush", "the name of a target")]
#[test]
fn a_target_that_cannot_be_is_told_without_its_address(#[case] targets: &str, #[case] expected: &str) {
    let error =
        futures::executor::block_on(Config::load([("REAPER_NOTIFY_TARGETS".to_owned(), targets.to_owned())]))
            .unwrap_err()
            .to_string();
    assert!(error.contains(expected) && !error.contains("hush"), "{error}");
}
