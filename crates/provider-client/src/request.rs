//! The jobs as HTTP requests.

use bytes::Bytes;
use contract::Money;
use engine::Job;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use http::uri::InvalidUri;
use http::{HeaderValue, Uri};
use payments::jobs::{self, ChargeJob, RefundJob, VoidJob};
use provider::wire::{self, ChargeBody, RefundBody, VoidBody};
use serde::Serialize;
use serde::de::DeserializeOwned;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What is asked of the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Charge the buyer.
    Charge(ChargeJob),
    /// Void a charge's key.
    Void(VoidJob),
    /// Refund a charge.
    Refund(RefundJob),
}

/// Where the requests go.
#[derive(Debug)]
pub(crate) struct Urls {
    charge: Uri,
    void: Uri,
    refund: Uri,
}

impl Urls {
    /// The API's paths under a base address without a slash at its end.
    pub fn under(base: &str) -> Result<Self, InvalidUri> {
        let url = |path: &str| format!("{base}{path}").parse();
        Ok(Self {
            charge: url(wire::CHARGE_PATH)?,
            void: url(wire::VOID_PATH)?,
            refund: url(wire::REFUND_PATH)?,
        })
    }
}

impl Request {
    /// What a job asks.
    ///
    /// # Errors
    /// Why the job is none of payments'.
    pub fn of(job: &Job) -> Result<Self, String> {
        match job.kind.as_str() {
            jobs::CHARGE => read(job).map(Self::Charge),
            jobs::VOID => read(job).map(Self::Void),
            jobs::REFUND => read(job).map(Self::Refund),
            kind => Err(format!("the provider has no job of type {kind}")),
        }
    }

    /// The money it is about. None for a void.
    pub fn money(&self) -> Option<Money> {
        match self {
            Self::Charge(job) => Some(Money { minor: job.amount, currency: job.currency }),
            Self::Void(_) => None,
            Self::Refund(job) => Some(Money { minor: job.amount, currency: job.currency }),
        }
    }

    /// The request. A void goes under the key it voids: scopes of keys are per operation.
    pub(crate) fn http(&self, urls: &Urls) -> Result<http::Request<Bytes>, String> {
        match self {
            Self::Charge(job) => post(&urls.charge, &job.key, &charge_body(job)),
            Self::Void(job) => {
                post(&urls.void, &job.charge_key, &VoidBody { charge_key: job.charge_key.clone() })
            }
            Self::Refund(job) => post(&urls.refund, &job.key, &refund_body(job)),
        }
    }
}

fn read<T: DeserializeOwned>(job: &Job) -> Result<T, String> {
    serde_json::from_str(&job.data).map_err(|error| format!("the job's data cannot be read: {error}"))
}

fn charge_body(job: &ChargeJob) -> ChargeBody {
    ChargeBody {
        order_id: job.order_id.to_string(),
        amount: Money { minor: job.amount, currency: job.currency }.into(),
        currency: Some(job.currency.code().to_owned()),
        payment_method: Some(job.method.clone()),
    }
}

fn refund_body(job: &RefundJob) -> RefundBody {
    RefundBody {
        charge_key: job.charge_key.clone(),
        amount: Money { minor: job.amount, currency: job.currency }.into(),
        currency: Some(job.currency.code().to_owned()),
    }
}

fn post(url: &Uri, key: &str, body: &impl Serialize) -> Result<http::Request<Bytes>, String> {
    let key = HeaderValue::from_str(key).map_err(|_| format!("'{key}' cannot be sent as a key"))?;
    let body = serde_json::to_vec(body).map_err(|error| format!("the request cannot be written: {error}"))?;
    http::Request::post(url)
        .header(CONTENT_TYPE, JSON)
        .header(ACCEPT, JSON)
        .header(IDEMPOTENCY_KEY, key)
        .body(Bytes::from(body))
        .map_err(|error| format!("the request cannot be made: {error}"))
}
