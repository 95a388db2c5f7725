//! One identity's access to one cluster: the aggregate that revocations happen on.
//!
//! Read in this order: [`events`](AccessEvent) (what can happen), [`state`](Access) (what it adds up to),
//! [`status`](Status) (what it means), `eligibility` (what is never deleted), [`decide`] (what follows from a command),
//! [`Step`] (what has to be done next).

mod command;
mod decide;
mod eligibility;
mod events;
mod state;
mod status;
mod step;

pub use command::{Command, Context, Denied};
pub use decide::{decide, eligible, is_worth_asking};
pub use eligibility::{Protections, Refusal};
pub use events::{AccessEvent, Attempt, Failure, HoldReason, Trigger};
pub use state::{Access, Approval, Closed, Ending, Phase, Revocation};
pub use status::Status;
pub use step::{DeletionPermit, Step};
