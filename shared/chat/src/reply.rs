//! Answers, before they look like those of one chat system.

/// Who sees the answer, where the system can tell people apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The one who asked.
    Asker,
    /// Everybody in the conversation: somebody else has to decide.
    Everyone,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// One line that says it all: notifications show only this.
    pub title: String,
    /// More lines below it.
    pub text: Vec<String>,
    /// A list.
    pub items: Vec<Item>,
    /// Buttons at the end.
    pub buttons: Vec<Press>,
    /// Who sees it.
    pub audience: Audience,
}

/// Something in a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// What it is.
    pub head: String,
    /// What is known of it.
    pub lines: Vec<String>,
    /// Buttons that belong to it.
    pub buttons: Vec<Press>,
}

/// A button as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Press {
    /// What stands on it.
    pub label: String,
    /// Its signed value; of a link its address.
    pub value: String,
    /// How it looks.
    pub style: Style,
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Like any other.
    Plain,
    /// The one that takes something away.
    Danger,
    /// One that only opens an address.
    Link,
}

/// The most entries of a list that are shown: the systems bound their messages (Slack: 50 blocks).
pub const ITEMS_MAX: usize = 20;

impl Reply {
    /// A line, for the one who asked.
    pub fn line(title: impl Into<String>) -> Self {
        Self { title: title.into(), text: vec![], items: vec![], buttons: vec![], audience: Audience::Asker }
    }

    /// With more lines.
    #[must_use]
    pub fn with_text(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.text.extend(lines);
        self
    }

    /// With a list.
    #[must_use]
    pub fn with_items(mut self, items: impl IntoIterator<Item = Item>) -> Self {
        self.items.extend(items);
        self
    }

    /// For everybody in the conversation.
    #[must_use]
    pub fn for_everyone(mut self) -> Self {
        self.audience = Audience::Everyone;
        self
    }

    /// The entries that are shown, and how many are left out.
    pub(crate) fn shown(&self) -> (&[Item], usize) {
        let shown = self.items.len().min(ITEMS_MAX);
        (&self.items[..shown], self.items.len() - shown)
    }
}

impl Item {
    /// An entry.
    pub fn new(head: impl Into<String>, lines: impl IntoIterator<Item = String>) -> Self {
        Self { head: head.into(), lines: lines.into_iter().collect(), buttons: vec![] }
    }
}

/// Text without control characters, cut at a number of characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let clean = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    if text.chars().count() <= most {
        return text.chars().map(clean).collect();
    }
    text.chars().take(most.saturating_sub(1)).map(clean).chain(['…']).collect()
}
