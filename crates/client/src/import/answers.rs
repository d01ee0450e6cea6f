//! The answers to a batch, cut into lines as they come.

use anyhow::{Context, Result, ensure};
use bytes::{Buf, Bytes, BytesMut};
use hyper::body::Incoming;
use serde::Deserialize;

use crate::away::Away;
use crate::link::piece;
use crate::problem::Problem;

/// The longest answer to one line, in bytes.
const MAX_ANSWER: usize = 1 << 20;

/// What came of a line.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// The line of the body.
    pub line: u64,
    /// Why it is not placed. None: it is.
    pub problem: Option<Problem>,
}

/// The answers that are still to come.
pub struct Answers {
    body: Incoming,
    begun: BytesMut,
}

impl Answers {
    /// All answers of a body.
    pub fn new(body: Incoming) -> Self {
        Self { body, begun: BytesMut::new() }
    }

    /// The next answers, as many as have come. None: there are no more.
    ///
    /// # Errors
    /// [`Away`] if the line broke.
    pub async fn next(&mut self) -> Result<Option<impl Iterator<Item = Result<Answer>> + use<>>> {
        let Some(piece) = piece(&mut self.body).await? else {
            ensure!(self.begun.is_empty(), Away("the answers broke off".to_owned()));
            return Ok(None);
        };
        self.begun.extend_from_slice(&piece);
        let whole = self.begun.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let whole = self.begun.split_to(whole).freeze();
        ensure!(self.begun.len() <= MAX_ANSWER, "the server's answer has no end");
        Ok(Some(Whole(whole)))
    }
}

/// Lines that have come to their end.
struct Whole(Bytes);

impl Iterator for Whole {
    type Item = Result<Answer>;

    fn next(&mut self) -> Option<Self::Item> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let line = self.0.split_to(end);
        self.0.advance(1);
        Some(serde_json::from_slice(&line).context("the server answers what is no answer to a batch"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_answers_or_nothing_is_believed() {
        let text = "{\"line\": 1, \"status\": 201, \"id\": \"x\"}\n{\"line\": 2, \"status\": 422, \"problem\": \
                    {\"type\": \"t\", \"status\": 422, \"detail\": \"d\"}}\n<html>\n";
        let answers: Vec<_> = Whole(Bytes::from_static(text.as_bytes())).collect();
        let first = answers[0].as_ref().unwrap();
        assert_eq!((first.line, &first.problem), (1, &None));
        assert_eq!(answers[1].as_ref().unwrap().problem.as_ref().map(|problem| problem.status), Some(422));
        assert!(answers[2].is_err() && answers.len() == 3);
    }
}
