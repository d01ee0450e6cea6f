//! Where an order goes and to whom. Plain data: what must be present is decided by the form that states it.

use serde::{Deserialize, Serialize};

/// The recipient of an order; `deliveryAddress` in a form is the `address` of this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// Who receives the order.
    pub name: Option<String>,
    /// How to reach them; kept as it came, no numbering plan is assumed.
    pub phone: Option<String>,
    /// Postal code, text because codes have letters and leading zeros.
    pub zip: Option<String>,
    /// Town or city.
    pub city: Option<String>,
    /// Street, house and whatever else finds the door.
    pub address: Option<String>,
    /// State, province or republic.
    pub region: Option<String>,
    /// E-mail address of the recipient.
    pub email: Option<String>,
}
