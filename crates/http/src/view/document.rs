//! The full document (form 5), and other orders in its shape.

use contract::{Currency, Delivery, Status};
use jiff::Timestamp;
use orders::{Line, Order};
use serde::Serialize;
use utoipa::ToSchema;

use super::money::Amount;
use super::states;

/// The document as it came, with the order's status as its last key. A status of its own stays where it is; readers take
/// the last of two.
pub(crate) fn with_status(document: &str, status: Status) -> String {
    let (body, _) = document.rsplit_once('}').unwrap_or((document, ""));
    format!("{},\"status\":\"{status}\"}}", body.trim_end())
}

/// An order in the shape of form 5. What the order does not have is empty or 0.
#[derive(Serialize, ToSchema)]
#[schema(as = FullDocument)]
pub(crate) struct DocumentView<'a> {
    order_uid: String,
    track_number: &'a str,
    entry: &'a str,
    delivery: Recipient<'a>,
    payment: PaymentPart<'a>,
    items: Vec<ItemPart<'a>>,
    locale: &'a str,
    internal_signature: &'a str,
    customer_id: &'a str,
    delivery_service: &'a str,
    shardkey: &'a str,
    sm_id: i64,
    #[schema(value_type = String, format = DateTime)]
    date_created: Timestamp,
    oof_shard: &'a str,
    #[schema(value_type = states::Status)]
    status: Status,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FullDocumentDelivery)]
pub(crate) struct Recipient<'a> {
    name: &'a str,
    phone: &'a str,
    zip: &'a str,
    city: &'a str,
    address: &'a str,
    region: &'a str,
    email: &'a str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FullDocumentPayment)]
pub(crate) struct PaymentPart<'a> {
    transaction: String,
    request_id: &'a str,
    #[schema(value_type = String)]
    currency: Currency,
    provider: &'a str,
    #[schema(value_type = f64)]
    amount: Amount,
    payment_dt: i64,
    bank: &'a str,
    #[schema(value_type = f64)]
    delivery_cost: Amount,
    #[schema(value_type = f64)]
    goods_total: Amount,
    #[schema(value_type = f64)]
    custom_fee: Amount,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FullDocumentItem)]
pub(crate) struct ItemPart<'a> {
    /// The product's id if it is a number, else 0; `rid` has it as text.
    chrt_id: i64,
    track_number: &'a str,
    #[schema(value_type = f64)]
    price: Amount,
    rid: &'a str,
    name: &'a str,
    sale: i64,
    size: &'a str,
    #[schema(value_type = f64)]
    total_price: Amount,
    nm_id: i64,
    brand: &'a str,
    status: i64,
    /// How many. A document that came whole has an item for each piece, and says nothing here.
    #[schema(required = false)]
    quantity: u32,
}

impl<'a> From<&'a Order> for DocumentView<'a> {
    fn from(order: &'a Order) -> Self {
        let content = &order.content;
        Self {
            order_uid: content.external_id.clone().unwrap_or_else(|| order.id.to_string()),
            track_number: "",
            entry: "",
            delivery: Recipient::from(content.delivery.as_ref()),
            payment: PaymentPart::from(order),
            items: content.lines.iter().map(|line| ItemPart::new(line, content.currency)).collect(),
            locale: "",
            internal_signature: "",
            customer_id: content.customer_id.as_deref().unwrap_or_default(),
            delivery_service: "",
            shardkey: "",
            sm_id: 0,
            date_created: order.created_at,
            oof_shard: "",
            status: order.status(),
        }
    }
}

impl<'a> From<Option<&'a Delivery>> for Recipient<'a> {
    fn from(delivery: Option<&'a Delivery>) -> Self {
        let part = |part: fn(&'a Delivery) -> Option<&'a str>| delivery.and_then(part).unwrap_or_default();
        Self {
            name: part(|delivery| delivery.name.as_deref()),
            phone: part(|delivery| delivery.phone.as_deref()),
            zip: part(|delivery| delivery.zip.as_deref()),
            city: part(|delivery| delivery.city.as_deref()),
            address: part(|delivery| delivery.address.as_deref()),
            region: part(|delivery| delivery.region.as_deref()),
            email: part(|delivery| delivery.email.as_deref()),
        }
    }
}

impl<'a> From<&'a Order> for PaymentPart<'a> {
    fn from(order: &'a Order) -> Self {
        let content = &order.content;
        let nothing = Amount::new(0, content.currency);
        Self {
            transaction: order.id.to_string(),
            request_id: "",
            currency: content.currency,
            provider: content.payment_method.as_deref().unwrap_or_default(),
            amount: content.total().into(),
            payment_dt: order.created_at.as_second(),
            bank: "",
            delivery_cost: nothing,
            goods_total: content.total().into(),
            custom_fee: nothing,
        }
    }
}

impl<'a> ItemPart<'a> {
    fn new(line: &'a Line, currency: Currency) -> Self {
        Self {
            chrt_id: line.product_id.parse().unwrap_or_default(),
            track_number: "",
            price: Amount::new(line.price.unwrap_or_default(), currency),
            rid: &line.product_id,
            name: line.name.as_deref().unwrap_or(&line.product_id),
            sale: 0,
            size: "",
            total_price: Amount::new(line.total.unwrap_or_default(), currency),
            nm_id: 0,
            brand: "",
            status: 0,
            quantity: line.quantity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::orders::priced_order;

    #[test]
    fn the_status_is_the_last_key_and_the_rest_is_untouched() {
        let document = "{ \"order_uid\" : \"a}\",\"n\":1.50, \"items\":[{}] \n}\n";
        let text = with_status(document, Status::Pending);
        assert_eq!(text, "{ \"order_uid\" : \"a}\",\"n\":1.50, \"items\":[{}],\"status\":\"PENDING\"}");
    }

    #[test]
    fn another_order_in_the_shape_of_form_5() {
        let text = serde_json::to_string_pretty(&DocumentView::from(&priced_order())).unwrap();
        insta::assert_snapshot!("order_as_document", text);
    }
}
