//! Traces and metrics over OTLP (http/protobuf), where `OTEL_EXPORTER_OTLP_ENDPOINT` says where to.
//!
//! Settings are the standard ones of OpenTelemetry (`OTEL_…`), read by its SDK. Spans are exported with their fields, without
//! the log lines in them; metrics are those of [`measure`].

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, Response};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing_opentelemetry::{MetricsLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;

use crate::logging::{Extra, LoggingError};

/// One of them switches it on.
const ENDPOINTS: [&str; 3] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
];

/// Spans of others say nothing about what is done here, and may name what must not leave.
const OURS: [&str; 4] = ["fc_runtime", "alibaba_cloud", "revocation", "reaper"];

/// A collector that takes longer is left alone: an answer waits for this.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The most that is read of a collector's answer, in bytes.
const MAX_ANSWER: usize = 64 << 10;

/// Where the platform puts the span that a call belongs to.
const PLATFORM_SPAN: &str = "x-fc-tracing-opentracing-span-context";

static PROVIDERS: OnceLock<Providers> = OnceLock::new();

struct Providers {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
}

/// The layers that export; none where the environment does not ask for it.
pub(crate) fn layers() -> Result<Option<Vec<Extra>>, LoggingError> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let disabled = set("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if disabled || !ENDPOINTS.iter().any(|name| set(name).is_some()) {
        return Ok(None);
    }
    let failed = |error: &dyn std::fmt::Display| LoggingError::Telemetry(error.to_string());
    let spans = SpanExporter::builder().with_http().with_http_client(Poster::new()?);
    let spans = spans.build().map_err(|error| failed(&error))?;
    let measures = MetricExporter::builder().with_http().with_http_client(Poster::new()?);
    let measures = measures.build().map_err(|error| failed(&error))?;
    let traces = SdkTracerProvider::builder().with_batch_exporter(spans).with_resource(resource()).build();
    let metrics =
        SdkMeterProvider::builder().with_periodic_exporter(measures).with_resource(resource()).build();
    let ours = |target: &str| OURS.iter().any(|name| target.starts_with(name));
    let of_spans = tracing_opentelemetry::layer()
        .with_tracer(traces.tracer("reaper"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(move |meta| meta.is_span() && ours(meta.target())));
    let of_measures = MetricsLayer::new(metrics.clone())
        .with_filter(filter_fn(|meta| meta.is_event() && meta.target() == measure::TARGET));
    // Called once: a second call finds that something logs already.
    let _ = PROVIDERS.set(Providers { traces, metrics });
    Ok(Some(vec![of_spans.boxed(), of_measures.boxed()]))
}

/// Who exports: `OTEL_SERVICE_NAME`, else the name of the function.
fn resource() -> Resource {
    let builder =
        Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    match (std::env::var("OTEL_SERVICE_NAME"), std::env::var("FC_FUNCTION_NAME")) {
        (Err(_), Ok(function)) => builder.with_service_name(function),
        (Err(_), Err(_)) => builder.with_service_name("reaper"),
        (Ok(_), _) => builder,
    }
    .build()
}

/// Sends what is waiting. Function Compute may stop the clock as soon as a call is answered.
pub(crate) async fn flush() {
    let Some(Providers { traces, metrics }) = PROVIDERS.get() else { return };
    let (traces, metrics) = (traces.clone(), metrics.clone());
    let sent = tokio::task::spawn_blocking(move || {
        let sent = [traces.force_flush(), metrics.force_flush()];
        sent.into_iter().find_map(Result::err)
    });
    if let Ok(Some(error)) = sent.await {
        tracing::debug!(target: "fc_runtime", error = %error, "telemetry was not taken");
    }
}

/// Makes a span go on with the trace of its caller: W3C's, else the platform's.
pub(crate) fn continue_trace(span: &Span, headers: &HeaderMap) {
    if PROVIDERS.get().is_none() {
        return;
    }
    let mut parent =
        TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers));
    if !parent.span().span_context().is_valid() {
        let platform = headers.get(PLATFORM_SPAN).and_then(|value| value.to_str().ok());
        let Some(context) = platform.and_then(platform_span) else { return };
        parent = Context::new().with_remote_span_context(context);
    }
    let _ = span.set_parent(parent);
}

/// `{trace}:{span}:{parent}:{flags}` in hexadecimal, as Jaeger's clients write it (jaegertracing.io, "Propagation Format").
fn platform_span(text: &str) -> Option<SpanContext> {
    let mut parts = text.split(':');
    let trace = u128::from_str_radix(parts.next()?, 16).ok()?;
    let span = u64::from_str_radix(parts.next()?, 16).ok()?;
    let flags = u8::from_str_radix(parts.nth(1)?, 16).ok()?;
    let (trace, span) = (TraceId::from(trace), SpanId::from(span));
    let context = SpanContext::new(trace, span, TraceFlags::new(flags & 1), true, TraceState::default());
    context.is_valid().then_some(context)
}

/// Sends to the collector. The exporters call it on threads of their own, outside of any runtime.
#[derive(Debug)]
struct Poster {
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Poster {
    /// TLS by rustls with ring and Mozilla's roots, as for the cloud. Proxies and redirects are not followed.
    fn new() -> Result<Self, LoggingError> {
        let failed = |error: &dyn std::fmt::Display| LoggingError::Telemetry(error.to_string());
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls =
            rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
                .with_safe_default_protocol_versions()
                .map_err(|error| failed(&error))?
                .with_root_certificates(roots)
                .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| failed(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self { http, runtime: runtime.map_err(|error| failed(&error))? })
    }

    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let mut response = self.http.execute(reqwest::Request::try_from(request)?).await?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err("the answer of the collector is too long".into());
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = Response::new(body.freeze());
        *answer.status_mut() = response.status();
        answer.headers_mut().clone_from(response.headers());
        Ok(answer)
    }
}

#[async_trait]
impl HttpClient for Poster {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        self.runtime.block_on(self.post(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_of_the_platform_is_read() {
        let span = platform_span("4bf92f3577b34da6:00f067aa0ba902b7:0:1").unwrap();
        assert_eq!(span.trace_id().to_string(), "00000000000000004bf92f3577b34da6");
        assert_eq!(span.span_id().to_string(), "00f067aa0ba902b7");
        assert!(span.is_sampled() && span.is_remote());
        for malformed in ["", "1:2:3", "0:0:0:1", "x:1:1:1", "1:2:0:zz", ":::"] {
            assert!(platform_span(malformed).is_none(), "{malformed}");
        }
    }
}
