//! What can be turned while the emulator runs: how it behaves where the real cloud's behaviour is unconfirmed, and
//! faults on the way.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::service::Service;
use crate::tablestore::TablestoreKnobs;

/// Everything that can be turned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// Faults of every call.
    pub everywhere: Faults,
    /// Faults of the calls of one service, instead of those everywhere.
    pub services: BTreeMap<Service, Faults>,
    /// Faults of one operation, e.g. `CleanUserPermissions`, instead of those of its service.
    pub operations: BTreeMap<String, Faults>,
    /// ListClusterKubeconfigStates leaves `account_name` of deleted accounts blank. Unconfirmed.
    pub deleted_names_blank: bool,
    /// ListUserKubeConfigStates answers for a deleted uid, instead of 404. Unconfirmed.
    pub user_list_answers_for_deleted: bool,
    /// Both lists have a row for a temporary certificate beside the long-term one. Unconfirmed.
    pub temporary_listed: bool,
    /// Cleaning a pair that has nothing left succeeds, instead of 400. Unconfirmed.
    pub cleaning_again_succeeds: bool,
    /// How long a CleanUserPermissions task takes for one cluster, in milliseconds of the emulator's clock.
    pub task_step_ms: u64,
    /// Tasks make no progress while this is on.
    pub tasks_held: bool,
    /// This many of the next log queries answer `Incomplete` without data.
    pub incomplete_log_queries: u32,
    /// Those of Tablestore alone.
    pub tablestore: TablestoreKnobs,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            everywhere: Faults::default(),
            services: BTreeMap::new(),
            operations: BTreeMap::new(),
            deleted_names_blank: false,
            user_list_answers_for_deleted: true,
            temporary_listed: true,
            cleaning_again_succeeds: true,
            task_step_ms: 50,
            tasks_held: false,
            incomplete_log_queries: 0,
            tablestore: TablestoreKnobs::default(),
        }
    }
}

/// Faults that hit a share of the calls at random. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Added to every call, in milliseconds.
    pub latency_ms: u64,
    /// At most this much more, at random, in milliseconds.
    pub jitter_ms: u64,
    /// Share of the calls that are answered with 500, 502 or 503 and not carried out.
    pub error_rate: f64,
    /// Share of the calls that are throttled and not carried out.
    pub throttling_rate: f64,
    /// HTTP status of throttled calls: 429 or 400, both occur.
    pub throttling_status: u16,
    /// `x-acs-retry-after` of throttled calls.
    pub retry_after: u64,
    /// Share of the calls that are carried out but never answered: the connection breaks.
    pub lost_response_rate: f64,
    /// Share of the calls that are neither carried out nor answered: the connection breaks.
    pub lost_request_rate: f64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            latency_ms: 0,
            jitter_ms: 0,
            error_rate: 0.0,
            throttling_rate: 0.0,
            throttling_status: 429,
            retry_after: 20,
            lost_response_rate: 0.0,
            lost_request_rate: 0.0,
        }
    }
}

/// Makes the next calls of one operation fail, in the order these are given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The operation, e.g. `CleanClusterUserPermissions`.
    pub operation: String,
    /// How often.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens.
    pub outcome: Outcome,
}

const fn once() -> u32 {
    1
}

/// How a call fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Outcome {
    /// Answered with this error and not carried out.
    Error {
        /// HTTP status.
        status: u16,
        /// Error code.
        code: String,
    },
    /// Carried out, then the connection breaks.
    LostResponse,
    /// The connection breaks before anything is carried out.
    LostRequest,
}

/// What is to happen to one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) delay: Duration,
    pub(crate) fault: Option<Fault>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    Error {
        status: u16,
        code: String,
    },
    Throttled {
        status: u16,
        retry_after: u64,
    },
    LostResponse,
    LostRequest,
    /// Carried out, then answered as if it had taken too long; Tablestore only.
    TimedOut,
}

/// Draws the fate of every call, the same for the same seed and order of calls.
#[derive(Debug)]
pub(crate) struct Chaos {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    knobs: Knobs,
    failures: VecDeque<Failure>,
    rng: StdRng,
}

impl Chaos {
    pub(crate) fn new(knobs: Knobs, seed: u64) -> Self {
        let rng = StdRng::seed_from_u64(seed);
        Self { inner: Mutex::new(Inner { knobs, failures: VecDeque::new(), rng }) }
    }

    pub(crate) fn knobs(&self) -> Knobs {
        self.lock().knobs.clone()
    }

    pub(crate) fn tune<T>(&self, change: impl FnOnce(&mut Knobs) -> T) -> T {
        change(&mut self.lock().knobs)
    }

    pub(crate) fn fail_next(&self, failure: Failure) {
        self.lock().failures.push_back(failure);
    }

    /// Counts down the log queries that are to stay incomplete.
    pub(crate) fn take_incomplete(&self) -> bool {
        let left = &mut self.lock().knobs.incomplete_log_queries;
        let incomplete = *left > 0;
        *left = left.saturating_sub(1);
        incomplete
    }

    pub(crate) fn fate(&self, service: Service, operation: &str) -> Fate {
        self.lock().fate(service, operation)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn fate(&mut self, service: Service, operation: &str) -> Fate {
        let faults = self.knobs.operations.get(operation).or_else(|| self.knobs.services.get(&service));
        let faults = faults.unwrap_or(&self.knobs.everywhere).clone();
        let jitter = if faults.jitter_ms > 0 { self.rng.random_range(0..=faults.jitter_ms) } else { 0 };
        let delay = Duration::from_millis(faults.latency_ms.saturating_add(jitter));
        let fault = self.ordered(operation).or_else(|| self.drawn(service, &faults));
        Fate { delay, fault }
    }

    fn ordered(&mut self, operation: &str) -> Option<Fault> {
        let index = self.failures.iter().position(|f| f.operation == operation && f.times > 0)?;
        let failure = self.failures.get_mut(index)?;
        failure.times -= 1;
        let outcome = failure.outcome.clone();
        if failure.times == 0 {
            self.failures.remove(index);
        }
        Some(match outcome {
            Outcome::Error { status, code } => Fault::Error { status, code },
            Outcome::LostResponse => Fault::LostResponse,
            Outcome::LostRequest => Fault::LostRequest,
        })
    }

    fn drawn(&mut self, service: Service, faults: &Faults) -> Option<Fault> {
        let tablestore = service == Service::Tablestore;
        let timeouts = if tablestore { self.knobs.tablestore.timeout_rate } else { 0.0 };
        let mut hit = |share: f64| share > 0.0 && self.rng.random_bool(share.clamp(0.0, 1.0));
        if hit(faults.lost_request_rate) {
            Some(Fault::LostRequest)
        } else if hit(faults.throttling_rate) {
            Some(Fault::Throttled { status: faults.throttling_status, retry_after: faults.retry_after })
        } else if hit(faults.error_rate) {
            let drawn = self.rng.random_range(0..3);
            let (status, code) = if tablestore {
                (503, "OTSServerBusy")
            } else {
                [(500, "InternalError"), (502, "BadGateway"), (503, "ServiceUnavailable")][drawn]
            };
            Some(Fault::Error { status, code: code.to_owned() })
        } else if hit(faults.lost_response_rate) {
            Some(Fault::LostResponse)
        } else if hit(timeouts) {
            Some(Fault::TimedOut)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_fates() {
        let faults = Faults { error_rate: 0.3, lost_response_rate: 0.3, jitter_ms: 10, ..Faults::default() };
        let knobs = Knobs { everywhere: faults, ..Knobs::default() };
        let fates = |seed| {
            let chaos = Chaos::new(knobs.clone(), seed);
            (0..50).map(|_| chaos.fate(Service::Cs, "ListUsers")).collect::<Vec<_>>()
        };
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
    }

    #[test]
    fn an_ordered_failure_hits_its_operation_as_often_as_ordered() {
        let chaos = Chaos::new(Knobs::default(), 1);
        let outcome = Outcome::Error { status: 418, code: "Teapot".to_owned() };
        chaos.fail_next(Failure { operation: "GetUser".to_owned(), times: 2, outcome });
        let hit = |operation| chaos.fate(Service::Ram, operation).fault.is_some();
        assert!(!hit("ListUsers"));
        assert!(hit("GetUser"));
        assert!(hit("GetUser"));
        assert!(!hit("GetUser"));
    }

    #[test]
    fn faults_of_an_operation_take_the_place_of_those_of_its_service() {
        let always = Faults { error_rate: 1.0, ..Faults::default() };
        let mut knobs = Knobs::default();
        knobs.services.insert(Service::Ram, always);
        knobs.operations.insert("GetUser".to_owned(), Faults::default());
        let chaos = Chaos::new(knobs, 1);
        assert!(chaos.fate(Service::Ram, "ListUsers").fault.is_some());
        assert!(chaos.fate(Service::Ram, "GetUser").fault.is_none());
        assert!(chaos.fate(Service::Cs, "ListUsers").fault.is_none());
    }
}
