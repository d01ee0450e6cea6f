//! The payment provider in process: the port to it without HTTP. Its behaviour, its ledger and what its answers mean are
//! the real ones; only the wire is missing.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use contract::Money;
use engine::{
    Answer, Applier, Command, Fault, Ids, Intake, Job, Key, Message, Origin, Performed, Performer, Progress,
    Step,
};
use http::StatusCode;
use provider::behaviour::Operation;
use provider::wire::{PaymentAnswer, status_of};
use provider::{Course, Input, Knobs, Provider, Purchase, Refusal, Reply};
use provider_client::Request;
use provider_client::classify::{Heard, Lost, classify, lost};
use serde_json::json;
use tokio::sync::Mutex;

use super::patient::Asking;
use crate::clock::CountedIds;

/// More steps than this the provider never needs for an answer.
const PATIENCE: usize = 8;

/// The way to the provider. Whoever waits for an answer drives the provider's applier meanwhile.
pub(super) struct ProviderPort {
    knobs: Arc<Knobs>,
    ids: Arc<CountedIds>,
    intake: Intake<Provider>,
    applier: Arc<Mutex<Applier<Provider>>>,
    asking: Asking,
}

impl ProviderPort {
    pub fn new(
        knobs: Arc<Knobs>,
        ids: Arc<CountedIds>,
        intake: Intake<Provider>,
        applier: Arc<Mutex<Applier<Provider>>>,
    ) -> Self {
        Self { knobs, ids, intake, applier, asking: Asking::default() }
    }

    /// Free while nobody asks the provider anything.
    pub fn asking(&self) -> Asking {
        Arc::clone(&self.asking)
    }

    async fn serve(&self, key: &Key, input: Input) -> Result<Heard, Lost> {
        let message = Message { key: key.clone(), origin: Origin::Command { id: self.ids.next() }, input };
        let Ok(mut receiver) = self.intake.submit(Command { message, claims: Vec::new() }) else {
            return Ok(problem(StatusCode::SERVICE_UNAVAILABLE, "saturated"));
        };
        for _ in 0..PATIENCE {
            // A fault of the provider's own store shows in the answer, or in its absence.
            let _ = self.applier.lock().await.step().await;
            if let Ok(answer) = receiver.try_recv() {
                return heard(answer);
            }
        }
        Err(Lost::Unanswered("the provider died".to_owned()))
    }
}

#[async_trait]
impl Performer for ProviderPort {
    async fn perform(&self, job: &Job) -> Performed {
        let _asking = self.asking.read().await;
        let request = match Request::of(job) {
            Ok(request) => request,
            Err(reason) => return Performed::Failed(reason),
        };
        let (key, name, input) = asked(&request);
        let course = self.knobs.plan(Operation::Change, &name).course;
        let heard = match course {
            Course::Outage => Ok(problem(StatusCode::SERVICE_UNAVAILABLE, "outage")),
            Course::Error => Ok(problem(StatusCode::INTERNAL_SERVER_ERROR, "provider-error")),
            Course::SilentBefore => Err(silence()),
            Course::SilentAfter => self.serve(&key, input).await.and(Err(silence())),
            Course::Serve => self.serve(&key, input).await,
        };
        match heard {
            Ok(heard) => classify(&request, &heard),
            Err(nothing) => lost(nothing),
        }
    }
}

/// What is asked: the key of the charge, the idempotency key, and the rest.
fn asked(request: &Request) -> (Key, String, Input) {
    match request {
        Request::Charge(job) => {
            let amount = Money { minor: job.amount, currency: job.currency };
            let purchase =
                Purchase { order_id: job.order_id.to_string(), amount, method: job.method.clone() };
            (Key::from(job.key.as_str()), job.key.clone(), Input::Charge(purchase))
        }
        Request::Void(job) => (Key::from(job.charge_key.as_str()), job.charge_key.clone(), Input::Void),
        Request::Refund(job) => {
            let amount = Money { minor: job.amount, currency: job.currency };
            let input = Input::Refund { key: job.key.clone(), amount };
            (Key::from(job.charge_key.as_str()), job.key.clone(), input)
        }
    }
}

fn heard(answer: Answer<Provider>) -> Result<Heard, Lost> {
    match answer {
        Answer::Done { reply: Reply { withheld: true, .. }, .. } => Err(silence()),
        Answer::Done { reply, .. } => {
            let body = serde_json::to_vec(&PaymentAnswer::from(reply.verdict)).expect("an answer is JSON");
            Ok(Heard { status: StatusCode::OK, body: Ok(Bytes::from(body)) })
        }
        Answer::Refused(refusal) => Ok(refused(&refusal)),
        Answer::Conflict(_) => Ok(problem(StatusCode::UNPROCESSABLE_ENTITY, "conflict")),
        Answer::Failed(reason) => Ok(problem(StatusCode::INTERNAL_SERVER_ERROR, &reason)),
        Answer::Unavailable(_) => Ok(problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable")),
    }
}

fn refused(refusal: &Refusal) -> Heard {
    problem(StatusCode::from_u16(status_of(refusal)).expect("a status"), refusal.code())
}

fn problem(status: StatusCode, code: &str) -> Heard {
    let body = json!({"type": format!("/problems/{code}"), "detail": code}).to_string();
    Heard { status, body: Ok(Bytes::from(body)) }
}

fn silence() -> Lost {
    Lost::Unanswered("the time limit passed".to_owned())
}

/// The provider's applier as a step beside the others.
pub(super) struct Shared {
    applier: Arc<Mutex<Applier<Provider>>>,
}

impl Shared {
    pub fn new(applier: Arc<Mutex<Applier<Provider>>>) -> Self {
        Self { applier }
    }
}

#[async_trait]
impl Step for Shared {
    fn name(&self) -> &str {
        "provider/apply"
    }

    async fn step(&mut self) -> Result<Progress, Fault> {
        self.applier.lock().await.step().await
    }

    async fn wait(&mut self) {
        self.applier.lock().await.wait().await;
    }
}
