//! Waves: as many rows as one request carries, and what of them is still to be answered.
//!
//! The key of a line has to be the same whenever it is sent. So lines are counted in blocks, a request stays within one
//! block, and blank lines stand for what it does not send of it: line n of the body is always line n of the block.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Result, anyhow, bail};
use bytes::{BufMut, Bytes, BytesMut};
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;

use super::answers::{Answer, Answers};
use super::report::Report;
use super::row::Row;
use super::rows::Rows;
use crate::away::{Away, is_for_now};
use crate::link::{Link, whole};
use crate::problem::Problem;
use crate::target::Target;

/// Lines of a block. Not to be changed lightly: the keys of files that were imported half depend on it.
const BLOCK: u64 = 50_000;
/// What one wave comes to at the most, in bytes, give or take one row.
const WAVE: usize = 16 << 20;
/// So much is handed to the connection at once, in bytes, give or take one row.
const PIECE: usize = 32 * 1024;
const PATH: &str = "/api/v1/orders/batch";

/// A file on its way.
pub struct Sending {
    rows: Rows,
    hash: String,
    /// What was read and is not answered, at most a wave and a row.
    unanswered: VecDeque<Row>,
    /// How many of them have been sent in this wave.
    sent: usize,
    /// Why the file could not be read on.
    fault: Option<anyhow::Error>,
    /// What has come of it so far.
    pub report: Report,
}

/// The lines before the first one of a wave's block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wave(u64);

impl Wave {
    fn of(line: u64) -> Self {
        Self((line - 1) / BLOCK * BLOCK)
    }
}

impl Sending {
    /// Nothing is sent yet.
    pub fn new(rows: Rows, hash: String, report: Report) -> Self {
        Self { rows, hash, unanswered: VecDeque::new(), sent: 0, fault: None, report }
    }

    /// The next wave, from the first row that is not answered. None: all are.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn begin(&mut self) -> Result<Option<Wave>> {
        self.sent = 0;
        self.read_on();
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => Ok(self.unanswered.front().map(|row| Wave::of(row.line))),
        }
    }

    /// Sees to it that there is a row to send, if there is one in the file.
    fn read_on(&mut self) {
        while self.sent == self.unanswered.len() && self.fault.is_none() {
            match self.rows.next() {
                Ok(Some(Row { line, order: Err(why), .. })) => self.report.refuse(line, &why),
                Ok(Some(row)) => self.unanswered.push_back(row),
                Ok(None) => return,
                Err(fault) => self.fault = Some(fault),
            }
        }
    }

    /// The next row of the wave.
    fn next(&mut self, wave: Wave) -> Option<(u64, Bytes)> {
        self.read_on();
        let row = self.unanswered.get(self.sent).filter(|row| Wave::of(row.line) == wave)?;
        self.sent += 1;
        Some((row.line - wave.0, row.order.clone().unwrap_or_default()))
    }

    /// Takes the answer to the first row.
    fn answered(&mut self, wave: Wave, answer: &Answer) -> Result<()> {
        // Told at whatever line the server is, be it one that was not sent.
        if let Some(problem) = answer.problem.as_ref().filter(|problem| is_for_now(problem.status)) {
            return Err(Away(problem.to_string()).into());
        }
        let first = self.unanswered.front().filter(|_| self.sent > 0);
        let Some(row) = first.filter(|row| row.line - wave.0 == answer.line) else {
            bail!("the server answers line {}, which it was not sent", wave.0 + answer.line);
        };
        match &answer.problem {
            Some(problem) => self.report.refuse(row.line, &problem.to_string()),
            None => self.report.placed += 1,
        }
        self.report.end = row.end;
        self.unanswered.pop_front();
        self.sent -= 1;
        Ok(())
    }
}

fn lock(sending: &Mutex<Sending>) -> MutexGuard<'_, Sending> {
    sending.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends a wave, and takes its answers while they come.
///
/// # Errors
/// [`Away`] if what is not answered is to be sent again, or why it will not do.
pub async fn exchange(target: &Target, sending: &Arc<Mutex<Sending>>, wave: Wave) -> Result<()> {
    let mut key = format!("import/{}", lock(sending).hash);
    write!(key, "/{}", wave.0)?;
    let body = StreamBody::new(stream::iter(Pieces::new(Arc::clone(sending), wave))).boxed_unsync();
    let request = target.post(PATH, "application/x-ndjson", &key, body)?;
    let link = Link::open(target).await?;
    link.exchange(request, async |response| {
        let status = response.status();
        if !status.is_success() {
            let body = whole(response.into_body()).await?;
            let problem = Problem::read(status.as_u16(), &body).to_string();
            let is_for_now = is_for_now(status.as_u16());
            return Err(if is_for_now { Away(problem).into() } else { anyhow!(problem) });
        }
        let mut answers = Answers::new(response.into_body());
        while let Some(some) = answers.next().await? {
            let mut sending = lock(sending);
            for answer in some {
                sending.answered(wave, &answer?)?;
            }
            sending.report.show();
        }
        Ok(())
    })
    .await?;
    match lock(sending).sent {
        0 => Ok(()),
        _ => Err(Away("the answers broke off".to_owned()).into()),
    }
}

/// The body of a wave, read from the file as it is sent.
struct Pieces {
    sending: Arc<Mutex<Sending>>,
    wave: Wave,
    /// Lines of the body so far.
    line: u64,
    /// Bytes of the body so far.
    length: usize,
}

impl Pieces {
    fn new(sending: Arc<Mutex<Sending>>, wave: Wave) -> Self {
        Self { sending, wave, line: 0, length: 0 }
    }
}

impl Iterator for Pieces {
    type Item = Result<Frame<Bytes>, Infallible>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut piece = BytesMut::new();
        let mut sending = lock(&self.sending);
        while piece.len() < PIECE
            && self.length + piece.len() < WAVE
            && let Some((line, order)) = sending.next(self.wave)
        {
            // Blank lines stand for what is not sent.
            let blank = usize::try_from(line - self.line - 1).unwrap_or(0);
            piece.put_bytes(b'\n', blank);
            piece.extend_from_slice(&order);
            piece.put_u8(b'\n');
            self.line = line;
        }
        self.length += piece.len();
        (!piece.is_empty()).then(|| Ok(Frame::data(piece.freeze())))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::source::Source;
    use super::*;

    fn sending(text: &str) -> Arc<Mutex<Sending>> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let source = Source::open(file.path()).unwrap();
        let rows = Rows::open(&source, None).unwrap();
        Arc::new(Mutex::new(Sending::new(rows, "hash".to_owned(), Report::new(1, true))))
    }

    /// What the next wave's body says, and its block.
    fn body(sending: &Arc<Mutex<Sending>>) -> Option<(u64, String)> {
        let wave = lock(sending).begin().unwrap()?;
        let pieces = Pieces::new(Arc::clone(sending), wave);
        let body = pieces.flat_map(|piece| piece.unwrap().into_data().unwrap().to_vec()).collect();
        Some((wave.0, String::from_utf8(body).unwrap()))
    }

    fn answer(line: u64, status: u16) -> Answer {
        let body = format!(r#"{{"type": "t", "status": {status}, "detail": "d"}}"#);
        let problem = (status > 299).then(|| Problem::read(status, body.as_bytes()));
        Answer { line, problem }
    }

    #[test]
    fn what_is_not_answered_is_sent_again_at_its_place() {
        let sending = sending("a\n\nb\nc\nd\n");
        assert_eq!(body(&sending), Some((0, "a\n\nb\nc\nd\n".to_owned())));
        for (line, status) in [(1, 201), (3, 422)] {
            lock(&sending).answered(Wave(0), &answer(line, status)).unwrap();
        }
        // The second one is behind all that was sent: the server stops where it is.
        for line in [4, 6] {
            let away = lock(&sending).answered(Wave(0), &answer(line, 503)).unwrap_err();
            assert!(away.is::<Away>(), "{away}");
        }
        assert_eq!(body(&sending), Some((0, "\n\n\nc\nd\n".to_owned())));
        assert!(
            lock(&sending).answered(Wave(0), &answer(5, 201)).is_err(),
            "another line than the first one"
        );
        for line in [4, 5] {
            lock(&sending).answered(Wave(0), &answer(line, 200)).unwrap();
        }
        assert_eq!(body(&sending), None);
        let report = &lock(&sending).report;
        assert_eq!((report.placed, report.refused, report.end), (3, 1, 9));
    }

    #[test]
    fn a_wave_ends_with_its_block_and_the_next_one_counts_from_there() {
        let lines: String = (1..=BLOCK + 2).map(|line| format!("{line}\n")).collect();
        let sending = sending(&lines);
        let (block, first) = body(&sending).unwrap();
        assert_eq!((block, first.lines().count()), (0, 50_000));
        for line in 1..=BLOCK {
            lock(&sending).answered(Wave(0), &answer(line, 201)).unwrap();
        }
        assert_eq!(body(&sending), Some((BLOCK, "50001\n50002\n".to_owned())));
    }

    #[test]
    fn a_wave_is_bounded() {
        let line = "x".repeat(4 << 20);
        let sending = sending(&format!("{line}\n").repeat(6));
        let (_, first) = body(&sending).unwrap();
        assert_eq!((first.lines().count(), lock(&sending).unanswered.len()), (4, 4));
    }
}
