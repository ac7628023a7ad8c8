//! What the owner is told, numbered, with the last thousand kept for those who look away for a moment.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use bespeak_agent::notice::Notice;
use bespeak_model::time::Time;
use futures::stream::{self, Stream};
use tokio::sync::watch;

/// Notices kept. Source: wild guess; minutes of a busy vendor, and about 200 KiB.
const KEPT: usize = 1_000;

/// Where notices are put up and read.
#[derive(Clone, Debug)]
pub(crate) struct Bulletin(Arc<Board>);

#[derive(Debug)]
struct Board {
    ring: Mutex<Ring>,
    /// The number of the newest notice; closed by `None`.
    newest: watch::Sender<Option<u64>>,
}

#[derive(Debug)]
struct Ring {
    next: u64,
    items: VecDeque<(u64, Notice)>,
}

impl Bulletin {
    /// Numbers start at the time of the start (shifted by 20 bits, so that they stay exact in a JSON number until the
    /// year 2242), so that a number from before a restart is older than every new one.
    pub(crate) fn new(started: Time) -> Self {
        let next = (started.unix() << 20) + 1;
        let ring = Mutex::new(Ring { next, items: VecDeque::new() });
        Self(Arc::new(Board { ring, newest: watch::Sender::new(Some(next - 1)) }))
    }

    pub(crate) fn tell(&self, notices: Vec<Notice>) {
        if notices.is_empty() {
            return;
        }
        let mut ring = self.0.ring.lock().unwrap_or_else(PoisonError::into_inner);
        for notice in notices {
            let number = ring.next;
            ring.next += 1;
            if ring.items.len() == KEPT {
                ring.items.pop_front();
            }
            ring.items.push_back((number, notice));
        }
        let newest = ring.next - 1;
        self.0.newest.send_if_modified(|last| last.as_mut().map(|last| *last = newest).is_some());
    }

    /// Ends every stream.
    pub(crate) fn close(&self) {
        self.0.newest.send_replace(None);
    }

    /// Notices after a number, oldest first, then as they come; from now on when there is no number. A reader who is
    /// too slow misses the oldest: the numbers have gaps then.
    pub(crate) fn after(
        &self,
        after: Option<u64>,
    ) -> impl Stream<Item = (u64, Notice)> + Send + 'static + use<> {
        let newest = self.0.newest.subscribe();
        let after = after.or(*newest.borrow()).unwrap_or(u64::MAX);
        stream::unfold(
            (self.clone(), newest, after, VecDeque::new()),
            |(board, mut newest, last, mut ready)| async move {
                loop {
                    if let Some((number, notice)) = ready.pop_front() {
                        return Some(((number, notice), (board, newest, number, ready)));
                    }
                    let seen = *newest.borrow_and_update();
                    if seen? > last {
                        ready = board.later_than(last);
                    }
                    if ready.is_empty() {
                        newest.changed().await.ok()?;
                    }
                }
            },
        )
    }

    fn later_than(&self, last: u64) -> VecDeque<(u64, Notice)> {
        let ring = self.0.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let known = ring.items.partition_point(|(number, _)| *number <= last);
        ring.items.iter().skip(known).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bespeak_identity::RecordId;
    use futures::StreamExt;

    use super::*;

    fn notice(number: u64) -> Notice {
        Notice::IntentionHeard { intention: RecordId::of_payload(&number.to_be_bytes()) }
    }

    #[tokio::test]
    async fn a_reader_goes_on_where_it_stopped() {
        let board = Bulletin::new(Time::from_unix(1_800_000_000).unwrap());
        let mut live = Box::pin(board.after(None));
        board.tell(vec![notice(1), notice(2), notice(3)]);
        let (first, seen) = live.next().await.unwrap();
        assert_eq!(seen, notice(1));
        let late: Vec<_> = board.after(Some(first)).take(2).map(|(_, notice)| notice).collect().await;
        assert_eq!(late, [notice(2), notice(3)]);
        board.close();
        assert_eq!(live.next().await.unwrap().1, notice(2));
        assert!(Box::pin(board.after(Some(first))).next().await.is_none());
    }

    #[tokio::test]
    async fn a_slow_reader_misses_the_oldest_and_memory_is_bounded() {
        let board = Bulletin::new(Time::from_unix(1_800_000_000).unwrap());
        let reader = board.after(None);
        board.tell((0..5_000).map(notice).collect());
        let got: Vec<_> = reader.take(KEPT).collect().await;
        assert_eq!(got[0].1, notice(4_000));
        assert!(got.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0));
    }

    #[tokio::test]
    async fn numbers_grow_over_a_restart() {
        let early = Bulletin::new(Time::from_unix(1_800_000_000).unwrap());
        early.tell((0..10_000).map(notice).collect());
        let last = early.later_than(0).back().unwrap().0;
        let later = Bulletin::new(Time::from_unix(1_800_000_001).unwrap());
        later.tell(vec![notice(1)]);
        assert_eq!(later.later_than(last).len(), 1);
    }
}
