//! The public events: their types and data. Attributes such as source, subject, sequence and time stand around the
//! data (CloudEvents 1.0, binary mode), so the data repeats only what readers without headers need.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::amount::Amount;
use crate::language::Language;
use crate::money::Currency;
use crate::product::Listed;
use crate::reason::Reason;
use crate::status::Status;

/// An order was accepted.
pub const ORDER_CREATED: &str = "order.created";
/// An order is paid.
pub const ORDER_PAID: &str = "order.paid";
/// An order is done.
pub const ORDER_COMPLETED: &str = "order.completed";
/// An order could not be done.
pub const ORDER_FAILED: &str = "order.failed";
/// An order was called off.
pub const ORDER_CANCELLED: &str = "order.cancelled";
/// A charge was captured.
pub const PAYMENT_PAID: &str = "payment.paid";
/// A charge was declined, or voided.
pub const PAYMENT_FAILED: &str = "payment.failed";
/// It is not known whether a charge was captured.
pub const PAYMENT_UNKNOWN: &str = "payment.unknown";
/// Money was given back.
pub const PAYMENT_REFUNDED: &str = "payment.refunded";
/// Processing ended, well or badly.
pub const ORDER_PROCESSED: &str = "order.processed";
/// A product is new, or not as it was.
pub const PRODUCT_CHANGED: &str = "product.changed";
/// All pieces that an order needs are kept for it.
pub const STOCK_RESERVED: &str = "stock.reserved";
/// An order needs more pieces than there are.
pub const STOCK_REJECTED: &str = "stock.rejected";
/// There are more or fewer free pieces of a product.
pub const STOCK_CHANGED: &str = "stock.changed";

/// The step of the saga that keeps the pieces an order needs, as events name it in their attribute `steps`.
pub const STOCK_STEP: &str = "stock";
/// The step that charges.
pub const PAYMENT_STEP: &str = "payment";
/// The step that works an order off.
pub const PROCESSING_STEP: &str = "processing";
/// The step beside the saga that tells customers of it.
pub const NOTIFICATION_STEP: &str = "notification";

/// Somebody was told how it stands with an order.
pub const NOTIFICATION_SENT: &str = "notification.sent";
/// Somebody could not be told.
pub const NOTIFICATION_FAILED: &str = "notification.failed";

/// What an order waits for before it can be processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Awaits {
    /// The pieces it needs.
    Stock,
    /// Its payment, behind the pieces.
    Payment,
}

/// The data of [`ORDER_CREATED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderCreated {
    /// The type, for readers without headers.
    pub event_type: String,
    /// The order.
    pub order_id: Uuid,
    /// Who ordered, if known.
    pub customer_id: Option<String>,
    /// Who ordered, by name, if known.
    pub customer_name: Option<String>,
    /// What was ordered.
    pub items: Vec<Item>,
    /// What it costs.
    pub total_amount: Amount,
    /// The currency of all amounts.
    pub currency: Currency,
    /// How it is to be paid. None: nothing is charged.
    pub payment_method: Option<String>,
    /// What has to happen before it can be processed.
    pub awaits: Vec<Awaits>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// The e-mail address of whoever is to be told how it goes, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The language in which they are told, if the order names one: a tag such as `ru` (BCP 47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Item {
    /// The product.
    pub product_id: String,
    /// How many.
    pub quantity: u32,
    /// What one costs, if known.
    pub price: Option<Amount>,
}

/// The data of [`ORDER_PAID`], [`ORDER_COMPLETED`], [`ORDER_FAILED`] and [`ORDER_CANCELLED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderChanged {
    /// The type, for readers without headers.
    pub event_type: String,
    /// The order.
    pub order_id: Uuid,
    /// Where it stands now.
    pub status: Status,
    /// Who ordered, if known.
    pub customer_id: Option<String>,
    /// What it costs.
    pub total_amount: Amount,
    /// The currency of the amount.
    pub currency: Currency,
    /// Why, for failed and cancelled orders.
    pub reason: Option<Reason>,
    /// What was ordered, where pieces of it may be kept for the order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// How it was to be paid, where that waits for the pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
}

/// The data of [`STOCK_RESERVED`]. With it goes what the next step needs to begin, so that it waits for no other event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StockReserved {
    /// The type, for readers without headers.
    pub event_type: String,
    /// The order.
    pub order_id: Uuid,
    /// The pieces that are kept for it. A product whose stock is not tracked is not among them.
    pub items: Vec<Pieces>,
    /// What has to happen yet before it can be processed.
    pub awaits: Vec<Awaits>,
    /// What it costs.
    pub total_amount: Amount,
    /// The currency of the amount.
    pub currency: Currency,
    /// How it is to be paid. None: nothing is charged.
    pub payment_method: Option<String>,
}

/// Pieces of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pieces {
    /// The product.
    pub product_id: String,
    /// How many.
    pub quantity: u64,
}

/// The data of [`STOCK_REJECTED`]. No piece is kept for the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StockRejected {
    /// The type, for readers without headers.
    pub event_type: String,
    /// The order.
    pub order_id: Uuid,
    /// Which product, and what there is of it.
    pub reason: Reason,
}

/// The data of [`STOCK_CHANGED`]: what of it can be ordered now. Not every change is told, but soon the last one of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StockChanged {
    /// The type, for readers without headers.
    pub event_type: String,
    /// The product.
    pub product_id: String,
    /// Free pieces, kept for nobody.
    pub stock: u32,
}

/// The data of [`PAYMENT_PAID`], [`PAYMENT_FAILED`], [`PAYMENT_UNKNOWN`] and [`PAYMENT_REFUNDED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentChanged {
    /// The type, for readers without headers.
    pub event_type: String,
    /// The order that is paid for.
    pub order_id: Uuid,
    /// The payment.
    pub payment_id: Uuid,
    /// What this event is about: what was to be charged, or what was given back.
    pub amount: Amount,
    /// All that was captured so far.
    pub paid_amount: Amount,
    /// All that was given back so far.
    pub refunded_amount: Amount,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Why.
    pub reason: Option<Reason>,
    /// Who asked for it, where that was a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Attempts since the last event about this payment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<AttemptMade>,
}

/// A fruitless attempt to reach the payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttemptMade {
    /// When.
    pub at: Timestamp,
    /// What was attempted: `charge`, `void`, `refund`.
    pub what: String,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// What came of it: `unknown` or `failed`.
    pub result: String,
    /// Why, in a sentence.
    pub message: String,
}

/// The data of [`ORDER_PROCESSED`]. Another team's processor may publish it without any headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderProcessed {
    /// The type, for readers without headers.
    #[serde(default = "order_processed")]
    pub event_type: String,
    /// The order.
    pub order_id: Uuid,
    /// `completed` or `failed`; read in any case, `success` and `processed` mean completed.
    pub status: String,
    /// Why it failed.
    #[serde(default)]
    pub error_message: Option<String>,
}

fn order_processed() -> String {
    ORDER_PROCESSED.to_owned()
}

impl OrderProcessed {
    /// Whether processing went well; None where the status says neither.
    pub fn went_well(&self) -> Option<bool> {
        match self.status.to_ascii_lowercase().as_str() {
            "completed" | "success" | "processed" => Some(true),
            "failed" => Some(false),
            _ => None,
        }
    }
}

/// The data of [`PRODUCT_CHANGED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductChanged {
    /// The type, for readers without headers.
    pub event_type: String,
    /// The product as it is now.
    pub product: Listed,
}

/// The data of [`NOTIFICATION_SENT`] and [`NOTIFICATION_FAILED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotificationChanged {
    /// The type, for readers without headers.
    pub event_type: String,
    /// The order it is about.
    pub order_id: Uuid,
    /// The notification.
    pub notification_id: Uuid,
    /// What it tells of: the type of an event, such as `order.paid`.
    pub kind: String,
    /// How it is told: `log` or `smtp`.
    pub channel: String,
    /// In which language.
    pub language: Language,
    /// Whom, where that matters to the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The amount that it names.
    pub amount: Amount,
    /// The currency of the amount.
    pub currency: Currency,
    /// The reason that it names: why the order failed, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Why nobody could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Who had it sent once more, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}
