//! Schemas: the contract's, and those of an order in any of the five forms.

use broker::TOPICS;
use contract::KINDS;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::headers::{Carrier, event};
use crate::view::forms::PlaceOrder;

/// All schemas, by their names.
pub(super) fn all() -> Map<String, Value> {
    let mut all = vec![(PlaceOrder::name().into_owned(), <PlaceOrder as utoipa::PartialSchema>::schema())];
    PlaceOrder::schemas(&mut all);
    all.extend(KINDS.iter().flat_map(|kind| (kind.schema)().all));
    let mut schemas: Map<_, _> = all.iter().map(written).collect();
    // What an event tells stands at its message; several of them have the same data.
    for kind in KINDS {
        if let Some(Value::Object(data)) = schemas.get_mut(&*(kind.schema)().name) {
            data.remove("description");
        }
    }
    schemas.extend(headers());
    schemas
}

fn written((name, schema): &(String, RefOr<Schema>)) -> (String, Value) {
    (name.clone(), serde_json::to_value(schema).unwrap_or_default())
}

fn headers() -> impl Iterator<Item = (String, Value)> {
    let any = KINDS.first().map(|kind| event(TOPICS[1].source, kind));
    Carrier::ALL
        .into_iter()
        .zip(std::iter::repeat(any))
        .filter_map(|(carrier, any)| Some((carrier.schema().to_owned(), carrier.headers_schema(&any?))))
}
