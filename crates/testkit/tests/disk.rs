//! A full disk, and one that may not be written: orders are refused, nothing that was acknowledged is lost, reading goes on, and
//! with room again all goes on by itself.
//!
//! It needs the binary, and the right to mount a file system. Where that is not there the tests say that they are skipped, unless
//! `ORDO_TEST_MOUNT` says that they may not be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use testkit::binary::{Alone, Client};

/// The disk, with room for a shop and not much more.
const ROOM: &str = "size=24m";
/// An order with a name of some length, so that the disk is soon full.
const ORDER: &str = r#"{"customer_name": "Ann", "total_amount": 7.20, "payment_method": "card"}"#;

/// A file system in memory. Dropped, it is gone.
struct Disk {
    at: PathBuf,
    _home: tempfile::TempDir,
}

impl Disk {
    /// None: this process may not mount one.
    fn mount() -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let at = home.path().join("disk");
        std::fs::create_dir(&at).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", ROOM, "tmpfs"]).arg(&at).output();
        match mount {
            Ok(mount) if mount.status.success() => Some(Self { at, _home: home }),
            refused => {
                println!("SKIPPED: no file system can be mounted here: {refused:?}");
                assert!(std::env::var_os("ORDO_TEST_MOUNT").is_none(), "it may not be skipped here");
                None
            }
        }
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("ballast")
    }

    fn remount(&self, how: &str) {
        let how = format!("remount,{how},{ROOM}");
        let status = Command::new("mount").args(["-o", &how]).arg(&self.at).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test);
}

#[test]
#[ignore = "needs the release binary and the right to mount; scripts/test runs this"]
fn a_full_disk_refuses_orders_and_loses_none() {
    run(async {
        let Some(disk) = Disk::mount() else { return };
        let shop = Alone::at(&disk.at.join("shop"));
        let mut server = shop.serve();
        let client = Client::new(shop.url());
        let mut acknowledged = Vec::new();
        place(&client, &mut acknowledged).await;
        disk.fill();
        refused(&client, &mut acknowledged).await;
        readiness_says_why(&client, &mut acknowledged).await;
        // Questions are answered, about what was acknowledged too.
        for id in &acknowledged {
            let (status, order) = client.get(&format!("/api/v1/orders/{id}")).await.unwrap();
            assert_eq!(status, 200, "{order}");
        }
        assert_eq!(client.get("/health/live").await.unwrap().0, 200);

        disk.make_room();
        client.until("it is ready again", async || (ready(&client).await?.0 == 200).then_some(())).await;
        place(&client, &mut acknowledged).await;
        for id in &acknowledged {
            assert_eq!(client.until_terminal(id).await["status"], "PROCESSED", "{id}");
        }
        server.stop().await;
        shop.succeeds(&["audit"]);
    });
}

/// Orders go on until the first one is refused, for want of room; its buyer is told to come again.
async fn refused(client: &Client, acknowledged: &mut Vec<String>) {
    for number in 0..100_000 {
        let (status, answer) = order(client, &format!("full-{number}")).await;
        match status {
            201 => acknowledged.push(answer["id"].as_str().unwrap().to_owned()),
            503 => {
                assert_eq!(answer["type"], "/problems/unavailable", "{answer}");
                return;
            }
            other => panic!("{other}: {answer}"),
        }
    }
    panic!("the disk never got full");
}

/// What is free shows only to who writes, so orders go on coming.
async fn readiness_says_why(client: &Client, acknowledged: &mut Vec<String>) {
    for number in 0..100 {
        let (status, answer) = order(client, &format!("still-full-{number}")).await;
        if status == 201 {
            acknowledged.push(answer["id"].as_str().unwrap().to_owned());
        }
        let (status, told) = ready(client).await.expect("the server answers");
        if status == 503 {
            assert_eq!(told["status"], "down");
            let checks = told["checks"].as_object().unwrap().values();
            let mut reasons = checks.filter_map(|check| check["error"].as_str());
            assert!(reasons.any(|reason| reason.contains("make space on the disk")), "{told}");
            return;
        }
    }
    panic!("readiness never said that the disk is full");
}

async fn ready(client: &Client) -> Option<(u16, Value)> {
    client.get("/health/ready").await
}

async fn order(client: &Client, key: &str) -> (u16, Value) {
    client.post("/api/v1/orders", key, ORDER).await.expect("the server answers")
}

async fn place(client: &Client, acknowledged: &mut Vec<String>) {
    for number in 0..10 {
        let (status, answer) = order(client, &format!("order-{}-{number}", acknowledged.len())).await;
        assert_eq!(status, 201, "{answer}");
        acknowledged.push(answer["id"].as_str().unwrap().to_owned());
    }
}

#[test]
#[ignore = "needs the release binary and the right to mount; scripts/test runs this"]
fn no_start_on_a_full_or_read_only_disk_is_told_in_a_line() {
    run(async {
        let Some(disk) = Disk::mount() else { return };
        let shop = Alone::at(&disk.at.join("shop"));
        disk.fill();
        says(&shop.fails(&["serve"]), &["No space left", "make space on its disk"]);
        disk.make_room();
        std::fs::remove_dir_all(shop.data()).unwrap();

        let mut server = shop.serve();
        let mut acknowledged = Vec::new();
        place(&Client::new(shop.url()), &mut acknowledged).await;
        server.kill();
        disk.remount("ro");
        says(&shop.fails(&["serve"]), &["Read-only file system", "make it writable"]);
        disk.remount("rw");
        let mut server = shop.serve();
        let client = Client::new(shop.url());
        for id in &acknowledged {
            assert_eq!(client.until_terminal(id).await["status"], "PROCESSED", "{id}");
        }
        server.stop().await;
    });
}

/// A backup that has no room leaves nothing that could be taken for one, and harms nobody.
#[test]
#[ignore = "needs the release binary and the right to mount; scripts/test runs this"]
fn a_backup_without_room_leaves_nothing_behind() {
    run(async {
        let Some(disk) = Disk::mount() else { return };
        let home = tempfile::tempdir().unwrap();
        let shop = Alone::at(&home.path().join("shop"));
        let mut server = shop.serve();
        let mut acknowledged = Vec::new();
        place(&Client::new(shop.url()), &mut acknowledged).await;
        disk.fill();
        let backup = disk.at.join("backup");
        says(&shop.fails(&["backup", text(&backup)]), &["No space left", "make space on its disk"]);
        assert!(!backup.exists() && !disk.at.join("backup.unfinished").exists());
        disk.make_room();
        shop.succeeds(&["backup", text(&backup)]);
        server.stop().await;
    });
}

fn says(line: &str, words: &[&str]) {
    words.iter().for_each(|word| assert!(line.contains(word), "'{line}' does not say {word}"));
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
