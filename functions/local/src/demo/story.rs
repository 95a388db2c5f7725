//! The story: before, what happens step by step, after, and the history that is left.

use std::time::Instant;

use cloud_emulator::Service;
use cloud_emulator::account::IssuedCertificate;
use cloud_emulator::scenario::believable::{ALICE, ROOT};
use event_store::{Filter, Order};
use jiff::Timestamp;
use kubeconfig::{Recorded, Status, StreamId};
use revocation::views::PairView;
use revocation::{History, headline};
use serde_json::json;

use super::Stage;
use super::stage::token;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::output::{Format, Options};
use crate::terminal;

const TABLE: Options = Options { output: Format::Table, no_headers: false };

/// Tells it. Ends well only if the cloud lets none of alice's certificates in any more.
pub(crate) async fn tell(stage: &Stage) -> Result<Exit, Failure> {
    let begun = Instant::now();
    chapter(
        "An account on the emulated cloud: 3 clusters, 8 identities. Reaper looks at it for the first time.",
    )?;
    sweep(stage, "look").await?;
    let history = stage.history()?;
    show_status(&history).await?;
    let certificates = certificates(stage);
    let admitted = admitted(stage, &certificates);
    tell_line(&format!("\nThe clusters let {admitted} certificates of alice in."))?;

    chapter("Somebody deletes the RAM user alice. EventBridge tells the function identity-deleted.")?;
    delete_alice(stage)?;
    let deleted_at = Timestamp::now();
    stage.deployment.idle().await;
    let since = Filter { since: Some(deleted_at), ..Filter::default() };
    let passed = |event: &Recorded| event.recorded_at.duration_since(deleted_at).as_secs_f64();
    tell_events(&history, &since, |event| format!("+{:.3} s", passed(event))).await?;

    chapter(
        "One cluster has no audit log: nobody knows whether alice still uses it. A person decides, over HTTP.",
    )?;
    approve_what_is_held(stage).await?;

    chapter("The hourly sweep finds what was left behind before Reaper came, and what has expired.")?;
    let report = sweep(stage, "").await?;
    let number = |name: &str| report["report"][name].as_u64().unwrap_or_default();
    tell_line(&format!(
        "asked for {}, confirmed {}, waiting for a person {}",
        number("requested"),
        number("confirmed"),
        number("held")
    ))?;

    chapter("What the Slack channel was told, at the end of that sweep")?;
    for message in stage.slack.told() {
        tell_line(&message)?;
    }

    chapter("The account afterwards")?;
    show_status(&history).await?;

    chapter("What the history says about alice")?;
    let filter = Filter { uids: ALICE.parse().into_iter().collect(), ..Filter::default() };
    tell_events(&history, &filter, |event| event.recorded_at.strftime("%H:%M:%S%.3fZ").to_string()).await?;
    verdict(stage, &history, &certificates, begun).await
}

/// Reads back: from the cloud itself, and from what Reaper confirmed.
async fn verdict(
    stage: &Stage,
    history: &History,
    certificates: &[(String, IssuedCertificate)],
    begun: Instant,
) -> Result<Exit, Failure> {
    let admitted = admitted(stage, certificates);
    let pairs = history.pairs(|pair| pair.uid == ALICE).await.map_err(failed)?;
    let confirmed = pairs.iter().filter(|pair| pair.status == Status::Deleted).count();
    let calls = |cluster: &str| stage.deployment.emulator.cleans(cluster, ALICE).effective;
    let once = pairs.iter().all(|pair| calls(&pair.cluster) == 1);
    tell_line(&format!(
        "\nThe clusters let {admitted} of {} certificates of alice in; {confirmed} of {} accesses are confirmed gone, \
         {}. {:.1} s.",
        certificates.len(),
        pairs.len(),
        if once { "each by exactly one effective call" } else { "not each by exactly one effective call" },
        begun.elapsed().as_secs_f64()
    ))?;
    let is_gone = !certificates.is_empty() && admitted == 0 && confirmed == pairs.len() && once;
    if is_gone {
        return Ok(Exit::Done);
    }
    Err(Failure::new(Exit::Failed, "alice's access is not gone"))
}

async fn sweep(stage: &Stage, payload: &str) -> Result<serde_json::Value, Failure> {
    stage.deployment.sweep(payload).await.map_err(failed)
}

fn delete_alice(stage: &Stage) -> Result<(), Failure> {
    let emulator = &stage.deployment.emulator;
    emulator.perform(Service::Ram, "DeleteUser", &[("UserName", "alice")], ROOT).map_err(failed)?;
    Ok(())
}

/// Approves through the function `revoke` whatever of alice's waits for a person.
async fn approve_what_is_held(stage: &Stage) -> Result<(), Failure> {
    let held = stage.get("/v1/held").await?;
    let pairs = held["revocations"].as_array().cloned().unwrap_or_default();
    for pair in pairs.iter().filter(|pair| pair["uid"] == ALICE) {
        let open = &pair["open_revocation"];
        let (who, whereto, why) =
            (text(&pair["name"]), text(&pair["cluster_name"]), text(&open["held_because"]));
        tell_line(&format!("held:      {who} in {whereto}: {why}"))?;
        let path = format!("/v1/revocations/{}/approval", text(&open["id"]));
        let body = json!({ "hold": open["hold"], "note": "alice has left" });
        let outcome = stage.post(&path, "approver", &body).await?;
        tell_line(&format!("approved:  by peter; {}", text(&outcome["outcome"])))?;
    }
    Ok(())
}

/// Every identity's access to every cluster.
async fn show_status(history: &History) -> Result<(), Failure> {
    let projection = history.projection().await.map_err(failed)?;
    let mut pairs = vec![];
    for uid in projection.identities.keys().chain(projection.accesses.keys().map(|key| &key.uid)) {
        if pairs.iter().any(|pair: &PairView| pair.uid == uid.as_str()) {
            continue;
        }
        let panel = history.identity(uid).await.map_err(failed)?;
        pairs.extend(panel.into_iter().flat_map(|panel| panel.kubeconfigs));
    }
    terminal::print(&TABLE.list(&pairs, &())?)?;
    Ok(())
}

/// Events, a line each: when, about which cluster or what else, what, and who.
async fn tell_events(
    history: &History,
    filter: &Filter,
    when: impl Fn(&Recorded) -> String,
) -> Result<(), Failure> {
    let projection = history.projection().await.map_err(failed)?;
    let (events, ..) = history.recorded(filter, Order::Oldest, None, 1000).await.map_err(failed)?;
    for event in &events {
        let about = match &event.stream {
            StreamId::Kubeconfig(key) => {
                projection.clusters.get(&key.cluster).map_or("kubeconfig", |cluster| &cluster.name)
            }
            other => other.kind(),
        };
        tell_line(&format!("{}  {about:<8}  {}  [{}]", when(event), headline(event), event.actor))?;
    }
    Ok(())
}

/// A text in an answer.
fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or("?")
}

/// Every certificate that was issued to alice.
fn certificates(stage: &Stage) -> Vec<(String, IssuedCertificate)> {
    stage.deployment.emulator.account(|account| {
        let of_alice = account.kubeconfigs().filter(|kubeconfig| kubeconfig.uid == ALICE);
        of_alice
            .flat_map(|kubeconfig| {
                kubeconfig
                    .certificates
                    .iter()
                    .map(|certificate| (kubeconfig.cluster.clone(), certificate.clone()))
            })
            .collect()
    })
}

/// How many of them the clusters let in now.
fn admitted(stage: &Stage, certificates: &[(String, IssuedCertificate)]) -> usize {
    let emulator = &stage.deployment.emulator;
    let now = emulator.now();
    emulator
        .account(|account| certificates.iter().filter(|(cluster, c)| account.admits(cluster, c, now)).count())
}

/// Lines to copy.
pub(crate) fn what_to_try(stage: &Stage) -> Result<String, Failure> {
    let (revoke, history) = (stage.deployment.revoke_url(), stage.deployment.history_url());
    let (viewer, operator, approver) = (token("viewer"), token("operator"), token("approver"));
    let domain = stage.deployment.domain_url();
    Ok(format!(
        "\nIt stays up until Ctrl-C.\n\n\
         # The console, for a browser: sign in with the token {approver} to decide, or {viewer} to look\n\
         {domain}/\n\n\
         # For a terminal\n\n\
         # From Slack, signed: a preview with buttons, then an approval by another person, then the result\n\
         {from_slack}\n\n\
         # What waits for a person\n\
         curl -s -H 'Authorization: Bearer {viewer}' {history}/v1/held\n\n\
         # What would happen to bob, and nothing more\n\
         curl -s -H 'Authorization: Bearer {operator}' -H 'Content-Type: application/json' \\\n  \
           -d '{{\"uid\":\"200000000000000102\",\"clusters\":\"all\",\"dry_run\":true}}' {revoke}/v1/revocations\n\n\
         # End carol's access everywhere\n\
         curl -s -H 'Authorization: Bearer {operator}' -H 'Content-Type: application/json' \\\n  \
           -d '{{\"uid\":\"200000000000000103\",\"clusters\":\"all\",\"reason\":\"left\"}}' {revoke}/v1/revocations\n\n\
         # Who did what to alice\n\
         curl -s -H 'Authorization: Bearer {viewer}' '{history}/v1/events?uid={ALICE}&order=newest&limit=5'\n\n\
         # The whole interface\n\
         curl -s {history}/openapi.json\n\n\
         # The emulated account: delete somebody else, turn knobs\n\
         curl -s {control}/state\n",
        from_slack = stage.slack.line("olga", "revoke bob prod has left"),
        control = stage.deployment.emulator.endpoints().control(),
    ))
}

fn chapter(title: &str) -> Result<(), Failure> {
    tell_line(&format!("\n== {title}\n"))
}

fn tell_line(text: &str) -> Result<(), Failure> {
    terminal::print(&format!("{text}\n")).map(|_| ())
}

fn failed(error: impl std::error::Error) -> Failure {
    Failure::new(Exit::Failed, chain(&error))
}
