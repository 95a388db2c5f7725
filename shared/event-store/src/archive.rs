//! A log in one file: how a store is backed up, moved and brought back.
//!
//! Form 2 is the line `reaper log 2`; then for each commit, in the order of the log, its length (4 bytes, big-endian, never
//! 0), its bytes exactly as they are stored, the length of the personal values that are still beside it (4 bytes,
//! big-endian), those values in their text form with a line feed between two, and a check; then the length 0, the number
//! of commits (8 bytes, big-endian) and a check. A check is the SHA-256 (32 bytes) of the check before it, the first time of
//! 32 bytes 0, and of all that came since. So what is changed, lost or exchanged shows at the first commit that it
//! touches, and a file that was cut off shows by its end. Against somebody who makes checks anew there are seals.
//!
//! Form 1 knew no values beside commits, nor their length. It is read for ever.

use std::collections::HashSet;
use std::io::{self, Read, Seek, SeekFrom, Write};

use sha2::{Digest as _, Sha256};

use crate::body::Opened;
use crate::disclosure::Disclosure;
use crate::error::{AppendError, StoreError};
use crate::store::{EventStore, MAX_COMMIT_BYTES, MAX_PAGE, StoredCommit};

/// What a file begins with.
const HEAD: &[u8] = b"reaper log 2\n";

/// What a file of form 1 begins with.
const FIRST_HEAD: &[u8] = b"reaper log 1\n";

/// What the heads of all forms begin with.
const ANY_HEAD: &[u8] = b"reaper log ";

/// No commit is larger: its events, and what stands around them.
const MAX_BYTES: usize = MAX_COMMIT_BYTES + 64 * 1024;

/// No commit has more beside it: its events, in the text form of values.
const MAX_BESIDE: usize = MAX_COMMIT_BYTES / 3 * 4 + 64 * 1024;

/// Commits, and about so many bytes, that are handed to a store at once.
const BATCH: usize = 64;
const BATCH_BYTES: usize = 4 * 1024 * 1024;

type Check = [u8; 32];

/// Why a log was not written to a file, or not taken from it.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file cannot be read or written.
    #[error("the file cannot be read or written")]
    Io(#[from] io::Error),
    /// The file is something else.
    #[error("the file is not an exported log")]
    NotALog,
    /// A newer version of this program wrote it.
    #[error("the file is of a newer form: use a newer version")]
    Newer,
    /// The file ends too early.
    #[error("the file was cut off: it ends after {commits} commits, before its own end")]
    CutOff {
        /// How many are whole.
        commits: u64,
    },
    /// The file was changed.
    #[error("the file is damaged at commit {position}")]
    Damaged {
        /// The commit; one more than there are: the end.
        position: u64,
    },
    /// A commit of the store is not there.
    #[error("commit {position} is missing in the store")]
    Missing {
        /// Its place.
        position: u64,
    },
    /// The store holds something that is not in the file.
    #[error("the store is not empty: its commit {position} is not that of the file")]
    NotEmpty {
        /// The first that differs.
        position: u64,
    },
    /// The store did not take a commit.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The store failed, or the bytes of a commit cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was brought into a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// How many commits the file has.
    pub commits: u64,
    /// How many personal values of it were left out, as its own log says that they were to be erased.
    pub dropped: u64,
}

/// Writes the whole log as of now, and gives the number of its commits. Others may append meanwhile. `progress` hears
/// how many are written.
///
/// # Errors
/// The file is of no use then.
pub async fn export(
    store: &dyn EventStore,
    out: &mut (impl Write + Send),
    mut progress: impl FnMut(u64),
) -> Result<u64, ArchiveError> {
    let mut commits = 0;
    let mut check = Check::default();
    out.write_all(HEAD)?;
    loop {
        let page = store.commits(commits, MAX_PAGE).await?;
        if page.is_empty() {
            break;
        }
        for commit in page {
            if commit.position != commits + 1 {
                return Err(ArchiveError::Missing { position: commits + 1 });
            }
            let values: Vec<String> = commit.disclosures.iter().map(ToString::to_string).collect();
            let values = values.join("\n").into_bytes();
            let parts = [&length(&commit.bytes)[..], &commit.bytes, &length(&values), &values];
            check = next(&check, &parts);
            for part in parts.into_iter().chain([&check[..]]) {
                out.write_all(part)?;
            }
            commits += 1;
        }
        progress(commits);
    }
    let end = [&0_u32.to_be_bytes()[..], &commits.to_be_bytes()];
    check = next(&check, &end);
    for part in [end[0], end[1], &check] {
        out.write_all(part)?;
    }
    out.flush()?;
    Ok(commits)
}

/// Brings the log of a file into an empty store, byte for byte. Personal values that it says were erased are left out. The file is checked
/// to its end before anything is stored. A store that holds the first commits of this very log, because an import was
/// interrupted, gets the rest. `progress` hears how many commits were passed, of both ways through the file.
///
/// # Errors
/// [`ArchiveError::NotEmpty`], or the file is not whole: nothing was stored. In case of others the first commits may be
/// stored; the same import goes on behind them.
pub async fn import(
    store: &dyn EventStore,
    file: &mut (impl Read + Seek + Send),
    mut progress: impl FnMut(u64),
) -> Result<Imported, ArchiveError> {
    let mut archive = Archive::open(&mut *file)?;
    let mut last = i64::MIN;
    let mut erased = HashSet::new();
    while let Some(commit) = archive.next()? {
        let recorded_at = Opened::envelope(commit.position, &commit.bytes)?.recorded_at();
        if recorded_at < last {
            return Err(ArchiveError::Damaged { position: commit.position });
        }
        last = recorded_at;
        erased.extend(commit.erased());
        progress(commit.position);
    }
    let commits = archive.commits;
    file.seek(SeekFrom::Start(0))?;
    let mut archive = Archive::open(file)?;
    pass_over_what_is_there(store, &mut archive).await?;
    let mut dropped = 0;
    loop {
        let mut batch = archive.batch()?;
        if batch.is_empty() {
            return Ok(Imported { commits, dropped });
        }
        for commit in &mut batch {
            let before = commit.disclosures.len();
            commit.disclosures.retain(|value| !erased.contains(&value.digest()));
            dropped += (before - commit.disclosures.len()) as u64;
        }
        store.restore(batch).await?;
        progress(commits + archive.commits);
    }
}

/// Compares what the store holds with the beginning of the file.
async fn pass_over_what_is_there<R: Read + Send>(
    store: &dyn EventStore,
    archive: &mut Archive<R>,
) -> Result<(), ArchiveError> {
    loop {
        let page = store.commits(archive.commits, MAX_PAGE).await?;
        if page.is_empty() {
            return Ok(());
        }
        for there in page {
            // What was erased here since may still be in the file.
            if archive.next()?.is_none_or(|commit| commit.bytes != there.bytes) {
                return Err(ArchiveError::NotEmpty { position: there.position });
            }
        }
    }
}

/// A file that is read from its beginning to its end, one commit at a time.
struct Archive<R> {
    input: R,
    /// Whether the file knows values beside commits.
    has_values: bool,
    check: Check,
    /// How many were read.
    commits: u64,
    ended: bool,
}

impl<R: Read> Archive<R> {
    fn open(mut input: R) -> Result<Self, ArchiveError> {
        let mut head = [0; HEAD.len()];
        match input.read_exact(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(ArchiveError::NotALog),
            other => other?,
        }
        let has_values = match &head[..] {
            HEAD => true,
            FIRST_HEAD => false,
            newer if newer.starts_with(ANY_HEAD) => return Err(ArchiveError::Newer),
            _ => return Err(ArchiveError::NotALog),
        };
        Ok(Self { input, has_values, check: Check::default(), commits: 0, ended: false })
    }

    /// The next commit; none at the end, which has to be the end of the file, too.
    fn next(&mut self) -> Result<Option<StoredCommit>, ArchiveError> {
        if self.ended {
            return Ok(None);
        }
        let position = self.commits + 1;
        let mut length = [0; 4];
        self.read(&mut length)?;
        let size = u32::from_be_bytes(length) as usize;
        if size > MAX_BYTES {
            return Err(ArchiveError::Damaged { position });
        }
        let mut bytes = vec![0; if size == 0 { 8 } else { size }];
        self.read(&mut bytes)?;
        let values = if size > 0 && self.has_values { Some(self.values(position)?) } else { None };
        let values = values.as_ref().map_or([&[][..]; 2], |(length, values)| [&length[..], values]);
        self.check = next(&self.check, &[&length, &bytes, values[0], values[1]]);
        let mut written = Check::default();
        self.read(&mut written)?;
        if written != self.check {
            return Err(ArchiveError::Damaged { position });
        }
        if size > 0 {
            let disclosures = disclosures(values[1]).ok_or(ArchiveError::Damaged { position })?;
            self.commits = position;
            return Ok(Some(StoredCommit { position, bytes, disclosures }));
        }
        self.ended = true;
        if bytes != self.commits.to_be_bytes() || self.input.read(&mut [0])? > 0 {
            return Err(ArchiveError::Damaged { position });
        }
        Ok(None)
    }

    /// What stands beside a commit, as it was written, and its length.
    fn values(&mut self, position: u64) -> Result<([u8; 4], Vec<u8>), ArchiveError> {
        let mut length = [0; 4];
        self.read(&mut length)?;
        let size = u32::from_be_bytes(length) as usize;
        if size > MAX_BESIDE {
            return Err(ArchiveError::Damaged { position });
        }
        let mut values = vec![0; size];
        self.read(&mut values)?;
        Ok((length, values))
    }

    /// The next commits, as many as are stored at once; none at the end.
    fn batch(&mut self) -> Result<Vec<StoredCommit>, ArchiveError> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < BATCH
            && bytes < BATCH_BYTES
            && let Some(commit) = self.next()?
        {
            bytes += commit.bytes.len();
            bytes += commit.disclosures.iter().map(|value| value.as_json().len()).sum::<usize>();
            batch.push(commit);
        }
        Ok(batch)
    }

    fn read(&mut self, into: &mut [u8]) -> Result<(), ArchiveError> {
        self.input.read_exact(into).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => ArchiveError::CutOff { commits: self.commits },
            _ => ArchiveError::Io(error),
        })
    }
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// The values of a commit, if they are of the form.
fn disclosures(lines: &[u8]) -> Option<Vec<Disclosure>> {
    std::str::from_utf8(lines).ok()?.lines().map(|line| line.parse().ok()).collect()
}

fn next(before: &Check, parts: &[&[u8]]) -> Check {
    let mut hash = Sha256::new();
    hash.update(before);
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}
