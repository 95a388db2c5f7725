//! What ties answers to what is sealed.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use http_api::{Problem, ProblemType, Viewer};

use crate::archive::Archive;

/// Latest checkpoint
///
/// The signed root over all commits that are sealed, as a checkpoint of C2SP (c2sp.org/tlog-checkpoint): origin, number of commits,
/// root, signatures. Who keeps one elsewhere can show later that nothing before it was changed, removed or put in between:
/// `reaper verify --since FILE`.
#[utoipa::path(
    get,
    path = "/v1/checkpoint",
    operation_id = "getCheckpoint",
    tag = "history",
    security(("bearer" = ["viewer"])),
    responses(
        (status = 200, description = "The checkpoint.", content_type = "text/plain", body = String,
            example = "example.com/reaper\n105\nq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n\n— example.com/reaper Fu/ncAAA…\n"),
        (status = 404, description = "Nothing is sealed yet."),
    )
)]
pub(crate) async fn checkpoint(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
) -> Result<Response, Problem> {
    let sealed = archive.history(&principal).await?.checkpoint().await?;
    let sealed = sealed.ok_or_else(|| {
        Problem::new(
            ProblemType::NotFound,
            "nothing is sealed yet; a sweep with a key seals (`reaper key generate`)",
        )
    })?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], sealed).into_response())
}
