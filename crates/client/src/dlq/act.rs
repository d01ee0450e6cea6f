//! `ordo dlq redrive` and `discard`: one request for each letter, and one line for each outcome.

use std::process::ExitCode;

use anyhow::{Context, Result};
use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Discard, PATH, Redrive, list};
use crate::ask::ask;
use crate::away::Away;
use crate::output::report;
use crate::show::segment;
use crate::table::clean;
use crate::target::Target;

/// How a letter stands behind the act.
#[derive(Deserialize)]
struct Acted {
    state: String,
}

/// Tries letters again.
pub async fn redrive(target: &Target, redrive: &Redrive, json: bool) -> Result<ExitCode> {
    let ids = match redrive.all {
        false => redrive.ids.clone(),
        true => {
            let dead = list::dead(target, &redrive.filters, redrive.limit).await?;
            dead.into_iter().map(|letter| letter.id).collect()
        }
    };
    let body = match &redrive.reason {
        Some(reason) => json!({ "reason": reason }),
        None => json!({}),
    };
    each(target, &ids, "redrive", &body.to_string(), json).await
}

/// Gives letters up.
pub async fn discard(target: &Target, discard: &Discard, json: bool) -> Result<ExitCode> {
    let body = json!({ "reason": discard.reason }).to_string();
    each(target, &discard.ids, "discard", &body, json).await
}

/// One after the other, so that a server that goes away leaves no doubt about what was done.
async fn each(target: &Target, ids: &[String], act: &str, body: &str, json: bool) -> Result<ExitCode> {
    let mut refused = 0;
    for id in ids {
        let path = format!("{PATH}/{}/{act}", segment(id));
        match ask(target, target.json(Method::POST, &path, None, body)?).await {
            Ok(answer) if json => report(String::from_utf8_lossy(&answer))?,
            Ok(answer) => {
                let acted: Acted = serde_json::from_slice(&answer).context("the answer is no dead letter")?;
                report(clean(&format!("{id}: {}", acted.state)))?;
            }
            Err(error) if error.is::<Away>() => return Err(error),
            Err(error) => {
                refused += 1;
                eprintln!("{}: {error:#}", clean(id));
            }
        }
    }
    if !json && ids.len() != 1 {
        report(format_args!("{} done, {refused} refused", ids.len() - refused))?;
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
