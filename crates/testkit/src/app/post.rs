//! The post office: a mail server in process, which remembers what it was handed and never forgets.
//!
//! What it does with a mail its recipient's name says: `refused@` is refused for good, `busy@` twice for now, of `cut@` it is
//! never known whether it was taken (it was), and `away@` finds nobody there while the office is [closed](PostOffice::close).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use engine::{Job, Performed, Performer};
use notifications::Kind;
use notifications::mail::{MAIL_ANSWERED, MailAnswer, MailAnswered, MailJob};
use uuid::Uuid;

/// A mail server in process. It outlives every process of the shop.
#[derive(Debug, Default)]
pub struct PostOffice {
    /// How often each sending of a notification was taken.
    taken: Mutex<HashMap<(Uuid, u32), usize>>,
    /// How often each was put off.
    put_off: Mutex<HashMap<(Uuid, u32), u32>>,
    letters: Mutex<Vec<MailJob>>,
    closed: Mutex<bool>,
}

impl PostOffice {
    /// All that was taken, in its order.
    pub fn letters(&self) -> Vec<MailJob> {
        self.letters.lock().unwrap().clone()
    }

    /// Nobody is there, or somebody is again.
    pub fn close(&self, closed: bool) {
        *self.closed.lock().unwrap() = closed;
    }

    /// What was taken more than once.
    pub(super) fn complaints(&self) -> Vec<String> {
        let taken = self.taken.lock().unwrap();
        let twice = taken.iter().filter(|(_, times)| **times > 1);
        twice
            .map(|((id, sending), times)| format!("sending {sending} of {id} was mailed {times} times"))
            .collect()
    }

    fn take(&self, job: &MailJob) {
        *self.taken.lock().unwrap().entry((job.notification_id, job.sending)).or_default() += 1;
        self.letters.lock().unwrap().push(job.clone());
    }

    fn puts_off(&self, job: &MailJob) -> bool {
        let mut put_off = self.put_off.lock().unwrap();
        let times = put_off.entry((job.notification_id, job.sending)).or_default();
        *times += 1;
        *times <= 2
    }
}

/// The way there, for one process.
pub(super) struct Counter(pub Arc<PostOffice>);

#[async_trait]
impl Performer for Counter {
    async fn perform(&self, job: &Job) -> Performed {
        let mail: MailJob = serde_json::from_str(&job.data).expect("a mail");
        let error = || "as its recipient wants it".to_owned();
        if job.interrupted {
            return Performed::Unknown("nobody knows".to_owned());
        }
        match mail.recipient.split('@').next() {
            _ if *self.0.closed.lock().unwrap() => Performed::Unavailable(error()),
            Some("refused") => answered(mail.kind, MailAnswer::Refused { error: error() }),
            Some("busy") if self.0.puts_off(&mail) => Performed::Failed(error()),
            Some("cut") => {
                self.0.take(&mail);
                Performed::Unknown(error())
            }
            _ => {
                self.0.take(&mail);
                answered(mail.kind, MailAnswer::Accepted)
            }
        }
    }
}

fn answered(kind: Kind, answer: MailAnswer) -> Performed {
    let data = serde_json::to_string(&MailAnswered { kind, answer }).expect("an answer is JSON");
    Performed::Answered { kind: MAIL_ANSWERED, data }
}
