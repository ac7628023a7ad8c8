//! What the wires tell the loop.

use bespeak_agent::{Agent, output::Input};
use bespeak_identity::drisl;
use bespeak_model::{queue::QueueId, reason::RefusalCode};
use bespeak_net::{GossipToken, Net, NetEvent, ReplyToken, TransportIdentity, Verdict};
use bespeak_protocol::{
    drop::{DropReply, DropRequest},
    market,
};

use super::{Run, Stepped};
use crate::{
    catch_up::Told,
    clock::now,
    follow::{Follow, answer},
};

impl Run {
    pub(super) async fn heard(&mut self, event: NetEvent) {
        self.meeting.note(&event);
        match event {
            NetEvent::Gossip { topic, bytes, from, token } => self.gossip(topic, bytes, from, token).await,
            NetEvent::Request { peer, request, reply } => self.request(&peer, &request, reply).await,
            NetEvent::Straight { identity, peer, request, reply } => {
                self.straight(&identity, &peer, &request, reply).await;
            }
            NetEvent::CatchUp { peer, question, reply } => self.asked_before(&peer, &question, reply).await,
            NetEvent::Connected { peer, .. } => self.catch_up.joined(&peer),
            NetEvent::Disconnected { peer } => self.catch_up.left(&peer),
            _ => {}
        }
    }

    async fn gossip(&mut self, topic: String, bytes: Vec<u8>, from: String, token: GossipToken) {
        // What cannot be kept is not forwarded either: the verdict has to come now.
        if self.ill.is_some() || !self.gossip_rates.allows(&from, now()) {
            return self.net.judge(token, Verdict::Ignore);
        }
        let Stepped { verdict, .. } = self.step(Input::Gossip { topic, bytes }, Follow::Judge(token)).await;
        if verdict == Some(market::Verdict::Reject) {
            self.offended(&from).await;
        }
    }

    async fn asked_before(&mut self, peer: &str, question: &[u8], reply: ReplyToken) {
        // Dropped, the token refuses: a customer keeps nobody else's words.
        let Some(table) = self.life.agent.market() else { return };
        if !self.answers.answer(&self.net, table, (peer, question), reply, now()) {
            self.offended(peer).await;
        }
    }

    /// What a peer said of before is judged as if it were said now, but not forwarded: others ask for themselves.
    pub(super) async fn caught_up(&mut self, told: Told) {
        match told {
            Told::Heard { peer, topic, items, done } => {
                for (digest, bytes) in items {
                    if self.ill.is_some() {
                        break;
                    }
                    let gossip = Input::Gossip { topic: topic.clone(), bytes };
                    let Stepped { verdict, .. } = self.step(gossip, Follow::Nothing).await;
                    self.catch_up.judged(&topic, digest, verdict);
                    if verdict == Some(market::Verdict::Reject) {
                        self.offended(&peer).await;
                    }
                }
                // The asking task may have given up.
                let _ = done.send(());
            }
            Told::Over { peer, end } => {
                if self.catch_up.over(&peer, end) {
                    self.offended(&peer).await;
                }
            }
        }
    }

    async fn request(&mut self, peer: &str, request: &[u8], reply: ReplyToken) {
        match DropRequest::from_bytes(request) {
            Ok(DropRequest::About {}) => answer(&self.net, reply, &DropReply::About { holds_mail: false }),
            Ok(DropRequest::Put { queue, envelope, .. }) if self.holds(&queue) => {
                if self.mail(queue, envelope.into_vec(), reply).await {
                    self.note_caller(&queue, peer);
                }
            }
            Ok(_) => self.refuse(reply, RefusalCode::NotFound),
            Err(_) => {
                // Words of a later version are well formed; bytes that are not canonical come from no honest node.
                if drisl::check(request).is_err() {
                    self.offended(peer).await;
                }
                self.refuse(reply, RefusalCode::UnsupportedVersion);
            }
        }
    }

    /// What was sealed for a conversation, and came from there, is answered there.
    fn note_caller(&self, queue: &QueueId, peer: &str) {
        if let Agent::Vendor(vendor) = &self.life.agent
            && let Some(thread) = vendor.thread_of(queue)
        {
            self.callers.note(thread, peer);
        }
    }

    /// Mail over the connection on which this node called: only that of the conversation for which it was made.
    async fn straight(&mut self, identity: &str, peer: &str, request: &[u8], reply: ReplyToken) {
        let put = match (&self.life.agent, DropRequest::from_bytes(request)) {
            (Agent::Customer(customer), Ok(DropRequest::Put { queue, envelope, .. })) => {
                let caller = customer.caller_of(&queue).map(TransportIdentity);
                let is_caller = caller.and_then(|caller| Net::peer_of(&caller)).as_deref() == Some(identity);
                is_caller.then_some((queue, envelope))
            }
            _ => None,
        };
        match put {
            Some((queue, envelope)) => {
                self.mail(queue, envelope.into_vec(), reply).await;
            }
            None => {
                tracing::debug!(target: "bespeak::node", peer, "not_of_this_conversation");
                self.refuse(reply, RefusalCode::NotFound);
            }
        }
    }

    /// An envelope that was left here; says whether it was new and is to be kept.
    async fn mail(&mut self, queue: QueueId, envelope: Vec<u8>, reply: ReplyToken) -> bool {
        if self.ill.is_some() {
            self.refuse(reply, RefusalCode::Internal);
            return false;
        }
        self.step(Input::Mail { queue, envelope }, Follow::Stored(reply)).await.keeps
    }

    fn refuse(&self, reply: ReplyToken, code: RefusalCode) {
        answer(&self.net, reply, &DropReply::Refused { code });
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
