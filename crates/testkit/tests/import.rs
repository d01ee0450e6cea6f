//! The commands about orders on the release binary: an import whose client or server is killed half-way, and run again,
//! has placed every line once; and what is told by the others, and by a server that stops.
//!
//! It needs the binary: `cargo build --release`, then `cargo test -p ordo-testkit --test import -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::NamedTempFile;
use testkit::binary::{Client, Engine, Fleet};
use testkit::proxy::Proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::block_in_place;

const DOCUMENT: &str = include_str!("../../../docs/examples/full-document.json");
/// Lines of the file.
const LINES: usize = 3_000;
/// Every so many lines there is one that is no order: the first in the middle of so many.
const BAD_EVERY: usize = 500;
const SIGKILL: i32 = 9;

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn an_import_whose_client_is_killed_and_run_again_places_every_line_once() {
    run(async |fleet| {
        let mut shop = fleet.shop(None).await;
        let file = file();
        let path = file.path().to_str().unwrap();
        let line = Proxy::to(fleet.shop_url().trim_start_matches("http://").parse().unwrap()).await;
        line.slow(Duration::from_millis(50)).await;
        let mut first =
            start(fleet.client(&format!("http://{}", line.address()), &["orders", "import", path]));
        block_in_place(|| until_said(&mut first, "line 1250: "));
        first.kill().unwrap();
        let killed = block_in_place(|| first.wait()).unwrap();
        assert_eq!(killed.signal(), Some(SIGKILL), "the import was over before it was killed");
        drop(line);
        let placed = orders(&Client::new(fleet.shop_url())).await.len();
        println!("{placed} orders were placed when the import was killed");

        let again = fleet.client(&fleet.shop_url(), &["orders", "import", path, "--json"]).output().unwrap();
        assert_eq!(summary(&again)["retries"], 0);
        every_line_is_there_once(fleet).await;
        let third = fleet.client(&fleet.shop_url(), &["orders", "import", path, "--json"]).output().unwrap();
        summary(&third);
        every_line_is_there_once(fleet).await;
        shop.stop().await;
        fleet.audit();
    });
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn an_import_goes_on_when_its_server_was_killed() {
    run(async |fleet| {
        let crash = "orders/commit.after:4";
        let mut shop = fleet.shop(Some(crash)).await;
        let file = file();
        let path = file.path().to_str().unwrap();
        let import = start(fleet.client(&fleet.shop_url(), &["orders", "import", path, "--json"]));
        shop.dies(crash).await;
        let mut shop = fleet.shop(None).await;
        let ended = block_in_place(|| import.wait_with_output()).unwrap();
        assert!(summary(&ended)["retries"].as_u64().unwrap() > 0, "{ended:?}");
        every_line_is_there_once(fleet).await;
        shop.stop().await;
        fleet.audit();
    });
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn orders_are_placed_shown_listed_and_refused_in_a_line() {
    run(async |fleet| {
        let mut shop = fleet.shop(None).await;
        let url = fleet.shop_url();
        let say = |arguments: &[&str]| {
            let arguments = [&["orders"], arguments].concat();
            block_in_place(|| fleet.client(&url, &arguments).output()).unwrap()
        };
        let order = r#"{"customer_name": "Ann", "total_amount": 7.20}"#;
        let placed = json_of(&say(&["place", order, "--key", "k", "--json"]));
        let id = placed["id"].as_str().unwrap();
        assert_eq!(json_of(&say(&["place", order, "--key", "k", "--json"])), placed, "one key is one order");
        assert_eq!(json_of(&say(&["get", id, "--json"]))["customer_name"], "Ann");
        assert!(text(&say(&["get", id])).contains("7.20 USD"));
        let listed = text(&say(&["list", "--limit", "5"]));
        assert!(listed.lines().count() == 2 && listed.contains(id), "{listed}");
        assert_eq!(json_of(&say(&["list", "--status", "cancelled", "--json"])), json!([]));
        is_refused(&say(&["place", "{}"]), 1, "422");
        is_refused(&say(&["get", "no-such-order"]), 1, "404");
        is_refused(&say(&["import", "/no/such/file"]), 1, "/no/such/file");
        let csv = NamedTempFile::with_suffix(".csv").unwrap();
        writeln!(
            csv.as_file(),
            "customer_name,total_amount,product_id,quantity\nAnn,1.50,,\n,,margherita,2\nBob,x,,"
        )
        .unwrap();
        let imported = say(&["import", csv.path().to_str().unwrap(), "--json"]);
        is_refused(&imported, 1, "line 4: 422 invalid-content: /total_amount");
        assert_eq!(json_of(&imported)["placed"], 2);
        assert_eq!(json_of(&say(&["list", "-q", "ANN margh", "--json"])), json!([]));
        assert_eq!(
            json_of(&say(&["list", "-q", "ann", "--total-min", "7", "--json"])),
            json!([placed_again(&say, id)])
        );
        exported(&say);
        shop.stop().await;
        is_refused(&say(&["export"]), 3, "is `ordo serve` running?");
        is_refused(&say(&["place", order]), 3, "--key");
        is_refused(
            &say(&["import", csv.path().to_str().unwrap(), "--patience", "1s"]),
            3,
            "run the same command again",
        );
        assert!(text(&fleet.client(&url, &["completions", "bash"]).output().unwrap()).contains("import"));
        fleet.audit();
    });
}

/// The order as it is by now.
fn placed_again(say: &impl Fn(&[&str]) -> Output, id: &str) -> Value {
    json_of(&say(&["get", id, "--json"]))
}

/// Three orders, of which two cost less than two dollars or are a pizza.
fn exported(say: &impl Fn(&[&str]) -> Output) {
    let ndjson = say(&["export"]);
    assert_eq!(text(&ndjson).lines().count(), 3);
    assert!(String::from_utf8_lossy(&ndjson.stderr).starts_with("3 orders exported"), "{ndjson:?}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("few.csv");
    text(&say(&["export", "--total-max", "2", "-o", path.to_str().unwrap()]));
    let csv = std::fs::read_to_string(&path).unwrap();
    assert!(
        csv.starts_with("id,status,") && csv.lines().count() == 2 && csv.contains(",Ann,1.50,USD,"),
        "{csv}"
    );
    let nowhere = folder.path().join("no/such/folder.csv");
    is_refused(&say(&["export", "-o", nowhere.to_str().unwrap()]), 1, "folder.csv");
    is_refused(&say(&["export", "-q", "a"]), 1, "400 invalid-parameter");
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn a_server_that_stops_says_so_to_a_batch_and_does_not_wait_for_its_end() {
    run(async |fleet| {
        let mut shop = fleet.shop(None).await;
        let mut line = TcpStream::connect(fleet.shop_url().trim_start_matches("http://")).await.unwrap();
        let order = r#"{"customer_name": "Ann", "total_amount": 7.20}"#;
        let head = "POST /api/v1/orders/batch HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n";
        let begun = format!("{head}{:x}\r\n{order}\n\r\n", order.len() + 1);
        line.write_all(begun.as_bytes()).await.unwrap();
        let mut told = Vec::new();
        while !String::from_utf8_lossy(&told).contains(r#""line":1,"status":201"#) {
            assert!(line.read_buf(&mut told).await.unwrap() > 0, "it ends before the line is answered");
        }
        shop.stop().await;
        line.read_to_end(&mut told).await.unwrap();
        let told = String::from_utf8_lossy(&told);
        assert!(told.contains(r#""line":2,"status":503"#) && told.ends_with("0\r\n\r\n"), "{told}");
        fleet.audit();
    });
}

fn run(test: impl AsyncFnOnce(&Fleet)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let fleet = Fleet::on(Engine::Embedded).await;
        test(&fleet).await;
        fleet.close().await;
    });
}

/// A file of orders in all five forms, each of which says which line it is. Some are paid, some are declined.
fn file() -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    (1..=LINES).for_each(|number| writeln!(file, "{}", line(number)).unwrap());
    file
}

fn line(number: usize) -> String {
    if is_bad(number) {
        return format!(r#"{{"customer_name": "", "total_amount": {number}}}"#);
    }
    let metadata = format!(r#""metadata": {{"line": {number}}}"#);
    match number % 6 {
        0 => format!(
            r#"{{"customer_name": "A", "total_amount": {number}.50, "payment_method": "card", {metadata}}}"#
        ),
        1 => format!(
            r#"{{"customer_id": "c", "items": [{{"product_id": "p", "quantity": 2, "price": 10.50}}], {metadata}}}"#
        ),
        2 => format!(
            r#"{{"items": [{{"pizzaId": "margherita", "quantity": 1}}], "paymentMethod": "card", {metadata}}}"#
        ),
        3 => format!(
            r#"{{"user_id": "u", "amount": "{number}", "products": [{{"product_id": "p", "quantity": 1}}], {metadata}}}"#
        ),
        4 => {
            let mut document: Value = serde_json::from_str(DOCUMENT).unwrap();
            document["order_uid"] = json!(format!("line-{number}"));
            document.to_string()
        }
        _ => format!(
            r#"{{"customer_name": "B", "total_amount": {number}, "payment_method": "card-declined", {metadata}}}"#
        ),
    }
}

fn is_bad(number: usize) -> bool {
    number % BAD_EVERY == BAD_EVERY / 2
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until the command says something that begins like this.
fn until_said(child: &mut Child, beginning: &str) {
    let said = BufReader::new(child.stderr.as_mut().unwrap()).lines().map_while(Result::ok);
    let mut before = Vec::new();
    for line in said {
        if line.starts_with(beginning) {
            return;
        }
        before.push(line);
    }
    let mut out = String::new();
    child.stdout.as_mut().unwrap().read_to_string(&mut out).unwrap();
    panic!("it never says {beginning}, but {before:?}, and ends with {out}");
}

/// What an import tells at its end: all but the bad lines are placed.
fn summary(output: &Output) -> Value {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let summary = json_of(output);
    let bad = (1..=LINES).filter(|number| is_bad(*number)).count();
    let counts = (&summary["lines"], &summary["placed"], &summary["refused"]);
    assert_eq!(counts, (&json!(LINES), &json!(LINES - bad), &json!(bad)), "{told}");
    let reported = told.lines().filter(|line| line.starts_with("line ")).count();
    assert_eq!(reported, bad, "{told}");
    println!("{summary}");
    summary
}

/// Every line but the bad ones is an order, once, and has ended as it had to.
async fn every_line_is_there_once(fleet: &Fleet) {
    let client = Client::new(fleet.shop_url());
    let moving = ["PENDING", "PAID"];
    client
        .until("all orders end", async || {
            for status in moving {
                let (_, orders) = client.get(&format!("/api/v1/orders?limit=1&status={status}")).await?;
                orders.as_array().unwrap().is_empty().then_some(())?;
            }
            Some(())
        })
        .await;
    let mut lines = BTreeSet::new();
    for order in orders(&client).await {
        let number = number(&order);
        assert!(lines.insert(number), "line {number} was placed twice");
        let is_declined = number % 6 == 5;
        let expected = if is_declined { "FAILED" } else { "PROCESSED" };
        assert_eq!(
            (&order["status"], order["reason"].is_object()),
            (&json!(expected), is_declined),
            "{order}"
        );
    }
    let all: BTreeSet<_> = (1..=LINES).filter(|number| !is_bad(*number)).collect();
    assert_eq!(lines, all);
}

/// The line that an order says it is from.
fn number(order: &Value) -> usize {
    match order["external_id"].as_str() {
        Some(id) => id.trim_start_matches("line-").parse().unwrap(),
        None => usize::try_from(order["metadata"]["line"].as_u64().unwrap()).unwrap(),
    }
}

/// All orders there are.
async fn orders(client: &Client) -> Vec<Value> {
    let (mut orders, limit) = (Vec::new(), 1_000);
    loop {
        let path = format!("/api/v1/orders?limit={limit}&skip={}", orders.len());
        let (status, page) = client.get(&path).await.unwrap();
        assert_eq!(status, 200, "{page}");
        let page = page.as_array().unwrap().clone();
        let is_last = page.len() < limit;
        orders.extend(page);
        if is_last {
            return orders;
        }
    }
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// The command ends with this status, and what it says has this in it; but for retries it is one line.
fn is_refused(output: &Output, status: i32, part: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    let lines: Vec<_> = said.lines().filter(|line| !line.starts_with("trying again: ")).collect();
    assert!(lines.len() == 1 && lines[0].contains(part), "{said}");
}
