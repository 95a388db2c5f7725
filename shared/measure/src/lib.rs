//! What is counted and timed: one type, emitted in one place.
//!
//! A measure is a `tracing` event at level `TRACE` under [`TARGET`], whose fields begin with the kind of instrument, as
//! `tracing-opentelemetry` reads them. Where nobody listens it costs a comparison. Names, units and attributes are in
//! docs/LOGGING.md, which a test holds to this file. Attributes are words of a small set: no ids, no names of people.

use std::time::Duration;

use tracing::Level;

/// The target of all measures, for filters.
pub const TARGET: &str = "measure";

/// Something that is counted or timed.
#[derive(Debug, Clone, Copy)]
pub enum Measure<'a> {
    /// A call of a function ended.
    Invocation {
        /// `event`, `http`, `initialize` or `pre_stop`.
        kind: &'a str,
        /// `ok`, `error` or `cancelled`.
        outcome: &'a str,
        /// From its arrival to its answer.
        took: Duration,
    },
    /// A call of the cloud ended, after all its attempts.
    CloudCall {
        /// The service.
        service: &'a str,
        /// The operation.
        operation: &'a str,
        /// `ok`, or the kind of the error.
        outcome: &'a str,
        /// How often it was sent.
        attempts: u32,
        /// With all attempts and pauses.
        took: Duration,
    },
    /// A commit was stored, or not.
    Append {
        /// `ok`, `conflict` or `error`.
        outcome: &'a str,
        /// How long the store took.
        took: Duration,
    },
    /// A step of a revocation was stored.
    Revocation {
        /// The type of the event, e.g. `RevocationConfirmed`.
        step: &'a str,
    },
    /// A sweep ended.
    Sweep {
        /// How long it took.
        took: Duration,
        /// Parts that it could not read or do.
        errors: u32,
        /// Revocations that wait for a person.
        held: u32,
    },
}

impl Measure<'_> {
    /// Tells whoever listens.
    pub fn emit(self) {
        match self {
            Self::Invocation { kind, outcome, took } => tracing::event!(
                target: TARGET,
                Level::TRACE,
                histogram.reaper.invocation.seconds = took.as_secs_f64(),
                kind,
                outcome,
            ),
            Self::CloudCall { service, operation, outcome, attempts, took } => tracing::event!(
                target: TARGET,
                Level::TRACE,
                histogram.reaper.cloud.call.seconds = took.as_secs_f64(),
                monotonic_counter.reaper.cloud.retries = u64::from(attempts.saturating_sub(1)),
                service,
                operation,
                outcome,
            ),
            Self::Append { outcome, took } => tracing::event!(
                target: TARGET,
                Level::TRACE,
                histogram.reaper.store.append.seconds = took.as_secs_f64(),
                outcome,
            ),
            Self::Revocation { step } => tracing::event!(
                target: TARGET,
                Level::TRACE,
                monotonic_counter.reaper.revocation.steps = 1_u64,
                step,
            ),
            Self::Sweep { took, errors, held } => tracing::event!(
                target: TARGET,
                Level::TRACE,
                histogram.reaper.sweep.seconds = took.as_secs_f64(),
                monotonic_counter.reaper.sweep.errors = u64::from(errors),
                gauge.reaper.held = u64::from(held),
            ),
        }
    }
}
