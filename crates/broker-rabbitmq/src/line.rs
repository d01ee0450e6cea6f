//! One connection, from its making to its end.

use std::io;
use std::time::Duration;

use lapin::tcp::{AsyncTcpStream, TLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Channel, Connection, ConnectionProperties};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::failure::{Failure, within};
use crate::socket::{Socket, Unfinished};

/// A connection. It closes with its last channel, once it is dropped.
pub(crate) struct Line {
    connection: Connection,
    socket: Socket,
    limit: Duration,
}

impl Line {
    /// Connects within `limit`, or leaves nothing behind. What the connection does on its own it does on `runtime`.
    pub async fn open(uri: &AMQPUri, name: &str, limit: Duration, runtime: &Handle) -> Result<Self, Failure> {
        let client = {
            let _entered = runtime.enter();
            lapin::runtime::default_runtime()?
        };
        let socket = Socket::default();
        let (kept, unfinished) = (socket.clone(), Unfinished::new(socket.clone()));
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connect = Connection::connector(
            uri.clone(),
            client,
            async move |uri, client| {
                let stream = async {
                    let place = (uri.authority.host.clone(), uri.authority.port);
                    let stream = AsyncTcpStream::connect(&client, client.to_socket_addrs(place)).await?;
                    if let AsyncTcpStream::Plain(plain) = &stream {
                        kept.keep(plain.get_ref())?;
                    }
                    match uri.scheme {
                        AMQPScheme::AMQP => Ok(stream),
                        AMQPScheme::AMQPS => stream.into_tls(&uri.authority.host, TLSConfig::default()).await,
                    }
                };
                Ok(timeout(limit, stream).await.map_err(io::Error::from)??)
            },
            properties,
        );
        let connection = within(limit, connect).await?;
        unfinished.finish();
        Ok(Self { connection, socket, limit })
    }

    /// Whether it was not lost, as far as is known.
    pub fn is_open(&self) -> bool {
        self.connection.status().connected()
    }

    /// A new channel. If the server does not answer, this connection is of no use to anybody any more, and all of its
    /// channels end.
    pub async fn channel(&self) -> Result<Channel, Failure> {
        if self.connection.status().blocked() {
            return Err(Failure::Blocked);
        }
        let opened = within(self.limit, self.connection.create_channel()).await;
        if matches!(opened, Err(Failure::Late(_))) {
            self.socket.shut();
        }
        opened
    }
}
