//! Answering peers that were away.

use bespeak_identity::drisl;
use bespeak_model::{reason::RefusalCode, time::Time};
use bespeak_net::{Net, ReplyToken};
use bespeak_protocol::{
    market::{
        Table,
        catch_up::{
            CatchUpReply, CatchUpRequest, announcements, compare,
            limits::{COMPARE_RATE, FETCH_RATE},
        },
    },
    rate::Rates,
};
use serde_bytes::ByteBuf;

/// How often each peer may still ask.
pub(crate) struct Answers {
    compared: Rates,
    fetched: Rates,
}

impl Default for Answers {
    fn default() -> Self {
        Self { compared: Rates::new(COMPARE_RATE), fetched: Rates::new(FETCH_RATE) }
    }
}

impl Answers {
    /// Answers a question; false if no honest peer asks it.
    pub(crate) fn answer(
        &mut self,
        net: &Net,
        table: &Table,
        (peer, question): (&str, &[u8]),
        reply: ReplyToken,
        now: Time,
    ) -> bool {
        let (said, honest) = self.reply(table, peer, question, now);
        // What is larger than any reply may be is not made here.
        let bytes = said.to_bytes().unwrap_or_default();
        let _ = net.reply(reply, bytes);
        honest
    }

    fn reply(&mut self, table: &Table, peer: &str, question: &[u8], now: Time) -> (CatchUpReply, bool) {
        let refused = |code| CatchUpReply::Refused { code };
        match CatchUpRequest::from_bytes(question) {
            Ok(CatchUpRequest::Compare { .. }) if !self.compared.allows(peer, now) => {
                (refused(RefusalCode::RateLimited), true)
            }
            Ok(CatchUpRequest::Fetch { .. }) if !self.fetched.allows(peer, now) => {
                (refused(RefusalCode::RateLimited), true)
            }
            Ok(CatchUpRequest::Compare { topic, ranges }) => match compare(&table.live(), &topic, &ranges) {
                Ok(ranges) => (CatchUpReply::Compared { ranges: ByteBuf::from(ranges) }, true),
                Err(_) => (refused(RefusalCode::UnsupportedVersion), false),
            },
            Ok(CatchUpRequest::Fetch { digests, .. }) => {
                (announcements(&digests, |digest| table.announcement(digest)), true)
            }
            // Words of a later version are well formed; bytes that are not canonical come from no honest node.
            Err(_) => (refused(RefusalCode::UnsupportedVersion), drisl::check(question).is_ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bespeak_protocol::market::catch_up::limits::MAX_RANGES;

    use super::*;

    fn asked(request: &CatchUpRequest) -> Vec<u8> {
        request.to_bytes().unwrap()
    }

    #[test]
    fn nobody_asks_without_end_and_nonsense_is_no_honest_question() {
        let (mut answers, table) = (Answers::default(), Table::default());
        let now = Time::from_unix(1_800_000_000).unwrap();
        let nothing = CatchUpRequest::Compare { topic: "/t".to_owned(), ranges: ByteBuf::from(vec![0x61]) };
        let mut reply = |peer: &str, question: &[u8]| answers.reply(&table, peer, question, now);
        let answered =
            (0..1_000).filter(|_| matches!(reply("loud", &asked(&nothing)).0, CatchUpReply::Compared { .. }));
        assert_eq!(answered.count(), COMPARE_RATE.burst as usize);
        assert!(matches!(reply("other", &asked(&nothing)).0, CatchUpReply::Compared { .. }));
        let spoilt =
            CatchUpRequest::Compare { topic: "/t".to_owned(), ranges: ByteBuf::from(vec![7; MAX_RANGES]) };
        assert!(!reply("other", &asked(&spoilt)).1);
        assert!(!reply("other", b"nonsense").1);
        assert!(
            reply("other", &drisl::to_vec(&"words of tomorrow").unwrap()).1,
            "a later version is no offence"
        );
    }
}
