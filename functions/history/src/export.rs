//! The same events as files.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::stream::unfold;
use http_api::{Parameter, Parameters, Principal, Problem, Viewer};
use kubeconfig::EventId;
use revocation::ExportFormat;

use crate::archive::Archive;
use crate::events::written;
use crate::example;

/// Export events
///
/// Exactly the events that `q` asks for, the oldest first, as a stream: formats are cloudevents (a batch, CloudEvents 1.0),
/// ndjson (a CloudEvent a line), csv (no cell begins like a formula) and ocsf (a line each, Account Change and Entity Management
/// of OCSF 1.7.0). A stream that breaks off is no complete export: `after` goes on behind the last event that arrived whole,
/// without repeating the first line of CSV. That an export began and was taken are events themselves: what cannot be written down
/// is not given.
#[utoipa::path(
    get,
    path = "/v1/events/export",
    operation_id = "exportEvents",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(
        ("q" = Option<String>, Query, description = "A query, as in `/v1/events`.",
            example = "type:RevocationConfirmed recorded:2026-01-01..2026-02-01"),
        ("format" = Option<String>, Query, description = "cloudevents (default), ndjson, csv or ocsf.",
            example = "csv"),
        ("after" = Option<String>, Query, format = "uuid", description = "Id of the event to go on behind.",
            example = "0190b5c4-8111-7b20-8c44-1f2e3d4c5b6a"),
    ),
    responses((status = 200, description = "The events.", content(
        (Vec<Object> = "application/cloudevents-batch+json", example = json!(example::events()["events"])),
        (String = "application/x-ndjson", example = json!("{\"specversion\":\"1.0\",…}\n")),
        (String = "text/csv", example = json!("id,occurred,recorded,type,…\n")),
    )))
)]
pub(crate) async fn export(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    answer(archive, &principal, parameters).await
}

/// Export events, from a page
///
/// The same for somebody who is signed in: what the page of the history shows, as a file.
#[utoipa::path(get, path = "/history/export", security(("session" = ["viewer"])),
    responses((status = 200, description = "The file.")))]
pub(crate) async fn download(
    console::Viewer(visitor): console::Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.drop_empty();
    answer(archive, visitor.principal(), parameters).await
}

async fn answer(
    archive: Archive,
    principal: &Principal,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let query = written(&mut parameters)?;
    let format = parameters.one("format")?.map_or(ExportFormat::CloudEvents, |FormatWord(format)| format);
    let after = parameters.one("after")?.map(|Event(id)| id);
    parameters.finish(&["q", "format", "after"])?;
    let history = archive.history(principal).await?;
    let export = history.export(&query, format, after, principal.actor()).await?;
    let parts = unfold(Some(export), |export| async move {
        let mut export = export?;
        match export.next().await {
            Ok(part) => part.map(|part| (Ok(part), Some(export))),
            Err(error) => {
                tracing::error!(%error, events = export.events(), "an export broke off");
                Some((Err(error), None))
            }
        }
    });
    let name = format!("attachment; filename=\"reaper-events.{}\"", format.extension());
    let name = HeaderValue::from_str(&name).map_err(|error| Problem::internal(error.to_string()))?;
    let headers =
        [(CONTENT_TYPE, HeaderValue::from_static(format.media_type())), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(parts)).into_response())
}

struct FormatWord(ExportFormat);

impl Parameter for FormatWord {
    const EXPECTED: &'static str = "one of cloudevents, ndjson, csv, ocsf";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

struct Event(EventId);

impl Parameter for Event {
    const EXPECTED: &'static str = "the id of an event: a UUID";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}
