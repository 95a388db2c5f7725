//! What is known of an operation before it is called.

use std::fmt;
use std::time::Duration;

/// A service of Alibaba Cloud, each with an endpoint of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Container Service: clusters and kubeconfigs, of ACK and ACS.
    Cs,
    /// Resource Access Management: users and roles.
    Ram,
    /// Identity management: users by id, the recycle bin.
    Ims,
    /// Security Token Service: who am I.
    Sts,
    /// Simple Log Service: the API servers' audit logs.
    Sls,
    /// ActionTrail: the record of calls.
    ActionTrail,
    /// Object Storage Service: the settings and the checkpoint.
    Oss,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 7] =
        [Self::Cs, Self::Ram, Self::Ims, Self::Sts, Self::Sls, Self::ActionTrail, Self::Oss];

    /// The short name, as in host names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cs => "cs",
            Self::Ram => "ram",
            Self::Ims => "ims",
            Self::Sts => "sts",
            Self::Sls => "sls",
            Self::ActionTrail => "actiontrail",
            Self::Oss => "oss",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Its name, as the service calls it.
    pub name: &'static str,
    /// Version of the API it belongs to.
    pub version: &'static str,
    /// The service that offers it.
    pub service: Service,
    /// Whether doing it twice is the same as doing it once. If not, it is never sent again after an attempt whose
    /// outcome is unknown.
    pub idempotent: bool,
    /// How long one attempt may take, unless the client is configured otherwise.
    pub timeout: Duration,
}

impl Operation {
    /// An operation that only reads.
    pub(crate) const fn read(
        service: Service,
        version: &'static str,
        name: &'static str,
        timeout_seconds: u64,
    ) -> Self {
        Self { name, version, service, idempotent: true, timeout: Duration::from_secs(timeout_seconds) }
    }

    /// An operation that changes something, whose repetition is not documented to be harmless.
    pub(crate) const fn write(
        service: Service,
        version: &'static str,
        name: &'static str,
        timeout_seconds: u64,
    ) -> Self {
        Self { name, version, service, idempotent: false, timeout: Duration::from_secs(timeout_seconds) }
    }
}
