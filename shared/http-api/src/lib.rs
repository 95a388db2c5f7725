//! What the HTTP functions have in common: who may call, how errors are told, how the interface is described.
//!
//! A function makes an [`Api`] of its routes; [`Api::merge`] joins several for one process, and [`Api::router`] puts the
//! same edge around all of them: bearer tokens, problem+json (RFC 9457), security headers, `/healthz` and
//! `/openapi.json`. A handler says who may call it in its first parameter: [`Viewer`], [`Operator`] or [`Approver`].

mod api;
mod auth;
mod body;
mod callers;
mod document;
mod edge;
mod failure;
mod limits;
mod oidc;
mod parameters;
mod problem;
mod problem_type;
mod tokens;

pub use api::Api;
pub use auth::{Approver, Operator, Principal, Viewer};
pub use body::{BODY_MAX, Fields, File, Json, MESSAGE_MAX, Message};
pub use callers::{Callers, CallersError};
pub use chat::Role;
pub use edge::{ProblemPage, Refused};
pub use limits::TooManyCommands;
pub use oidc::{OidcError, Person, SignInAttempt};
pub use parameters::{Parameter, Parameters};
pub use problem::Problem;
pub use problem_type::ProblemType;
pub use tokens::{Fingerprint, TokenError, Tokens};
