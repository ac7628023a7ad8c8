//! What the wires tell the loop.

use bespeak_agent::{Agent, output::Input};
use bespeak_identity::drisl;
use bespeak_model::{queue::QueueId, reason::RefusalCode};
use bespeak_net::{GossipToken, NetEvent, ReplyToken, Verdict};
use bespeak_protocol::{
    drop::{DropReply, DropRequest},
    market,
};

use super::Run;
use crate::{
    clock::now,
    follow::{Follow, answer},
};

impl Run {
    pub(super) async fn heard(&mut self, event: NetEvent) {
        self.meeting.note(&event);
        match event {
            NetEvent::Gossip { topic, bytes, from, token } => self.gossip(topic, bytes, from, token).await,
            NetEvent::Request { peer, request, reply } => self.request(&peer, &request, reply).await,
            _ => {}
        }
    }

    async fn gossip(&mut self, topic: String, bytes: Vec<u8>, from: String, token: GossipToken) {
        // What cannot be kept is not forwarded either: the verdict has to come now.
        if self.ill.is_some() || !self.gossip_rates.allows(&from, now()) {
            return self.net.judge(token, Verdict::Ignore);
        }
        let verdict = self.step(Input::Gossip { topic, bytes }, Follow::Judge(token)).await;
        if verdict == Some(market::Verdict::Reject) {
            self.offended(&from).await;
        }
    }

    async fn request(&mut self, peer: &str, request: &[u8], reply: ReplyToken) {
        let refused = |code| DropReply::Refused { code };
        match DropRequest::from_bytes(request) {
            Ok(DropRequest::About {}) => answer(&self.net, reply, &DropReply::About { holds_mail: false }),
            Ok(DropRequest::Put { queue, envelope, .. }) if self.holds(&queue) => {
                if self.ill.is_none() {
                    let mail = Input::Mail { queue, envelope: envelope.into_vec() };
                    self.step(mail, Follow::Stored(reply)).await;
                } else {
                    answer(&self.net, reply, &refused(RefusalCode::Internal));
                }
            }
            Ok(_) => answer(&self.net, reply, &refused(RefusalCode::NotFound)),
            Err(_) => {
                // Words of a later version are well formed; bytes that are not canonical come from no honest node.
                if drisl::check(request).is_err() {
                    self.offended(peer).await;
                }
                answer(&self.net, reply, &refused(RefusalCode::UnsupportedVersion));
            }
        }
    }

    /// A vendor's queues are here; a customer's only when she uses no relay.
    fn holds(&self, queue: &QueueId) -> bool {
        match &self.life.agent {
            Agent::Customer(_) => self.postmen.holds(queue),
            Agent::Vendor(vendor) => vendor.owns(queue),
        }
    }

    /// Notes what no honest node does, and cuts off who does it again and again.
    pub(super) async fn offended(&mut self, peer: &str) {
        if self.offences.note(peer) {
            tracing::warn!(target: "bespeak::node", peer, "peer_cut_off");
            self.net.block(peer).await;
        }
    }
}
