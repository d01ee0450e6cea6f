//! The knobs of the payment provider that ships with ordo. How they stood is remembered, and they are turned back.

use std::cell::RefCell;

use anyhow::{Context, Result, ensure};
use client::Caller;
use http::Method;

/// Where they are.
const PATH: &str = "/api/v1/provider/settings";

/// The knobs of one server's provider.
#[derive(Default)]
pub struct Knobs {
    /// How they stood. None: nobody has turned them.
    before: RefCell<Option<String>>,
}

impl Knobs {
    /// Turns them: what is left out goes back to 0.
    ///
    /// # Errors
    /// If the server's provider has none, or cannot be reached.
    pub async fn turn(&self, caller: &Caller, knobs: &str) -> Result<()> {
        if self.before.borrow().is_none() {
            let answer = caller.get(PATH).await?;
            ensure!(answer.status == 200, "the payment provider of this server cannot be made to misbehave");
            let stood =
                String::from_utf8(answer.body.to_vec()).context("the provider's settings are no text")?;
            *self.before.borrow_mut() = Some(stood);
        }
        put(caller, knobs).await
    }

    /// Turns them back to where they stood, if somebody has turned them.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub async fn turn_back(&self, caller: &Caller) -> Result<()> {
        let before = self.before.borrow().clone();
        match before {
            Some(before) => put(caller, &before).await,
            None => Ok(()),
        }
    }
}

async fn put(caller: &Caller, knobs: &str) -> Result<()> {
    let answer = caller.send_json(Method::PUT, PATH, None, knobs).await?;
    ensure!(
        answer.status == 200,
        "the payment provider's settings cannot be changed: {}",
        answer.json()["detail"]
    );
    Ok(())
}
