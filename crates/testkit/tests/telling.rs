//! What customers are told: once for each kind, in their language, in whichever way the settings say; and what is left when it
//! cannot be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the whole file is a test")]

use std::time::Duration;

use contract::Language;
use notifications::{Channel, Kind, Settings, State};
use testkit::app::{AppSettings, TestApp};
use uuid::Uuid;

const MINUTE: Duration = Duration::from_secs(60);
const CARD: &str = r#"{"customer_name": "n", "total_amount": 21, "payment_method": "card"}"#;

fn mailing() -> AppSettings {
    let notifications = Settings { channel: Channel::Smtp, ..Settings::default() };
    AppSettings { notifications, ..AppSettings::default() }
}

fn to(recipient: &str) -> String {
    format!(
        r#"{{"customer_name": "n", "total_amount": 21, "delivery": {{"email": "{recipient}@example.org"}}}}"#
    )
}

/// Places an order and lets everything come to rest.
fn placed(app: &mut TestApp, body: &str) -> Uuid {
    let order = app.place(body).id;
    app.settle();
    order
}

fn entries(app: &TestApp, order: Uuid) -> Vec<String> {
    let entries = app.timeline(order).into_iter().map(|placed| placed.entry);
    let told = entries.filter(|entry| entry.kind == orders::timeline::EntryKind::Notification);
    told.map(|entry| entry.kind_of.into_owned()).collect()
}

#[test]
fn every_step_is_told_once_and_the_timeline_says_so() {
    let mut app = TestApp::new();
    let order = placed(&mut app, CARD);
    assert_eq!(app.told(order), ["order.created SENT", "order.paid SENT", "order.completed SENT"]);
    assert_eq!(entries(&app, order), ["notification.sent"; 3]);
    let before = app.order(order);
    for amount in [100, 200] {
        app.refund(order, Some(amount));
        app.settle();
    }
    assert_eq!(app.told(order)[3..], ["payment.refunded SENT"], "of several refunds the first is told");
    assert_eq!(app.notifications(order)[3].amount, 100);
    assert_eq!(app.order(order).version, before.version + 2, "telling is no change of the order");

    let mut app = TestApp::new();
    let declined = placed(&mut app, &CARD.replace("card", "card-declined"));
    assert_eq!(app.told(declined), ["order.created SENT", "order.failed SENT"]);
}

#[test]
fn a_customer_is_told_in_the_language_of_the_order_or_of_the_shop() {
    let notifications = Settings { language: Language::Russian, ..Settings::default() };
    let mut app = TestApp::with(AppSettings { notifications, ..AppSettings::default() });
    let shop = placed(&mut app, CARD);
    let english = CARD.replace("21", r#"21, "metadata": {"language": "en-GB"}"#);
    let order = placed(&mut app, &english);
    let languages = |order| app.notifications(order).iter().map(|told| told.language).collect::<Vec<_>>();
    assert_eq!(languages(shop), [Language::Russian; 3]);
    assert_eq!(languages(order), [Language::English; 3]);
}

#[test]
fn what_the_settings_leave_out_is_not_told() {
    let kinds = [Kind::Paid].into_iter().collect();
    let notifications = Settings { kinds, ..Settings::default() };
    let mut app = TestApp::with(AppSettings { notifications, ..AppSettings::default() });
    let order = placed(&mut app, CARD);
    assert_eq!(app.told(order), ["order.created SKIPPED", "order.paid SENT"]);
    assert_eq!(entries(&app, order), ["notification.sent"]);
}

#[test]
fn mails_end_as_the_server_says() {
    let mut app = TestApp::with(mailing());
    let orders: Vec<_> = ["ann", "refused", "busy", "cut"].map(|who| placed(&mut app, &to(who))).into();
    let nobody = placed(&mut app, CARD);
    app.settle_through(MINUTE);
    let told = |order| app.told(order).remove(0);
    let states: Vec<_> = orders.iter().map(|order| told(*order)).collect();
    let expected = ["SENT", "FAILED", "SENT", "UNKNOWN"].map(|state| format!("order.created {state}"));
    assert_eq!(states, expected);
    assert_eq!(told(nobody), "order.created SKIPPED");
    assert_eq!(entries(&app, orders[1]), ["notification.failed"; 2]);
    assert_eq!(entries(&app, orders[3]), [""; 0], "of what nobody knows nothing is said");
    let letters = app.post().letters();
    let (subjects, number) = (letters.iter().map(|letter| letter.subject.as_str()), orders[0].to_string());
    let number = &number[number.len() - 8..];
    let expected = [format!("Order {number}: received"), format!("Order {number}: done")];
    assert_eq!(subjects.filter(|subject| subject.contains(number)).collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_put_off_says_why_until_it_is_sent_and_is_given_up_in_the_end() {
    let mut settings = mailing();
    settings.backoff.attempts = 2;
    let mut app = TestApp::with(settings);
    let order = placed(&mut app, &to("busy"));
    let first = app.notifications(order).remove(0);
    assert_eq!((first.state.word(), first.state.error()), ("PENDING", Some("as its recipient wants it")));
    app.settle_through(MINUTE);
    assert_eq!(app.told(order), ["order.created FAILED", "order.completed FAILED"]);
    let again = app.notifications(order).remove(0);
    app.resend(&again);
    app.settle_through(MINUTE);
    assert_eq!(app.told(order)[0], "order.created FAILED", "put off twice more, and that is all");
    assert!(app.dead_letters().is_empty());
}

#[test]
fn while_the_server_is_away_orders_end_and_mails_wait() {
    let mut app = TestApp::with(mailing());
    app.post().close(true);
    let order = placed(&mut app, &to("ann"));
    app.settle_through(10 * MINUTE);
    assert_eq!(app.story(order).last().map(String::as_str), Some("order.completed"));
    assert_eq!(app.told(order), ["order.created PENDING", "order.completed PENDING"]);
    app.post().close(false);
    app.settle_through(MINUTE);
    assert_eq!(app.told(order), ["order.created SENT", "order.completed SENT"]);
}

#[test]
fn a_mail_whose_worker_died_is_unknown_and_only_a_command_sends_it_again() {
    let mut app = TestApp::with(mailing());
    let order = app.place(&to("ann")).id;
    // The lease is on the disk, and nobody performs the job.
    app.step("notifications/apply");
    app.restart();
    app.settle();
    let first = app.notifications(order).remove(0);
    assert!(matches!(first.state, State::Unknown { .. }), "{first:?}");
    assert!(app.post().letters().iter().all(|letter| letter.kind != Kind::Created));
    let again = app.resend(&first);
    assert_eq!((again.state.word(), again.sendings), ("PENDING", 2));
    app.settle();
    assert_eq!(app.told(order)[0], "order.created SENT");
    let letters = app.post().letters();
    assert_eq!(letters.iter().filter(|letter| letter.kind == Kind::Created).count(), 1);
}

#[test]
fn what_is_being_sent_is_not_sent_again_and_what_went_to_the_log_goes_by_mail() {
    let mut app = TestApp::with(mailing());
    app.post().close(true);
    let order = placed(&mut app, &to("ann"));
    let pending = app.notifications(order).remove(0);
    let refused = app.try_resend(&pending, None);
    assert!(matches!(refused, engine::Answer::Refused(notifications::Refusal::UnderWay)), "{refused:?}");
    app.settings().notifications.channel = Channel::Log;
    app.restart();
    let refused = app.try_resend(&pending, None);
    assert!(matches!(refused, engine::Answer::Refused(notifications::Refusal::UnderWay)), "{refused:?}");
    let logged = placed(&mut app, &to("ann"));
    let logged = app.notifications(logged).remove(0);
    assert_eq!((logged.channel, &logged.state), (Channel::Log, &State::Sent));

    app.settings().notifications.channel = Channel::Smtp;
    app.restart();
    app.post().close(false);
    app.resend(&logged);
    app.settle_through(MINUTE);
    let mut sent: Vec<_> = app.post().letters().into_iter().map(|letter| letter.notification_id).collect();
    sent.retain(|id| [pending.id, logged.id].contains(id));
    sent.sort_unstable();
    let mut both = [pending.id, logged.id];
    both.sort_unstable();
    assert_eq!(sent, both, "each once");
}

/// Nothing waits for the service: an order ends although it does not move at all.
#[test]
fn an_order_ends_while_nobody_is_told() {
    let mut app = TestApp::new();
    let order = app.place(CARD).id;
    for _ in 0..20 {
        for step in app.steps().into_iter().filter(|step| !step.starts_with("notifications/")) {
            app.step(&step);
        }
    }
    assert_eq!(app.states(order).0, contract::Status::Processed);
    assert!(app.told(order).is_empty());
    app.settle();
    assert_eq!(app.told(order).len(), 3);
}
