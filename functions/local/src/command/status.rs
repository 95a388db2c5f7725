//! `reaper status`: who has access to what.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use kubeconfig::query::Point;
use kubeconfig::{ClusterId, KubeconfigKey, Status, Uid};
use revocation::views::PairView;
use revocation::{By, ClusterPanel, Explanation, HeldPanel, History, IdentityPanel, Overview};
use serde::Serialize;
use serde_json::json;

use super::history;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, EventRow, Format, Listed as _, Options};
use crate::{settings, target, terminal};

const AFTER: &str = "\
Shows what the last sweep and later readings found; it calls nothing and changes nothing.

Statuses: NotIssued, Effective, EffectiveResidualRbac (the kubeconfig is deleted, its RBAC permissions are not), \
Expired, Deleted (read back), Revoked, Unknown.

Examples:
  reaper status                                    how things stand, and every kubeconfig
  reaper status --cluster prod                     everybody with access to one cluster, by name or id
  reaper status --uid 200000000000000101           one identity on every cluster
  reaper status --leftovers                        deleted users and roles whose access still works
  reaper status --held                             what waits for `reaper approve` or `reaper reject`
  reaper status --status Expired -o csv            for a spreadsheet
  reaper status --uid 2000… --as-of 2026-01-31     what was known then; with --by occurred, what was so
  reaper status --cluster prod --uid 2000… --why   the events that decided a status
  reaper status --time-to-revoke                   how long it took to end access, by month
  reaper status --leftovers -o name --no-headers   kubeconfig/{cluster}/{uid}, one a line
  reaper status --watch                            each change as it is stored";

/// Options of `status`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// One cluster, by id or name
    #[arg(long, value_name = "ID")]
    cluster: Option<String>,
    /// One identity, by its number
    #[arg(long, value_name = "ID")]
    uid: Option<String>,
    /// Only kubeconfigs that are deleted while RBAC permissions are left
    #[arg(long)]
    residual: bool,
    /// Only access of deleted identities that still works
    #[arg(long)]
    leftovers: bool,
    /// Only what waits for a person
    #[arg(long)]
    held: bool,
    /// Only this status
    #[arg(long, value_name = "STATUS", ignore_case = true, value_parser = statuses())]
    status: Option<String>,
    /// As of this time, in the future what will have expired
    #[arg(long, value_name = "TIME", value_parser = history::point, conflicts_with = "watch")]
    as_of: Option<Point>,
    /// Whether --as-of is about what was known then, or what was the case then as far as is known now
    #[arg(long, value_enum, value_name = "TIME", default_value_t = Time::Recorded, requires = "as_of")]
    by: Time,
    /// Show the events that decided the status of one kubeconfig
    #[arg(long, requires = "cluster", requires = "uid", conflicts_with_all = ["residual", "leftovers", "held", "status", "watch"])]
    why: bool,
    /// Show how long revocations took, by month
    #[arg(long, conflicts_with_all = ["cluster", "uid", "residual", "leftovers", "held", "status", "watch", "as_of", "why"])]
    time_to_revoke: bool,
    /// Stay, and show each kubeconfig that changes
    #[arg(short, long)]
    watch: bool,
    /// Seconds between two looks of --watch
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0, hide = true)]
    interval: f64,
    #[command(flatten)]
    options: Options,
}

/// Which of an event's two times counts.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Time {
    /// When events were stored
    Recorded,
    /// When they happened, by the clock of their source
    Occurred,
}

fn statuses() -> PossibleValuesParser {
    PossibleValuesParser::new(Status::ALL.map(Status::as_str))
}

/// What is shown.
#[derive(Serialize)]
#[serde(untagged)]
enum Shown {
    Everything { overview: Overview, kubeconfigs: Vec<PairView> },
    Cluster(ClusterPanel),
    Identity(IdentityPanel),
    Held(HeldPanel),
    Some { kubeconfigs: Vec<PairView> },
}

/// Shows, once or until nobody reads any more.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let history = args.history(settings::history(global).await?).await?;
    if args.why {
        return args.explain(&history).await;
    }
    if args.time_to_revoke {
        let months = history.time_to_revoke().await?;
        terminal::print(&args.options.list(&months, &months)?)?;
        return Ok(Exit::Done);
    }
    let shown = args.look(&history).await?;
    if terminal::print(&args.text(&shown)?)? && args.watch {
        args.watch(&history, shown.pairs()).await?;
    }
    Ok(Exit::Done)
}

impl Args {
    /// As of the time that is asked for.
    async fn history(&self, history: History) -> Result<History, Failure> {
        let Some(at) = self.as_of else { return Ok(history) };
        let by = match self.by {
            Time::Recorded => By::Recorded,
            Time::Occurred => By::Occurred,
        };
        Ok(history.as_of(at.instant(Timestamp::now()), by).await?)
    }

    /// Why one kubeconfig has its status.
    async fn explain(&self, history: &History) -> Result<Exit, Failure> {
        let (Some(cluster), Some(uid)) = self.targets(history).await? else {
            return Err(Failure::new(Exit::Usage, "--why is about one kubeconfig: name --cluster and --uid"));
        };
        let key = KubeconfigKey { cluster, uid };
        let Some(Explanation { pair, because, events }) = history.why(&key).await? else {
            return Err(Failure::new(Exit::NotFound, format!("nothing is known of kubeconfig {key}"))
                .next("`reaper status` lists all that is known"));
        };
        let rows: Vec<EventRow> = events.into_iter().map(EventRow).collect();
        let document = json!({ "because": because, "kubeconfig": pair, "events": rows });
        let heading = match self.options.for_people() && !self.options.no_headers {
            true => format!("{}: {because}\n\n", pair.status),
            false => String::new(),
        };
        terminal::print(&(heading + &self.options.list(&rows, &document)?))?;
        Ok(Exit::Done)
    }

    async fn look(&self, history: &History) -> Result<Shown, Failure> {
        let (cluster, uid) = self.targets(history).await?;
        let pass = self.filter(history).await?;
        let filtered = self.residual || self.leftovers || self.held || self.status.is_some();
        let missing =
            |what: String| Failure::new(Exit::NotFound, what).next("`reaper status` lists all that is known");
        match (cluster, uid) {
            (None, None) if !filtered => Ok(Shown::Everything {
                overview: history.overview().await?,
                kubeconfigs: history.pairs(|_| true).await?,
            }),
            (None, None) => {
                let kubeconfigs = history.pairs(pass).await?;
                if !self.held || self.residual || self.leftovers || self.status.is_some() {
                    return Ok(Shown::Some { kubeconfigs });
                }
                Ok(Shown::Held(history.held().await?))
            }
            (Some(cluster), None) => {
                let panel = history.cluster(&cluster).await?;
                let mut panel =
                    panel.ok_or_else(|| missing(format!("nothing is known of cluster {cluster}")))?;
                panel.kubeconfigs.retain(pass);
                Ok(Shown::Cluster(panel))
            }
            (cluster, Some(uid)) => {
                let panel = history.identity(&uid).await?;
                let mut panel =
                    panel.ok_or_else(|| missing(format!("nothing is known of identity {uid}")))?;
                panel.kubeconfigs.retain(|pair| {
                    pass(pair) && cluster.as_ref().is_none_or(|cluster| pair.cluster == cluster.as_str())
                });
                Ok(Shown::Identity(panel))
            }
        }
    }

    async fn targets(&self, history: &History) -> Result<(Option<ClusterId>, Option<Uid>), Failure> {
        let cluster = match &self.cluster {
            Some(text) => Some(target::known_cluster(text, history).await?),
            None => None,
        };
        let uid = match &self.uid {
            Some(text) => Some(target::uid(text, history).await?),
            None => None,
        };
        Ok((cluster, uid))
    }

    /// All conditions that are not about one cluster or identity.
    async fn filter(&self, history: &History) -> Result<impl Fn(&PairView) -> bool, Failure> {
        let leftovers = match self.leftovers {
            true => Some(history.leftovers().await?.iter().map(PairView::name).collect::<Vec<_>>()),
            false => None,
        };
        let (residual, held, status) = (self.residual, self.held, self.status.clone());
        Ok(move |pair: &PairView| {
            let waits = |pair: &PairView| {
                pair.open_revocation.as_ref().is_some_and(|open| open.held_because.is_some())
            };
            (!residual || pair.status == Status::EffectiveResidualRbac)
                && (!held || waits(pair))
                && status.as_ref().is_none_or(|status| pair.status.as_str().eq_ignore_ascii_case(status))
                && leftovers.as_ref().is_none_or(|leftovers| leftovers.contains(&pair.name()))
        })
    }

    fn text(&self, shown: &Shown) -> Result<String, Failure> {
        let rows = self.options.list(shown.pairs(), shown)?;
        let messages = match shown {
            Shown::Held(panel)
                if !panel.messages.is_empty()
                    && !matches!(self.options.output, Format::Json | Format::Yaml) =>
            {
                self.options.list(&panel.messages, &panel.messages)?
            }
            _ => String::new(),
        };
        if !self.options.for_people() {
            return Ok(rows + &messages);
        }
        if rows.is_empty() && messages.is_empty() {
            terminal::say("no kubeconfig passes");
        }
        let gap = if rows.is_empty() || messages.is_empty() { "" } else { "\n" };
        let heading = if self.options.no_headers { String::new() } else { shown.heading() };
        Ok(heading + &rows + gap + &messages)
    }

    /// Shows every pair that changes, also once more where it changes so that it is not asked for any longer.
    async fn watch(&self, history: &History, pairs: &[PairView]) -> Result<(), Failure> {
        let mut known: BTreeMap<String, PairView> =
            pairs.iter().map(|pair| (pair.name(), pair.clone())).collect();
        let mut ticks = tokio::time::interval(Duration::from_secs_f64(self.interval.clamp(0.01, 3600.0)));
        while !terminal::reader_is_gone() {
            ticks.tick().await;
            let now = self.look(history).await?;
            let asked_for: Vec<String> = now.pairs().iter().map(PairView::name).collect();
            let everything = match &now {
                Shown::Everything { kubeconfigs, .. } => kubeconfigs.clone(),
                _ => history.pairs(|_| true).await?,
            };
            let all = now.pairs().iter().chain(&everything);
            let mut changed = vec![];
            for pair in all {
                let name = pair.name();
                let followed = asked_for.contains(&name) || known.contains_key(&name);
                if followed && known.get(&name) != Some(pair) {
                    known.insert(name, pair.clone());
                    changed.push(pair.clone());
                }
            }
            if !changed.is_empty() && !terminal::print(&self.options.rows(&changed, false)?)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Shown {
    fn pairs(&self) -> &[PairView] {
        match self {
            Self::Everything { kubeconfigs, .. } | Self::Some { kubeconfigs } => kubeconfigs,
            Self::Cluster(panel) => &panel.kubeconfigs,
            Self::Identity(panel) => &panel.kubeconfigs,
            Self::Held(panel) => &panel.revocations,
        }
    }

    /// What stands above the table.
    fn heading(&self) -> String {
        let words = |words: &[Option<&String>]| {
            let known: Vec<String> = words.iter().flatten().map(|word| output::clean(word)).collect();
            format!("{}\n\n", known.join(", "))
        };
        match self {
            Self::Everything { overview, .. } => output::overview(overview),
            Self::Cluster(panel) => words(&[
                Some(&format!("cluster {}", panel.cluster)),
                panel.name.as_ref(),
                panel.profile.as_ref(),
                panel.region.as_ref(),
                panel.state.as_ref(),
            ]),
            Self::Identity(panel) => words(&[
                Some(&format!("identity {}", panel.uid)),
                panel.name.as_ref(),
                panel.kind.as_ref(),
                panel.state.as_ref(),
            ]),
            Self::Held(_) | Self::Some { .. } => String::new(),
        }
    }
}
