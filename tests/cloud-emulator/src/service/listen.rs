//! Accepting connections.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Service;
use super::answer::{ApiError, respond};
use super::gate::{Broken, Cloud, pass};
use super::wire::{BODY_LIMIT, Request, Unreadable};
use crate::tablestore;

/// Serves a service until the future is dropped; open connections end with it.
pub(crate) async fn serve(cloud: Arc<Cloud>, service: Service, listener: TcpListener) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(Arc::clone(&cloud), service, stream));
            }
            // Out of file descriptors, say: others may be closed meanwhile.
            Err(error) => {
                tracing::warn!(%error, %service, "accepting a connection failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Runs on hyper itself: only there can a handler break the connection instead of answering.
async fn connection(cloud: Arc<Cloud>, service: Service, stream: TcpStream) {
    let handler = service_fn(|request| {
        let cloud = Arc::clone(&cloud);
        async move {
            match Request::read(request).await {
                Ok(request) if service == Service::Tablestore => tablestore::pass(&cloud, &request).await,
                Ok(request) => pass(&cloud, service, &request).await,
                Err(Unreadable::TooLarge) if service == Service::Tablestore => Ok(tablestore::too_large()),
                Err(Unreadable::TooLarge) => Ok(too_large(service)),
                Err(Unreadable::Gone) => Err(Broken),
            }
        }
    });
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), handler).await {
        tracing::debug!(%error, %service, "connection ended");
    }
}

fn too_large(service: Service) -> Response<Full<Bytes>> {
    let message = format!("The body is larger than {BODY_LIMIT} bytes.");
    let error = Err(ApiError::new(413, "RequestEntityTooLarge", message));
    respond(service, &Request::new("POST", "/", http::HeaderMap::new(), Bytes::new()), "", &error)
}
