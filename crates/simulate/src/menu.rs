//! What catalogue lines can be ordered: asked of the server's menu once, before the run.

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

use crate::{connection::Connection, target::Target};

/// Dishes of the menu that ordo ships with.
const WELL_KNOWN: [&str; 3] = ["margherita", "pepperoni", "quattro-formaggi"];

/// What this client needs to know of a dish.
#[derive(Debug, Deserialize)]
struct Dish {
    id: String,
    available: bool,
    /// Absent when the stock is not tracked.
    stock: Option<i64>,
}

impl Dish {
    const fn on_offer(&self) -> bool {
        self.available && !matches!(self.stock, Some(..=0))
    }
}

/// The ids to order: all that is on offer, or a few well-known ones.
pub async fn choose(connection: &mut Connection, target: &Target, all: bool) -> anyhow::Result<Vec<String>> {
    let answer = connection.fetch(target.read("/api/v1/menu")?).await;
    let answer = answer.map_err(|failure| anyhow::anyhow!("the menu could not be read: {failure}"))?;
    ensure!(answer.status == 200, "the menu answered {}; catalogue lines need it", answer.status);
    let dishes = serde_json::from_slice(&answer.body).context("the menu is not an array of products")?;
    let chosen = among(dishes, all);
    if chosen.is_empty() {
        bail!("the menu has nothing on offer; add products, or leave `catalogue` out of --mix");
    }
    Ok(chosen)
}

/// Without `all`: of the well-known dishes on offer those that cannot sell out, or else those that can, or else all.
fn among(dishes: Vec<Dish>, all: bool) -> Vec<String> {
    let on_offer: Vec<_> = dishes.into_iter().filter(Dish::on_offer).collect();
    let well_known = |dish: &&Dish| !all && WELL_KNOWN.contains(&dish.id.as_str());
    let lasting = on_offer.iter().filter(well_known).any(|dish| dish.stock.is_none());
    let chosen: Vec<_> = on_offer
        .iter()
        .filter(well_known)
        .filter(|dish| !lasting || dish.stock.is_none())
        .map(|dish| dish.id.clone())
        .collect();
    if chosen.is_empty() { on_offer.into_iter().map(|dish| dish.id).collect() } else { chosen }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dish(id: &str, available: bool, stock: Option<i64>) -> Dish {
        Dish { id: id.to_owned(), available, stock }
    }

    fn menu() -> Vec<Dish> {
        vec![
            dish("margherita", true, None),
            dish("pepperoni", true, Some(5)),
            dish("diavola", true, Some(0)),
            dish("calzone", false, None),
            dish("funghi", true, Some(9)),
        ]
    }

    #[test]
    fn the_whole_menu_is_all_that_is_on_offer() {
        assert_eq!(among(menu(), true), ["margherita", "pepperoni", "funghi"]);
    }

    #[test]
    fn well_known_dishes_that_cannot_sell_out_come_first() {
        assert_eq!(among(menu(), false), ["margherita"]);
        assert_eq!(among(menu().split_off(1), false), ["pepperoni"]);
        assert_eq!(among(menu().split_off(2), false), ["funghi"]);
        assert!(among(menu().split_off(5), false).is_empty());
    }
}
