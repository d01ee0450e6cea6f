//! The story that the tour tells, to whoever answers for the shop.

use serde_json::{Value, json};
use testkit::binary::Client;

use crate::forms::{DOCUMENT, FORMS, totals};

/// All of it, to a shop that knows no order yet.
pub async fn tell(client: &Client) {
    five_forms(client).await;
    one_order_for_one_key(client).await;
    declined_cancelled_refunded(client).await;
    found_and_exported(client).await;
    bad_input(client).await;
    for path in ["/health", "/health/live", "/health/ready", "/openapi.json", "/api/v1/menu"] {
        assert_eq!(client.get(path).await.map(|(status, _)| status), Some(200), "{path}");
    }
}

async fn five_forms(client: &Client) {
    for (form, (body, total)) in FORMS.iter().zip(totals()).enumerate() {
        let order = placed(client, &format!("form-{form}"), body).await;
        assert_eq!(order["status"], "PROCESSED", "{order}");
        assert_eq!(order["total_amount"], total);
        let id = order["id"].as_str().unwrap();
        let (_, timeline) = client.get(&format!("/api/v1/orders/{id}/timeline")).await.unwrap();
        let events = timeline.as_array().unwrap().iter().filter(|entry| entry["kind"] == "event");
        let types: Vec<_> = events.map(|entry| entry["type"].as_str().unwrap()).collect();
        assert!(types.starts_with(&["order.created"]) && types.ends_with(&["order.completed"]), "{types:?}");
    }
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let uid = document["order_uid"].as_str().unwrap();
    let (status, mut whole) = client.get(&format!("/order/{uid}")).await.unwrap();
    assert_eq!(status, 200);
    assert_eq!(whole.as_object_mut().unwrap().remove("status"), Some(json!("PROCESSED")));
    assert_eq!(whole, document);
}

async fn one_order_for_one_key(client: &Client) {
    let body = r#"{"customer_name": "Once", "total_amount": 1}"#;
    let (_, first) = client.post("/api/v1/orders", "once", body).await.unwrap();
    let (status, second) = client.post("/api/v1/orders", "once", body).await.unwrap();
    assert_eq!((status, &second["id"]), (201, &first["id"]));
    let other =
        client.post("/api/v1/orders", "once", r#"{"customer_name": "Once", "total_amount": 2}"#).await;
    assert_eq!(other.unwrap().0, 422);
    let (status, _) = client.post("/api/v1/orders", "document-again", DOCUMENT).await.unwrap();
    assert_eq!(status, 200, "the same document again is the first order");
}

async fn declined_cancelled_refunded(client: &Client) {
    let by = |method: &str| {
        format!(r#"{{"customer_name": "B", "total_amount": 10, "payment_method": "{method}"}}"#)
    };
    let declined = placed(client, "declined", &by("card-declined")).await;
    assert_eq!((&declined["status"], &declined["payment_status"]), (&json!("FAILED"), &json!("FAILED")));
    let paid = placed(client, "paid", &by("card")).await;
    let id = paid["id"].as_str().unwrap();
    let cancel = client.post(&format!("/api/v1/orders/{id}/cancel"), "cancel", r#"{"reason": "late"}"#).await;
    assert_eq!(cancel.unwrap().0, 409, "a processed order cannot be cancelled");
    let refund = format!("/api/v1/orders/{id}/refund");
    let (status, answer) =
        client.post(&refund, "refund", r#"{"reason": "cold", "amount": 4}"#).await.unwrap();
    assert!(status == 200 || status == 202, "{status} {answer}");
    let (status, _) = client.post(&refund, "refund-2", r#"{"reason": "cold", "amount": 7}"#).await.unwrap();
    assert_eq!(status, 422, "more than what is left cannot be given back");
}

/// By a piece of an address, and by a product.
async fn found_and_exported(client: &Client) {
    for query in
        ["q=test+street", "q=STREET+123+argher", "product_id=margherita&status=PROCESSED&total_min=10"]
    {
        let path = format!("/api/v1/orders?{query}");
        let (status, orders) = client.get(&path).await.unwrap();
        assert_eq!((status, orders.as_array().unwrap().len()), (200, 1), "{query}: {orders}");
        assert_eq!(orders[0]["delivery"]["address"], "Test Street 123", "{query}");
    }
    let ndjson = client.text("/api/v1/orders/export?q=test+street").await.unwrap();
    assert!(ndjson.lines().count() == 1 && ndjson.contains("Test Street 123"), "{ndjson}");
    let csv = client.text("/api/v1/orders/export?format=csv").await.unwrap();
    let mut rows = csv.split("\r\n");
    assert!(rows.next().unwrap().starts_with("id,status,payment_status,"), "{csv}");
    assert!(
        rows.clone().count() > FORMS.len() && rows.any(|row| row.contains("1 x margherita at 12.00")),
        "{csv}"
    );
    assert_eq!(client.get("/api/v1/orders?q=ab").await.unwrap().0, 400);
}

async fn bad_input(client: &Client) {
    let nested = "[".repeat(100_000);
    let cases: [(&str, u16); 8] = [
        ("{", 400),
        (&nested, 400),
        (r#"{"hello": 1}"#, 422),
        (r#"{"customer_name": "A", "total_amount": 1.005}"#, 422),
        (r#"{"customer_name": "A", "total_amount": -1}"#, 422),
        (r#"{"customer_name": "A", "customer_name": "B", "total_amount": 1}"#, 422),
        (r#"{"customer_name": "A", "total_amount": 1, "currency": "XXQ"}"#, 422),
        (r#"{"items": [{"pizzaId": "no-such", "quantity": 1}]}"#, 422),
    ];
    for (number, (body, status)) in cases.into_iter().enumerate() {
        let (answered, problem) =
            client.post("/api/v1/orders", &format!("bad-{number}"), body).await.unwrap();
        let shown: String = body.chars().take(80).collect();
        assert_eq!(answered, status, "{shown}: {problem}");
        assert!(problem["type"].as_str().unwrap().starts_with("/problems/"), "{shown}: {problem}");
    }
    let malformed = client.get("/api/v1/orders?cursor=!").await.unwrap();
    assert_eq!(malformed.0, 400);
    assert_eq!(client.get("/api/v1/orders/no-such-order").await.unwrap().0, 404);
}

async fn placed(client: &Client, key: &str, body: &str) -> Value {
    let (status, order) = client.post("/api/v1/orders", key, body).await.unwrap();
    assert_eq!(status, 201, "{order}");
    client.until_terminal(order["id"].as_str().unwrap()).await
}
