//! How connections are made: on the runtime of the process, whoever asks for one.

use std::sync::Arc;

use deadpool_postgres::Connect;
use futures::FutureExt;
use futures::future::BoxFuture;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connects with TLS where the URL's `sslmode` asks for it and the server has it.
pub(crate) struct Connector {
    tls: MakeRustlsConnect,
    /// Where connections live. Services are driven on threads of their own, which may end before the connection.
    runtime: Handle,
}

impl Connector {
    /// Trusts the certificates that the machine trusts.
    pub fn new(runtime: Handle) -> Self {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.map(|tls| tls.with_root_certificates(roots).with_no_client_auth());
        let tls = tls.unwrap_or_else(|error| unreachable!("ring has the default protocol versions: {error}"));
        Self { tls: MakeRustlsConnect::new(tls), runtime }
    }

    /// How TLS is spoken.
    pub fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }
}

impl Connect for Connector {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let (config, tls, runtime) = (config.clone(), self.tls.clone(), self.runtime.clone());
        let connecting = self.runtime.spawn(async move {
            let (client, connection) = config.connect(tls).await?;
            let task = runtime.spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a database connection ended");
                }
            });
            Ok((client, task))
        });
        async move {
            match connecting.await {
                Ok(connected) => connected,
                // The runtime is stopping, and with it whoever waits here.
                Err(_) => std::future::pending().await,
            }
        }
        .boxed()
    }
}
