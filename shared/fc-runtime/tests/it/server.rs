//! A runtime served in this process.

use std::net::SocketAddr;

use fc_runtime::{Environment, Runtime, RuntimeError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), RuntimeError>>,
}

/// The environment of a function of that name, or with None that of a process outside Function Compute.
pub(crate) fn environment(function: Option<&str>) -> Environment {
    Environment::from_lookup(|key| match key {
        "FC_FUNCTION_NAME" => function.map(str::to_owned),
        "FC_REGION" => Some("cn-hangzhou".to_owned()),
        "ALIBABA_CLOUD_ACCESS_KEY_ID" => Some("STS.env-id".to_owned()),
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET" => Some("env-secret".to_owned()),
        "ALIBABA_CLOUD_SECURITY_TOKEN" => Some("env-token".to_owned()),
        _ => None,
    })
    .expect("a good environment")
}

impl Server {
    /// Serves `runtime` as a function of Function Compute.
    pub(crate) async fn start(runtime: Runtime) -> Self {
        Self::start_in(runtime, environment(Some("probe"))).await
    }

    pub(crate) async fn start_in(runtime: Runtime, environment: Environment) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime.environment(environment).platform_lines(false);
        let task = tokio::spawn(runtime.serve(listener, async {
            let _ = stopped.await;
        }));
        Self { address, stop, task }
    }

    pub(crate) async fn stop(self) -> Result<(), RuntimeError> {
        let _ = self.stop.send(());
        self.task.await.expect("no panic")
    }
}
