//! Each action of each policy is needed, and what a policy denies is refused whoever else allows it.

use cloud_emulator::Service as Emulated;
use cloud_emulator::policy::{Policy as Document, Verdict, verdict};
use packaging::policy::{Effect, Policy};
use serde_json::{Value, json};

use crate::calls::{INSTANCE, World, document, play, policy};
use crate::description;

/// What Function Compute does itself in the name of a role: nothing here calls it.
const PLATFORM: [&str; 2] = ["log:PostLogStoreLogs", "mns:SendMessage"];

fn without(policy: &Policy, action: &str) -> Policy {
    let mut less = policy.clone();
    for statement in less.statement.iter_mut().filter(|statement| statement.effect == Effect::Allow) {
        statement.action.retain(|allowed| allowed != action);
    }
    less.statement.retain(|statement| !statement.action.is_empty());
    less
}

/// Takes each allowed action away in turn: something is refused then.
async fn every_action_is_missed(function: &str) {
    let policy = policy(function);
    for action in policy.allowed().into_iter().filter(|action| !PLATFORM.contains(action)) {
        let less = document(&without(&policy, action));
        let mut refused = false;
        for activity_state in [true, false] {
            let told = play(function, std::slice::from_ref(&less), activity_state).await;
            refused = refused || !told.refused().is_empty();
            if refused {
                break;
            }
        }
        assert!(refused, "{function} does all its work without {action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_action_of_identity_deleted_can_be_taken_away() {
    every_action_is_missed("identity-deleted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_action_of_expiry_sweep_can_be_taken_away() {
    every_action_is_missed("expiry-sweep").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_action_of_revoke_can_be_taken_away() {
    every_action_is_missed("revoke").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_action_of_history_can_be_taken_away() {
    every_action_is_missed("history").await;
}

/// What a policy says to an action on something.
fn says(policies: &[Value], action: &str, resource: &str) -> Verdict {
    let policies: Vec<_> = policies.iter().map(|policy| Document::parse(policy).unwrap()).collect();
    verdict(&policies, action, resource)
}

/// As AliyunCSFullAccess and its like would, attached by somebody who means well.
fn everything() -> Value {
    json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] })
}

#[test]
fn a_denial_stands_above_whatever_somebody_attaches_later() {
    for function in description().functions.keys() {
        let policy = policy(function);
        let policies = [document(&policy), everything()];
        for denied in policy.denied() {
            let action = denied.replace('*', "Role");
            for resource in ["*", "acs:cs:cn-hangzhou:1000000000000001:cluster/c1"] {
                assert_eq!(says(&policies, &action, resource), Verdict::Denied, "{function} {action}");
            }
        }
        assert_eq!(says(&policies, "cs:DescribeClusterDetail", "*"), Verdict::Allowed);
    }
}

/// Operations that issue credentials or grant permissions, as far as the cloud is emulated.
const ISSUING: [(Emulated, &str); 7] = [
    (Emulated::Cs, "DescribeClusterUserKubeconfig"),
    (Emulated::Cs, "DescribeSubaccountK8sClusterUserConfig"),
    (Emulated::Cs, "RevokeK8sClusterKubeConfig"),
    (Emulated::Cs, "GrantPermissions"),
    (Emulated::Ram, "CreateUser"),
    (Emulated::Ram, "CreateRole"),
    (Emulated::Sts, "AssumeRole"),
];

/// The codes that these operations end with, for a role that is held to the policies.
async fn outcomes(policies: &[Value]) -> Vec<(&'static str, String)> {
    let world = World::new(policies, true).await;
    let params = [
        ("ClusterId", "c0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
        ("Uid", "200000000000000102"),
        ("UserName", "mallory"),
        ("RoleName", "mallory"),
        ("RoleArn", "acs:ram::1000000000000001:role/reaper"),
        ("RoleSessionName", "mallory"),
        ("AssumeRolePolicyDocument", "{}"),
    ];
    let outcome = |(service, operation)| {
        let done = world.emulator.perform(service, operation, &params, &world.role);
        (operation, done.err().map_or_else(|| "done".to_owned(), |error| error.to_string()))
    };
    ISSUING.map(outcome).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_issues_credentials_or_grants_permissions() {
    for function in description().functions.keys() {
        for (operation, outcome) in outcomes(&[document(&policy(function)), everything()]).await {
            assert!(outcome.contains("ExplicitDeny"), "{function} {operation}: {outcome}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_no_policy_allows_is_refused_before_it_is_carried_out() {
    let nothing = json!({ "Version": "1", "Statement": [] });
    for (operation, outcome) in outcomes(&[nothing]).await {
        assert!(outcome.contains("ImplicitDeny"), "{operation}: {outcome}");
    }
    // The same calls are otherwise such that the cloud carries them out, or would if they had a body.
    for (operation, outcome) in outcomes(&[everything()]).await {
        let without_body = operation == "GrantPermissions" && outcome.contains("InvalidParameter.body");
        assert!(outcome == "done" || without_body, "{operation}: {outcome}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_history_is_denied_is_refused_although_everything_is_allowed_elsewhere() {
    let world = World::new(&[document(&policy("history")), everything()], true).await;
    let clean = [("ClusterId", "c0a1b2c3d4e5f60718293a4b5c6d7e8f9"), ("Uid", "200000000000000101")];
    let done = world.emulator.perform(Emulated::Cs, "CleanClusterUserPermissions", &clean, &world.role);
    assert!(done.unwrap_err().to_string().contains("ExplicitDeny"));
    // A function that writes, under the policy of the one that only reads.
    let told = play("identity-deleted", &[document(&policy("history")), everything()], true).await;
    assert!(told.refused().contains(&("ots:BatchWriteRow", "OTSNoPermissionAccess")), "{:?}", told.refused());
    assert!(
        told.calls.iter().all(|call| call.operation != "CleanClusterUserPermissions"),
        "nothing was stored first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn history_may_leave_a_row_beside_the_log_and_none_in_it() {
    for policies in [vec![document(&policy("history"))], vec![document(&policy("history")), everything()]] {
        for (table, verdict) in [
            ("reaper_outbox", Verdict::Allowed),
            ("reaper_log", Verdict::Denied),
            ("reaper_index", Verdict::Denied),
        ] {
            let resource = format!("acs:ots:cn-hangzhou:1000000000000001:instance/{INSTANCE}/table/{table}");
            assert_eq!(says(&policies, "ots:PutRow", &resource), verdict, "{table}");
        }
    }
}
