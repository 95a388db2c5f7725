//! The form of a kubeconfig file, with no place for secrets: of a key, a token or a password only the presence is read.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::{FileContext, FileError, Held, Unreadable};
use crate::certificate::{ClientCertificate, MAX_INPUT};
use crate::error::bounded;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Document {
    current_context: Option<String>,
    #[serde(deserialize_with = "nullable")]
    contexts: Vec<NamedContext>,
    #[serde(deserialize_with = "nullable")]
    clusters: Vec<NamedCluster>,
    #[serde(deserialize_with = "nullable")]
    users: Vec<NamedUser>,
}

#[derive(Deserialize)]
struct NamedContext {
    name: String,
    #[serde(default, deserialize_with = "nullable")]
    context: Context,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    cluster: String,
    user: String,
    namespace: Option<String>,
}

#[derive(Deserialize)]
struct NamedCluster {
    name: String,
    #[serde(default, deserialize_with = "nullable")]
    cluster: Cluster,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cluster {
    server: Option<String>,
}

#[derive(Deserialize)]
struct NamedUser {
    name: String,
    #[serde(default, deserialize_with = "nullable")]
    user: User,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct User {
    client_certificate_data: Option<String>,
    client_certificate: Option<IgnoredAny>,
    token: Option<IgnoredAny>,
    #[serde(rename = "tokenFile")]
    token_file: Option<IgnoredAny>,
    exec: Option<Exec>,
    username: Option<IgnoredAny>,
    auth_provider: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Exec {
    #[serde(default)]
    command: String,
}

/// kubectl writes `null` for an empty list.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The parser's message may quote a value of the file, so only the line is told.
pub(super) fn parse(text: &str) -> Result<Document, FileError> {
    serde_norway::from_str(text)
        .map_err(|error| FileError::Form { line: error.location().map(|location| location.line()) })
}

impl Document {
    pub(super) fn into_contexts(self) -> Vec<FileContext> {
        let Self { current_context, contexts, clusters, users } = self;
        // Each certificate is read once, however many contexts share its user. The first of a name counts.
        let (mut servers, mut holdings) = (BTreeMap::new(), BTreeMap::new());
        for named in &clusters {
            servers
                .entry(named.name.as_str())
                .or_insert_with(|| named.cluster.server.as_deref().map(address));
        }
        for named in &users {
            holdings.entry(named.name.as_str()).or_insert_with(|| named.user.held());
        }
        let context = |named: NamedContext| {
            let held = holdings.get(named.context.user.as_str());
            FileContext {
                current: current_context.as_ref() == Some(&named.name),
                name: bounded(&named.name),
                cluster: bounded(&named.context.cluster),
                server: servers.get(named.context.cluster.as_str()).cloned().flatten(),
                namespace: named.context.namespace.as_deref().map(bounded),
                user: bounded(&named.context.user),
                held: held.cloned().unwrap_or(Held::Unreadable(Unreadable::NoUser)),
            }
        };
        contexts.into_iter().map(context).collect()
    }
}

impl User {
    fn held(&self) -> Held {
        if let Some(data) = self.client_certificate_data.as_deref().filter(|data| !data.is_empty()) {
            return certificate(data).map_or_else(Held::Unreadable, |read| Held::Certificate(Box::new(read)));
        }
        if self.client_certificate.is_some() {
            return Held::Unreadable(Unreadable::OtherFile);
        }
        if self.token.is_some() || self.token_file.is_some() {
            return Held::Token;
        }
        if let Some(exec) = &self.exec {
            return Held::ExecPlugin { command: bounded(&exec.command) };
        }
        let other = self.username.is_some() || self.auth_provider.is_some();
        Held::Unreadable(if other { Unreadable::OtherKind } else { Unreadable::Nothing })
    }
}

fn certificate(data: &str) -> Result<ClientCertificate, Unreadable> {
    let too_long = crate::certificate::CertificateError::TooLong;
    if data.len() > MAX_INPUT * 2 {
        return Err(Unreadable::Certificate(too_long));
    }
    let packed: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let decoded = STANDARD.decode(packed).map_err(|_| Unreadable::Base64)?;
    ClientCertificate::read(&decoded).map_err(Unreadable::Certificate)
}

/// An address without a user name and password in it.
fn address(server: &str) -> String {
    let (scheme, rest) = server.split_once("://").map_or(("", server), |(scheme, rest)| (scheme, rest));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    let separator = if scheme.is_empty() { "" } else { "://" };
    bounded(&format!("{scheme}{separator}{host}{path}"))
}
