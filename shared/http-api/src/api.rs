//! Routes and their description, from several functions or one, and the router that is made of them.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::callers::Callers;
use crate::document;
use crate::edge::{self, ProblemPage};

/// Routes that have their state, and their description.
pub struct Api {
    routes: OpenApiRouter,
    pages: OpenApiRouter,
    problem_page: Option<ProblemPage>,
}

impl Api {
    /// Takes the routes of one function.
    pub fn new(routes: OpenApiRouter) -> Self {
        Self { routes, pages: OpenApiRouter::default(), problem_page: None }
    }

    /// Adds pages for people. They are not part of the document: programs have the routes. With them, browsers get
    /// problems as pages, too.
    #[must_use]
    pub fn with_pages(self, pages: OpenApiRouter, problem_page: ProblemPage) -> Self {
        Self { pages, problem_page: Some(problem_page), ..self }
    }

    /// Both as one, for one process.
    ///
    /// # Panics
    /// Both have the same method of the same path.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            routes: self.routes.merge(other.routes),
            pages: self.pages.merge(other.pages),
            problem_page: self.problem_page.or(other.problem_page),
        }
    }

    /// The OpenAPI 3.1 document, with `/healthz` and `/openapi.json`.
    pub fn document(&self) -> Value {
        let own = OpenApiRouter::<()>::default().routes(routes!(healthz)).routes(routes!(openapi));
        let mut all = own.into_openapi();
        all.merge(self.routes.get_openapi().clone());
        document::complete(all)
    }

    /// The same description of the pages, for tests: who may see each.
    pub fn pages_document(&self) -> Value {
        // A structure of texts and maps always has a JSON form.
        serde_json::to_value(self.pages.get_openapi()).unwrap_or_default()
    }

    /// Everything that answers requests. This is the only way to a router, and it takes the callers.
    pub fn router(self, callers: Callers) -> Router {
        if callers.is_empty() {
            tracing::warn!("api.tokens is empty: nobody may call");
        }
        let text = Bytes::from(self.document().to_string());
        let own = OpenApiRouter::default().routes(routes!(healthz)).routes(routes!(openapi));
        let callers = Arc::new(callers);
        let for_programs = own.merge(self.routes).layer(from_fn_with_state(callers.clone(), count_refused));
        let (routes, _) = for_programs.merge(self.pages).split_for_parts();
        let routes = routes.layer(Extension(callers)).layer(Extension(Document(text)));
        edge::around(routes, self.problem_page)
    }
}

/// Bounds answers to those who show no good token or signature, whichever route they try. Pages are left out: there 401 is
/// the form to sign in with, and what it is sent is counted there.
async fn count_refused(State(callers): State<Arc<Callers>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() != StatusCode::UNAUTHORIZED {
        return response;
    }
    callers.refuse().map_or_else(IntoResponse::into_response, |()| response)
}

/// The text of the document.
#[derive(Clone)]
struct Document(Bytes);

/// That the process answers.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the process answers
///
/// Says nothing about store and cloud.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "service",
    responses((status = 200, description = "It does.", body = Health, example = json!({ "status": "ok" })))
)]
async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// This document
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "service",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object, example = json!({ "openapi": "3.1.0" })))
)]
async fn openapi(Extension(Document(text)): Extension<Document>) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::Viewer;

    #[utoipa::path(get, path = "/broken", responses((status = 200)))]
    async fn broken() {
        panic!("the key is hunter2")
    }

    #[utoipa::path(get, path = "/protected", responses((status = 200)))]
    async fn protected(_: Viewer) {}

    async fn get(router: Router, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        (parts.status, String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_that_does_not_say_why() {
        let api = Api::new(OpenApiRouter::default().routes(routes!(broken)));
        let (status, body) = get(api.router(Callers::default()), "/broken").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains("/problems/internal") && body.contains("instance"), "{body}");
        assert!(!body.contains("hunter2"), "{body}");
    }

    #[tokio::test]
    async fn without_tokens_nobody_is_let_through() {
        let api = || Api::new(OpenApiRouter::default().routes(routes!(protected)));
        assert_eq!(get(api().router(Callers::default()), "/protected").await.0, StatusCode::UNAUTHORIZED);
        // Somebody mounts the route past `Api::router`.
        let (bare, _) = api().routes.split_for_parts();
        assert_eq!(get(bare, "/protected").await.0, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
