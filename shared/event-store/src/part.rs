//! What a store consists of, part by part: for whoever makes it or checks it.

/// A part of a store, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is, e.g. `table reaper_log` or `journal mode`.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
}

/// How a part of a store stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was made now.
    Made,
    /// It is there and as it has to be.
    Sound,
    /// It is not there.
    Missing,
    /// It is not as it has to be: what it is, and what it has to be, for people.
    Wrong(String),
}

impl Part {
    pub(crate) fn made(name: impl Into<String>) -> Self {
        Self { name: name.into(), standing: Standing::Made }
    }

    pub(crate) fn sound(name: impl Into<String>) -> Self {
        Self { name: name.into(), standing: Standing::Sound }
    }

    pub(crate) fn missing(name: impl Into<String>) -> Self {
        Self { name: name.into(), standing: Standing::Missing }
    }

    pub(crate) fn wrong(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self { name: name.into(), standing: Standing::Wrong(what.into()) }
    }

    /// Whether the store can be used, as far as this part is concerned.
    pub const fn is_sound(&self) -> bool {
        matches!(self.standing, Standing::Made | Standing::Sound)
    }
}
