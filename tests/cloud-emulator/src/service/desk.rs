//! What an operation works with, and how requests find their operation.

use jiff::Timestamp;

use super::answer::{Answer, ApiError};
use super::wire::Request;
use super::{Service, action_trail, cs, ims, oss, ram, sls, sts};
use crate::account::{Account, Refusal};
use crate::knobs::{Chaos, Knobs};
use crate::signature::Caller;
use crate::trail::Trail;

/// Whether an operation changes something. Write calls are recorded in the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    Write,
}

/// Carries an operation out.
pub(crate) type Handler = fn(&mut Desk<'_>) -> Result<Answer, ApiError>;

/// An operation of a service.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// Verb and path of ROA calls; RPC calls go by the name alone.
    pub(crate) at: Option<(&'static str, &'static str)>,
    pub(crate) effect: Effect,
    pub(crate) handler: Handler,
}

impl Operation {
    /// An operation that has an address of its own.
    pub(crate) const fn roa(
        name: &'static str,
        verb: &'static str,
        path: &'static str,
        effect: Effect,
        handler: Handler,
    ) -> Self {
        Self { name, at: Some((verb, path)), effect, handler }
    }

    /// An operation that is called by its name.
    pub(crate) const fn rpc(name: &'static str, effect: Effect, handler: Handler) -> Self {
        Self { name, at: None, effect, handler }
    }
}

/// The operations of a service.
pub(crate) fn operations(service: Service) -> &'static [Operation] {
    match service {
        Service::Cs => cs::OPERATIONS,
        Service::Ram => ram::OPERATIONS,
        Service::Ims => ims::OPERATIONS,
        Service::Sts => sts::OPERATIONS,
        Service::Sls => sls::OPERATIONS,
        Service::ActionTrail => action_trail::OPERATIONS,
        Service::Oss => oss::OPERATIONS,
        // Its operations are no JSON: see `crate::tablestore`.
        Service::Tablestore => &[],
    }
}

/// The parameters of a call, from the path, the query and the form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, value)| other == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn need(&self, name: &str) -> Result<&str, ApiError> {
        let missing =
            || ApiError::new(400, &format!("Missing{name}"), format!("{name} is mandatory for this action."));
        self.get(name).ok_or_else(missing)
    }

    /// A number within bounds, or the default if it is not given.
    pub(crate) fn number(
        &self,
        name: &str,
        default: usize,
        bounds: (usize, usize),
    ) -> Result<usize, ApiError> {
        let Some(text) = self.get(name) else { return Ok(default) };
        let number = text.parse().ok().filter(|n| (bounds.0..=bounds.1).contains(n));
        number.ok_or_else(|| ApiError::parameter(name))
    }

    /// `true` or `True`; clients differ.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ApiError::parameter(name)),
        }
    }
}

/// One call being carried out, with the account locked.
pub(crate) struct Desk<'a> {
    pub(crate) service: Service,
    pub(crate) account: &'a mut Account,
    pub(crate) knobs: &'a Knobs,
    pub(crate) chaos: &'a Chaos,
    pub(crate) trail: &'a Trail,
    pub(crate) params: &'a Params,
    pub(crate) body: &'a [u8],
    pub(crate) caller: &'a Caller,
    /// The emulator's clock.
    pub(crate) now: Timestamp,
}

impl Desk<'_> {
    /// The error that a refusal is in the service that was called.
    pub(crate) fn refused(&self) -> impl Fn(Refusal) -> ApiError + use<> {
        let service = self.service;
        move |refusal| ApiError::refused(service, &refusal)
    }
}

/// Finds the operation that a request is for, with its parameters.
pub(crate) fn route(service: Service, request: &Request) -> Option<(&'static Operation, Params)> {
    if service == Service::Oss {
        return oss::route(request);
    }
    let mut pairs = request.query.clone();
    pairs.extend(request.form());
    if matches!(service, Service::Cs | Service::Sls) {
        let segments = request.segments();
        let (operation, found) = operations(service).iter().find_map(|operation| {
            let (verb, pattern) = operation.at?;
            let found = (verb == request.method).then(|| matched(pattern, &segments))??;
            Some((operation, found))
        })?;
        pairs.extend(found);
        return Some((operation, Params::new(pairs)));
    }
    let named = pairs.iter().find(|(name, _)| name == "Action").map(|(_, value)| value.clone());
    let named = named.unwrap_or_else(|| request.header("x-acs-action"));
    let operation = operations(service).iter().find(|operation| operation.name == named)?;
    Some((operation, Params::new(pairs)))
}

/// The values of the `{names}` in a pattern, if the path fits it.
fn matched(pattern: &str, segments: &[String]) -> Option<Vec<(String, String)>> {
    let pattern: Vec<_> = pattern.trim_matches('/').split('/').collect();
    if pattern.len() != segments.len() {
        return None;
    }
    let mut found = Vec::new();
    for (wanted, segment) in pattern.iter().zip(segments) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => found.push((name.to_owned(), segment.clone())),
            None if wanted == segment => {}
            None => return None,
        }
    }
    Some(found)
}

/// One page of a list: the items and the total. A page past the end is empty.
pub(crate) fn page<T>(items: Vec<T>, number: usize, size: usize) -> (Vec<T>, usize) {
    let total = items.len();
    let skipped = number.saturating_sub(1).saturating_mul(size);
    (items.into_iter().skip(skipped).take(size).collect(), total)
}
