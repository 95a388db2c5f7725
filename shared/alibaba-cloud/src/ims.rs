//! Identity management, API version 2019-08-15 (RPC style; package alibabacloud-ims20190815 3.5.0): users by id, and
//! the recycle bin that deleted users go to. There is none for roles.

use jiff::Timestamp;
use kubeconfig::{IdError, Uid};
use serde::Deserialize;
use serde_json::Value;

use crate::client::Client;
use crate::error::Error;
use crate::listing::{Entries, Reader};
use crate::operation::{Operation, Service};
use crate::ram::{One, marked};
use crate::transport::Request;
use crate::wire;

const VERSION: &str = "2019-08-15";

static GET_USER: Operation = Operation::read(Service::Ims, VERSION, "GetUser", 10);
static LIST_RECYCLED: Operation = Operation::read(Service::Ims, VERSION, "ListUsersInRecycleBin", 15);
static GET_RECYCLED: Operation = Operation::read(Service::Ims, VERSION, "GetUserInRecycleBin", 10);

/// The most that ListUsersInRecycleBin gives at once.
const PAGE_SIZE: u32 = 100;

/// The operations of identity management.
#[derive(Clone)]
pub struct Ims {
    client: Client,
}

/// A user, with its login name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalUser {
    /// Its id, for ever.
    pub uid: Uid,
    /// `{name}@{account's domain}`.
    pub principal_name: String,
    /// Its name for people.
    pub display_name: String,
    /// When it was created.
    pub created: Option<Timestamp>,
}

impl PrincipalUser {
    /// The RAM name: what stands before the `@`.
    pub fn name(&self) -> &str {
        name_of(&self.principal_name)
    }
}

/// A deleted user that can still be restored under the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecycledUser {
    /// Its id.
    pub uid: Uid,
    /// `{name}@{account's domain}`.
    pub principal_name: String,
    /// Its name for people.
    pub display_name: String,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it was deleted.
    pub recycled: Option<Timestamp>,
    /// When it will be gone for good.
    pub gone: Option<Timestamp>,
}

impl RecycledUser {
    /// The RAM name: what stands before the `@`.
    pub fn name(&self) -> &str {
        name_of(&self.principal_name)
    }
}

fn name_of(principal_name: &str) -> &str {
    principal_name.split('@').next().unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireUser {
    #[serde(deserialize_with = "wire::text")]
    user_id: String,
    user_principal_name: String,
    #[serde(default, deserialize_with = "wire::text")]
    display_name: String,
    #[serde(default, deserialize_with = "wire::time")]
    create_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "wire::time")]
    recycle_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "wire::time")]
    delete_date: Option<Timestamp>,
}

fn read_recycled(value: &Value) -> Result<RecycledUser, String> {
    let wire = WireUser::deserialize(value).map_err(|error| error.to_string())?;
    Ok(RecycledUser {
        uid: wire.user_id.parse().map_err(|error: IdError| error.to_string())?,
        principal_name: wire.user_principal_name,
        display_name: wire.display_name,
        created: wire.create_date,
        recycled: wire.recycle_date,
        gone: wire.delete_date,
    })
}

fn read_user(value: &Value) -> Result<PrincipalUser, String> {
    let RecycledUser { uid, principal_name, display_name, created, .. } = read_recycled(value)?;
    Ok(PrincipalUser { uid, principal_name, display_name, created })
}

impl Ims {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The user with this id.
    ///
    /// # Errors
    /// When the call fails; [`ErrorKind::NotFound`](crate::ErrorKind) when there is none.
    pub async fn user_by_id(&self, uid: &Uid) -> Result<PrincipalUser, Error> {
        self.user(Request::rpc(&GET_USER).with("UserId", uid)).await
    }

    /// The user that bears the login name now.
    ///
    /// # Errors
    /// When the call fails; [`ErrorKind::NotFound`](crate::ErrorKind) when nobody bears it.
    pub async fn user_by_principal_name(&self, name: &str) -> Result<PrincipalUser, Error> {
        self.user(Request::rpc(&GET_USER).with("UserPrincipalName", name)).await
    }

    async fn user(&self, request: Request) -> Result<PrincipalUser, Error> {
        let answer = self.client.call(&request).await?;
        read_user(&answer.json::<One>()?.item).map_err(|why| answer.invalid(why))
    }

    /// The users in the recycle bin, or those of them with this login name: the name may have been deleted several
    /// times.
    pub fn recycled_users(&self, principal_name: Option<&str>) -> Entries<RecycledUser> {
        let reader = Reader {
            operation: &LIST_RECYCLED,
            names: &["UserId", "UserPrincipalName"],
            read: read_recycled,
        };
        let filter = principal_name.map(|name| format!("UserPrincipalName eq {name}"));
        marked(&self.client, reader, PAGE_SIZE, filter)
    }

    /// The user in the recycle bin with this id.
    ///
    /// # Errors
    /// When the call fails; [`ErrorKind::NotFound`](crate::ErrorKind) when it is not there.
    pub async fn recycled_user(&self, uid: &Uid) -> Result<RecycledUser, Error> {
        let answer = self.client.call(&Request::rpc(&GET_RECYCLED).with("UserId", uid)).await?;
        read_recycled(&answer.json::<One>()?.item).map_err(|why| answer.invalid(why))
    }
}
