//! Bringing tables of an older form to today's.
//!
//! From form 1 to 2 the index gains the tags of channels. The log itself stays as it is. Rows of the index are the same
//! whoever writes them how often, so that a lift that was broken off is begun again.

use tablestore_rs::types::Condition;

use super::Inner;
use super::kept::Kept;
use super::layout::{self, Entries, FORM, Identity, tag};
use crate::error::StoreError;

/// Commits whose rows are written at once.
const STEP: usize = 200;

impl Inner {
    /// Which store this is, if it is any yet.
    pub(super) async fn read_identity(&self) -> Result<Option<Identity>, StoreError> {
        let remote = &self.remote;
        let answer = remote
            .until(remote.end())
            .get_row()
            .table_name(&remote.tables.index)
            .primary_key(layout::store_key())
            .send()
            .await?;
        answer.into_row().as_ref().map(layout::read_store).transpose()
    }

    /// Whether the tables were of an older form, and are of today's now. Nobody of an older version may append any more
    /// when this is called: who opens the tables afterwards is refused, who has them open is not.
    pub(super) async fn lift(&self) -> Result<bool, StoreError> {
        let Some(identity) = self.read_identity().await?.filter(|identity| identity.form < FORM) else {
            return Ok(false);
        };
        let done = self.tag_channels(0).await?;
        let remote = &self.remote;
        remote
            .until(remote.end())
            .put_row()
            .table_name(&remote.tables.index)
            .row(layout::store_row(&identity.id))
            .condition(Condition::expect_exist())
            .send()
            .await?;
        // What was stored by the older version while the first ones were written.
        self.tag_channels(done).await?;
        tracing::info!(event_store.form = FORM, event_store.form_before = identity.form, "store migrated");
        Ok(true)
    }

    /// Writes the rows of all commits behind one, and gives the last.
    async fn tag_channels(&self, mut after: u64) -> Result<u64, StoreError> {
        loop {
            let commits = self.commits(after, STEP).await?;
            let Some(last) = commits.last().map(|commit| commit.position) else { return Ok(after) };
            let mut rows = Entries::new();
            for commit in commits {
                // What cannot be read is found by nothing; a check of the store names it.
                let Ok(kept) = Kept::read(commit) else { continue };
                rows.extend(kept.entries().into_iter().filter(|((tag, _), _)| tag.starts_with(tag::CHANNEL)));
            }
            self.remote.write_index(&rows).await?;
            after = last;
        }
    }
}
