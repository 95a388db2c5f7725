//! Signing in at the issuer: the browser goes there, and comes back with a code.
//!
//! What belongs to one way there and back is kept in a cookie of that browser alone, and nothing by the server. The secrets of
//! it are made from the cookie's id and our key, so that not even the browser knows them.

use std::sync::Arc;

use axum::extract::Extension;
use axum::http::header::{LOCATION, REFRESH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac as _;
use http_api::{Callers, Parameter, Parameters, Principal, Problem, ProblemType, SignInAttempt};
use jiff::{SignedDuration, Timestamp};
use maud::html;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::Console;
use crate::cookie::ATTEMPT;
use crate::entrance::{cookies, page, place};
use crate::layout::{Place, frame};
use crate::session::{Keys, Session};

/// How long somebody may take to sign in.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// The longest way back that is kept, in bytes. A longer one leads to the first page.
const NEXT_MAX: usize = 1024;

/// One way to the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Attempt {
    id: Uuid,
    /// The page that somebody wanted.
    next: String,
    until: Timestamp,
}

/// What is made from an attempt and our key.
struct Secrets {
    state: String,
    nonce: String,
    verifier: String,
    redirect_uri: String,
}

impl Secrets {
    fn of(attempt: &Attempt, keys: &Keys, origin: &str) -> Self {
        let secret = |label: &str| {
            let mac = keys.attempts.clone().chain_update(label).chain_update(attempt.id.as_bytes());
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        };
        Self {
            state: secret("state"),
            nonce: secret("nonce"),
            verifier: secret("verifier"),
            redirect_uri: format!("{origin}/sign-in/return"),
        }
    }

    fn attempt(&self) -> SignInAttempt<'_> {
        let Self { state, nonce, verifier, redirect_uri } = self;
        SignInAttempt { state, nonce, verifier, redirect_uri }
    }
}

/// What signing in takes here: the key, and the address that browsers see.
fn means(console: &Console) -> Result<(&Keys, &str), Problem> {
    let (keys, origin) = (console.0.keys.as_ref(), console.0.origin.as_deref());
    keys.zip(origin).ok_or_else(|| {
        let missing = "nobody signs in elsewhere: `console.session_key` and `console.origin` are not set";
        Problem::new(ProblemType::NoSuchRoute, missing)
    })
}

/// Goes to the issuer
#[utoipa::path(get, path = "/sign-in/issuer", responses((status = 303, description = "To the issuer.")))]
pub(crate) async fn depart(
    Extension(console): Extension<Console>,
    Extension(callers): Extension<Arc<Callers>>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let next = parameters.one("next")?.map_or_else(String::new, |Text(next)| next);
    parameters.finish(&["next"])?;
    let (keys, origin) = means(&console)?;
    // Whoever asks is a stranger so far, and each one may make us ask the issuer.
    callers.refuse()?;
    let now = Timestamp::now();
    let next = if next.len() <= NEXT_MAX { next } else { String::new() };
    let until = now.saturating_add(PATIENCE).unwrap_or(now);
    let attempt = Attempt { id: Uuid::new_v4(), next, until };
    let address = callers.sign_in_address(&Secrets::of(&attempt, keys, origin).attempt()).await?;
    let address = HeaderValue::from_str(&address).map_err(|error| Problem::internal(error.to_string()))?;
    let cookie = ATTEMPT.set(&attempt, &keys.attempts, PATIENCE.as_secs(), is_secure(origin));
    Ok((StatusCode::SEE_OTHER, cookies([cookie]), [(LOCATION, address)]).into_response())
}

/// What the issuer sends a browser back with (RFC 6749, section 4.1.2, and RFC 9207). It may send more.
struct Answer {
    state: String,
    code: String,
    issuer: Option<String>,
    is_refusal: bool,
}

impl Answer {
    fn read(mut parameters: Parameters) -> Result<Self, Problem> {
        let mut text =
            |name: &str| -> Result<_, Problem> { Ok(parameters.one(name)?.map(|Text(text)| text)) };
        Ok(Self {
            state: text("state")?.unwrap_or_default(),
            code: text("code")?.unwrap_or_default(),
            issuer: text("iss")?,
            is_refusal: text("error")?.is_some(),
        })
    }
}

/// Comes back from the issuer
///
/// The session's cookie is `SameSite=Strict`: a redirect from here would still be the issuer's, and come without it. So the
/// browser is shown a page, and goes on from there.
#[utoipa::path(get, path = "/sign-in/return", responses((status = 200, description = "Signed in.")))]
pub(crate) async fn arrive(
    Extension(console): Extension<Console>,
    Extension(callers): Extension<Arc<Callers>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let answer = Answer::read(parameters)?;
    let (keys, origin) = means(&console)?;
    let now = Timestamp::now();
    let attempt: Option<Attempt> = ATTEMPT.of_request(&headers, &keys.attempts);
    let Some(attempt) = attempt.filter(|attempt| now < attempt.until) else {
        return refused(&console, &callers, "/", "This sign-in was not begun here, or took too long.");
    };
    let secrets = Secrets::of(&attempt, keys, origin);
    if !bool::from(secrets.state.as_bytes().ct_eq(answer.state.as_bytes())) {
        return refused(&console, &callers, "/", "This answer belongs to another sign-in.");
    }
    if answer.is_refusal {
        return refused(&console, &callers, &attempt.next, "The issuer did not sign you in.");
    }
    match callers.sign_in(&answer.code, answer.issuer.as_deref(), &secrets.attempt()).await {
        Ok((principal, person)) => {
            let until = now.saturating_add(console.0.session).unwrap_or(now);
            let session = Session::of_person(person, until).to_cookie(keys, is_secure(origin), now);
            welcome(&principal, session, &attempt.next)
        }
        Err(problem) if problem.kind() == ProblemType::Unauthenticated => {
            tracing::info!(why = problem.cause(), "sign-in refused: the issuer does not vouch for it");
            refused(&console, &callers, &attempt.next, "The issuer does not vouch for this sign-in.")
        }
        Err(problem) if problem.kind() == ProblemType::Forbidden => {
            Err(callers.refuse().err().unwrap_or(problem))
        }
        Err(problem) => Err(problem),
    }
}

fn welcome(principal: &Principal, session: String, next: &str) -> Result<Response, Problem> {
    tracing::info!(principal = principal.name(), "signed in");
    let next = place(next);
    let refresh = HeaderValue::from_bytes(&[b"0;url=", next.as_bytes()].concat());
    let refresh = refresh.map_err(|error| Problem::internal(error.to_string()))?;
    let body = html! {
        div.narrow {
            h1 { "Signed in" }
            p.lead { "As " (principal.name()) ", " (principal.role()) "." }
            p { a href=(next.to_str().unwrap_or("/")) { "Go on" } }
        }
    };
    let lines = [session].into_iter().chain(ATTEMPT.forget());
    let page = frame("Signed in", Place::Elsewhere, None, &body);
    Ok((cookies(lines), [(REFRESH, refresh)], page).into_response())
}

/// Back to the form, for another try.
fn refused(console: &Console, callers: &Callers, next: &str, why: &str) -> Result<Response, Problem> {
    callers.refuse()?;
    let page = page(console, StatusCode::UNAUTHORIZED, next, Some(&format!("{why} Nobody was signed in.")));
    Ok((cookies(ATTEMPT.forget()), page).into_response())
}

fn is_secure(origin: &str) -> bool {
    origin.starts_with("https://")
}

/// Any text.
struct Text(String);

impl Parameter for Text {
    const EXPECTED: &'static str = "a text";

    fn read(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}
