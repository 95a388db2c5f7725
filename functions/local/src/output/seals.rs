//! What was found out about seals.

use seal::{Finding, Report, SignedCheckpoint};
use serde::Serialize;

use super::{Cell, Column, Listed, Tone};

/// What `verify` found out about a store.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Verified {
    sound: bool,
    commits: u64,
    /// The last commit up to which all are as they were sealed.
    sound_up_to: u64,
    /// Not known where the comparison stopped at a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<u64>,
    /// Not known there either.
    #[serde(skip_serializing_if = "Option::is_none")]
    unsealed: Option<u64>,
    seals: u64,
    /// Personal values that were erased, with a record of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<Finding>,
    /// The finding in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Verified {
    pub(crate) fn new(report: &Report) -> Self {
        let known = |number| (!report.stopped).then_some(number);
        let signed = report.checkpoint.as_ref().map(SignedCheckpoint::checkpoint);
        Self {
            sound: report.finding.is_none() && report.seals > 0,
            commits: report.commits,
            sound_up_to: report.sound_up_to,
            sealed: known(report.sealed),
            unsealed: known(report.unsealed),
            seals: report.seals,
            erased: known(report.erased),
            origin: signed.map(|checkpoint| checkpoint.origin.clone()),
            root: signed.map(|checkpoint| checkpoint.root.to_string()),
            finding: report.finding.clone(),
            message: report.finding.as_ref().map(ToString::to_string),
        }
    }

    fn result(&self) -> Cell {
        match (&self.finding, self.seals) {
            (Some(Finding::UnknownKey { .. }), _) => Cell::from("key not known").tone(Tone::Bad),
            (Some(_), _) => Cell::from("CHANGED").tone(Tone::Bad),
            (None, 0) => Cell::from("not sealed").tone(Tone::Warning),
            (None, _) => Cell::from("sound").tone(Tone::Good),
        }
    }
}

const fn column(title: &'static str, wide: bool, cell: fn(&Verified) -> Cell) -> Column<Verified> {
    Column { title, wide, cell }
}

fn number(number: Option<u64>) -> Cell {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string()).into()
}

fn text(text: Option<&String>) -> Cell {
    text.map_or("", String::as_str).into()
}

const COLUMNS: &[Column<Verified>] = &[
    column("RESULT", false, Verified::result),
    column("COMMITS", false, |row| row.commits.to_string().into()),
    column("SEALED", false, |row| number(row.sealed)),
    column("UNSEALED", false, |row| number(row.unsealed)),
    column("SEALS", false, |row| row.seals.to_string().into()),
    column("ERASED", false, |row| number(row.erased)),
    column("LOG", false, |row| text(row.origin.as_ref())),
    column("SOUND UP TO", true, |row| row.sound_up_to.to_string().into()),
    column("ROOT", true, |row| text(row.root.as_ref())),
    column("FINDING", true, |row| text(row.message.as_ref())),
];

impl Listed for Verified {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        format!("log/{}", self.origin.as_deref().unwrap_or("-"))
    }
}
