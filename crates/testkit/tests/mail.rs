//! Mail: the mailer against a mail server on loopback, and the whole shop on the release binary, also killed in the middle.
//!
//! The latter need the binary: `cargo build --release`, then `cargo test -p ordo-testkit --test mail -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::{Job, Key, Performed, Performer};
use notifications::Kind;
use notifications::mail::{MAIL, MAIL_ANSWERED, MailAnswer, MailAnswered, MailJob};
use serde_json::{Value, json};
use smtp::{Mailer, MailerSettings, Unusable};
use testkit::binary::{Client, Engine, Fleet};
use testkit::mail_server::{Heard, MailServer, Mood};
use uuid::Uuid;

const SUBJECT: &str = "Заказ 00c0ffee: оплачен";
const TEXT: &str = "Ваш заказ 00c0ffee оплачен.\nОплачено: 21.00 EUR\n.\n..конец";

fn mailer(url: &str, time_limit: Duration) -> Mailer {
    let (url, from) = (url.to_owned(), "Лавка <shop@example.org>".to_owned());
    Mailer::new(&MailerSettings { url, from, time_limit }).unwrap()
}

fn mail(recipient: &str) -> MailJob {
    MailJob {
        notification_id: Uuid::from_u128(7),
        kind: Kind::Paid,
        sending: 1,
        recipient: recipient.to_owned(),
        subject: SUBJECT.to_owned(),
        text: TEXT.to_owned(),
    }
}

fn job(mail: &MailJob, interrupted: bool) -> Job {
    let (name, kind) = ("mail/order.paid".to_owned(), MAIL.to_owned());
    let data = serde_json::to_string(mail).unwrap();
    Job { key: Key::Id(Uuid::from_u128(1)), name, token: 1, attempt: 1, interrupted, kind, data }
}

fn answered(answer: MailAnswer) -> Performed {
    let data = serde_json::to_string(&MailAnswered { kind: Kind::Paid, answer }).unwrap();
    Performed::Answered { kind: MAIL_ANSWERED, data }
}

/// What the mailer says of one mail to a server in this mood, and how many texts the server heard.
async fn performed(mood: Mood, time_limit: Duration) -> (Performed, usize) {
    let server = MailServer::start(&[mood]).await;
    let performed = mailer(&server.url(), time_limit).perform(&job(&mail("ann@example.org"), false)).await;
    (performed, server.heard().len())
}

const PATIENT: Duration = Duration::from_secs(30);

fn is_unknown(performed: &Performed) -> bool {
    matches!(performed, Performed::Unknown(_))
}

#[tokio::test]
async fn a_mail_that_is_taken_is_in_ascii_and_reads_as_it_was_written() {
    let server = MailServer::start(&[]).await;
    let mailer = mailer(&server.url(), PATIENT);
    let performed = mailer.perform(&job(&mail("ann@example.org"), false)).await;
    assert_eq!(performed, answered(MailAnswer::Accepted));
    let heard = server.heard().remove(0);
    assert_eq!((heard.from.as_str(), heard.to.as_str()), ("shop@example.org", "ann@example.org"));
    assert!(heard.data.is_ascii(), "{}", heard.data);
    assert_eq!(header(&heard, "Subject"), SUBJECT);
    assert_eq!(header(&heard, "From"), "Лавка <shop@example.org>");
    assert_eq!(header(&heard, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(&heard, "Message-ID"), format!("<{}.1@example.org>", Uuid::from_u128(7)));
    assert_eq!(body(&heard), TEXT);
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_not_tried_again() {
    for (mood, heard) in [(Mood::Recipient(550), 0), (Mood::Text(554), 1)] {
        let (performed, texts) = performed(mood, PATIENT).await;
        let is_refused = matches!(&performed, Performed::Answered { data, .. } if data.contains("refused"));
        assert!(is_refused && texts == heard, "{mood:?}: {performed:?}");
    }
}

#[tokio::test]
async fn what_certainly_was_not_sent_may_be_tried_again() {
    for mood in [Mood::Recipient(450), Mood::Text(451)] {
        let (performed, _) = performed(mood, PATIENT).await;
        assert!(matches!(performed, Performed::Failed(_)), "{mood:?}: {performed:?}");
    }
    for mood in [Mood::Greets(421), Mood::Greets(554), Mood::CutsBefore] {
        let (performed, texts) = performed(mood, PATIENT).await;
        assert!(matches!(performed, Performed::Unavailable(_)) && texts == 0, "{mood:?}: {performed:?}");
    }
    let gone = MailServer::start(&[]).await.url();
    let performed = mailer(&gone, PATIENT).perform(&job(&mail("ann@example.org"), false)).await;
    assert!(matches!(performed, Performed::Unavailable(_)), "{performed:?}");
}

#[tokio::test]
async fn what_may_have_been_sent_is_unknown() {
    let (cut, heard) = performed(Mood::CutsBehind, PATIENT).await;
    assert!(is_unknown(&cut) && heard == 1, "{cut:?}");
    let (silent, heard) = performed(Mood::Silent, Duration::from_millis(200)).await;
    assert!(is_unknown(&silent) && heard == 1, "{silent:?}");
}

#[tokio::test]
async fn a_job_that_somebody_may_have_begun_is_not_begun() {
    let server = MailServer::start(&[]).await;
    let performed = mailer(&server.url(), PATIENT).perform(&job(&mail("ann@example.org"), true)).await;
    assert!(is_unknown(&performed) && server.heard().is_empty(), "{performed:?}");
}

#[tokio::test]
async fn who_has_no_address_is_refused_without_a_word() {
    let server = MailServer::start(&[]).await;
    for recipient in ["nobody", "", "a@b\r\nBcc: eve@example.org", "анна@example.org"] {
        let performed = mailer(&server.url(), PATIENT).perform(&job(&mail(recipient), false)).await;
        let is_refused = matches!(&performed, Performed::Answered { data, .. } if data.contains("refused"));
        assert!(is_refused && server.heard().is_empty(), "{recipient}: {performed:?}");
    }
}

#[test]
fn settings_that_cannot_be_right_are_refused() {
    let unusable = |url: &str, from: &str| {
        let (url, from) = (url.to_owned(), from.to_owned());
        Mailer::new(&MailerSettings { url, from, time_limit: PATIENT }).err()
    };
    assert_eq!(unusable("smtp://mail", "shop@example.org"), None);
    assert_eq!(unusable("mail", "shop@example.org"), Some(Unusable::Url));
    assert_eq!(unusable("smtp://mail", "the shop"), Some(Unusable::From("the shop".to_owned())));
}

/// An order by somebody with an address, who reads Russian.
const ORDER: &str = r#"{"customer_name": "Анна", "total_amount": 21, "metadata": {"language": "ru"},
    "delivery": {"email": "ann@example.org"}}"#;

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn a_customer_gets_a_mail_for_each_step_and_once_more_by_command() {
    run(async |fleet, server| {
        let mut shop = fleet.shop(None).await;
        let client = Client::new(fleet.shop_url());
        let order = placed(&client, "k").await;
        server.has_heard(2).await;
        let mut subjects: Vec<_> = server.heard().iter().map(|heard| header(heard, "Subject")).collect();
        subjects.sort_unstable();
        let number = &order[order.len() - 8..];
        assert_eq!(subjects, [format!("Заказ {number}: выполнен"), format!("Заказ {number}: принят")]);

        let told = until_told(&client, &order, &["SENT", "SENT"]).await;
        let id = told[1]["id"].as_str().unwrap();
        let said = fleet.client(&fleet.shop_url(), &["notifications", "resend", id]).output().unwrap();
        assert!(said.status.success(), "{said:?}");
        server.has_heard(3).await;
        until_told(&client, &order, &["SENT", "SENT"]).await;
        let list = fleet.client(&fleet.shop_url(), &["notifications", "list", "--order", &order]).output();
        let list = String::from_utf8(list.unwrap().stdout).unwrap();
        assert_eq!(list.lines().filter(|line| line.contains("ann@example.org")).count(), 2, "{list}");
        client
            .until("the timeline has all of it", async || {
                let (_, timeline) = client.get(&format!("/api/v1/orders/{order}/timeline")).await?;
                let entries = timeline.as_array()?.iter().filter(|entry| entry["kind"] == "notification");
                (entries.count() == 3).then_some(())
            })
            .await;
        shop.stop().await;
        fleet.audit();
    });
}

/// The server has the text, and the shop dies before it hears so.
#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn a_mail_that_was_under_way_when_the_shop_was_killed_is_unknown_and_never_sent_again() {
    run(async |fleet, server| {
        server.turns(&[Mood::Silent, Mood::Silent]);
        let mut shop = fleet.shop(None).await;
        let client = Client::new(fleet.shop_url());
        let order = placed(&client, "k").await;
        server.has_heard(2).await;
        shop.kill();
        let mut shop = fleet.shop(None).await;
        until_told(&client, &order, &["UNKNOWN", "UNKNOWN"]).await;
        let later = placed(&client, "later").await;
        until_told(&client, &later, &["SENT", "SENT"]).await;
        assert_eq!(server.heard().len(), 4, "what may have been sent was sent again");
        shop.stop().await;
        fleet.audit();
    });
}

/// A stop waits for what is under way, and leaves nobody wondering.
#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn a_mail_that_is_under_way_when_the_shop_is_stopped_is_sent() {
    run(async |fleet, server| {
        server.turns(&[Mood::Slow, Mood::Slow]);
        let mut shop = fleet.shop(None).await;
        let client = Client::new(fleet.shop_url());
        let order = placed(&client, "k").await;
        server.has_heard(2).await;
        shop.is_told_to_stop();
        client
            .until("nobody is let in any more", async || client.get("/health").await.is_none().then_some(()))
            .await;
        server.goes_on();
        shop.stops().await;
        let mut shop = fleet.shop(None).await;
        until_told(&client, &order, &["SENT", "SENT"]).await;
        assert_eq!(server.heard().len(), 2);
        shop.stop().await;
        fleet.audit();
    });
}

/// An outage of the mail server keeps no order waiting, and loses no mail.
#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn while_the_mail_server_is_away_mails_wait_and_orders_do_not() {
    run(async |fleet, server| {
        server.turns(&[Mood::Greets(421); 4]);
        let mut shop = fleet.shop(None).await;
        let client = Client::new(fleet.shop_url());
        let order = placed(&client, "k").await;
        assert_eq!(client.until_terminal(&order).await["status"], "PROCESSED");
        until_told(&client, &order, &["SENT", "SENT"]).await;
        assert_eq!(server.heard().len(), 2);
        shop.stop().await;
        fleet.audit();
    });
}

fn run(story: impl AsyncFnOnce(&Fleet, &MailServer)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let server = MailServer::start(&[]).await;
        let mut fleet = Fleet::on(Engine::Embedded).await;
        fleet.say("ORDO_NOTIFICATIONS_SMTP_URL", &server.url());
        fleet.say("ORDO_NOTIFICATIONS_FROM", "The Shop <shop@example.org>");
        fleet.say("ORDO_RETRY_MAIL_BASE", "10ms");
        story(&fleet, &server).await;
        fleet.close().await;
    });
}

async fn placed(client: &Client, key: &str) -> String {
    let (status, order) = client.post("/api/v1/orders", key, ORDER).await.unwrap();
    assert_eq!(status, 201, "{order}");
    order["id"].as_str().unwrap().to_owned()
}

/// The order's notifications, oldest first, once they stand so.
async fn until_told(client: &Client, order: &str, states: &[&str]) -> Vec<Value> {
    let path = format!("/api/v1/notifications?order_id={order}");
    let look = async || {
        let (_, told) = client.get(&path).await?;
        let mut told = told.as_array()?.clone();
        told.reverse();
        let is_so = told.iter().map(|told| &told["state"]).eq(states
            .iter()
            .map(|state| json!(state))
            .collect::<Vec<_>>()
            .iter());
        is_so.then_some(told)
    };
    client.until(&format!("{order} is told {states:?}"), look).await
}

/// A header of a mail, unfolded and decoded (RFC 2047, base64).
fn header(heard: &Heard, name: &str) -> String {
    let (head, _) = heard.data.split_once("\n\n").unwrap();
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    let line = unfolded.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap();
    let (mut text, mut was_encoded) = (String::new(), false);
    for word in line.split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
        let decoded = encoded.map(|word| String::from_utf8(STANDARD.decode(word).unwrap()).unwrap());
        // Between two encoded words white space is none.
        let is_continued = was_encoded && decoded.is_some();
        if !text.is_empty() && !is_continued {
            text.push(' ');
        }
        was_encoded = decoded.is_some();
        text += decoded.as_deref().unwrap_or(word);
    }
    text
}

/// The text of a mail, decoded (RFC 2045).
fn body(heard: &Heard) -> String {
    let (_, text) = heard.data.split_once("\n\n").unwrap();
    assert_eq!(header(heard, "Content-Transfer-Encoding"), "base64");
    let text = STANDARD.decode(text.replace('\n', "")).unwrap();
    String::from_utf8(text).unwrap().replace("\r\n", "\n")
}
