//! Identities.

use kubeconfig::identity::IdentityEvent;

use super::intake_id;
use crate::story::day;

pub(super) fn samples() -> impl Iterator<Item = IdentityEvent> {
    let observed = |created_at| IdentityEvent::IdentityObserved {
        kind: "RamUser".into(),
        name: "alice".into(),
        state: "InActive".into(),
        created_at,
    };
    [
        observed(None),
        observed(Some(day(0))),
        IdentityEvent::IdentityRenamed { from: "alice".into(), to: "alicia".into() },
        IdentityEvent::IdentityDeleted { intake: None },
        IdentityEvent::IdentityDeleted { intake: Some(intake_id()) },
        IdentityEvent::IdentityRestored { intake: None },
        IdentityEvent::IdentityRestored { intake: Some(intake_id()) },
        IdentityEvent::PersonalDataErasureBegun {
            digests: vec!["X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0".into()],
            reason: None,
            overridden: vec![],
        },
        IdentityEvent::PersonalDataErasureBegun {
            digests: vec!["X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0".into()],
            reason: Some("asked for in TICKET-17".into()),
            overridden: vec!["its access to 2 clusters is not known to have ended".into()],
        },
        IdentityEvent::PersonalDataErased { values: 7 },
    ]
    .into_iter()
}
