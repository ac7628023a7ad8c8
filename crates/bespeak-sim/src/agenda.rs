//! What will happen, and when.

use std::{cmp::Reverse, collections::BinaryHeap, rc::Rc};

use bespeak_model::queue::QueueId;

use crate::weather::Place;

/// Something that will happen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A market message arrives.
    Gossip {
        /// Where.
        to: Place,
        /// On which topic.
        topic: Rc<str>,
        /// Its bytes.
        bytes: Rc<[u8]>,
        /// Whether an honest node made it.
        honest: bool,
    },
    /// An envelope arrives at a host.
    Put {
        /// Which posting of the world's.
        number: u64,
        /// From whom.
        from: usize,
        /// At whom.
        to: Place,
        /// For which queue.
        queue: QueueId,
        /// The envelope.
        envelope: Rc<[u8]>,
    },
    /// The host's answer to it arrives, or the poster stops waiting for it.
    PutAnswer {
        /// Which posting.
        number: u64,
        /// The host; none when the poster waits for no more answers.
        host: Option<Place>,
        /// Whether it is stored there.
        stored: bool,
    },
    /// A node asks for its mail: of one queue, or of all.
    Poll {
        /// Which node.
        who: usize,
        /// In which of its lives.
        life: u32,
        /// Which queue.
        queue: Option<QueueId>,
    },
    /// A request for mail, or its acknowledgement, arrives at a host.
    Ask {
        /// From whom.
        from: usize,
        /// In which of its lives.
        life: u32,
        /// At which relay.
        relay: usize,
        /// About which queue.
        queue: QueueId,
        /// The request.
        request: Rc<[u8]>,
    },
    /// Mail arrives at whoever asked for it.
    Mail {
        /// At whom.
        to: usize,
        /// In which of its lives it asked.
        life: u32,
        /// From which relay.
        relay: usize,
        /// Of which queue.
        queue: QueueId,
        /// Numbers and envelopes.
        items: Vec<(u64, Vec<u8>)>,
    },
    /// A node asked to be woken.
    Wake {
        /// Which.
        who: usize,
        /// In which of its lives.
        life: u32,
    },
    /// Some owner does something.
    Act,
    /// A relay loses its disk.
    Lose {
        /// Which.
        relay: usize,
    },
    /// A crashed node comes back.
    Rise {
        /// Which.
        who: usize,
    },
    /// The network is cut in two.
    Cut,
    /// The cut is mended.
    Mend,
}

/// Events in the order of their time; those of one moment in the order in which they were planned.
#[derive(Debug, Default)]
pub struct Agenda {
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    planned: u64,
}

impl Agenda {
    /// Plans an event.
    pub fn plan(&mut self, at: u64, event: Event) {
        self.planned += 1;
        self.events.push(Reverse((at, self.planned, event)));
    }

    /// The next event, if it comes before `end`, in milliseconds.
    pub fn next(&mut self, end: u64) -> Option<(u64, Event)> {
        let Reverse((at, _, _)) = self.events.peek()?;
        if *at > end {
            return None;
        }
        let Reverse((at, _, event)) = self.events.pop()?;
        Some((at, event))
    }
}
