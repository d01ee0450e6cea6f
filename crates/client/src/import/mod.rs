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
use std::time::Duration;

use anyhow::Result;

use crate::args::Import;
use crate::away::Away;
use crate::target::Target;
use crate::waiting::Waiting;
use report::Report;
use rows::Rows;
use source::Source;
use wave::{Sending, exchange};

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
        let given_up = |Away(why)| {
            Away(format!("{why}; what was answered is placed: run the same command again to go on"))
        };
        waiting.pause(away).await.map_err(given_up)?;
    }
}
