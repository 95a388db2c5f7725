//! `reaper history`: what happened.

use std::collections::VecDeque;
use std::time::Duration;

use event_store::{Cursor, MAX_PAGE, Order};
use jiff::civil::Date;
use kubeconfig::query::{Condition, Point, Term};
use kubeconfig::{EVENT_TYPES, Query, Recorded, RevocationId};
use revocation::{Found, History, Question};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{EventRow, Format, Options, TypeRow};
use crate::{person, settings, terminal};

const AFTER: &str = "\
A query is a list of terms: key:value, or free text. Several values of one key mean or (type:A type:B; the words OR and AND \
are text), everything else means and; - before a term negates it (behind --, where it comes first); values with spaces stand in double quotes. Put the whole query in single \
quotes. Keys are cluster and uid (by id or name), actor, type, status, channel, kind, revocation, correlation, causation, id, \
stream, principal, source; since, until, recorded (when it was stored) and occurred (when it happened, by the clock of its \
source). Types are listed by `reaper history --types`. Times are 2026-11-24T09:00:00Z, 2026-11-24 (UTC) or how long ago: 90m, 36h, 7d, 2w; ranges are FROM..UNTIL.

Free text is looked for in what is stored of an event, and in names: not in the sentence that tables show. What a table calls \
\"the cluster has no audit logging\" is stored, and found, as auditLoggingOff; `-o json` shows what is stored.

\"(erased)\" stands where a personal value is gone. Whether it was erased with a record of it, or somebody removed it from the \
store, `reaper verify` says.

In JSON and YAML every event is a CloudEvent 1.0; `-o ndjson` has one a line.

Examples:
  reaper history                                       the latest events
  reaper history uid:alice                             one identity, on every cluster
  reaper history 'cluster:prod since:7d -channel:timer'  not by the sweep, in the last week
  reaper history 'type:AccessChecked type:RevocationHeld' -o csv --limit 0
  reaper history 'status:Expired occurred:2026-01-01..2026-02-01' --count
  reaper history --revocation 0198…                    one revocation from request to outcome
  reaper history actor:alice '\"left the company\"'      what one person caused, and said
  reaper history auditLoggingOff                       by a word that is stored
  reaper history --types                               every type of events, with its meaning
  reaper history --follow                              the latest events, and each new one";

/// Options of `history`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// What is asked for; everything if nothing is said
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    #[command(flatten)]
    terms: Terms,
    /// The latest first; the default
    #[arg(long, conflicts_with = "oldest")]
    newest: bool,
    /// In the order in which they were stored
    #[arg(long)]
    oldest: bool,
    /// Say how many events there are, and show none. It takes as long as reading them
    #[arg(long, conflicts_with_all = ["follow", "limit", "output"])]
    count: bool,
    /// List the types of events with their meanings, and show none
    #[arg(long, conflicts_with_all = ["query", "follow", "limit", "count", "newest", "oldest"])]
    types: bool,
    /// How many events; 0 for all
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    /// Stay, and show each event as it is stored. The events before come in the order in which they were stored
    #[arg(short, long, visible_alias = "watch", visible_short_alias = 'w', conflicts_with_all = ["newest", "until"])]
    follow: bool,
    /// Seconds between two looks of --follow
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, hide = true)]
    interval: f64,
    #[command(flatten)]
    options: Options,
}

/// Terms as options.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Terms {
    /// Events about this cluster, by id or name
    #[arg(long, value_name = "ID")]
    cluster: Option<String>,
    /// Events about this identity, by id or name
    #[arg(long, value_name = "ID")]
    uid: Option<String>,
    /// Events that this person, token or channel caused
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Events of this type; may be given several times
    #[arg(id = "type", long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Events of this revocation
    #[arg(long, value_name = "ID", value_parser = str::parse::<RevocationId>)]
    revocation: Option<RevocationId>,
    /// Events stored at this time or later
    #[arg(long, value_name = "TIME", value_parser = point)]
    since: Option<Point>,
    /// Events stored before this time
    #[arg(long, value_name = "TIME", value_parser = point)]
    until: Option<Point>,
}

/// A time of a query.
pub(super) fn point(text: &str) -> Result<Point, String> {
    Point::read(text).ok_or_else(|| match text.get(..10).and_then(|day| day.parse().ok()) {
        Some(day) if Date::year(day) > 9998 => "it lies out of range: years go up to 9998".to_owned(),
        _ => "expected a time (2026-11-24T09:00:00Z), a day (2026-11-24) or how long ago (90m, 36h, 7d)"
            .to_owned(),
    })
}

/// The query of a command line: its words, and the options that are terms.
///
/// # Errors
/// The words are not a query.
pub(crate) fn query(words: &[String], terms: &Terms) -> Result<Query, Failure> {
    let query: Query = words.join(" ").parse().map_err(|error| {
        Failure::new(Exit::Usage, format!("the query is not understood, {error}"))
            .not_done("nothing was read")
            .next("`reaper history --help` shows what a query may be")
    })?;
    let terms = terms.clone();
    let conditions = [
        terms.cluster.map(Condition::Cluster),
        terms.uid.map(Condition::Uid),
        terms.actor.map(Condition::Actor),
        terms.revocation.map(Condition::Revocation),
        terms.since.map(Condition::Since),
        terms.until.map(Condition::Until),
    ];
    let types = terms.types.into_iter().map(Condition::Type);
    let query = query.and(conditions.into_iter().flatten().chain(types).map(Term::from));
    for name in query.unknown_types() {
        terminal::say(&format!(
            "warning: `{}` is no type of events that this version knows; `reaper history --types` lists them",
            terminal::clean(name)
        ));
    }
    Ok(query)
}

/// Shows events, once or until nobody reads any more.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    if args.types {
        let types = EVENT_TYPES.map(TypeRow);
        terminal::print(&args.options.list(&types, &types.as_slice())?)?;
        return Ok(Exit::Done);
    }
    let query = query(&args.query, &args.terms)?;
    let config = settings::load(global).await?;
    let history = match config.history.record_searches {
        true => revocation::connect_history(&config)?.asked_by(person::actor()),
        false => revocation::connect_read_only(&config)?,
    };
    let question = history.question(&query).await?;
    if args.count {
        count(&history, &question).await?;
    } else if args.follow {
        args.follow(&history, &question).await?;
    } else {
        args.show(&history, &question).await?;
    }
    Ok(Exit::Done)
}

async fn count(history: &History, question: &Question) -> Result<(), Failure> {
    let (mut count, mut cursor) = (0, None);
    let progress = terminal::counting("found");
    loop {
        let counted = history.count(question, cursor.as_ref()).await?;
        count += counted.count;
        cursor = counted.next;
        progress.set_position(count);
        if cursor.is_none() {
            progress.finish_and_clear();
            terminal::print(&format!("{count}\n"))?;
            return Ok(());
        }
    }
}

impl Args {
    /// Page by page, so that a long history needs no more memory than a short one.
    async fn show(&self, history: &History, question: &Question) -> Result<(), Failure> {
        let order = if self.oldest { Order::Oldest } else { Order::Newest };
        let mut sequence = Sequence::new(self.options, false);
        let mut left = if self.limit == 0 { usize::MAX } else { self.limit };
        let mut cursor: Option<Cursor> = None;
        loop {
            let limit = u32::try_from(left).unwrap_or(MAX_PAGE).min(MAX_PAGE);
            let Found { events, end, more, .. } =
                history.answer(question, order, cursor.as_ref(), limit).await?;
            left = left.saturating_sub(events.len());
            if !sequence.show(events)? {
                return Ok(());
            }
            cursor = Some(end);
            if !more || left == 0 {
                sequence.end()?;
                if sequence.shown == 0 {
                    terminal::say("no event passes");
                } else if more {
                    let shown = if self.limit == 1 { "event is" } else { "events are" };
                    terminal::say(&format!("only {} {shown} shown; --limit 0 shows all", self.limit));
                }
                return Ok(());
            }
        }
    }

    async fn follow(&self, history: &History, question: &Question) -> Result<(), Failure> {
        let mut sequence = Sequence::new(self.options, true);
        let mut latest = VecDeque::new();
        let mut cursor: Option<Cursor> = None;
        // The end of the log is found by reading up to it: only what is read there in this order can be followed.
        loop {
            let Found { events, end, more, .. } =
                history.answer(question, Order::Oldest, cursor.as_ref(), MAX_PAGE).await?;
            latest.extend(events);
            if self.limit > 0 {
                latest.drain(..latest.len().saturating_sub(self.limit));
            }
            cursor = Some(end);
            if !more {
                break;
            }
        }
        let mut go_on = sequence.show(latest.into())?;
        let mut ticks = tokio::time::interval(Duration::from_secs_f64(self.interval.clamp(0.01, 3600.0)));
        while go_on && !terminal::reader_is_gone() {
            ticks.tick().await;
            let Found { events, end, .. } =
                history.answer(question, Order::Oldest, cursor.as_ref(), MAX_PAGE).await?;
            cursor = Some(end);
            go_on = events.is_empty() || sequence.show(events)?;
        }
        Ok(())
    }
}

/// Events in one format, part by part.
struct Sequence {
    options: Options,
    /// Never ends: JSON comes as a line an event then.
    endless: bool,
    shown: usize,
}

impl Sequence {
    const fn new(options: Options, endless: bool) -> Self {
        Self { options, endless, shown: 0 }
    }

    /// `false`: nobody reads any more.
    fn show(&mut self, events: Vec<Recorded>) -> Result<bool, Failure> {
        let rows: Vec<EventRow> = events.into_iter().map(EventRow).collect();
        let first = self.shown == 0;
        self.shown += rows.len();
        if self.options.output == Format::Json && !self.endless {
            let mut text = String::new();
            for (index, row) in rows.iter().enumerate() {
                text += if first && index == 0 { "[\n" } else { ",\n" };
                text += self.options.rows(std::slice::from_ref(row), false)?.trim_end();
            }
            return terminal::print(&text);
        }
        if first && rows.is_empty() && self.endless {
            return Ok(true);
        }
        terminal::print(&self.options.rows(&rows, first && !self.options.no_headers)?)
    }

    fn end(&self) -> Result<(), Failure> {
        match (self.options.output, self.shown) {
            (Format::Json, 0) => terminal::print("[]\n")?,
            (Format::Json, _) => terminal::print("\n]\n")?,
            (Format::Yaml, 0) => terminal::print("[]\n")?,
            _ => true,
        };
        Ok(())
    }
}
