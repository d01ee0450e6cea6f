//! `ordo orders import`: the orders of a file into a server, each of them once.
//!
//! Keys come of the content of the file and the number of the line, so whoever runs the same import again sends the same
//! keys, and the server answers what it knows. Lines are sent in waves, each a request of its own that is answered line by
//! line; what was not answered is sent again, on a new connection, for as long as there is patience.

mod answers;
mod counted;
mod report;
mod row;
mod rows;
mod source;
mod table;
mod wave;

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::args::Import;
use crate::away::Away;
use crate::target::Target;
use report::Report;
use rows::Rows;
use source::Source;
use wave::{Sending, exchange};

/// The first pause before another attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause before another attempt.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Imports the file.
pub async fn run(target: &Target, import: &Import, json: bool) -> Result<ExitCode> {
    let source = Source::open(&import.file)?;
    let report = Report::new(source.length, json);
    let rows = Rows::open(&source, import.format)?;
    let sending = Arc::new(Mutex::new(Sending::new(rows, source.hash.clone(), report)));
    let ended = send(target, &sending, import.patience).await;
    let sending = &mut *sending.lock().unwrap_or_else(PoisonError::into_inner);
    sending.report.finish(json)?;
    ended?;
    source.check_unchanged()?;
    Ok(if sending.report.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sends wave by wave until every line is answered.
async fn send(target: &Target, sending: &Arc<Mutex<Sending>>, patience: Duration) -> Result<()> {
    let mut waiting = Waiting::new(patience);
    loop {
        let (wave, answered) = {
            let mut sending = sending.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(wave) = sending.begin()? else { return Ok(()) };
            (wave, sending.report.answered())
        };
        let Err(error) = exchange(target, sending, wave).await else {
            waiting = Waiting::new(patience);
            continue;
        };
        let away = error.downcast::<Away>()?;
        {
            let mut sending = sending.lock().unwrap_or_else(PoisonError::into_inner);
            if sending.report.answered() > answered {
                waiting = Waiting::new(patience);
            }
            sending.report.retries += 1;
            sending.report.say(&away.0);
        }
        waiting.pause(away).await?;
    }
}

/// The pauses since the server has last answered something.
struct Waiting {
    since: Instant,
    next: Duration,
    patience: Duration,
}

impl Waiting {
    fn new(patience: Duration) -> Self {
        Self { since: Instant::now(), next: FIRST_PAUSE, patience }
    }

    /// Pauses, longer each time.
    async fn pause(&mut self, away: Away) -> Result<(), Away> {
        if self.since.elapsed() + self.next > self.patience {
            return Err(Away(format!(
                "{away}; what was answered is placed: run the same command again to go on"
            )));
        }
        rest(self.next).await;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "a client program waits in real time; no step, no Clock port")]
async fn rest(pause: Duration) {
    tokio::time::sleep(pause).await;
}
