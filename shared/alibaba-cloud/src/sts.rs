//! Security Token Service, API version 2015-04-01 (RPC style; package alibabacloud-sts20150401 1.2.0).

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use kubeconfig::Uid;
use serde::Deserialize;

use crate::client::Client;
use crate::error::Error;
use crate::operation::{Operation, Service};
use crate::transport::{Request, header};
use crate::wire;

static GET_CALLER: Operation = Operation::read(Service::Sts, "2015-04-01", "GetCallerIdentity", 10);

/// The operations of the Security Token Service.
#[derive(Clone)]
pub struct Sts {
    client: Client,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account that the caller belongs to.
    pub account: Uid,
    /// What the caller is.
    pub identity: CallerIdentity,
    /// The caller's name in policies.
    pub arn: String,
}

impl Caller {
    /// The id that must never be a target: of the user, of the role that is assumed, or of the account. None where
    /// the kind of caller is not known.
    pub fn uid(&self) -> Option<&Uid> {
        match &self.identity {
            CallerIdentity::Account => Some(&self.account),
            CallerIdentity::User(uid) | CallerIdentity::Role(uid) => Some(uid),
            CallerIdentity::Other(_) => None,
        }
    }
}

/// What a caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerIdentity {
    /// The Alibaba Cloud account itself.
    Account,
    /// A RAM user.
    User(Uid),
    /// A session of a RAM role, e.g. a function.
    Role(Uid),
    /// A kind that this version does not know, as the service calls it.
    Other(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireCaller {
    identity_type: String,
    #[serde(deserialize_with = "wire::text")]
    account_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    user_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    role_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    arn: String,
}

impl Sts {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Who the credentials belong to.
    ///
    /// # Errors
    /// When the call fails, or names a user or role without its id.
    pub async fn caller(&self) -> Result<Caller, Error> {
        Ok(self.caller_and_time().await?.0)
    }

    /// The same with the time of the service, where its answer has a `Date` (RFC 9110, 6.6.1).
    ///
    /// # Errors
    /// As for [`Self::caller`].
    pub async fn caller_and_time(&self) -> Result<(Caller, Option<Timestamp>), Error> {
        let answer = self.client.call(&Request::rpc(&GET_CALLER)).await?;
        let wire: WireCaller = answer.json()?;
        let id = |text: &str| text.parse::<Uid>().map_err(|error| answer.invalid(error));
        let identity = match wire.identity_type.as_str() {
            "Account" => CallerIdentity::Account,
            "RAMUser" => CallerIdentity::User(id(&wire.user_id)?),
            "AssumedRoleUser" => CallerIdentity::Role(id(&wire.role_id)?),
            _ => CallerIdentity::Other(wire.identity_type),
        };
        let time = header(&answer.headers, "date").and_then(|date| rfc2822::parse(date).ok());
        let caller = Caller { account: id(&wire.account_id)?, identity, arn: wire.arn };
        Ok((caller, time.map(|time| time.timestamp())))
    }
}
