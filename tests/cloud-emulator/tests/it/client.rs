//! A small client with its own signing code, and names for what is in the scenario.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloud_emulator::{Account, Emulator, Options, Scenario, Service};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) use cloud_emulator::scenario::believable::{
    ALICE, BATCH, BOB, CAROL, CI_DEPLOYER, DAVE, DEV, LEGACY_CI, PROD, REAPER, ROOT,
};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What a request is signed with.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

impl Keys {
    fn new(id: &str, secret: &str, token: Option<&str>) -> Self {
        Self { id: id.to_owned(), secret: secret.to_owned(), token: token.map(str::to_owned) }
    }

    pub(crate) fn root() -> Self {
        Self::new("LTAI5tEmulatedRoot", "EmulatedRootSecret", None)
    }

    pub(crate) fn bob() -> Self {
        Self::new("LTAI5tEmulatedBob", "EmulatedBobSecret", None)
    }

    pub(crate) fn reaper() -> Self {
        Self::new("STS.EmulatedReaper", "EmulatedReaperSecret", Some("EmulatedReaperSecurityToken"))
    }
}

/// A request before it is signed.
#[derive(Clone)]
pub(crate) struct Plain {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Plain {
    /// `address` is a path, possibly with a query that needs no encoding.
    pub(crate) fn new(method: &'static str, address: &str) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { method, path: path.to_owned(), query, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn param(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("content-type", "application/json; charset=utf-8")
    }

    pub(crate) fn get(&self, name: &str) -> String {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, v)| v.clone()).unwrap_or_default()
    }

    pub(crate) fn canonical_query(&self) -> String {
        let mut pairs: Vec<_> =
            self.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        pairs.sort();
        pairs.join("&")
    }

    /// Sends it as it is.
    pub(crate) fn send(&self, to: SocketAddr) -> Option<Answer> {
        let query = self.canonical_query();
        let address = if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) };
        let mut head = format!("{} {address} HTTP/1.1\r\nconnection: close\r\n", self.method);
        let host = self.get("host");
        let host = if host.is_empty() { to.to_string() } else { host };
        head.push_str(&format!("host: {host}\r\ncontent-length: {}\r\n", self.body.len()));
        for (name, value) in self.headers.iter().filter(|(name, _)| name != "host") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut stream = TcpStream::connect(to).expect("a listener");
        stream.write_all(format!("{head}\r\n").as_bytes()).expect("head sent");
        stream.write_all(&self.body).expect("body sent");
        let mut read = Vec::new();
        stream.read_to_end(&mut read).ok()?;
        Answer::parse(&read)
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) raw: Vec<u8>,
    /// `Null` if the body is not JSON.
    pub(crate) body: Value,
}

impl Answer {
    fn parse(read: &[u8]) -> Option<Self> {
        let end = read.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&read[..end]);
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let raw = read[end + 4..].to_vec();
        let body = serde_json::from_slice(&raw).unwrap_or_default();
        Some(Self { status, headers, raw, body })
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    /// The error code in any spelling, with the status.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, &str) {
        let code = ["code", "Code", "errorCode"].into_iter().find_map(|name| self.body[name].as_str());
        (self.status, code.unwrap_or_else(|| panic!("no error: {self:?}")))
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.body
    }
}

/// An emulator with the believable scenario.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) keys: Keys,
}

impl World {
    /// Calls are made as the tool's own role.
    pub(crate) async fn start() -> Self {
        let emulator = Emulator::start(Scenario::believable(), Options::default()).await.expect("started");
        Self { emulator, keys: Keys::reaper() }
    }

    /// Calls are made as somebody else.
    pub(crate) async fn as_of(keys: Keys) -> Self {
        Self { keys, ..Self::start().await }
    }

    pub(crate) fn at(&self, service: Service) -> SocketAddr {
        self.emulator.endpoints().address(service)
    }

    #[track_caller]
    pub(crate) fn cs(&self, method: &'static str, address: &str) -> Answer {
        self.send(Service::Cs, Plain::new(method, address))
    }

    #[track_caller]
    pub(crate) fn cs_json(&self, method: &'static str, address: &str, body: &Value) -> Answer {
        self.send(Service::Cs, Plain::new(method, address).json(body))
    }

    /// An RPC call with its parameters in the query.
    #[track_caller]
    pub(crate) fn rpc(&self, service: Service, action: &str, params: &[(&str, &str)]) -> Answer {
        let plain =
            params.iter().fold(Plain::new("POST", "/"), |plain, (name, value)| plain.param(name, value));
        self.send(service, plain.header("x-acs-action", action))
    }

    #[track_caller]
    pub(crate) fn send(&self, service: Service, plain: Plain) -> Answer {
        acs3(plain, service, &self.keys, &self.at(service).to_string())
            .send(self.at(service))
            .expect("an answer")
    }

    /// `DELETE /cluster/{cluster}/user/{uid}/permissions`.
    #[track_caller]
    pub(crate) fn clean(&self, cluster: &str, uid: &str, force: &str) -> Answer {
        self.cs("DELETE", &format!("/cluster/{cluster}/user/{uid}/permissions?Force={force}"))
    }

    /// What the user list says of a pair.
    #[track_caller]
    pub(crate) fn states(&self, cluster: &str, uid: &str) -> Vec<String> {
        let list = self.cs("GET", &format!("/users/{uid}/kubeconfig/states")).ok();
        let states = list["states"].as_array().expect("states").iter().filter(|s| s["cluster_id"] == cluster);
        states.map(|s| s["cert_state"].as_str().expect("a state").to_owned()).collect()
    }

    /// The roles that DescribeUserPermission shows of a cluster.
    #[track_caller]
    pub(crate) fn roles(&self, cluster: &str, uid: &str) -> Vec<String> {
        let list = self.cs("GET", &format!("/permissions/users/{uid}")).ok();
        let of_cluster =
            |p: &&Value| p["resource_id"].as_str().is_some_and(|id| id.split('/').next() == Some(cluster));
        let found = list.as_array().expect("permissions").iter().filter(of_cluster);
        found.map(|p| p["role_name"].as_str().expect("a role").to_owned()).collect()
    }

    pub(crate) fn account<T>(&self, look: impl FnOnce(&mut Account) -> T) -> T {
        self.emulator.account(look)
    }
}

/// Signs with ACS3-HMAC-SHA256, as Go does: host, content-type and x-acs-*.
pub(crate) fn acs3(plain: Plain, service: Service, keys: &Keys, host: &str) -> Plain {
    let version = match service {
        Service::Cs => "2015-12-15",
        Service::Ram => "2015-05-01",
        Service::Ims => "2019-08-15",
        Service::Sts => "2015-04-01",
        _ => "2020-07-06",
    };
    let mut plain = plain;
    for (name, value) in [
        ("host", host.to_owned()),
        ("x-acs-version", version.to_owned()),
        ("x-acs-date", Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("x-acs-signature-nonce", nonce()),
        ("x-acs-content-sha256", sha256(&plain.body)),
        ("x-acs-action", "ByAddress".to_owned()),
    ] {
        if plain.get(name).is_empty() {
            plain = plain.header(name, &value);
        }
    }
    if let Some(token) = &keys.token {
        plain = plain.header("x-acs-accesskey-id", &keys.id).header("x-acs-security-token", token);
    }
    let signed = |name: &str| name == "host" || name == "content-type" || name.starts_with("x-acs-");
    let mut headers: Vec<_> = plain.headers.iter().filter(|(name, _)| signed(name)).cloned().collect();
    headers.sort();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(";");
    let hash = plain.get("x-acs-content-sha256");
    let canonical =
        format!("{}\n{}\n{}\n{lines}\n{names}\n{hash}", plain.method, plain.path, plain.canonical_query());
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256(canonical.as_bytes()));
    let signature = hex::encode(hmac_sha256(keys.secret.as_bytes(), &to_sign));
    let id = &keys.id;
    plain.header(
        "authorization",
        &format!("ACS3-HMAC-SHA256 Credential={id},SignedHeaders={names},Signature={signature}"),
    )
}

pub(crate) fn nonce() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("nonce-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub(crate) fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

pub(crate) fn hmac_sha1(key: &[u8], text: &str) -> String {
    let mac = Hmac::<sha1::Sha1>::new_from_slice(key).expect("a key of any length");
    STANDARD.encode(mac.chain_update(text).finalize().into_bytes())
}

pub(crate) fn http_date() -> String {
    Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
