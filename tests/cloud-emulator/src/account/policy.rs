//! Policies that are attached to users and roles.

use super::Account;
use crate::policy::{Policy, Verdict, verdict};

/// Something that a request needs to be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    /// RAM action.
    pub(crate) action: String,
    /// Resource, `*` where the operation knows none.
    pub(crate) resource: String,
}

/// What is not allowed to a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forbidden {
    pub(crate) need: Need,
    /// A policy says no; otherwise none says yes.
    pub(crate) explicit: bool,
}

impl Account {
    /// Holds a user or role to policies from now on, instead of those before. With none it may do nothing. Who was never
    /// held to any may do everything, and so may the account itself.
    pub fn hold_to_policies(&mut self, id: &str, policies: Vec<Policy>) {
        self.policies.insert(id.to_owned(), policies);
    }

    /// Finds the first thing that a caller may not do.
    pub(crate) fn permit(&self, caller: &str, needs: &[Need]) -> Result<(), Forbidden> {
        let Some(policies) = self.policies.get(caller) else { return Ok(()) };
        for need in needs {
            let verdict = verdict(policies, &need.action, &need.resource);
            if verdict != Verdict::Allowed {
                return Err(Forbidden { need: need.clone(), explicit: verdict == Verdict::Denied });
            }
        }
        Ok(())
    }
}
