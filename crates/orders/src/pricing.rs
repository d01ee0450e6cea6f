//! Pricing: what an order costs, by what the caller says or by the menu.

use std::collections::HashMap;

use contract::{Currency, MAX_MINOR, Money, Product};

use crate::model::Line;
use crate::place::{LineRequest, PlaceOrder, Pricing};
use crate::refusal::Refusal;

/// The priced lines, their total and its currency.
pub(crate) struct Priced {
    pub lines: Vec<Line>,
    pub total: i64,
    pub currency: Currency,
    /// Whether somebody counts the pieces of any of the lines.
    pub tracked: bool,
}

/// Prices an order. `product` looks into the replica of the menu.
pub(crate) fn price<'a>(
    place: &PlaceOrder,
    default_currency: Currency,
    product: impl Fn(&str) -> Option<&'a Product>,
) -> Result<Priced, Refusal> {
    let priced = match place.pricing {
        Pricing::Declared { total } => {
            let lines = place.lines.iter().map(as_stated).collect();
            Priced { lines, total, currency: place.currency.unwrap_or(default_currency), tracked: false }
        }
        Pricing::Priced => {
            let lines: Vec<Line> = place.lines.iter().map(as_stated).collect();
            let total = sum(&lines)?;
            Priced { lines, total, currency: place.currency.unwrap_or(default_currency), tracked: false }
        }
        Pricing::Catalogue => by_menu(place, default_currency, product)?,
    };
    match place.expected_total {
        Some(expected) if expected != priced.total => {
            let money = |minor| Money { minor, currency: priced.currency };
            Err(Refusal::TotalDrifted { total: money(priced.total), expected: money(expected) })
        }
        _ => Ok(priced),
    }
}

fn as_stated(line: &LineRequest) -> Line {
    Line {
        product_id: line.product_id.clone(),
        name: line.name.clone(),
        quantity: line.quantity,
        price: line.price,
        total: line.total,
    }
}

fn by_menu<'a>(
    place: &PlaceOrder,
    default_currency: Currency,
    product: impl Fn(&str) -> Option<&'a Product>,
) -> Result<Priced, Refusal> {
    let mut currency = place.currency;
    let mut wanted: HashMap<&str, u64> = HashMap::new();
    let mut tracked = false;
    let mut lines = Vec::with_capacity(place.lines.len());
    for (index, line) in place.lines.iter().enumerate() {
        let product_id = || line.product_id.clone();
        let product = product(&line.product_id)
            .filter(|product| !product.deleted)
            .ok_or_else(|| Refusal::UnknownProduct { line: index, product_id: product_id() })?;
        if !product.available {
            return Err(Refusal::SoldOut { line: index, product_id: product_id() });
        }
        if let Some(available) = product.stock {
            tracked = true;
            let wanted = wanted.entry(&line.product_id).or_default();
            *wanted += u64::from(line.quantity);
            if *wanted > u64::from(available) {
                let (product_id, wanted) = (product_id(), *wanted);
                return Err(Refusal::OutOfStock { line: index, product_id, wanted, available });
            }
        }
        if *currency.get_or_insert(product.currency) != product.currency {
            return Err(Refusal::OtherCurrency { line: index, product_id: product_id() });
        }
        let price = Money { minor: product.price, currency: product.currency };
        let total = price.checked_mul(line.quantity).map_err(|_| Refusal::TotalOutOfRange)?;
        lines.push(Line {
            product_id: product_id(),
            name: Some(product.name.clone()),
            quantity: line.quantity,
            price: Some(price.minor),
            total: Some(total.minor),
        });
    }
    let total = sum(&lines)?;
    Ok(Priced { lines, total, currency: currency.unwrap_or(default_currency), tracked })
}

fn sum(lines: &[Line]) -> Result<i64, Refusal> {
    let total: i128 = lines.iter().map(|line| i128::from(line.total.unwrap_or(0))).sum();
    i64::try_from(total).ok().filter(|total| *total <= MAX_MINOR).ok_or(Refusal::TotalOutOfRange)
}
