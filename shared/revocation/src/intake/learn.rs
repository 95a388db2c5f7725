//! What messages and listings teach about identities: their names, and whether they exist.

use jiff::Timestamp;
use kubeconfig::identity::{Identity, IdentityEvent};
use kubeconfig::intake::Deletion;
use kubeconfig::reading::{AccountKind, AccountState};
use kubeconfig::{Bearer, Event, IntakeId, Recorded, StreamId, Uid};

use super::Receipt;
use crate::cause::Cause;
use crate::error::Error;
use crate::reaper::Reaper;

impl Reaper {
    /// The deletion becomes part of the identity's own history, if the cloud confirms that it is gone.
    pub(super) async fn learn_deletion(
        &self,
        id: IntakeId,
        deletion: &Deletion,
        uid: &Uid,
        cause: &Cause,
    ) -> Result<(), Error> {
        if self.known_identity(uid).await?.is_none() {
            let seen = Identity {
                kind: deletion.kind.clone(),
                name: deletion.name.clone(),
                state: AccountState::Other("not known".into()),
                created_at: None,
            };
            self.observe_identity(uid, &seen, deletion.deleted_at, cause).await?;
        }
        if self.account(uid, None).await?.state != AccountState::Deleted {
            return Ok(());
        }
        self.transact(StreamId::Identity(uid.clone()), cause, deletion.deleted_at, |history| {
            let gone = identity_of(history).is_none_or(|identity| identity.state == AccountState::Deleted);
            let fact = Event::Identity(IdentityEvent::IdentityDeleted { intake: Some(id) });
            Ok::<_, Error>(if gone { vec![] } else { vec![fact] })
        })
        .await?;
        Ok(())
    }

    /// Stores what a sight of an identity changes. Answers how many facts that was.
    pub(crate) async fn observe_identity(
        &self,
        uid: &Uid,
        seen: &Identity,
        at: Timestamp,
        cause: &Cause,
    ) -> Result<usize, Error> {
        let transaction = self
            .transact(StreamId::Identity(uid.clone()), cause, at, |history| {
                let events = Identity::observe(identity_of(history).as_ref(), seen);
                Ok::<_, Error>(events.into_iter().map(Event::Identity).collect())
            })
            .await?;
        Ok(transaction.recorded.len())
    }

    /// A creation teaches a name and its beginning. It may arrive after the deletion, and then brings nobody back.
    pub(super) async fn learn_creation(
        &self,
        uid: &Uid,
        kind: &AccountKind,
        name: &str,
        at: Timestamp,
        cause: &Cause,
    ) -> Result<Receipt, Error> {
        let created = Identity {
            kind: kind.clone(),
            name: name.into(),
            state: AccountState::Active,
            created_at: Some(at),
        };
        let transaction = self
            .transact(StreamId::Identity(uid.clone()), cause, at, |history| {
                let known = identity_of(history);
                let seen = match &known {
                    Some(known) => Identity { created_at: Some(at), ..known.clone() },
                    None => created.clone(),
                };
                let events = match known {
                    Some(known) if known.created_at.is_some() => vec![],
                    known => Identity::observe(known.as_ref(), &seen),
                };
                Ok::<_, Error>(events.into_iter().map(Event::Identity).collect())
            })
            .await?;
        Ok(Receipt::Learned { facts: transaction.recorded.len() })
    }

    /// A restoration is believed only after the cloud was asked: the message may be old.
    pub(super) async fn learn_restoration(
        &self,
        uid: &Uid,
        at: Timestamp,
        cause: &Cause,
    ) -> Result<Receipt, Error> {
        let exists = crate::reading::existing(self.cloud.ims().user_by_id(uid).await)?.is_some();
        let transaction = self
            .transact(StreamId::Identity(uid.clone()), cause, at, |history| {
                let deleted = identity_of(history).is_some_and(|known| known.state == AccountState::Deleted);
                let fact = Event::Identity(IdentityEvent::IdentityRestored { intake: None });
                Ok::<_, Error>(if deleted && exists { vec![fact] } else { vec![] })
            })
            .await?;
        Ok(Receipt::Learned { facts: transaction.recorded.len() })
    }

    /// Whoever bore the old name at that time bears the new one since. Where that is not certain, the next sweep sees
    /// the new name in the list of users.
    pub(super) async fn learn_name(
        &self,
        uid: Option<&Uid>,
        from: &str,
        to: &str,
        at: Timestamp,
        cause: &Cause,
    ) -> Result<Receipt, Error> {
        let bearer = match uid {
            Some(uid) => Bearer::One(uid.clone()),
            None => self.projection().await?.directory.bearer(&AccountKind::RamUser, from, at),
        };
        let Bearer::One(uid) = bearer else {
            return Ok(Receipt::Irrelevant {
                because: "who was renamed is not certain; the sweep will see".into(),
            });
        };
        // A message is no proof: a name that nobody bears would be shown to whoever decides. Of a user who is gone the
        // cloud says nothing, and nothing can be taken from anybody by that name.
        let user = crate::reading::existing(self.cloud.ims().user_by_id(&uid).await)?;
        if user.is_some_and(|user| user.name() != to) {
            return Ok(Receipt::Irrelevant { because: "the user bears another name now".into() });
        }
        let transaction = self
            .transact(StreamId::Identity(uid), cause, at, |history| {
                let user = identity_of(history).filter(|known| known.kind == AccountKind::RamUser);
                // What was erased is not learned again from a message that comes late.
                let renamed = user.filter(|known| known.name.as_str() != to && !known.name.is_erased());
                let renamed = renamed.map(|known| {
                    Event::Identity(IdentityEvent::IdentityRenamed { from: known.name, to: to.into() })
                });
                Ok::<_, Error>(renamed.into_iter().collect())
            })
            .await?;
        Ok(Receipt::Learned { facts: transaction.recorded.len() })
    }
}

fn identity_of(history: &[Recorded]) -> Option<Identity> {
    history.iter().fold(None, |state, recorded| match &recorded.event {
        Event::Identity(event) => Identity::evolve(state, event),
        _ => state,
    })
}
