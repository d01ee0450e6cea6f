//! `ordo orders get`: one order.

use anyhow::Result;

use crate::ask::ask;
use crate::output::print;
use crate::show;
use crate::target::Target;

/// Shows the order.
pub async fn run(target: &Target, id: &str, json: bool) -> Result<()> {
    let answer = ask(target, target.get(&format!("/api/v1/orders/{}", show::segment(id)))?).await?;
    match json {
        true => print(&answer),
        false => print(show::order(&answer)?),
    }
}
