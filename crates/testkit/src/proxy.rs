//! A line that can be broken: a TCP proxy on loopback, between a client and its server.
//!
//! It knows no protocol, so it breaks lines where networks do: between any two bytes. What a method says is so when it
//! returns. It deliberately draws no lots: a test says what happens and when.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::interval;

use crate::patience::{TICK, within};

#[cfg(test)]
mod tests;

/// At most so many bytes are carried at a time.
const CHUNK: usize = 16 * 1024;
/// As many connections may wait for the proxy.
const BACKLOG: u32 = 128;

/// A line to a server.
pub struct Proxy {
    address: SocketAddr,
    wanted: watch::Sender<Wanted>,
    done: watch::Receiver<Done>,
    /// Ends with the proxy, and all connections with it.
    _work: JoinSet<()>,
}

/// How the line is to be.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted {
    condition: Condition,
    /// How often all connections were cut.
    cuts: u64,
    storm: Storm,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Condition {
    #[default]
    Fair,
    /// Every chunk takes so long.
    Slow(Duration),
    /// Connections are open, and nothing comes through.
    Silent,
    /// Nobody listens.
    Away,
}

/// Cuts that come by themselves.
#[derive(Clone, Copy, Debug, Default)]
struct Storm {
    /// How many are yet to come.
    left: u32,
    /// After so many bytes each.
    every: usize,
    /// Carried since the last one.
    carried: usize,
}

/// How the line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Done {
    cuts: u64,
    is_listening: bool,
}

impl Wanted {
    /// How many of these bytes still get through. If not all of them do, the line is cut behind them.
    fn carry(&mut self, length: usize) -> usize {
        let storm = &mut self.storm;
        storm.carried += length;
        if storm.left == 0 || storm.carried < storm.every {
            return length;
        }
        storm.left -= 1;
        storm.carried = 0;
        self.cuts += 1;
        length / 2
    }
}

impl Proxy {
    /// A line to this server, at a port of its own.
    pub async fn to(server: SocketAddr) -> Self {
        Self::at(0, server).await
    }

    /// A line to this server, at this port, once nobody else has it.
    pub async fn at(port: u16, server: SocketAddr) -> Self {
        let place = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let place = within("the proxy's port is free", free(place)).await;
        let address = place.local_addr().expect("an address");
        let (wanted, (done, seen)) = (watch::Sender::default(), watch::channel(Done::default()));
        let mut work = JoinSet::new();
        work.spawn(Work { place, server, wanted: wanted.clone(), done, open: JoinSet::new() }.run());
        let proxy = Self { address, wanted, done: seen, _work: work };
        proxy.is_so(|done| done.is_listening).await;
        proxy
    }

    /// Where clients find it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts all connections. New ones are let through.
    pub async fn cut(&self) {
        self.wanted.send_modify(|wanted| wanted.cuts += 1);
        let cuts = self.wanted.borrow().cuts;
        self.is_so(|done| done.cuts >= cuts).await;
    }

    /// Cuts all connections so many times: each time when so many more bytes have come through, and in the middle of them.
    pub fn storm(&self, cuts: u32, every: usize) {
        self.wanted.send_modify(|wanted| wanted.storm = Storm { left: cuts, every, carried: 0 });
    }

    /// Whether the storm is over.
    pub fn is_calm(&self) -> bool {
        self.wanted.borrow().storm.left == 0
    }

    /// Cuts all connections, and refuses new ones.
    pub async fn refuse(&self) {
        self.turn(Condition::Away).await;
    }

    /// Lets nothing through any more. Connections stay open, and new ones are taken; what is sent waits.
    pub async fn silence(&self) {
        self.turn(Condition::Silent).await;
    }

    /// Lets everything through, but every chunk takes so long.
    pub async fn slow(&self, delay: Duration) {
        self.turn(Condition::Slow(delay)).await;
    }

    /// Lets everything through again, also what was sent into a silence.
    pub async fn heal(&self) {
        self.turn(Condition::Fair).await;
    }

    async fn turn(&self, condition: Condition) {
        self.wanted.send_modify(|wanted| wanted.condition = condition);
        self.is_so(|done| done.is_listening == (condition != Condition::Away)).await;
    }

    async fn is_so(&self, so: impl FnMut(&Done) -> bool) {
        self.done.clone().wait_for(so).await.expect("the proxy works");
    }
}

/// What makes the line be as it is wanted.
struct Work {
    /// Has the port without listening, so that it is given to nobody who asks for any port while the line is away.
    place: TcpSocket,
    server: SocketAddr,
    wanted: watch::Sender<Wanted>,
    done: watch::Sender<Done>,
    open: JoinSet<io::Result<()>>,
}

impl Work {
    async fn run(mut self) {
        let mut wanted = self.wanted.subscribe();
        let mut listener = None;
        loop {
            let now = *wanted.borrow_and_update();
            let is_away = now.condition == Condition::Away;
            listener = if is_away { None } else { listener.or_else(|| Some(self.listen())) };
            if is_away || now.cuts != self.done.borrow().cuts {
                self.open.shutdown().await;
            }
            self.done.send_replace(Done { cuts: now.cuts, is_listening: listener.is_some() });
            tokio::select! {
                biased;
                changed = wanted.changed() => if changed.is_err() { return },
                () = self.take(listener.as_ref()) => {}
            }
        }
    }

    fn listen(&self) -> TcpListener {
        let address = self.place.local_addr().expect("an address");
        socket(address).and_then(|socket| socket.listen(BACKLOG)).expect("the port is the proxy's")
    }

    /// Takes connections, for ever, and forgets those that have ended.
    async fn take(&mut self, listener: Option<&TcpListener>) {
        loop {
            tokio::select! {
                client = accept(listener) => if let Ok(client) = client {
                    self.open.spawn(carry(client, self.server, self.wanted.clone()));
                },
                Some(_) = self.open.join_next() => {}
            }
        }
    }
}

/// Two sockets may have one port as long as at most one of them listens.
fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// A socket there, once nobody else has one.
async fn free(address: SocketAddr) -> TcpSocket {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        if let Ok(socket) = socket(address) {
            return socket;
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.map(|(client, _)| client),
        None => pending().await,
    }
}

/// Both ends of a connection. Dropped before it is over, it is reset: neither end hears a good-bye.
struct Ends {
    client: TcpStream,
    server: TcpStream,
    is_over: bool,
}

impl Drop for Ends {
    fn drop(&mut self) {
        if !self.is_over {
            // Who is gone already cannot be reset, and need not be.
            let _ = (self.client.set_zero_linger(), self.server.set_zero_linger());
        }
    }
}

async fn carry(client: TcpStream, server: SocketAddr, wanted: watch::Sender<Wanted>) -> io::Result<()> {
    let server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let mut ends = Ends { client, server, is_over: false };
    let ((from_client, to_client), (from_server, to_server)) = (ends.client.split(), ends.server.split());
    tokio::try_join!(pump(from_client, to_server, &wanted), pump(from_server, to_client, &wanted))?;
    ends.is_over = true;
    Ok(())
}

async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    wanted: &watch::Sender<Wanted>,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = from.read(&mut chunk).await?;
        wait(wanted).await;
        if length == 0 {
            return to.shutdown().await;
        }
        let through = through(wanted, length);
        to.write_all(&chunk[..through]).await?;
        if through < length {
            // The cut is on its way, and ends this.
            return pending().await;
        }
    }
}

fn through(wanted: &watch::Sender<Wanted>, length: usize) -> usize {
    let mut through = length;
    wanted.send_if_modified(|wanted| {
        through = wanted.carry(length);
        through < length
    });
    through
}

/// Waits out a silence, and as long as a slow line takes.
#[expect(clippy::disallowed_methods, reason = "a line that is slow is one that waits")]
async fn wait(wanted: &watch::Sender<Wanted>) {
    let mut seen = wanted.subscribe();
    let speaks = seen.wait_for(|wanted| wanted.condition != Condition::Silent).await;
    let Ok(Condition::Slow(delay)) = speaks.map(|wanted| wanted.condition) else { return };
    tokio::time::sleep(delay).await;
}
