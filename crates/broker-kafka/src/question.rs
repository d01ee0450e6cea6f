//! A question that blocks whoever asks it, asked by one at a time: who comes while it is being asked gets the same answer. So
//! impatient people, and those who go away, take no more than one thread.

use std::sync::{Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::watch;

/// A question.
pub(crate) struct Question<T> {
    /// The answer of who asked last, once there is one.
    asked: Mutex<Option<Answer<T>>>,
}

type Answer<T> = watch::Receiver<Option<T>>;

impl<T> Default for Question<T> {
    fn default() -> Self {
        Self { asked: Mutex::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Question<T> {
    /// The answer, for which `ask` is called on one of `runtime`'s threads for what blocks, unless somebody is at it. None:
    /// the runtime ends.
    pub async fn ask(&self, runtime: &Handle, ask: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let mut answer = self.asked(runtime, ask);
        let answered = answer.wait_for(Option::is_some).await;
        answered.ok().and_then(|answered| answered.clone())
    }

    fn asked(&self, runtime: &Handle, ask: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = asked.as_ref().filter(|answer| is_open(answer)) {
            return open.clone();
        }
        let (tell, answer) = watch::channel(None);
        drop(runtime.spawn_blocking(move || tell.send_replace(Some(ask()))));
        asked.insert(answer).clone()
    }
}

/// Whether somebody is at it.
fn is_open<T>(answer: &Answer<T>) -> bool {
    answer.borrow().is_none() && answer.has_changed().is_ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;

    use futures::FutureExt;
    use futures::future::join3;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn all_who_ask_meanwhile_get_one_answer() {
        let (question, asked, runtime) = (Question::default(), AtomicU32::new(0), Handle::current());
        let (asked, (go, gone)) = (Arc::new(asked), mpsc::channel::<()>());
        let gone = Arc::new(Mutex::new(gone));
        let ask = || {
            let (asked, gone) = (Arc::clone(&asked), Arc::clone(&gone));
            question.ask(&runtime, move || {
                let number = asked.fetch_add(1, Ordering::SeqCst) + 1;
                // It waits until the other end is dropped.
                assert!(gone.lock().unwrap().recv().is_err());
                number
            })
        };
        assert_eq!(ask().now_or_never(), None, "and who asked goes away");
        let mut all = Box::pin(join3(ask(), ask(), ask()));
        assert_eq!((&mut all).now_or_never(), None);
        drop(go);
        assert_eq!(all.await, (Some(1), Some(1), Some(1)));
        assert_eq!(ask().await, Some(2), "an answer that was given is not given again");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_question_over_which_somebody_panicked_is_asked_anew() {
        let (question, runtime) = (Question::default(), Handle::current());
        assert_eq!(question.ask(&runtime, || panic!("as it is meant to")).await, None::<u32>);
        assert_eq!(question.ask(&runtime, || 1).await, Some(1));
    }
}
