//! IMS 2019-08-15 (alibabacloud-ims20190815 3.5.0): users by login name or id, and their recycle bin.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::desk::{Desk, Effect, Operation};
use super::ram::{USER, checked_name, list, marked};
use crate::account::{Identity, Kind, Refusal, USERS_RECYCLED_FOR};
use crate::moment::utc;

use Effect::{Read, Write};

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::rpc("CreateUser", Write, create_user),
    Operation::rpc("GetUser", Read, get_user),
    Operation::rpc("UpdateUser", Write, update_user),
    Operation::rpc("DeleteUser", Write, delete_user),
    Operation::rpc("ListUsersInRecycleBin", Read, list_recycled),
    Operation::rpc("GetUserInRecycleBin", Read, get_recycled),
    Operation::rpc("RestoreUserFromRecycleBin", Write, restore_user),
    Operation::rpc("DeleteUserInRecycleBin", Write, purge_user),
];

fn create_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let login = desk.params.need("UserPrincipalName")?;
    let name = local_part(desk, login, "UserPrincipalName")?.to_owned();
    let display_name = desk.params.get("DisplayName").unwrap_or(&name);
    let refused = desk.refused();
    let created = desk.account.create(Kind::User, &name, display_name, desk.now).map_err(refused)?.clone();
    Ok(Answer::json(json!({"User": user(desk, &created)})).about(USER, login))
}

fn get_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let found = wanted(desk, true)?;
    let mut shown = user(desk, &found);
    shown["UserName"] = found.name.as_str().into();
    shown["Tags"] = json!({"Tag": []});
    Ok(Answer::json(json!({"User": shown})))
}

fn update_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let found = wanted(desk, false)?;
    let new = desk.params.get("NewUserPrincipalName");
    let new = new.map(|login| local_part(desk, login, "NewUserPrincipalName")).transpose()?;
    let new = new.map(str::to_owned);
    let refused = desk.refused();
    let display_name = desk.params.get("NewDisplayName");
    let changed = desk.account.rename(&found.id, new.as_deref(), display_name, desk.now).map_err(refused)?;
    let changed = changed.clone();
    let login = desk.account.principal_name(&found);
    Ok(Answer::json(json!({"User": user(desk, &changed)})).about(USER, login))
}

fn delete_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let found = wanted(desk, false)?;
    let refused = desk.refused();
    desk.account.delete(&found.id, desk.now).map_err(refused)?;
    Ok(Answer::json(json!({})).about(USER, desk.account.principal_name(&found)))
}

/// The only filter that is documented is `UserPrincipalName eq alice@example.onaliyun.com`.
fn list_recycled(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let filter = desk.params.get("Filter").map(|filter| {
        let login = filter.strip_prefix("UserPrincipalName eq ").map(str::trim);
        login.filter(|login| !login.is_empty()).ok_or_else(|| ApiError::parameter("Filter"))
    });
    let filter = filter.transpose()?;
    let is_wanted = |found: &&Identity| {
        found.in_recycle_bin(desk.now)
            && filter.is_none_or(|login| login == desk.account.principal_name(found))
    };
    let users: Vec<_> = desk.account.identities().iter().filter(is_wanted).collect();
    let (users, next) = marked(desk, users, (100, 100))?;
    let users = users.into_iter().map(|found| recycled(desk, found)).collect();
    Ok(Answer::json(list("Users", "User", users, next)))
}

fn get_recycled(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let id = desk.params.need("UserId")?;
    let found = desk.account.identity(id).filter(|found| found.in_recycle_bin(desk.now));
    let missing = || desk.refused()(Refusal::NotInRecycleBin(id.to_owned()));
    Ok(Answer::json(json!({"User": recycled(desk, found.ok_or_else(missing)?)})))
}

fn restore_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let (id, refused) = (desk.params.need("UserId")?, desk.refused());
    desk.account.restore_user(id, desk.now).map_err(refused)?;
    Ok(Answer::json(json!({})).about(USER, id))
}

fn purge_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let (id, refused) = (desk.params.need("UserId")?, desk.refused());
    desk.account.purge_user(id, desk.now).map_err(refused)?;
    Ok(Answer::json(json!({})).about(USER, id))
}

/// The present user that exactly one of the parameters names.
fn wanted(desk: &Desk<'_>, by_access_key: bool) -> Result<Identity, ApiError> {
    let key = desk.params.get("UserAccessKeyId").filter(|_| by_access_key);
    let (login, id) = (desk.params.get("UserPrincipalName"), desk.params.get("UserId"));
    let found = match (login, id, key) {
        (Some(login), None, None) => {
            let name = local_part(desk, login, "UserPrincipalName")?;
            desk.account.named(Kind::User, name).map_err(desk.refused())?
        }
        (None, Some(id), None) => present(desk, id)?,
        (None, None, Some(key)) => {
            let owner = desk.account.access_keys().iter().find(|other| other.id == key);
            present(desk, owner.map_or(key, |found| &found.owner))?
        }
        _ => return Err(ApiError::parameter("UserPrincipalName")),
    };
    Ok(found.clone())
}

fn present<'a>(desk: &'a Desk<'_>, id: &str) -> Result<&'a Identity, ApiError> {
    let found = desk.account.present(Kind::User).find(|user| user.id == id);
    found.ok_or_else(|| desk.refused()(Refusal::NoSuchIdentity { kind: Kind::User, name: id.to_owned() }))
}

/// The user name in a login name of this account.
fn local_part<'a>(desk: &Desk<'_>, login: &'a str, parameter: &str) -> Result<&'a str, ApiError> {
    let name = login.strip_suffix(desk.account.domain.as_str()).and_then(|name| name.strip_suffix('@'));
    checked_name(name.ok_or_else(|| ApiError::parameter(parameter))?, parameter)
}

fn user(desk: &Desk<'_>, user: &Identity) -> Value {
    json!({
        "UserId": user.id,
        "UserPrincipalName": desk.account.principal_name(user),
        "DisplayName": user.display_name,
        "ProvisionType": "Manual",
        "MobilePhone": "",
        "Email": "",
        "Comments": "",
        "CreateDate": utc(user.created),
        "UpdateDate": utc(user.updated),
    })
}

fn recycled(desk: &Desk<'_>, user: &Identity) -> Value {
    let at = user.deleted.unwrap_or(user.updated);
    json!({
        "UserId": user.id,
        "UserPrincipalName": desk.account.principal_name(user),
        "DisplayName": user.display_name,
        "CreateDate": utc(user.created),
        "RecycleDate": utc(at),
        "DeleteDate": utc(at.saturating_add(USERS_RECYCLED_FOR).unwrap_or(at)),
    })
}
