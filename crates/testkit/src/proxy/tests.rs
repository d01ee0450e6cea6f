//! The proxy, before a server that says again what it hears.

use tokio::time::timeout;

use super::*;
use crate::conformance::run;
use crate::patience::within;

/// Too short for anything to come, long enough for it to be on its way.
const MOMENT: Duration = Duration::from_millis(50);

/// A server that says again what it hears, until it is dropped.
struct Echo {
    address: SocketAddr,
    _work: JoinSet<()>,
}

impl Echo {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (address, mut work) = (listener.local_addr().unwrap(), JoinSet::new());
        work.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                open.spawn(async move {
                    let (mut from, mut to) = client.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        Self { address, _work: work }
    }
}

async fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.unwrap()
}

async fn hears(client: &mut TcpStream, length: usize) -> io::Result<Vec<u8>> {
    let mut heard = vec![0; length];
    within("the echo comes back", client.read_exact(&mut heard)).await?;
    Ok(heard)
}

async fn echoes(client: &mut TcpStream, said: &[u8]) {
    client.write_all(said).await.unwrap();
    assert_eq!(hears(client, said.len()).await.unwrap(), said);
}

async fn is_reset(client: &mut TcpStream) {
    let end = hears(client, 1).await.unwrap_err();
    assert_eq!(end.kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn a_fair_line_carries_everything_and_its_end() {
    run(async {
        let echo = Echo::start().await;
        let proxy = Proxy::to(echo.address).await;
        let mut client = connect(&proxy).await;
        let said: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let (mut from, mut to) = client.split();
        let (mut heard, speak) = (Vec::new(), async {
            to.write_all(&said).await.unwrap();
            to.shutdown().await.unwrap();
        });
        let (_, end) =
            within("all comes back", async { tokio::join!(speak, from.read_to_end(&mut heard)) }).await;
        assert_eq!((end.unwrap(), heard == said), (said.len(), true));
    });
}

#[test]
fn a_cut_ends_what_is_open_and_nothing_else() {
    run(async {
        let echo = Echo::start().await;
        let proxy = Proxy::to(echo.address).await;
        let (mut one, mut other) = (connect(&proxy).await, connect(&proxy).await);
        echoes(&mut one, b"one").await;
        echoes(&mut other, b"other").await;
        proxy.cut().await;
        is_reset(&mut one).await;
        is_reset(&mut other).await;
        echoes(&mut connect(&proxy).await, b"again").await;
    });
}

#[test]
fn a_storm_cuts_in_the_middle_and_passes() {
    run(async {
        let echo = Echo::start().await;
        let proxy = Proxy::to(echo.address).await;
        proxy.storm(2, 100);
        for _ in 0..2 {
            assert!(!proxy.is_calm());
            let mut client = connect(&proxy).await;
            echoes(&mut client, &[7; 40]).await;
            // The half of what would be more than is let through reaches the server, and nobody hears of it.
            client.write_all(&[7; 40]).await.unwrap();
            is_reset(&mut client).await;
        }
        assert!(proxy.is_calm());
        echoes(&mut connect(&proxy).await, &[7; 400]).await;
    });
}

#[test]
fn a_line_that_is_away_refuses_until_it_heals() {
    run(async {
        let echo = Echo::start().await;
        let proxy = Proxy::to(echo.address).await;
        let mut client = connect(&proxy).await;
        echoes(&mut client, b"before").await;
        proxy.refuse().await;
        is_reset(&mut client).await;
        let refused = TcpStream::connect(proxy.address()).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        proxy.heal().await;
        echoes(&mut connect(&proxy).await, b"after").await;
    });
}

#[test]
fn what_is_said_into_a_silence_is_heard_behind_it() {
    run(async {
        let echo = Echo::start().await;
        let proxy = Proxy::to(echo.address).await;
        let mut old = connect(&proxy).await;
        echoes(&mut old, b"before").await;
        proxy.silence().await;
        let mut new = connect(&proxy).await;
        for client in [&mut old, &mut new] {
            client.write_all(b"hush").await.unwrap();
            assert!(timeout(MOMENT, client.read_u8()).await.is_err(), "nothing comes through");
        }
        proxy.heal().await;
        for client in [&mut old, &mut new] {
            assert_eq!(hears(client, 4).await.unwrap(), b"hush");
        }
    });
}

#[test]
fn a_slow_line_takes_its_time() {
    run(async {
        let echo = Echo::start().await;
        let proxy = Proxy::to(echo.address).await;
        let mut client = connect(&proxy).await;
        proxy.slow(MOMENT).await;
        client.write_all(b"slow").await.unwrap();
        assert!(timeout(MOMENT, client.read_u8()).await.is_err(), "it takes a moment there and one back");
        assert_eq!(hears(&mut client, 4).await.unwrap(), b"slow");
    });
}

#[test]
fn a_server_that_is_not_there_ends_the_connection() {
    run(async {
        let echo = Echo::start().await;
        let proxy = Proxy::to(echo.address).await;
        drop(echo);
        let mut client = connect(&proxy).await;
        assert!(hears(&mut client, 1).await.is_err());
    });
}
