//! STS 2015-04-01 (alibabacloud-sts20150401 1.2.0).

use jiff::SignedDuration;
use serde_json::json;

use super::answer::{Answer, ApiError};
use super::desk::{Desk, Effect, Operation};
use crate::account::Kind;
use crate::moment::utc;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::rpc("GetCallerIdentity", Effect::Read, caller_identity),
    Operation::rpc("AssumeRole", Effect::Read, assume_role),
];

fn caller_identity(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let identity = &desk.caller.identity;
    let (kind, principal) = match identity.kind {
        Kind::Root => ("Account", identity.id.clone()),
        Kind::User => ("RAMUser", identity.id.clone()),
        Kind::Role => (
            "AssumedRoleUser",
            format!("{}:{}", identity.id, desk.caller.session.as_deref().unwrap_or_default()),
        ),
    };
    let mut answer = json!({
        "IdentityType": kind,
        "AccountId": desk.account.id,
        "PrincipalId": principal,
        "Arn": match identity.kind {
            Kind::Role => assumed_arn(desk, &identity.name, desk.caller.session.as_deref().unwrap_or_default()),
            _ => desk.account.arn(identity),
        },
    });
    match identity.kind {
        Kind::Root | Kind::User => answer["UserId"] = identity.id.as_str().into(),
        Kind::Role => answer["RoleId"] = identity.id.as_str().into(),
    }
    Ok(Answer::json(answer))
}

/// Trust policies are not evaluated: every caller of the account may assume every role.
fn assume_role(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let session = desk.params.need("RoleSessionName")?;
    let arn = desk.params.need("RoleArn")?;
    let seconds = desk.params.number("DurationSeconds", 3600, (900, 43_200))?;
    let found =
        desk.account.present(Kind::Role).find(|role| desk.account.arn(role).eq_ignore_ascii_case(arn));
    let missing = || ApiError::new(404, "EntityNotExist.Role", "The role does not exist.");
    let name = found.ok_or_else(missing)?.name.clone();
    let life = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(3600));
    let refused = desk.refused();
    let (key, role) = desk.account.assume_role(&name, session, life, desk.now).map_err(refused)?;
    Ok(Answer::json(json!({
        "AssumedRoleUser": {
            "AssumedRoleId": format!("{}:{session}", role.id),
            "Arn": assumed_arn(desk, &role.name, session),
        },
        "Credentials": {
            "AccessKeyId": key.id,
            "AccessKeySecret": key.secret.expose(),
            "SecurityToken": key.token.expose(),
            "Expiration": utc(key.expires),
        },
    })))
}

fn assumed_arn(desk: &Desk<'_>, role: &str, session: &str) -> String {
    format!("acs:ram::{}:assumed-role/{}/{session}", desk.account.id, role.to_lowercase())
}
