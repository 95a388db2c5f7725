//! The picture itself. Colours come from the stylesheet, by class.

use jiff::Timestamp;
use maud::{Markup, html};

use super::lanes::{Lanes, Use, Validity};
use super::scale::Scale;
use crate::element::status_words;
use crate::text::plain;
use crate::time::utc;

const WIDTH: f64 = 980.0;
/// Where the line of time begins.
const FROM: f64 = 118.0;
/// Where it ends.
const TO: f64 = 938.0;
const LANE: f64 = 22.0;
/// Certificates that are drawn; the table has all.
const CERTIFICATES_MAX: usize = 4;
/// Rows that marks near each other are spread over.
const ROWS: usize = 3;
/// How near two marks of a row may be.
const MARK: f64 = 22.0;
/// How near two labels of the axis may be.
const LABEL: f64 = 92.0;

pub(super) fn draw(lanes: &Lanes, now: Timestamp) -> Markup {
    let scale = Scale::new(lanes.instants(now), FROM, TO);
    let certificates = lanes.certificates.len().clamp(1, CERTIFICATES_MAX);
    let status = 12.0;
    let validity = status + LANE + 12.0;
    let access = validity + count(certificates) * LANE + 8.0;
    let decision = access + LANE + 12.0;
    let axis = decision + count(ROWS) * LANE + 8.0;
    let height = axis + 34.0;
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-labelledby="timeline-title timeline-text" {
            title id="timeline-title" { "Timeline of this access" }
            desc id="timeline-text" { (description(lanes, now)) }
            (label("Status", status)) (statuses(lanes, &scale, now, status))
            (label("Certificates", validity)) (validities(&lanes.certificates, &scale, now, validity))
            (label("Access", access)) (accesses(lanes, &scale, access))
            (label("Decisions", decision)) (decisions(lanes, &scale, decision))
            (line(&scale, now, axis))
        }
    }
}

fn label(words: &str, y: f64) -> Markup {
    html! { text.lane x="0" y=(y + 15.0) { (words) } }
}

fn statuses(lanes: &Lanes, scale: &Scale, now: Timestamp, y: f64) -> Markup {
    let ends = lanes.statuses.iter().skip(1).map(|(at, _)| *at).chain([now]);
    html! { @for ((from, status), to) in lanes.statuses.iter().zip(ends) {
        @let (x, width) = span(scale, *from, to);
        g { title { (status_words(*status)) " from " (utc(*from)) }
            rect class={ "fill " (status.as_str()) } x=(x) y=(y) width=(width) height="20" rx="3" {}
            @if width > count(status_words(*status).len()) * 7.0 { text.on x=(x + 6.0) y=(y + 14.5) { (status_words(*status)) } }
        }
    } }
}

fn validities(certificates: &[Validity], scale: &Scale, now: Timestamp, y: f64) -> Markup {
    html! {
        @if certificates.is_empty() { text.none x=(FROM) y=(y + 15.0) { "none listed" } }
        @for (row, validity) in certificates.iter().take(CERTIFICATES_MAX).enumerate() {
            (certificate(validity, scale, now, y + count(row) * LANE))
        }
    }
}

/// Solid as far as it was seen, outlined as far as it would go.
fn certificate(validity: &Validity, scale: &Scale, now: Timestamp, y: f64) -> Markup {
    let Validity { seen, gone, expires, state } = validity;
    let known_until = gone.unwrap_or(now).min(expires.unwrap_or(now)).max(*seen);
    let (x, width) = span(scale, *seen, known_until);
    let end = expires
        .map_or_else(|| "without an end".to_owned(), |at| format!("until {}", at.strftime("%Y-%m-%d")));
    let gone_words = gone.map(|at| format!(", gone at {}", utc(at))).unwrap_or_default();
    html! { g { title { (plain(&state.to_string())) " " (end) ", seen from " (utc(*seen)) (gone_words) }
        @if let Some(expires) = expires.filter(|expires| *expires > known_until) {
            @let (x, width) = span(scale, known_until, expires);
            rect.ahead.is-gone[gone.is_some()] x=(x) y=(y + 5.0) width=(width) height="10" rx="2" {}
        }
        rect.validity x=(x) y=(y + 5.0) width=(width) height="10" rx="2" {}
        @if let Some(at) = gone { path.cross d=(cross(scale.place(*at), y + 10.0)) {} }
        @if let Some(at) = expires { circle.end cx=(scale.place(*at)) cy=(y + 10.0) r="4" {} }
    } }
}

fn accesses(lanes: &Lanes, scale: &Scale, y: f64) -> Markup {
    html! {
        @if lanes.accesses.is_empty() { text.none x=(FROM) y=(y + 15.0) { "never asked" } }
        @for seen in &lanes.accesses {
            @let x = scale.place(seen.at);
            @match seen.what {
                Use::Used => g { title { "Used at " (utc(seen.at)) } circle.used cx=(x) cy=(y + 10.0) r="6" {} },
                Use::Unused => g { title { "Not used in the seven days before " (utc(seen.at)) } circle.unused cx=(x) cy=(y + 10.0) r="6" {} },
                Use::NotKnown => g { title { "Whether it was used was not known at " (utc(seen.at)) }
                    circle.unused cx=(x) cy=(y + 10.0) r="7" {} text.mark x=(x) y=(y + 14.0) { "?" } },
            }
        }
    }
}

fn decisions(lanes: &Lanes, scale: &Scale, y: f64) -> Markup {
    let mut ends = [f64::MIN; ROWS];
    let placed = lanes.decisions.iter().map(|mark| {
        let x = scale.place(mark.at);
        let free = ends.iter().position(|end| x - end >= MARK);
        let row = free.unwrap_or_else(|| (0..ROWS).min_by(|a, b| ends[*a].total_cmp(&ends[*b])).unwrap_or(0));
        // Where all rows are taken the mark goes beside the nearest.
        let x = x.max(ends[row] + MARK).min(WIDTH - MARK / 2.0);
        ends[row] = x;
        (mark, x, y + count(row) * LANE + 10.0)
    });
    let placed: Vec<_> = placed.collect();
    html! {
        @if placed.is_empty() { text.none x=(FROM) y=(y + 15.0) { "none" } }
        @for (mark, x, y) in placed {
            g { title { "No. " (mark.number) ": " (plain(&mark.words)) ", " (utc(mark.at)) }
                circle class={ "decision " (mark.class) } cx=(x) cy=(y) r="10" {}
                text class={ "mark " (mark.class) } x=(x) y=(y + 4.0) { (mark.number) }
            }
        }
    }
}

/// The line of time, the present, and as many dates as have room.
fn line(scale: &Scale, now: Timestamp, y: f64) -> Markup {
    let here = scale.place(now);
    let mut taken = vec![here];
    let mut labels = vec![];
    for (at, x) in scale.instants() {
        if at != now && taken.iter().all(|other| (x - other).abs() >= LABEL) {
            taken.push(x);
            labels.push((at, x));
        }
    }
    html! {
        line.axis x1=(FROM) y1=(y) x2=(TO) y2=(y) {}
        line.now x1=(here) y1="6" x2=(here) y2=(y + 6.0) {}
        text.tick.present x=(here) y=(y + 20.0) { "now" }
        @for (at, x) in labels {
            line.axis x1=(x) y1=(y) x2=(x) y2=(y + 5.0) {}
            text.tick x=(x) y=(y + 20.0) { (at.strftime("%Y-%m-%d")) }
            text.tick x=(x) y=(y + 32.0) { (at.strftime("%H:%M:%S")) }
        }
    }
}

/// The same in words.
fn description(lanes: &Lanes, now: Timestamp) -> String {
    let statuses: Vec<String> = lanes
        .statuses
        .iter()
        .map(|(at, status)| format!("{} from {}", status_words(*status), utc(*at)))
        .collect();
    format!(
        "{}; {} certificates, {} answers about use, {} decisions; as of {}. The table of events has each.",
        statuses.join(", "),
        lanes.certificates.len(),
        lanes.accesses.len(),
        lanes.decisions.len(),
        utc(now)
    )
}

/// Beginning and width; never so narrow that it cannot be seen.
fn span(scale: &Scale, from: Timestamp, to: Timestamp) -> (f64, f64) {
    let (from, to) = (scale.place(from), scale.place(to));
    (from, (to - from).max(3.0))
}

fn cross(x: f64, y: f64) -> String {
    format!("M{} {}l10 10m0 -10l-10 10", x - 5.0, y - 5.0)
}

/// A small number as a length.
fn count(number: usize) -> f64 {
    u16::try_from(number).map_or(f64::from(u16::MAX), f64::from)
}
