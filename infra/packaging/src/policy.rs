//! RAM policies: what the role of a function may, and what it never may.

use serde::Serialize;

use crate::description::{Access, Description, Function, Grant};

/// Where the tables are.
const TABLES: &str = "acs:ots:${region}:${account}:instance/${instance}/table";

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    version: &'static str,
    /// Its statements: first what is allowed, then what is denied.
    pub statement: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// Allow or deny.
    pub effect: Effect,
    /// RAM actions, in order.
    pub action: Vec<String>,
    /// Resources.
    pub resource: Vec<String>,
}

/// Allow or deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Effect {
    /// Lets the action through, unless it is denied.
    Allow,
    /// Refuses it, whoever allows it.
    Deny,
}

/// A function names a group that is not described.
#[derive(Debug, thiserror::Error)]
#[error("there is no group of permissions {0}")]
pub struct UnknownGroup(String);

impl Policy {
    /// The policy of a function's role.
    ///
    /// # Errors
    /// It names a group that is not described.
    pub fn of(description: &Description, function: &Function) -> Result<Self, UnknownGroup> {
        let mut statement = Vec::<Statement>::new();
        for group in groups(function) {
            let grants = description.permissions.get(group).ok_or_else(|| UnknownGroup(group.to_owned()))?;
            for Grant { actions, resources } in grants {
                allow(&mut statement, actions, resources);
            }
        }
        statement.extend(deny(description, function));
        Ok(Self { version: "1", statement })
    }

    /// Everything that is allowed on anything, in order.
    pub fn allowed(&self) -> Vec<&str> {
        self.actions(|statement| statement.effect == Effect::Allow)
    }

    /// Everything that is denied on everything, in order.
    pub fn denied(&self) -> Vec<&str> {
        self.actions(|statement| statement.effect == Effect::Deny && statement.resource == ["*"])
    }

    fn actions(&self, of: impl Fn(&Statement) -> bool) -> Vec<&str> {
        let statements = self.statement.iter().filter(|statement| of(statement));
        let mut actions: Vec<_> = statements.flat_map(|s| &s.action).map(String::as_str).collect();
        actions.sort_unstable();
        actions
    }
}

/// The groups that make up what a function may.
fn groups(function: &Function) -> Vec<&str> {
    let mut groups: Vec<&str> = function.reads.iter().map(String::as_str).collect();
    if !function.reads.is_empty() {
        groups.push("documented");
    }
    if function.deletes {
        groups.push("delete");
    }
    groups.push("store-read");
    groups.push(match function.store {
        Access::Read => "outbox-put",
        Access::Write => "store-write",
    });
    groups.push("settings");
    if function.sweeps {
        groups.extend(["outbox-read", "checkpoint"]);
    }
    groups.push("platform");
    groups
}

/// Adds to the statement on the same resources, or starts one.
fn allow(statements: &mut Vec<Statement>, actions: &[String], resources: &[String]) {
    let resources: Vec<String> = resources.iter().map(|resource| resource.replace('{', "${")).collect();
    let at = statements.iter().position(|statement| statement.resource == resources);
    let statement = match at.and_then(|at| statements.get_mut(at)) {
        Some(statement) => statement,
        None => {
            let empty = Statement { effect: Effect::Allow, action: vec![], resource: resources };
            statements.push_mut(empty)
        }
    };
    statement.action.extend_from_slice(actions);
    statement.action.sort();
    statement.action.dedup();
}

/// What is denied on everything, and where the function only reads, what is denied on the tables of the log.
fn deny(description: &Description, function: &Function) -> Vec<Statement> {
    let deny = &description.deny;
    let mut action = [&deny.credentials[..], &deny.grants, &deny.history_rewrites].concat();
    if !function.deletes {
        action.extend_from_slice(&deny.deletions);
    }
    if function.store == Access::Read {
        action.extend_from_slice(&deny.store_writes);
    }
    action.sort();
    action.dedup();
    let mut denied = vec![Statement { effect: Effect::Deny, action, resource: vec!["*".into()] }];
    if function.store == Access::Read {
        let log = description.store.tables.iter().filter(|table| table.log);
        let resource = log.map(|table| format!("{TABLES}/{}", table.name)).collect();
        denied.push(Statement { effect: Effect::Deny, action: deny.log_writes.clone(), resource });
    }
    denied
}
