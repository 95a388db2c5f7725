//! Who looks at a page.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use http_api::{Callers, Principal, Problem, ProblemType, Role};
use jiff::Timestamp;

use crate::Console;
use crate::moment::Moment;
use crate::session::{Keys, Session};

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Visitor {
    principal: Principal,
    session: Session,
    keys: Keys,
    /// Absent on pages that are about the present only.
    moment: Option<Moment>,
}

/// Lets through who may read. Put it first: nothing else of the request is looked at before.
pub struct Viewer(pub Visitor);

/// Lets through who may decide on what is held. Put it first.
pub struct Approver(pub Visitor);

impl Visitor {
    /// The name and role of who it is.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The same, looking at an instant: for pages that can be looked at as of another one.
    #[must_use]
    pub fn at(self, moment: Moment) -> Self {
        Self { moment: Some(moment), ..self }
    }

    pub(crate) const fn moment(&self) -> Option<Moment> {
        self.moment
    }

    /// Whether the page is about another instant than the present: there is nothing to decide there.
    pub(crate) const fn is_elsewhen(&self) -> bool {
        matches!(self.moment, Some(Moment::At(..)))
    }

    /// The address of a page that can be looked at as of another instant, on the same one.
    pub(crate) fn path(&self, path: &str) -> String {
        self.moment.unwrap_or(Moment::Now).path(path)
    }

    /// Whether forms for this role make sense.
    pub(crate) fn may(&self, role: Role) -> bool {
        self.principal.role() >= role
    }

    /// What a form has to send along.
    pub(crate) fn form_token(&self) -> String {
        self.session.form_token(&self.keys)
    }

    /// Whether a form was made for this visitor.
    pub(crate) fn has_made(&self, form_token: &str) -> bool {
        self.session.has_made(form_token, &self.keys)
    }

    /// Who sent the request.
    pub(crate) fn of(headers: &HeaderMap, extensions: &Extensions) -> Result<Self, Problem> {
        let (callers, console) = surroundings(extensions)?;
        let found = console.0.keys.as_ref().and_then(|keys| {
            let session = Session::of_request(headers, keys)?;
            let principal = session.principal(callers, Timestamp::now())?;
            Some(Self { principal, session, keys: keys.clone(), moment: None })
        });
        found.ok_or_else(|| {
            // draft-broyer-http-cookie-auth: there is no registered scheme for a form.
            let challenge = HeaderValue::from_static(r#"Cookie realm="reaper", form-action="/sign-in""#);
            Problem::new(ProblemType::Unauthenticated, "sign in at /sign-in")
                .with_header(WWW_AUTHENTICATE, challenge)
        })
    }

    fn with_role(parts: &Parts, needed: Role) -> Result<Self, Problem> {
        let visitor = Self::of(&parts.headers, &parts.extensions)?;
        let (callers, _) = surroundings(&parts.extensions)?;
        callers.admit(&visitor.principal)?;
        if visitor.may(needed) {
            return Ok(visitor);
        }
        let (name, role) = (visitor.principal.name(), visitor.principal.role());
        Err(Problem::new(
            ProblemType::Forbidden,
            format!("this needs the role {needed}; you are signed in as {name}, {role}"),
        )
        .with("needs", needed.as_str()))
    }
}

fn surroundings(extensions: &Extensions) -> Result<(&Callers, &Console), Problem> {
    let missing = || Problem::internal("a page was mounted without its surroundings");
    let callers = extensions.get::<Arc<Callers>>().ok_or_else(missing)?;
    Ok((callers, extensions.get::<Console>().ok_or_else(missing)?))
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Visitor::with_role(parts, Role::Viewer).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Approver {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Visitor::with_role(parts, Role::Approver).map(Self)
    }
}
