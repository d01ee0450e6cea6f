//! `ordo orders list`: the newest orders that fit.
//!
//! A page may be shorter than asked for, because hardly anything fits; the next ones are asked for until there are enough.

use anyhow::{Context, Result};
use serde_json::value::RawValue;

use crate::args::List;
use crate::ask::ask_page;
use crate::output::print;
use crate::show;
use crate::target::Target;

/// Lists orders.
pub async fn run(target: &Target, list: &List, json: bool) -> Result<()> {
    let mut orders = Vec::new();
    let mut next = Some(path(list));
    while let Some(path) = next.filter(|_| orders.len() < usize::from(list.limit)) {
        let page = ask_page(target, target.get(&path)?).await?;
        let read: Vec<Box<RawValue>> =
            serde_json::from_slice(&page.body).context("the answer is no list of orders")?;
        orders.extend(read);
        next = page.next;
    }
    orders.truncate(usize::from(list.limit));
    let answer = serde_json::to_vec(&orders)?;
    match json {
        true => print(&answer),
        false => print(show::orders(&answer)?),
    }
}

fn path(list: &List) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &list.limit.to_string());
    list.filters.extend(&mut query);
    format!("/api/v1/orders?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filters::Filters;

    #[test]
    fn what_is_asked_for_stands_in_the_query() {
        let filters = Filters {
            status: Some("PAID".into()),
            customer_id: Some("a&b".into()),
            query: Some("Lenina 5".into()),
            ..Filters::default()
        };
        let list = List { limit: 5, filters };
        assert_eq!(path(&list), "/api/v1/orders?limit=5&status=PAID&customer_id=a%26b&q=Lenina+5");
    }
}
