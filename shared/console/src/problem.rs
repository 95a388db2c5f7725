//! A problem as a page.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use http_api::{ProblemType, Refused};
use maud::html;

use crate::layout::{Place, frame};
use crate::{Console, entrance};

/// What happened, what it means, and what to quote; who is not signed in gets the form instead.
pub(crate) fn page(console: &Console, refused: &Refused<'_>) -> Response {
    let kind = refused.problem.kind();
    if kind == ProblemType::Unauthenticated {
        return entrance::page(console, StatusCode::UNAUTHORIZED, refused.place, None).into_response();
    }
    let body = html! {
        div.narrow {
            p.eyebrow { (kind.status().as_u16()) }
            h1 { (title(kind)) }
            p.lead { (refused.problem.detail()) }
            p { (meaning(kind)) }
            p { a href="/" { "Back to the overview" } }
            p.hint { "Request " code { (refused.request_id) } }
        }
    };
    frame(title(kind), Place::Elsewhere, None, &body).with_status(kind.status()).into_response()
}

/// Where the words for programs would mislead people.
fn title(kind: ProblemType) -> &'static str {
    match kind {
        ProblemType::Forbidden => "Your role does not reach so far",
        ProblemType::NoSuchRoute => "No such page",
        ProblemType::InvalidBody => "The form does not fit",
        ProblemType::InvalidParameter => "The address does not fit",
        kind => kind.title(),
    }
}

fn meaning(kind: ProblemType) -> &'static str {
    match kind {
        ProblemType::Forbidden => {
            "Nothing was done. Sign in with a token of that role, or ask somebody who has one."
        }
        ProblemType::NoSuchRoute => "The pages are listed above.",
        ProblemType::InvalidBody | ProblemType::InvalidParameter => "Nothing was done.",
        ProblemType::NotFound => "The history holds nothing about it. A sweep may not have seen it yet.",
        ProblemType::SelfApproval => "Nothing was done. Another person has to decide.",
        ProblemType::RevocationNotHeld => {
            "Nothing was done. Somebody else may have decided in the meantime, or it has lapsed."
        }
        ProblemType::Internal => "The cause is in the log, under the id of the request.",
        ProblemType::TooManyRequests => "Nothing was done. Load this page again in a minute.",
        ProblemType::NoHistoryYet => "The first sweep makes the event store. Load this page again later.",
        ProblemType::CloudError => {
            "The cloud's answer stands in the way. What was decided is stored, and the next sweep goes on with it."
        }
        kind if kind.status() == StatusCode::SERVICE_UNAVAILABLE => "Load this page again in a moment.",
        kind => kind.meaning(),
    }
}
