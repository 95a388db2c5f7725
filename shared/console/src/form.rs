//! What a form of one of our pages sends.

use axum::extract::{FromRequest, Request};
use http_api::{Fields, Problem, ProblemType};

use crate::Console;
use crate::own_origin::own_origin;
use crate::visitor::Visitor;

/// The name of the field that proves where a form comes from.
pub(crate) const TOKEN: &str = "form_token";

/// The fields of a form that one of our pages made for the session that sends it. Anything else is refused before a field
/// is looked at: another site can make a browser send a form along with its cookies, and `SameSite` alone is one
/// browser's promise.
pub struct Form(pub Fields);

impl<S: Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let visitor = Visitor::of(request.headers(), request.extensions())?;
        origin(&request)?;
        let mut fields = Fields::from_request(request, state).await?;
        let token = fields.one(TOKEN)?.unwrap_or_default();
        if !visitor.has_made(&token) {
            return Err(foreign("the form was not made for this session"));
        }
        Ok(Self(fields))
    }
}

/// The scheme by which our own page was reached that sent the form.
pub(crate) fn origin(request: &Request) -> Result<String, Problem> {
    let console = request
        .extensions()
        .get::<Console>()
        .ok_or_else(|| Problem::internal("a page was mounted without its surroundings"))?;
    own_origin(request.headers(), console.0.origin.as_deref())
        .map(str::to_owned)
        .ok_or_else(|| foreign("the browser does not say that the form comes from this address"))
}

fn foreign(why: &str) -> Problem {
    Problem::new(ProblemType::ForeignForm, why)
}
