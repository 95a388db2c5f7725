//! `reaper history`: what happened.

use std::collections::VecDeque;
use std::time::Duration;

use event_store::{Cursor, Filter, MAX_PAGE, Order};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp};
use kubeconfig::{Recorded, RevocationId};
use revocation::History;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{EventRow, Format, Options};
use crate::{settings, target, terminal};

const AFTER: &str = "\
All conditions have to hold. Times are 2026-11-24T09:00:00Z, 2026-11-24 (UTC) or how long ago: 90m, 36h, 7d. \
In JSON and YAML every event is a CloudEvent 1.0; `-o ndjson` has one a line.

Examples:
  reaper history                                     the latest events
  reaper history --uid 200000000000000101            one identity, on every cluster
  reaper history --cluster prod --since 7d           one cluster in the last week
  reaper history --type RevocationConfirmed --type RevocationRefused -o csv --limit 0
  reaper history --revocation 0198…                  one revocation from request to outcome
  reaper history --actor alice --oldest              everything that one person caused
  reaper history --follow                            the latest events, and each new one";

/// Options of `history`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Events about this cluster, by id or name
    #[arg(long, value_name = "ID")]
    cluster: Option<String>,
    /// Events about this identity, by its number
    #[arg(long, value_name = "ID")]
    uid: Option<String>,
    /// Events that this person, token or channel caused
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Events of this type; may be given several times
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Events of this revocation
    #[arg(long, value_name = "ID", value_parser = str::parse::<RevocationId>)]
    revocation: Option<RevocationId>,
    /// Events stored at this time or later
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Events stored before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// The latest first; the default
    #[arg(long, conflicts_with = "oldest")]
    newest: bool,
    /// In the order in which they were stored
    #[arg(long)]
    oldest: bool,
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

/// A time, or how long ago.
fn time(text: &str) -> Result<Timestamp, String> {
    let date = || text.parse::<Date>().ok()?.to_zoned_datetime(TimeZone::UTC).ok().map(|day| day.timestamp());
    let ago = || {
        let span = text.parse::<Span>().ok()?;
        let ago = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        Timestamp::now().checked_sub(ago).ok()
    };
    let point = text.parse::<Timestamp>().ok();
    point.or_else(date).or_else(ago).ok_or_else(|| {
        "expected a time (2026-11-24T09:00:00Z), a day (2026-11-24) or how long ago (90m, 36h, 7d)".to_owned()
    })
}

/// Shows events, once or until nobody reads any more.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let history = settings::history(global)?;
    let filter = args.filter(&history).await?;
    if args.follow {
        args.follow(&history, &filter).await?
    } else {
        args.show(&history, &filter).await?
    }
    Ok(Exit::Done)
}

impl Args {
    async fn filter(&self, history: &History) -> Result<Filter, Failure> {
        let cluster = match &self.cluster {
            Some(text) => Some(target::known_cluster(text, history).await?),
            None => None,
        };
        let uid = match &self.uid {
            Some(text) => Some(target::uid(text, history).await?),
            None => None,
        };
        Ok(Filter {
            cluster,
            uid,
            actor: self.actor.clone(),
            types: self.types.clone(),
            revocation: self.revocation,
            since: self.since,
            until: self.until,
            ..Filter::default()
        })
    }

    /// Page by page, so that a long history needs no more memory than a short one.
    async fn show(&self, history: &History, filter: &Filter) -> Result<(), Failure> {
        let order = if self.oldest { Order::Oldest } else { Order::Newest };
        let mut sequence = Sequence::new(self.options, false);
        let mut left = if self.limit == 0 { usize::MAX } else { self.limit };
        let mut cursor: Option<Cursor> = None;
        loop {
            let limit = u32::try_from(left).unwrap_or(MAX_PAGE).min(MAX_PAGE);
            let (events, end, more) = history.recorded(filter, order, cursor.as_ref(), limit).await?;
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
                    terminal::say(&format!("only {} events are shown; --limit 0 shows all", self.limit));
                }
                return Ok(());
            }
        }
    }

    async fn follow(&self, history: &History, filter: &Filter) -> Result<(), Failure> {
        let mut sequence = Sequence::new(self.options, true);
        let mut latest = VecDeque::new();
        let mut cursor: Option<Cursor> = None;
        // The end of the log is found by reading up to it: only what is read there in this order can be followed.
        loop {
            let (events, end, more) =
                history.recorded(filter, Order::Oldest, cursor.as_ref(), MAX_PAGE).await?;
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
            let (events, end, _) = history.recorded(filter, Order::Oldest, cursor.as_ref(), MAX_PAGE).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_point_a_day_or_how_long_ago() {
        assert_eq!(time("2026-11-24T09:00:00+08:00").unwrap().to_string(), "2026-11-24T01:00:00Z");
        assert_eq!(time("2026-11-24").unwrap().to_string(), "2026-11-24T00:00:00Z");
        let week_ago = time("7d").unwrap();
        assert_eq!(Timestamp::now().duration_since(week_ago).as_hours(), 7 * 24);
        for wrong in ["", "yesterday", "24.11.2026", "2026-13-01"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
