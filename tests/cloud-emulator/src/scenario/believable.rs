//! The account of a small company: [`Scenario::believable`], and the ids in it.

use super::{
    AccessKeySeed, CertificateSeed, ClusterSeed, IdentitySeed, KubeconfigSeed, RoleSeed, Scenario,
    SessionSeed,
};
use crate::account::{Kind, Secret};

/// The cluster `prod`.
pub const PROD: &str = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9";
/// The cluster `batch`.
pub const BATCH: &str = "c1b2c3d4e5f60718293a4b5c6d7e8f9a0";
/// The cluster `dev`.
pub const DEV: &str = "c2c3d4e5f60718293a4b5c6d7e8f9a0b1";
/// The account.
pub const ROOT: &str = "1000000000000001";
/// The user `alice`.
pub const ALICE: &str = "200000000000000101";
/// The user `bob`.
pub const BOB: &str = "200000000000000102";
/// The user `carol`.
pub const CAROL: &str = "200000000000000103";
/// The user `dave`.
pub const DAVE: &str = "200000000000000104";
/// The role `ci-deployer`.
pub const CI_DEPLOYER: &str = "300000000000000201";
/// The role `reaper`.
pub const REAPER: &str = "300000000000000202";
/// The role `legacy-ci`.
pub const LEGACY_CI: &str = "300000000000000203";

const DAY: i64 = 24;

impl Scenario {
    /// Three clusters, eight identities, and a kubeconfig in every status.
    ///
    /// | cluster | id | profile | audit log |
    /// |---|---|---|---|
    /// | `prod` | `c0a1b2c3d4e5f60718293a4b5c6d7e8f9` | ACK managed (`Default`) | yes |
    /// | `batch` | `c1b2c3d4e5f60718293a4b5c6d7e8f9a0` | ACS (`Acs`) | yes |
    /// | `dev` | `c2c3d4e5f60718293a4b5c6d7e8f9a0b1` | ACK managed (`Default`) | no |
    ///
    /// | identity | id | what it is | `prod` | `batch` | `dev` |
    /// |---|---|---|---|---|---|
    /// | `root` | 1000000000000001 | the account, access key | Unexpired, never a target | Unissued | Unissued |
    /// | `alice` | 200000000000000101 | user | Unexpired, last used 20 days ago | Unexpired, last used 11 days ago | Unexpired, use unknown |
    /// | `bob` | 200000000000000102 | user, access key | two Unexpired: long-term and temporary, used 3 hours ago | Removed | Unissued |
    /// | `carol` | 200000000000000103 | user, inactive | Expired 40 days ago | Unexpired, last used 30 days ago | Revoked |
    /// | `dave` | 200000000000000104 | user, deleted 12 days ago, in the recycle bin | Unexpired, last used 13 days ago | Unissued | Unexpired, use unknown |
    /// | `ci-deployer` | 300000000000000201 | role | Unexpired, used an hour ago | Unexpired, used two hours ago | Unknown |
    /// | `reaper` | 300000000000000202 | role of the tool itself, session | Unexpired, the caller's own | Unissued | Unissued |
    /// | `legacy-ci` | 300000000000000203 | role, deleted 60 days ago | Unissued | Removed, RBAC permissions left | Expired 100 days ago |
    ///
    /// The API has no word for `Revoked`, which the console's documentation names as a state: the scenario makes the
    /// lists show it for one pair with `reported`.
    pub fn believable() -> Self {
        Self {
            account_id: ROOT.to_owned(),
            region: "cn-hangzhou".to_owned(),
            domain: "example.onaliyun.com".to_owned(),
            clusters: vec![
                cluster(PROD, "prod", "Default", true, 700),
                cluster(BATCH, "batch", "Acs", true, 400),
                cluster(DEV, "dev", "Default", false, 500),
            ],
            identities: identities(),
            kubeconfigs: kubeconfigs(),
            buckets: vec!["reaper-example".to_owned()],
        }
    }
}

fn cluster(id: &str, name: &str, profile: &str, audit: bool, created_days_ago: i64) -> ClusterSeed {
    ClusterSeed {
        id: id.to_owned(),
        name: name.to_owned(),
        state: "running".to_owned(),
        profile: profile.to_owned(),
        audit,
        created_days_ago,
    }
}

fn identities() -> Vec<IdentitySeed> {
    let identity = |id: &str, kind, name: &str, display_name: &str, created_days_ago| IdentitySeed {
        id: id.to_owned(),
        kind,
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        active: true,
        created_days_ago,
        deleted_days_ago: None,
        access_keys: Vec::new(),
        sessions: Vec::new(),
    };
    let key = |id: &str, secret: &str| {
        vec![AccessKeySeed { id: id.to_owned(), secret: Secret::new(secret), active: true }]
    };
    let session = SessionSeed {
        id: "STS.EmulatedReaper".to_owned(),
        secret: Secret::new("EmulatedReaperSecret"),
        token: Secret::new("EmulatedReaperSecurityToken"),
        session: "reaper".to_owned(),
        ends_in_hours: 30 * DAY,
    };
    vec![
        IdentitySeed {
            access_keys: key("LTAI5tEmulatedRoot", "EmulatedRootSecret"),
            ..identity(ROOT, Kind::Root, "root", "Example Ltd", 900)
        },
        identity(ALICE, Kind::User, "alice", "Alice Adams", 420),
        IdentitySeed {
            access_keys: key("LTAI5tEmulatedBob", "EmulatedBobSecret"),
            ..identity(BOB, Kind::User, "bob", "Bob Brown", 600)
        },
        IdentitySeed { active: false, ..identity(CAROL, Kind::User, "carol", "Carol Chen", 800) },
        IdentitySeed { deleted_days_ago: Some(12), ..identity(DAVE, Kind::User, "dave", "Dave Diaz", 300) },
        identity(CI_DEPLOYER, Kind::Role, "ci-deployer", "Deploys from CI", 500),
        IdentitySeed {
            sessions: vec![session],
            ..identity(REAPER, Kind::Role, "reaper", "Deletes leftover kubeconfigs", 90)
        },
        IdentitySeed {
            deleted_days_ago: Some(60),
            ..identity(LEGACY_CI, Kind::Role, "legacy-ci", "CI before the move", 850)
        },
    ]
}

fn kubeconfigs() -> Vec<KubeconfigSeed> {
    let long_term = |issued_days_ago: i64| CertificateSeed {
        issued_hours_ago: issued_days_ago * DAY,
        valid_hours: 3 * 365 * DAY,
        temporary: false,
    };
    let of_validity = |issued_days_ago: i64, valid_days: i64| CertificateSeed {
        valid_hours: valid_days * DAY,
        ..long_term(issued_days_ago)
    };
    let temporary = CertificateSeed { issued_hours_ago: 2, valid_hours: 2 * DAY, temporary: true };
    let pair = |cluster: &str, identity: &str, certificates, roles: &[&str], used: &[i64]| KubeconfigSeed {
        cluster: cluster.to_owned(),
        identity: identity.to_owned(),
        certificates,
        reported: None,
        roles: roles.iter().map(|name| RoleSeed { name: (*name).to_owned(), namespace: None }).collect(),
        used_hours_ago: used.to_vec(),
    };
    vec![
        pair("prod", "root", vec![long_term(690)], &["admin"], &[50]),
        pair("prod", "alice", vec![long_term(410)], &["ops"], &[20 * DAY, 25 * DAY]),
        pair("batch", "alice", vec![long_term(390)], &["dev"], &[11 * DAY]),
        pair("dev", "alice", vec![long_term(400)], &["admin"], &[]),
        pair("prod", "bob", vec![long_term(590), temporary], &["dev"], &[3, 27, 51]),
        pair("batch", "bob", vec![], &[], &[]),
        pair("prod", "carol", vec![of_validity(405, 365)], &["restricted"], &[]),
        pair("batch", "carol", vec![long_term(200)], &["dev"], &[30 * DAY]),
        KubeconfigSeed { reported: Some("Revoked".to_owned()), ..pair("dev", "carol", vec![], &[], &[]) },
        pair("prod", "dave", vec![long_term(290)], &["ops"], &[13 * DAY]),
        pair("dev", "dave", vec![long_term(280)], &["dev"], &[]),
        pair("prod", "ci-deployer", vec![long_term(480)], &["deployer"], &[1, 2, 3]),
        pair("batch", "ci-deployer", vec![long_term(380)], &["deployer"], &[2]),
        KubeconfigSeed {
            reported: Some("Unknown".to_owned()),
            ..pair("dev", "ci-deployer", vec![], &["deployer"], &[])
        },
        pair("prod", "reaper", vec![long_term(80)], &["restricted"], &[]),
        pair("batch", "legacy-ci", vec![], &["ops"], &[]),
        pair("dev", "legacy-ci", vec![of_validity(830, 730)], &["dev"], &[]),
    ]
}
