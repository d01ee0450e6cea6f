use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use broker::{Broker, Capacity, Reader, buffer};
use engine::{Fault, Signal};
use tokio::io::AsyncReadExt;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::consumer::Consuming;
use crate::link::Link;
use crate::session::Subscription;
use crate::settled::Settled;
use crate::tests::{event, reader, settings};
use crate::topology::Topology;
use crate::{RabbitMq, RabbitSettings};

/// A broker whose server is at this port of this machine.
fn at(port: u16) -> RabbitMq {
    let url = format!("amqp://ann:hunter2@127.0.0.1:{port}");
    let settings = RabbitSettings { timeout: Duration::from_millis(100), ..settings(&url) };
    RabbitMq::open(settings, vec![reader("payments", "orders")], Handle::current()).unwrap()
}

/// A port where nobody listens.
fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn without_a_server_all_is_unavailable_and_nothing_waits() {
    let rabbit = at(nobody());
    let results =
        rabbit.publisher().publish(&[event("payment.paid", "{}"), event("payment.failed", "{}")]).await;
    assert_eq!(results.len(), 2);
    for fault in results.into_iter().map(Result::unwrap_err).chain(rabbit.check().await.err()) {
        let Fault::Unavailable(reason) = fault else { panic!("{fault}") };
        assert!(!reason.contains("hunter2"), "{reason}");
    }
    let mut inlet = rabbit.inlet(reader("payments", "orders"), Signal::new()).await.unwrap();
    assert!(inlet.poll(9).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_was_not_named_has_no_inlet() {
    let refused = at(nobody()).inlet(reader("processing", "orders"), Signal::new()).await.err();
    assert!(matches!(refused, Some(Fault::Rejected(_))));
}

/// On both of its connections, of which the server may stop reading one.
#[tokio::test]
async fn a_server_that_says_nothing_is_left() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rabbit = at(listener.local_addr().unwrap().port());
    let fault = rabbit.check().await.unwrap_err();
    assert_eq!(fault, Fault::Unavailable("RabbitMQ: the server did not answer within 100ms".to_owned()));
    for _ in 0..2 {
        let heard = timeout(Duration::from_secs(10), heard(&listener)).await;
        assert_eq!(heard.expect("there are two connections"), b"AMQP\0\0\x09\x01");
    }
}

/// What a client says that gets no answer, until it hangs up.
async fn heard(listener: &tokio::net::TcpListener) -> Vec<u8> {
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut heard = Vec::new();
    socket.read_to_end(&mut heard).await.expect("the other side hangs up");
    heard
}

#[tokio::test]
async fn an_inlet_that_is_dropped_ends_its_consumer() {
    let Reader { topic, .. } = reader("payments", "orders");
    let topology = Arc::new(Topology::new("", Vec::new()).unwrap());
    let (uri, limit) =
        (format!("amqp://127.0.0.1:{}", nobody()).parse().unwrap(), Duration::from_millis(100));
    let link = Arc::new(Link::new("consuming", uri, topology, limit, Handle::current()));
    let subscription = Subscription { link, topic, queue: "q".into(), prefetch: 1, limit };
    let (acknowledge, settled) = Settled::new();
    let capacity = Capacity { messages: 1, bytes: 1 };
    let (feed, inlet) = buffer(topic.source, capacity, Signal::new(), acknowledge);
    let consumer = Handle::current().spawn(Consuming::new(subscription, feed, settled).run());
    tokio::task::yield_now().await;
    drop(inlet);
    timeout(Duration::from_secs(30), consumer).await.unwrap().unwrap();
}
