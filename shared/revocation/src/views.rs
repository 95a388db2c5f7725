//! What interfaces show: the same shapes for HTTP, chat and the command line.

use jiff::Timestamp;
use kubeconfig::access::{Ending, Phase, Refusal, Revocation, Status};
use kubeconfig::intake::{Intake, Unresolved};
use kubeconfig::policy::{AccessCheck, CheckFailure, Decision};
use kubeconfig::reading::{AccountState, Bindings, CertificateState};
use kubeconfig::{Access, IntakeId, KubeconfigKey, Projection, RevocationId, Uid};
use serde::Serialize;
use utoipa::ToSchema;

use crate::words::{hold_text, trigger_word};

/// One identity's access to one cluster: user information and kubeconfig information, as the console's panels show it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PairView {
    /// Id of the cluster.
    pub cluster: String,
    /// Name of the cluster, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_name: Option<String>,
    /// Id of the user or role.
    pub uid: String,
    /// Its name, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `RootAccount`, `RamUser`, `RamRole`, or another word of the cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_kind: Option<String>,
    /// `Active`, `InActive`, `Deleted`, or another word of the cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_state: Option<String>,
    /// `NotIssued`, `Effective`, `EffectiveResidualRbac`, `Expired`, `Deleted`, `Revoked` or `Unknown`.
    #[schema(value_type = String)]
    pub status: Status,
    /// The latest end of validity of its certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Every certificate that the cloud lists.
    pub certificates: Vec<CertificateView>,
    /// RBAC permissions on the cluster; absent where they were not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub permissions: Option<Vec<kubeconfig::reading::Permission>>,
    /// The latest seven-day check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_check: Option<CheckView>,
    /// The revocation under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_revocation: Option<RevocationView>,
    /// The refusal that stands: why the latest revocation did not happen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusalView>,
    /// Ids of the events that decided the status.
    pub decided_by: Vec<String>,
}

/// One certificate.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CertificateView {
    /// The cloud's word for its state.
    #[schema(value_type = String)]
    pub state: CertificateState,
    /// End of validity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// An answer of the seven-day check.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CheckView {
    /// `NoRecords`, `RecordsFound` or `CheckFailed`.
    pub result: String,
    /// The latest access, where found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_access: Option<Timestamp>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// When it was made; absent in a preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub checked_at: Option<Timestamp>,
}

/// A revocation under way.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RevocationView {
    /// Its id.
    pub id: String,
    /// `Requested`, `Checking`, `Held`, `Submitted`, `Failed` or `Unknown`.
    pub phase: String,
    /// Why it was asked for: `identityDeleted`, `expired` or `requested`.
    pub trigger: String,
    /// Who asked.
    pub requested_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// In the words of the one who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it waits, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_because: Option<String>,
    /// The number of its present or latest hold: what an approval answers.
    pub hold: u32,
    /// Calls made.
    pub attempts: u32,
}

/// A rule that forbids a revocation.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RefusalView {
    /// Its name.
    pub rule: String,
    /// What it says.
    pub text: String,
}

/// A message from outside that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HeldIntakeView {
    /// Its id.
    pub id: String,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// `RamUser` or `RamRole`.
    pub kind: String,
    /// The name that was deleted.
    pub name: String,
    /// When it was deleted.
    #[schema(value_type = String, format = DateTime)]
    pub deleted_at: Timestamp,
    /// Why it waits.
    pub why: String,
    /// Whom the name may mean.
    pub candidates: Vec<String>,
}

/// What a revocation came to, or would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Read back as gone.
    Confirmed,
    /// Waits for a person.
    Held,
    /// A rule forbids it.
    Refused,
    /// A person decided against it.
    Rejected,
    /// Nobody decided in time.
    Lapsed,
    /// The call failed; the next sweep tries again.
    Failed,
    /// Whether the call had an effect is not known; the next sweep reads.
    Unknown,
    /// Somebody is at it.
    UnderWay,
    /// It could not be dealt with now.
    Error,
    /// In a dry run: it would be called.
    WouldRevoke,
    /// In a dry run: a person would be asked.
    WouldHold,
    /// In a dry run: policy leaves it alone.
    WouldLeave,
}

impl Outcome {
    /// The word of the interface and of tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Rejected => "rejected",
            Self::Lapsed => "lapsed",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::UnderWay => "underWay",
            Self::Error => "error",
            Self::WouldRevoke => "wouldRevoke",
            Self::WouldHold => "wouldHold",
            Self::WouldLeave => "wouldLeave",
        }
    }
}

/// What became of one pair in a request.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RevocationOutcome {
    /// Id of the revocation; absent in a dry run, and where a rule did not ask because its last answer stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation: Option<String>,
    /// What became of it, or would.
    pub outcome: Outcome,
    /// The rule or the reason behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<RefusalView>,
    /// The answer of the seven-day check, in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckView>,
    /// The pair after it.
    #[serde(flatten)]
    pub pair: PairView,
}

impl PairView {
    /// The view of a pair at an instant.
    pub fn new(key: &KubeconfigKey, access: &Access, projection: &Projection, at: Timestamp) -> Self {
        let reading = access.reading.as_ref();
        let identity = projection.identities.get(&key.uid);
        let cluster = projection.clusters.get(&key.cluster);
        let account = reading.map(|reading| &reading.account);
        // The identity's own stream may know of a deletion before the pair is read again.
        let state = match (account, identity) {
            (_, Some(identity)) if identity.state == AccountState::Deleted => Some(&identity.state),
            (Some(account), _) => Some(&account.state),
            (None, identity) => identity.map(|identity| &identity.state),
        };
        let kind = account.map(|a| &a.kind).or(identity.map(|identity| &identity.kind));
        Self {
            cluster: key.cluster.to_string(),
            cluster_name: cluster.map(|cluster| cluster.name.clone()),
            uid: key.uid.to_string(),
            name: identity.map(|identity| identity.name.to_string()).filter(|name| !name.is_empty()),
            account_kind: kind.map(ToString::to_string),
            account_state: state.map(ToString::to_string),
            status: access.status(at),
            expires_at: reading.and_then(|r| r.certificates.iter().filter_map(|c| c.expires_at).max()),
            certificates: reading.map_or_else(Vec::new, |reading| {
                let view = |c: &kubeconfig::reading::Certificate| CertificateView {
                    state: c.state.clone(),
                    expires_at: c.expires_at,
                };
                reading.certificates.iter().map(view).collect()
            }),
            permissions: reading.and_then(|reading| match &reading.bindings {
                Bindings::Yes(permissions) => Some(permissions.clone()),
                Bindings::No => None,
            }),
            last_check: access.last_check.as_ref().map(|(at, check)| CheckView::new(check, Some(*at))),
            open_revocation: access.open.as_ref().map(RevocationView::new),
            refused: access.standing_refusal.as_ref().map(|(_, refusal)| RefusalView::new(refusal)),
            decided_by: access.decided_by.iter().map(ToString::to_string).collect(),
        }
    }
}

impl CheckView {
    /// The view of an answer.
    pub fn new(check: &AccessCheck, checked_at: Option<Timestamp>) -> Self {
        let (result, last_access, cause) = match check {
            AccessCheck::NoRecords => ("NoRecords", None, None),
            AccessCheck::RecordsFound { last_access } => ("RecordsFound", *last_access, None),
            AccessCheck::CheckFailed { cause: CheckFailure::AuditLoggingOff } => {
                ("CheckFailed", None, Some("the cluster has no audit logging".to_owned()))
            }
            AccessCheck::CheckFailed { cause: CheckFailure::Error { message } } => {
                ("CheckFailed", None, Some(message.clone()))
            }
        };
        Self { result: result.into(), last_access, cause, checked_at }
    }
}

impl RevocationView {
    /// The view of an open revocation.
    pub fn new(revocation: &Revocation) -> Self {
        Self {
            id: revocation.id.to_string(),
            phase: revocation.phase.as_str().into(),
            trigger: trigger_word(&revocation.trigger).into(),
            requested_by: revocation.requested_by.to_string(),
            requested_at: revocation.requested_at,
            reason: revocation.reason.clone(),
            held_because: match &revocation.phase {
                Phase::Held(reason) => Some(hold_text(reason)),
                _ => None,
            },
            hold: revocation.holds,
            attempts: revocation.attempts,
        }
    }
}

impl RefusalView {
    /// The view of a refusal.
    pub fn new(refusal: &Refusal) -> Self {
        Self { rule: refusal.rule().into(), text: refusal.to_string() }
    }
}

impl HeldIntakeView {
    /// The view of a message, if it waits for a person.
    pub fn new(id: IntakeId, received_at: Timestamp, intake: &Intake) -> Option<Self> {
        let Intake::Unresolved { deletion, reason } = intake else { return None };
        let (why, candidates): (_, &[Uid]) = match reason {
            Unresolved::NobodyFound => ("nobody is known to have borne the name at that time", &[]),
            Unresolved::Ambiguous { candidates } => ("more than one identity may be meant", candidates),
        };
        Some(Self {
            id: id.to_string(),
            received_at,
            kind: deletion.kind.to_string(),
            name: deletion.name.to_string(),
            deleted_at: deletion.deleted_at,
            why: why.into(),
            candidates: candidates.iter().map(ToString::to_string).collect(),
        })
    }
}

/// What a lapse means to whoever asks for the same.
const LAPSED: &str = "nobody decided on it in time; it has to be asked for anew";

/// Why a rule did not ask again: there is nothing to do, or the last answer stands.
fn not_asked(access: &Access, status: Status) -> (Outcome, Option<RefusalView>) {
    let standing = access.standing_refusal.as_ref().map(|(_, refusal)| RefusalView::new(refusal));
    match (status, standing) {
        (Status::Deleted, _) => (Outcome::Refused, Some(RefusalView::new(&Refusal::AlreadyDeleted))),
        (Status::NotIssued, _) => (Outcome::Refused, Some(RefusalView::new(&Refusal::NotIssued))),
        (_, None) if access.standing_lapse.is_some() => {
            (Outcome::Lapsed, Some(RefusalView { rule: "lapsed".into(), text: LAPSED.into() }))
        }
        (_, None) => (Outcome::Rejected, None),
        (_, standing) => (Outcome::Refused, standing),
    }
}

impl RevocationOutcome {
    /// What became of a revocation, by the state of its pair afterwards.
    pub fn of(revocation: RevocationId, access: &Access, pair: PairView) -> Self {
        let text = |rule: &str, text: String| Some(RefusalView { rule: rule.into(), text });
        let open = access.open.as_ref();
        let (id, outcome, because) = match (access.closed.get(&revocation).map(|closed| &closed.ending), open)
        {
            (Some(Ending::Confirmed), _) => (Some(revocation), Outcome::Confirmed, None),
            (Some(Ending::Refused(refusal)), _) => {
                (Some(revocation), Outcome::Refused, Some(RefusalView::new(refusal)))
            }
            (Some(Ending::Rejected), _) => (Some(revocation), Outcome::Rejected, None),
            (Some(Ending::Lapsed), _) => (Some(revocation), Outcome::Lapsed, text("lapsed", LAPSED.into())),
            (None, Some(open)) => {
                let (outcome, because) = match &open.phase {
                    Phase::Held(reason) => (Outcome::Held, text("hold", hold_text(reason))),
                    Phase::Failed { .. } => {
                        (Outcome::Failed, text("failed", "the next sweep tries again".into()))
                    }
                    Phase::Unknown { .. } => {
                        (Outcome::Unknown, text("unknown", "the next sweep reads it again".into()))
                    }
                    _ => (Outcome::UnderWay, None),
                };
                (Some(open.id), outcome, because)
            }
            (None, None) => {
                let (outcome, because) = not_asked(access, pair.status);
                (None, outcome, because)
            }
        };
        Self { revocation: id.map(|id| id.to_string()), outcome, because, check: None, pair }
    }

    /// A pair that could not be dealt with now.
    pub fn error(open: Option<&Revocation>, error: &crate::Error, pair: PairView) -> Self {
        Self {
            revocation: open.map(|open| open.id.to_string()),
            outcome: Outcome::Error,
            because: Some(RefusalView { rule: "error".into(), text: error.to_string() }),
            check: None,
            pair,
        }
    }

    /// What would become of it.
    pub fn preview(decision: Result<(Decision, &AccessCheck), &Refusal>, pair: PairView) -> Self {
        let (outcome, because, check) = match decision {
            Err(refusal) => (Outcome::Refused, Some(RefusalView::new(refusal)), None),
            Ok((decision, check)) => {
                let outcome = match decision {
                    Decision::Revoke => Outcome::WouldRevoke,
                    Decision::Hold => Outcome::WouldHold,
                    Decision::Leave => Outcome::WouldLeave,
                };
                (outcome, None, Some(CheckView::new(check, None)))
            }
        };
        Self { revocation: None, outcome, because, check, pair }
    }
}
