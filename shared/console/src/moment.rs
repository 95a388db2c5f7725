//! The instant that a page is about: now, or another one.

use jiff::Timestamp;
use maud::{Markup, html};
use revocation::By;

use crate::time;
use crate::visitor::Visitor;

/// The instant that a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The present.
    Now,
    /// Another one, and which time of the events counts.
    At(Timestamp, By),
}

impl Moment {
    /// An address on the same instant. The path has no query.
    pub(crate) fn path(self, path: &str) -> String {
        match self {
            Self::Now => path.to_owned(),
            Self::At(at, by) => {
                let mut query = form_urlencoded::Serializer::new(String::new());
                query.append_pair("as_of", &at.to_string()).append_pair("by", by.as_str());
                format!("{path}?{}", query.finish())
            }
        }
    }
}

/// Which instant the page is about, and the way to others.
pub(crate) fn control(visitor: &Visitor) -> Markup {
    let Some(moment) = visitor.moment() else { return Markup::default() };
    let (at, by) = match moment {
        Moment::Now => (String::new(), By::default()),
        Moment::At(at, by) => (at.to_string(), by),
    };
    html! {
        @if let Moment::At(instant, by) = moment {
            p.past role="status" { "As of " (time::second(instant)) ": " (words(by)) ". " a href="?" { "Back to now" } }
        }
        details.moment {
            summary { @if moment == Moment::Now { "As of now" } @else { "As of another instant" } }
            // Without an action a form comes back to its own page.
            form method="get" {
                div {
                    label for="as-of" { "Instant" }
                    input id="as-of" name="as_of" required value=(at) placeholder="2026-11-01T08:30:00Z" maxlength="40"
                        autocomplete="off" spellcheck="false" aria-describedby="as-of-help";
                }
                div {
                    label for="by" { "Shows" }
                    select id="by" name="by" {
                        @for known in By::ALL { option value=(known.as_str()) selected[known == by] { (words(known)) } }
                    }
                }
                button type="submit" { "Show" }
                p.hint id="as-of-help" { "A day (its beginning, UTC), an instant with its zone, or so long ago: " code { "7d" } ", " code { "12h" } "." }
            }
        }
    }
}

const fn words(by: By) -> &'static str {
    match by {
        By::Recorded => "what was known then",
        By::Occurred => "what was the case then, as far as is known now",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_the_instant_along() {
        assert_eq!(Moment::Now.path("/clusters"), "/clusters");
        let at = Moment::At("2026-11-01T08:30:00Z".parse().unwrap(), By::Occurred);
        assert_eq!(at.path("/clusters"), "/clusters?as_of=2026-11-01T08%3A30%3A00Z&by=occurred");
    }
}
