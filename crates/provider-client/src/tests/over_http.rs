//! The client against servers on real sockets, each with a manner of its own.

use std::time::Duration;

use engine::{Job, Performed, Performer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{KEY, captured, charge, class, refund, void};
use crate::http_provider::HttpProvider;
use crate::settings::{ClientError, ClientSettings};
use crate::transport::MAX_ANSWER;

const CAPTURED: &str = r#"{"status":"captured","reference":"ch_1","amount":100.50,"currency":"USD"}"#;

/// Long enough never to matter.
const LONG: Duration = Duration::from_secs(300);

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address.to_string())
}

fn client(address: &str, time_limit: Duration) -> HttpProvider {
    let base_url = format!("http://{address}/");
    HttpProvider::new(&ClientSettings { base_url, time_limit, idle_connections: 4 }).unwrap()
}

/// A client over TLS. No handshake of it ever ends well: nobody here has a certificate.
fn tls_client(address: &str, time_limit: Duration) -> HttpProvider {
    let base_url = format!("https://{address}");
    HttpProvider::new(&ClientSettings { base_url, time_limit, idle_connections: 4 }).unwrap()
}

fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Reads one request with its body, to the last byte.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    let mut buffer = [0; 4_096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        if read == 0 || is_whole(&request) {
            return request;
        }
    }
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

/// Accepts one connection, and answers each request on it with the next of the responses; then closes it.
async fn serve(listener: &TcpListener, responses: &[String]) -> Vec<String> {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut requests = Vec::new();
    for response in responses {
        requests.push(read_request(&mut stream).await);
        stream.write_all(response.as_bytes()).await.unwrap();
    }
    requests
}

/// What comes of a job at a server that answers with these bytes, and what the server was asked.
async fn exchange(job: &Job, response: String) -> (Performed, String) {
    let (listener, address) = listen().await;
    let client = client(&address, LONG);
    let responses = [response];
    let (performed, mut requests) = tokio::join!(client.perform(job), serve(&listener, &responses));
    (performed, requests.remove(0))
}

#[tokio::test]
async fn a_charge_is_sent_with_its_key_and_its_answer_read() {
    let (performed, request) = exchange(&charge(), response("200 OK", CAPTURED)).await;
    assert_eq!(performed, captured());
    assert!(request.starts_with("POST /api/v1/payments/process HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("idempotency-key: {KEY}\r\n")), "{request}");
    let body = r#"{"order_id":"00000000-0000-0000-0000-000000000001","amount":100.50,"currency":"USD","payment_method":"card"}"#;
    assert!(request.ends_with(body), "{request}");
}

#[tokio::test]
async fn a_void_and_a_refund_name_the_key_of_the_charge() {
    let (performed, request) = exchange(&void(), response("200 OK", r#"{"status":"voided"}"#)).await;
    assert_eq!(class(&performed), "answered");
    assert!(request.starts_with("POST /api/v1/payments/void HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with(&format!(r#"{{"charge_key":"{KEY}"}}"#)), "{request}");

    let refunded = response("200 OK", r#"{"status":"refunded","reference":"re_1"}"#);
    let (performed, request) = exchange(&refund(), refunded).await;
    assert_eq!(class(&performed), "answered");
    assert!(request.starts_with("POST /api/v1/payments/refund HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("idempotency-key: refund-1\r\n"), "{request}");
    let body = format!(r#"{{"charge_key":"{KEY}","amount":0.50,"currency":"USD"}}"#);
    assert!(request.ends_with(&body), "{request}");
}

#[tokio::test]
async fn statuses_are_classified() {
    for (status, expected) in [
        ("409 Conflict", "unknown"),
        ("404 Not Found", "unknown"),
        ("422 Unprocessable Content", "failed"),
        ("429 Too Many Requests", "unavailable"),
        ("500 Internal Server Error", "failed"),
        ("503 Service Unavailable", "unavailable"),
    ] {
        let (performed, _) = exchange(&charge(), response(status, "{}")).await;
        assert_eq!(class(&performed), expected, "{status}");
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_short_leaves_the_outcome_unknown() {
    let mut cut = response("200 OK", CAPTURED);
    cut.truncate(cut.len() - 1);
    for answer in [cut, "HTTP/1.1 200 O".to_owned(), String::new()] {
        let (performed, _) = exchange(&charge(), answer.clone()).await;
        assert_eq!(class(&performed), "unknown", "{answer}");
    }
}

#[tokio::test]
async fn garbage_leaves_the_outcome_unknown() {
    for answer in ["220 mail.example ESMTP\r\n\r\n".to_owned(), response("200 OK", "\u{fffd}{")] {
        let (performed, _) = exchange(&charge(), answer.clone()).await;
        assert_eq!(class(&performed), "unknown", "{answer}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat(MAX_ANSWER + 1));
    let (listener, address) = listen().await;
    let client = client(&address, LONG);
    let job = charge();
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(endless.as_bytes()).await.unwrap();
        stream
    };
    // The server keeps the connection open: only the limit can end the reading.
    let (performed, _open) = tokio::join!(client.perform(&job), server);
    assert_eq!(class(&performed), "unknown");
}

#[tokio::test]
async fn silence_leaves_the_outcome_unknown() {
    // Nobody accepts: the system completes the connection, and no answer ever comes. The limit leaves time to send before it
    // is over, also on a machine that is paused for a second.
    let (_listener, address) = listen().await;
    let performed = client(&address, Duration::from_secs(5)).perform(&charge()).await;
    assert_eq!(
        performed,
        Performed::Unknown("the provider gave no answer: no answer within 5000 ms".to_owned())
    );
}

#[tokio::test]
async fn a_refused_connection_means_that_nobody_was_there() {
    let (listener, address) = listen().await;
    drop(listener);
    assert_eq!(class(&client(&address, LONG).perform(&charge()).await), "unavailable");
    assert_eq!(class(&tls_client(&address, LONG).perform(&charge()).await), "unavailable");
}

#[tokio::test]
async fn a_failed_handshake_means_that_nothing_was_sent() {
    let (listener, address) = listen().await;
    let client = tls_client(&address, LONG);
    let job = charge();
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        stream
    };
    let (performed, _open) = tokio::join!(client.perform(&job), server);
    assert_eq!(class(&performed), "unavailable");
}

#[tokio::test]
async fn a_handshake_that_gets_no_answer_means_that_nothing_was_sent() {
    // Nobody accepts: the system completes the connection, and the handshake is never answered.
    let (_listener, address) = listen().await;
    let performed = tls_client(&address, Duration::from_millis(200)).perform(&charge()).await;
    assert_eq!(class(&performed), "unavailable");
}

#[tokio::test]
async fn calls_share_a_connection() {
    let (listener, address) = listen().await;
    let client = client(&address, LONG);
    let job = charge();
    let twice = async { [client.perform(&job).await, client.perform(&job).await] };
    let responses = [response("200 OK", CAPTURED), response("200 OK", CAPTURED)];
    let (performed, requests) = tokio::join!(twice, serve(&listener, &responses));
    assert_eq!(performed, [captured(), captured()]);
    assert_eq!(requests.len(), 2);
}

#[tokio::test]
async fn a_key_that_no_header_can_carry_is_never_sent() {
    let mut job = refund();
    job.data = job.data.replace("refund-1", "refund\\n1");
    let (listener, address) = listen().await;
    drop(listener);
    assert_eq!(class(&client(&address, LONG).perform(&job).await), "failed");
}

#[test]
fn an_address_that_is_none_is_refused() {
    for base_url in
        ["", "localhost:8005", "/payments", "ftp://host", "http://", "http://host?x=1", "http://a b"]
    {
        let refused = HttpProvider::new(&ClientSettings::new(base_url));
        assert!(matches!(refused, Err(ClientError::Address(_))), "{base_url}");
    }
}
