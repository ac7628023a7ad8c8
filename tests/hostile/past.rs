//! What a rogue says when it is asked what was said before: whatever a test wants.

use bespeak_bench::plain::Plain;
use bespeak_protocol::market::{
    Announcement, Digest,
    catch_up::{CatchUpReply, CatchUpRequest},
};
use libp2p::{
    StreamProtocol,
    request_response::{self, ProtocolSupport},
};
use serde_bytes::ByteBuf;
use tokio::sync::mpsc;

use super::words::Word;

/// What comes to a rogue's mind at a question: nothing, then the question hangs.
pub(crate) type Memory = Box<dyn FnMut(&[u8]) -> Option<Vec<u8>> + Send>;
/// How the protocol is spoken.
pub(crate) type Past = request_response::Behaviour<Plain>;

/// The protocol, as one who is asked.
pub(crate) fn past() -> Past {
    let protocol = StreamProtocol::new("/bespeak/catch-up/1");
    request_response::Behaviour::with_codec(
        Plain,
        [(protocol, ProtocolSupport::Inbound)],
        request_response::Config::default(),
    )
}

/// A memory, and the questions that come to it.
pub(crate) fn memory(
    mut answer: impl FnMut(&CatchUpRequest) -> Option<Vec<u8>> + Send + 'static,
) -> (Memory, mpsc::UnboundedReceiver<CatchUpRequest>) {
    let (told, questions) = mpsc::unbounded_channel();
    let memory = move |question: &[u8]| {
        let question = CatchUpRequest::from_bytes(question).expect("an honest node asks as it should");
        let answer = answer(&question);
        // A test that has seen enough listens no longer.
        let _ = told.send(question);
        answer
    };
    (Box::new(memory), questions)
}

/// A comparison in negentropy's words, version 1.
pub(crate) fn compared(ranges: &[u8]) -> Vec<u8> {
    let ranges = ByteBuf::from([&[0x61], ranges].concat());
    CatchUpReply::Compared { ranges }.to_bytes().expect("within bounds")
}

/// One range, up to the end of time, with a fingerprint that nothing has.
pub(crate) fn differs(fingerprint: u64) -> Vec<u8> {
    [&[0, 0, 1], fingerprint.to_be_bytes().as_slice(), &[7; 8]].concat()
}

/// Names in one range: up to the second second of 1970, or to the end of time.
pub(crate) fn named(names: &[Digest], until_the_end: bool) -> Vec<u8> {
    let many = names.len();
    assert!(many < 1 << 14, "two digits of seven bits");
    let count = [0x80 | (many >> 7) as u8, (many & 0x7f) as u8];
    let bound = if until_the_end { [0, 0, 2] } else { [2, 0, 2] };
    [bound.as_slice(), &count, &names.concat()].concat()
}

/// Announcements that are sent, and how many at the end of the list were not looked at.
pub(crate) fn sent(items: Vec<Vec<u8>>, left: u16) -> Vec<u8> {
    let items = items.into_iter().map(ByteBuf::from).collect();
    CatchUpReply::Announcements { items, left }.to_bytes().expect("within bounds")
}

/// One who remembers these words, each on its topic, and sends what it is asked for.
pub(crate) fn remembers(words: Vec<Word>) -> impl FnMut(&CatchUpRequest) -> Option<Vec<u8>> + Send + 'static {
    let named_words: Vec<(Digest, Word)> = words
        .into_iter()
        .map(|word| (Announcement::digest_of(&word.bytes).expect("a record has a name"), word))
        .collect();
    move |question| match question {
        CatchUpRequest::Compare { topic, .. } => {
            let of_topic = named_words.iter().filter(|(_, word)| word.topic == *topic);
            let names: Vec<Digest> = of_topic.map(|(name, _)| *name).collect();
            Some(compared(&named(&names, true)))
        }
        CatchUpRequest::Fetch { digests, .. } => {
            let find = |digest: &Digest| {
                named_words.iter().find(|(name, _)| name == digest).map(|(_, word)| word.bytes.clone())
            };
            Some(sent(digests.iter().filter_map(|digest| find(digest)).collect(), 0))
        }
    }
}
