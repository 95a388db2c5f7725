//! What each role may, and what it never may.

use std::collections::BTreeSet;
use std::path::Path;

use packaging::description::{Access, Description};
use packaging::policy::{Effect, Policy};
use packaging::workspace;

use crate::description;

fn policies(description: &Description) -> Vec<(&str, Policy)> {
    let functions = description.functions.iter();
    functions.map(|(name, function)| (name.as_str(), Policy::of(description, function).unwrap())).collect()
}

#[test]
fn three_functions_may_take_access_away_and_each_by_one_action() {
    let description = description();
    let mut may = vec![];
    for (name, policy) in policies(&description) {
        let cleaning: Vec<_> =
            policy.allowed().into_iter().filter(|action| action.starts_with("cs:Clean")).collect();
        if !cleaning.is_empty() {
            assert_eq!(cleaning, ["cs:CleanClusterUserPermissions"]);
            may.push(name);
        }
    }
    assert_eq!(may, ["expiry-sweep", "identity-deleted", "revoke"]);
}

#[test]
fn history_asks_no_service_for_anything_but_its_store() {
    let description = description();
    let policy = Policy::of(&description, &description.functions["history"]).unwrap();
    assert_eq!(
        policy.allowed(),
        [
            "log:PostLogStoreLogs",
            "mns:SendMessage",
            "oss:GetObject",
            "ots:BatchGetRow",
            "ots:GetRange",
            "ots:GetRow",
            "ots:PutRow"
        ]
    );
    for forbidden in ["ots:BatchWriteRow", "ots:DeleteRow", "cs:CleanClusterUserPermissions"] {
        assert!(policy.denied().contains(&forbidden), "{forbidden}");
    }
}

#[test]
fn history_puts_rows_beside_the_log_and_none_into_it() {
    let description = description();
    let policy = Policy::of(&description, &description.functions["history"]).unwrap();
    let puts = |effect| {
        let statements = policy.statement.iter().filter(move |statement| statement.effect == effect);
        let puts = statements.filter(|statement| statement.action.iter().any(|a| a == "ots:PutRow"));
        puts.flat_map(|statement| &statement.resource).map(|resource| resource.rsplit('/').next().unwrap())
    };
    assert_eq!(puts(Effect::Allow).collect::<Vec<_>>(), ["reaper_outbox"]);
    assert_eq!(puts(Effect::Deny).collect::<Vec<_>>(), ["reaper_log", "reaper_index"]);
}

#[test]
fn nobody_may_issue_credentials_grant_permissions_or_change_what_is_stored() {
    let description = description();
    for (name, policy) in policies(&description) {
        for action in [
            "cs:DescribeClusterUserKubeconfig",
            "cs:DescribeSubaccountK8sClusterUserConfig",
            "cs:GrantPermissions",
            "cs:UpdateUserPermissions",
            "ram:CreateAccessKey",
            "ram:AttachPolicyTo*",
            "sts:AssumeRole",
            "ots:UpdateRow",
            "ots:DeleteRow",
        ] {
            assert!(policy.denied().contains(&action), "{name}: {action}");
        }
    }
}

#[test]
fn no_action_is_allowed_by_a_wildcard_or_allowed_and_denied() {
    let description = description();
    for (name, policy) in policies(&description) {
        for action in policy.allowed() {
            assert!(!action.contains('*'), "{name}: {action}");
            assert!(!policy.denied().contains(&action), "{name}: {action} is denied as well");
        }
    }
}

#[test]
fn every_function_reads_one_object_and_the_one_that_seals_keeps_another() {
    let description = description();
    for (name, policy) in policies(&description) {
        let of_oss = policy.statement.iter().filter(|s| s.action.iter().any(|a| a.starts_with("oss:")));
        let allowed: Vec<_> = of_oss.map(|s| (s.action.join(" "), s.resource.join(" "))).collect();
        let settings = ("oss:GetObject".to_owned(), "acs:oss:*:*:${bucket}/${settings}".to_owned());
        let checkpoint =
            ("oss:GetObject oss:PutObject".to_owned(), "acs:oss:*:*:${bucket}/${checkpoint}".to_owned());
        let expected = if name == "expiry-sweep" { vec![settings, checkpoint] } else { vec![settings] };
        assert_eq!(allowed, expected, "{name}");
    }
}

#[test]
fn only_functions_that_write_may_append() {
    let description = description();
    for (name, policy) in policies(&description) {
        let writes = description.functions[name].store == Access::Write;
        assert_eq!(policy.allowed().contains(&"ots:BatchWriteRow"), writes, "{name}");
    }
}

/// The operations of the client, as RAM actions: `Operation::read(Service::Cs, VERSION, "Name", …)` in its sources.
fn operations(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            operations(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for call in text.split("Operation::read(").chain(text.split("Operation::write(")).skip(1) {
            let call = call.split(')').next().unwrap();
            let Some(service) = call.trim_start().strip_prefix("Service::") else { continue };
            let service = service.split(',').next().unwrap();
            let words = call.split('"').skip(1).step_by(2);
            let Some(name) = words.last() else { continue };
            found.insert(match service {
                "Sls" => "log:GetLogStoreLogs".to_owned(),
                "Ims" => format!("ram:{name}"),
                other => format!("{}:{name}", other.to_lowercase()),
            });
        }
    }
}

#[test]
fn every_operation_of_the_client_is_somebody_s_and_nobody_has_an_action_that_the_client_lacks() {
    let mut called = BTreeSet::new();
    operations(&workspace().join("shared/alibaba-cloud/src"), &mut called);
    let description = description();
    let of_cloud = |action: &&str| !action.starts_with("ots:") && !action.starts_with("mns:");
    let allowed: BTreeSet<String> = policies(&description)
        .iter()
        .flat_map(|(_, policy)| {
            policy.allowed().into_iter().filter(of_cloud).map(str::to_owned).collect::<Vec<_>>()
        })
        .filter(|action| action != "log:PostLogStoreLogs")
        .collect();
    let unused: Vec<_> = allowed.difference(&called).collect();
    assert!(unused.is_empty(), "allowed, but nothing calls it: {unused:?}");
    let missing: Vec<_> = called.difference(&allowed).map(String::as_str).collect();
    // The client offers it, no use case calls it.
    assert_eq!(missing, ["ram:GetUserInRecycleBin"]);
}
