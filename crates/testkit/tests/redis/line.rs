//! A line to the server that can be cut.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Whole,
    /// Connections end, and new ones end at once.
    Cut,
    /// Connections stay, and nothing comes through.
    Silent,
}

/// A line to the server.
pub struct Line {
    address: SocketAddr,
    condition: watch::Sender<Condition>,
    /// Ends with the line.
    _work: JoinSet<()>,
}

impl Line {
    /// A whole line to the server at `url`.
    pub async fn to(url: &str) -> Self {
        let host = url.strip_prefix("redis://").unwrap();
        let host = host.split('/').next().unwrap().to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (condition, watched) = watch::channel(Condition::Whole);
        let address = listener.local_addr().unwrap();
        let mut work = JoinSet::new();
        work.spawn(accept(listener, host, watched));
        Self { address, condition, _work: work }
    }

    /// The server, at the end of the line.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    pub fn set(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }
}

async fn accept(listener: TcpListener, host: String, condition: watch::Receiver<Condition>) {
    let mut work = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        work.spawn(carry(client, host.clone(), condition.clone()));
    }
}

async fn carry(mut client: TcpStream, host: String, mut condition: watch::Receiver<Condition>) {
    let mut server = TcpStream::connect(host).await.unwrap();
    loop {
        let now = *condition.borrow_and_update();
        let carried = async {
            match now {
                Condition::Whole => drop(copy_bidirectional(&mut client, &mut server).await),
                Condition::Cut => {}
                Condition::Silent => std::future::pending().await,
            }
        };
        tokio::select! {
            () = carried => return,
            changed = condition.changed() => if changed.is_err() { return },
        }
    }
}
