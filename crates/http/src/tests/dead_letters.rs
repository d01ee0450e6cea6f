//! Dead letters over services in memory.

use engine::{DeadLetter, DeadLetterState, Key, Record, Scheduled, Standing};
use serde_json::Value;
use uuid::Uuid;

use super::orders::priced_order;
use super::payments::dead_charge;
use super::{NOW, Shop, get, post};

const LIST: &str = "/api/v1/dead-letters";

/// An event of payments that orders could not handle.
fn dead_event() -> (DeadLetter, Scheduled) {
    let record = Record {
        source: "payments".into(),
        key: Key::Id(priced_order().id),
        sequence: Some(2),
        foreign_id: None,
        steps: None,
        kind: "payment.paid".into(),
        time: NOW,
        data: r#"{"amount":12.50}"#.into(),
    };
    let row = Scheduled { standing: Standing::Dead, ..Scheduled::held(&record) };
    let letter = DeadLetter { name: row.name.clone(), kind: record.kind, ..dead_charge() };
    (letter, row)
}

fn charge() -> Scheduled {
    let row = Scheduled::effect(dead_charge().key, "charge", NOW, "charge", "{\"amount\":1}".into());
    Scheduled { standing: Standing::Dead, due: None, ..row }
}

/// A shop with an order, its dead charge, and an event about it that is dead in orders.
fn shop() -> Shop {
    let shop = Shop::new();
    shop.keep(priced_order());
    let (letter, row) = dead_event();
    shop.keep_dead_message(letter, row);
    shop.keep_dead_effect(dead_charge(), charge());
    shop
}

fn charge_path(act: &str) -> String {
    format!("{LIST}/payments~{}~charge{act}", priced_order().id)
}

#[tokio::test]
async fn what_is_dead_in_any_service_is_listed() {
    let answer = shop().ask(get(LIST)).await;
    insta::assert_json_snapshot!("dead_letters", answer.json());
}

#[tokio::test]
async fn a_dead_event_is_told_whole() {
    let shop = shop();
    let id =
        shop.ask(get(&format!("{LIST}?consumer=orders"))).await.json()[0]["id"].as_str().unwrap().to_owned();
    insta::assert_json_snapshot!(
        "dead_letter_of_an_event",
        shop.ask(get(&format!("{LIST}/{id}"))).await.json()
    );
    insta::assert_json_snapshot!("dead_letter_of_an_effect", shop.ask(get(&charge_path(""))).await.json());
}

fn ids(letters: &Value) -> Vec<Value> {
    letters.as_array().unwrap().iter().map(|letter| letter["id"].clone()).collect()
}

/// All letters, page by page.
async fn by_pages(shop: &Shop, mut path: String) -> Vec<Value> {
    let mut seen = Vec::new();
    loop {
        let answer = shop.ask(get(&path)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        seen.extend(ids(&answer.json()));
        let link = answer.header("link").to_owned();
        let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        let Some(next) = next else { return seen };
        path = next.to_owned();
    }
}

#[tokio::test]
async fn pages_and_filters() {
    let shop = Shop::new();
    let named = |number: u128| DeadLetter {
        key: Key::Id(Uuid::from_u128(number)),
        kind: if number.is_multiple_of(2) { "void" } else { "charge" }.into(),
        ..dead_charge()
    };
    (1..=4).for_each(|number| shop.keep_dead_payment(named(number)));
    let (letter, row) = dead_event();
    shop.keep_dead_message(letter, row);
    let all = ids(&shop.ask(get(LIST)).await.json());
    assert_eq!(all.len(), 5);
    // Pages that end with the last letter of a service, and within one.
    for limit in [1, 2, 3] {
        let path = format!("{LIST}?limit={limit}&state=dead&state=redriving");
        assert_eq!(by_pages(&shop, path).await, all, "no letter twice, and none is missing");
    }
    for (query, count) in [
        ("consumer=payments", 4),
        ("event_type=void", 2),
        ("order_id=00000000-0000-0000-0000-000000000003", 1),
        ("state=RESOLVED", 0),
        ("consumer=payments&event_type=payment.paid", 0),
    ] {
        let found = shop.ask(get(&format!("{LIST}?{query}"))).await.json();
        assert_eq!(found.as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn what_is_not_understood_is_told() {
    let shop = shop();
    for query in ["colour=red", "cursor=x", "limit=0", "state=lost", "order_id=1", "consumer=kitchen"] {
        assert_eq!(shop.ask(get(&format!("{LIST}?{query}"))).await.status, 400, "{query}");
    }
    for id in ["x", "payments~1~charge", "kitchen~1~x", "payments~%00~x"] {
        assert_eq!(shop.ask(get(&format!("{LIST}/{id}"))).await.status, 404, "{id}");
        assert_eq!(shop.ask(post(&format!("{LIST}/{id}/redrive"), "")).await.status, 404, "{id}");
    }
}

async fn timeline(shop: &Shop) -> Value {
    shop.ask(get(&format!("/api/v1/orders/{}/timeline", priced_order().id))).await.json()
}

#[tokio::test]
async fn redriving_leaves_a_trace_and_is_done_once() {
    let shop = shop();
    let answer = shop.ask(post(&charge_path("/redrive"), r#"{"reason": "the provider is back"}"#)).await;
    assert_eq!((answer.status, &answer.json()["state"]), (200, &"REDRIVING".into()), "{}", answer.text());
    assert_eq!(answer.json()["act"]["reason"], "the provider is back");
    insta::assert_json_snapshot!("redriven_in_timeline", timeline(&shop).await[1]);
    let again = shop.ask(post(&charge_path("/redrive"), "")).await;
    assert_eq!((again.status, again.slug()), (409, "not-dead".to_owned()));
    assert_eq!(timeline(&shop).await.as_array().unwrap().len(), 2, "what was not done is not told");
}

#[tokio::test]
async fn discarding_needs_a_reason() {
    let shop = shop();
    for body in ["", "{}", r#"{"reason": ""}"#, r#"{"reason": 1}"#, r#"{"why": "x"}"#] {
        assert_eq!(shop.ask(post(&charge_path("/discard"), body)).await.status, 422, "{body}");
    }
    let answer = shop.ask(post(&charge_path("/discard"), r#"{"reason": "paid in cash"}"#)).await.json();
    assert_eq!((&answer["state"], &answer["body"]), (&"DISCARDED".into(), &Value::Null));
    assert_eq!(timeline(&shop).await[1]["data"]["reason"], "paid in cash");
}

/// There is no timeline to tell it, so the letter alone does.
#[tokio::test]
async fn a_letter_without_an_order_is_mended_all_the_same() {
    let shop = Shop::new();
    shop.keep_dead_effect(dead_charge(), charge());
    let answer = shop.ask(post(&charge_path("/redrive"), "")).await.json();
    assert_eq!((&answer["state"], &answer["act"]["actor"]), (&"REDRIVING".into(), &"anonymous".into()));
}

#[test]
fn a_state_is_called_what_the_contract_calls_it() {
    let word = serde_json::to_string(&DeadLetterState::Redriving).unwrap();
    assert_eq!(word, "\"REDRIVING\"");
}
