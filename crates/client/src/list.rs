//! `ordo orders list`: the newest orders.

use anyhow::Result;

use crate::args::List;
use crate::ask::ask;
use crate::output::print;
use crate::show;
use crate::target::Target;

/// Lists orders.
pub async fn run(target: &Target, list: &List, json: bool) -> Result<()> {
    let answer = ask(target, target.get(&path(list))?).await?;
    match json {
        true => print(&answer),
        false => print(show::orders(&answer)?),
    }
}

fn path(list: &List) -> String {
    let filters = [
        ("status", &list.status),
        ("payment_status", &list.payment_status),
        ("processing_status", &list.processing_status),
        ("customer_id", &list.customer_id),
        ("created_from", &list.created_from),
        ("created_to", &list.created_to),
    ];
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &list.limit.to_string());
    for (name, value) in filters {
        query.extend_pairs(value.as_ref().map(|value| (name, value)));
    }
    format!("/api/v1/orders?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stands_in_the_query() {
        let list = List {
            limit: 5,
            status: Some("PAID".into()),
            customer_id: Some("a&b".into()),
            ..List::default()
        };
        assert_eq!(path(&list), "/api/v1/orders?limit=5&status=PAID&customer_id=a%26b");
    }
}
