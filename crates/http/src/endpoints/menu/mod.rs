//! The menu.

pub(crate) mod body;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod replace;

use axum::http::header::ETAG;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use catalog::{Catalog, Input, Item};
use engine::retry::later;
use engine::{Command, Key, Message, Origin};

use crate::api::Api;
use crate::conditional::{IfMatch, etag};
use crate::idempotency::{IdempotencyKey, REPLAYED};
use crate::problem::Problem;
use crate::problems::no_such_product;
use crate::respond::json;
use crate::submit::{Done, submit};
use crate::view::product::ProductView;

/// The product, or 404.
async fn find(api: &Api, id: &str) -> Result<Item, Problem> {
    let item = api.catalog_queries.item(id).await?;
    item.filter(Item::is_listed).ok_or_else(no_such_product)
}

/// Where a product is. Its id may have any character.
fn path_of(id: &str) -> String {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/api/v1/menu/{}", id.replace('+', "%20"))
}

/// Answers the product with its entity tag.
fn answer(status: StatusCode, item: &Item) -> Response {
    let mut response = json(status, &ProductView::from(&item.product));
    response.headers_mut().insert(ETAG, etag(item.version));
    response
}

/// Hands in a command about a product. `content` is all that it depends on.
async fn change(
    api: &Api,
    (operation, key): (&str, &IdempotencyKey),
    id: &str,
    input: Input,
    content: &[&[u8]],
) -> Result<Done<Item>, Problem> {
    let expires = later(api.clock.now(), api.limits.idempotency_retention);
    let claims = key.claim(operation, content, expires).into_iter().collect();
    let origin = Origin::Command { id: api.ids.next() };
    let message = Message { key: Key::name(id), origin, input };
    submit::<Catalog>(&api.catalog, Command { message, claims }, api.limits.idempotency_wait).await
}

/// Says of an answer that it was given before, if it was.
fn marked<R>(mut response: Response, done: &Done<R>) -> Response {
    if done.replayed.is_some() {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// The one version the caller believes in. Of several, the one that the product has.
async fn expected_version(api: &Api, id: &str, believed: &IfMatch) -> Result<Option<u64>, Problem> {
    let IfMatch::OneOf(versions) = believed else { return Ok(None) };
    if let [version] = versions.as_slice() {
        return Ok(Some(*version));
    }
    let version = find(api, id).await?.version;
    // No product has version 0.
    Ok(Some(if versions.contains(&version) { version } else { 0 }))
}
