//! What leaves this node: envelopes for hosts, and market messages.

use std::{future::Future, sync::Arc, time::Duration};

use bespeak_agent::output::{Arrival, Post, Publication};
use bespeak_net::{DUPLICATE_CACHE, Net, PublishError};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{
    back::Back,
    pause::Pause,
    postmen::Opened,
    posts::{self, Carrier, POSTS},
};

/// How long what leads to an answer waits for the answer's queue to be open. Source: wild guess; then the other side
/// will have to try twice.
const OPENING: Duration = Duration::from_secs(3);
/// Market messages being published at once. Source: wild guess; few, because publishing too fast loses messages.
const PUBLISHED_AT_ONCE: usize = 8;
/// Market messages waiting. Source: wild guess; a person does not cast so many.
const PUBLICATIONS: usize = 10_000;
/// How much longer than the wires remember a message it is not published again. Source: wild guess; they look a few
/// times a second.
const AFTER_CACHE: Duration = Duration::from_secs(2);
/// Pauses while nobody follows the topic. Source: wild guess; the wires themselves wait ten seconds first.
const ALONE: Pause = Pause::new(Duration::from_millis(100), Duration::from_secs(5));

/// Sends and publishes in the background.
#[derive(Clone)]
pub(crate) struct Outbound {
    posts: mpsc::Sender<(Post, Vec<Opened>)>,
    publications: mpsc::Sender<(Publication, Vec<Opened>)>,
    back: mpsc::UnboundedSender<Back>,
}

/// The tasks behind [`Outbound`]; they end when it is dropped, or at once when aborted.
pub(crate) struct Carriers([JoinHandle<()>; 2]);

impl Carriers {
    pub(crate) fn stop(&self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Outbound {
    pub(crate) fn start(net: &Net, carrier: Carrier, back: mpsc::UnboundedSender<Back>) -> (Self, Carriers) {
        let (posts, posts_in) = mpsc::channel(POSTS);
        let (publications, publications_in) = mpsc::channel(PUBLICATIONS);
        let carriers = [
            tokio::spawn(posts::carry(carrier, posts_in, back.clone())),
            tokio::spawn(carry_publications(net.clone(), publications_in)),
        ];
        (Self { posts, publications, back }, Carriers(carriers))
    }

    /// Sends what the agent wants sent, after it was kept.
    pub(crate) fn take(&self, publish: Vec<Publication>, send: Vec<Post>, opening: &[Opened]) {
        for publication in publish {
            if self.publications.try_send((publication, opening.to_vec())).is_err() {
                tracing::warn!(target: "bespeak::node", "too_many_publications");
            }
        }
        for post in send {
            if let Err(error) = self.posts.try_send((post, opening.to_vec())) {
                let (mpsc::error::TrySendError::Full((post, _))
                | mpsc::error::TrySendError::Closed((post, _))) = error;
                report(&self.back, &post, Arrival::Nowhere);
            }
        }
    }
}

pub(crate) fn report(back: &mpsc::UnboundedSender<Back>, post: &Post, to: Arrival) {
    if let Some(held) = post.report {
        // The loop may have ended; then nobody needs to know.
        let _ = back.send(Back::Posted { thread: post.thread, held, to });
    }
}

pub(crate) async fn wait_for(opening: Vec<Opened>) {
    let all = async {
        for mut opened in opening {
            // An error means that the queue is watched no longer: nothing to wait for.
            let _ = opened.wait_for(|open| *open).await;
        }
    };
    let _ = timeout(OPENING, all).await;
}

async fn carry_publications(net: Net, mut publications: mpsc::Receiver<(Publication, Vec<Opened>)>) {
    let turns = Arc::new(Semaphore::new(PUBLISHED_AT_ONCE));
    let mut tasks = tokio::task::JoinSet::new();
    while let Some((publication, opening)) = publications.recv().await {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let net = net.clone();
        tasks.spawn(async move {
            wait_for(opening).await;
            publish(&net, &publication).await;
            drop(turn);
        });
        while tasks.try_join_next().is_some() {}
    }
}

/// Tries until at least one peer has it.
async fn publish(net: &Net, publication: &Publication) {
    let try_once = || net.publish(&publication.topic, &publication.bytes);
    let intention = publication.intention.short();
    match until_published(try_once, sleep).await {
        Ok(()) => tracing::info!(target: "bespeak::node", %intention, "published"),
        Err(PublishError::Duplicate) => {}
        Err(error) => tracing::error!(target: "bespeak::node", %intention, %error, "not_published"),
    }
}

/// Tries again while nobody is there, or too much is under way; `wait` lets time pass.
async fn until_published<F, W>(
    mut try_once: impl FnMut() -> F,
    mut wait: impl FnMut(Duration) -> W,
) -> Result<(), PublishError>
where
    F: Future<Output = Result<(), PublishError>>,
    W: Future<Output = ()>,
{
    let (mut pause, mut congested) = (ALONE, false);
    loop {
        match try_once().await {
            Err(PublishError::NoPeers { .. }) => wait(pause.next()).await,
            Err(PublishError::Congested) => {
                congested = true;
                wait(pause.next()).await;
            }
            // Full queues took nothing, and still the bytes count as published until they are forgotten.
            Err(PublishError::Duplicate) if congested => {
                congested = false;
                wait(DUPLICATE_CACHE + AFTER_CACHE).await;
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::VecDeque;

    use super::*;

    /// Publishes against these answers; says what came of it and how long it took.
    async fn publish_against(answers: Vec<Result<(), PublishError>>) -> (Result<(), PublishError>, Duration) {
        let mut answers = VecDeque::from(answers);
        let mut took = Duration::ZERO;
        let wait = |pause| {
            took += pause;
            std::future::ready(())
        };
        let came = until_published(|| std::future::ready(answers.pop_front().unwrap()), wait).await;
        assert!(answers.is_empty(), "given up before {answers:?}");
        (came, took)
    }

    #[tokio::test]
    async fn what_full_queues_did_not_take_is_published_again_once_it_is_forgotten() {
        let (congested, duplicate) = (Err(PublishError::Congested), Err(PublishError::Duplicate));
        let (came, took) = publish_against(vec![congested, duplicate.clone(), Ok(())]).await;
        assert_eq!(came, Ok(()));
        assert!(took > DUPLICATE_CACHE, "only {took:?}");
        let (came, took) = publish_against(vec![duplicate.clone()]).await;
        assert_eq!((came, took), (duplicate, Duration::ZERO), "what was sent before is not sent again");
    }
}
