//! What an operation needs to be allowed: RAM actions, and the resource that it is about.
//!
//! Resources of CS as on the pages of its operations, which name `*` for those that are about a user; of RAM as in its
//! documentation of policies; of the log service by logstore; of OSS by object (DOC:oss/user-guide/ram-policy). Those of the operations marked (U) in
//! `DescribeClustersV1` and the like are unconfirmed: `*`, so that a narrower policy does not pass here.

use super::Service;
use super::desk::Params;
use crate::account::{Account, Need};

/// Everything that has to be allowed; an operation may need more than itself.
pub(crate) fn needs(account: &Account, service: Service, operation: &str, params: &Params) -> Vec<Need> {
    let need = |action: String, resource: String| Need { action, resource };
    let of_ram = |kind: &str, name: &str| format!("acs:ram:*:{}:{kind}/{name}", account.id);
    let mut needs = vec![need(service.action(operation), resource(account, service, operation, params))];
    // DOC:ack/developer-reference/api-cs-2015-12-15-listclusterkubeconfigstates.
    if operation == "ListClusterKubeconfigStates" {
        needs.push(need("ram:ListUsers".to_owned(), of_ram("user", "*")));
        needs.push(need("ram:ListRoles".to_owned(), of_ram("role", "*")));
    }
    needs
}

fn resource(account: &Account, service: Service, operation: &str, params: &Params) -> String {
    let (id, region) = (&account.id, &account.region);
    match service {
        Service::Cs => match params.get("ClusterId") {
            Some(cluster) => format!("acs:cs:{region}:{id}:cluster/{cluster}"),
            None => "*".to_owned(),
        },
        Service::Sls => {
            let named = |name| params.get(name).unwrap_or("*");
            format!("acs:log:{region}:{id}:project/{}/logstore/{}", named("project"), named("logstore"))
        }
        Service::Oss => {
            let named = |name| params.get(name).unwrap_or("*");
            format!("acs:oss:{region}:{id}:{}/{}", named("bucket"), named("key"))
        }
        Service::Ram | Service::Ims if operation.contains("RecycleBin") => "*".to_owned(),
        Service::Ram | Service::Ims => {
            let kind = if operation.contains("Role") { "role" } else { "user" };
            let name = params.get("RoleName").or_else(|| params.get("UserName")).unwrap_or("*");
            format!("acs:ram:*:{id}:{kind}/{name}")
        }
        Service::Sts | Service::ActionTrail | Service::Tablestore => "*".to_owned(),
    }
}
