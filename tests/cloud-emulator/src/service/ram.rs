//! RAM 2015-05-01 (alibabacloud-ram20150501 1.3.0). Users and roles are found by name only.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::desk::{Desk, Effect, Operation};
use crate::account::{Identity, Kind, Refusal};
use crate::moment::utc;

use Effect::{Read, Write};

/// `referencedResources` types (ActionTrail documentation, IMS sample).
pub(super) const USER: &str = "ACS::RAM::User";
const ROLE: &str = "ACS::RAM::Role";

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::rpc("ListUsers", Read, list_users),
    Operation::rpc("GetUser", Read, get_user),
    Operation::rpc("CreateUser", Write, create_user),
    Operation::rpc("UpdateUser", Write, update_user),
    Operation::rpc("DeleteUser", Write, delete_user),
    Operation::rpc("ListRoles", Read, list_roles),
    Operation::rpc("GetRole", Read, get_role),
    Operation::rpc("CreateRole", Write, create_role),
    Operation::rpc("DeleteRole", Write, delete_role),
];

fn list_users(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let users: Vec<_> = desk.account.present(Kind::User).collect();
    let (users, next) = marked(desk, users, (100, 1000))?;
    Ok(Answer::json(list("Users", "User", users.into_iter().map(user).collect(), next)))
}

fn get_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let found = desk.account.named(Kind::User, desk.params.need("UserName")?).map_err(desk.refused())?;
    let mut shown = user(found);
    shown["LastLoginDate"] = utc(found.updated).into();
    Ok(Answer::json(json!({"User": shown})))
}

fn create_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let name = checked_name(desk.params.need("UserName")?, "UserName")?;
    let display_name = desk.params.get("DisplayName").unwrap_or(name);
    let refused = desk.refused();
    let created = desk.account.create(Kind::User, name, display_name, desk.now).map_err(refused)?;
    Ok(Answer::json(json!({"User": user(created)})).about(USER, name))
}

fn update_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let old = desk.params.need("UserName")?;
    let new = desk.params.get("NewUserName").map(|name| checked_name(name, "NewUserName")).transpose()?;
    let id = desk.account.named(Kind::User, old).map_err(desk.refused())?.id.clone();
    let refused = desk.refused();
    let changed =
        desk.account.rename(&id, new, desk.params.get("NewDisplayName"), desk.now).map_err(refused)?;
    Ok(Answer::json(json!({"User": user(changed)})).about(USER, old))
}

fn delete_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let name = desk.params.need("UserName")?;
    let refused = desk.refused();
    let id = desk.account.named(Kind::User, name).map_err(&refused)?.id.clone();
    if desk.account.access_keys().iter().any(|key| key.owner == id) {
        return Err(refused(Refusal::HasAccessKeys(name.to_owned())));
    }
    desk.account.delete(&id, desk.now).map_err(&refused)?;
    Ok(Answer::json(json!({})).about(USER, name))
}

fn list_roles(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let roles: Vec<_> = desk.account.present(Kind::Role).collect();
    let (roles, next) = marked(desk, roles, (100, 1000))?;
    let shown = |role: &Identity| {
        let mut shown = role_fields(desk, role);
        shown["Tags"] = json!({"Tag": []});
        shown
    };
    Ok(Answer::json(list("Roles", "Role", roles.into_iter().map(shown).collect(), next)))
}

fn get_role(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let found = desk.account.named(Kind::Role, desk.params.need("RoleName")?).map_err(desk.refused())?;
    let mut shown = role_fields(desk, found);
    shown["AssumeRolePolicyDocument"] = found.trust_policy.as_str().into();
    shown["RolePrincipalName"] = format!("{}@role.{}.onaliyun.com", found.name, desk.account.id).into();
    shown["IsServiceLinkedRole"] = false.into();
    Ok(Answer::json(json!({"Role": shown})))
}

fn create_role(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let name = checked_name(desk.params.need("RoleName")?, "RoleName")?;
    let policy = desk.params.need("AssumeRolePolicyDocument")?;
    if serde_json::from_str::<Value>(policy).is_err() {
        return Err(ApiError::parameter("AssumeRolePolicyDocument"));
    }
    let refused = desk.refused();
    let description = desk.params.get("Description").unwrap_or_default();
    let created = desk.account.create(Kind::Role, name, description, desk.now).map_err(refused)?;
    policy.clone_into(&mut created.trust_policy);
    let created = created.clone();
    let mut shown = role_fields(desk, &created);
    shown["AssumeRolePolicyDocument"] = policy.into();
    Ok(Answer::json(json!({"Role": shown})).about(ROLE, name))
}

fn delete_role(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let name = desk.params.need("RoleName")?;
    let refused = desk.refused();
    let id = desk.account.named(Kind::Role, name).map_err(&refused)?.id.clone();
    desk.account.delete(&id, desk.now).map_err(&refused)?;
    Ok(Answer::json(json!({})).about(ROLE, name))
}

fn user(user: &Identity) -> Value {
    json!({
        "UserId": user.id,
        "UserName": user.name,
        "DisplayName": user.display_name,
        "MobilePhone": "",
        "Email": "",
        "Comments": "",
        "CreateDate": utc(user.created),
        "UpdateDate": utc(user.updated),
    })
}

fn role_fields(desk: &Desk<'_>, role: &Identity) -> Value {
    json!({
        "RoleId": role.id,
        "RoleName": role.name,
        "Arn": desk.account.arn(role),
        "Description": role.display_name,
        "MaxSessionDuration": 3600,
        "CreateDate": utc(role.created),
        "UpdateDate": utc(role.updated),
    })
}

/// Letters, digits and `.-_`, at most 64.
pub(super) fn checked_name<'a>(name: &'a str, parameter: &str) -> Result<&'a str, ApiError> {
    let valid = name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    if valid { Ok(name) } else { Err(ApiError::parameter(parameter)) }
}

/// The page that `Marker` and `MaxItems` ask for, and the marker of the next one.
pub(super) fn marked<T>(
    desk: &Desk<'_>,
    items: Vec<T>,
    (default, most): (usize, usize),
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let size = desk.params.number("MaxItems", default, (1, most))?;
    let start = match desk.params.get("Marker") {
        None => 0,
        Some(marker) => {
            let start = marker.strip_prefix("EMULATED").and_then(|number| number.parse().ok());
            start.ok_or_else(|| ApiError::parameter("Marker"))?
        }
    };
    let next = start + size;
    let next = (next < items.len()).then(|| format!("EMULATED{next}"));
    Ok((items.into_iter().skip(start).take(size).collect(), next))
}

/// `Marker` is there only when `IsTruncated` is true.
pub(super) fn list(outer: &str, inner: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut answer = json!({"IsTruncated": next.is_some()});
    answer[outer] = json!({inner: items});
    if let Some(marker) = next {
        answer["Marker"] = marker.into();
    }
    answer
}
