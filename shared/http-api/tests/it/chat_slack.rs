//! Slack from the slash command to the result.

use axum::http::StatusCode;
use chat::{Button, Choice, Secret, Secrets, System};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::chat_systems::{
    Chats, SLACK_SECRET, seconds, slack_buttons, slack_form, slack_press, slack_request, world,
};
use crate::world::{ALICE, BOB, PROD, World, send};

fn text(answer: &Value) -> String {
    answer.to_string()
}

fn button(answer: &Value, label: &str) -> String {
    let buttons = slack_buttons(answer);
    let found = buttons.iter().find(|(shown, _)| shown.starts_with(label));
    found.unwrap_or_else(|| panic!("no button {label} among {buttons:?}")).1.clone()
}

#[tokio::test]
async fn what_nobody_uses_is_revoked_after_one_yes() {
    let (world, mut chats) = world().await;
    let preview = world.ask(&mut chats, "olga", &format!("revoke alice {PROD} has left")).await;
    assert_eq!(preview["response_type"], "ephemeral");
    let shown = text(&preview);
    for expected in
        ["Revoke access of alice", "RamUser, Active", "Effective", "expires 20", "not used", "has left"]
    {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 0, "a preview does nothing");

    let result = world.press(&mut chats, "olga", &button(&preview, "Revoke (1)")).await;
    assert!(text(&result).contains("1 revoked"), "{result}");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 1);

    let pair = world.get(&format!("/v1/kubeconfigs/{PROD}/{ALICE}")).await;
    assert_eq!(pair.body["status"], "Deleted");
    let events = world.get(&format!("/v1/events?uid={ALICE}&type=RevocationRequested")).await.body;
    let asked = &events["events"][0];
    assert_eq!(
        (&asked["actorchannel"], &asked["actorprincipal"], &asked["actorhuman"]),
        (&"slack".into(), &"slack-bot".into(), &"olga".into()),
        "bot and person"
    );
    assert_eq!(asked["data"]["reason"], "has left");
}

#[tokio::test]
async fn what_is_in_use_takes_a_second_person() {
    let (world, mut chats) = world().await;
    let preview = world.ask(&mut chats, "anna", &format!("revoke bob {PROD}")).await;
    assert!(text(&preview).contains("last seven days: used"), "{preview}");
    let held = world.press(&mut chats, "anna", &button(&preview, "Request approval (1)")).await;
    assert_eq!(held["response_type"], "in_channel", "others have to see it");
    assert!(text(&held).contains("1 waiting for approval"), "{held}");
    let approve = button(&held, "Approve");

    let own = world.press(&mut chats, "anna", &approve).await;
    assert!(text(&own).contains("another person has to approve it"), "{own}");
    let operator = world.press(&mut chats, "olga", &approve).await;
    assert!(text(&operator).contains("takes the role approver"), "{operator}");
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 0);

    let approved = world.press(&mut chats, "arno", &approve).await;
    assert!(text(&approved).contains("confirmed"), "{approved}");
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 1);
    let again = world.press(&mut chats, "arno", &approve).await;
    assert!(text(&again).contains("confirmed"), "approving again changes nothing: {again}");
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 1);
}

#[tokio::test]
async fn what_is_held_can_be_rejected_by_its_id_and_whatever_door_it_came_through() {
    let (world, mut chats) = world().await;
    world.revoke(BOB, &[PROD]).await;
    let held = world.ask(&mut chats, "anna", "held").await;
    let shown = text(&held);
    assert!(shown.contains("1 wait for a decision") && shown.contains("bob"), "{shown}");
    button(&held, "Approve");
    assert!(
        slack_buttons(&world.ask(&mut chats, "olga", "held").await).is_empty(),
        "an operator decides nothing"
    );
    let id = world.get("/v1/held").await.body["revocations"][0]["open_revocation"]["id"].clone();
    let id = id.as_str().unwrap();
    let rejected = world.ask(&mut chats, "anna", &format!("reject {id} still needed")).await;
    assert!(text(&rejected).contains("rejected"), "{rejected}");
    let late = world.ask(&mut chats, "arno", &format!("approve {id}")).await;
    assert!(text(&late).contains("does not wait for a person"), "{late}");
    let odd = world.ask(&mut chats, "arno", "approve 4711").await;
    assert!(text(&odd).contains("no id of a revocation"), "{odd}");
}

#[tokio::test]
async fn a_button_works_once_for_the_one_it_was_shown_to() {
    let (world, mut chats) = world().await;
    let preview = world.ask(&mut chats, "olga", &format!("revoke alice {PROD}")).await;
    let (revoke, cancel) = (button(&preview, "Revoke"), button(&preview, "Cancel"));
    for other in ["anna", "vera"] {
        let answer = world.press(&mut chats, other, &revoke).await;
        assert!(text(&answer).contains("not one of yours"), "{answer}");
    }
    let cancelled = world.press(&mut chats, "olga", &cancel).await;
    assert!(text(&cancelled).contains("nothing was done"), "{cancelled}");
    for value in [&revoke, &cancel] {
        let late = world.press(&mut chats, "olga", value).await;
        assert!(text(&late).contains("answered before, with cancel"), "{late}");
    }
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 0);
}

#[tokio::test]
async fn buttons_of_others_and_expired_ones_do_nothing() {
    let (world, mut chats) = world().await;
    let secrets =
        |text: &str| -> Secrets { [Secret::try_from(text.to_owned()).unwrap()].into_iter().collect() };
    let made = |secret: &str, ahead: i64| {
        let until = Timestamp::now() + SignedDuration::from_secs(ahead);
        let button = Button { choice: Choice::Confirm, subject: uuid::Uuid::now_v7(), hold: 0, until };
        button.value(System::Slack, "olga", &secrets(secret)).unwrap()
    };
    for (value, expected) in [
        (made(SLACK_SECRET, -1), "has expired"),
        (made("another-secret", 60), "not one of yours"),
        (made(SLACK_SECRET, 60), "not known here"),
        ("confirm".into(), "not one of yours"),
        (String::new(), "not one of yours"),
    ] {
        let answer = world.press(&mut chats, "olga", &value).await;
        assert!(text(&answer).contains(expected), "{answer}");
    }
}

#[tokio::test]
async fn a_name_that_may_mean_several_is_answered_with_all_of_them() {
    let (world, mut chats) = world().await;
    world.delete_user("alice");
    world
        .emulator
        .perform(cloud_emulator::Service::Ram, "CreateUser", &[("UserName", "alice")], crate::world::ROOT)
        .unwrap();
    world.look().await;
    for command in ["status alice".to_owned(), "revoke alice all".to_owned(), "history uid:alice".to_owned()]
    {
        let answer = world.ask(&mut chats, "olga", &command).await;
        let shown = text(&answer);
        assert!(
            shown.contains("alice may mean 2 identities") && shown.contains(&format!("uid:{ALICE}")),
            "{shown}"
        );
        assert!(shown.contains("RamUser, Deleted") && shown.contains("RamUser, Active"), "{shown}");
        assert!(slack_buttons(&answer).is_empty());
    }
    let one = world.ask(&mut chats, "olga", &format!("status {ALICE}")).await;
    assert!(text(&one).contains(&format!("alice (uid:{ALICE})")), "{one}");
}

#[tokio::test]
async fn everybody_may_ask_what_their_role_allows() {
    let (world, mut chats) = world().await;
    let help = text(&world.ask(&mut chats, "vera", "help").await);
    assert!(
        help.contains("status USER") && !help.contains("revoke USER") && !help.contains("approve ID"),
        "{help}"
    );
    let help = text(&world.ask(&mut chats, "olga", "").await);
    assert!(help.contains("revoke USER") && !help.contains("approve ID"), "{help}");
    assert!(text(&world.ask(&mut chats, "anna", "help").await).contains("approve ID"));
    for (who, command, role) in [
        ("vera", "revoke alice all", "operator"),
        ("olga", "approve 0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11", "approver"),
        ("vera", "reject 0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11", "approver"),
    ] {
        let answer = world.ask(&mut chats, who, command).await;
        assert!(text(&answer).contains(&format!("takes the role {role}")), "{answer}");
    }
    let status = text(&world.ask(&mut chats, "vera", &format!("status alice {PROD}")).await);
    assert!(status.contains("alice") && status.contains(PROD), "{status}");
    let history = text(&world.ask(&mut chats, "vera", "history type:SweepCompleted").await);
    assert!(history.contains("SweepCompleted"), "{history}");
    for (command, expected) in [
        ("status nobody-at-all", "Nobody is known by the name"),
        ("status alice no-such-cluster", "No cluster of the name"),
        ("history since:yesterday", "column 7: `yesterday` is no value for `since`, expected a day"),
        ("history alice colour:red", "column 7: there is no key `colour`, expected one of cluster,"),
        ("frobnicate", "I do not know `frobnicate`"),
        ("revoke alice", "lacks something"),
    ] {
        let answer = world.ask(&mut chats, "olga", command).await;
        assert!(text(&answer).contains(expected), "{answer}");
    }
}

#[tokio::test]
async fn a_stranger_gets_one_answer_whatever_is_asked_and_nothing_is_stored() {
    let (world, mut chats) = world().await;
    let length = world.log_length().await;
    let mut answers = vec![];
    for command in ["help", "status alice", "revoke alice all", "frobnicate", ""] {
        let answer = world.slash(&chats, "mallory", command).await;
        assert_eq!(answer.status, StatusCode::OK);
        answers.push(answer.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers[0]["text"].as_str().unwrap().contains("not known here"));
    assert_eq!(world.log_length().await, length);
    assert!(chats.is_silent());
}

#[tokio::test]
async fn a_replayed_request_does_nothing_here_and_at_another_instance() {
    let (world, mut chats) = world().await;
    let form = slack_form(&chats, "olga", &format!("revoke alice {PROD}"), "t-1");
    let request = || slack_request("commands", &form, SLACK_SECRET, seconds());
    world.send(request()).await;
    let preview = chats.next().await.1;
    world.answered(1).await;
    let length = world.log_length().await;
    let again = world.send(request()).await;
    assert!(again.body["text"].as_str().unwrap().contains("came before"));
    // Another instance has nothing in common with this one but the store.
    let other = revocation::Reaper::new(world.store.clone(), world.cloud(), world.reaper.config().clone());
    let (callers, console) = (crate::world::callers(other.config()), crate::world::console(other.config()));
    let other = revoke::router(other.into(), callers, &console);
    let there = send(&other, request()).await;
    assert!(there.body["text"].as_str().unwrap().contains("came before"));
    assert_eq!(world.log_length().await, length);
    assert!(chats.is_silent());

    let form = slack_press(&chats, "olga", &button(&preview, "Revoke"), "17.5");
    for _ in 0..3 {
        world.send(slack_request("actions", &form, SLACK_SECRET, seconds())).await;
    }
    chats.next().await;
    world.answered(2).await;
    assert!(chats.is_silent(), "one press, one answer");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 1);
}

/// Takes a command as a process would that dies after it has acknowledged it.
async fn stored_only(world: &World, chats: &Chats, who: &str, form: &str, is_press: bool) {
    let now = Timestamp::now();
    let incoming = match is_press {
        true => chat::slack::action(form.as_bytes(), now).unwrap().unwrap(),
        false => chat::slack::command(form.as_bytes(), now).unwrap(),
    };
    assert_eq!(incoming.user, format!("U-{who}"));
    assert!(chats.origin.starts_with("http://127.0.0.1"));
    let receipt = world.reaper.receive_chat(System::Slack, incoming).await.unwrap();
    assert!(matches!(receipt, revocation::ChatReceipt::Stored(_)));
}

#[tokio::test]
async fn the_sweep_finishes_what_a_crash_has_left() {
    let (world, mut chats) = world().await;
    let form = slack_form(&chats, "olga", &format!("revoke alice {PROD}"), "t-1");
    stored_only(&world, &chats, "olga", &form, false).await;
    assert!(chats.is_silent());
    world.sweep().await;
    let (path, preview) = chats.next().await;
    assert_eq!(path, "/commands/t-1");
    let form = slack_press(&chats, "olga", &button(&preview, "Revoke"), "1.5");
    stored_only(&world, &chats, "olga", &form, true).await;
    world.sweep().await;
    assert!(text(&chats.next().await.1).contains("1 revoked"));
    world.sweep().await;
    assert!(chats.is_silent(), "what is over is over");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 1);
}

#[tokio::test]
async fn an_answer_that_is_not_taken_is_given_later_or_kept_as_lost() {
    let (world, mut chats) = world().await;
    chats.refuse(StatusCode::SERVICE_UNAVAILABLE);
    let form = slack_form(&chats, "olga", "held", "t-1");
    stored_only(&world, &chats, "olga", &form, false).await;
    world.sweep().await;
    assert!(chats.is_silent());
    world.sweep().await;
    chats.next().await;

    chats.refuse(StatusCode::NOT_FOUND);
    let form = slack_form(&chats, "olga", "held", "t-2");
    stored_only(&world, &chats, "olga", &form, false).await;
    world.sweep().await;
    world.sweep().await;
    assert!(chats.is_silent());
    let lost = world.get("/v1/events?type=ChatAnswerLost").await.body;
    assert!(lost["events"][0]["data"]["why"].as_str().unwrap().contains("404"), "{lost}");
}

#[tokio::test]
async fn neither_the_address_of_an_answer_nor_a_secret_is_stored() {
    let (world, mut chats) = world().await;
    let preview = world.ask(&mut chats, "olga", &format!("revoke alice {PROD}")).await;
    world.press(&mut chats, "olga", &button(&preview, "Revoke")).await;
    let events = world.get("/v1/events?limit=1000").await.body.to_string();
    assert!(events.contains("ChatCommandReceived") && events.contains("ChatOfferTaken"));
    for secret in [chats.origin.trim_start_matches("http://"), SLACK_SECRET, &button(&preview, "Revoke")] {
        assert!(!events.contains(secret), "{secret}");
    }
}
