//! The types of events, for people who search for them.

/// A type of events that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventType {
    /// Its name, as it is stored.
    pub name: &'static str,
    /// What such an event says.
    pub meaning: &'static str,
}

const fn of(name: &'static str, meaning: &'static str) -> EventType {
    EventType { name, meaning }
}

/// All of them: of accesses, identities, clusters, messages and runs.
pub const EVENT_TYPES: [EventType; 50] = [
    of("KubeconfigObserved", "an access was seen for the first time, or seen changed"),
    of("KubeconfigRestored", "an access that was gone is back"),
    of("ResidualRbacFound", "the kubeconfig is gone, RBAC permissions are left"),
    of("RevocationRequested", "a person or a rule wants the access ended"),
    of("AccessChecked", "the seven-day check answered, and policy decided"),
    of("RevocationHeld", "it waits for a person"),
    of("RevocationApproved", "a person let it go on"),
    of("RevocationRejected", "a person stopped it"),
    of("RevocationLapsed", "nobody decided on it in time"),
    of("RevocationRefused", "a rule forbids it"),
    of("PermissionsBackedUp", "the permissions that will be deleted, kept"),
    of("RevocationSubmitted", "the deletion is about to be called"),
    of("RevocationConfirmed", "read back: kubeconfig and permissions are gone"),
    of("RevocationFailed", "the call failed or had no effect"),
    of("RevocationOutcomeUnknown", "nobody knows whether the call had an effect"),
    of("IdentityObserved", "a user or role was seen for the first time, or seen changed"),
    of("IdentityRenamed", "it has another name now"),
    of("IdentityDeleted", "it was deleted from RAM"),
    of("IdentityRestored", "it was restored from the recycle bin"),
    of("PersonalDataErasureBegun", "its names are about to be erased"),
    of("PersonalDataErased", "its names are erased"),
    of("ClusterObserved", "a cluster was seen for the first time, or seen changed"),
    of("ClusterGone", "it is no longer listed"),
    of("DeletionReceived", "the cloud says that an identity was deleted"),
    of("DeletionUnresolved", "its name may mean nobody or several"),
    of("DeletionResolved", "whose name it was is known"),
    of("DeletionDismissed", "a person decided that nothing follows from it"),
    of("DeletionLapsed", "nobody said in time whose name it was"),
    of("MessageNotUnderstood", "a message was not understood, and is kept"),
    of("ChatCommandReceived", "a person gave a command in a chat"),
    of("ChatRevocationOffered", "they were shown what would happen, with buttons"),
    of("ChatOfferTaken", "they pressed a button"),
    of("ChatCommandAnswered", "the command was carried out and answered"),
    of("ChatAnswerLost", "its answer could not be given"),
    of("KeyedRequestReceived", "a request came with an idempotency key"),
    of("KeyedRequestAnswered", "it was answered"),
    of("SweepStarted", "a sweep began"),
    of("SweepCompleted", "it ended, and what it saw and did"),
    of("GuardTripped", "too many identities would have lost access: it holds instead"),
    of("ExportBegun", "somebody began to take an export"),
    of("ExportTaken", "they took it, and how much"),
    of("HistoryQueried", "somebody searched the history"),
    of("KubeconfigExpiring", "a kubeconfig expires soon"),
    of("SweepOverdue", "no sweep has ended for too long"),
    of("NotificationsBegun", "a target is told of events from here on"),
    of("NotificationAnnounced", "a message to a target is about to be sent"),
    of("NotificationDelivered", "the target took it"),
    of("NotificationFailed", "it did not, and is told again"),
    of("NotificationAbandoned", "it did not for a day, and is not told again"),
    of("StoreSealed", "everything stored before was sealed"),
];

impl EventType {
    /// The type of a name, in whatever case it is written.
    pub fn named(written: &str) -> Option<&'static Self> {
        EVENT_TYPES.iter().find(|of| of.name.eq_ignore_ascii_case(written))
    }
}
