//! The HTTP edge: one listener per service, one file per service, and what they share.

mod action_trail;
mod answer;
mod control;
mod cs;
mod cs_kubeconfig;
mod cs_permission;
mod desk;
mod gate;
mod ims;
mod listen;
mod needs;
mod oss;
mod ram;
mod sls;
mod sts;
mod wire;

use std::fmt;

use serde::{Deserialize, Serialize};

pub(crate) use answer::Answer;
pub use answer::ApiError;
pub(crate) use control::router as control_router;
pub(crate) use desk::Params;
pub(crate) use gate::{Broken, Carried, Cloud, carry_out, find, held, permit};
pub(crate) use listen::serve;
pub(crate) use oss::place as place_of_object;
pub(crate) use wire::Request;

/// A service of the emulated cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Container Service: ACK and ACS.
    Cs,
    /// Resource Access Management.
    Ram,
    /// Identity management.
    Ims,
    /// Security Token Service.
    Sts,
    /// Log service.
    Sls,
    /// ActionTrail.
    ActionTrail,
    /// Tablestore, which has an edge of its own: [`crate::tablestore`].
    Tablestore,
    /// Object Storage Service.
    Oss,
}

impl Service {
    /// Every service, in the order in which listeners get their ports.
    pub const ALL: [Self; 8] = [
        Self::Cs,
        Self::Ram,
        Self::Ims,
        Self::Sts,
        Self::Sls,
        Self::ActionTrail,
        Self::Tablestore,
        Self::Oss,
    ];

    /// The name in `Endpoints` and in [`crate::Emulator::describe`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cs => "cs",
            Self::Ram => "ram",
            Self::Ims => "ims",
            Self::Sts => "sts",
            Self::Sls => "sls",
            Self::ActionTrail => "actiontrail",
            Self::Tablestore => "tablestore",
            Self::Oss => "oss",
        }
    }

    /// The API version that requests have to name. The log service and OSS have none of this kind.
    const fn version(self) -> Option<&'static str> {
        match self {
            Self::Cs => Some("2015-12-15"),
            Self::Ram => Some("2015-05-01"),
            Self::Ims => Some("2019-08-15"),
            Self::Sts => Some("2015-04-01"),
            Self::Sls | Self::Tablestore | Self::Oss => None,
            Self::ActionTrail => Some("2020-07-06"),
        }
    }

    /// `serviceName` of ActionTrail records: `Ram` and `Ims` as documented, the others by their pattern.
    const fn trail_name(self) -> &'static str {
        match self {
            Self::Cs => "Cs",
            Self::Ram => "Ram",
            Self::Ims => "Ims",
            Self::Sts => "Sts",
            Self::Sls => "Sls",
            Self::ActionTrail => "Actiontrail",
            Self::Tablestore => "Ots",
            Self::Oss => "Oss",
        }
    }

    /// The RAM action of an operation. IMS operations are actions of RAM.
    pub(crate) fn action(self, operation: &str) -> String {
        match self {
            Self::Sls => "log:GetLogStoreLogs".to_owned(),
            Self::Ims => format!("ram:{operation}"),
            Self::Tablestore => format!("ots:{operation}"),
            _ => format!("{}:{operation}", self.name()),
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
