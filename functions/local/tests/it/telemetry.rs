//! `OTEL_…`: traces and metrics reach a collector, with nothing in them that is secret.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Condvar, Mutex};

use cloud_emulator::deployment::{Deployment, Program};
use cloud_emulator::{Options, Scenario};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use crate::http;
use crate::world::{PATIENCE, Process, bare};

/// Path and body of everything that was sent.
type Received = Arc<(Mutex<Vec<(String, Vec<u8>)>>, Condvar)>;

/// A collector on loopback that takes everything. Its threads end with the process.
struct Collector {
    address: String,
    received: Received,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let received = Received::default();
        let shared = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || take(stream, &shared));
            }
        });
        Self { address, received }
    }

    /// Waits until what was sent holds what is looked for.
    fn wait_for<T>(&self, what: &str, look: impl Fn(&[(String, Vec<u8>)]) -> Option<T>) -> T {
        let (received, changed) = &*self.received;
        let mut held = received.lock().unwrap();
        loop {
            if let Some(found) = look(&held) {
                return found;
            }
            let (guard, late) = changed.wait_timeout(held, PATIENCE).unwrap();
            held = guard;
            assert!(!late.timed_out(), "{what} was not sent");
        }
    }
}

/// Answers the requests of a connection.
fn take(stream: TcpStream, received: &Received) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let path = line.split(' ').nth(1)?.to_owned();
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            if header.trim().is_empty() {
                break;
            }
            let (name, value) = header.split_once(':')?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        received.0.lock().unwrap().push((path, body));
        received.1.notify_all();
        (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()?;
    }
}

fn spans(received: &[(String, Vec<u8>)]) -> Vec<Span> {
    let bodies = received.iter().filter(|(path, _)| path == "/v1/traces");
    let requests = bodies.map(|(_, body)| ExportTraceServiceRequest::decode(body.as_slice()).unwrap());
    requests
        .flat_map(|request| request.resource_spans)
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans)
        .collect()
}

fn metrics(received: &[(String, Vec<u8>)]) -> BTreeSet<String> {
    let bodies = received.iter().filter(|(path, _)| path == "/v1/metrics");
    let requests = bodies.map(|(_, body)| ExportMetricsServiceRequest::decode(body.as_slice()).unwrap());
    requests
        .flat_map(|request| request.resource_metrics)
        .flat_map(|resource| resource.scope_metrics)
        .flat_map(|scope| scope.metrics)
        .map(|metric| metric.name)
        .collect()
}

/// `reaper serve --emulated` that tells the collector, and its address.
fn serve(collector: &Collector, folder: &Path, more: &[(&str, &str)]) -> (Process, String) {
    let mut command = bare(folder);
    command
        .args(["serve", "--emulated", "--listen", "127.0.0.1:0"])
        .env(
            "REAPER_API_TOKENS",
            "anna:viewer:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        )
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.address)
        .env("OTEL_METRIC_EXPORT_INTERVAL", "100")
        .env("OTEL_BSP_SCHEDULE_DELAY", "100")
        .envs(more.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = Process(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.strip_prefix("listening on ").unwrap().split(',').next().unwrap().to_owned();
    (process, address)
}

#[test]
fn a_sweep_and_a_request_reach_the_collector_as_spans_and_metrics() {
    let collector = Collector::start();
    let folder = tempfile::tempdir().unwrap();
    let (_process, address) = serve(&collector, folder.path(), &[]);

    let sweep = collector
        .wait_for("the sweep", |received| spans(received).into_iter().find(|span| span.name == "sweep"));
    collector.wait_for("a call within the sweep", |received| {
        let of_sweep = |span: &Span| span.name == "cloud.call" && span.trace_id == sweep.trace_id;
        spans(received).into_iter().find(of_sweep)
    });
    collector.wait_for("a revocation of the sweep", |received| {
        let of_sweep = |span: &Span| span.name == "revocation" && span.trace_id == sweep.trace_id;
        spans(received).into_iter().find(of_sweep)
    });
    let wanted = [
        "reaper.cloud.call.seconds",
        "reaper.cloud.retries",
        "reaper.held",
        "reaper.revocation.steps",
        "reaper.store.append.seconds",
        "reaper.sweep.errors",
        "reaper.sweep.seconds",
    ];
    collector.wait_for("all metrics of a sweep", |received| {
        let told = metrics(received);
        wanted.iter().all(|name| told.contains(*name)).then_some(())
    });

    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    http::request(&address, "GET", "/healthz", &[("traceparent", &parent)], "");
    let invocation = collector.wait_for("the request as part of the caller's trace", |received| {
        let of_caller =
            |span: &Span| span.name == "invocation" && span.trace_id == hex::decode(trace).unwrap();
        spans(received).into_iter().find(of_caller)
    });
    assert_eq!(invocation.parent_span_id, hex::decode("00f067aa0ba902b7").unwrap());
    collector.wait_for("the request as a metric", |received| {
        metrics(received).contains("reaper.invocation.seconds").then_some(())
    });

    let received = collector.received.0.lock().unwrap();
    for (path, body) in received.iter() {
        let text = String::from_utf8_lossy(body);
        for secret in ["EmulatedReaperSec", "EmulatedReaperSecurityToken", "aaaaaaaaaaaaaaaa"] {
            assert!(!text.contains(secret), "{path} holds a secret");
        }
    }
    assert!(spans(&received).iter().all(|span| span.events.is_empty()), "no log lines are sent");
}

/// Function Compute is no client that sends `traceparent`: it names its own span, in a header of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_by_function_compute_goes_on_with_the_trace_that_the_platform_names() {
    let collector = Collector::start();
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::new(env!("CARGO_BIN_EXE_reaper"), folder.path().join("events.sqlite"))
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.address)
        .env("REAPER_CLOUD_CALLS_PER_SECOND", "10000");
    program.tracing = true;
    let deployment = Deployment::start(Scenario::believable(), Options::default(), &program).await.unwrap();
    let invoked = deployment.functions.invoke("expiry-sweep", r#"{"payload":"look"}"#).await.unwrap();

    let platform = invoked.span().unwrap();
    let of_call = |span: &&Span| span.trace_id == platform.trace.to_be_bytes();
    // Everything is sent before the answer.
    let received = collector.received.0.lock().unwrap();
    let spans = spans(&received);
    let invocation = spans.iter().filter(of_call).find(|span| span.name == "invocation").unwrap();
    assert_eq!(invocation.parent_span_id, platform.span.to_be_bytes());
    let sweep = spans.iter().filter(of_call).find(|span| span.name == "sweep").unwrap();
    assert_eq!(sweep.parent_span_id, invocation.span_id, "the work is part of the call");
    assert!(spans.iter().filter(of_call).any(|span| span.name == "cloud.call"));
}

#[test]
fn switched_off_nothing_is_sent() {
    let collector = Collector::start();
    let folder = tempfile::tempdir().unwrap();
    let (mut process, address) = serve(&collector, folder.path(), &[("OTEL_SDK_DISABLED", "true")]);
    http::request(&address, "GET", "/healthz", &[], "");
    // Whatever waits is sent at the end.
    kill(Pid::from_raw(process.0.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    assert!(process.0.wait().unwrap().success());
    assert!(collector.received.0.lock().unwrap().is_empty());
}
