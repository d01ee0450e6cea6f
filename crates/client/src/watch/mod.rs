//! `ordo orders watch`: what happens to an order, or to all of them, as it happens.
//!
//! It guarantees that nothing is told twice and nothing is passed over: whoever was cut off comes back with the id of what was
//! heard last. What the server itself cannot tell any more is told as a gap.

mod events;
mod order;

use anyhow::{Result, anyhow};
use http::HeaderValue;

use crate::args::Watch;
use crate::away::{Away, is_for_now};
use crate::link::{Link, whole};
use crate::problem::Problem;
use crate::sse::{Event, Events};
use crate::target::Target;
use crate::waiting::Waiting;

/// Whether to go on listening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    Stop,
}

/// Watches the order, or the events.
pub async fn run(target: &Target, watch: &Watch, json: bool) -> Result<()> {
    match &watch.id {
        Some(id) => order::watch(target, id, watch, json).await,
        None => events::watch(target, watch, json).await,
    }
}

/// Hears a stream until somebody says to stop, and comes back to it when it breaks.
async fn hear(
    target: &Target,
    path: &str,
    watch: &Watch,
    mut tell: impl FnMut(&Event) -> Result<Then>,
) -> Result<()> {
    let (mut last, mut told) = (None, None);
    let mut waiting = Waiting::new(watch.patience);
    loop {
        let before = last.clone();
        let ended = listen(target, path, &mut last, &mut tell).await;
        let away = match ended {
            Ok(Then::Stop) => return Ok(()),
            Ok(Then::GoOn) => Away("the server ended the stream".to_owned()),
            Err(error) => error.downcast::<Away>()?,
        };
        if last.is_none() {
            // It was never there: most likely it is not running, or the address is wrong.
            return Err(away.into());
        }
        if last != before {
            waiting = Waiting::new(watch.patience);
            told = None;
        }
        if told.as_ref() != Some(&away) {
            eprintln!("trying again: {away}");
            told = Some(away.clone());
        }
        waiting.pause(away).await?;
    }
}

/// Hears it once, from behind what was heard last.
async fn listen(
    target: &Target,
    path: &str,
    last: &mut Option<String>,
    tell: &mut impl FnMut(&Event) -> Result<Then>,
) -> Result<Then> {
    let mut request = target.get(path)?;
    if let Some(last) = last.as_deref() {
        request.headers_mut().insert("last-event-id", HeaderValue::from_str(last)?);
    }
    let link = Link::open(target).await?;
    link.exchange(request, async |answer| {
        let status = answer.status().as_u16();
        if status != 200 {
            let problem = Problem::read(status, &whole(answer.into_body()).await?).to_string();
            return Err(if is_for_now(status) { Away(problem).into() } else { anyhow!(problem) });
        }
        let mut events = Events::of(answer.into_body());
        while let Some(event) = events.next().await? {
            if tell(&event)? == Then::Stop {
                return Ok(Then::Stop);
            }
            if event.id.is_some() {
                last.clone_from(&event.id);
            }
        }
        Ok(Then::GoOn)
    })
    .await
}
