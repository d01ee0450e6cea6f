//! `ordo orders get`: one order.

use anyhow::Result;

use crate::ask::ask;
use crate::show::{self, print};
use crate::target::Target;

/// Shows the order.
pub async fn run(target: &Target, id: &str, json: bool) -> Result<()> {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    let answer = ask(target, target.get(&format!("/api/v1/orders/{id}"))?).await?;
    match json {
        true => print(&answer),
        false => print(show::order(&answer)?.as_bytes()),
    }
}
