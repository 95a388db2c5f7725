//! The picture of an access: what it amounted to, its certificates, accesses and decisions, along one line of time.
//!
//! Seconds and years stand side by side in such a story. So the line is not to scale: the longer the time between two
//! instants, the further they are apart, but only by its logarithm.

mod draw;
mod lanes;
mod scale;

use jiff::Timestamp;
use kubeconfig::Recorded;
use maud::{Markup, html};

use crate::element::empty;
use lanes::Lanes;

/// The most events that are drawn, the latest. All are in the table below.
const EVENTS_MAX: usize = 60;

/// The picture of these events, the oldest first.
pub(crate) fn picture(events: &[Recorded], now: Timestamp) -> Markup {
    let events = &events[events.len().saturating_sub(EVENTS_MAX)..];
    if events.is_empty() {
        return empty("Nothing has happened yet", "The picture begins with the first reading.");
    }
    let lanes = Lanes::of(events, now);
    html! {
        figure.timeline {
            div.scroll role="region" aria-label="Timeline" tabindex="0" { (draw::draw(&lanes, now)) }
            figcaption { "Numbers are those of the events below. The longer the time between two instants, the further they are apart, \
                but not to scale." }
        }
    }
}
