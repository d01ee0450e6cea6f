//! One question to the server, and its whole answer.

use anyhow::{Result, anyhow};
use bytes::Bytes;

use crate::away::{Away, is_for_now};
use crate::link::{Link, whole};
use crate::problem::Problem;
use crate::target::{Outgoing, Target};

/// Asks the server, and gives back the body of its answer.
///
/// # Errors
/// [`Away`], or what the server refuses.
pub async fn ask(target: &Target, request: Outgoing) -> Result<Bytes> {
    let link = Link::open(target).await?;
    link.exchange(request, async |response| {
        let status = response.status();
        let body = whole(response.into_body()).await?;
        if status.is_success() {
            return Ok(body);
        }
        let problem = Problem::read(status.as_u16(), &body).to_string();
        Err(if is_for_now(status.as_u16()) { Away(problem).into() } else { anyhow!(problem) })
    })
    .await
}
