//! `reaper revoke`: end an identity's access to clusters.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use kubeconfig::{ClusterId, Uid};
use revocation::views::{Outcome, RevocationOutcome};
use revocation::{Cause, Clusters, Reaper, Request, TimeBudget};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Options;
use crate::{person, settings, target, terminal};

const AFTER: &str = "\
Reads the access afresh, asks whether it was used in the last seven days, keeps a copy of the permissions, deletes, \
and reads back that it is gone. What policy does not allow without a second look is held for another person. \
First a preview is shown; then it asks, unless --yes is given. Without a terminal --yes is required.

Never touched: the account itself, your own identity, the roles of the functions, protected identities, clusters that \
are being deleted, and what was never issued or is gone.

Examples:
  reaper revoke 200000000000000101 c0a1b2c3d4e5f60718293a4b5c6d7e8f9
  reaper revoke 200000000000000101 --all --dry-run
  reaper revoke 200000000000000101 --all --yes --reason 'left the company, TICKET-17' -o json";

/// Options of `revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Whose access, by number
    #[arg(value_name = "UID")]
    uid: String,
    /// Ids of the clusters
    #[arg(value_name = "CLUSTER", required_unless_present = "all", conflicts_with = "all")]
    clusters: Vec<String>,
    /// Every cluster that the identity has, or had, access to
    #[arg(long)]
    all: bool,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only say what would happen; nothing is stored
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do not show a preview and do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    options: Options,
}

/// Previews, asks, and ends the access.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    if !args.dry_run && !args.yes && !terminal::somebody_there() {
        return Err(Failure::new(Exit::Usage, "there is no terminal to ask on")
            .not_done("nothing was asked for")
            .next("look with --dry-run, then say --yes"));
    }
    let reaper = settings::reaper(global).await?;
    let uid = target::uid(&args.uid, reaper.history()).await?;
    let mut clusters = args.clusters(&reaper).await?;
    let cause = person::cause();
    if !args.yes {
        let preview = args.preview(&reaper, &uid, clusters, &cause).await?;
        somebody(&preview, &uid, &reaper).await?;
        if args.dry_run {
            terminal::print(&args.options.list(&preview, &preview)?)?;
            return Ok(Exit::worst(&preview));
        }
        terminal::say(args.options_for_people().list(&preview, &preview)?.trim_end());
        clusters = Clusters::These(promising(&preview));
        let Clusters::These(chosen) = &clusters else { return Ok(Exit::Done) };
        if chosen.is_empty() {
            terminal::say("nothing here can be revoked; nothing was asked for");
            return Ok(Exit::worst(&preview));
        }
        if !terminal::confirmed(&format!("End the access of {uid} to {} of these clusters?", chosen.len()))? {
            return Err(Failure::new(Exit::Failed, "not confirmed").not_done("nothing was asked for"));
        }
    }
    let outcomes = args.revoke(&reaper, &uid, clusters, &cause).await?;
    somebody(&outcomes, &uid, &reaper).await?;
    terminal::print(&args.options.list(&outcomes, &outcomes)?)?;
    hint(&outcomes);
    Ok(Exit::worst(&outcomes))
}

/// Whoever mistypes a number must not take silence for success.
async fn somebody(outcomes: &[RevocationOutcome], uid: &Uid, reaper: &Reaper) -> Result<(), Failure> {
    if outcomes.is_empty() {
        if !reaper.history().projection().await?.identities.contains_key(uid) {
            return Err(Failure::new(Exit::NotFound, format!("nothing is known of identity {uid}"))
                .not_done("nothing was asked for")
                .next("`reaper status` lists all that is known"));
        }
        terminal::say(&format!("{uid} has access to no cluster; nothing was asked for"));
    }
    Ok(())
}

/// What a preview lets go on, or would hold.
fn promising(preview: &[RevocationOutcome]) -> BTreeSet<ClusterId> {
    let wanted =
        preview.iter().filter(|row| matches!(row.outcome, Outcome::WouldRevoke | Outcome::WouldHold));
    wanted.filter_map(|row| row.pair.cluster.parse().ok()).collect()
}

fn hint(outcomes: &[RevocationOutcome]) {
    let held =
        outcomes.iter().filter(|row| row.outcome == Outcome::Held).filter_map(|row| row.revocation.as_ref());
    for revocation in held {
        terminal::say(&format!(
            "held: another person says `reaper approve {revocation}` or `reaper reject {revocation}`"
        ));
    }
}

impl Args {
    async fn clusters(&self, reaper: &Reaper) -> Result<Clusters, Failure> {
        if self.all {
            return Ok(Clusters::All);
        }
        let mut clusters = BTreeSet::new();
        for text in &self.clusters {
            clusters.insert(target::cluster_id(text, reaper.history()).await?);
        }
        Ok(Clusters::These(clusters))
    }

    /// The preview is for the eyes, whatever format the results are to have.
    const fn options_for_people(&self) -> Options {
        Options { output: crate::output::Format::Table, no_headers: false }
    }

    fn request(&self, uid: &Uid, clusters: Clusters, dry_run: bool) -> Request {
        Request { uid: uid.clone(), clusters, reason: self.reason.clone(), dry_run, idempotency_key: None }
    }

    async fn preview(
        &self,
        reaper: &Reaper,
        uid: &Uid,
        clusters: Clusters,
        cause: &Cause,
    ) -> Result<Vec<RevocationOutcome>, Failure> {
        let progress = spinner("looking");
        let outcomes = reaper.request(&self.request(uid, clusters, true), cause, TimeBudget::UNLIMITED).await;
        progress.finish_and_clear();
        Ok(outcomes?)
    }

    /// Several clusters at once, so that each can be told as it ends. All of it is one cause.
    async fn revoke(
        &self,
        reaper: &Reaper,
        uid: &Uid,
        clusters: Clusters,
        cause: &Cause,
    ) -> Result<Vec<RevocationOutcome>, Failure> {
        let Clusters::These(clusters) = clusters else {
            let progress = spinner("revoking on every cluster");
            let request = self.request(uid, Clusters::All, false);
            let outcomes = reaper.request(&request, cause, TimeBudget::UNLIMITED).await;
            progress.finish_and_clear();
            return Ok(outcomes?);
        };
        let progress = bar(clusters.len());
        let outcomes = stream::iter(clusters).map(|cluster| {
            let request = self.request(uid, Clusters::These(BTreeSet::from([cluster])), false);
            let progress = &progress;
            async move {
                let outcomes = reaper.request(&request, cause, TimeBudget::UNLIMITED).await;
                progress.inc(1);
                outcomes
            }
        });
        let outcomes = outcomes.buffered(reaper.config().sweep.concurrency).try_concat().await;
        progress.finish_and_clear();
        Ok(outcomes?)
    }
}

/// Progress where nobody knows how long it takes. Shows on a terminal only.
fn spinner(what: &'static str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(what);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

fn bar(clusters: usize) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len} clusters").unwrap_or(ProgressStyle::default_bar());
    let bar = ProgressBar::new(u64::try_from(clusters).unwrap_or_default()).with_style(style);
    bar.tick();
    bar
}
