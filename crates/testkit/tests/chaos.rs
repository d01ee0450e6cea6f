//! What goes wrong, on the release binary: every scenario of `ordo chaos` holds; what is dead is found, sent again and given up
//! with `ordo dlq`, also from a process that does not run the service; and what else a person has at hand: `orders watch`,
//! `doctor`, and pipes that nobody reads to their end.
//!
//! It needs the binary: `cargo build --release`, then `cargo test -p ordo-testkit --test chaos -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use testkit::binary::{Client, Engine, Fleet, free_port};
use tokio::task::block_in_place;

const ORDER: &str = r#"{"customer_name": "Ann", "total_amount": 7.20, "payment_method": "card"}"#;
const KNOBS: &str = "/api/v1/provider/settings";

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test);
}

/// What a command says.
fn said(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = block_in_place(|| command.output().unwrap());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn every_scenario_holds() {
    run(async {
        let fleet = Fleet::on(Engine::Embedded).await;
        let (code, reports, told) =
            said(&mut fleet.client("http://127.0.0.1:9", &["chaos", "run", "--all", "--json"]));
        println!("{told}");
        let reports: Vec<Value> = reports.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let scenarios: Vec<_> = reports.iter().map(|report| report["scenario"].as_str().unwrap()).collect();
        let all = ["declined", "unknown", "provider-outage", "dead-letter", "duplicate", "overload", "crash"];
        assert_eq!((code, &scenarios[..]), (Some(0), &all[..]), "{told}");
        for report in &reports {
            assert_eq!(
                (&report["held"], &report["audit"]["violations"]),
                (&true.into(), &0.into()),
                "{report}"
            );
            assert!(report["audit"]["orders"].as_u64() > Some(0), "{report}");
        }
        let (_, list, _) = said(&mut fleet.client("http://127.0.0.1:9", &["chaos", "list"]));
        assert!(all.iter().all(|scenario| list.contains(scenario)), "{list}");
        fleet.close().await;
    });
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn on_a_running_server_the_knobs_are_put_back() {
    run(async {
        let fleet = Fleet::on(Engine::Embedded).await;
        let provider = Client::new(fleet.provider_url());
        let mut command =
            fleet.client(&fleet.provider_url(), &["chaos", "run", "provider-outage", "--running"]);
        let (code, out, err) = said(&mut command);
        assert_eq!(code, Some(1), "a provider takes no orders: {out}{err}");
        assert!(out.contains("broken off"), "{out}");
        let (_, knobs) = provider.get(KNOBS).await.unwrap();
        assert_eq!(knobs["outage"], false, "what was turned is turned back, whatever ended it: {out}");
        let (code, _, err) =
            said(&mut fleet.client(&fleet.provider_url(), &["chaos", "run", "crash", "--running"]));
        assert!(code == Some(1) && err.contains("kills its server"), "{err}");
        fleet.close().await;
    });
}

/// A fleet whose charges die soon.
async fn impatient(engine: Engine) -> Fleet {
    let mut fleet = Fleet::on(engine).await;
    fleet.say("ORDO_RETRY_PROVIDER_ATTEMPTS", "2");
    fleet.say("ORDO_RETRY_PROVIDER_BASE", "10ms");
    fleet
}

/// Places an order whose charge dies. Answers its id and that of the dead letter.
async fn dead_charge(fleet: &Fleet, door: &str, key: &str) -> (String, String) {
    let (provider, client) = (Client::new(fleet.provider_url()), Client::new(door.to_owned()));
    provider.put(KNOBS, r#"{"failure_rate": 1}"#).await.unwrap();
    let placed = client.until("an order is accepted", async || {
        client.post("/api/v1/orders", key, ORDER).await.filter(|(status, _)| *status == 201)
    });
    let order = placed.await.1["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/dead-letters?order_id={order}");
    let letter = client.until("its charge is a dead letter", async || {
        client.get(&path).await.and_then(|(_, letters)| letters.get(0).cloned())
    });
    let letter = letter.await;
    assert_eq!((&letter["consumer"], &letter["state"]), (&"payments".into(), &"DEAD".into()), "{letter}");
    provider.put(KNOBS, "{}").await.unwrap();
    (order, letter["id"].as_str().unwrap().to_owned())
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn a_dead_letter_is_found_sent_again_and_given_up() {
    run(async {
        let fleet = impatient(Engine::Embedded).await;
        let mut shop = fleet.shop(None).await;
        let (url, client) = (fleet.shop_url(), Client::new(fleet.shop_url()));
        let dlq = |arguments: &[&str]| said(&mut fleet.client(&url, &[&["dlq"], arguments].concat()));
        let (paid, first) = dead_charge(&fleet, &url, "one").await;
        let (_, list, _) = dlq(&["list", "--consumer", "payments"]);
        assert!(list.lines().count() == 2 && list.contains(&first), "{list}");
        let (_, whole, _) = dlq(&["show", &first]);
        assert!(whole.contains(&paid) && whole.contains("body") && whole.contains("exhausted"), "{whole}");

        let (code, out, _) = dlq(&["redrive", "--all", "--event-type", "charge", "--reason", "it is back"]);
        assert!(code == Some(0) && out.contains(&first), "{out}");
        assert_eq!(client.until_terminal(&paid).await["status"], "PROCESSED");
        let (_, resolved, _) = dlq(&["list", "--state", "RESOLVED", "--json"]);
        let resolved: Value = serde_json::from_str(&resolved).unwrap();
        assert_eq!(
            (&resolved[0]["id"], &resolved[0]["act"]["reason"]),
            (&first.clone().into(), &"it is back".into())
        );
        let (code, _, err) = dlq(&["redrive", &first]);
        assert!(code == Some(1) && err.contains("not-dead"), "{err}");

        let (waiting, second) = dead_charge(&fleet, &url, "two").await;
        let (code, out, _) = dlq(&["discard", &second, "--reason", "paid in cash"]);
        assert_eq!((code, out.trim()), (Some(0), format!("{second}: DISCARDED").as_str()));
        let (_, timeline) = client.get(&format!("/api/v1/orders/{waiting}/timeline")).await.unwrap();
        let act = timeline.as_array().unwrap().last().unwrap();
        assert_eq!(
            (&act["kind"], &act["data"]["reason"]),
            (&"operator".into(), &"paid in cash".into()),
            "{act}"
        );
        shop.stop().await;
        fleet.audit();
        let (code, _, err) = dlq(&["list"]);
        assert_eq!(code, Some(3), "the server is away: {err}");
        fleet.close().await;
    });
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn what_was_settled_long_ago_is_forgotten() {
    run(async {
        let mut fleet = impatient(Engine::Embedded).await;
        fleet.say("ORDO_ENGINE_DEAD_LETTER_RETENTION", "1s");
        let mut shop = fleet.shop(None).await;
        let (_, settled) = dead_charge(&fleet, &fleet.shop_url(), "one").await;
        let (_, dead) = dead_charge(&fleet, &fleet.shop_url(), "two").await;
        let (code, _, err) = said(&mut fleet.client(&fleet.shop_url(), &["dlq", "redrive", &settled]));
        assert_eq!(code, Some(0), "{err}");
        let client = Client::new(fleet.shop_url());
        let gone = client.until("the settled one is forgotten", async || {
            client.get(&format!("/api/v1/dead-letters/{settled}")).await.filter(|(status, _)| *status == 404)
        });
        gone.await;
        let (status, _) = client.get(&format!("/api/v1/dead-letters/{dead}")).await.unwrap();
        assert_eq!(status, 200, "what waits for an operator stays");
        shop.stop().await;
        fleet.close().await;
    });
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres kafka"]
fn a_dead_letter_of_another_process_is_mended_from_here() {
    run(async {
        let fleet = impatient(Engine::Kafka).await;
        let mut instances = Vec::new();
        for role in ["catalog", "payments", "processing", "notifications"] {
            instances.push(fleet.instance(role, free_port()).await);
        }
        let port = free_port();
        instances.push(fleet.instance("orders", port).await);
        let door = format!("http://127.0.0.1:{port}");
        let (order, letter) = dead_charge(&fleet, &door, "one").await;
        let (code, out, err) = said(&mut fleet.client(&door, &["dlq", "redrive", &letter]));
        assert_eq!(code, Some(0), "{out}{err}");
        let client = Client::new(door.clone());
        assert_eq!(client.until_terminal(&order).await["status"], "PROCESSED");
        let (_, mended) = client.get(&format!("/api/v1/dead-letters/{letter}")).await.unwrap();
        assert_eq!((&mended["state"], &mended["replays"]), (&"RESOLVED".into(), &1.into()), "{mended}");
        for instance in &mut instances {
            instance.stop().await;
        }
        fleet.audit();
        fleet.close().await;
    });
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn an_order_is_watched_to_its_end_over_a_restart() {
    run(async {
        let fleet = Fleet::on(Engine::Embedded).await;
        let mut shop = fleet.shop(None).await;
        let (url, client) = (fleet.shop_url(), Client::new(fleet.shop_url()));
        let provider = Client::new(fleet.provider_url());
        provider.put(KNOBS, r#"{"outage": true}"#).await.unwrap();
        let (_, order) = client.post("/api/v1/orders", "one", ORDER).await.unwrap();
        let id = order["id"].as_str().unwrap();
        let mut watch = fleet.client(&url, &["orders", "watch", id]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
        let first = block_in_place(|| lines.next()).unwrap().unwrap();
        assert!(first.contains("order.created"), "{first}");
        shop.stop().await;
        provider.put(KNOBS, "{}").await.unwrap();
        let mut shop = fleet.shop(None).await;
        let rest: Vec<String> = block_in_place(|| lines.map(Result::unwrap).collect());
        assert!(block_in_place(|| watch.wait()).unwrap().success());
        let (_, timeline) = client.get(&format!("/api/v1/orders/{id}/timeline")).await.unwrap();
        let entries = timeline.as_array().unwrap().iter().filter(|entry| entry["kind"] != "notification");
        // What the customer is told of the end may come when nobody watches any more.
        let rest: Vec<_> = rest.iter().filter(|line| !line.contains("notification.sent")).collect();
        assert_eq!(rest.len() + 1, entries.count(), "each entry once: {rest:?}");
        assert!(rest.last().unwrap().contains("order.completed"), "{rest:?}");

        let arguments = ["orders", "watch", "--type", "order.completed", "--json"];
        let mut tail = fleet.client(&url, &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
        let heard = tokio::task::spawn_blocking(move || lines.next().unwrap().unwrap());
        // Whether it listens already cannot be seen from outside.
        let mut number = 0;
        while !heard.is_finished() {
            number += 1;
            let (_, order) = client.post("/api/v1/orders", &format!("tail-{number}"), ORDER).await.unwrap();
            client.until_terminal(order["id"].as_str().unwrap()).await;
        }
        let event: Value = serde_json::from_str(&heard.await.unwrap()).unwrap();
        assert_eq!((&event["type"], &event["source"]), (&"order.completed".into(), &"orders".into()));
        tail.kill().unwrap();
        tail.wait().unwrap();
        shop.stop().await;
        fleet.close().await;
    });
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn the_doctor_tells_what_is_in_the_way_and_changes_nothing() {
    run(async {
        let fleet = Fleet::on(Engine::Embedded).await;
        let directory = tempfile::tempdir().unwrap();
        let data = format!("sqlite:{}", directory.path().join("data").display());
        let port = free_port().to_string();
        let doctor = |settings: &[&str]| {
            let (url, addr) = (format!("database_url={data}"), format!("http.addr=127.0.0.1:{port}"));
            let mut command = fleet.client("http://127.0.0.1:9", &["--set", &url, "--set", &addr]);
            let (code, out, err) = said(command.args(settings).args(["doctor", "--json"]));
            let told: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
            (code, told)
        };
        let state = |told: &Value, part: &str, word: &str| {
            let findings = told["findings"].as_array().unwrap().iter();
            findings.filter(|finding| finding["part"] == part && finding["state"] == word).count()
        };
        let (code, told) = doctor(&[]);
        assert_eq!((code, state(&told, "data directory", "note")), (Some(0), 1), "{told}");
        assert!(!directory.path().join("data").exists(), "it made nothing");

        let mut shop = fleet.shop(None).await;
        let addr = format!("http.addr={}", fleet.shop_url().trim_start_matches("http://"));
        let (code, told) = doctor(&["--set", &addr]);
        assert_eq!((code, state(&told, "port", "note")), (Some(0), 1), "an ordo runs there: {told}");
        shop.stop().await;

        let (code, told) = doctor(&["--set", "payment_url=http://127.0.0.1:9"]);
        assert_eq!((code, state(&told, "payment provider", "bad")), (Some(1), 1), "{told}");
        let (code, told) = doctor(&["--set", "http.max_bodybytes=1"]);
        assert_eq!((code, state(&told, "configuration", "bad")), (Some(1), 1), "{told}");
        std::fs::write(directory.path().join("data"), "no directory").unwrap();
        let (code, told) = doctor(&[]);
        assert_eq!((code, state(&told, "data directory", "bad")), (Some(1), 1), "{told}");
        fleet.close().await;
    });
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres kafka rabbitmq"]
fn the_doctor_looks_at_servers_and_makes_nothing_there() {
    run(async {
        for engine in [Engine::Kafka, Engine::RabbitMq] {
            let fleet = Fleet::on(engine).await;
            let doctor = || {
                let mut command = fleet.client("http://127.0.0.1:9", &["doctor", "--json"]);
                fleet.ground().point(&mut command, std::path::Path::new("."));
                let (code, out, err) = said(command.env("ORDO_HTTP_ADDR", "127.0.0.1:0"));
                let told: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
                let broker =
                    told["findings"].as_array().unwrap().iter().find(|finding| finding["part"] == "broker");
                (code, broker.unwrap().clone())
            };
            for _ in 0..2 {
                let (code, broker) = doctor();
                assert_eq!(
                    (code, &broker["state"]),
                    (Some(0), &"note".into()),
                    "nothing is there yet: {broker}"
                );
            }
            let mut shop = fleet.shop(None).await;
            let client = Client::new(fleet.shop_url());
            let (_, order) = client.post("/api/v1/orders", "one", ORDER).await.unwrap();
            client.until_terminal(order["id"].as_str().unwrap()).await;
            let (code, broker) = doctor();
            assert_eq!((code, &broker["state"]), (Some(0), &"good".into()), "{broker}");
            shop.stop().await;
            fleet.close().await;
        }
    });
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn a_pipe_that_nobody_reads_to_its_end_ends_a_command_quietly() {
    run(async {
        let fleet = Fleet::on(Engine::Embedded).await;
        let quiet = |arguments: &[&str]| {
            let mut command = fleet.client("http://127.0.0.1:9", arguments);
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            let mut told = String::new();
            block_in_place(|| child.stderr.take().unwrap().read_to_string(&mut told)).unwrap();
            let status = block_in_place(|| child.wait()).unwrap();
            assert_eq!((status.code(), told.as_str()), (Some(0), ""), "{arguments:?}");
        };
        quiet(&["migrate", "status"]);
        quiet(&["config", "show"]);
        quiet(&["config", "schema"]);
        quiet(&["completions", "bash"]);
        quiet(&["chaos", "list"]);
        quiet(&["doctor", "--set", "database_url=sqlite:absent"]);
        fleet.close().await;
    });
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn every_command_says_how_it_is_used() {
    run(async {
        let fleet = Fleet::on(Engine::Embedded).await;
        let (_, script, _) = said(&mut fleet.client("", &["completions", "bash"]));
        for command in [
            "serve",
            "migrate",
            "audit",
            "orders",
            "dlq",
            "chaos",
            "doctor",
            "simulate",
            "produce",
            "config",
            "completions",
        ] {
            let (code, help, _) = said(&mut fleet.client("", &[command, "--help"]));
            assert_eq!(code, Some(0));
            assert!(help.contains("Example"), "`ordo {command} --help` shows no example:\n{help}");
            assert!(script.contains(command), "{command} cannot be completed");
        }
        for (command, below) in [("dlq", "redrive"), ("orders", "watch"), ("chaos", "run")] {
            let (_, help, _) = said(&mut fleet.client("", &[command, below, "--help"]));
            assert!(help.contains("Example"), "{help}");
        }
        fleet.close().await;
    });
}
