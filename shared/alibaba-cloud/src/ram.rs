//! Resource Access Management, API version 2015-05-01 (RPC style; package alibabacloud-ram20150501 1.3.0).

use jiff::Timestamp;
use kubeconfig::{IdError, Uid};
use serde::Deserialize;
use serde_json::Value;

use crate::client::Client;
use crate::error::Error;
use crate::listing::{self, Entries, MarkedPage, Reader};
use crate::operation::{Operation, Service};
use crate::transport::Request;
use crate::wire;

const VERSION: &str = "2015-05-01";

static LIST_USERS: Operation = Operation::read(Service::Ram, VERSION, "ListUsers", 15);
static LIST_ROLES: Operation = Operation::read(Service::Ram, VERSION, "ListRoles", 15);
static GET_USER: Operation = Operation::read(Service::Ram, VERSION, "GetUser", 10);
static GET_ROLE: Operation = Operation::read(Service::Ram, VERSION, "GetRole", 10);

/// How many are asked for at once; the service allows up to 1000.
const PAGE_SIZE: u32 = 500;

/// The operations of Resource Access Management.
#[derive(Clone)]
pub struct Ram {
    client: Client,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id, for ever.
    pub uid: Uid,
    /// Its name, which another user may bear later.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// When it was created.
    pub created: Option<Timestamp>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its id, for ever.
    pub uid: Uid,
    /// Its name, which another role may bear later.
    pub name: String,
    /// `acs:ram::{account}:role/{name}`.
    pub arn: String,
    /// When it was created.
    pub created: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireUser {
    #[serde(deserialize_with = "wire::text")]
    user_id: String,
    user_name: String,
    #[serde(default, deserialize_with = "wire::text")]
    display_name: String,
    #[serde(default, deserialize_with = "wire::time")]
    create_date: Option<Timestamp>,
}

fn read_user(value: &Value) -> Result<User, String> {
    let wire = WireUser::deserialize(value).map_err(|error| error.to_string())?;
    Ok(User {
        uid: wire.user_id.parse().map_err(|error: IdError| error.to_string())?,
        name: wire.user_name,
        display_name: wire.display_name,
        created: wire.create_date,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireRole {
    #[serde(deserialize_with = "wire::text")]
    role_id: String,
    role_name: String,
    #[serde(default, deserialize_with = "wire::text")]
    arn: String,
    #[serde(default, deserialize_with = "wire::time")]
    create_date: Option<Timestamp>,
}

fn read_role(value: &Value) -> Result<Role, String> {
    let wire = WireRole::deserialize(value).map_err(|error| error.to_string())?;
    Ok(Role {
        uid: wire.role_id.parse().map_err(|error: IdError| error.to_string())?,
        name: wire.role_name,
        arn: wire.arn,
        created: wire.create_date,
    })
}

/// What all marked lists of RAM and IMS share. The marker counts only where the list says that it is cut.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cut {
    #[serde(default, deserialize_with = "wire::flag")]
    is_truncated: bool,
    #[serde(default, deserialize_with = "wire::some_text")]
    marker: Option<String>,
}

#[derive(Deserialize)]
struct List<T> {
    #[serde(rename = "Users", alias = "Roles")]
    list: T,
    #[serde(flatten)]
    cut: Cut,
}

#[derive(Deserialize)]
struct Items {
    #[serde(rename = "User", alias = "Role", deserialize_with = "wire::list")]
    items: Vec<Value>,
}

/// Reads a marked list of users or roles, of RAM or of IMS.
pub(crate) fn marked<T: Send + 'static>(
    client: &Client,
    reader: Reader<T>,
    page_size: u32,
    filter: Option<String>,
) -> Entries<T> {
    let client = client.clone();
    listing::marked(reader, move |marker| {
        let request = Request::rpc(reader.operation)
            .with("MaxItems", page_size)
            .with_some("Filter", filter.as_ref())
            .with_some("Marker", marker);
        let client = client.clone();
        async move {
            let answer = client.call(&request).await?;
            let page: List<Items> = answer.json()?;
            let next = match page.cut {
                Cut { is_truncated: false, .. } => None,
                Cut { marker: Some(marker), .. } => Some(marker),
                Cut { marker: None, .. } => return Err(answer.invalid("the list is cut and has no marker")),
            };
            Ok(MarkedPage { entries: page.list.items, next })
        }
    })
}

/// The only thing in an answer.
#[derive(Deserialize)]
pub(crate) struct One {
    #[serde(rename = "User", alias = "Role")]
    pub(crate) item: Value,
}

impl Ram {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Every user of the account.
    pub fn users(&self) -> Entries<User> {
        let reader = Reader { operation: &LIST_USERS, names: &["UserId", "UserName"], read: read_user };
        marked(&self.client, reader, PAGE_SIZE, None)
    }

    /// Every role of the account.
    pub fn roles(&self) -> Entries<Role> {
        let reader = Reader { operation: &LIST_ROLES, names: &["RoleId", "RoleName"], read: read_role };
        marked(&self.client, reader, PAGE_SIZE, None)
    }

    /// The user that bears the name now. RAM cannot look one up by id, see [`Ims::user_by_id`](crate::ims::Ims).
    ///
    /// # Errors
    /// When the call fails; [`ErrorKind::NotFound`](crate::ErrorKind) when nobody bears it.
    pub async fn user(&self, name: &str) -> Result<User, Error> {
        let answer = self.client.call(&Request::rpc(&GET_USER).with("UserName", name)).await?;
        read_user(&answer.json::<One>()?.item).map_err(|why| answer.invalid(why))
    }

    /// The role that bears the name now.
    ///
    /// # Errors
    /// When the call fails; [`ErrorKind::NotFound`](crate::ErrorKind) when none bears it.
    pub async fn role(&self, name: &str) -> Result<Role, Error> {
        let answer = self.client.call(&Request::rpc(&GET_ROLE).with("RoleName", name)).await?;
        read_role(&answer.json::<One>()?.item).map_err(|why| answer.invalid(why))
    }
}
