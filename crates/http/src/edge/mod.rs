//! The edge: what stands around every endpoint, once.
//!
//! It lets in no more requests than the limits allow, gives each an id, ends those that take too long or panic, writes
//! problems, and measures. It is one future around the endpoint's own, with handles that were found when the router was
//! built: the fast paths of the API go through it some ten thousand times a second.

mod gate;
mod rate;
mod request_id;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderValue, Method, Uri};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use futures::future::BoxFuture;
use tower::{Layer, Service};

use crate::metrics::{EndpointMeters, MethodIndex};
use crate::parameters::{parameters, unknown};
use crate::problem::Problem;
use crate::problems::{internal, timed_out};
use crate::slash::Written;

pub(crate) use gate::Gate;
use rate::Quota;
use request_id::REQUEST_ID;

/// How an endpoint is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// It counts against the limits, and has a time limit.
    Bounded,
    /// It answers when nothing else does: health and metrics.
    AlwaysOpen,
    /// It counts against the limits, and may take its time: the provider's deliberate silences.
    Unhurried,
}

/// One endpoint, as the edge sees it.
pub(crate) struct Endpoint {
    gate: Arc<Gate>,
    meters: EndpointMeters,
    keeping: Keeping,
    /// The methods that take no query parameters. The others check theirs themselves.
    bare: Vec<Method>,
}

impl Endpoint {
    /// An endpoint behind the gate.
    pub fn new(gate: Arc<Gate>, meters: EndpointMeters, keeping: Keeping) -> Self {
        Self { gate, meters, keeping, bare: Vec::new() }
    }

    /// Without query parameters for these methods.
    #[must_use]
    pub fn bare(self, methods: Vec<Method>) -> Self {
        Self { bare: methods, ..self }
    }

    /// What is wrong with a request that has query parameters where there are none. Probes are answered all the same.
    fn stray(&self, request: &Request) -> Option<Problem> {
        let (name, _) = parameters(request.uri()).next()?;
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        let refused = self.bare.contains(method) && self.keeping != Keeping::AlwaysOpen;
        refused.then(|| unknown(&name, &[]))
    }

    /// Waits for the answer, unless it takes too long.
    async fn limited<F>(&self, answer: F) -> Response
    where
        F: Future<Output = Result<Response, Infallible>>,
    {
        if self.keeping == Keeping::Unhurried {
            return unwrap(answer.await);
        }
        match tokio::time::timeout(self.gate.request_timeout(), answer).await {
            Ok(answer) => unwrap(answer),
            Err(_) => timed_out().into_response(),
        }
    }
}

fn unwrap(answer: Result<Response, Infallible>) -> Response {
    answer.unwrap_or_else(|never| match never {})
}

/// Puts the edge around the routes of an endpoint.
#[derive(Clone)]
pub(crate) struct EdgeLayer(pub Arc<Endpoint>);

impl<S> Layer<S> for EdgeLayer {
    type Service = Edge<S>;

    fn layer(&self, inner: S) -> Edge<S> {
        Edge { inner, endpoint: Arc::clone(&self.0) }
    }
}

/// A route with the edge around it.
#[derive(Clone)]
pub(crate) struct Edge<S> {
    inner: S,
    endpoint: Arc<Endpoint>,
}

impl<S> Service<Request> for Edge<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let endpoint = Arc::clone(&self.endpoint);
        let asked = Asked::new(&request, &endpoint.gate);
        let admitted = endpoint.gate.admit(&request, endpoint.keeping == Keeping::AlwaysOpen);
        let admitted = admitted.and_then(|pass| match endpoint.stray(&request) {
            Some(problem) => Err((Box::new(problem), pass.quota)),
            None => Ok((pass, self.inner.call(request))),
        });
        Box::pin(async move {
            let (response, quota) = match admitted {
                Err((problem, quota)) => (problem.into_response(), quota),
                Ok((pass, answer)) => {
                    let answer = AssertUnwindSafe(endpoint.limited(answer)).catch_unwind().await;
                    let response = answer.unwrap_or_else(|_| internal("a handler panicked").into_response());
                    (response, pass.quota)
                }
            };
            Ok(asked.finish(response, quota, &endpoint.meters))
        })
    }
}

/// What has to be remembered of a request until it is answered.
struct Asked {
    begun: Instant,
    method: MethodIndex,
    uri: Uri,
    id: HeaderValue,
}

impl Asked {
    fn new(request: &Request, gate: &Gate) -> Self {
        let written = request.extensions().get::<Written>().map(|written| &written.0);
        Self {
            begun: Instant::now(),
            method: MethodIndex::from(request.method()),
            uri: written.unwrap_or(request.uri()).clone(),
            id: gate.request_id(request.headers()),
        }
    }

    fn finish(self, mut response: Response, quota: Option<Quota>, meters: &EndpointMeters) -> Response {
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            let headers = std::mem::take(response.headers_mut());
            response = problem.render(self.uri.path());
            response.headers_mut().extend(headers);
        }
        let headers = response.headers_mut();
        if let Some(quota) = quota {
            quota.write(headers);
        }
        headers.insert(REQUEST_ID, self.id);
        meters.observe(self.method, response.status(), self.begun.elapsed());
        response
    }
}
