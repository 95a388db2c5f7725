//! A call that is ready to be signed.

use reqwest::Method;

use crate::operation::Operation;
use crate::oss::ObjectAddress;
use crate::signature::{encode, encode_path};

/// What to send. It is signed anew for every attempt.
pub(crate) struct Request {
    pub(crate) operation: &'static Operation,
    pub(crate) method: Method,
    /// Encoded already.
    pub(crate) path: String,
    /// Not encoded yet.
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Body>,
    /// What is asked. Decides how the call is signed and where it goes.
    pub(crate) about: About,
    /// The longest answer that is read, in bytes, where it is not as configured.
    pub(crate) limit: Option<usize>,
}

/// What a call asks, as far as host and signature depend on it.
pub(crate) enum About {
    /// A service as a whole.
    Service,
    /// A project of the log service.
    Project { name: String, region: String },
    /// An object.
    Object(ObjectAddress),
}

pub(crate) struct Body {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl Request {
    /// ROA style: the path names the thing.
    pub(crate) fn roa(operation: &'static Operation, method: Method, segments: &[&str]) -> Self {
        let path = segments.iter().map(|segment| format!("/{}", encode(segment))).collect();
        Self { operation, method, path, query: Vec::new(), body: None, about: About::Service, limit: None }
    }

    /// RPC style: the header names the operation, the query holds its parameters.
    pub(crate) fn rpc(operation: &'static Operation) -> Self {
        Self {
            operation,
            method: Method::POST,
            path: "/".to_owned(),
            query: Vec::new(),
            body: None,
            about: About::Service,
            limit: None,
        }
    }

    /// A query of a log store. The body is JSON.
    pub(crate) fn logs(
        operation: &'static Operation,
        project: &str,
        region: &str,
        logstore: &str,
        body: Vec<u8>,
    ) -> Self {
        Self {
            operation,
            method: Method::POST,
            path: encode_path(&format!("/logstores/{logstore}/logs")),
            query: Vec::new(),
            body: Some(Body { content_type: "application/json", bytes: body }),
            about: About::Project { name: project.to_owned(), region: region.to_owned() },
            limit: None,
        }
    }

    /// About an object: it is put where there is a body, else read.
    pub(crate) fn object(
        operation: &'static Operation,
        object: &ObjectAddress,
        limit: usize,
        body: Option<Body>,
    ) -> Self {
        Self {
            operation,
            method: if body.is_some() { Method::PUT } else { Method::GET },
            path: encode_path(&format!("/{}", object.key())),
            query: Vec::new(),
            body,
            about: About::Object(object.clone()),
            limit: Some(limit),
        }
    }

    /// Adds a parameter.
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// Adds a parameter where there is one.
    pub(crate) fn with_some(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}
