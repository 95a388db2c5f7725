//! What events are found by: whether it follows from the commits.

use event_store::{EventStore, MAX_PAGE, Misfiled, StoreError};

use crate::finding::Finding;

/// The first thing that queries would find wrongly: a commit, where one can be named.
pub(crate) async fn misfiled(
    store: &dyn EventStore,
    before: u64,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Option<Finding>, StoreError> {
    let (mut after, mut read) = (0, before);
    let mut whole = None;
    loop {
        let (wrong, last) = match store.misfiled(after, MAX_PAGE).await {
            Ok(page) => page,
            Err(StoreError::Damaged(why)) => return Ok(Some(Finding::Unreadable { after, why })),
            Err(error) => return Err(error),
        };
        for Misfiled { position, what: why } in wrong {
            let finding = Finding::Misfiled { position, why };
            if position > 0 {
                return Ok(Some(finding));
            }
            whole.get_or_insert(finding);
        }
        let Some(last) = last else { return Ok(whole) };
        after = last;
        read += u64::from(MAX_PAGE);
        progress(read);
    }
}
