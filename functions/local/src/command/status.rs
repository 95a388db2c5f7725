//! `reaper status`: who has access to what.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use kubeconfig::query::Point;
use kubeconfig::{ClusterId, KubeconfigKey, Status, Uid};
use revocation::views::PairView;
use revocation::{By, ClusterPanel, Explanation, HeldPanel, History, IdentityPanel, Overview, Silence};
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
  reaper status --uid alice                        one identity on every cluster, by number or name
  reaper status --leftovers                        deleted users and roles whose access still works
  reaper status --held                             what waits for `reaper approve` or `reaper reject`
  reaper status --status Expired -o csv            for a spreadsheet
  reaper status --uid alice --as-of 2026-01-31     what was known as that day began, UTC
  reaper status --as-of 7d --by occurred           what was the case then, as far as is known now
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
    /// One identity, by its number or a name that it alone bears or bore
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
    /// As of this time; of a day (UTC), its beginning; in the future what will have expired
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

/// The same with the instant that it is about, unless that is now.
#[derive(Serialize)]
struct Answer<'a, T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    #[serde(flatten)]
    shown: &'a T,
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
    if terminal::print(&args.text(&history, &shown).await?)? && args.watch {
        args.watch(&history, shown.pairs()).await?;
    }
    Ok(Exit::Done)
}

impl Args {
    /// As of the time that is asked for.
    async fn history(&self, history: History) -> Result<History, Failure> {
        let Some(at) = self.as_of else { return Ok(history) };
        Ok(history.as_of(at.instant(Timestamp::now()), self.by.into()).await?)
    }

    /// What is shown, and the instant that it is about.
    fn answer<'a, T>(&self, history: &History, shown: &'a T) -> Answer<'a, T> {
        let as_of = self.as_of.map(|_| history.now());
        Answer { as_of, by: as_of.map(|_| By::from(self.by).as_str()), shown }
    }

    /// The same for people, above everything else.
    fn instant(&self, history: &History) -> String {
        let shown = match self.by {
            Time::Recorded => "what was known then",
            Time::Occurred => "what was the case then, as far as is known now",
        };
        let as_of = self.as_of.map(|_| format!("as of {}: {shown}\n", output::moment(history.now())));
        as_of.unwrap_or_default()
    }

    /// Why one kubeconfig has its status.
    async fn explain(&self, history: &History) -> Result<Exit, Failure> {
        let (Some(cluster), Some(uid)) = self.targets(history).await? else {
            return Err(Failure::new(Exit::Usage, "--why is about one kubeconfig: name --cluster and --uid"));
        };
        let key = KubeconfigKey { cluster, uid };
        let Some(Explanation { pair, because, events }) = history.why(&key).await? else {
            return Err(not_found(history.nothing_of_pair(&key).await?));
        };
        let rows: Vec<EventRow> = events.into_iter().map(EventRow).collect();
        let document = json!({ "because": because, "kubeconfig": pair, "events": rows });
        let heading = match self.options.for_people() && !self.options.no_headers {
            true => format!("{}{}: {because}\n\n", self.instant(history), pair.status),
            false => String::new(),
        };
        terminal::print(&(heading + &self.options.list(&rows, &self.answer(history, &document))?))?;
        Ok(Exit::Done)
    }

    async fn look(&self, history: &History) -> Result<Shown, Failure> {
        let (cluster, uid) = self.targets(history).await?;
        let pass = self.filter(history).await?;
        let filtered = self.residual || self.leftovers || self.held || self.status.is_some();
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
                let Some(mut panel) = history.cluster(&cluster).await? else {
                    return Err(not_found(history.nothing_of_cluster(&cluster).await?));
                };
                panel.kubeconfigs.retain(pass);
                Ok(Shown::Cluster(panel))
            }
            (cluster, Some(uid)) => {
                let Some(mut panel) = history.identity(&uid).await? else {
                    return Err(not_found(history.nothing_of_identity(&uid).await?));
                };
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
            Some(text) => Some(target::known_identity(text, history).await?),
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

    async fn text(&self, history: &History, shown: &Shown) -> Result<String, Failure> {
        let rows = self.options.list(shown.pairs(), &self.answer(history, shown))?;
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
        let silence = history.silence().await?;
        if rows.is_empty() && messages.is_empty() {
            let why = silence.map(|silence| format!(": {}", output::silence(silence))).unwrap_or_default();
            terminal::say(&format!("no kubeconfig passes{why}"));
        }
        let gap = if rows.is_empty() || messages.is_empty() { "" } else { "\n" };
        let heading = match self.options.no_headers {
            true => String::new(),
            false => self.instant(history) + &shown.heading(silence),
        };
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

impl From<Time> for By {
    fn from(time: Time) -> Self {
        match time {
            Time::Recorded => Self::Recorded,
            Time::Occurred => Self::Occurred,
        }
    }
}

fn not_found(what: String) -> Failure {
    Failure::new(Exit::NotFound, what).next("`reaper status` lists all that is known")
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
    fn heading(&self, silence: Option<Silence>) -> String {
        let words = |words: &[Option<&String>]| {
            let known: Vec<String> = words.iter().flatten().map(|word| output::clean(word)).collect();
            format!("{}\n\n", known.join(", "))
        };
        match self {
            Self::Everything { overview, .. } => output::overview(overview, silence),
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
