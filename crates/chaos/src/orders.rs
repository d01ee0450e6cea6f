//! Orders on a stage: placed, looked at, and followed to their end.

use anyhow::{Context, Result, ensure};
use client::Answer;
use http::Method;
use serde_json::{Value, json};

use crate::stage::Stage;

/// What an order ends as.
const ENDS: [&str; 3] = ["PROCESSED", "FAILED", "CANCELLED"];

impl Stage {
    /// An order of this run as its buyer states it. Without a payment method nothing is charged.
    pub fn order(&self, number: usize, method: Option<&str>) -> Value {
        let mut order = json!({
            "customer_id": self.run,
            "items": [{"product_id": format!("{}-{number}", self.run), "quantity": 1, "price": "12.50"}],
        });
        if let Some(method) = method {
            order["payment_method"] = method.into();
        }
        order
    }

    /// The key of a request of this run.
    pub fn key(&self, number: usize) -> String {
        format!("{}/{number}", self.run)
    }

    /// Hands an order in, whatever is answered.
    ///
    /// # Errors
    /// If nobody answers.
    pub async fn hand_in(&self, key: Option<&str>, order: &Value) -> Result<Answer> {
        self.caller.send_json(Method::POST, "/api/v1/orders", key, &order.to_string()).await
    }

    /// Places an order that is paid so, and says how it can be watched.
    ///
    /// # Errors
    /// If it is not accepted.
    pub async fn place(&self, number: usize, method: &str) -> Result<String> {
        let answer = self.hand_in(Some(&self.key(number)), &self.order(number, Some(method))).await?;
        let body = answer.json();
        ensure!(answer.status == 201, "an order was answered {}: {}", answer.status, body["detail"]);
        Ok(body["id"].as_str().context("the order has no id")?.to_owned())
    }

    /// Places an order and says where to look at it.
    ///
    /// # Errors
    /// If it is not accepted.
    pub async fn place_and_show(&self, method: &str) -> Result<String> {
        let id = self.place(0, method).await?;
        self.tell(format_args!("order {id} is accepted, to be paid by {method}. Watch it:"));
        self.line(&format!("             ORDO_URL={} ordo orders watch {id}", self.caller.url()));
        Ok(id)
    }

    /// The order as it is now.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn look(&self, id: &str) -> Result<Value> {
        self.read(&format!("/api/v1/orders/{id}")).await
    }

    /// What the server says there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn read(&self, path: &str) -> Result<Value> {
        let answer = self.caller.get(path).await?;
        ensure!(answer.status == 200, "{path} was answered {}: {}", answer.status, answer.json()["detail"]);
        Ok(answer.json())
    }

    /// Tells what is new in an order's timeline. `told` is how many entries were told before.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn tell_timeline(&self, id: &str, told: &std::cell::Cell<usize>) -> Result<()> {
        let timeline = self.read(&format!("/api/v1/orders/{id}/timeline")).await?;
        let entries = timeline.as_array().map_or(&[][..], Vec::as_slice);
        for entry in entries.iter().skip(told.get()) {
            let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
            self.tell(format_args!("  {:<20} {}", text("type"), text("message")));
        }
        told.set(entries.len().max(told.get()));
        Ok(())
    }

    /// Follows an order until this is true of it, telling what happens to it.
    ///
    /// # Errors
    /// If it does not come to that.
    pub async fn follow(&self, id: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Result<Value> {
        let told = std::cell::Cell::new(0);
        self.until(what, async || {
            // First, so that what led to it is told.
            let order = self.look(id).await?;
            self.tell_timeline(id, &told).await?;
            Ok(is_so(&order).then_some(order))
        })
        .await
    }

    /// The orders, each once it has ended.
    ///
    /// # Errors
    /// If one does not end.
    pub async fn ended(&self, ids: &[String]) -> Result<Vec<Value>> {
        let mut ended = Vec::with_capacity(ids.len());
        for id in ids {
            let order = self.until(format!("order {id} ends"), async || {
                let order = self.look(id).await?;
                Ok(has_ended(&order).then_some(order))
            });
            ended.push(order.await?);
        }
        Ok(ended)
    }

    /// How many orders of this run there are; at most 1000 are counted.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub async fn count(&self) -> Result<usize> {
        let orders = self.read(&format!("/api/v1/orders?limit=1000&customer_id={}", self.run)).await?;
        orders.as_array().map(Vec::len).context("the orders are no list")
    }
}

/// Whether the order has ended.
pub fn has_ended(order: &Value) -> bool {
    ENDS.iter().any(|end| order["status"] == *end)
}

/// A value as people read it.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
