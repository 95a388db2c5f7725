//! HTTP triggers and custom domains: a listener that passes requests on with the platform's headers and without those a client made up.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request as ClientRequest, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::Inner;
use super::call::{ControlPath, InvokeError, Request, request_id};

/// Headers that belong to one connection, not to the request.
const HOP: [HeaderName; 5] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
    HeaderName::from_static("keep-alive"),
];

#[derive(Clone)]
struct Trigger {
    inner: Arc<Inner>,
    routes: Arc<[Route]>,
}

/// A rule of a custom domain (PathConfig of api-fc-2023-03-30): a path, or all below one, and the function that is behind it.
struct Route {
    path: String,
    function: String,
}

impl Route {
    /// How much of a path it matches; `None` where it does not. A path itself goes before all below another.
    fn matches(&self, path: &str) -> Option<usize> {
        match self.path.strip_suffix('*') {
            Some(below) => path.starts_with(below).then_some(below.len()),
            None => (path == self.path).then_some(usize::MAX),
        }
    }
}

/// Opens a listener; the first function is that of the longest path that matches.
pub(crate) async fn open(
    inner: &Arc<Inner>,
    routes: &[(&str, &str)],
    at: SocketAddr,
) -> Result<SocketAddr, InvokeError> {
    for (_, function) in routes {
        inner.function(function)?;
    }
    let routes = routes.iter().map(|(path, name)| Route { path: (*path).into(), function: (*name).into() });
    let listener = TcpListener::bind(at).await.map_err(InvokeError::Listen)?;
    let address = listener.local_addr().map_err(InvokeError::Listen)?;
    let trigger = Trigger { inner: Arc::clone(inner), routes: routes.collect() };
    let service =
        Router::new().fallback(pass).with_state(trigger).into_make_service_with_connect_info::<SocketAddr>();
    inner.spawn(async move {
        if let Err(error) = axum::serve(listener, service).await {
            tracing::warn!(%error, "HTTP trigger ended");
        }
    });
    Ok(address)
}

async fn pass(
    State(trigger): State<Trigger>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: ClientRequest,
) -> Response {
    let id = request_id();
    let mut response = match forward(&trigger, &id, client, request).await {
        Ok(response) => response,
        Err(error) => bad_gateway(&id, &error),
    };
    for name in HOP {
        response.headers_mut().remove(name);
    }
    if let Ok(value) = id.parse() {
        response.headers_mut().insert("x-fc-request-id", value);
    }
    response
}

async fn forward(
    trigger: &Trigger,
    id: &str,
    client: SocketAddr,
    request: ClientRequest,
) -> Result<Response, InvokeError> {
    let Trigger { inner, routes } = trigger;
    let path = request.uri().path();
    let route = routes
        .iter()
        .filter_map(|route| Some((route.matches(path)?, route)))
        .max_by_key(|(length, _)| *length);
    let function = inner.function(route.map_or("", |(_, route)| route.function.as_str()))?;
    let address = function.address(&inner.settings).await?;
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut builder = http::Request::builder().method(parts.method).uri(target);
    for (name, value) in of_client(&parts.headers) {
        builder = builder.header(name, value);
    }
    builder = builder.header("x-fc-client-ip", client.ip().to_string()).header("x-fc-base-path", "/");
    let request =
        Request::with_platform(builder, &inner.settings, function.spec(), ControlPath::HttpInvoke, id, body);
    match timeout(function.spec().timeout, request.open(address)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(InvokeError::Crashed {
            request_id: id.to_owned(),
            reason: error.to_string(),
            tail: function.output().tail(),
        }),
        Err(_) => {
            function.kill_at(address).await;
            Err(InvokeError::TimedOut { request_id: id.to_owned() })
        }
    }
}

/// What a client may send on: no header of the platform (document_detail/2513511) and none of its connection. With the rest go
/// `X-Fc-Invocation-Type` and `X-Fc-Log-Type`, which the real service obeys and this one ignores.
fn of_client(headers: &HeaderMap) -> impl Iterator<Item = (&HeaderName, &http::HeaderValue)> {
    headers.iter().filter(|(name, _)| !name.as_str().starts_with("x-fc-") && !HOP.contains(name))
}

/// The body's shape is chosen here: the real one is not documented.
fn bad_gateway(id: &str, error: &InvokeError) -> Response {
    tracing::warn!(request_id = id, %error, "HTTP trigger failed");
    let body = json!({ "RequestId": id, "ErrorCode": "FunctionFailed", "ErrorMessage": "the function gave no answer" });
    (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "application/json")], Body::from(body.to_string()))
        .into_response()
}
